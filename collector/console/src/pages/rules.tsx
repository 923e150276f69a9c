// SPDX-License-Identifier: Apache-2.0
//
// Readiness: which rules speak, which only observe or wait for something, and what each raises a day.
import { useMemo, useState } from "preact/hooks";
import { api } from "../api";
import { Chip, Fault, Time, useFetch } from "../parts/basics";
import { FILTERS, standingCounts, type Filter } from "../standing";
import type { Rule, SiteState } from "../types";
import { parameterText, percent, rate, title } from "../words";

const TONES = { live: "good", observe: "plain", inactive: "warn" };

function Site({ site }: { site: SiteState }) {
  return (
    <li title={site.reason ? `${site.reason} (${site.changed_by})` : undefined}>
      <Chip tone={TONES[site.state]}>{title(site.state)}</Chip> {site.site_name}
      {site.changed_at && site.state !== "inactive" && <span class="faint"> since <Time at={site.changed_at} /></span>}
      {site.state !== "inactive" && site.alerts_a_day > 0 && <span class="faint">, {rate(site.alerts_a_day)}</span>}
      {site.undecided_for_long && <Chip tone="warn" hint="Observed for more than 60 days: switch it live, or say why not">to decide</Chip>}
      {site.to_be_tuned && <Chip tone="bad" hint={`False positives: ${percent(site.false_positive_share ?? 0)} of ${site.decided} decided alerts`}>to tune</Chip>}
    </li>
  );
}

function Standing({ rule }: { rule: Rule }) {
  const sites = rule.sites ?? [];
  const waits = rule.missing ?? [];
  const inactive = sites.some((site) => site.state === "inactive");
  return (
    <>
      {inactive ? <Chip tone="warn">Inactive</Chip> : <ul class="sites">{sites.map((site) => <Site key={site.site_id} site={site} />)}</ul>}
      {waits.length > 0 && <span class="faint block">{inactive ? "waits for " : "a part of it waits for "}<span class="mono">{waits.join(", ")}</span></span>}
    </>
  );
}

function RuleRow({ rule }: { rule: Rule }) {
  return (
    <tr>
      <td class="narrow mono">{rule.rule_id}</td>
      <td>{rule.title}<span class="faint block">{rule.references.join(" · ")}</span></td>
      <td class="narrow">{title(rule.level ?? "")}</td>
      <td>{(rule.parameters ?? []).map((parameter) => (
        <span class="parameter" key={parameter.name}>{parameterText(parameter.name, parameter.value)}{parameter.basis === "policy" && <Chip tone="plain" hint="Fixed by policy: may only be tightened">policy</Chip>}</span>
      ))}</td>
      <td class="narrow">{(rule.routed_to ?? []).join(", ")}</td>
      <td><Standing rule={rule} /></td>
    </tr>
  );
}

export function Rules() {
  const { data, fault } = useFetch("rules", () => api.rules());
  const [filter, setFilter] = useState<Filter>("all");
  const rules = data?.rules;
  const counts = useMemo(() => standingCounts(rules ?? []), [rules]);
  const shown = (rules ?? []).filter(FILTERS[filter].holds);
  return (
    <main class="page">
      <div class="bar">
        <h1>{rules ? `${rules.length} rules` : "Rules"}</h1>
        <div class="tabs" role="group" aria-label="Which rules">
          {(Object.keys(FILTERS) as Filter[]).map((name) => (
            <button key={name} type="button" class="tab" aria-pressed={filter === name} onClick={() => setFilter(name)}>{FILTERS[name].label} <span class="count">{counts[name]}</span></button>
          ))}
        </div>
      </div>
      <Fault message={fault} />
      {data && (
        <div class="scroll"><table class="lines rules">
          <thead><tr><th scope="col">Rule</th><th scope="col">What it watches for, and on which clause</th><th scope="col">Level</th><th scope="col">Parameters</th><th scope="col">Routed to</th><th scope="col" title={`Alerts of the last ${Math.round(data.counted_days)} days`}>Where it stands</th></tr></thead>
          <tbody>{shown.map((rule) => <RuleRow key={rule.rule_id} rule={rule} />)}</tbody>
        </table></div>
      )}
      {data && shown.length === 0 && <p class="empty">{FILTERS[filter].none}</p>}
    </main>
  );
}
