# SPDX-License-Identifier: Apache-2.0
"""qemu-guest-agent: runs commands in the guest. One connection for the life of the machine, whatever boots in it."""

import base64
import secrets
import time

from stage.processes import StageError, wait_until

from .json_socket import JsonSocket

ANSWER_PATIENCE_S = 60


class GuestAgent:
    def __init__(self, path):
        self.socket = JsonSocket(path)
        self._in_step = False

    def in_step(self, patience_s):
        """Whether the next answer will be that to the next question: what was still under way has been read."""
        if not self._in_step:
            number = secrets.randbelow(2**31)
            self.socket.send({"execute": "guest-sync", "arguments": {"id": number}})
            while not self._in_step and (answer := self.socket.receive(patience_s)) is not None:
                self._in_step = answer.get("return") == number
        return self._in_step

    def call(self, command, **arguments):
        wait_until(lambda: self.in_step(patience_s=5), "the guest's agent", ANSWER_PATIENCE_S)
        try:
            return self.socket.call(command, ANSWER_PATIENCE_S, **arguments)
        except StageError:
            self._in_step = False
            raise

    def run(self, command, patience_s):
        """(exit status, output and errors) of a shell command run as root."""
        pid = self.call("guest-exec", path="/bin/sh", arg=["-c", command], **{"capture-output": True})["pid"]
        started = time.monotonic()
        while not (status := self.call("guest-exec-status", pid=pid))["exited"]:
            elapsed = time.monotonic() - started
            if elapsed > patience_s:
                raise StageError(f"guest: {command}: not done within {patience_s} s")
            time.sleep(min(0.5, 0.05 + elapsed / 4))  # asking costs the guest, too
        text = "".join(base64.b64decode(status.get(name, "")).decode(errors="replace")
                       for name in ("out-data", "err-data"))
        return status.get("exitcode", 128), text
