# SPDX-License-Identifier: Apache-2.0
"""The terminal: what is done to the machine, in order, and what must then stand in the collector's store or hold in the guest."""

from .confinement import CAMERA_CONFINED, agent_confined, no_denial, probed
from .enforcement import ENFORCEMENT
from .fact import Fact, arrives, holds, is_off, nothing
from .guest import SERIAL
from .terminal import AGENT

# -- the package ------------------------------------------------------------------------------------------------------

NO_PRIVILEGE = f"""
pid=$(systemctl show --value -p MainPID {AGENT})
grep -q '^CapEff:.0000000000000000$' /proc/$pid/status && grep -q '^CapBnd:.0000000000000000$' /proc/$pid/status &&
grep -q '^NoNewPrivs:.1$' /proc/$pid/status && [ "$(stat -c %U /proc/$pid)" = sallyport-agent ]"""

PACKAGE = [
    Fact("packages install; the service waits for its configuration", lambda lab: lab.terminal.install(),
         [holds(f"systemctl is-enabled {AGENT} && ! systemctl is-active {AGENT} && ! systemctl is-failed {AGENT}")],
         patience_s=180),
    Fact("enrolled by the guide, the agent starts and tells who it is, serial numbers included",
         lambda lab: lab.terminal.start(),
         [arrives("agent.start"), arrives("agent.config"), arrives("device.boot", secure_boot="off"),
          arrives("device.identity", system_serial=SERIAL, manufacturer="Sallyport", disk_serials=["SPVMDISK"])],
         before=lambda lab: lab.terminal.enrol(), patience_s=120),
    Fact("what was reported is taken over, and the terminal licensed", lambda lab: lab.agency.license("T-0001"), []),
    Fact("no root, no capability, no way to either", nothing, [holds(NO_PRIVILEGE)]),
    Fact("systemd-analyze security: exposure of at most 1.5", nothing,
         [holds(f"systemd-analyze security --threshold=15 {AGENT}")]),
    agent_confined(),
]

# -- USB by the hypervisor ----------------------------------------------------------------------------------------------

MOUNT = "for i in $(seq 200); do [ -b /dev/sda ] && break; sleep 0.1; done; mkdir -p /mnt/disk; mount -o ro /dev/sda /mnt/disk"

USB = [
    Fact("a USB disk is plugged", lambda lab: lab.guest.plug_disk("disk1", lab.disk),
         [arrives("usb.attach", is_storage=True, is_keyboard=False, vid="46f4", decision="allowed")]),
    Fact("it is mounted", lambda lab: lab.guest.run(MOUNT),
         [arrives("usb.mount", fs_kind="ext4", read_only=True, encrypted="no")]),
    Fact("it is taken out", lambda lab: lab.guest.unplug("disk1"), [arrives("usb.detach", is_storage=True)],
         before=lambda lab: lab.guest.run("umount /mnt/disk")),
    Fact("a keyboard is plugged", lambda lab: lab.guest.plug("usb-kbd", "keyboard1", serial="KEYBOARD1"),
         [arrives("usb.attach", is_keyboard=True, is_storage=False)]),
    Fact("a network adapter is plugged", lambda lab: lab.plug_network("net1"), [arrives("usb.attach", is_net=True)]),
    Fact("an MTP device is plugged",
         lambda lab: lab.guest.plug("usb-mtp", "phone1", rootdir=str(lab.media), desc="media"),
         [arrives("usb.attach", is_mtp=True)]),
    Fact("all three are taken out", lambda lab: [lab.guest.unplug(one) for one in ("keyboard1", "net1", "phone1")],
         [arrives("usb.detach", is_keyboard=True), arrives("usb.detach", is_net=True),
          arrives("usb.detach", is_mtp=True)]),
    Fact("storage and keyboard in one device", lambda lab: lab.gadget("plug badusb 1d6b 0104 BADUSB1 storage keyboard"),
         [arrives("usb.attach", vid="1d6b", pid="0104", is_storage=True, is_keyboard=True, serial_present=True)],
         before=lambda lab: lab.guest.run("modprobe dummy_hcd && modprobe libcomposite")),
    Fact("it is taken out", lambda lab: lab.gadget("unplug badusb"),
         [arrives("usb.detach", vid="1d6b", is_storage=True, is_keyboard=True)]),
]

# -- camera, printing, sessions -------------------------------------------------------------------------------------------

CAMERA = [
    Fact("a virtual camera, permitted and enabled by hand, is watched", lambda lab: lab.terminal.permit_camera(),
         [arrives("camera.state", state=("on", "virtual")), CAMERA_CONFINED],
         before=lambda lab: lab.guest.run("modprobe vivid"), patience_s=180),
    Fact("the enable file is taken away", lambda lab: lab.guest.run("rm /etc/sallyport/camera.enabled"),
         [arrives("camera.state", state="off")]),
]

