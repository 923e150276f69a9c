# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks named on the command line, prints a table and keeps the figures as JSON."""

import json
import pathlib
import sys

from . import agent, bundle, camera, evidence_log, ingest, latency, members, rules, soak, usb_peer
from stage.agency import ROOT
from stage.processes import StageError

BENCHES = {"ingest": ingest.run, "latency": latency.run, "agent": agent.run, "camera": camera.run,
           "rules": rules.run, "members": members.run, "evidence": lambda: evidence_log.run() + bundle.run(),
           "soak": soak.run, "usb": usb_peer.run}


def print_table(rows):
    columns = ["what", "figure", "unit", "beside", "ratio", "target"]
    texts = [[str(row.get(column, "")) for column in columns] for row in rows]
    widths = [max(len(text[i]) for text in [columns, *texts]) for i in range(len(columns))]
    for text in [columns, ["-" * width for width in widths], *texts]:
        print("  ".join(cell.ljust(width) for cell, width in zip(text, widths)).rstrip())


def main():
    names = sys.argv[1:] or [name for name in BENCHES if name != "usb"]  # needs root, and a virtual machine
    if unknown := [name for name in names if name not in BENCHES]:
        print(f"bench: no such benchmark: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        print(f"\n== {name}", flush=True)
        try:
            rows = BENCHES[name]()
        except StageError as failure:
            print(f"bench: {failure}", file=sys.stderr)
            return 3
        print_table(rows)
        (folder / f"{name}.json").write_text(json.dumps(rows, indent=2) + "\n")
    return 0


sys.exit(main())
