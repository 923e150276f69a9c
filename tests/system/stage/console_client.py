# SPDX-License-Identifier: Apache-2.0
"""The console's JSON API as a person's browser uses it."""

import http.client
import json
import ssl
import threading
import time
import urllib.parse

from .processes import StageError


class ConsoleClient:
    def __init__(self, port, ca_file):
        self._port = port
        self._tls = ssl.create_default_context(cafile=str(ca_file))
        self._cookie = None
        self._csrf = None

    def log_in(self, user):
        answer = self.request("POST", "session", {"name": user["name"], "password": user["password"]})
        self._csrf = answer.get("csrf_token") or answer.get("csrf")
        return answer

    def request(self, method, path, body=None):
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._tls, timeout=10)
        headers = {"Origin": f"https://127.0.0.1:{self._port}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._cookie:
            headers["Cookie"] = self._cookie
        if self._csrf and method != "GET":
            headers["X-CSRF-Token"] = self._csrf
        try:
            connection.request(method, "/api/v1/" + path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if cookie := answer.getheader("Set-Cookie"):
            self._cookie = cookie.split(";", 1)[0]
        if answer.status >= 400:
            raise StageError(f"{method} {path}: {answer.status}: {text[:200]}")
        return json.loads(text) if text else {}

    def open_stream(self):
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._tls)
        connection.request("GET", "/api/v1/stream", headers={"Cookie": self._cookie, "Accept": "text/event-stream"})
        return connection.getresponse()

    def get(self, path, **query):
        return self.request("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, body=None):
        return self.request("POST", path, {} if body is None else body)


class LiveStream:
    """The console's stream of server-sent events, read on a thread of its own."""

    def __init__(self, client, want=lambda alert: True):
        self.alerts = []  # (monotonic time of arrival, alert), new ones only
        self._seen = set()
        self._want = want
        self._connection = client.open_stream()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        name = ""
        try:
            for line in self._connection:
                text = line.decode().rstrip()
                if text.startswith("event:"):
                    name = text[6:].strip()
                elif text.startswith("data:") and name == "alert":
                    alert = json.loads(text[5:])
                    if self._want(alert) and alert["alert_id"] not in self._seen:
                        self._seen.add(alert["alert_id"])
                        self.alerts.append((time.monotonic(), alert))
        except (OSError, ValueError):
            pass  # closed

    def close(self):
        self._connection.close()
