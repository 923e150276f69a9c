#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A private system bus with a mock systemd-logind on it (python3-dbusmock), driven by lines on stdin.

    mock_logind.py DIR            the bus listens on DIR/bus

Prints `ready unix:path=DIR/bus` once it can be used; give that to a program as DBUS_SYSTEM_BUS_ADDRESS. Then, a line
each, answered by `ok` or `error WHY`:

    session ID ACCOUNT [type=x11] [class=user] [remote=1] [locked=1] [service=NAME] [created=UNIX_SECONDS]
    remove ID                     the session ends
    lock ID / unlock ID           the screen lock holds / opened (LockedHint)
    request-lock ID               the Lock signal alone
    idle ID SECONDS               nobody there since so many seconds
    active ID                     somebody is back
    sleep / resume / shutdown     PrepareForSleep(true/false), PrepareForShutdown(true)
    inhibitors                    answers `ok N`
    fwupd VERSION NAME=VERSION... a mock fwupd of that version beside it, which knows those devices
    bus-stop / bus-start          the bus and the manager go away / come back, with no sessions
    quit                          (or end of input) everything is stopped
"""

import os
import subprocess
import sys
import time

import dbus
import dbus.bus
from dbusmock import MOCK_IFACE

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from line_commands import serve  # noqa: E402  (beside this folder)

MANAGER = "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"
MAIN_PATH = "/org/freedesktop/login1"
DEADLINE_S = 20

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <keep_umask/>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class MockLogind:
    def __init__(self, directory):
        self.directory = os.path.abspath(directory)
        self.socket = os.path.join(self.directory, "bus")
        self.address = "unix:path=" + self.socket
        self.processes = []
        self.bus = None
        self.uids = {}

    def start(self):
        config = os.path.join(self.directory, "bus.conf")
        with open(config, "w", encoding="ascii") as out:
            out.write(BUS_CONFIG.format(socket=self.socket))
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.processes.append(
            subprocess.Popen(["dbus-daemon", "--config-file=" + config, "--nofork", "--nopidfile"],
                             stdin=subprocess.DEVNULL))
        self._wait(lambda: os.path.exists(self.socket), "the bus")
        environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.address)
        self.processes.append(
            subprocess.Popen([sys.executable, "-m", "dbusmock", "--system", "--template", "logind"],
                             env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
        self._wait(self._connect, "the bus connection")
        self._wait(lambda: self.bus.name_has_owner("org.freedesktop.login1"), "the mock logind")

    def stop(self):
        if self.bus is not None:
            self.bus.close()
            self.bus = None
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        self.processes = []

    def _connect(self):
        try:
            self.bus = dbus.bus.BusConnection(self.address)
            self.bus.set_exit_on_disconnect(False)
            return True
        except dbus.exceptions.DBusException:
            return False

    @staticmethod
    def _wait(condition, what):
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError("gave up waiting for " + what)
            time.sleep(0.02)

    def _mock(self, path):
        return dbus.Interface(self.bus.get_object("org.freedesktop.login1", path), MOCK_IFACE)

    def _path(self, session):
        return MAIN_PATH + "/session/" + session

    def _update(self, session, **properties):
        self._mock(self._path(session)).UpdateProperties(SESSION, dbus.Dictionary(properties, signature="sv"))

    def _emit(self, name, signature, arguments):
        self._mock(MAIN_PATH).EmitSignal(MANAGER, name, signature, arguments)

    def session(self, session, account, **options):
        uid = self.uids.setdefault(account, 1000 + len(self.uids))
        path = self._mock(MAIN_PATH).AddSession(session, "seat0", dbus.UInt32(uid), account, True)
        created = float(options.get("created", time.time()))
        self._update(session,
                     Type=options.get("type", "x11"),
                     Class=options.get("class", "user"),
                     Service=options.get("service", "login"),
                     Remote=dbus.Boolean(options.get("remote", "0") == "1"),
                     LockedHint=dbus.Boolean(options.get("locked", "0") == "1"),
                     Timestamp=dbus.UInt64(int(created * 1e6)))
        self._emit("SessionNew", "so", [session, dbus.ObjectPath(path)])

    def remove(self, session):
        path = self._path(session)
        self._mock(MAIN_PATH).RemoveObject(path)
        self._emit("SessionRemoved", "so", [session, dbus.ObjectPath(path)])

    def lock(self, session):
        self._update(session, LockedHint=dbus.Boolean(True))

    def unlock(self, session):
        self._update(session, LockedHint=dbus.Boolean(False))

    def request_lock(self, session):
        self._mock(self._path(session)).EmitSignal(SESSION, "Lock", "", [])

    def idle(self, session, seconds):
        ago = int(float(seconds) * 1e6)
        monotonic = int(time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6) - ago
        if monotonic <= 0:
            raise ValueError("this machine has not been up that long")
        self._update(session, IdleHint=dbus.Boolean(True),
                     IdleSinceHint=dbus.UInt64(int(time.time() * 1e6) - ago),
                     IdleSinceHintMonotonic=dbus.UInt64(monotonic))

    def active(self, session):
        self._update(session, IdleHint=dbus.Boolean(False),
                     IdleSinceHint=dbus.UInt64(int(time.time() * 1e6)),
                     IdleSinceHintMonotonic=dbus.UInt64(int(time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6)))

    def sleep(self):
        self._emit("PrepareForSleep", "b", [dbus.Boolean(True)])

    def resume(self):
        self._emit("PrepareForSleep", "b", [dbus.Boolean(False)])

    def shutdown(self):
        self._emit("PrepareForShutdown", "b", [dbus.Boolean(True)])

    def inhibitors(self):
        manager = dbus.Interface(self.bus.get_object("org.freedesktop.login1", MAIN_PATH), MANAGER)
        return len(manager.ListInhibitors())

    def fwupd(self, daemon_version, **devices):
        service = "org.freedesktop.fwupd"
        self.processes.append(
            subprocess.Popen([sys.executable, "-m", "dbusmock", "--system", service, "/", service],
                             env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.address),
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
        self._wait(lambda: self.bus.name_has_owner(service), "the mock fwupd")
        mock = dbus.Interface(self.bus.get_object(service, "/"), MOCK_IFACE)
        listed = [{"Name": name.replace("_", " "), "Version": version} for name, version in devices.items()]
        mock.AddMethod(service, "GetDevices", "", "aa{sv}", "ret = dbus.Array(%r, signature='a{sv}')" % listed)
        mock.AddProperty(service, "DaemonVersion", daemon_version)

    def bus_stop(self):
        self.stop()

    def bus_start(self):
        self.start()


COMMANDS = {word: word.replace("-", "_")
            for word in ("session", "remove", "lock", "unlock", "request-lock", "idle", "active", "sleep", "resume",
                         "shutdown", "inhibitors", "fwupd", "bus-stop", "bus-start")}


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    os.makedirs(sys.argv[1], exist_ok=True)
    serve(MockLogind(sys.argv[1]), COMMANDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
