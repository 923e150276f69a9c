# SPDX-License-Identifier: Apache-2.0
"""Programs we start, and end again by their id; each with a log of its own."""

import os
import pathlib
import signal
import socket
import subprocess
import time


class StageError(RuntimeError):
    """Something the scenario needs is not there; the sentence says what, and where to read on."""


def wait_until(condition, what, patience_s=20.0, every_s=0.02):
    """Waits for the condition, never for a fixed time; returns its value."""
    deadline = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise StageError(f"{what}: not within {patience_s:.0f} s")
        time.sleep(every_s)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port, host="127.0.0.1"):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


class Program:
    """One running program. With `commands=True` lines can be sent to it and its answers read."""

    def __init__(self, name, command, log, environment=None, commands=False):
        self.name = name
        self.log = pathlib.Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._log = open(self.log, "ab")
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE if commands else subprocess.DEVNULL,
            stdout=subprocess.PIPE if commands else self._log,
            stderr=self._log,
            env={**os.environ, **(environment or {})},
            text=True if commands else None,
            bufsize=1 if commands else -1,
        )

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def read_line(self):
        line = self.process.stdout.readline()
        if not line:
            raise StageError(f"{self.name} ended; see {self.log}")
        return line.strip()

    def tell(self, command):
        """Sends a line and returns the answer; anything but `ok ...` is an error."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.read_line()
        if not answer.startswith("ok"):
            raise StageError(f"{self.name}: {command}: {answer}")
        return answer

    def kill(self):
        """kill -9, as when the power goes."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, patience_s=10):
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()
        self._log.close()


class Programs:
    """What was started, in order; ends all of it in reverse, to the end, whatever fails."""

    def __init__(self):
        self._running = []

    def add(self, program):
        self._running.append(program)
        return program

    def start(self, *arguments, **options):
        return self.add(Program(*arguments, **options))

    def forget(self, program):
        self._running.remove(program)

    def stop_all(self):
        for program in reversed(self._running):
            program.stop()
        self._running.clear()
