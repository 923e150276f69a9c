# SPDX-License-Identifier: Apache-2.0
"""What the evidence log costs: hashing into the tree beside hashing alone, storing with the tree beside storing without it."""

import json
import subprocess

from stage.agency import ROOT


def run():
    program = ROOT / "build" / "release" / "tests" / "bench" / "bench-evidence-log"
    output = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    rows = []
    for one in map(json.loads, output.splitlines()):
        row = {"what": one["what"], "figure": round(one["figure"], 1), "unit": one["unit"], "target": one.get("target", "")}
        if "beside" in one:
            row |= {"beside": one["beside"], "ratio": round(one["ratio"], 2)}
        rows.append(row)
    return rows
