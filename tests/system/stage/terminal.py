# SPDX-License-Identifier: Apache-2.0
"""One terminal: the shipped agent, real libusb, CUPS, D-Bus and OpenCV around it, hardware emulated underneath.

umockdev gives libusb and udev a bus; a private cupsd prints; a private system bus carries a mock logind; a named pipe
is the camera. Nothing in the agent knows.
"""

import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

from .agency import ORI, ROOT, find_program
from .camera_scenes import CameraFeeder, make_scenes
from .processes import StageError, free_port, wait_until

PYTHON = "/usr/bin/python3"  # Debian's, which has dbus and dbusmock
SUPPORT = ROOT / "tests" / "support"


class Terminal:
    def __init__(self, identity, agency, camera=True, here=False):
        self.identity = identity
        self.agency = agency
        self.here = here
        self.directory = agency.directory / "terminals" / identity
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config = self.directory / "agent.yml"
        self.spool = self.directory / "spool.db"
        self.logs = agency.logs
        self.with_camera = camera
        self.camera_source = None
        self.usb = self.cupsd = self.logind = self.agent = self.feeder = None
        self.cups_port = None
        self.mqtt_port = agency.mqtt_port  # another one: a line in between
        self.more_environment = {}         # of the agent

    # -- hardware -----------------------------------------------------------------------------------------------

    def build_stage(self):
        programs = self.agency.programs
        if not self.here:
            self.usb = programs.start("usb-stage", [find_program("sallyport-usb-stage", self.agency.build)],
                                      self.logs / "usb-stage.log", commands=True)
            self.usb_environment = json.loads(self.usb.read_line())
            bus = self.directory / "bus"
            bus.mkdir(exist_ok=True)
            self.logind = programs.start("logind", [PYTHON, SUPPORT / "logind" / "mock_logind.py", bus],
                                         self.logs / "logind.log", commands=True)
            self.bus_address = self.logind.read_line().split(" ", 1)[1]
        cups = self.directory / "cups"
        cups.mkdir(exist_ok=True)
        self.cups_port = free_port()
        self.cupsd = programs.start("cupsd", [PYTHON, SUPPORT / "cupsd" / "private_cupsd.py", cups, self.cups_port],
                                    self.logs / "cupsd.log", commands=True)
        self.cupsd.read_line()  # ready
        self.cupsd.tell("queue HQ-LASER socket://printer.hq:9100")
        self.cupsd.tell("queue LOBBY ipp://printer.lobby/ipp/print")
        if self.with_camera:
            scenes, self.camera_source = make_scenes(self.agency.directory / "scenes")
            self.feeder = CameraFeeder(self.directory / "camera", scenes)

    def environment(self):
        stage = {} if self.here else {**self.usb_environment, "DBUS_SYSTEM_BUS_ADDRESS": self.bus_address}
        preloads = [one["LD_PRELOAD"] for one in (stage, self.more_environment) if "LD_PRELOAD" in one]
        return {**stage, **self.more_environment, **({"LD_PRELOAD": ":".join(preloads)} if preloads else {})}

    # -- the agent ----------------------------------------------------------------------------------------------

    def write_configuration(self, heartbeat_s=30):
        folder, ca = self.directory, self.agency.ca
        self.config.write_text(f"""terminal: {self.identity}
ori: {ORI}
spool: {self.spool}
broker:
  host: 127.0.0.1
  port: {self.mqtt_port}
  ca: {ca}/ca.crt
  certificate: {folder}/terminal.crt
  key: {folder}/terminal.key
collector_key: {ca}/collector-signing.pub
heartbeat_s: {heartbeat_s}
sensors: {{identity: on, usb: on, print: on, session: on, camera: {'on' if self.with_camera else 'off'}}}
print: {{server: "127.0.0.1:{self.cups_port}", look_every_ms: 500, spool: {folder}/cups/spool, settings: {folder}/cups/etc}}
session: {{lock_limit_s: 60}}
camera:
  source: mjpeg:{folder}/camera
  enable_file: {folder}/camera.enabled
  permit: {folder}/camera.permit
  model: {ROOT}/build/models/face_detection_yunet_2022mar.onnx
  fps: 5
  program: {find_program("sallyport-camera", self.agency.build)}
""")

    def enrol(self):
        """The key is made on the terminal and never leaves it; the agency signs the request."""
        ran = subprocess.run([find_program("sallyport-agent", self.agency.build), "--enrol", "--config", self.config],
                             capture_output=True, text=True)
        if ran.returncode != 0:
            raise StageError(f"sallyport-agent --enrol: {ran.stderr.strip()}")
        self.agency.enrol(self.identity, self.directory / "terminal.csr", self.directory / "terminal.crt")

    def permit_camera(self):
        """What a person with hands on the terminal does, and what the agency signs."""
        switch = self.directory / "camera.enabled"
        switch.write_text("enabled by hand\n")
        switch.chmod(0o644)
        self.agency.ctl("terminals", "permit-camera", self.identity, "--out", self.directory / "camera.permit")

    def start_agent(self):
        self.agent = self.agency.programs.start(
            f"sallyport-agent {self.identity}",
            [find_program("sallyport-agent", self.agency.build), "--config", self.config],
            self.logs / f"agent-{self.identity}.log", environment=self.environment())
        return self.agent

    def kill_agent(self):
        self.agent.kill()
        self.agency.programs.forget(self.agent)

    # -- what happens at the desk -------------------------------------------------------------------------------

    def plug(self, kind, serial):
        self.usb.tell(f"plug {kind} {serial}")

    def unplug(self, kind, serial):
        self.usb.tell(f"unplug {kind} {serial}")

    def print_page(self, queue, account="op1", pages=1, copies=1):
        self.cupsd.tell(f"print {queue} {account} {pages} {copies}")

    def session(self, command):
        self.logind.tell(command)

    def show(self, scene):
        self.feeder.show(scene)

    # -- the spool, read from outside -----------------------------------------------------------------------------

    def _spool(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect(f"file:{self.spool}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(sql, parameters).fetchall()

    def spooled(self):
        """(seq, line) of everything the spool still holds, read from its file."""
        return self._spool("SELECT seq, line FROM line ORDER BY seq")

    def spooled_of(self, event_type):
        """The same, of one type."""
        return self._spool("SELECT seq, line FROM link JOIN line USING (seq) WHERE type = ? ORDER BY seq", event_type)

    def links(self):
        """(seq, leaf) of every number the spool still knows."""
        return self._spool("SELECT seq, leaf FROM link ORDER BY seq")

    def position(self):
        """(instance, last seq)."""
        return self._spool("SELECT instance, coalesce((SELECT max(seq) FROM link), base_seq) FROM spool")[0]

    def close(self):
        if self.feeder:
            self.feeder.close()
