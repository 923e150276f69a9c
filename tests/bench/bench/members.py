# SPDX-License-Identifier: Apache-2.0
"""Ten thousand terminals that are all expected: what the collector's rooms need for two hours of their life, and whether
each of those that fall silent is missed in the second in which it is due.

The rooms are the collector's own, driven by the quiet queue's program on a clock of its own; broker, TLS and API are not
in the figure.
"""

import csv
import json
import os
import subprocess
import time

from quiet_queue import county
from quiet_queue.agency import digest
from quiet_queue.timeline import event_id
from stage.agency import ORI, ROOT, find_program

from . import site

TERMINALS = 10_000
SILENT = 50
HOUR_MS, MINUTE_MS = 3_600_000, 60_000
WAITS_S = (600, 1800, 3300)  # AGT-01's own, in working hours
START = {"version": "0.1.0", "sha256": "0" * 64, "reason": "boot", "batch_key": "AAAA", "batch_key_cert": "AAAA"}
CAUSE = {"cause": "user"}


def name_of(number):
    return f"M-{number:05d}"


def line(terminal, seq, at):
    type = "agent.start" if seq == 1 else ("session.unlock", "session.lock")[seq % 2]
    person = {} if seq == 1 else {"session_id": "2", "operator_account": f"op-{terminal}"}
    return json.dumps({"schema": "event/1", "event_id": event_id(terminal, at, seq), "terminal_id": terminal,
                       "agent_instance": digest(terminal)[:32], "boot_id": digest("boot", terminal)[:32], "seq": seq,
                       "type": type, "occurred_at": county.text(at), "observed_at": county.text(at),
                       "mono_ms": seq * 1000, "clock": "synced", "outcome": "success", "config_sha256": "0" * 64, **person,
                       "nonce": digest("nonce", terminal, seq)[:32], "body": START if seq == 1 else CAUSE},
                      separators=(",", ":"))


def born_at(number, start):
    return start + number * MINUTE_MS // TERMINALS


def silent_at(number, start):
    """Nothing for those that stay."""
    return start + HOUR_MS // 2 + number * 1_700 if number < SILENT else None


def last_heard(number, start):
    """Heartbeats come each minute, from the birth on."""
    born = born_at(number, start)
    return born + (silent_at(number, start) - born) // MINUTE_MS * MINUTE_MS


def life_of(number, start):
    terminal, instance, born = name_of(number), digest(name_of(number))[:32], born_at(number, start)
    silent = silent_at(number, start)
    yield {"at": born, "do": "birth", "terminal": terminal, "instance": instance, "seq": 1}
    for seq in range(1, 13):  # an event every ten minutes
        at = born + 200 + (seq - 1) * 10 * MINUTE_MS
        if silent is None or at < silent:
            yield {"at": at, "do": "batch", "terminal": terminal, "instance": instance, "first_seq": seq,
                   "lines": [line(terminal, seq, at)]}
    if silent is not None:
        yield {"at": silent, "do": "will", "terminal": terminal}


def write_registers(made):
    rows = [site.terminal_row(name_of(number), number) for number in range(TERMINALS)]
    for number, row in enumerate(rows):
        row["clets_mnemonic"] = f"M{number:05d}"
    with open(made.directory / "members.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    made.ctl("terminals", "import", made.directory / "members.csv")
    made.ctl("rules", "live", "--site", "HQ", "--reason", "benchmark")


def simulate(made, start):
    actions = sorted((action for number in range(TERMINALS) for action in life_of(number, start)),
                     key=lambda action: action["at"])
    with open(made.directory / "actions.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(action, separators=(",", ":")) + "\n" for action in actions)
    command = [find_program("quiet_queue", "release"), made.directory / "store.db", ORI,
               ROOT / "rules" / "physical-protection", start, start + 2 * HOUR_MS + 60_000]
    with open(made.directory / "actions.jsonl") as source, open(made.directory / "reports.jsonl", "w") as target:
        process = subprocess.Popen([str(word) for word in command], stdin=source, stdout=target)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise site.StageError(f"quiet_queue: exit {process.returncode}")
    return usage, [json.loads(text) for text in open(made.directory / "reports.jsonl", encoding="utf-8")]


def run():
    with site.agency() as made:
        write_registers(made)
        start = (int(time.time()) // 60 + 10) * 60_000
        usage, reports = simulate(made, start)
    raised = [(int(one["terminal"][2:]), one["condition_at"]) for one in reports
              if one.get("rule") == "AGT-01" and one["terminal"].startswith("M-")]
    found = {number for number, _ in raised if number < SILENT}
    off = [min(abs(at - last_heard(number, start) - wait * 1000) for wait in WAITS_S) for number, at in raised
           if number < SILENT]
    return [
        {"what": f"{TERMINALS} terminals, resident at most", "figure": round(usage.ru_maxrss / 1024), "unit": "MiB",
         "beside": "", "ratio": "", "target": "< 300"},
        {"what": "CPU for two hours of them", "figure": round(usage.ru_utime + usage.ru_stime, 1), "unit": "s"},
        {"what": "silent ones missed", "figure": len(found), "unit": f"of {SILENT}", "target": f"{SILENT}"},
        {"what": "others missed", "figure": len({number for number, _ in raised}) - len(found), "unit": "", "target": "0"},
        {"what": "furthest from the rule's wait", "figure": max(off, default=0) / 1000, "unit": "s", "target": "< 1"},
    ]
