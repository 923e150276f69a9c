# SPDX-License-Identifier: Apache-2.0
"""Facts about AppArmor: each program of ours is confined, its profile bites, and nothing that it must do is denied."""

from .fact import Fact, holds, nothing

PROBE = "/usr/lib/x86_64-linux-gnu/confinement-probe"
# A shell where the camera's profile lets libraries be loaded from. Its exit status names the first thing that it could do.
TRIES = (": </dev/null || exit 10; { echo x >/run/leak; } 2>/dev/null && exit 11; "
         "{ exec 3<>/dev/udp/127.0.0.1/9; } 2>/dev/null && exit 12; { : </etc/sallyport/agent.yml; } 2>/dev/null && exit 13; exit 0")


def confined(process, label):
    """A program's running processes carry that label, each of them."""
    return holds(f"pids=$(pidof {process}) && for pid in $pids; do "
                 f"[ \"$(cat /proc/$pid/attr/current)\" = '{label} (enforce)' ] || exit 1; done")


def hears_no_denial(lab):
    """Reads and empties the kernel's log; a line that was lost is as bad as a denial."""
    denials = lab.guest.run("dmesg --read-clear | grep -E 'apparmor=\"DENIED\".*sallyport|audit_lost' || true").splitlines()
    if denials:
        raise AssertionError("\n      ".join([f"{len(denials)} lines:", *denials[:20]]))


def probe_the_camera(lab):
    lab.guest.run(f"cp /bin/bash {PROBE}")
    code, text = lab.guest.try_run(f"{PROBE} -c '{TRIES}'")
    if code != 11:
        raise AssertionError(f"the probe itself does not work: {code} {text}")
    code, text = lab.guest.try_run(f"rm -f /run/leak; aa-exec -p sallyport-camera -- {PROBE} -c '{TRIES}'")
    if code != 0:
        raise AssertionError(f"confined as the camera is, the probe ended with {code}: {text}")
    lab.guest.run(f"rm -f {PROBE}; dmesg --clear")


def no_denial():
    return Fact("the kernel denied our programs nothing that they asked for", hears_no_denial, [])


def probed():
    return Fact("under the camera's profile a program writes no file, opens no network, reads no configuration",
                probe_the_camera, [])


def agent_confined():
    return Fact("AppArmor confines the agent", nothing, [confined("sallyport-agent", "sallyport-agent")])


CAMERA_CONFINED = confined("sallyport-camera", "sallyport-agent//&sallyport-camera")
