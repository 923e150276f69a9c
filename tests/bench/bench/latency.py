# SPDX-License-Identifier: Apache-2.0
"""From the plug (a uevent to the agent) to the alert in an open console: quiet, with other terminals busy in the background,
while 10,000 rows of a register are imported, and while a rule is rehearsed over a long past (SALLYPORT_BENCH_STORED events,
default a million; the target speaks of ten).

The console is read over its live stream, as the page does; drawing a changed row is the browser's, and is not in it.
"""

import csv
import os
import statistics
import subprocess
import time

from site_files import example
from stage.agency import find_program
from stage.console_client import ConsoleClient, LiveStream
from stage.processes import wait_until
from stage.terminal import Terminal

from . import site
from .large_store import fill

PLUGS = int(os.environ.get("SALLYPORT_BENCH_PLUGS", "40"))
BACKGROUND_PER_S = 5000
BACKGROUND_TERMINALS = 4
IMPORTED = 10_000
STORED = int(os.environ.get("SALLYPORT_BENCH_STORED", "1000000"))
REHEARSED = "USB-02"


class Plugs:
    """Plugs sticks that nobody knows, and watches the console's stream for their alerts."""

    def __init__(self, made):
        self.terminal = Terminal("T-0001", made, camera=False)
        self.terminal.build_stage()
        self.terminal.write_configuration()
        self.terminal.enrol()
        made.ctl("rules", "live", "--site", "HQ", "--rule", "USB-01", "--reason", "benchmark")
        self.count = 0

    def watch(self, made):
        self.terminal.start_agent()
        client = ConsoleClient(made.console_port, made.ca / "ca.crt")
        client.log_in(made.users["spoc"])
        wait_until(lambda: any(one.get("liveness") == "alive" for one in client.get("terminals")["terminals"]),
                   "the terminal's first sign of life", patience_s=30)
        self.stream = LiveStream(client, want=lambda alert: alert.get("rule_id") == "USB-01")

    def one(self):
        self.count += 1
        serial = f"P-{self.count:05d}"
        seen = len(self.stream.alerts)
        plugged = time.monotonic()
        self.terminal.plug("stick", serial)
        wait_until(lambda: len(self.stream.alerts) > seen, "the alert in the stream", patience_s=60, every_s=0.001)
        self.terminal.unplug("stick", serial)
        time.sleep(0.05)
        return (self.stream.alerts[seen][0] - plugged) * 1000

    def so_many(self, count):
        return p50_p99([self.one() for _ in range(count)])

    def while_running(self, program):
        """For as long as it runs; it is an error if it failed."""
        latencies = []
        while program.poll() is None:
            latencies.append(self.one())
        if program.returncode != 0:
            raise site.StageError(f"{program.args[0]}: exit {program.returncode}")
        return p50_p99(latencies)

    def close(self):
        self.stream.close()
        self.terminal.close()


def p50_p99(latencies):
    ordered = sorted(latencies)
    return statistics.median(ordered), ordered[max(0, int(len(ordered) * 0.99) - 1)]


def with_a_past(made):
    """Started once for the rules' own place in the log, which the past is then put behind."""
    made.start_collector()
    made.collector.stop()
    made.programs.forget(made.collector)
    fill(made.store, STORED)
    made.start_collector()


def many_operators(made):
    file = made.directory / "many-operators.csv"
    with open(file, "w", newline="", encoding="utf-8") as opened:
        rows = [{**example("operators"), "operator_ref": f"OP-9{number:05d}", "staff_id": f"S-9{number:05d}",
                 "display_name": f"Operator {number}", "os_accounts": f"bench{number}"} for number in range(IMPORTED)]
        writer = csv.DictWriter(opened, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return file


def ctl(made, *arguments):
    return subprocess.Popen([str(find_program("sallyportctl", "release")), "--config", str(made.config),
                             *map(str, arguments)], stdout=subprocess.DEVNULL)


def rows_of(what, found, quiet):
    for name, figure, before, target in (("p50", found[0], quiet[0], "< 100 ms"), ("p99", found[1], quiet[1], "< 250 ms")):
        yield {"what": f"{what}, {name}", "figure": round(figure, 1), "unit": "ms", "target": target,
               **({"beside": f"quiet {round(before, 1)}", "ratio": round(figure / before, 2)} if found is not quiet else {})}


def run():
    with site.agency() as made:
        load = site.register_terminals(made, BACKGROUND_TERMINALS)
        plugs = Plugs(made)
        made.start_broker()
        with_a_past(made)
        plugs.watch(made)
        quiet = plugs.so_many(PLUGS)
        background = subprocess.Popen(site.fleet(made, load, "--rate", BACKGROUND_PER_S), stdout=subprocess.DEVNULL)
        try:
            time.sleep(3)  # until all of them are at work
            busy = plugs.so_many(PLUGS)
            imported = plugs.while_running(ctl(made, "operators", "import", many_operators(made), "--reason", "benchmark"))
            rehearsed = plugs.while_running(ctl(made, "rules", "rehearse", REHEARSED, "--since", "90d"))
        finally:
            background.kill()
            background.wait()
        plugs.close()
    load_says = f"{BACKGROUND_PER_S} events/s"
    return [*rows_of("plug -> console, quiet", quiet, quiet), *rows_of(f"with {load_says}", busy, quiet),
            *rows_of(f"with {load_says} and an import of {IMPORTED:,} rows", imported, quiet),
            *rows_of(f"with {load_says} and a rehearsal over {STORED:,} events", rehearsed, quiet)]
