# SPDX-License-Identifier: Apache-2.0
"""The packages' life: server and terminal are installed, set up by the guide, upgraded, removed and purged."""

from .confinement import agent_confined, confined, no_denial
from .fact import Condition, Fact, holds, nothing
from .server import BROKER, COLLECTOR, HOME
from .terminal import AGENT

UNITS = f"{BROKER} {COLLECTOR}"


def waits(units):
    return holds(f"for unit in {units}; do systemctl is-enabled $unit && ! systemctl is-active $unit && "
                 "! systemctl is-failed $unit || exit 1; done")


def installed(package, version):
    return holds(f"[ \"$(dpkg-query -W -f '${{db:Status-Abbrev}}${{Version}}' {package})\" = 'ii {version}' ]")


def runs(units):
    return holds(f"systemctl is-active {units}")


def exposed_at_most(units, tenths):
    return holds(f"for unit in {units}; do systemd-analyze security --threshold={tenths} $unit || exit 1; done")


def came(event_type, at_least=1):
    return Condition(f"{at_least} {event_type} in the store", lambda lab, _: lab.server.count(event_type) >= at_least, True)


def same_stream_goes_on():
    """The terminal is still the one that it was: its one stream grew, without a gap and without a line twice."""
    def grew(lab, _events):
        instance, last = lab.server.one_stream()
        return instance == lab.before[0] and last > lab.before[1] and lab.server.is_whole()
    return Condition("the same instance, its numbers going on without a gap", grew, True)


def remember_stream(lab):
    lab.before = lab.server.one_stream()


# Nothing named after us, in files' names and among the units, but for what is listed.
def nothing_left(but):
    listed = "|".join(but)
    return holds(f"! find / -xdev \\( -path /proc -o -path /sys -o -path /mnt \\) -prune -o -name '*sallyport*' -print "
                 f"| grep -vE '^({listed})(/|$)' && ! find /run -name '*sallyport*' | grep -vE '^({listed})(/|$)'")


SERVER = [
    Fact("the server's package installs; its services wait to be set up", lambda lab: lab.install("collector", "previous"),
         [waits(UNITS), installed("sallyport-collector", "0.0.9-1")], before=lambda lab: lab.terminal.mount_share(), patience_s=180),
    Fact("set up by the guide's words, broker and collector start", lambda lab: lab.server.set_up(), [runs(UNITS)],
         patience_s=120),
    Fact("systemd-analyze security: exposure of at most 1.5 for both", nothing, [exposed_at_most(UNITS, 15)]),
    Fact("no root, no capability for either", nothing,
         [holds("for pid in $(pidof mosquitto sallyport-collector); do grep -q '^CapBnd:.0000000000000000$' /proc/$pid/status && "
                "[ \"$(stat -c %U /proc/$pid)\" = sallyport ] || exit 1; done")]),
    Fact("the broker sees neither store nor the keys of others", nothing,
         [holds("root=/proc/$(pidof mosquitto)/root/var/lib/sallyport && [ -r $root/ca/broker.key ] && ! [ -e $root/store.db ] && "
                "[ -e $root/ca/ca.key ] && ! [ -s $root/ca/ca.key ] && ! [ -s $root/ca/collector-signing.key ]")]),
    Fact("AppArmor confines the collector", nothing, [confined("sallyport-collector", "sallyport-collector")]),
]

TERMINAL = [
    Fact("a terminal by its package, enrolled by the guide: its events arrive", lambda lab: lab.server.enrol_terminal(),
         [runs(AGENT), came("agent.start"), came("device.identity")],
         before=lambda lab: lab.install("agent", "previous"), patience_s=120),
    agent_confined(),
    Fact("the camera's package: the service may open a camera, still exposed by 2.0 at most",
         lambda lab: lab.install("camera", "previous"),
         [runs(AGENT), holds(f"systemctl show -p DeviceAllow {AGENT} | grep -q char-81"), exposed_at_most(AGENT, 20),
          holds("grep -q '^sallyport-camera (enforce)' /sys/kernel/security/apparmor/profiles")]),
]


