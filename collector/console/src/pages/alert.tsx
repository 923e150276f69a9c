// SPDX-License-Identifier: Apache-2.0
//
// One alert: a sentence, the rule and the clause it rests on, what can be done, and the events underneath.
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { Chip, Countdown, Facts, Fault, Section, SeverityMark, Time, useAct, useFetch } from "../parts/basics";
import { Evidence } from "../parts/evidence";
import { History } from "../parts/history";
import { useKeys } from "../keys";
import { go, hrefOf } from "../route";
import { dispatch, useStore } from "../store";
import { formatDuration } from "../time";
import type { Alert, AlertPage, Rule } from "../types";
import { DISPOSITIONS, INCIDENT_KINDS, OPEN_STATES, parameterText, title } from "../words";

const RELATED_WITHIN_MS = 15 * 60 * 1000; // rule catalogue, section 3.6

function StateText({ alert }: { alert: Alert }) {
  if (alert.state === "new")
    return <>New{alert.ack_due_at && <>, to acknowledge within <Countdown due={alert.ack_due_at} label="To acknowledge" /></>}</>;
  if (alert.state === "acknowledged") return <>Acknowledged by {alert.ack_by} at <Time at={alert.ack_at} /></>;
  if (alert.state === "auto_cleared") return <>Cleared by itself at <Time at={alert.cleared_at} /></>;
  if (alert.state === "resolved") return <>Resolved: {title(alert.disposition ?? "")}</>;
  return <>{title(alert.state)}</>;
}

function AlertFacts({ alert }: { alert: Alert }) {
  return (
    <Facts rows={[
      ["State", <StateText alert={alert} />],
      ["Terminal", alert.terminal_id ? <a href={hrefOf("terminals", alert.terminal_id)}>{alert.terminal_id}</a> : "several"],
      ["Place", [alert.room_label, alert.site_name].filter(Boolean).join(", ") || "–"],
      ["Person", alert.operator_ref ?? "–"],
      ["First event", <Time at={alert.first_event_at} />],
      ["Raised", <><Time at={alert.raised_at} /> <span class="faint">{formatDuration(alert.latency_ms)} after the condition held</span></>],
      ["Happened", alert.occurrence_count === 1 ? "once" : `${alert.occurrence_count} times, last at `],
      ["Routed to", alert.routed_to.join(", ") || "–"],
    ].map(([name, value]) => name === "Happened" && alert.occurrence_count > 1
      ? [name, <>{value}<Time at={alert.last_event_at} /></>] : [name, value]) as [string, preact.ComponentChildren][]} />
  );
}

function RuleCard({ rule, alert, parameters }: { rule: Rule; alert: Alert; parameters: AlertPage["parameters"] }) {
  const shown = Object.entries(parameters).filter(([, value]) => typeof value !== "object");
  return (
    <div class="card rule-card">
      <p><a class="mono" href={hrefOf("rules")}>{alert.rule_id}</a> <strong>{rule.title}</strong>{rule.in_force === false && <Chip tone="warn">no longer in force</Chip>}</p>
      <ul class="clauses" aria-label="Clauses">{alert.control_refs.map((clause) => <li key={clause}>{clause}</li>)}</ul>
      {shown.length > 0 && <p class="faint small">Parameters in force: {shown.map(([name, value]) => parameterText(name, value as string | number)).join(" · ")}</p>}
    </div>
  );
}

