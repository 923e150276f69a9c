// SPDX-License-Identifier: Apache-2.0
import { api } from "../api";
import { Chip, Fault, Time, useFetch } from "../parts/basics";
import type { Rule, SiteState } from "../types";
import { parameterText, title } from "../words";

function Sites({ sites }: { sites: SiteState[] }) {
  if (sites.length === 0) return <span class="faint">no sites yet</span>;
  return (
    <ul class="sites">
      {sites.map((site) => (
        <li key={site.site_id} title={site.reason ? `${site.reason} (${site.changed_by})` : undefined}>
          <Chip tone={site.state === "live" ? "good" : "plain"}>{site.state === "live" ? "Live" : "Observe"}</Chip> {site.site_name}
          {site.changed_at && <span class="faint"> since <Time at={site.changed_at} /></span>}
        </li>
      ))}
    </ul>
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
      <td><Sites sites={rule.sites ?? []} /></td>
    </tr>
  );
}

export function Rules() {
  const { data, fault } = useFetch("rules", () => api.rules());
  return (
    <main class="page">
      <div class="bar"><h1>{data ? `${data.rules.length} rules in force` : "Rules"}</h1></div>
      <Fault message={fault} />
      {data && (
        <div class="scroll"><table class="lines rules">
          <thead><tr><th scope="col">Rule</th><th scope="col">What it watches for, and on which clause</th><th scope="col">Level</th><th scope="col">Parameters</th><th scope="col">Routed to</th><th scope="col">Where it stands</th></tr></thead>
          <tbody>{data.rules.map((rule) => <RuleRow key={rule.rule_id} rule={rule} />)}</tbody>
        </table></div>
      )}
    </main>
  );
}
