# SPDX-License-Identifier: Apache-2.0
"""Facts about `usb.enforce: allowlist`; skipped by name where this version's configuration has no such key."""

import time

from .fact import Fact, arrives, holds
from .terminal import PERMITTED

KEY_WITHIN_S = 2.0


def unsupported(lab):
    return lab.enforcement_refused


HELD = "grep -lx {serial} /sys/bus/usb/devices/*/serial | xargs -r dirname | xargs -rI@ cat @/authorized | grep -qx 0"
# Notes the machine's uptime at the first key of a keyboard whose name holds the given text. Nothing but the shell's own words
# between its naps: on an emulated processor each program that is started costs tenths of a second.
READER = """#!/bin/sh
while sleep 0.05; do for e in /dev/input/event*; do
read -r name 2>/dev/null <"/sys/class/input/${{e##*/}}/device/name" || continue
case $name in *{name}*) head -c 24 "$e" >/dev/null && read -r up _ </proc/uptime && echo "$up" >/run/key && exit ;; esac
done; done
"""


def listen_for_keys(lab, name):
    lab.guest.run("systemctl stop key-reader 2>/dev/null; systemctl reset-failed key-reader 2>/dev/null; rm -f /run/key")
    lab.guest.write("/usr/local/sbin/key-reader", READER.format(name=name), mode="0755")
    lab.guest.run("systemd-run --quiet --unit=key-reader /usr/local/sbin/key-reader")


def uptime_in(lab, file):
    return float(lab.guest.run(f"cut -d' ' -f1 {file}"))


def type_for_a_while(lab):
    """The agent is killed, a keyboard plugged at once, and its key pressed until it counts or cannot any more."""
    lab.terminal.kill_agent()
    plugged = uptime_in(lab, "/proc/uptime")
    lab.guest.plug("usb-kbd", "keyboard2", serial="KEYBOARD2")
    deadline = time.monotonic() + 4 * KEY_WITHIN_S
    while time.monotonic() < deadline:
        lab.guest.press("a")
        time.sleep(0.1)  # a hand on the keyboard
    if lab.guest.try_run("[ -s /run/key ]")[0] != 0:
        raise AssertionError("no key arrived")
    took = uptime_in(lab, "/run/key") - plugged
    lab.note(f"the first key came {took:.1f} s after the keyboard was plugged")
    if took > KEY_WITHIN_S:
        raise AssertionError(f"more than {KEY_WITHIN_S} s")


def type_in_vain(lab):
    """A composite device that was plugged while the agent is down; what it types must reach nobody."""
    lab.terminal.kill_agent()
    lab.gadget("plug badusb 1d6b 0104 BADUSB2 storage keyboard")
    for _ in range(10):
        lab.guest.try_run("timeout 0.5 sh -c 'printf \"\\0\\0\\4\\0\\0\\0\\0\\0\" >/dev/hidg0'")
    if lab.guest.try_run("[ -s /run/key ]")[0] == 0:
        raise AssertionError("a key arrived from a device that must be held")


ENFORCEMENT = [
    Fact("enforcement holds an unknown disk", lambda lab: lab.guest.plug_disk("disk2", lab.disk),
         [arrives("usb.attach", is_storage=True, decision="blocked"), holds(HELD.format(serial="DISK2"))],
         before=lambda lab: (lab.guest.run("modprobe dummy_hcd && modprobe libcomposite"), lab.terminal.enforce()),
         patience_s=120, skipped=unsupported),
    Fact("enforcement lets the permitted disk in", lambda lab: lab.gadget(f"plug permitted {' '.join(PERMITTED)} storage"),
         [arrives("usb.attach", is_storage=True, vid=PERMITTED[0], decision="allowed"),
          holds(f"! ({HELD.format(serial=PERMITTED[2])})")], skipped=unsupported),
    Fact("enforcement holds an unknown keyboard",
         lambda lab: lab.guest.plug("usb-kbd", "keyboard3", serial="KEYBOARD3"),
         [arrives("usb.attach", is_keyboard=True, decision="blocked"), holds(HELD.format(serial="KEYBOARD3"))],
         skipped=unsupported),
    Fact("agent killed (-9): a keyboard that is plugged types within 2 s", type_for_a_while, [],
         before=lambda lab: (lab.guest.unplug("disk2"), lab.guest.unplug("keyboard3"), listen_for_keys(lab, "QEMU")),
         skipped=unsupported),
    Fact("agent killed (-9): keyboard with storage stays held, no key arrives", type_in_vain,
         [holds(HELD.format(serial="BADUSB2"))],
         before=lambda lab: (lab.guest.unplug("keyboard2"), lab.gadget("unplug permitted"), listen_for_keys(lab, "badusb")), skipped=unsupported),
]
