#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A private CUPS server: own configuration, spool, port and backends; never the system's.

    private_cupsd.py DIR PORT     (PORT 0: any free one)

Prints `ready 127.0.0.1:PORT` once it answers. Then, a line each on stdin, answered by `ok [ANSWER]` or `error WHY`:

    queue NAME DEVICE-URI         add a printer, or point it elsewhere
    remove-queue NAME
    default NAME
    print QUEUE USER PAGES COPIES [up=N] [sides=two-sided-long-edge] [hold] [TITLE...]    answers the job's number
    declare QUEUE USER PAGES COPIES    the same of a client that says itself how many pages it has: 1 more than it has
    release ID / cancel ID
    purge QUEUE                   all its jobs are forgotten, as if they had never been
    wait ID STATE                 until `lpstat` lists the job as `completed`, or as `open`
    kill / start                  cupsd is killed (SIGKILL) / started again on the same state
    wipe                          kill, and forget every job and number
    pause / continue              cupsd is stopped in its tracks (SIGSTOP, SIGCONT)
    wait-second                   until the clock shows another second
    wait-asked                    until somebody has sent the stopped cupsd a request
    hide                          account names and titles are hidden from everybody but `auditor-only`, from
                                  the next start on
    set DIRECTIVE VALUE...        a line for cupsd.conf, from the next start on
    relay                         a second port that passes everything on and keeps what cupsd says; answers host:port
    relayed TEXT                  answers how often cupsd said TEXT through the relay
    quit                          (or end of input) everything is stopped

Device URIs: every scheme of BACKENDS is a script here that prints nothing anywhere but accounts one `PAGE:` line a
page, copies included, as a filter would; with `?silent` in the URI none. With `?hang` in the URI the job prints until it is cancelled; with `?fail`
it is aborted.
"""

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from line_commands import serve  # noqa: E402  (beside this folder)

BACKENDS = ["socket", "ipp", "usb", "cups-pdf", "smb", "lab"]
DEADLINE_S = 25

BACKEND = """#!/bin/sh
# Arguments: job user title copies options [file]. Nothing of it but the number of copies is used.
[ $# -eq 0 ] && { echo 'direct lab "Unknown" "Lab printer"'; exit 0; }
pages=$(sed -n 's/^pages=//p' "${6:-/dev/stdin}" | head -n 1)
case "$DEVICE_URI" in
    *\\?fail*) exit 1 ;;
    *\\?silent*) exit 0 ;;
    *\\?hang*) trap 'exit 0' TERM; while kill -0 "$PPID"; do sleep 0.1; done; exit 0 ;;
esac
page=1
while [ "$page" -le "${pages:-1}" ]; do
    echo "PAGE: $page $4" >&2
    page=$((page + 1))
done
exit 0
"""

DECLARE = """{{ OPERATION Print-Job
GROUP operation-attributes-tag
ATTR charset attributes-charset utf-8
ATTR language attributes-natural-language en
ATTR uri printer-uri ipp://localhost/printers/{queue}
ATTR name requesting-user-name {user}
ATTR mimeMediaType document-format application/vnd.cups-raw
GROUP job-attributes-tag
ATTR integer copies {copies}
ATTR integer job-impressions {pages}
FILE {document}
STATUS successful-ok
}}
"""

CUPSD_CONF = """LogLevel warn
DirtyCleanInterval 0
MaxLogSize 0
Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
ErrorPolicy abort-job
{settings}
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess {private_access}
  JobPrivateValues {private_values}
  SubscriptionPrivateAccess all
  SubscriptionPrivateValues none
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""

CUPS_FILES_CONF = """ServerRoot {d}/etc
ServerBin {d}/bin
RequestRoot {d}/spool
TempDir {d}/tmp
CacheDir {d}/cache
StateDir {d}/state
DataDir /usr/share/cups
AccessLog {d}/log/access
ErrorLog {d}/log/error
PageLog {d}/log/page
FileDevice Yes
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Relay(threading.Thread):
    """Passes connections on to cupsd and keeps the bytes that cupsd answers."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.target = port
        self.said = bytearray()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client):
        with client, socket.create_connection(("127.0.0.1", self.target)) as server:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is server:
                        self.said += data
                    (client if ready is server else server).sendall(data)


