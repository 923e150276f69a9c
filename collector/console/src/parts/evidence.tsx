// SPDX-License-Identifier: Apache-2.0
//
// Events as a table that can be read aloud; each row opens to its fields and its leaf in the evidence log.
import { useState } from "preact/hooks";
import { describe } from "../event_text";
import { formatDuration } from "../time";
import type { EvidenceEvent, Field } from "../types";
import { Time } from "./basics";

function fieldText(value: Field): string {
  if (Array.isArray(value)) return value.map(fieldText).join(", ");
  if (value !== null && typeof value === "object") return JSON.stringify(value);
  return String(value);
}

function Fields({ event }: { event: EvidenceEvent }) {
  const rows: [string, string][] = [
    ...Object.entries(event.body ?? {}).map(([name, value]): [string, string] => [name, fieldText(value)]),
    ["seq", String(event.seq)], ["clock", event.clock ?? ""], ["log", `no. ${event.ingest_id}`], ["leaf", event.leaf],
  ];
  return (
    <dl class="fields">
      {rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

function Row({ event, columns }: { event: EvidenceEvent; columns: number }) {
  const [open, setOpen] = useState(false);
  const lag = Date.parse(event.received_at) - Date.parse(event.observed_at ?? event.at);
  return (
    <>
      <tr>
        <td class="narrow">{event.occurred_at === "unknown" ? <span title="It was already so when the agent started">before <Time at={event.at} /></span> : <Time at={event.at} />}</td>
        <td>
          <button class="plain disclose" aria-expanded={open} onClick={() => setOpen(!open)}>{describe(event)}</button>
        </td>
        <td class="narrow mono">{event.type}</td>
        <td class="narrow">{event.terminal_id}</td>
        <td class="narrow">{event.person ?? <span class="faint">–</span>}</td>
        <td class="narrow faint" title="From the agent's note to the collector's receipt">{formatDuration(lag)}</td>
      </tr>
      {open && <tr class="opened"><td colSpan={columns}><Fields event={event} /></td></tr>}
    </>
  );
}

const COLUMNS = ["When", "What", "Type", "Terminal", "Person", "Received after"];

export function Evidence({ events }: { events: EvidenceEvent[] }) {
  if (events.length === 0) return <p class="empty">No events.</p>;
  return (
    <div class="scroll">
      <table class="events">
        <thead><tr>{COLUMNS.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
        <tbody>{events.map((event) => <Row key={event.ingest_id} event={event} columns={COLUMNS.length} />)}</tbody>
      </table>
    </div>
  );
}
