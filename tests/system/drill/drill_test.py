# SPDX-License-Identifier: Apache-2.0
"""A drill of a whole terminal: shipped agent, broker and collector, hardware emulated underneath.

The sensors prove themselves the whole way, nothing of it becomes an alert, and what is not the drill's stays what it is: a
stick that is plugged in meanwhile raises USB-01.
"""

import json
import os
import pathlib
import shutil
import sqlite3
import tempfile
import unittest

from site_files import with_dates
from stage.agency import Agency
from stage.processes import Programs, wait_until
from stage.terminal import Terminal

BUILD = os.environ.get("SALLYPORT_BUILD", "release")
DRILL_STICK = "AA04012700007F3D"
STRANGER = "4C530001240909115203"
WATCHES = ("chassis", "display", "failed_logons", "firmware", "lock_policy", "network", "remote_view")


class Drill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-drill-"))
        cls.programs = Programs()
        cls.agency = Agency(cls.directory, cls.programs, build=BUILD)
        cls.agency.establish()
        cls.terminal = Terminal("T-0001", cls.agency, camera=False)
        cls.terminal.build_stage()
        cls.terminal.write_configuration()
        cls.terminal.enrol()
        cls.agency.ctl("rules", "live", "--site", "HQ", "--reason", "test")
        cls.agency.start_broker()
        cls.agency.start_collector()
        cls.terminal.start_agent()
        cls.terminal.session("session 1 op1")
        wait_until(lambda: cls.events("session.logon"), "the first events in the store", patience_s=30)
        cls.register_drill_stick()

    @classmethod
    def tearDownClass(cls):
        cls.terminal.close()
        cls.programs.stop_all()
        shutil.rmtree(cls.directory, ignore_errors=True)

    # -- the agency's side ----------------------------------------------------------------------------------------

    @classmethod
    def register_drill_stick(cls):
        """Its identity is what the terminal itself tells of it, when it is seen the first time."""
        cls.terminal.plug("stick", DRILL_STICK)
        seen = wait_until(lambda: cls.sticks(), "the drill's stick in the store", patience_s=30)[0]["body"]
        cls.terminal.unplug("stick", DRILL_STICK)
        wait_until(lambda: cls.events("usb.detach"), "that it is gone", patience_s=30)
        row = {"media_id": "M-DRILL", "label": "drill stick", "kind": "usb_storage", "vid": seen["vid"],
               "pid": seen["pid"], "serial_hash": seen["serial_hash"], "owner": "OP-0002", "ownership": "agency",
               "purpose": "drills", "terminals_allowed": "any_terminal", "valid_from": "@-1d", "valid_to": "@+30d",
               "status": "issued"}
        file = cls.directory / "registers" / "media.csv"
        file.write_text(with_dates(",".join(row) + "\n" + ",".join(row.values()) + "\n"), encoding="utf-8")
        cls.agency.ctl("media", "import", file)

    def drill(self, *arguments):
        return json.loads(self.agency.ctl("drill", "T-0001", "--json", *arguments))

    def drills(self):
        return json.loads(self.agency.ctl("drill", "list", "--json"))

    def answers(self):
        return {answer["sensor"]: answer for answer in self.drills()[0]["answers"]}

    def await_answer(self, sensor, answer="proven"):
        wait_until(lambda: self.answers()[sensor]["answer"] == answer,
                   f"{sensor}: {answer} (it is {self.answers()[sensor]})", patience_s=40, every_s=0.2)
        return self.answers()[sensor]

    # -- the store, read from outside ------------------------------------------------------------------------------

    @classmethod
    def store(cls, sql, *parameters):
        with sqlite3.connect(f"file:{cls.directory}/store.db?mode=ro", uri=True, timeout=10) as database:
            return database.execute(sql, parameters).fetchall()

    @classmethod
    def events(cls, kind):
        return [json.loads(line) for (line,) in cls.store(
            "SELECT line FROM event JOIN stream USING (stream_id) WHERE terminal_id = 'T-0001' AND type = ? "
            "ORDER BY ingest_id", kind)]

    @classmethod
    def sticks(cls):
        return [event for event in cls.events("usb.attach") if event["body"]["is_storage"]]

    def alerts(self, rule):
        return self.store("SELECT summary FROM alert WHERE rule_id = ?", rule)

    # -- the test ---------------------------------------------------------------------------------------------------

    def test_given_a_drill_when_its_cues_are_given_then_they_are_proven_and_a_stranger_still_alerts(self):
        before = dict(self.store("SELECT rule_id, count(*) FROM alert GROUP BY rule_id"))
        nonce = self.drill("--stick", "M-DRILL", "--reason", "first of the month")["nonce"]
        for sensor in ("identity", "print", *WATCHES):
            answer = self.await_answer(sensor, self.expected(sensor))
            self.assertLess(answer["took_ms"], 15_000, sensor)
        self.assertEqual(self.answers()["usb"]["answer"], "waiting")
        self.assertEqual(self.answers()["camera"]["answer"], "off")

        self.terminal.plug("stick", STRANGER)
        self.terminal.plug("stick", DRILL_STICK)
        self.terminal.session("lock 1")
        self.await_answer("usb")
        self.await_answer("session")
        wait_until(lambda: self.drills()[0]["ended_at"], "the drill's end", patience_s=30)

        # Only the cued object is marked.
        wait_until(lambda: len(self.alerts("USB-01")) > before.get("USB-01", 0), "USB-01 for the stranger", patience_s=30)
        marks = [stick.get("drill") for stick in self.sticks()[-2:]]
        self.assertEqual(sorted(marks, key=str), sorted([None, nonce], key=str))
        # The lock is told as it is, and once more for the drill; the test print had nothing to print.
        self.assertEqual([event.get("drill") for event in self.events("session.lock")], [None, nonce])
        prints = self.events("print.job")
        self.assertEqual([(job["body"]["state"], job.get("drill")) for job in prints],
                         [("submitted", nonce), ("cancelled", nonce)])
        course = [event["body"]["state"] for event in self.events("agent.drill")]
        self.assertEqual((course[0], course[-1]), ("begun", "ended"))
        # Nothing else was raised, nor is the mark an offence.
        after = dict(self.store("SELECT rule_id, count(*) FROM alert GROUP BY rule_id"))
        self.assertEqual(after, {**before, "USB-01": before.get("USB-01", 0) + 1})
        self.assertEqual(self.store("SELECT count(*) FROM event WHERE type = 'server.drill'"), [(0,)])
        # Who and why.
        self.assertEqual(self.store("SELECT purpose FROM audit WHERE action = 'drill.order'"), [("first of the month",)])

    def expected(self, sensor):
        state = json.loads(self.store("SELECT status FROM terminal_liveness WHERE terminal_id = 'T-0001'")[0][0])
        found = {one["name"]: one["state"] for one in state["sensors"]}[sensor]
        return {"ok": "proven", "degraded": "failed"}.get(found, found)


if __name__ == "__main__":
    unittest.main()
