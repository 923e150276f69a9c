// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { FILTERS, standingCounts } from "../src/standing";
import type { Rule, SiteState } from "../src/types";
import { percent, rate } from "../src/words";

const site = (state: SiteState["state"], more: Partial<SiteState> = {}): SiteState =>
  ({ site_id: "HQ", site_name: "Headquarters", state, alerts_a_day: 0, decided: 0, undecided_for_long: false, to_be_tuned: false, ...more });
const rule = (id: string, ...sites: SiteState[]): Rule => ({ rule_id: id, title: id, references: [], sites });

test("a rule is counted under each way it stands somewhere", () => {
  const rules = [rule("A", site("live"), site("observe")), rule("B", site("inactive")), rule("C", site("observe", { undecided_for_long: true })), rule("D", site("live", { to_be_tuned: true }))];
  expect(standingCounts(rules)).toEqual({ all: 4, live: 2, observe: 2, inactive: 1, decide: 2 });
  expect(rules.filter(FILTERS.decide.holds).map((one) => one.rule_id)).toEqual(["C", "D"]);
});

test("a rate says how often in words that fit it", () => {
  expect(rate(2.04)).toBe("2 alerts a day");
  expect(rate(0.26)).toBe("0.3 alerts a day");
  expect(rate(1)).toBe("1 alert a day");
  expect(rate(1 / 30)).toBe("an alert in 30 days");
  expect(percent(0.345)).toBe("35 %");
});
