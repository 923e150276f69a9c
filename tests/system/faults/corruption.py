# SPDX-License-Identifier: Apache-2.0
"""Bytes of spool and store that are not what was written."""

import shutil
import sqlite3
import subprocess
import time

from stage.agency import find_program
from stage.processes import wait_until

from .rows import row, scene

PAGE = 4096


def flip_pages(file, dice, count=12):
    """Garbles a stretch of so many pages behind the first one, the last one with it."""
    size = file.stat().st_size
    pages = range(1, size // PAGE)
    with open(file, "r+b") as opened:
        for page in {*dice.sample(pages, min(count, len(pages))), pages[-1]}:
            opened.seek(page * PAGE + dice.randrange(0, PAGE - 64))
            garbled = bytes(byte ^ 0x5A for byte in opened.read(64))
            opened.seek(-64, 1)
            opened.write(garbled)


@row("spool-corrupt", "bytes of the spool are flipped while the agent is dead and sticks wait unsent", rounds=3)
def spool_corrupt(build, rounds):
    with scene("spool-corrupt", build) as made:
        for _ in range(rounds):
            made.plug(3)
            made.take_all_out()
            made.agency.kill("broker")
            made.plug(2)
            wait_until(lambda: len(made.sticks_ever_spooled()) == len(made.plugged), "the sticks in the spool")
            time.sleep(0.5)
            made.terminal.kill_agent()
            fold_write_ahead_log(made.terminal.spool)
            flip_pages(made.terminal.spool, made.random)
            made.agency.start_broker()
            since = time.monotonic()
            made.terminal.start_agent()
            # The ledger starts anew with the new spool; what stays plugged is found at its start.
            made.taken_out = len(made.plugged) - 2
            wait_until(lambda: len(kept_aside(made)) > made.verdict.rounds and made.terminal.spool.exists(),
                       "the old spool to be moved aside", 60)
            wait_until(lambda: sticks_of_a_new_spool(made) >= 2, "the new spool", 60)
            for serial in made.plugged[made.taken_out:]:
                made.terminal.unplug("stick", serial)
            made.recovered(since)
            made.taken_out = len(made.plugged)
            made.verdict.rounds += 1
        aside = kept_aside(made)
        made.verdict.note = f"{len(aside)} spools kept aside; each new instance is told and alerted as not following"
        if len(aside) != made.verdict.rounds:
            made.verdict.unexplained.append(f"{len(aside)} spools kept of {made.verdict.rounds}")
        made.judge(gaps={"server.instance": made.verdict.rounds, "server.gap": lambda found: True})
    return made.verdict


def kept_aside(made):
    return list(made.terminal.directory.glob("spool.db.replaced-*[0-9]"))


def sticks_of_a_new_spool(made):
    try:
        return len(made.spooled_sticks())
    except sqlite3.OperationalError:  # its tables are being made
        return 0


def fold_write_ahead_log(file):
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@row("store-corrupt", "bytes of the store are flipped while the collector is dead; the last copy is put back")
def store_corrupt(build, rounds):
    with scene("store-corrupt", build) as made:
        for _ in range(rounds):
            made.plug(10)
            made.take_all_out()
            made.recovered(time.monotonic())
            copy = made.directory / "store.copy"
            with sqlite3.connect(made.agency.store) as source, sqlite3.connect(copy) as target:
                source.backup(target)
            made.plug(10)  # after the copy: only the agent has them then
            made.take_all_out()
            made.recovered(time.monotonic())
            made.agency.kill("collector")
            fold_write_ahead_log(made.agency.store)
            flip_pages(made.agency.store, made.random, count=40)
            refused = subprocess.run(
                [find_program("sallyport-collector", build), "--config", made.agency.config],
                capture_output=True, text=True, timeout=60)
            if refused.returncode == 0 or not any(word in refused.stderr for word in ("store", "malformed")):
                made.verdict.unexplained.append(
                    f"a corrupt store is opened: exit {refused.returncode}: {refused.stderr.strip()[-200:]}")
            for part in ("", "-wal", "-shm"):
                made.agency.store.with_name(made.agency.store.name + part).unlink(missing_ok=True)
            shutil.copy(copy, made.agency.store)
            made.agency.store.chmod(0o600)
            since = time.monotonic()
            made.agency.start_collector()
            made.recovered(since)
            made.verdict.rounds += 1
        made.verdict.note = "the collector refuses the corrupt file by name; the agents send again what the copy lacks"
        made.judge()
    return made.verdict