function ResolveForm({ alert, onDone }: { alert: Alert; onDone: (alert: Alert) => void }) {
  const [disposition, setDisposition] = useState("");
  const [note, setNote] = useState("");
  const { busy, fault, run } = useAct();
  const submit = (event: Event): void => {
    event.preventDefault();
    void run(async () => onDone((await api.resolve(alert.alert_id, disposition, note)).alert));
  };
  return (
    <form class="card act" onSubmit={submit}>
      <label>Disposition
        <select required autofocus value={disposition} onChange={(event) => setDisposition(event.currentTarget.value)}>
          <option value="">Choose…</option>
          {DISPOSITIONS.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
        </select>
      </label>
      <label>Note <span class="faint">facts about the terminal only, nothing about a person</span>
        <textarea rows={2} maxLength={2000} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      <Fault message={fault} />
      <button class="primary" disabled={busy}>Resolve</button>
    </form>
  );
}

function ConvertForm({ alert }: { alert: Alert }) {
  const known = useStore((state) => state.alerts);
  const related = [...known.values()].filter((other) =>
    other.alert_id !== alert.alert_id && other.terminal_id === alert.terminal_id && OPEN_STATES.includes(other.state) &&
    Math.abs(Date.parse(other.raised_at) - Date.parse(alert.raised_at)) <= RELATED_WITHIN_MS);
  const [kind, setKind] = useState("security");
  const [summary, setSummary] = useState(alert.summary);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const { busy, fault, run } = useAct();
  const toggle = (id: string): void => {
    const copy = new Set(left);
    if (!copy.delete(id)) copy.add(id);
    setLeft(copy);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const ids = [alert.alert_id, ...related.map((other) => other.alert_id).filter((id) => !left.has(id))];
    void run(async () => {
      const { incident } = await api.convert(ids, kind, summary);
      dispatch({ type: "incident", incident });
      go("incidents", incident.incident_id);
    });
  };
  return (
    <form class="card act" onSubmit={submit}>
      <label>Kind
        <select autofocus value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          {INCIDENT_KINDS.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
        </select>
      </label>
      <label>Summary <span class="faint">what happened, in facts</span>
        <textarea rows={3} required maxLength={4000} value={summary} onInput={(event) => setSummary(event.currentTarget.value)} />
      </label>
      {related.length > 0 && (
        <fieldset>
          <legend>Open alerts of this terminal within 15 minutes go along</legend>
          {related.map((other) => (
            <label class="check" key={other.alert_id}>
              <input type="checkbox" checked={!left.has(other.alert_id)} onChange={() => toggle(other.alert_id)} />
              {other.rule_id} {other.title}
            </label>
          ))}
        </fieldset>
      )}
      <Fault message={fault} />
      <button class="primary" disabled={busy}>Open the incident</button>
    </form>
  );
}

function Actions({ alert, onChange }: { alert: Alert; onChange: (alert: Alert) => void }) {
  const [form, setForm] = useState<"resolve" | "convert" | null>(null);
  const { busy, fault, run } = useAct();
  const open = OPEN_STATES.includes(alert.state);
  const acknowledge = (): void => void run(async () => onChange((await api.acknowledge(alert.alert_id)).alert));
  const toggle = (which: "resolve" | "convert"): void => setForm(form === which ? null : which);
  useKeys({ c: () => open && toggle("convert"), r: () => open && toggle("resolve") });
  if (alert.incident_id)
    return <p class="buttons"><a class="button" href={hrefOf("incidents", alert.incident_id)}>Show its incident</a></p>;
  if (!open) return null;
  return (
    <>
      <p class="buttons">
        {alert.state === "new" && <button class="primary" disabled={busy} onClick={acknowledge}>Acknowledge <kbd>a</kbd></button>}
        <button aria-expanded={form === "convert"} onClick={() => toggle("convert")}>Convert to incident <kbd>c</kbd></button>
        <button aria-expanded={form === "resolve"} onClick={() => toggle("resolve")}>Resolve <kbd>r</kbd></button>
      </p>
      <Fault message={fault} />
      {form === "convert" && <ConvertForm alert={alert} />}
      {form === "resolve" && <ResolveForm alert={alert} onDone={(changed) => { setForm(null); onChange(changed); }} />}
    </>
  );
}

export function AlertView({ alertId, page }: { alertId: string; page: string }) {
  const { data, fault, reload } = useFetch(alertId, () => api.alert(alertId));
  const live = useStore((state) => state.alerts.get(alertId));
  const role = useStore((state) => state.session?.role);
  useEffect(() => {
    if (live && data && live.revision > data.alert.revision) reload();
  }, [live?.revision, data?.alert.revision]);
  if (data === null)
    return <article class="detail">{fault ? <Fault message={fault} /> : <p class="empty">Loading…</p>}</article>;
  const alert = live && live.revision > data.alert.revision ? live : data.alert;
  return (
    <article class="detail" aria-label={alert.title}>
      <p class="crumbs"><a href={hrefOf(page)}>Back to the list</a> <kbd>Esc</kbd></p>
      <h1><SeverityMark severity={alert.severity} /> {alert.title}</h1>
      <p class="sentence">{alert.summary}</p>
      {role === "spoc" && <Actions alert={alert} onChange={(changed) => { dispatch({ type: "alert", alert: changed }); reload(); }} />}
      <AlertFacts alert={alert} />
      {alert.disposition_note && <p class="card">{alert.disposition_note}</p>}
      <Section name="Rule and clauses"><RuleCard rule={data.rule} alert={alert} parameters={data.parameters} /></Section>
      <Section name="Evidence" note={`${data.evidence.length} event${data.evidence.length === 1 ? "" : "s"}`}><Evidence events={data.evidence} /></Section>
      <Section name="History"><History acts={data.history} /></Section>
    </article>
  );
}
