# SPDX-License-Identifier: Apache-2.0
"""The agent beside usbguard-daemon, where both do the same: see a USB device come, read what it is, decide, write it down.

Both run in one virtual machine with a real kernel and see the same devices plugged by the hypervisor. The processor is
emulated: seconds there are no seconds of a desk's machine, ratios are. What the agent does besides, it does here too: its other
sensors, the durable spool, the signed report over TLS.
"""

import shutil
import subprocess

from stage.agency import ROOT, Agency
from stage.processes import Programs, StageError, wait_until
from vm.guest import Guest
from vm.image import image_for
from vm.lab import Lab
from vm.terminal import HOST, GuestTerminal

CYCLES = 60  # a device comes and goes
REST_S = 120
PEER = "usbguard.service"
# Everything that comes is allowed by a rule, as the agent without enforcement allows it; both write each decision down.
PEER_SETTINGS = """RuleFile=/etc/usbguard/rules.conf
ImplicitPolicyTarget=allow
PresentDevicePolicy=apply-policy
PresentControllerPolicy=keep
InsertedDevicePolicy=apply-policy
RestoreControllerDeviceState=false
DeviceManagerBackend=uevent
IPCAllowedUsers=root
AuditBackend=FileAudit
AuditFilePath=/var/log/usbguard/usbguard-audit.log
"""
# pid, user and system ticks; then kB resident and proportional; then how often its threads slept and woke.
LOOK = """
for unit in sallyport-agent.service usbguard.service; do
  pid=$(systemctl show --value -p MainPID $unit)
  stat=$(sed 's/.*) //' /proc/$pid/stat); set -- $stat
  memory=$(awk '/^(Rss|Pss):/ {printf "%s ", $2}' /proc/$pid/smaps_rollup)
  woken=$(cat /proc/$pid/task/*/status | awk '/^voluntary/ {all += $2} END {print all}')
  echo $unit $((${12} + ${13})) $memory $woken $(cut -d' ' -f1 /proc/uptime)
done"""


class Look:
    """What both have used so far."""

    def __init__(self, guest):
        self.of = {}
        for line in guest.run(LOOK).splitlines():
            unit, ticks, resident, proportional, woken, uptime = line.split()
            self.of[unit] = {"ticks": int(ticks), "resident": int(resident), "proportional": int(proportional),
                             "woken": int(woken)}
            self.uptime = float(uptime)

    def ours(self, figure):
        return self.of["sallyport-agent.service"][figure]

    def peers(self, figure):
        return self.of[PEER][figure]


def packages():
    made = subprocess.run([ROOT / "script" / "package"], capture_output=True, text=True)
    if made.returncode != 0:
        raise StageError(f"script/package: {made.stderr.strip()[-300:]}")
    return [file for file in (ROOT / "build" / "package" / "debs").glob("*.deb") if "collector" not in file.name]


def set_up(programs):
    cache = ROOT / "build" / "vm-peer"
    cache.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(cache / "run", ignore_errors=True)
    debs = packages()
    share = Lab.lay_out(cache / "run")
    for file in debs:
        shutil.copy(file, share)
    agency = Agency(cache / "run" / "site", programs, build="package", hosts=[HOST])
    agency.establish()
    agency.start_broker()
    agency.start_collector()
    guest = Guest(image_for(debs, cache, also=["usbguard"]), share, programs, agency.logs)
    lab = Lab(guest, GuestTerminal(guest, agency, debs), agency, cache / "run")
    guest.start()
    return lab


def start_both(lab):
    lab.terminal.install()
    lab.terminal.enrol()
    lab.terminal.start()
    lab.guest.run(f"systemctl stop {PEER}")
    lab.guest.write("/etc/usbguard/usbguard-daemon.conf", PEER_SETTINGS, mode="0600")
    lab.guest.write("/etc/usbguard/rules.conf", "allow with-interface 03:*:*\n", mode="0600")
    lab.guest.run(f"systemctl start {PEER}", patience_s=120)


def told(lab, mark, kind):
    return sum(event["type"] == kind for event in lab.store.since(mark))


def plug_and_unplug(lab):
    """Each is awaited: both have decided about a device before it goes."""
    mark = lab.store.last()
    for number in range(1, CYCLES + 1):
        lab.guest.plug("usb-mouse", f"mouse{number}", serial=f"MOUSE{number}")
        wait_until(lambda: told(lab, mark, "usb.attach") >= number, "the attach in the store", 120)
        lab.guest.unplug(f"mouse{number}")
        wait_until(lambda: told(lab, mark, "usb.detach") >= number, "the detach in the store", 120)


def decided_by_peer(lab):
    text = lab.guest.run("grep -c \"type='Policy.Device.Update'\" /var/log/usbguard/usbguard-audit.log || "
                         "grep -c Insert /var/log/usbguard/usbguard-audit.log || true")
    return int(text.split()[-1])


def rest(lab):
    lab.guest.run(f"sleep {REST_S}", patience_s=4 * REST_S)


def row(what, ours, peers, unit, target=""):
    return {"what": what, "figure": round(ours, 2), "unit": unit, "beside": f"usbguard-daemon {peers:.2f}",
            "ratio": round(ours / peers, 2) if peers else "", "target": target}


def run():
    programs = Programs()
    try:
        lab = set_up(programs)
        start_both(lab)
        rest(lab)  # start-up is not what is measured
        begin = Look(lab.guest)
        rest(lab)
        rested = Look(lab.guest)
        plug_and_unplug(lab)
        end = Look(lab.guest)
        decided = decided_by_peer(lab)
    finally:
        programs.stop_all()
    if decided < CYCLES:
        raise StageError(f"usbguard-daemon wrote {decided} of {CYCLES} decisions down: it did not do the same")
    span = rested.uptime - begin.uptime
    events = 2 * CYCLES
    return [
        row("resident", end.ours("resident") / 1024, end.peers("resident") / 1024, "MiB", "< 20 MB"),
        row("proportional", end.ours("proportional") / 1024, end.peers("proportional") / 1024, "MiB"),
        row("CPU for a device that comes or goes, emulated", (end.ours("ticks") - rested.ours("ticks")) * 10 / events,
            (end.peers("ticks") - rested.peers("ticks")) * 10 / events, "ms"),
        row("wake-ups for a device that comes or goes", (end.ours("woken") - rested.ours("woken")) / events,
            (end.peers("woken") - rested.peers("woken")) / events, "times"),
        row("CPU at rest, emulated", (rested.ours("ticks") - begin.ours("ticks")) / span,
            (rested.peers("ticks") - begin.peers("ticks")) / span, "% of a core", "< 0.5 %"),
        row("wake-ups at rest, Paho's among them", (rested.ours("woken") - begin.ours("woken")) / span,
            (rested.peers("woken") - begin.peers("woken")) / span, "a second"),
    ]
