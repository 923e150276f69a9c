# SPDX-License-Identifier: Apache-2.0
"""The oracle must be able to say no: each promise is broken once by hand."""

import unittest

from . import county, oracle

NOON = county.at(2, 12)


def report(**fields):
    return {"alert": "a", "now": NOON, "rule": "USB-01", "title": "", "severity": "high", "lane": "queue", "part_of": "",
            "terminal": "T-1", "condition_at": NOON, **fields}


def planted(**fields):
    return {"rule": "USB-01", "terminal": "T-1", "at": NOON, "least": "high", "known_at": 0, "tolerance_s": 60,
            "rules_too": (), **fields}


def missed(*reports, **fields):
    return oracle.find_planted(oracle.Board(reports), [planted(**fields)])


class Found(unittest.TestCase):
    def test_given_its_alert_when_looked_for_then_it_is_found(self):
        self.assertEqual(missed(report()), [])

    def test_given_another_rule_terminal_time_or_too_mild_an_alert_when_looked_for_then_it_is_missed(self):
        for other in ({"rule": "USB-02"}, {"terminal": "T-2"}, {"condition_at": NOON + 61_000}, {"severity": "medium"},
                      {"lane": "observe"}):
            self.assertEqual(len(missed(report(**other))), 1, other)

    def test_given_an_alert_that_came_too_late_when_looked_for_then_it_is_missed(self):
        self.assertEqual(missed(report(now=NOON + 121_000))[0][1], "too late")
        self.assertEqual(missed(report(now=NOON + county.HOUR), known_at=NOON + county.HOUR), [])


    def test_given_two_items_of_one_incident_when_counted_then_it_is_told_twice(self):
        def twice(*reports):
            return oracle.found_twice(oracle.Board(reports), [planted()])
        self.assertEqual(twice(report()), [])
        self.assertEqual(twice(report(), report(alert="b", part_of="a")), [])
        self.assertEqual([count for _, count in twice(report(), report(alert="b"))], [2])


class Quiet(unittest.TestCase):
    def items(self, *reports):
        return len(oracle.Board(reports).items())

    def test_given_what_a_larger_alert_takes_up_at_once_when_counted_then_it_is_no_item(self):
        self.assertEqual(self.items(report(), report(now=NOON + county.MINUTE, part_of="b")), 0)
        self.assertEqual(self.items(report(), report(now=NOON + county.HOUR, part_of="b")), 1)
        self.assertEqual(self.items(report(lane="digest")), 0)
        self.assertEqual(self.items(report(lane="digest"), report(now=NOON + 1, lane="queue")), 1)

    def faults(self, count, **fields):
        reports = [report(alert=str(number), now=NOON + number, **fields) for number in range(count)]
        return oracle.measure_quiet(oracle.Board(reports), 7)["faults"]

    def test_given_a_sixth_item_on_a_day_when_measured_then_the_day_is_named(self):
        self.assertEqual(self.faults(5), [])
        self.assertIn("day 2 brought 6", self.faults(6)[0])

    def test_given_a_second_page_in_a_week_when_measured_then_it_is_a_fault(self):
        self.assertEqual(self.faults(1, severity="critical"), [])
        self.assertIn("2 pages", self.faults(2, severity="critical")[0])

    def test_given_an_alert_that_nothing_explains_when_compared_then_it_is_unexpected(self):
        board, quiet = oracle.Board([report()]), oracle.Board([])
        self.assertEqual(len(oracle.unexpected(board, quiet, [])), 1)
        self.assertEqual(oracle.unexpected(board, quiet, [planted()]), [])
        self.assertEqual(oracle.unexpected(board, oracle.Board([report()]), []), [])


if __name__ == "__main__":
    unittest.main()
