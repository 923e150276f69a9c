# SPDX-License-Identifier: Apache-2.0
"""From the plug (a uevent to the agent) to the alert in an open console, with other terminals busy in the background.

The console is read over its live stream, as the page does; drawing a changed row is the browser's, and is not in it.
"""

import statistics
import subprocess
import threading
import time

from stage.console_client import ConsoleClient, LiveStream
from stage.processes import wait_until
from stage.terminal import Terminal

from . import site

PLUGS = 40
BACKGROUND_PER_S = 5000
BACKGROUND_TERMINALS = 4


def measure(terminal, stream, name):
    latencies = []
    for number in range(PLUGS):
        serial = f"{name}-{number:04d}"
        seen = len(stream.alerts)
        plugged = time.monotonic()
        terminal.plug("stick", serial)
        wait_until(lambda: len(stream.alerts) > seen, "the alert in the stream", patience_s=20, every_s=0.001)
        latencies.append((stream.alerts[seen][0] - plugged) * 1000)
        time.sleep(0.05)
    return statistics.median(latencies), sorted(latencies)[int(len(latencies) * 0.99) - 1]


def run():
    with site.agency() as made:
        load = site.register_terminals(made, BACKGROUND_TERMINALS)
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
        wait_until(lambda: any(one.get("liveness") == "alive" for one in client.get("terminals")["terminals"]),
                   "the terminal's first sign of life", patience_s=30)
        stream = LiveStream(client, want=lambda alert: alert.get("rule_id") == "USB-01")
        quiet = measure(terminal, stream, "Q")
        background = subprocess.Popen(site.publisher(made, load, 40_000, 20, rate=BACKGROUND_PER_S),
                                      stdout=subprocess.DEVNULL)
        try:
            time.sleep(8)  # it signs everything before it starts
            busy = measure(terminal, stream, "L")
        finally:
            background.kill()
            background.wait()
        stream.close()
        terminal.close()
    return [
        {"what": "plug -> console, quiet, p50", "figure": round(quiet[0], 1), "unit": "ms", "beside": "", "ratio": "",
         "target": ""},
        {"what": "plug -> console, quiet, p99", "figure": round(quiet[1], 1), "unit": "ms"},
        {"what": f"with {BACKGROUND_PER_S} events/s, p50", "figure": round(busy[0], 1), "unit": "ms",
         "beside": f"quiet {round(quiet[0], 1)}", "ratio": round(busy[0] / quiet[0], 2), "target": "< 100 ms"},
        {"what": f"with {BACKGROUND_PER_S} events/s, p99", "figure": round(busy[1], 1), "unit": "ms",
         "beside": f"quiet {round(quiet[1], 1)}", "ratio": round(busy[1] / quiet[1], 2), "target": "< 250 ms"},
    ]
