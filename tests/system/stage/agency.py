# SPDX-License-Identifier: Apache-2.0
"""A small agency: certificates, registers, broker, collector, accounts. Only documented commands are used."""

import json
import pathlib
import secrets
import shutil
import subprocess

from site_files import with_dates

from .processes import StageError, free_port, listens, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
ORI = "CA0300000"


def find_program(name, build):
    found = [path for path in (ROOT / "build" / build).rglob(name) if path.is_file()]
    if not found:
        raise StageError(f"{name} is not built under build/{build}; run script/demo or script/test")
    return found[0]


class Agency:
    def __init__(self, directory, programs, build="release", site="demo-site", console_port=None, hosts=()):
        self.directory = pathlib.Path(directory).resolve()
        self.programs = programs
        self.build = build
        self.site_files = ROOT / "script" / site
        self.ca = self.directory / "ca"
        self.broker_directory = self.directory / "broker"
        self.logs = self.directory / "logs"
        self.config = self.directory / "collector.yml"
        self.store = self.directory / "store.db"
        self.mqtt_port = free_port()
        self.console_port = console_port or free_port()
        self.hosts = hosts  # further names by which terminals reach the server
        self.environment = {}  # of the collector, beside the caller's own
        self.users = {}
        self.broker = None
        self.collector = None

    # -- once ---------------------------------------------------------------------------------------------------

    def establish(self):
        """From nothing to a registered agency with one site, ready to run."""
        for part in (self.ca.parent, self.broker_directory, self.logs):
            part.mkdir(parents=True, exist_ok=True)
        self.ctl("ca", "init", "--dir", self.ca, *[word for host in self.hosts for word in ("--host", host)])
        self.write_configuration()
        registers = self.directory / "registers"
        registers.mkdir(exist_ok=True)
        for register in ("agency", "sites", "operators", "rooms", "printers", "terminals", "media"):
            if (file := self.site_files / f"{register}.csv").exists():
                (registers / file.name).write_text(with_dates(file.read_text(encoding="utf-8")), encoding="utf-8")
                self.ctl(register, "import", registers / file.name)
        for name, role, title in (("spoc", "spoc", "Security Point of Contact"),
                                  ("psd", "psd_investigator", "PSD investigator"),
                                  ("acc", "acc", "Agency CLETS Coordinator")):
            password = secrets.token_urlsafe(12)
            self.ctl("accounts", "add", name, "--role", role, "--display-name", title, "--password-stdin",
                     stdin=password + "\n")
            self.users[name] = {"name": name, "password": password}

    def write_configuration(self):
        console = ROOT / "collector" / "console" / "dist"
        self.config.write_text(f"""# Written for {ORI}; every key is explained in docs/guide-operator.md
agency:
  ori: {ORI}
  name: Example County Probation
store: {self.store}
broker:
  host: 127.0.0.1
  port: {self.mqtt_port}
  ca: {self.ca}/ca.crt
  receive: {{certificate: {self.ca}/collector-receive.crt, key: {self.ca}/collector-receive.key}}
  send: {{certificate: {self.ca}/collector-send.crt, key: {self.ca}/collector-send.key}}
signing_key: {self.ca}/collector-signing.key
rules: {ROOT}/rules/physical-protection
https:
  address: 127.0.0.1
  port: {self.console_port}
  certificate: {self.ca}/server.crt
  key: {self.ca}/server.key
  console: {console}
""")

    def ctl(self, *arguments, stdin=None, check=True):
        command = [str(find_program("sallyportctl", self.build)), "--config", str(self.config),
                   *[str(argument) for argument in arguments]]
        ran = subprocess.run(command, input=stdin, capture_output=True, text=True)
        with open(self.directory / "ctl.log", "a", encoding="utf-8") as log:
            log.write(f"$ sallyportctl {' '.join(str(a) for a in arguments)}\n{ran.stdout}{ran.stderr}")
        if check and ran.returncode != 0:
            raise StageError(f"sallyportctl {' '.join(str(a) for a in arguments)}: exit {ran.returncode}: "
                             f"{(ran.stderr or ran.stdout).strip()}")
        return ran.stdout

    def enrol(self, terminal, csr, certificate):
        self.ctl("terminals", "enrol", terminal, "--csr", csr, "--out", certificate)

    def license(self, terminal):
        """Enrolment proposed the technical fields and the terminal reported them: taken over, then licensed."""
        def adopted():
            return f"{terminal}: " in self.ctl("terminals", "adopt", terminal, check=False)
        wait_until(adopted, f"the first report of {terminal}", patience_s=30)
        licence = self.directory / "registers" / "licence.csv"
        licence.write_text(f"terminal_id,status\n{terminal},licensed\n", encoding="utf-8")
        self.ctl("terminals", "import", licence, "--reason", "reported as expected")

    # -- running ------------------------------------------------------------------------------------------------

    def start_broker(self):
        self.ctl("broker", "config", "--dir", self.broker_directory, "--ca", self.ca, "--port", self.mqtt_port)
        self.broker = self.programs.start(
            "mosquitto", [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c",
                          self.broker_directory / "mosquitto.conf"], self.logs / "mosquitto.log")
        wait_until(lambda: listens(self.mqtt_port), f"mosquitto on port {self.mqtt_port}; see {self.broker.log}")

    def connections(self):
        """How often the collector's receiving connection stood, by its log."""
        log = self.logs / "collector.log"
        return log.read_text().count("collector-receive: connected") if log.exists() else 0

    def start_collector(self):
        before = self.connections()
        self.collector = self.programs.start(
            "sallyport-collector", [find_program("sallyport-collector", self.build), "--config", self.config],
            self.logs / "collector.log", environment=self.environment)
        wait_until(lambda: listens(self.console_port) or not self.collector.running(),
                   f"the console on port {self.console_port}; see {self.collector.log}")
        if not self.collector.running():
            raise StageError(f"sallyport-collector ended; see {self.collector.log}")
        # What a terminal says of itself before anybody subscribed is heard by nobody until its next heartbeat.
        wait_until(lambda: self.connections() > before, "the collector's connection to the broker", patience_s=30)

    def kill(self, what):
        """kill -9 of `broker` or `collector`."""
        program = getattr(self, what)
        program.kill()
        self.programs.forget(program)

    @property
    def console(self):
        return f"https://127.0.0.1:{self.console_port}/"

    def write_endpoints(self, terminals):
        file = self.directory / "endpoints.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps({
            "console": self.console,
            "ca": str(self.ca / "ca.crt"),
            "mqtt": {"host": "127.0.0.1", "port": self.mqtt_port},
            "store": str(self.store),
            "users": self.users,
            "terminals": terminals,
        }, indent=2) + "\n")
        return file