class PrivateCupsd:
    def __init__(self, directory, port):
        self.directory = os.path.abspath(directory)
        self.port = port or free_port()
        self.settings = []
        self.hidden = False
        self.process = None
        self.relays = None
        for part in ("etc", "bin/backend", "spool", "tmp", "cache", "state", "log"):
            os.makedirs(os.path.join(self.directory, part), exist_ok=True)
        for part in ("filter", "daemon", "monitor", "notifier", "cgi-bin", "driver"):
            link = os.path.join(self.directory, "bin", part)
            if not os.path.lexists(link):
                os.symlink(os.path.join("/usr/lib/cups", part), link)
        for scheme in BACKENDS:
            backend = os.path.join(self.directory, "bin/backend", scheme)
            with open(backend, "w", encoding="ascii") as out:
                out.write(BACKEND)
            os.chmod(backend, 0o700)  # runs as the owner: another account could not reach a private directory
        os.chmod(self.directory, 0o755)

    # --- the server ---

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        conf = os.path.join(self.directory, "etc/cupsd.conf")
        files = os.path.join(self.directory, "etc/cups-files.conf")
        with open(conf, "w", encoding="ascii") as out:
            out.write(CUPSD_CONF.format(port=self.port, settings="\n".join(self.settings),
                                        private_access="auditor-only" if self.hidden else "all",
                                        private_values="default" if self.hidden else "none"))
        with open(files, "w", encoding="ascii") as out:
            out.write(CUPS_FILES_CONF.format(d=self.directory))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CUPS_")}
        self.process = subprocess.Popen(["/usr/sbin/cupsd", "-f", "-c", conf, "-s", files], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self._wait(self._answers, "cupsd to answer")

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def wipe(self):
        self.kill()
        for part in ("spool", "cache"):
            shutil.rmtree(os.path.join(self.directory, part))
            os.makedirs(os.path.join(self.directory, part))

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def unpause(self):
        self.process.send_signal(signal.SIGCONT)

    def wait_second(self):
        begin = int(time.time())
        self._wait(lambda: int(time.time()) > begin, "the next second")

    def wait_asked(self):
        self._wait(self._unread, "a request")

    def _unread(self):
        """Whether bytes wait on cupsd's port (columns of /proc/net/tcp: local address, ..., tx_queue:rx_queue)."""
        local = f"0100007F:{self.port:04X}"
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table.readlines()[1:]]
        return any(row[1] == local and row[3] == "01" and int(row[4].split(":")[1], 16) > 0 for row in rows)

    def hide(self):
        self.hidden = True

    def set(self, *words):
        self.settings.append(" ".join(words))

    def _answers(self):
        if self.process.poll() is not None:
            raise RuntimeError("cupsd ended at once, see " + self.directory + "/log/error")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    @staticmethod
    def _wait(condition, what):
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError("gave up waiting for " + what)
            time.sleep(0.05)

    def _call(self, *command, text=None):
        environment = dict(os.environ, CUPS_SERVER=f"127.0.0.1:{self.port}", LC_ALL="C")
        done = subprocess.run(command, env=environment, input=text, capture_output=True, text=True,
                              timeout=DEADLINE_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]}: {done.stderr.strip()}")
        return done.stdout

    # --- printers and jobs ---

    def queue(self, name, uri):
        self._call("lpadmin", "-p", name, "-E", "-v", uri, "-m", "raw")

    def remove_queue(self, name):
        self._call("lpadmin", "-x", name)

    def default(self, name):
        self._call("lpadmin", "-d", name)

    def print(self, queue, user, pages, copies, *words, up=None, sides=None):
        hold = bool(words) and words[0] == "hold"
        title = " ".join(words[1:] if hold else words) or "untitled"
        command = ["lp", "-d", queue, "-U", user, "-n", copies, "-t", title, "-o", "raw"]
        command += ["-H", "hold"] if hold else []
        command += ["-o", f"number-up={up}"] if up else []
        command += ["-o", f"sides={sides}"] if sides else []
        return re.search(r"-(\d+) \(", self._call(*command, text=f"pages={int(pages)}\n")).group(1)

    def declare(self, queue, user, pages, copies):
        document, test = (os.path.join(self.directory, "tmp", name) for name in ("declared", "declared.test"))
        with open(document, "w", encoding="ascii") as out:
            out.write(f"pages={int(pages)}\n")
        with open(test, "w", encoding="ascii") as out:
            out.write(DECLARE.format(queue=queue, user=user, pages=int(pages) + 1, copies=copies, document=document))
        said = self._call("ipptool", "-tv", f"ipp://{self.address}/printers/{queue}", test)
        return re.search(r"job-id \(integer\) = (\d+)", said).group(1)

    def release(self, job):
        self._call("lp", "-i", job, "-H", "resume")

    def cancel(self, job):
        self._call("cancel", job)

    def purge(self, queue):
        # A job whose backend is still ending is not forgotten at the first try.
        self._wait(lambda: self._call("cancel", "-a", "-x", queue) == "" and
                   self._call("lpstat", "-W", "all", "-o", queue) == "", "the jobs to be forgotten")

    def wait(self, job, state):
        which = "completed" if state == "completed" else "not-completed"
        self._wait(lambda: re.search(rf"-{job}\s", self._call("lpstat", "-W", which, "-o")), f"job {job} {state}")

    # --- what crosses the wire ---

    def relay(self):
        self.relays = Relay(self.port)
        self.relays.start()
        return f"127.0.0.1:{self.relays.port}"

    def relayed(self, *words):
        return bytes(self.relays.said).count(" ".join(words).encode())


COMMANDS = {"queue": "queue", "remove-queue": "remove_queue", "default": "default", "print": "print",
            "declare": "declare",
            "release": "release", "cancel": "cancel", "purge": "purge", "wait": "wait", "kill": "kill",
            "start": "start", "wipe": "wipe", "pause": "pause", "continue": "unpause", "hide": "hide", "set": "set",
            "wait-second": "wait_second", "wait-asked": "wait_asked", "relay": "relay", "relayed": "relayed"}


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    serve(PrivateCupsd(sys.argv[1], int(sys.argv[2])), COMMANDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
