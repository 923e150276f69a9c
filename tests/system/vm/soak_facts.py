# SPDX-License-Identifier: Apache-2.0
"""Three days of a terminal, in time-lapse: what it costs at the end is what it cost on the first evening.

Server and terminal are in the machine, so that every heartbeat, look and acknowledgement takes place by the machine's own clock.
In each hour a keyboard comes and goes and a print job is held and cancelled; the agent's memory, descriptors and threads are noted.
"""

import statistics

from stage.processes import wait_until

from .fact import Condition, Fact, holds, nothing
from .server import COLLECTOR
from .terminal import AGENT

HOURS = 72
SETTLED_H = 6  # every daily and hourly look has warmed its buffers, but for the daily ones
GROWTH_KB = 512
REAL_PATIENCE_S = 12 * 3600  # a busy host needs some minutes for each hour of the machine
# By the machine's own clock, so it is done in the machine.
DAYS = f"""#!/bin/sh
set -u
for hour in $(seq {HOURS}); do
    sh /mnt/share/gadget.sh plug desk 1d6b 0104 "DESK$hour" keyboard && sleep 30 && sh /mnt/share/gadget.sh unplug desk
    lp -d HQ-LASER -H hold /mnt/share/page.pdf >/dev/null && sleep 30 && cancel -a HQ-LASER
    sleep 3540
    pid=$(systemctl show --value -p MainPID {AGENT})
    set -- $(sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\) kB/\\1/p; s/^Threads:[^0-9]*//p' /proc/$pid/status)
    echo "$hour $pid $1 $2 $(ls /proc/$pid/fd | wc -l) $(cut -d. -f1 /proc/uptime)" >>/run/days
done
"""


def install(lab):
    lab.terminal.mount_share()
    lab.install("collector agent", "present")
    lab.guest.run("modprobe dummy_hcd && modprobe libcomposite && lpadmin -p HQ-LASER -E -v socket://127.0.0.1:9100", patience_s=600)


def set_up(lab):
    lab.server.set_up()
    lab.server.enrol_terminal()


def hours(lab):
    """(hour, process, RSS in kB, threads, descriptors, uptime in s) of each hour that has passed."""
    return [tuple(int(word) for word in line.split()) for line in lab.guest.try_run("cat /run/days")[1].splitlines()
            if line[:1].isdigit()]


def let_pass(lab):
    lab.guest.write("/usr/local/sbin/days", DAYS, mode="0755")
    lab.guest.run("systemd-run --quiet --unit=days /usr/local/sbin/days")
    # Asking costs the machine more than the hour that is asked about.
    wait_until(lambda: len(hours(lab)) >= HOURS, f"{HOURS} hours of the machine's clock", REAL_PATIENCE_S, every_s=20)


def judge_hours(lab):
    rows = hours(lab)
    settled = rows[SETTLED_H:]
    first, last = (statistics.median(row[2] for row in part) for part in (settled[:12], settled[-12:]))
    lab.note(f"{(rows[-1][5] - rows[0][5]) / 3600:.1f} h by the machine's clock; RSS {first:.0f} kB in the first half-day, "
             f"{last:.0f} kB in the last; threads {settled[0][3]} to {settled[-1][3]}, descriptors {settled[0][4]} to {settled[-1][4]}")
    if len({row[1] for row in rows}) != 1:
        raise AssertionError("the agent was started again")
    if last - first > GROWTH_KB or settled[-1][3] > settled[0][3] or settled[-1][4] > settled[0][4]:
        raise AssertionError(f"it grows: {rows}")


def told(event_type, at_least):
    return Condition(f"at least {at_least} {event_type}", lambda lab, _: lab.server.count(event_type) >= at_least, True)


SOAK = [
    Fact("server and terminal are installed", install, [], patience_s=3600),
    Fact("both are set up by the guide and run", set_up, [holds(f"systemctl is-active {AGENT} {COLLECTOR}")], patience_s=3600),
    Fact(f"{HOURS} hours pass", let_pass, []),
    Fact("memory, threads and descriptors are what they were", judge_hours, []),
    Fact("every line of these days is in the store, once", nothing,
         [told("agent.selfcheck", HOURS), told("usb.attach", HOURS), told("usb.detach", HOURS), told("print.job", HOURS),
          Condition("without a gap", lambda lab, _: lab.server.is_whole(), True)]),
]
