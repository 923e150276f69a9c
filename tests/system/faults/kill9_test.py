# SPDX-License-Identifier: Apache-2.0
"""kill -9 of agent, broker or collector in the middle of the work.

Held against two ledgers of the generator's own: what it plugged, and what the spool's file says was taken. Every line
of the spool must be in the store exactly once, byte for byte; every unknown stick must have raised exactly one alert.
"""

import collections
import json
import os
import pathlib
import random
import shutil
import sqlite3
import tempfile
import time
import unittest

from stage.agency import Agency
from stage.processes import Programs, wait_until
from stage.terminal import Terminal

BUILD = os.environ.get("SALLYPORT_BUILD", "release")
ROUNDS = int(os.environ.get("SALLYPORT_ROUNDS", "2"))
STICKS = 12


class Kill9(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-kill9-"))
        self.programs = Programs()
        self.agency = Agency(self.directory, self.programs, build=BUILD)
        self.agency.establish()
        self.terminal = Terminal("T-0001", self.agency, camera=False)
        self.terminal.build_stage()
        self.terminal.write_configuration()
        self.terminal.enrol()
        self.agency.ctl("rules", "live", "--site", "HQ", "--reason", "test")
        self.agency.start_broker()
        self.agency.start_collector()
        self.terminal.start_agent()
        self.plugged = []  # the ledger: serials in the order in which they were plugged
        self.taken_out = 0  # how many of them
        self.random = random.Random(20261124)
        wait_until(lambda: self.stored_lines(), "the first event in the store", patience_s=30)

    def tearDown(self):
        self.terminal.close()
        self.programs.stop_all()
        if not self._outcome.result.failures and not self._outcome.result.errors:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            print(f"kept for a look: {self.directory}")

    # -- the generator ------------------------------------------------------------------------------------------

    def plug_next(self):
        serial = f"SN-{len(self.plugged):04d}"
        self.terminal.plug("stick", serial)
        self.plugged.append(serial)

    def work_and(self, act):
        """Plugs sticks; somewhere in the middle, and at an unlucky moment, something happens."""
        moment = self.random.randrange(3, STICKS - 3)
        for number in range(STICKS):
            self.plug_next()
            if number == moment:
                time.sleep(self.random.uniform(0, 0.15))  # anywhere between the uevent and the acknowledgement
                act()
            else:
                time.sleep(0.05)
        self.take_all_out()

    def take_all_out(self):
        """A bus holds 126 devices. A stick is taken out once the agent has spooled it: none may be missed."""
        wait_until(lambda: len(self.sticks_in(line for _, line in self.terminal.spooled())) == len(self.plugged),
                   "every stick in the spool", patience_s=30, every_s=0.1)
        for serial in self.plugged[self.taken_out:]:
            self.terminal.unplug("stick", serial)
        self.taken_out = len(self.plugged)

    @staticmethod
    def sticks_in(lines):
        events = [json.loads(line) for line in lines if '"usb.attach"' in line]
        return {event["body"]["serial_hash"] for event in events if event["body"]["is_storage"]}

    # -- the stores, read from outside ------------------------------------------------------------------------------

    def store(self, sql, *parameters):
        with sqlite3.connect(f"file:{self.directory}/store.db?mode=ro", uri=True, timeout=10) as database:
            return database.execute(sql, parameters).fetchall()

    def stored_lines(self):
        return [line for (line,) in self.store(
            "SELECT line FROM event JOIN stream USING (stream_id) WHERE terminal_id = 'T-0001' ORDER BY seq")]

    def judge(self):
        spooled = lambda: [line for _, line in self.terminal.spooled()]
        wait_until(lambda: len(self.stored_lines()) == len(spooled()) and self.stored_lines() == spooled(),
                   "store and spool alike", patience_s=60, every_s=0.25)
        lines = self.stored_lines()
        self.assertEqual(len(lines), len(set(lines)), "a line is stored twice")
        events = [json.loads(line) for line in lines]
        by_instance = collections.defaultdict(list)
        for event in events:
            by_instance[event["agent_instance"]].append(event["seq"])
        for numbers in by_instance.values():
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), "a gap in the numbering")
        return events

    def judge_sticks(self):
        seen = len(self.plugged)
        self.assertEqual(len(self.sticks_in(self.stored_lines())), seen, "a stick was missed")
        wait_until(lambda: self.alerts() == seen, f"{seen} alerts (there are {self.alerts()})", patience_s=30,
                   every_s=0.25)
        # One more look after the judge has had time for a second one.
        time.sleep(1)
        self.assertEqual(self.alerts(), seen)

    def alerts(self):
        return self.store("SELECT count(*) FROM alert WHERE rule_id = 'USB-01'")[0][0]

    # -- the tests ------------------------------------------------------------------------------------------------

    def test_given_the_broker_is_killed(self):
        for _ in range(ROUNDS):
            self.work_and(lambda: (self.agency.kill("broker"), self.agency.start_broker()))
        self.judge()
        self.judge_sticks()

    def test_given_the_collector_is_killed(self):
        for _ in range(ROUNDS):
            self.work_and(lambda: (self.agency.kill("collector"), self.agency.start_collector()))
        self.judge()
        self.judge_sticks()

    def test_given_the_agent_is_killed(self):
        for round_number in range(ROUNDS):
            def die_and_return():
                before = len(self.plugged)
                self.terminal.kill_agent()
                # Came and stayed while nobody watched: must be found at the start, its time unknown.
                self.terminal.plug("stick", f"SN-STAYS-{round_number}")
                self.plugged.append(f"SN-STAYS-{round_number}")
                spooled = len(self.terminal.spooled())
                self.terminal.start_agent()
                wait_until(lambda: len(self.terminal.spooled()) > spooled + 1, "the agent's return", patience_s=30)
                wait_until(lambda: any("present_at_start" in line and '"usb.attach"' in line
                                       for _, line in self.terminal.spooled()[spooled:]),
                           "the stick that stayed", patience_s=30)
                self.assertEqual(before, len(self.plugged) - 1)
            self.work_and(die_and_return)
        events = self.judge()
        stayed = [event for event in events if event["type"] == "usb.attach" and
                  event["body"].get("present_at_start") and event["occurred_at"] == "unknown"]
        self.assertGreaterEqual(len({event["body"]["serial_hash"] for event in stayed}), ROUNDS)
        self.judge_sticks()


if __name__ == "__main__":
    unittest.main()
