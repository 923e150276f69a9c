# SPDX-License-Identifier: Apache-2.0
"""What the agent costs while nothing happens: memory, CPU, wake-ups; beside the limits it is held to."""

import time

from stage.console_client import ConsoleClient
from stage.processes import wait_until
from stage.terminal import Terminal

from . import site

WATCH_S = 300  # what comes once a minute comes five times
SETTLED_S = 15  # start-up is not what is measured
PAHO = "MQTTAsync_"  # how Paho names its threads


def run():
    with site.agency() as made:
        terminal = Terminal("T-0001", made, camera=False)
        terminal.build_stage()
        terminal.write_configuration(heartbeat_s=60)
        terminal.enrol()
        made.start_broker()
        made.start_collector()
        terminal.start_agent()
        client = ConsoleClient(made.console_port, made.ca / "ca.crt")
        client.log_in(made.users["spoc"])
        wait_until(lambda: any(one.get("liveness") == "alive" for one in client.get("terminals")["terminals"]),
                   "the terminal's first sign of life", patience_s=30)
        pid = terminal.agent.pid
        time.sleep(SETTLED_S)
        cpu, started = site.cpu_seconds(pid), time.monotonic()
        woken = site.wake_ups(pid, WATCH_S)
        cpu = (site.cpu_seconds(pid) - cpu) / (time.monotonic() - started) * 100
        resident, proportional = site.memory_kib(pid)
        terminal.close()
    paho = sum(rate for name, rate in woken.items() if name.startswith(PAHO))
    own = sum(woken.values()) - paho
    busiest = ", ".join(f"{name} {rate:.2f}" for name, rate in sorted(woken.items(), key=lambda one: -one[1])
                        if rate > 0 and not name.startswith(PAHO))
    return [
        {"what": "agent, resident", "figure": round(resident / 1024, 1), "unit": "MiB",
         "beside": "minimal Paho+TLS client 9.7 MB", "ratio": round(resident * 1024 / 9.7e6, 2), "target": "< 20 MB"},
        {"what": "agent, proportional", "figure": round(proportional / 1024, 1), "unit": "MiB", "target": "< 30 MB with helpers"},
        {"what": "agent, CPU at rest", "figure": round(cpu, 3), "unit": "% of a core", "target": "< 0.5 %"},
        {"what": "agent, own wake-ups at rest", "figure": round(own, 3), "unit": "a second",
         "beside": busiest or "no thread woke", "target": "<= 0.1"},
        {"what": "agent, Paho's wake-ups at rest", "figure": round(paho, 2), "unit": "a second", "target": "stated"},
    ]