PRINTER = "mkdir -p /tmp/ipp && exec ippeveprinter -p 8631 -r off -d /tmp/ipp -k -f application/pdf Lab"
QUEUE = "lpadmin -p HQ-LASER -E -v ipp://localhost:8631/ipp/print -m everywhere"

PRINT = [
    Fact("a printer is added", lambda lab: lab.guest.run(QUEUE, patience_s=120), [arrives("printer.change", action="added")],
         before=lambda lab: lab.guest.spawn(PRINTER), patience_s=100),
    Fact("op1 prints a page", lambda lab: lab.guest.run("runuser -u op1 -- lp -d HQ-LASER /mnt/share/page.pdf"),
         [arrives("print.job", account="op1", state="completed"), holds("ls /tmp/ipp | grep -q .")], patience_s=120),
]

LOGIND = "org.freedesktop.login1"
LOGON = ("systemd-run --unit=op1-desk -p PAMName=login -p User=op1 -p StandardInput=tty -p TTYPath=/dev/tty8 "
         "-p TTYReset=yes sleep infinity")
OP1 = "$(loginctl list-sessions --no-legend | awk '$3 == \"op1\" {print $1; exit}')"


def screen_locker(locked):
    """What a screen locker tells the session manager once the screen is (un)locked."""
    return (f"path=$(busctl call {LOGIND} /org/freedesktop/login1 {LOGIND}.Manager GetSession s {OP1} | "
            f"sed 's/.*\"\\(.*\\)\"/\\1/') && "
            f"busctl call {LOGIND} \"$path\" {LOGIND}.Session SetLockedHint b {'true' if locked else 'false'}")


SESSION = [
    Fact("op1 logs on at the console", lambda lab: lab.guest.run(LOGON),
         [arrives("session.logon", account="op1", kind="console")]),
    Fact("loginctl locks the session, and no screen locker answers",
         lambda lab: lab.guest.run(f"loginctl lock-session {OP1}"),
         [arrives("agent.sensor", sensor="session", state="degraded", reason="lock_not_confirmed")]),
    Fact("loginctl locks the session, the screen locker confirms",
         lambda lab: lab.guest.run(f"loginctl lock-session {OP1} && {screen_locker(True)}"),
         [arrives("session.lock", account="op1")]),
    Fact("it is unlocked", lambda lab: lab.guest.run(screen_locker(False)), [arrives("session.unlock", account="op1")]),
    Fact("op1 logs off", lambda lab: lab.guest.run("systemctl stop op1-desk"), [arrives("session.logoff", account="op1")]),
]

# -- the clock, the agent itself, power -----------------------------------------------------------------------------------

STEP_S = 600
STALL_S = 60  # between reading the clock and setting it, a starved machine may stand still


def step_clock(seconds):
    return f"date --set=@$(( $(date +%s) + {seconds} )) >/dev/null"


LIFE = [
    # The step itself wakes nobody in every version: the mouse makes the agent write something.
    Fact("the clock is set forward by ten minutes",
         lambda lab: (lab.guest.run(step_clock(STEP_S)), lab.guest.plug("usb-mouse", "mouse1")),
         [arrives("agent.clock_step", delta_ms=lambda delta: abs(delta - STEP_S * 1000) < STALL_S * 1000)]),
    Fact("the clock is set back", lambda lab: (lab.guest.run(step_clock(-STEP_S)), lab.guest.unplug("mouse1")),
         [arrives("agent.clock_step", delta_ms=lambda delta: abs(delta + STEP_S * 1000) < STALL_S * 1000)]),
    Fact("the agent is killed (-9) and comes back", lambda lab: lab.terminal.kill_agent(),
         [arrives("agent.start", reason="crash")]),
    no_denial(),
    Fact("an orderly restart of the machine is announced", lambda lab: lab.guest.spawn("systemctl reboot"),
         [arrives("device.shutdown"), arrives("agent.stop")], before=lambda lab: lab.remember_boot()),
    Fact("the package comes up with the machine", lambda lab: lab.await_next_boot(),
         [arrives("device.boot"), arrives("agent.start", reason="boot")], patience_s=180),
]

POWER = [
    no_denial(),
    probed(),
    Fact("the power button is pressed: announced, and off", lambda lab: lab.guest.qmp.call("system_powerdown"),
         [arrives("device.shutdown"), arrives("agent.stop"), is_off()],
         patience_s=180),
]

TERMINAL = PACKAGE + USB + CAMERA + PRINT + SESSION + LIFE + ENFORCEMENT + POWER
