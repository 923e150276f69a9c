// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { byUrgency, EMPTY, reduce } from "../src/store";
import type { Alert, Session, Terminal } from "../src/types";

const alert = (changes: Partial<Alert>): Alert => ({
  alert_id: "a", rule_id: "USB-01", severity: "high", title: "", summary: "", terminal_id: "T1", room_label: "",
  site_name: "", operator_ref: null, lane: "queue", kind: "event", state: "new", mark: "none", routed_to: [],
  control_refs: [], first_event_at: "", last_event_at: "", condition_at: "", raised_at: "2026-11-23T18:00:00Z",
  latency_ms: 0, received_lag_ms: 0, occurrence_count: 1, ack_by: null, ack_at: null, ack_due_at: null,
  escalated_to: null, cleared_at: null, disposition: null, disposition_note: null, incident_id: null, part_of: null,
  revision: 1, ...changes,
});

describe("reduce", () => {
  it("adds and replaces alerts by id", () => {
    let state = reduce(EMPTY, { type: "alert", alert: alert({ revision: 1 }) });
    state = reduce(state, { type: "alert", alert: alert({ revision: 2, state: "acknowledged" }) });
    expect(state.alerts.size).toBe(1);
    expect(state.alerts.get("a")?.state).toBe("acknowledged");
  });
  it("does not let a page fetched earlier undo what the stream brought", () => {
    let state = reduce(EMPTY, { type: "alert", alert: alert({ revision: 5, state: "acknowledged" }) });
    state = reduce(state, { type: "alerts", alerts: [alert({ revision: 4, state: "new" })] });
    expect(state.alerts.get("a")?.state).toBe("acknowledged");
  });
  it("never changes the state it was given", () => {
    const before = reduce(EMPTY, { type: "alert", alert: alert({}) });
    reduce(before, { type: "alert", alert: alert({ revision: 2, state: "resolved" }) });
    expect(before.alerts.get("a")?.state).toBe("new");
    expect(EMPTY.alerts.size).toBe(0);
  });
  it("fetches lists anew at each greeting and resync", () => {
    let state = reduce(EMPTY, { type: "hello", now: "2026-11-23T18:00:05Z", browserNow: Date.parse("2026-11-23T18:00:00Z") });
    expect(state).toMatchObject({ link: "live", clockOffsetMs: 5000, refetch: 1 });
    state = reduce(state, { type: "resync" });
    expect(state.refetch).toBe(2);
  });
  it("forgets everything at the log-out", () => {
    let state = reduce(EMPTY, { type: "session", session: { account: "x" } as Session });
    state = reduce(state, { type: "alert", alert: alert({}) });
    expect(reduce(state, { type: "session", session: null })).toEqual({ ...EMPTY, session: null });
  });
  it("replaces the wall by a list and single terminals by messages", () => {
    const terminal = (id: string, liveness: string) => ({ terminal_id: id, liveness }) as Terminal;
    let state = reduce(EMPTY, { type: "terminals", terminals: [terminal("T1", "alive"), terminal("T2", "alive")] });
    state = reduce(state, { type: "terminal", terminal: terminal("T2", "offline") });
    expect([...state.terminals.values()].map((seen) => seen.liveness)).toEqual(["alive", "offline"]);
    state = reduce(state, { type: "terminals", terminals: [terminal("T3", "late")] });
    expect([...state.terminals.keys()]).toEqual(["T3"]);
  });
});

describe("byUrgency", () => {
  const order = (...alerts: Alert[]) => alerts.sort(byUrgency).map((one) => one.alert_id);
  it("puts what nobody has taken first, whatever its severity", () => {
    expect(order(alert({ alert_id: "taken", severity: "critical", state: "acknowledged" }), alert({ alert_id: "new", severity: "low" })))
      .toEqual(["new", "taken"]);
  });
  it("then severity, then the clock that runs out first", () => {
    expect(order(
      alert({ alert_id: "high late", ack_due_at: "2026-11-23T19:00:00Z" }),
      alert({ alert_id: "high soon", ack_due_at: "2026-11-23T18:30:00Z" }),
      alert({ alert_id: "high none" }),
      alert({ alert_id: "critical", severity: "critical" }),
    )).toEqual(["critical", "high soon", "high late", "high none"]);
  });
  it("lists what is closed last, newest first", () => {
    expect(order(
      alert({ alert_id: "old", state: "resolved", severity: "critical", raised_at: "2026-11-20T18:00:00Z" }),
      alert({ alert_id: "recent", state: "auto_cleared", severity: "low", raised_at: "2026-11-22T18:00:00Z" }),
      alert({ alert_id: "open", severity: "info" }),
    )).toEqual(["open", "recent", "old"]);
  });
});
