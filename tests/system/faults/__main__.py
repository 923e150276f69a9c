# SPDX-License-Identifier: Apache-2.0
"""The fault matrix: each row breaks something under real programs, and every event must be stored once, every alert raised
once, every gap explained. Prints the table; JSON and the page of docs/ where asked.

usage: python3 -m faults [--build release] [--rounds N | --quick] [--json FILE] [--markdown FILE] [--list] [ROW...]
"""

import argparse
import json
import os
import pathlib
import sys
import time

from . import crashes, lines, disks, clocks, corruption, certificates, crowd  # noqa: F401 (they fill the list)
from .report import markdown, table
from .rows import ROWS
from .scene import Verdict

QUICK_ROUNDS = 2


def run(name, build, rounds):
    fault, function, usual = ROWS[name]
    started = time.monotonic()
    try:
        verdict = function(build, rounds or usual)
    except Exception as failure:  # a row that cannot go on is a row that does not hold; the others still run
        verdict = Verdict(name)
        verdict.unexplained.append(f"{type(failure).__name__}: {failure}")
    return {**verdict.as_json(), "what": fault, "took_s": round(time.monotonic() - started)}


def main():
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--build", default=os.environ.get("SALLYPORT_BUILD", "release"))
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("SALLYPORT_ROUNDS", "0")),
                        help="of each row (default: the row's own)")
    parser.add_argument("--quick", action="store_const", dest="rounds", const=QUICK_ROUNDS, help="two rounds of each row")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        for name, (fault, _, rounds) in ROWS.items():
            print(f"{name:22}{rounds:4}  {fault}")
        return 0
    if unknown := [name for name in options.rows if name not in ROWS]:
        print(f"faults: no such row: {', '.join(unknown)}; --list names them", file=sys.stderr)
        return 2
    results = []
    for name in options.rows or ROWS:
        print(f"{time.strftime('%H:%M:%S')} {name}: {ROWS[name][0]}", flush=True)
        results.append(run(name, options.build, options.rounds))
    print(table(results))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    if options.markdown:
        options.markdown.write_text(markdown(results))
    if len(results) == 1 and results[0]["skipped"]:
        print(f"SKIPPED: {results[0]['fault']}: {results[0]['skipped']}")
    return 0 if all(one["holds"] or one["skipped"] for one in results) else 1


sys.exit(main())
