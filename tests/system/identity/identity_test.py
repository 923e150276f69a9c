# SPDX-License-Identifier: Apache-2.0
"""A terminal's identity from the first token to its revocation: the shipped programs, a real broker, real TLS."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

from stage.agency import Agency, find_program
from stage.console_client import ConsoleClient
from stage.processes import Programs, StageError, wait_until
from stage.terminal import Terminal

BUILD = os.environ.get("SALLYPORT_BUILD", "release")
TERMINAL = "T-0001"


class Identity(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-identity-"))
        self.programs = Programs()
        self.agency = Agency(self.directory, self.programs, build=BUILD)
        self.agency.establish()
        self.terminal = Terminal(TERMINAL, self.agency, camera=False)
        self.terminal.build_stage()
        self.terminal.write_configuration(heartbeat_s=5)
        self.agency.start_broker()
        self.agency.start_collector()

    def tearDown(self):
        self.terminal.close()
        self.programs.stop_all()
        if not self._outcome.result.failures and not self._outcome.result.errors:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            print(f"kept for a look: {self.directory}")

    # -- what is looked at ------------------------------------------------------------------------------------------

    def stored(self):
        with sqlite3.connect(f"file:{self.directory}/store.db?mode=ro", uri=True, timeout=10) as database:
            return database.execute("SELECT count(*) FROM event JOIN stream USING (stream_id) WHERE terminal_id = ?",
                                    (TERMINAL,)).fetchone()[0]

    def log_of(self, name):
        return (self.agency.logs / name).read_text(errors="replace")

    def agent_log(self):
        return self.log_of(f"agent-{TERMINAL}.log")

    def sessions(self):
        """How often the broker let the terminal in."""
        return self.log_of("mosquitto.log").count(f" as {TERMINAL} ")

    def wait_stored(self, more_than=0):
        wait_until(lambda: self.stored() > more_than, "an event in the store", patience_s=60)

    def all_stored(self):
        wait_until(lambda: self.stored() == len(self.terminal.spooled()), "store and spool alike", patience_s=60,
                   every_s=0.2)

    # -- what is done -----------------------------------------------------------------------------------------------

    def ask(self, *arguments, token=None):
        """sallyport-enrol as a person or a timer runs it."""
        command = [find_program("sallyport-enrol", BUILD), "--config", self.terminal.config, "--host", "127.0.0.1",
                   "--port", self.agency.console_port, "--pause", "1", *arguments]
        return subprocess.run([str(word) for word in command], input=token, capture_output=True, text=True, timeout=180)

    def own_papers(self):
        """The terminal has nothing of the agency's yet: its copies lie in its own folder."""
        text = self.terminal.config.read_text()
        for name in ("ca.crt", "collector-signing.pub"):
            text = text.replace(f"{self.agency.ca}/{name}", f"{self.terminal.directory}/{name}")
        self.terminal.config.write_text(text)

    def as_acc(self):
        client = ConsoleClient(self.agency.console_port, self.agency.ca / "ca.crt")
        client.log_in(self.agency.users["acc"])
        return client

    # -- the tests --------------------------------------------------------------------------------------------------

    def test_given_a_revocation_when_connected_and_when_returning_then_it_is_out_within_seconds(self):
        self.terminal.enrol()
        self.terminal.start_agent()
        self.wait_stored()
        self.all_stored()
        began = time.monotonic()
        self.agency.ctl("terminals", "revoke", TERMINAL, "--reason", "stolen")
        committed = time.monotonic()
        ended = f"the session of {TERMINAL} is ended: its certificate is revoked"
        wait_until(lambda: ended in self.log_of("mosquitto.log"), "the end of the session", patience_s=10)
        seconds = time.monotonic() - began
        print(f"revoked: the running session ended {seconds:.2f} s after the command began "
              f"({time.monotonic() - committed:.2f} s after it returned)")
        self.assertLess(seconds, 5)
        wait_until(lambda: "not connected" in self.agent_log() or "closed by the broker" in self.agent_log()
                   or "connection lost" in self.agent_log(), "the agent's word of it", patience_s=10)
        before = self.stored()
        self.terminal.plug("stick", "SN-AFTER")  # still taken by the spool, and by nobody else
        wait_until(lambda: len(self.terminal.spooled()) > before, "the stick in the spool", patience_s=30)
        # The agent comes back by itself again and again, and once more as a new process.
        time.sleep(5)
        self.terminal.kill_agent()
        self.terminal.start_agent()
        time.sleep(5)
        self.assertEqual(self.stored(), before)
        self.assertEqual(self.sessions(), 1, "it was let in again")

    def test_given_a_token_when_a_person_approves_then_the_terminal_is_enrolled_and_reports(self):
        self.own_papers()
        token = self.agency.ctl("terminals", "enrol", TERMINAL).strip()
        forged = token[:-1] + ("0" if token[-1] != "0" else "1")
        ran = self.ask("--token", "-", token=forged + "\n")
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.assertIn("somebody in between", ran.stderr)
        self.assertEqual(self.agency.ctl("enrolments", "requests", "--state", "all", "--json").strip(), "[]")

        answers = []
        asking = threading.Thread(target=lambda: answers.append(self.ask("--token", "-", "--wait", "2", token=token + "\n")))
        asking.start()
        acc = self.as_acc()
        wait_until(lambda: acc.get("enrolments", state="waiting")["enrolments"], "the request", patience_s=60)
        request = acc.get("enrolments", state="waiting")["enrolments"][0]
        self.assertEqual(request["terminal_id"], TERMINAL)
        acc.post(f"enrolments/{request['id']}/approve")
        with self.assertRaises(StageError):
            acc.post(f"enrolments/{request['id']}/approve")  # once
        self.assertFalse((self.terminal.directory / "terminal.crt").exists(), "nobody has signed yet")
        self.assertIn("enrolment signed", self.agency.ctl("enrolments", "sign"))
        asking.join()
        self.assertEqual(answers[0].returncode, 0, answers[0].stderr)
        self.assertIn(request["key_sha256"], answers[0].stdout)  # what the two people compare

        # Spent: not even this terminal gets in by it again with another key.
        (self.terminal.directory / "terminal.key").rename(self.terminal.directory / "first.key")
        again = self.ask("--token", "-", token=token + "\n")
        self.assertEqual(again.returncode, 1)
        self.assertIn("not good for this terminal", again.stderr)
        (self.terminal.directory / "terminal.key").unlink()
        (self.terminal.directory / "first.key").rename(self.terminal.directory / "terminal.key")

        self.terminal.start_agent()
        self.wait_stored()
        self.all_stored()
        with sqlite3.connect(f"file:{self.directory}/store.db?mode=ro", uri=True, timeout=10) as database:
            done = [row[0] for row in database.execute(
                "SELECT action || ' ' || outcome FROM audit WHERE object_type = 'terminals' AND object_id = ? "
                "AND (action LIKE 'enrolment.%' OR action LIKE 'terminal.%') ORDER BY log_id", (TERMINAL,))]
            secrets = database.execute("SELECT count(*) FROM audit WHERE detail LIKE ?",
                                       (f"%{token.split('.')[1]}%",)).fetchone()[0]
        self.assertEqual(done, ["terminal.token success", "enrolment.request success", "enrolment.approve success",
                                "terminal.enrol success", "enrolment.request failure"])
        self.assertEqual(secrets, 0)

    def test_given_a_certificate_that_runs_out_while_it_works_then_it_is_renewed_and_no_event_is_lost(self):
        ran = subprocess.run([find_program("sallyport-agent", BUILD), "--enrol", "--config", self.terminal.config],
                             capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        folder = self.terminal.directory
        life_s = 60
        self.agency.ctl("terminals", "enrol", TERMINAL, "--csr", folder / "terminal.csr", "--out", folder / "terminal.crt",
                        "--valid-for", f"{life_s}s")
        issued = time.monotonic()
        first = (folder / "terminal.crt").read_text()
        self.terminal.start_agent()
        self.wait_stored()
        early = self.ask("--renew")
        self.assertEqual(early.returncode, 1)
        self.assertIn("first half of its life", early.stderr)

        number = 0
        while time.monotonic() < issued + life_s / 2 + 2:  # it works all the while
            self.terminal.plug("stick", f"SN-{number:03d}")
            number += 1
            time.sleep(1)
        waiting = self.ask("--renew")  # nobody has signed: it says so, and another run goes on with it
        self.assertEqual(waiting.returncode, 3, waiting.stderr)
        self.assertIn("renewal signed", self.agency.ctl("enrolments", "sign"))
        self.assertIn("renewed", self.ask("--renew").stdout)
        self.assertNotEqual((folder / "terminal.crt").read_text(), first)
        wait_until(lambda: self.sessions() == 2, "the agent under its new certificate",
                   patience_s=20)
        self.assertLess(time.monotonic(), issued + life_s, "too late to show anything")
        while time.monotonic() < issued + life_s + 5:  # past the end of the old one
            self.terminal.plug("stick", f"SN-{number:03d}")
            number += 1
            time.sleep(1)
        self.all_stored()
        self.assertEqual(self.sessions(), 2, "the connection broke")
        self.assertNotIn("has run out", self.log_of("mosquitto.log"))
        with sqlite3.connect(f"file:{self.directory}/store.db?mode=ro", uri=True, timeout=10) as database:
            lines = database.execute("SELECT seq FROM event JOIN stream USING (stream_id) WHERE terminal_id = ? ORDER BY seq",
                                     (TERMINAL,)).fetchall()
            gaps = database.execute("SELECT count(*) FROM event WHERE type IN ('server.gap', 'server.fork')").fetchone()[0]
            offline = database.execute("SELECT count(*) FROM event WHERE type = 'server.liveness' AND line LIKE ?",
                                       (f'%{TERMINAL}%"offline"%',)).fetchone()[0]
        self.assertEqual([seq for (seq,) in lines], list(range(1, len(lines) + 1)))
        self.assertEqual((gaps, offline), (0, 0))

        # A revocation reaches every certificate of the key, the old one too.
        self.agency.ctl("terminals", "revoke", TERMINAL, "--reason", "test")
        listed = subprocess.run(["openssl", "crl", "-in", str(self.agency.ca / "crl.pem"), "-noout", "-text"],
                                capture_output=True, text=True, check=True).stdout
        self.assertEqual(listed.count("Serial Number"), 3)  # one is the probe with which the broker is tried


if __name__ == "__main__":
    unittest.main()
