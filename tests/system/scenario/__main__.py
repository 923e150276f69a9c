# SPDX-License-Identifier: Apache-2.0
"""script/demo's second half: sets the agency up, plays the scenario, and judges what came of it."""

import argparse
import os
import pathlib
import shutil
import signal
import sys
import time

from stage.agency import Agency
from stage.console_client import ConsoleClient
from stage.processes import Programs, StageError, wait_until
from stage.terminal import Terminal

from .script import ALLOWED_LATENCY_S, EXPECTED_INCIDENTS, STEPS, WAITS, not_there_yet

TERMINAL = "T-0001"
SITE = "HQ"
MARKER = ".sallyport-demo"


def prepare(directory):
    """An empty directory of ours; one that is not is never touched."""
    if directory.exists() and any(directory.iterdir()):
        if not (directory / MARKER).exists():
            raise StageError(f"{directory} is not empty and not the demo's; name another with --dir")
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARKER).write_text("made by script/demo; it may be deleted\n")


def set_up(options, programs):
    prepare(options.dir)
    agency = Agency(options.dir, programs, console_port=options.port or (None if options.once else 8443))
    agency.establish()
    terminal = Terminal(TERMINAL, agency, here=options.here)
    terminal.build_stage()
    terminal.write_configuration()
    terminal.enrol()
    terminal.permit_camera()
    agency.ctl("rules", "live", "--site", SITE, "--reason", "demonstration site goes live")
    for rule, parameter, seconds in WAITS:
        agency.ctl("rules", "set", rule, parameter, seconds, "--site", SITE, "--reason", "demonstration: shorter waits")
    agency.start_broker()
    agency.start_collector()
    agency.write_endpoints([TERMINAL])
    return agency, terminal


def say_where(agency, options):
    print(f"\nconsole  {agency.console}  (certificate: {agency.ca}/ca.crt)")
    for user in agency.users.values():
        print(f"log-in   {user['name']:5} {user['password']}")
    print(f"state    {options.dir}\n", flush=True)


def play(terminal, started):
    """Does each step; returns its name with the second at which it was done."""
    done = []
    for step in STEPS:
        step.act(terminal)
        second = time.monotonic() - started
        done.append((second, step))
        print(f"{second:7.1f} s  {step.what}", flush=True)
        step.wait(terminal)
    return done


def all_alerts(client):
    """Every lane, and what a larger alert took off the queue, too."""
    return client.get("alerts", limit=500)["alerts"]


def keys_of(alerts):
    return sorted((alert["rule_id"], alert["severity"], alert["lane"]) for alert in alerts)


def expected_keys():
    return sorted(key for step in STEPS for key in step.expects)


def report(alerts, started_wall):
    print(f"\n  {'alert':8} {'severity':9} {'lane':8} {'condition':>10} {'raised':>9} {'latency':>8}")
    slow = []
    for alert in sorted(alerts, key=lambda one: one["raised_at"]):
        condition, raised = (parse(alert[name]) - started_wall for name in ("condition_at", "raised_at"))
        latency = raised - condition
        print(f"  {alert['rule_id']:8} {alert['severity']:9} {alert['lane']:8} {condition:8.2f} s {raised:7.2f} s "
              f"{latency:6.2f} s  {alert['summary']}")
        if latency > ALLOWED_LATENCY_S:
            slow.append(f"{alert['rule_id']}: {latency:.2f} s after its condition held")
    return slow


def parse(text):
    import datetime
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def work_the_incident(agency, spoc):
    """As SPOC: accept the proposal and refer it. As PSD: open it. Returns what is wrong."""
    proposed = [one for one in spoc.get("incidents")["incidents"] if one["status"] == "proposed"]
    print(f"\n  proposed incidents: {', '.join(one['number'] + ' ' + one['summary'] for one in proposed) or 'none'}")
    if len(proposed) != EXPECTED_INCIDENTS:
        return [f"{len(proposed)} proposed incidents, expected {EXPECTED_INCIDENTS}"]
    incident = proposed[0]["incident_id"]
    spoc.post(f"incidents/{incident}/accept")
    spoc.post(f"incidents/{incident}/refer")
    psd = ConsoleClient(agency.console_port, agency.ca / "ca.crt")
    psd.log_in(agency.users["psd"])
    seen = psd.get(f"incidents/{incident}")
    timeline = seen.get("timeline", [])
    print(f"  converted and referred; the PSD reads {seen['incident']['number']} with a timeline of "
          f"{len(timeline)} entries")
    return [] if timeline else ["the PSD's page of the referred incident has no timeline"]


def judge(agency, client, started_wall, convert):
    missing_pieces = not_there_yet()
    faults = [f"not there yet: {piece}" for piece in missing_pieces]
    wanted = expected_keys()
    try:
        wait_until(lambda: len(all_alerts(client)) >= len(wanted), "all alerts", patience_s=30, every_s=0.5)
    except StageError:
        pass
    time.sleep(2)  # an alert too many would come now
    alerts = all_alerts(client)
    faults += [f"latency: {one}" for one in report(alerts, started_wall)]
    came = keys_of(alerts)
    for key in wanted:
        if key in came:
            came.remove(key)
        else:
            faults.append("missing: " + " ".join(key))
    faults += ["not expected: " + " ".join(key) for key in came]
    if convert:
        faults += work_the_incident(agency, client)
    return faults


def main():
    parser = argparse.ArgumentParser(prog="script/demo")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--dir", type=pathlib.Path, default=pathlib.Path("run"))
    parser.add_argument("--port", type=int)
    options = parser.parse_args()
    options.dir = options.dir.resolve()
    programs = Programs()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    terminal = None
    try:
        agency, terminal = set_up(options, programs)
        say_where(agency, options)
        print("waits at this site: " + ", ".join(f"{rule} {name} {value} s" for rule, name, value in WAITS))
        print(f"camera pictures: {terminal.camera_source}\n", flush=True)
        client = ConsoleClient(agency.console_port, agency.ca / "ca.crt")
        client.log_in(agency.users["spoc"])
        terminal.start_agent()
        agency.license(TERMINAL)
        if options.here:
            print("watching this machine; Ctrl-C ends it")
            signal.pause()
        wait_until(lambda: any(one.get("liveness") == "alive" for one in client.get("terminals")["terminals"]),
                   "the terminal's first sign of life", patience_s=30)
        started, started_wall = time.monotonic(), time.time()
        play(terminal, started)
        # Left open otherwise: accepting and referring the proposed incident is the visitor's to try.
        faults = judge(agency, client, started_wall, convert=options.once)
        for fault in faults:
            print(f"  FAULT: {fault}")
        print("\n" + ("every expected alert, and no other" if not faults else f"{len(faults)} faults"), flush=True)
        if not options.once:
            say_where(agency, options)
            print("as spoc: open the alerts, accept the proposed incident and refer it; as psd: open it")
            print("running until Ctrl-C", flush=True)
            signal.pause()
        return 1 if faults else 0
    except StageError as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 0
    finally:
        if terminal:
            terminal.close()
        programs.stop_all()


if __name__ == "__main__":
    sys.exit(main())
