# SPDX-License-Identifier: Apache-2.0
"""Lines of JSON over a Unix socket: QEMU's own control (QMP) and its agent in the guest speak it alike."""

import json
import socket
import time

from stage.processes import StageError, wait_until


class JsonSocket:
    def __init__(self, path, patience_s=20):
        self.path = path
        self.socket = wait_until(self._connect, f"a listener on {path}", patience_s)
        self.buffer = b""
        self.events = []

    def _connect(self):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(self.path))
            return connection
        except OSError:
            connection.close()
            return None

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, patience_s):
        """The next message; None when none came in that time."""
        deadline = time.monotonic() + patience_s
        while b"\n" not in self.buffer:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                chunk = self.socket.recv(65536)
            except TimeoutError:
                return None
            if not chunk:
                raise StageError(f"{self.path}: closed by the other side")
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line.lstrip(b"\xff"))

    def call(self, command, patience_s=20, **arguments):
        """The answer to one command; events that come meanwhile are kept in `events`."""
        self.send({"execute": command, "arguments": arguments} if arguments else {"execute": command})
        deadline = time.monotonic() + patience_s
        while True:
            message = self.receive(max(0.0, deadline - time.monotonic()))
            if message is None:
                raise StageError(f"{command}: no answer within {patience_s:.0f} s")
            if "error" in message:
                raise StageError(f"{command} {arguments}: {message['error'].get('desc', message['error'])}")
            if "return" in message:
                return message["return"]
            self.events.append(message)

    def await_event(self, name, patience_s, **data):
        """Waits for an event of that name whose data holds all that is given."""
        deadline = time.monotonic() + patience_s
        while True:
            for event in self.events:
                if event.get("event") == name and all(event.get("data", {}).get(k) == v for k, v in data.items()):
                    self.events.remove(event)
                    return event
            message = self.receive(max(0.0, deadline - time.monotonic()))
            if message is None:
                raise StageError(f"{name} {data}: not within {patience_s:.0f} s")
            self.events.append(message)

    def close(self):
        self.socket.close()
