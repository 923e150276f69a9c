# SPDX-License-Identifier: Apache-2.0
"""A thousand simulated terminals with keys, chains and connections of their own, all thrown out in the same moment."""

import json
import pathlib
import time

from stage.agency import ORI, find_program
from stage.crowd import enrol_crowd
from stage.processes import wait_until

from .rows import row, scene

TERMINALS = 1000
RATE_PER_S = 500


@row("crowd", f"{TERMINALS} terminals lose the broker (kill -9) in the same moment and come back, {RATE_PER_S} events/s", rounds=2)
def crowd(build, rounds):
    def prepare(made):
        made.before_start = lambda: setattr(made, "listed", enrol_crowd(made.agency, TERMINALS))

    with scene("crowd", build, prepare) as made:
        agency = made.agency
        log = agency.logs / "fleet.log"
        fleet = made.programs.start("bench-fleet", [
            find_program("bench-fleet", build), "--port", agency.mqtt_port, "--ca", agency.ca / "ca.crt", "--ori", ORI,
            "--collector-key", agency.ca / "collector-signing.pub", "--terminals", made.listed, "--rate", RATE_PER_S,
            "--per-message", "1", "--patience", "300"], log)

        def latest():
            lines = [line for line in log.read_text().splitlines() if line.endswith("}")]
            return json.loads(lines[-1]) if lines else {}

        wait_until(lambda: latest().get("settled") == TERMINALS, "every terminal at work", patience_s=300, every_s=0.2)
        for _ in range(rounds):
            time.sleep(5)
            agency.kill("broker")
            wait_until(lambda: latest().get("connected") == 0, "every terminal thrown out", patience_s=60, every_s=0.2)
            since = time.monotonic()
            agency.start_broker()
            wait_until(lambda: latest().get("settled") == TERMINALS and latest()["backlog"] < 2 * TERMINALS,
                       "every terminal back and without a backlog", patience_s=300, every_s=0.1)
            made.verdict.recoveries_s.append(time.monotonic() - since)
            made.verdict.rounds += 1
        fleet.stop(patience_s=300)
        made.programs.forget(fleet)
        end = json.loads(log.read_text().splitlines()[-1])
        if not end["finished"] or end["forked"]:
            made.verdict.unexplained.append(f"the fleet ended with {end}")
        made.judge()
        made.verdict.lines = made.store("SELECT count(*) FROM event JOIN stream USING (stream_id) WHERE terminal_id LIKE 'B-%'")[0][0]
        made.verdict.lost = int(end["events"]) - made.verdict.lines
        made.verdict.note = (f"{end['events']} acknowledged, {end['resent']} sent again; latency from spool to acknowledgement "
                             f"{end['latency'].get('p50_ms', 0):.0f} ms median, the outage included")
    return made.verdict
