# SPDX-License-Identifier: Apache-2.0
"""The server burns: a backup, more work, kill -9, the backup brought back. Nothing that a terminal said may be lost.

Real agent, broker, collector and sallyportctl. The agent stays connected and has nothing new to say: the collector must
ask for what it lacks.
"""

import json
import os
import pathlib
import shutil
import sqlite3
import tempfile
import time
import unittest

from stage.agency import Agency
from stage.processes import Programs, wait_until
from stage.terminal import Terminal

BUILD = os.environ.get("SALLYPORT_BUILD", "release")
HEARTBEAT_S = 5


class Restore(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-restore-"))
        self.programs = Programs()
        self.agency = Agency(self.directory, self.programs, build=BUILD)
        self.agency.establish()
        self.terminal = Terminal("T-0001", self.agency, camera=False)
        self.terminal.build_stage()
        self.terminal.write_configuration(heartbeat_s=HEARTBEAT_S)
        self.terminal.enrol()
        self.agency.ctl("rules", "live", "--site", "HQ", "--reason", "test")
        self.agency.start_broker()
        self.agency.start_collector()
        self.terminal.start_agent()
        self.plugged = 0
        self.key = self.directory / "backup.key"
        self.key.touch(mode=0o600)
        self.key.write_text("5a" * 32 + "\n")

    def tearDown(self):
        self.terminal.close()
        self.programs.stop_all()
        if not self._outcome.result.failures and not self._outcome.result.errors:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            print(f"kept for a look: {self.directory}")

    def store(self, sql):
        with sqlite3.connect(f"file:{self.directory}/store.db?mode=ro", uri=True, timeout=10) as database:
            return database.execute(sql).fetchall()

    def stored(self):
        return [line for (line,) in self.store(
            "SELECT line FROM event JOIN stream USING (stream_id) WHERE terminal_id = 'T-0001' ORDER BY seq")]

    def spooled(self):
        return [line for _, line in self.terminal.spooled()]

    def plug_and_wait(self, count):
        for _ in range(count):
            self.plugged += 1
            self.terminal.plug("stick", f"SN-{self.plugged:04d}")
        wait_until(lambda: sum('"usb.attach"' in line for line in self.stored()) >= self.plugged and
                   self.stored() == self.spooled(), f"{self.plugged} sticks in the store", patience_s=60, every_s=0.25)

    def alerts(self, rule):
        return self.store(f"SELECT alert_id FROM alert WHERE rule_id = '{rule}' ORDER BY alert_id")

    def test_given_a_lost_store_when_restored_then_terminals_send_what_came_after_the_backup(self):
        self.plug_and_wait(3)
        backup = self.directory / "backup"
        self.agency.ctl("backup", "--out", backup, "--key-file", self.key)
        self.agency.ctl("restore", "--from", backup, "--to", self.directory / "store.db", "--key-file", self.key, "--check")
        self.plug_and_wait(4)
        wait_until(lambda: len(self.alerts("USB-01")) == self.plugged, "an alert for each stick", patience_s=30)
        before = self.alerts("USB-01")
        own = {instance for (instance,) in self.store("SELECT instance FROM stream WHERE terminal_id = 'collector'")}

        self.agency.kill("collector")
        begun = time.monotonic()
        told = json.loads(self.agency.ctl("restore", "--from", backup, "--to", self.directory / "store.db", "--key-file", self.key, "--replace", "--json"))
        self.assertTrue(pathlib.Path(told["moved_aside"]).exists())
        self.assertLess(len(self.stored()), len(self.spooled()))
        self.agency.start_collector()

        wait_until(lambda: self.stored() == self.spooled(), "all that the terminal ever said", patience_s=60, every_s=0.25)
        print(f"restored and complete after {time.monotonic() - begun:.1f} s; heartbeat {HEARTBEAT_S} s")
        lines = self.stored()
        self.assertEqual(len(lines), len(set(lines)), "a line is stored twice")
        wait_until(lambda: self.alerts("USB-01") == before, "the same alerts under the same ids", patience_s=30)
        wait_until(lambda: len(self.alerts("GOV-07")) == 1, "the alert that tells of the restore", patience_s=30)
        now = {instance for (instance,) in self.store("SELECT instance FROM stream WHERE terminal_id = 'collector'")}
        self.assertEqual(len(now - own), 1, "the collector's own lines go on in a new instance")
        self.assertEqual(self.store("SELECT kind FROM legal_hold WHERE lifted_at IS NULL"), [("span",)])
        self.assertEqual(self.store("SELECT max(epoch) FROM evidence_tree"), [(2,)])
        # And it goes on, and everything in it still verifies.
        self.plug_and_wait(1)
        wait_until(lambda: len(self.alerts("USB-01")) == self.plugged, "the next alert", patience_s=30)
        self.agency.ctl("fsck")


if __name__ == "__main__":
    unittest.main()
