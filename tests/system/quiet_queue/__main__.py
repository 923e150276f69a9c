# SPDX-License-Identifier: Apache-2.0
"""The quiet queue (decision 12): an ordinary month gives at most 5 new queue items a day and 1 page a week, and every
planted incident is found.

Two runs of one seed, the second with the incidents planted: the first says how quiet it is, the second what is found.
Registers are imported and rules made live by the real sallyportctl; what the rules say comes from the real rooms.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

from . import agency, county, incidents, oracle, workdays

ROOT = pathlib.Path(__file__).resolve().parents[3]
RULES = ROOT / "rules" / "physical-protection"
SHORT = {"terminals": 40, "days": 6, "outages": (2, 3), "holidays": ()}


def full(days):
    """Both outages on working days, a holiday between."""
    first, second = days * 4 // 15, days * 17 // 30
    return {"terminals": 200, "days": days, "outages": (first, second), "holidays": ((first + second) // 2 + 1,)}


def shipped_rules():
    """The catalogue's ids that the folder has rules for, each with the events for which documents of it wait: they are
    inactive until something sends those."""
    shipped = {}
    for file in RULES.glob("*.yml"):
        for document in file.read_text(encoding="utf-8").split("\n---\n"):
            for rule in re.findall(r"^  catalogue: (\w+-\d+)", document, re.MULTILINE):
                needs = re.search(r"^  needs: \[(.*)\]", document, re.MULTILINE)
                shipped.setdefault(rule, []).append(needs and needs.group(1))
    return shipped


def generate(form, seed, plant, shipped):
    """(agency, sorted actions, planted incidents) of one run."""
    people = agency.Agency(form["terminals"], random.Random(f"{seed}/agency"), form["holidays"], lapses=plant)
    days = workdays.Workdays(people, form["days"], seed)
    days.notices = []
    first, second = form["outages"]
    days.plan((("SOUTH", county.at(first, 9.5), county.at(first, 12)), (county.at(second, 13), county.at(second, 14.5))))
    planted = incidents.Planter(days, shipped, random.Random(f"{seed}/incidents")).planted if plant else []
    days.live()
    down, up = days.down
    actions = [{"at": down, "do": "stop"}, {"at": up, "do": "start"}]
    actions += [{"at": when, "do": "notice", "type": type, "body": body} for when, type, body in days.notices]
    for timeline in days.timelines.values():
        actions += [action for action in timeline.actions() if not down <= action["at"] < up and action["at"] < days.span[1]]
    actions.sort(key=lambda action: action["at"])
    return people, days.span, actions, [dataclasses.asdict(one) for one in planted]


def run(options, folder, people, span, actions):
    """The reports of the real collector's rooms, over a store that the real sallyportctl prepared."""
    folder.mkdir(parents=True)
    store = folder / "store.db"
    control = [options.sallyportctl, "--store", store, "--ori", agency.ORI]
    for register, file in people.write_registers(folder / "registers"):
        subprocess.run([*control, register, "import", file], check=True, stdout=subprocess.DEVNULL)
    for where in [["--agency"], *(["--site", site] for site in agency.SITES)]:
        subprocess.run([*control, "rules", "live", *where, "--reason", "simulation"], check=True, stdout=subprocess.DEVNULL)
    with open(folder / "actions.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(action, separators=(",", ":")) + "\n" for action in actions)
    with open(folder / "actions.jsonl", encoding="utf-8") as source, open(folder / "alerts.jsonl", "w") as target:
        subprocess.run([options.program, store, agency.ORI, RULES, str(span[0]), str(span[1])], stdin=source,
                       stdout=target, check=True)
    reports = [json.loads(line) for line in open(folder / "alerts.jsonl", encoding="utf-8")]
    return oracle.Board(reports), reports[-1]


def simulate(options, folder):
    form, shipped = (SHORT if options.short else full(options.days)), shipped_rules()
    boards, totals = {}, {}

    def one(name):
        began = time.monotonic()
        people, span, actions, truth = generate(form, options.seed, name == "planted", shipped)
        made = time.monotonic()
        boards[name], totals[name] = run(options, folder / name, people, span, actions)
        print(f"{name}: {totals[name]['lines']} lines of {form['terminals']} terminals in {form['days']} days, "
              f"{len(boards[name].histories)} alerts; {made - began:.0f} s to generate, "
              f"{time.monotonic() - made:.0f} s to judge", flush=True)
        return truth

    with concurrent.futures.ThreadPoolExecutor(2) as both:
        _, planted = both.map(one, ("quiet", "planted"))
    (folder / "truth.json").write_text(json.dumps(planted, indent=1), encoding="utf-8")
    return form, shipped, boards, totals, planted


def tell(form, shipped, boards, totals, planted):
    """Prints the verdict; the number of faults."""
    quiet = oracle.measure_quiet(boards["quiet"], form["days"])
    print(f"\nordinary: {sum(quiet['items']) / form['days']:.2f} new queue items a day, {max(quiet['items'])} on the busiest "
          f"day, {quiet['pages']} pages in all")
    for rule, count in quiet["by_rule"].most_common():
        print(f"  {rule}: {count}")
    faults = list(quiet["faults"])
    missed = oracle.find_planted(boards["planted"], planted)
    rules = {one["rule"] for one in planted}
    print(f"planted: {len(planted)} incidents of {len(rules)} rules, {len(planted) - len(missed)} found")
    faults += [f"missed: {one['rule']} at {one['terminal'] or 'the collector'}, {county.text(one['at'])}: {why}"
               for one, why in missed]
    faults += [f"{count} queue items tell the same: {one['rule']} at {one['terminal'] or 'the collector'}"
               for one, count in oracle.found_twice(boards["planted"], planted)]
    for rule in sorted(set(shipped) - rules):
        reason = incidents.why_not_planted(rule, shipped[rule], form["days"])
        print(f"  not planted: {rule}: {reason}")
        if not reason:
            faults.append(f"no incident is planted for the rule {rule}")
    for alert in oracle.unexpected(boards["planted"], boards["quiet"], planted):
        print(f"  beside the incidents: {alert['rule']} {alert['severity']} at {alert['terminal']}, "
              f"{county.text(alert['condition_at'])}: {alert['title']}")
    for name, total in totals.items():
        if total["unreadable"]:
            faults.append(f"{name}: {total['unreadable']} lines were not understood")
    for fault in faults:
        print(f"FAULT {fault}")
    return len(faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="40 terminals and 6 days instead of 200 and 30")
    parser.add_argument("--days", type=int, default=30, help="of the long form; 10 at least")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--program", required=True, help="the built quiet_queue")
    parser.add_argument("--sallyportctl", required=True)
    parser.add_argument("--keep", type=pathlib.Path, help="a new folder for registers, actions, truth and alerts")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True)
        faults = tell(*simulate(options, options.keep))
    else:
        memory = pathlib.Path("/dev/shm")  # the store is written thousands of times; its durability is not the question
        with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
            faults = tell(*simulate(options, pathlib.Path(folder)))
    print(f"{faults} faults")
    return 1 if faults else 0


sys.exit(main())
