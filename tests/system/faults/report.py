# SPDX-License-Identifier: Apache-2.0
"""The matrix as a table for the terminal and as the page docs/faults.md."""

import datetime
import os
import pathlib
import platform
import subprocess

HEAD = """# Fault matrix

`script/test --faults` breaks each of these under the real programs (agent, mosquitto, collector; only the hardware is
emulated) and then compares three things that know nothing of each other: the sticks that the generator plugged, the
numbers the spool's file holds, and the store. A row holds when every spooled line is in the store exactly once with the same
leaf, every unknown stick has raised exactly one alert, and what the store says of gaps is what this fault explains.
The time to recover runs from the end of the fault (the command that starts the program again included) until everything
spooled by then is stored.

"""

COLUMNS = ["fault", "rounds", "events", "lost", "doubled", "alerts", "gaps", "recovery median / max", "holds"]


def cells(result):
    recovery = result["recovery_s"]
    gaps = ", ".join(f"{count} {kind}" for kind, count in sorted(result["gaps"].items())) or "none"
    return [result["fault"], str(result["rounds"]), str(result["lines"]), str(result["lost"]), str(result["doubled"]),
            f"{result['alerts']} of {result['alerts_expected']}", gaps,
            f"{recovery['median']} / {recovery['max']} s" if recovery else "-",
            "skipped" if result["skipped"] else "yes" if result["holds"] else "NO"]


def remarks(results):
    for result in results:
        for text in filter(None, [result["skipped"] and f"skipped: {result['skipped']}", *result["unexplained"],
                                  result["note"]]):
            yield result["fault"], text


def table(results):
    texts = [COLUMNS, *[cells(result) for result in results]]
    widths = [max(len(text[i]) for text in texts) for i in range(len(COLUMNS))]
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(text, widths)).rstrip() for text in texts]
    rows.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*rows, *[f"{fault}: {text}" for fault, text in remarks(results)]])


def machine():
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) >> 20
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    load = os.getloadavg()[0]
    return (f"{datetime.date.today()}, commit {commit}: {os.cpu_count()} cores, {memory} GiB, Linux {platform.release()}, "
            f"load average {load:.1f} at the end.")


def markdown(results):
    total = sum(one["rounds"] for one in results if one["fault"].startswith("kill-"))
    rows = ["| " + " | ".join(cells(result)) + " |" for result in results]
    return (HEAD + f"Last run: {machine()} kill -9: {total} rounds.\n\n| " + " | ".join(COLUMNS) + " |\n|" +
            " --- |" * len(COLUMNS) + "\n" + "\n".join(rows) + "\n\n## What each row does\n\n" +
            "\n".join(f"- **{one['fault']}**: {one['what']}." for one in results) + "\n\n## Remarks\n\n" +
            "\n".join(f"- {fault}: {text}" for fault, text in remarks(results)) + "\n")
