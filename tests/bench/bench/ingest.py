# SPDX-License-Identifier: Apache-2.0
"""Durable events a second (SQLite FULL, TLS, chain and signature verified, rules on), in rounds that take turns with a raw
subscriber that counts, one that also verifies a signature a message, and a naive consumer that commits each message.
Publisher and broker are on the same cores; the publisher signed everything beforehand.

Also at a large store (SALLYPORT_BENCH_STORED events in it, by default a million; the target speaks of ten)."""

import json
import os
import statistics
import subprocess
import time

from stage.agency import find_program

from . import site
from .large_store import fill

ROUNDS = int(os.environ.get("SALLYPORT_BENCH_ROUNDS", "5"))
TERMINALS = 8
SIZES = [(20, 10_000), (1, 1_500)]  # (events a message, events a terminal)
STORED = int(os.environ.get("SALLYPORT_BENCH_STORED", "1000000"))
# Quoted from measurements of another day on this class of machine, QoS 1 without TLS, SQLite FULL: no run of ours.
NODE_RED = {20: 15_700, 1: 4_800}


def consume(made, terminals, events, per_message, *how):
    """A subscriber of libmosquitto instead of the collector; the publisher believes the broker."""
    total = events * TERMINALS
    counter = subprocess.Popen(
        [str(word) for word in (find_program("bench-subscriber", "release"), "--port", made.mqtt_port, "--ca",
                                made.ca / "ca.crt", "--certificate", made.ca / "collector-receive.crt", "--key",
                                made.ca / "collector-receive.key", "--expect", total, *how)],
        stdout=subprocess.PIPE, text=True)
    assert counter.stdout.readline().strip() == "ready"
    subprocess.run(site.fleet(made, terminals, "--events", events, "--per-message", per_message, "--prepare", "--no-ack"),
                   capture_output=True, text=True)
    counted = json.loads(counter.communicate(timeout=300)[0].splitlines()[-1])
    return counted["events_per_second"], counted["cpu_us_per_event"]


def store(made, terminals, events, per_message):
    made.start_collector()
    before = site.cpu_seconds(made.collector.pid)
    sent = subprocess.run(site.fleet(made, terminals, "--events", events, "--per-message", per_message, "--prepare",
                                     "--patience", 300), capture_output=True, text=True)
    if sent.returncode != 0:
        raise site.StageError(f"bench-fleet: {sent.stderr.strip()}; see {made.collector.log}")
    used = site.cpu_seconds(made.collector.pid) - before
    made.collector.stop()
    made.programs.forget(made.collector)
    return json.loads(sent.stdout.splitlines()[-1])["events_per_second"], used * 1e6 / (events * TERMINALS)


def median_of(rounds):
    return [statistics.median(one[i] for one in rounds) for i in (0, 1)]


def beside(what, ours, others, target):
    rate, cpu = ours
    for name, (other_rate, other_cpu) in others.items():
        yield {"what": what, "figure": round(rate), "unit": "events/s", "beside": f"{name} {round(other_rate)}",
               "ratio": round(rate / other_rate, 2), "target": target.get(name, "")}
    name, (_, other_cpu) = next(iter(others.items()))
    yield {"what": f"{what}, collector's CPU", "figure": round(cpu, 1), "unit": "us/event",
           "beside": f"{name} {round(other_cpu, 1)}", "ratio": round(cpu / other_cpu, 2)}


def run():
    rows = []
    with site.agency() as made:
        terminals = site.register_terminals(made, TERMINALS)
        made.start_broker()
        naive_store = made.directory / "naive.db"
        for per_message, events in SIZES:
            rounds = {"counting": [], "verifying": [], "naive": [], "ours": []}
            for _ in range(ROUNDS):
                rounds["counting"].append(consume(made, terminals, events, per_message))
                rounds["verifying"].append(consume(made, terminals, events, per_message, "--verify"))
                rounds["naive"].append(consume(made, terminals, events, per_message, "--store", naive_store))
                rounds["ours"].append(store(made, terminals, events, per_message))
            medians = {name: median_of(one) for name, one in rounds.items()}
            others = {"counting + verifying subscriber": medians["verifying"], "counting subscriber": medians["counting"],
                      "naive consumer, a commit a message": medians["naive"]}
            rows += beside(f"durable, {per_message} a message", medians["ours"], others,
                           {"counting + verifying subscriber": ">= 60 k/s" if per_message > 1 else "ratio >= 0.7"})
            rows.append({"what": f"durable, {per_message} a message", "figure": round(medians["ours"][0]), "unit": "events/s",
                         "beside": f"Node-RED {NODE_RED[per_message]} (quoted, another day)",
                         "ratio": round(medians["ours"][0] / NODE_RED[per_message], 2)})
        began = time.monotonic()
        fill(made.store, STORED)
        took = time.monotonic() - began
        small = rows[0]["figure"]
        large = median_of([store(made, terminals, SIZES[0][1], SIZES[0][0]) for _ in range(ROUNDS)])
        rows.append({"what": f"durable, 20 a message, {STORED:,} events stored", "figure": round(large[0]),
                     "unit": "events/s", "beside": f"the nearly empty store {small}", "ratio": round(large[0] / small, 2),
                     "target": ">= 30 k/s at 10,000,000"})
        rows.append({"what": "filling the store beforehand", "figure": round(took), "unit": "s"})
    return rows
