# SPDX-License-Identifier: Apache-2.0
"""Many terminals for minutes: does memory stay flat, does commit keep pace, does one noisy terminal starve the others.

SALLYPORT_SOAK_TERMINALS (default 500), SALLYPORT_SOAK_RATE (20,000 events/s), SALLYPORT_SOAK_MINUTES (2; the target speaks
of 10). The figures of each second are kept in build/bench/soak-seconds.json.
"""

import json
import os
import subprocess
import threading
import time

from stage.agency import ROOT
from stage.console_client import ConsoleClient, LiveStream
from stage.processes import wait_until
from stage.terminal import Terminal

from . import site

TERMINALS = int(os.environ.get("SALLYPORT_SOAK_TERMINALS", "500"))
RATE = int(os.environ.get("SALLYPORT_SOAK_RATE", "20000"))
MINUTES = float(os.environ.get("SALLYPORT_SOAK_MINUTES", "2"))
NOISY_S = 20


class Memory:
    """Resident MiB of the collector, each second."""

    def __init__(self, pid):
        self.pid = pid
        self.samples = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._stop.wait(1):
            self.samples.append(site.memory_kib(self.pid)[0] / 1024)

    def stop(self):
        self._stop.set()
        self._thread.join()

    def half(self, which):
        """The highest of the first or second half, the first tenth left out: it fills its caches."""
        steady = self.samples[len(self.samples) // 10:]
        middle = len(steady) // 2
        return max(steady[:middle] if which == 0 else steady[middle:])


def alert_latencies(terminal, stream, until):
    """A stick every two seconds; from the plug to the alert in an open console's stream."""
    latencies = []
    while time.monotonic() < until:
        serial = f"SOAK-{len(latencies):05d}"
        seen = len(stream.alerts)
        plugged = time.monotonic()
        terminal.plug("stick", serial)
        wait_until(lambda: len(stream.alerts) > seen, "the alert in the stream", patience_s=60, every_s=0.002)
        latencies.append((stream.alerts[seen][0] - plugged) * 1000)
        terminal.unplug("stick", serial)
        time.sleep(max(0, 2 - (time.monotonic() - plugged)))
    return sorted(latencies)


def read_fleet(fleet):
    ran, _ = fleet.communicate(timeout=600)
    lines = [json.loads(line) for line in ran.splitlines()]
    if not lines:
        raise site.StageError("bench-fleet said nothing")
    return lines


def run():
    with site.agency() as made:
        listed = site.register_terminals(made, TERMINALS)
        terminal = Terminal("T-0001", made, camera=False)
        terminal.build_stage()
        terminal.write_configuration()
        terminal.enrol()
        made.ctl("rules", "live", "--site", "HQ", "--rule", "USB-01", "--reason", "benchmark")
        made.start_broker()
        made.start_collector()
        terminal.start_agent()
        client = ConsoleClient(made.console_port, made.ca / "ca.crt")
        client.log_in(made.users["spoc"])
        stream = LiveStream(client, want=lambda alert: alert.get("rule_id") == "USB-01")
        memory = Memory(made.collector.pid)
        before = site.cpu_seconds(made.collector.pid)
        fleet = subprocess.Popen(site.fleet(made, listed, "--rate", RATE, "--seconds", MINUTES * 60, "--patience", 300),
                                 stdout=subprocess.PIPE, text=True)
        alerts = alert_latencies(terminal, stream, time.monotonic() + MINUTES * 60)
        seconds = read_fleet(fleet)
        memory.stop()
        used = site.cpu_seconds(made.collector.pid) - before
        end = seconds[-1]
        noisy = noise(made, listed)
        stream.close()
        terminal.close()
    folder = ROOT / "build" / "bench"
    (folder / "soak-seconds.json").write_text(json.dumps({"fleet": seconds, "collector_mib": memory.samples}) + "\n")
    latency = end["latency"]
    what = f"{TERMINALS} terminals, {RATE} events/s for {MINUTES:g} min"
    p99 = alerts[int(len(alerts) * 0.99) - 1]
    return [
        {"what": f"{what}: acknowledged", "figure": round(end["events_per_second"]), "unit": "events/s", "target": f">= {RATE}",
         "ratio": round(end["events_per_second"] / RATE, 2), "beside": f"asked for {RATE}"},
        {"what": "collector's CPU, judge included", "figure": round(used * 1e6 / end["events"], 1), "unit": "us/event"},
        {"what": "spooled -> acknowledged, p50", "figure": round(latency["p50_ms"], 1), "unit": "ms"},
        {"what": "spooled -> acknowledged, p99", "figure": round(latency["p99_ms"], 1), "unit": "ms"},
        {"what": "plug -> alert in the console, p50", "figure": round(alerts[len(alerts) // 2], 1), "unit": "ms",
         "target": "< 100 ms"},
        {"what": "plug -> alert in the console, p99", "figure": round(p99, 1), "unit": "ms", "target": "< 250 ms"},
        {"what": "collector resident, highest, second half", "figure": round(memory.half(1)), "unit": "MiB",
         "beside": f"first half {round(memory.half(0))}", "ratio": round(memory.half(1) / memory.half(0), 2), "target": "flat"},
        {"what": "lines sent again", "figure": end["resent"], "unit": ""},
        {"what": "p99 of the others beside one noisy terminal", "figure": round(noisy["loud"]["p99_ms"], 1), "unit": "ms",
         "beside": f"without it {round(noisy['calm']['p99_ms'], 1)}",
         "ratio": round(noisy["loud"]["p99_ms"] / noisy["calm"]["p99_ms"], 2)},
    ]


def noise(made, listed):
    """The same quiet terminals without and with one that has 1,000 batches on its way instead of 8."""
    few = made.directory / "load" / "few"
    few.write_text("".join(listed.read_text().splitlines(keepends=True)[:20]))
    found = {}
    for name, loud in (("calm", 0), ("loud", 1)):
        ran = subprocess.run(site.fleet(made, few, "--rate", 200, "--per-message", 1, "--seconds", NOISY_S, "--noisy", loud,
                                        "--patience", 300), capture_output=True, text=True)
        found[name] = json.loads(ran.stdout.splitlines()[-1])["latency"]
    return found
