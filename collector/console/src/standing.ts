// SPDX-License-Identifier: Apache-2.0
//
// How rules stand, by the questions that somebody has who wants to switch a site live (decision 11).
import type { Rule, SiteState } from "./types";

const some = (holds: (site: SiteState) => boolean) => (rule: Rule) => (rule.sites ?? []).some(holds);

export const FILTERS = {
  all: { label: "All", holds: () => true, none: "No rules are in force." },
  live: { label: "Live", holds: some((site) => site.state === "live"), none: "No rule is live anywhere." },
  observe: { label: "Observed", holds: some((site) => site.state === "observe"), none: "Every rule is live everywhere." },
  inactive: { label: "Inactive", holds: some((site) => site.state === "inactive"), none: "Every rule has what it needs." },
  decide: { label: "To decide", holds: some((site) => site.undecided_for_long || site.to_be_tuned), none: "Nothing waits for a decision: no rule is observed for more than 60 days, none is wrong too often." },
} satisfies Record<string, { label: string; holds: (rule: Rule) => boolean; none: string }>;

export type Filter = keyof typeof FILTERS;

export function standingCounts(rules: Rule[]): Record<Filter, number> {
  const names = Object.keys(FILTERS) as Filter[];
  return Object.fromEntries(names.map((name) => [name, rules.filter(FILTERS[name].holds).length])) as Record<Filter, number>;
}
