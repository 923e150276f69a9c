// SPDX-License-Identifier: Apache-2.0
//
// What the console knows, and how each message of the live stream changes it. reduce() is pure; the rest hands the
// state to the components.
import { useEffect, useState } from "preact/hooks";
import type { Alert, Counts, Incident, Session, Terminal } from "./types";
import { OPEN_STATES, SEVERITIES } from "./words";

export type Link = "connecting" | "live" | "lost";

export interface State {
  session: Session | null | undefined; // undefined: not asked yet
  link: Link;
  clockOffsetMs: number; // server minus browser
  alerts: ReadonlyMap<string, Alert>;
  incidents: ReadonlyMap<string, Incident>;
  terminals: ReadonlyMap<string, Terminal>;
  counts: Counts | null;
  refetch: number; // rises when lists have to be fetched anew
}

export type Message =
  | { type: "session"; session: Session | null }
  | { type: "link"; link: Link }
  | { type: "hello"; now: string; browserNow: number }
  | { type: "resync" }
  | { type: "alert"; alert: Alert }
  | { type: "alerts"; alerts: Alert[] }
  | { type: "incident"; incident: Incident }
  | { type: "incidents"; incidents: Incident[] }
  | { type: "terminal"; terminal: Terminal }
  | { type: "terminals"; terminals: Terminal[] }
  | { type: "counts"; counts: Counts };

export const EMPTY: State = {
  session: undefined, link: "connecting", clockOffsetMs: 0, alerts: new Map(), incidents: new Map(),
  terminals: new Map(), counts: null, refetch: 0,
};

// A page fetched earlier must not undo what the stream brought since.
function newer<T extends { revision: number }>(map: ReadonlyMap<string, T>, id: string, item: T): boolean {
  const known = map.get(id);
  return known === undefined || item.revision >= known.revision;
}

export function reduce(state: State, message: Message): State {
  switch (message.type) {
    case "session":
      return message.session === null ? { ...EMPTY, session: null } : { ...state, session: message.session };
    case "link":
      return { ...state, link: message.link };
    case "hello":
      return {
        ...state, link: "live", clockOffsetMs: Date.parse(message.now) - message.browserNow, refetch: state.refetch + 1,
      };
    case "resync":
      return { ...state, refetch: state.refetch + 1 };
    case "alert":
      return reduce(state, { type: "alerts", alerts: [message.alert] });
    case "alerts": {
      const alerts = new Map(state.alerts);
      for (const alert of message.alerts)
        if (newer(alerts, alert.alert_id, alert)) alerts.set(alert.alert_id, alert);
      return { ...state, alerts };
    }
    case "incident":
      return reduce(state, { type: "incidents", incidents: [message.incident] });
    case "incidents": {
      const incidents = new Map(state.incidents);
      for (const incident of message.incidents)
        if (newer(incidents, incident.incident_id, incident)) incidents.set(incident.incident_id, incident);
      return { ...state, incidents };
    }
    case "terminal": {
      const terminals = new Map(state.terminals);
      terminals.set(message.terminal.terminal_id, message.terminal);
      return { ...state, terminals };
    }
    case "terminals":
      return { ...state, terminals: new Map(message.terminals.map((terminal) => [terminal.terminal_id, terminal])) };
    case "counts":
      return { ...state, counts: message.counts };
  }
}

/** Most urgent first: not acknowledged, then by severity, then the clock that runs out first, then the newest. */
export function byUrgency(a: Alert, b: Alert): number {
  const group = (alert: Alert): number =>
    alert.state === "new" ? 0 : OPEN_STATES.includes(alert.state) ? 1 : 2;
  const due = (alert: Alert): number =>
    alert.state === "new" && alert.ack_due_at !== null ? Date.parse(alert.ack_due_at) : Infinity;
  const severity = (alert: Alert): number => SEVERITIES.indexOf(alert.severity);
  if (group(a) !== group(b)) return group(a) - group(b);
  if (group(a) === 2) return Date.parse(b.raised_at) - Date.parse(a.raised_at);
  if (severity(a) !== severity(b)) return severity(a) - severity(b);
  if (due(a) !== due(b)) return due(a) - due(b);
  return Date.parse(b.raised_at) - Date.parse(a.raised_at);
}

let current: State = EMPTY;
const listeners = new Set<() => void>();

export function dispatch(message: Message): void {
  current = reduce(current, message);
  for (const listener of [...listeners]) listener();
}

export const getState = (): State => current;

export function useStore<T>(select: (state: State) => T): T {
  const [, redraw] = useState(0);
  const selected = select(current);
  useEffect(() => {
    let last = select(current);
    if (last !== selected) redraw((count) => count + 1);
    const listener = (): void => {
      const next = select(current);
      if (next !== last) {
        last = next;
        redraw((count) => count + 1);
      }
    };
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return selected;
}

/** The server's clock, ticking once a second: what every countdown counts by. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now() + current.clockOffsetMs);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() + current.clockOffsetMs), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
