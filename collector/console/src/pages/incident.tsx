// SPDX-License-Identifier: Apache-2.0
//
// One incident and everything that happened in it, in order: events, alerts, and what people did. The PSD may resolve
// the person behind an event for a stated purpose; the collector logs it before it answers.
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { describe } from "../event_text";
import { Chip, Countdown, Facts, Fault, Section, SeverityMark, Time, useAct, useFetch } from "../parts/basics";
import { actLine } from "../parts/history";
import { hrefOf } from "../route";
import { dispatch, useStore } from "../store";
import type { EvidenceEvent, Incident, TimelineEntry } from "../types";
import { PURPOSES, title } from "../words";

function Person({ incidentId, event }: { incidentId: string; event: EvidenceEvent }) {
  const [asking, setAsking] = useState(false);
  const [purpose, setPurpose] = useState("");
  const [answer, setAnswer] = useState<string | null>(null);
  const { busy, fault, run } = useAct();
  if (answer !== null) return <span class="person resolved">{answer}</span>;
  const submit = (submitted: Event): void => {
    submitted.preventDefault();
    void run(async () => {
      const person = await api.person(incidentId, event.ingest_id, purpose);
      setAnswer([person.display_name ?? "not in the register", person.operator_account].join(", account "));
    });
  };
  if (!asking) return <button class="quiet small" onClick={() => setAsking(true)}>Who?</button>;
  return (
    <form class="inline" onSubmit={submit}>
      <select required autofocus aria-label="Purpose" value={purpose} onChange={(changed) => setPurpose(changed.currentTarget.value)}>
        <option value="">Purpose…</option>
        {PURPOSES.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
      </select>
      <button class="small" disabled={busy}>Resolve and log</button>
      <Fault message={fault} />
    </form>
  );
}

function Entry({ entry, incident, psd }: { entry: TimelineEntry; incident: Incident; psd: boolean }) {
  return (
    <li class={entry.kind}>
      <Time at={entry.at} />
      <div>
        {entry.kind === "event" && <>
          {describe(entry.event)} <span class="faint">{entry.event.terminal_id}{entry.event.person && ` · ${entry.event.person}`}</span>
          {psd && entry.event.person && <> <Person incidentId={incident.incident_id} event={entry.event} /></>}
        </>}
        {entry.kind === "alert" && <><SeverityMark severity={entry.alert.severity} /> <strong>{entry.alert.title}</strong> <span class="faint">{entry.alert.rule_id}</span><span class="sentence">{entry.alert.summary}</span></>}
        {entry.kind === "act" && <>{actLine(entry.act)}</>}
      </div>
    </li>
  );
}

function Actions({ incident, onChange }: { incident: Incident; onChange: (incident: Incident) => void }) {
  const [sure, setSure] = useState(false);
  const { busy, fault, run } = useAct();
  const accept = (): void => void run(async () => onChange((await api.accept(incident.incident_id)).incident));
  const refer = (): void => void run(async () => { onChange((await api.refer(incident.incident_id)).incident); setSure(false); });
  if (incident.status === "closed") return null;
  return (
    <>
      <p class="buttons">
        {incident.status === "proposed" && <button class="primary" disabled={busy} onClick={accept}>Accept the proposal</button>}
        {incident.status !== "proposed" && incident.referred_at === null && !sure && <button onClick={() => setSure(true)}>Refer to the PSD</button>}
        {sure && <><button class="primary" disabled={busy} onClick={refer}>Yes, refer it</button><button onClick={() => setSure(false)}>Not yet</button><span class="faint">The PSD will see this incident, its alerts and their events. It cannot be taken back.</span></>}
      </p>
      <Fault message={fault} />
    </>
  );
}

// The file comes by the browser's own download; who asked, and why, is in the audit log.
function EvidenceBundle({ incident, psd }: { incident: Incident; psd: boolean }) {
  const [purpose, setPurpose] = useState("");
  const [form, setForm] = useState("redacted");
  const { busy, fault, run } = useAct();
  const submit = (submitted: Event): void => {
    submitted.preventDefault();
    void run(() => api.evidence(incident, purpose, form));
  };
  return (
    <Section name="Evidence">
      <form class="inline" onSubmit={submit}>
        <select required aria-label="Purpose of the export" value={purpose} onChange={(changed) => setPurpose(changed.currentTarget.value)}>
          <option value="">Purpose…</option>
          {PURPOSES.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
        </select>
        {psd && (
          <select aria-label="Form" value={form} onChange={(changed) => setForm(changed.currentTarget.value)}>
            <option value="redacted">Redacted: no account is named</option>
            <option value="full">Full</option>
          </select>
        )}
        <button disabled={busy}>{busy ? "Being made…" : "Export the evidence"}</button>
      </form>
      <p class="faint">One file with lines, proofs, rules, register entries and the other explanations that were checked. It is verified without this server. The export is logged.</p>
      <Fault message={fault} />
    </Section>
  );
}

export function IncidentView({ incidentId }: { incidentId: string }) {
  const { data, fault, reload } = useFetch(incidentId, () => api.incident(incidentId));
  const live = useStore((state) => state.incidents.get(incidentId));
  const role = useStore((state) => state.session?.role);
  useEffect(() => { if (live && data && live.revision > data.incident.revision) reload(); }, [live?.revision]);
  if (data === null) return <main class="page">{fault ? <Fault message={fault} /> : <p class="empty">Loading…</p>}</main>;
  const { incident } = data;
  const psd = role !== "spoc";
  const reporting = incident.status !== "proposed" && incident.referred_at === null && incident.reported_internal_at === null;
  return (
    <main class="page reading">
      <p class="crumbs"><a href={hrefOf("incidents")}>All incidents</a></p>
      <h1><SeverityMark severity={incident.severity} /> Incident {incident.number} {incident.status === "proposed" && <Chip tone="warn">proposed, not yet accepted</Chip>}</h1>
      <p class="sentence">{incident.summary}</p>
      {role === "spoc" && <Actions incident={incident} onChange={(changed) => { dispatch({ type: "incident", incident: changed }); reload(); }} />}
      <Facts rows={[
        ["Status", title(incident.status)],
        ["Kind", title(incident.kind)],
        ["Discovered", <><Time at={incident.discovered_at} /> <span class="faint">by {incident.discovered_by}</span></>],
        ["Report due", reporting ? <Countdown due={incident.report_due_at} label="To report" /> : <Time at={incident.report_due_at} />],
        ["Referred to PSD", incident.referred_at ? <><Time at={incident.referred_at} /> <span class="faint">by {incident.referred_by}</span></> : "no"],
        ["Terminals", [...new Set(data.alerts.map((alert) => alert.terminal_id).filter(Boolean))].join(", ") || "–"],
      ]} />
      <Section name="Alerts" note={String(data.alerts.length)}>
        <table class="lines"><tbody>
          {data.alerts.map((alert) => (
            <tr key={alert.alert_id}>
              <td class="narrow"><SeverityMark severity={alert.severity} /></td>
              <td class="narrow mono">{alert.rule_id}</td>
              <td>{psd ? alert.title : <a href={hrefOf(alert.lane, alert.alert_id)}>{alert.title}</a>}<span class="faint block">{alert.control_refs.join(" · ")}</span></td>
              <td class="narrow">{alert.terminal_id}</td>
              <td class="narrow"><Time at={alert.raised_at} /></td>
            </tr>
          ))}
        </tbody></table>
      </Section>
      {incident.status !== "proposed" && <EvidenceBundle incident={incident} psd={psd} />}
      <Section name="Timeline">
        <ol class="timeline">{data.timeline.map((entry, index) => <Entry key={index} entry={entry} incident={incident} psd={psd} />)}</ol>
      </Section>
    </main>
  );
}
