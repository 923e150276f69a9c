# SPDX-License-Identifier: Apache-2.0
"""One agency with one real terminal, a generator of work, and what must hold after any fault.

Two ledgers are the generator's own: the sticks it plugged, and the numbers the spool's file says were taken. After the
fault every number of the spool must be in the store exactly once with the same leaf, every unknown stick must have
raised exactly one alert, and whatever the store says of a gap must be what the row expects of its fault.
"""

import collections
import contextlib
import json
import pathlib
import random
import shutil
import sqlite3
import statistics
import tempfile
import time

from stage.agency import Agency
from stage.processes import Programs, StageError, listens, wait_until
from stage.terminal import Terminal

TERMINAL = "T-0001"
SEED = 20261124
# What the collector says when something of a terminal is missing, twice, or not as it was.
GAP_EVENTS = ("server.gap", "server.fork", "server.tombstone", "server.refusal", "store.failure")


class Verdict:
    """A row of the table: what was done, and what was found."""

    def __init__(self, fault):
        self.fault = fault
        self.rounds = 0
        self.lines = self.lost = self.doubled = 0
        self.expected_alerts = self.alerts = 0
        self.gaps = collections.Counter()
        self.unexplained = []
        self.recoveries_s = []
        self.note = ""
        self.skipped = ""

    def holds(self):
        return not (self.skipped or self.lost or self.doubled or self.unexplained or
                    self.alerts != self.expected_alerts)

    def as_json(self):
        times = sorted(self.recoveries_s)
        return {"fault": self.fault, "rounds": self.rounds, "lines": self.lines, "lost": self.lost,
                "doubled": self.doubled, "alerts_expected": self.expected_alerts, "alerts": self.alerts,
                "gaps": dict(self.gaps), "unexplained": self.unexplained,
                "recovery_s": {"median": round(statistics.median(times), 2), "max": round(times[-1], 2)} if times else {},
                "note": self.note, "skipped": self.skipped, "holds": self.holds()}


