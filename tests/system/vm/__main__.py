# SPDX-License-Identifier: Apache-2.0
"""Sets site and machine up, does what a table lists (terminal_facts, package_facts), and prints: fact, seconds, verdict."""

import argparse
import pathlib
import shutil
import signal
import sys
import time

from stage.agency import Agency
from stage.processes import Programs, StageError, wait_until

from .guest import BOOT_S, Guest
from .image import image_for
from .lab import Lab
from .package_facts import PACKAGES
from .previous import write_previous
from .soak_facts import SOAK
from .terminal import HOST, GuestTerminal
from .terminal_facts import TERMINAL

HERE = pathlib.Path(__file__).resolve().parent
TABLES = {"terminal": TERMINAL, "packages": PACKAGES, "soak": SOAK}


def set_up(cache, packages, programs, time_lapse=False):
    run = cache / "run"
    shutil.rmtree(run, ignore_errors=True)
    share = Lab.lay_out(run)
    for file in [*packages, HERE / "gadget.sh"]:
        shutil.copy(file, share)
    for package in packages:
        write_previous(package, share)
    agency = Agency(run / "site", programs, build="package", hosts=[HOST])
    agency.establish()
    agency.start_broker()
    agency.start_collector()
    guest = Guest(image_for(packages, cache), share, programs, agency.logs, time_lapse)
    return Lab(guest, GuestTerminal(guest, agency, packages), agency, run)


def missing_of(fact, lab, mark):
    """What of it has not come (yet), in words. The guest is asked last: that costs it seconds."""
    events = lab.store.since(mark)
    missing = [condition.what for condition in fact.expects if not condition.asks_guest and not condition(lab, events)]
    return missing or [condition.what for condition in fact.expects if condition.asks_guest and not condition(lab, events)]


def judge(fact, lab):
    """(seconds from the act to the last condition, what is missing)."""
    started = time.monotonic()
    try:
        fact.before(lab)
        mark, started = lab.store.last(), time.monotonic()
        fact.act(lab)
        wait_until(lambda: not missing_of(fact, lab, mark), fact.what, fact.patience_s * lab.slowness, every_s=0.05)
        return time.monotonic() - started, []
    except (StageError, AssertionError) as failure:
        missing = missing_of(fact, lab, mark) if "mark" in locals() else []
        return time.monotonic() - started, [str(failure), *missing]


def examine(lab, facts):
    counts = {"ok": 0, "MISSING": 0, "SKIPPED": 0}
    for fact in facts:
        if reason := fact.skipped(lab):
            row, seconds, details = "SKIPPED", "", [reason]
        else:
            took, details = judge(fact, lab)
            row, seconds = "MISSING" if details else "ok", f"{took:.1f}"
        counts[row] += 1
        print(f"  {fact.what:75} {seconds:>7} {'s' if seconds else ' '}  {row}", flush=True)
        for line in details + lab.take_notes():
            print(f"      {line}", flush=True)
    print(f"\n{counts['ok']} facts held, {counts['MISSING']} missing, {counts['SKIPPED']} skipped", flush=True)
    return 1 if counts["MISSING"] else 0


def main():
    parser = argparse.ArgumentParser(prog="script/test-vm")
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--table", choices=TABLES, required=True)
    parser.add_argument("packages", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    programs = Programs()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        lab = set_up(options.cache.resolve(), [package.resolve() for package in options.packages], programs,
                     time_lapse=options.table == "soak")
        booted = time.monotonic()
        lab.guest.start()
        took = time.monotonic() - booted
        lab.slowness = max(1.0, took / BOOT_S)
        print(f"\nthe machine is up after {took:.1f} s\n", flush=True)
        return examine(lab, TABLES[options.table])
    except StageError as failure:
        print(f"test-vm: {failure}", file=sys.stderr)
        return 3
    finally:
        programs.stop_all()


if __name__ == "__main__":
    sys.exit(main())
