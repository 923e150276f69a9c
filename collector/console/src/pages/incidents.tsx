// SPDX-License-Identifier: Apache-2.0
//
// Incidents: for the SPOC all of them, proposals first; for the PSD those referred to it.
import { useEffect, useMemo } from "preact/hooks";
import { api } from "../api";
import { Chip, Countdown, Fault, SeverityMark, Time, useAct } from "../parts/basics";
import { go, hrefOf } from "../route";
import { dispatch, useStore } from "../store";
import type { Incident } from "../types";
import { title } from "../words";

const ORDER = ["proposed", "open", "contained", "resolved", "closed"];

function IncidentRow({ incident }: { incident: Incident }) {
  const psd = useStore((state) => state.session?.role !== "spoc");
  const clock = incident.status === "open" && incident.reported_internal_at === null && incident.referred_at === null;
  return (
    <tr class="alert-row" onClick={() => go("incidents", incident.incident_id)}>
      <td class="narrow mono"><a href={hrefOf("incidents", incident.incident_id)} onClick={(event) => event.stopPropagation()}>{incident.number}</a></td>
      <td class="narrow"><SeverityMark severity={incident.severity} /></td>
      <td class="narrow">{incident.status === "proposed" ? <Chip tone="warn">Proposed</Chip> : title(incident.status)}</td>
      <td><span class="clip">{incident.summary}</span></td>
      <td class="narrow">{title(incident.kind)}</td>
      <td class="narrow">{incident.alert_ids.length}</td>
      <td class="narrow"><Time at={incident.discovered_at} /></td>
      <td class="narrow">{psd ? <Time at={incident.referred_at} />
        : incident.referred_at ? <>PSD, <Time at={incident.referred_at} /></>
        : clock ? <Countdown due={incident.report_due_at} label="To report" /> : <span class="faint">–</span>}</td>
    </tr>
  );
}

export function Incidents() {
  const known = useStore((state) => state.incidents);
  const refetch = useStore((state) => state.refetch);
  const psd = useStore((state) => state.session?.role !== "spoc");
  const { fault, run } = useAct();
  useEffect(() => void run(async () => dispatch({ type: "incidents", incidents: (await api.incidents()).incidents })), [refetch]);
  const incidents = useMemo(() => [...known.values()].sort((a, b) =>
    ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || Date.parse(b.discovered_at) - Date.parse(a.discovered_at)), [known]);
  return (
    <main class="page">
      <div class="bar"><h1>{psd ? "Incidents referred to the PSD" : "Incidents"}</h1></div>
      <Fault message={fault} />
      {incidents.length === 0 && fault === null && <p class="empty">{psd ? "Nothing has been referred." : "No incidents. Convert an alert to open one."}</p>}
      {incidents.length > 0 && (
        <table class="lines incidents">
          <thead><tr><th scope="col">Number</th><th scope="col">Severity</th><th scope="col">Status</th><th scope="col">Summary</th><th scope="col">Kind</th><th scope="col">Alerts</th><th scope="col">Discovered</th><th scope="col">{psd ? "Referred" : "Report due or referred"}</th></tr></thead>
          <tbody>{incidents.map((incident) => <IncidentRow key={incident.incident_id} incident={incident} />)}</tbody>
        </table>
      )}
    </main>
  );
}
