# SPDX-License-Identifier: Apache-2.0
"""Durable events a second (SQLite FULL, TLS, chain and signature verified, rules on), beside a subscriber that only
counts the same messages over the same broker, in rounds that take turns. Publisher and broker are on the same cores."""

import json
import statistics
import subprocess

from stage.agency import find_program

from . import site

ROUNDS = 3
TERMINALS = 4
SIZES = [(20, 15000), (1, 2500)]  # (events a message, events a terminal)


def count_only(made, terminals, events, per_message):
    """The limit: a subscriber that counts, and verifies one signature a message."""
    total = events * TERMINALS
    counter = subprocess.Popen(
        [str(word) for word in (find_program("bench-subscriber", "release"), "--port", made.mqtt_port, "--ca",
                                made.ca / "ca.crt", "--certificate", made.ca / "collector-receive.crt", "--key",
                                made.ca / "collector-receive.key", "--expect", total, "--verify")],
        stdout=subprocess.PIPE, text=True)
    assert counter.stdout.readline().strip() == "ready"
    sent = subprocess.run(site.publisher(made, terminals, events, per_message, wait_for_ack=False),
                          capture_output=True, text=True, check=True)
    counted = json.loads(counter.communicate(timeout=120)[0].splitlines()[-1])
    return json.loads(sent.stdout)["events_per_second"], counted["cpu_us_per_event"]


def store(made, terminals, events, per_message):
    made.start_collector()
    before = site.cpu_seconds(made.collector.pid)
    sent = subprocess.run(site.publisher(made, terminals, events, per_message), capture_output=True, text=True)
    if sent.returncode != 0:
        raise site.StageError(f"bench-publisher: {sent.stderr.strip()}; see {made.collector.log}")
    used = site.cpu_seconds(made.collector.pid) - before
    made.collector.stop()
    made.programs.forget(made.collector)
    return json.loads(sent.stdout)["events_per_second"], used * 1e6 / (events * TERMINALS)


def run():
    rows = []
    with site.agency() as made:
        terminals = site.register_terminals(made, TERMINALS)
        made.start_broker()
        for per_message, events in SIZES:
            rounds = [(count_only(made, terminals, events, per_message), store(made, terminals, events, per_message))
                      for _ in range(ROUNDS)]
            limit, ours = (statistics.median(one[i][0] for one in rounds) for i in (0, 1))
            limit_cpu, our_cpu = (statistics.median(one[i][1] for one in rounds) for i in (0, 1))
            rows += [
                {"what": f"durable, {per_message} a message", "figure": round(ours), "unit": "events/s",
                 "beside": f"counting + verifying subscriber {round(limit)}", "ratio": round(ours / limit, 2),
                 "target": ">= 60 k/s" if per_message > 1 else "ratio >= 0.7"},
                {"what": f"collector CPU, {per_message} a message", "figure": round(our_cpu, 1), "unit": "us/event",
                 "beside": f"counting + verifying subscriber {round(limit_cpu, 1)}",
                 "ratio": round(our_cpu / limit_cpu, 2), "target": ""},
            ]
    return rows
