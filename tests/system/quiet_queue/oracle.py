# SPDX-License-Identifier: Apache-2.0
"""Holds what came out against what was put in. Knows alerts as rows that a person sees, nothing of how they came about.

A queue item is an alert that stands in the queue on its own for longer than five minutes: what a larger alert takes up
sooner is that alert's business. A page is such an item of critical severity: decision 14's short list is not in the
product, so that every critical one counts as sent.
"""

import collections
import math

from . import county

ITEMS_A_DAY = 5
PAGES_A_WEEK = 1
TAKEN_UP_WITHIN = 5 * county.MINUTE
SEVERITIES = ("info", "low", "medium", "high", "critical")


class Board:
    """The alerts of one run, each with what became of it."""

    def __init__(self, reports):
        self.histories = collections.defaultdict(list)
        for report in reports:
            if "alert" in report:
                self.histories[report["alert"]].append(report)

    def alerts(self):
        return [history[-1] for history in self.histories.values()]

    def stands_alone(self, history):
        """The report with which it began to stand in the queue by itself, or nothing."""
        for report, after in zip(history, [*history[1:], None]):
            in_queue = report["lane"] == "queue" and not report["part_of"]
            if in_queue and (after is None or not after["part_of"] or after["now"] - report["now"] > TAKEN_UP_WITHIN):
                return report
        return None

    def items(self):
        found = [(self.stands_alone(history), history) for history in self.histories.values()]
        return [(report, history) for report, history in found if report]

    def pages(self):
        """(time, alert): when an item of the queue first was critical."""
        return [(next(report for report in history if report["severity"] == "critical")["now"], history[-1])
                for _, history in self.items() if any(report["severity"] == "critical" for report in history)]


def per_day(times, days):
    counts = collections.Counter(county.day_of(time) for time in times)
    return [counts[day] for day in range(days)]


def measure_quiet(board, days):
    """What an ordinary span brings: figures, and what breaks the promise."""
    items = per_day([report["now"] for report, _ in board.items()], days)
    pages = [time for time, _ in board.pages()]
    weeks = max(1.0, days / 7)
    faults = []
    busy = [(day, count) for day, count in enumerate(items) if count > ITEMS_A_DAY]
    faults += [f"day {day} brought {count} new queue items, at most {ITEMS_A_DAY} are promised" for day, count in busy]
    if len(pages) > math.ceil(PAGES_A_WEEK * weeks):
        faults.append(f"{len(pages)} pages in {days} days, at most {PAGES_A_WEEK} a week is promised")
    by_rule = collections.Counter(report["rule"] for report, _ in board.items())
    return {"items": items, "pages": len(pages), "by_rule": by_rule, "faults": faults}


def is_it(alert, planted):
    began, at = alert["condition_at"], planted["at"]
    slack = planted["tolerance_s"] * 1000
    same_place = not planted["terminal"] or alert["terminal"] == planted["terminal"]
    grave_enough = SEVERITIES.index(alert["severity"]) >= SEVERITIES.index(planted["least"])
    return (alert["rule"] == planted["rule"] and same_place and grave_enough and alert["lane"] != "observe"
            and abs(began - at) <= slack)


def in_time(history, planted):
    """Raised as grave as it had to be no later than two slices of the clock after it could be known."""
    told = next((report["now"] for report in history if is_it(report, planted)), None)
    known = max(planted["at"], planted["known_at"])
    return told is not None and told <= known + planted["tolerance_s"] * 1000 + county.MINUTE


def find_planted(board, planted):
    """The incidents that were not found, each with why."""
    missed = []
    for one in planted:
        matching = [history for history in board.histories.values() if is_it(history[-1], one)]
        if not matching:
            missed.append((one, "no such alert" + near(board, one)))
        elif not any(in_time(history, one) for history in matching):
            missed.append((one, "too late"))
    return missed


def found_twice(board, planted):
    """The incidents that more than one item of the queue tells, each with how many do."""
    items = [history[-1] for _, history in board.items()]
    counted = [(one, sum(is_it(alert, one) for alert in items)) for one in planted if one["terminal"]]
    return [(one, count) for one, count in counted if count > 1]


def near(board, planted):
    around = [alert for alert in board.alerts()
              if alert["terminal"] == planted["terminal"] and abs(alert["condition_at"] - planted["at"]) < county.HOUR]
    return "; within the hour there were " + ", ".join(
        f"{alert['rule']} {alert['severity']} {alert['lane']} at {(alert['condition_at'] - planted['at']) / 1000:+.0f} s"
        for alert in around) if around else ""


def unexpected(board, quiet, planted):
    """Queue items that neither the ordinary span nor a planted incident explains, by rule."""
    ordinary = {(report["rule"], report["terminal"], report["condition_at"]) for report, _ in quiet.items()}
    strange = []
    for report, history in board.items():
        if (report["rule"], report["terminal"], report["condition_at"]) in ordinary:
            continue
        explained = any((not one["terminal"] or report["terminal"] == one["terminal"])
                        and report["rule"] in (one["rule"], *one["rules_too"])
                        and abs(report["condition_at"] - one["at"]) <= max(one["tolerance_s"] * 1000, county.HOUR)
                        for one in planted)
        if not explained:
            strange.append(history[-1])
    return strange
