# SPDX-License-Identifier: Apache-2.0
"""How fast rules are judged on one core, beside what only reading and scanning the same events costs."""

import json
import subprocess

from stage.agency import ROOT

SIGMA = ROOT.parent / "shared" / "sigma"
RULES = ROOT / "rules" / "physical-protection"


def measure():
    command = [ROOT / "build" / "release" / "tests" / "bench" / "bench-rules", "--own", RULES]
    if SIGMA.exists():
        command += ["--sigma", SIGMA]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {one["what"]: one for one in map(json.loads, output.splitlines())}


def row(figures, what, target=""):
    one = figures[what]
    made = {"what": what, "figure": round(one["figure"], 1), "unit": one["unit"], "target": target}
    if one.get("beside", what) != what:
        made |= {"beside": one["beside"], "ratio": round(one["ratio"], 2)}
    return made


def run():
    figures = measure()
    rows = []
    if SIGMA.exists():
        for rules, target in (("100 rules", ">= 600"), ("1000 rules", ">= 400"), ("1482 rules", "")):
            rows.append(row(figures, f"limit: read, beside {rules}"))
            rows.append(row(figures, f"limit: read, fold, scan, {rules}"))
            rows.append(row(figures, f"lines judged, {rules}", target))
        rows.append(row(figures, "rules read and compiled", "< 1000"))
        rows += [row(figures, what) for what in ("rules read", "rules", "index, a rule", "memory, a rule")]
    else:
        print("bench: ../shared/sigma is absent: only our own rules and events")
    rows.append(row(figures, "own limit: read"))
    for what in ("own: lines judged", "own: records judged", "own: records through the whole engine"):
        rows.append(row(figures, what, ">= 1000"))
    return rows