class Scene:
    """`prepare` may change where spool and store lie and what stands between terminal and broker, before anything runs."""

    def __init__(self, fault, build, prepare=None):
        self.verdict = Verdict(fault)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-fault-"))
        self.programs = Programs()
        self.random = random.Random(SEED)
        self.plugged = []   # the ledger: serials in the order in which they were plugged
        self.taken_out = 0  # how many of them
        self.known = set()  # what the spools said of sticks, those that were replaced since included
        self.closers = []
        self.before_start = lambda: None  # once the agency stands and nothing runs yet
        self.agency = Agency(self.directory, self.programs, build=build)
        self.terminal = Terminal(TERMINAL, self.agency, camera=False)
        try:
            if prepare:
                prepare(self)
            self._raise_curtain()
        except BaseException:
            self.close(keep=True)
            raise

    def _raise_curtain(self):
        self.agency.establish()
        self.terminal.build_stage()
        self.terminal.write_configuration()
        self.terminal.enrol()
        self.agency.ctl("rules", "live", "--site", "HQ", "--reason", "test of faults")
        self.before_start()
        self.agency.start_broker()
        self.agency.start_collector()
        self.terminal.start_agent()
        wait_until(lambda: self.stored(), "the first event in the store", patience_s=60)

    def close(self, keep=False):
        self.terminal.close()
        self.programs.stop_all()
        for close in reversed(self.closers):
            close()
        if keep:
            print(f"    kept for a look: {self.directory}", flush=True)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    # -- the generator ------------------------------------------------------------------------------------------------

    def plug(self, count=1, pause_s=0.02):
        for _ in range(count):
            serial = f"SN-{len(self.plugged):05d}"
            self.terminal.plug("stick", serial)
            self.plugged.append(serial)
            time.sleep(pause_s)

    def take_all_out(self, patience_s=60):
        """A bus holds 126 devices. A stick is taken out once the agent has spooled it: none may be missed."""
        wait_until(lambda: len(self.sticks_ever_spooled()) >= len(self.plugged), "every stick in the spool", patience_s,
                   every_s=0.05)
        for serial in self.plugged[self.taken_out:]:
            self.terminal.unplug("stick", serial)
        self.taken_out = len(self.plugged)

    def sticks_ever_spooled(self):
        self.known |= self.spooled_sticks()
        return self.known

    def spooled_sticks(self):
        seen = set()
        for _, line in self.terminal.spooled_of("usb.attach"):
            body = json.loads(line)["body"]
            if body["is_storage"]:
                seen.add(body["serial_hash"])
        return seen

    # -- the store, read from outside ---------------------------------------------------------------------------------

    def store(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect(f"file:{self.agency.store}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(sql, parameters).fetchall()

    def stored(self, terminal=TERMINAL):
        """How many lines of the terminal the store has."""
        return self.store("SELECT coalesce(sum(last_seq), 0) FROM stream WHERE terminal_id = ?", terminal)[0][0]

    def alerts(self):
        return self.store("SELECT count(*) FROM alert WHERE rule_id = 'USB-01'")[0][0]

    def alerts_of(self, *rules):
        marks = ", ".join("?" for _ in rules)
        return self.store(f"SELECT count(*) FROM alert WHERE rule_id IN ({marks})", *rules)[0][0]

    # -- what must hold -----------------------------------------------------------------------------------------------

    def recovered(self, since, patience_s=120):
        """Waits until everything spooled by now is stored; counts the time since the fault ended."""
        instance, last = self.terminal.position()
        def there():
            row = self.store("SELECT last_seq FROM stream WHERE terminal_id = ? AND instance = ?", TERMINAL, instance)
            return row and row[0][0] >= last
        wait_until(there, f"the store at seq {last}", patience_s, every_s=0.01)
        self.verdict.recoveries_s.append(time.monotonic() - since)

    def judge(self, gaps=None, lost_known=0, patience_s=120):
        """Compares ledgers and store. `gaps`: event type -> how many of it this fault explains (a number or a test)."""
        verdict = self.verdict
        instance, last = self.terminal.position()
        wait_until(lambda: self._at(instance) >= last, "store and spool alike", patience_s, every_s=0.1)
        spooled = dict(self.terminal.links())
        stored = dict(self.store("SELECT seq, leaf FROM event JOIN stream USING (stream_id) WHERE terminal_id = ? AND "
                                 "instance = ?", TERMINAL, instance))
        verdict.lines = self.stored()
        verdict.lost = sum(1 for seq, leaf in spooled.items() if stored.get(seq) != leaf) - lost_known
        verdict.doubled = self.store("SELECT count(*) - count(DISTINCT leaf) FROM event")[0][0]
        for name, count, newest in self.store(
                "SELECT instance, (SELECT count(*) FROM event e WHERE e.stream_id = s.stream_id), last_seq FROM stream s"):
            if count != newest:
                verdict.unexplained.append(f"{count} lines up to seq {newest} of {name}")
        self._judge_gaps(gaps or {})
        self._judge_alerts()

    def _at(self, instance):
        row = self.store("SELECT last_seq FROM stream WHERE terminal_id = ? AND instance = ?", TERMINAL, instance)
        return row[0][0] if row else 0

    def _judge_gaps(self, expected):
        marks = ", ".join("?" for _ in GAP_EVENTS)
        self.verdict.gaps.update(dict(self.store(
            f"SELECT type, count(*) FROM event WHERE type IN ({marks}) GROUP BY type", *GAP_EVENTS)))
        # A terminal's first instance ever follows nothing: enrolment explains it.
        broken = self.store("SELECT count(*) FROM event WHERE type = 'server.instance' AND "
                            "json_extract(line, '$.body.continuity') <> 'yes'")[0][0] - 1
        if broken:
            self.verdict.gaps["server.instance"] = broken
        for kind in {*self.verdict.gaps, *expected}:
            found, wanted = self.verdict.gaps.get(kind, 0), expected.get(kind, 0)
            if not (wanted(found) if callable(wanted) else found == wanted):
                self.verdict.unexplained.append(f"{found} x {kind}")

    def _judge_alerts(self):
        verdict = self.verdict
        verdict.expected_alerts = len(self.plugged)
        try:
            wait_until(lambda: self.alerts() >= verdict.expected_alerts, "every alert", patience_s=60, every_s=0.1)
        except StageError:
            pass  # the table says how many there are
        # One more look after the judge has had time for a second one.
        time.sleep(0.5)
        verdict.alerts = self.alerts()

    # -- the programs -------------------------------------------------------------------------------------------------

    def restart_agent(self, kill=True):
        if kill:
            self.terminal.kill_agent()
        else:
            self.terminal.agent.stop()
            self.programs.forget(self.terminal.agent)
        self.terminal.start_agent()

    def broker_is_up(self):
        return listens(self.agency.mqtt_port)
