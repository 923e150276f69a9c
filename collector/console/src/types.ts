// SPDX-License-Identifier: Apache-2.0
//
// What the API answers (docs/api/openapi.yml), as far as the console reads it.

export type Severity = "critical" | "high" | "medium" | "low" | "info";
export type Lane = "queue" | "digest" | "observe";
export type AlertState =
  | "new" | "acknowledged" | "in_work" | "resolved" | "suppressed" | "auto_cleared" | "converted";
export type Role = "spoc" | "psd_investigator" | "psd_director" | "acc" | "auditor" | "administrator";

export interface Session {
  account: string;
  display_name: string;
  role: Role;
  csrf_token: string;
  expires_at: string;
  now: string;
}

export interface Alert {
  alert_id: string;
  rule_id: string;
  severity: Severity;
  title: string;
  summary: string;
  terminal_id: string | null;
  room_label: string;
  site_name: string;
  operator_ref: string | null;
  lane: Lane;
  kind: "event" | "state";
  state: AlertState;
  mark: string;
  routed_to: string[];
  control_refs: string[];
  first_event_at: string;
  last_event_at: string;
  condition_at: string;
  raised_at: string;
  latency_ms: number;
  received_lag_ms: number;
  occurrence_count: number;
  ack_by: string | null;
  ack_at: string | null;
  ack_due_at: string | null;
  escalated_to: string | null;
  cleared_at: string | null;
  disposition: string | null;
  disposition_note: string | null;
  incident_id: string | null;
  part_of: string | null;
  revision: number;
}

export interface Parameter {
  name: string;
  value: number;
  basis: "policy" | "project";
}

export interface SiteState {
  site_id: string;
  site_name: string;
  state: "inactive" | "live" | "observe";
  alerts_a_day: number;
  decided: number;
  false_positive_share?: number;
  undecided_for_long: boolean;
  to_be_tuned: boolean;
  changed_by?: string;
  changed_at?: string;
  reason?: string;
}

export interface Rule {
  rule_id: string;
  title: string;
  level?: string;
  references: string[];
  parameters?: Parameter[];
  lanes?: Record<string, string>;
  routed_to?: string[];
  psd_eligible?: boolean;
  clears_itself?: boolean;
  live_at_once?: boolean;
  in_force?: boolean;
  missing?: string[];
  sites?: SiteState[];
}

export type Field = null | boolean | number | string | Field[] | { [name: string]: Field };

export interface EvidenceEvent {
  ingest_id: number;
  type: string;
  terminal_id: string;
  seq: number;
  at: string;
  received_at: string;
  leaf: string;
  withheld?: string;
  occurred_at?: string;
  observed_at?: string;
  clock?: string;
  outcome?: string;
  person?: string;
  body?: { [name: string]: Field };
}

export interface Act {
  log_id: number;
  at: string;
  actor: string;
  actor_role: string;
  action: string;
  object_type: string;
  object_id: string;
  purpose: string | null;
  outcome: "success" | "failure";
}

export interface AlertPage {
  alert: Alert;
  rule: Rule;
  parameters: { [name: string]: Field };
  evidence: EvidenceEvent[];
  history: Act[];
}

export interface Incident {
  incident_id: string;
  number: string;
  kind: string;
  severity: Severity;
  status: "proposed" | "open" | "contained" | "resolved" | "closed";
  discovered_at: string;
  discovered_by: string;
  discovery_method: string;
  report_due_at: string;
  reported_internal_at: string | null;
  summary: string;
  referred_at: string | null;
  referred_by: string | null;
  alert_ids: string[];
  revision: number;
}

export type TimelineEntry = { at: string } & (
  | { kind: "event"; event: EvidenceEvent }
  | { kind: "alert"; alert: Pick<Alert, "alert_id" | "rule_id" | "severity" | "title" | "summary"> }
  | { kind: "act"; act: Act }
);

export interface IncidentPage {
  incident: Incident;
  alerts: Alert[];
  timeline: TimelineEntry[];
}

export interface Sensor {
  name: string;
  state: "ok" | "degraded" | "off" | "absent" | "unknown";
  reason: string;
}

export interface DrillAnswer {
  sensor: string;
  answer: "proven" | "failed" | "off" | "absent" | "not_possible" | "waiting";
  reason: string;
  stored_at: string | null;
  took_ms?: number;
}

export interface Drill {
  nonce: string;
  ordered_at: string;
  ends_at: string;
  ordered_by: string;
  reason: string;
  media_id: string;
  begun_at: string | null;
  ended_at: string | null;
  answers: DrillAnswer[];
}

export interface Terminal {
  terminal_id: string;
  registered: boolean;
  status: string;
  mnemonic: string;
  desk: string;
  site_id: string;
  site_name: string;
  room_id: string;
  room_label: string;
  liveness: string;
  liveness_since?: string;
  last_seen_at: string | null;
  agent_version: string;
  queue_depth: number;
  sensors: Sensor[];
  screen_privacy: string;
  drill: Drill | null;
  open_alerts: Partial<Record<Severity, number>>;
}

export interface TerminalPage {
  terminal: Terminal;
  alerts: Alert[];
  events: EvidenceEvent[];
}

export type LaneCount = Record<"open" | "new" | Severity, number>;

export interface Counts {
  incidents: { proposed: number; open: number };
  lanes?: Record<Lane, LaneCount>;
}