def upgrade_terminal_offline(lab):
    """While nobody takes its events: what it had to say before must be said after."""
    lab.guest.run(f"systemctl stop {BROKER}")
    lab.guest.plug("usb-kbd", "keyboard1", serial="KEYBOARD1")
    lab.install("agent camera", "present")
    lab.guest.run(f"systemctl start {BROKER}", patience_s=120)


UPGRADE = [
    Fact("the terminal is upgraded with undelivered lines in its spool: they arrive, and it goes on",
         upgrade_terminal_offline,
         [installed("sallyport-agent", "0.1.0-1"), installed("sallyport-camera", "0.1.0-1"), runs(AGENT), came("usb.attach"),
          came("agent.start", 2), same_stream_goes_on()], before=remember_stream, patience_s=180),
    agent_confined(),
    Fact("the server is upgraded: the store goes on", lambda lab: (lab.install("collector", "present"),
                                                                    lab.guest.unplug("keyboard1")),
         [installed("sallyport-collector", "0.1.0-1"), runs(UNITS), came("usb.detach"), same_stream_goes_on()],
         before=remember_stream, patience_s=180),
]

REMOVAL = [
    Fact("the camera's package removed: the agent goes on without a camera", lambda lab: lab.guest.run("dpkg --remove sallyport-camera"),
         [runs(AGENT), holds(f"! systemctl show -p DeviceAllow {AGENT} | grep -q char-81"),
          holds("! grep -q sallyport-camera /sys/kernel/security/apparmor/profiles"),
          holds("! apparmor_parser -p /etc/apparmor.d/sallyport-agent | grep -q bin/sallyport-camera")]),
    Fact("the agent removed: stopped, its key, spool and configuration stay",
         lambda lab: lab.guest.run("dpkg --remove sallyport-agent", patience_s=120),
         [holds(f"! systemctl is-active {AGENT} && ! pidof sallyport-agent && ! [ -e /usr/bin/sallyport-agent ] && "
                "[ -s /var/lib/sallyport-agent/spool.db ] && [ -s /var/lib/sallyport-agent/terminal.key ] && "
                "[ -s /etc/sallyport/agent.yml ]"),
          came("agent.stop"), holds("! grep -q '^sallyport-agent' /sys/kernel/security/apparmor/profiles")]),
    Fact("installed again, it is the same terminal", lambda lab: lab.install("agent", "present"),
         [runs(AGENT), came("agent.start", 3), same_stream_goes_on()], before=remember_stream, patience_s=120),
    no_denial(),
    Fact("agent and camera purged: nothing is left of them but the user",
         lambda lab: lab.guest.run("dpkg --purge sallyport-camera sallyport-agent", patience_s=120),
         [nothing_left([HOME, "/etc/sallyport", ".*/?sallyport-(collector|broker|watch).*", "/usr/(bin|share)/sallyport(ctl)?", ".*/sallyportctl.*",
                        "/usr/share/doc/sallyport-collector", ".*/sallyport-collector", "/etc/hostname", "/run/systemd/.*"]),
          holds("! ls /etc/sallyport | grep -v '^collector.yml$'"), holds("getent passwd sallyport-agent"), runs(UNITS)]),
    Fact("the server removed: stopped, evidence and configuration stay",
         lambda lab: lab.guest.run("dpkg --remove sallyport-collector", patience_s=180),
         [holds(f"! systemctl is-active {COLLECTOR} && ! systemctl is-active {BROKER} && ! pidof sallyport-collector mosquitto && "
                f"[ -s {HOME}/store.db ] && [ -s {HOME}/ca/ca.key ] && [ -s /etc/sallyport/collector.yml ]")]),
    Fact("the server purged: only evidence, the authority's keys and the configuration are left",
         lambda lab: lab.guest.run("dpkg --purge sallyport-collector", patience_s=120),
         [holds(f"[ -s {HOME}/store.db ] && [ -s {HOME}/ca/ca.key ]"), nothing_left([HOME, "/etc/sallyport"])]),
]

PACKAGES = SERVER + TERMINAL + UPGRADE + REMOVAL
