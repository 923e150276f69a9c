# SPDX-License-Identifier: Apache-2.0
"""Disks that are full, or turn read-only under open files: the agent's spool, then the collector's store."""

import time

from stage.processes import wait_until

from .rows import row, scene
from .volume import Volume
from .scene import Verdict

AWAY_S = 3  # how long the disk takes nothing


def skipped(name):
    if why := Volume.why_not():
        verdict = Verdict(name)
        verdict.skipped = why
        return verdict
    return None


def on_volume(made):
    made.volume = Volume(made.directory / "volume", made.directory / "volume.img")
    made.closers.append(made.volume.close)


def spool_on_volume(made):
    on_volume(made)
    made.terminal.spool = made.volume.folder / "spool.db"


def store_on_volume(made):
    on_volume(made)
    made.agency.store = made.volume.folder / "store.db"


@row("spool-full", "no block is left for the spool for 3 s while sticks are plugged", rounds=5)
def spool_full(build, rounds):
    if verdict := skipped("spool-full"):
        return verdict
    with scene("spool-full", build, spool_on_volume) as made:
        for _ in range(rounds):
            made.volume.fill()
            made.plug(3)
            time.sleep(AWAY_S)
            since = time.monotonic()
            made.volume.free()
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict


@row("spool-read-only", "the spool's disk turns read-only; a person repairs it and starts the agent again", rounds=3)
def spool_read_only(build, rounds):
    if verdict := skipped("spool-read-only"):
        return verdict
    with scene("spool-read-only", build, spool_on_volume) as made:
        for _ in range(rounds):
            made.plug(2)
            made.volume.turn_read_only()
            made.plug(2)
            time.sleep(AWAY_S)
            made.terminal.agent.stop()
            made.programs.forget(made.terminal.agent)
            made.volume.repair()
            since = time.monotonic()
            made.terminal.start_agent()
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict


@row("store-full", "no block is left for the store for 3 s while sticks are plugged", rounds=5)
def store_full(build, rounds):
    if verdict := skipped("store-full"):
        return verdict
    with scene("store-full", build, store_on_volume) as made:
        for _ in range(rounds):
            made.volume.fill()
            made.plug(3)
            time.sleep(AWAY_S)
            since = time.monotonic()
            made.volume.free()
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge(gaps={"store.failure": lambda found: found >= 1})
    return made.verdict


@row("store-read-only", "the store's disk turns read-only; a person repairs it and starts the collector again", rounds=3)
def store_read_only(build, rounds):
    if verdict := skipped("store-read-only"):
        return verdict
    with scene("store-read-only", build, store_on_volume) as made:
        for _ in range(rounds):
            made.plug(2)
            made.volume.turn_read_only()
            made.plug(2)
            time.sleep(AWAY_S)
            made.agency.collector.stop()
            made.programs.forget(made.agency.collector)
            made.volume.repair()
            since = time.monotonic()
            made.agency.start_collector()
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge(gaps={"store.failure": lambda found: True})
    return made.verdict
