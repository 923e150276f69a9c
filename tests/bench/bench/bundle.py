# SPDX-License-Identifier: Apache-2.0
"""An evidence bundle of 10,000 lines: what making and verifying it takes, beside plain SHA-256 over its bytes.

With one line a batch each line has a signature of its own to be checked; with 300 one signature vouches for 300.
"""

import json
import subprocess
import tempfile

from stage.agency import find_program

from . import site


def run():
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run([find_program("bench-bundle", "release"), folder], capture_output=True, text=True)
    if ran.returncode != 0:
        raise site.StageError(ran.stderr.strip() or f"bench-bundle: exit {ran.returncode}")
    rows = []
    for made in map(json.loads, ran.stdout.splitlines()):
        of = f"bundle of {made['events']:,} lines, {made['batch_size']} a batch, {made['bytes'] / 1e6:.0f} MB"
        rows.append({"what": of + ": verified", "figure": round(made["verify_ms"]), "unit": "ms",
                     "beside": f"SHA-256 of the file: {made['sha256_ms']:.0f} ms",
                     "ratio": round(made["verify_ms"] / made["sha256_ms"], 1), "target": "< 1,000"})
        rows.append({"what": of + ": made", "figure": round(made["make_ms"]), "unit": "ms"})
    return rows
