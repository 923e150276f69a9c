// SPDX-License-Identifier: Apache-2.0
//
// The dictionary's codes as words. Finding, alert, incident and case are used exactly as system.md 9.11 has them.
import type { AlertState, Lane, Severity } from "./types";

export const SEVERITIES: Severity[] = ["critical", "high", "medium", "low", "info"];

export const LANES: { lane: Lane; title: string; hint: string }[] = [
  { lane: "queue", title: "Queue", hint: "Alerts that need a decision" },
  { lane: "digest", title: "Digest", hint: "Alerts for the custodian's daily digest" },
  { lane: "observe", title: "Observed", hint: "What rules that are not yet live would have raised" },
];

export const OPEN_STATES: AlertState[] = ["new", "acknowledged", "in_work"];

/** What a lane shows without being asked: a digest tells what happened, over or not; the queue what needs a decision. */
export const shownStates = (lane: Lane | null): AlertState[] =>
  lane === "digest" || lane === "observe" ? [...OPEN_STATES, "auto_cleared"] : OPEN_STATES;

export const DISPOSITIONS: [string, string][] = [
  ["true_positive", "True positive"],
  ["true_positive_minor", "True positive, minor"],
  ["policy_exception", "Policy exception"],
  ["authorised_maintenance", "Authorised maintenance"],
  ["training_issue", "Training issue"],
  ["technical_fault", "Technical fault"],
  ["false_positive_sensor", "False positive: sensor"],
  ["false_positive_rule", "False positive: rule"],
  ["duplicate", "Duplicate"],
  ["test", "Test"],
];

export const INCIDENT_KINDS: [string, string][] = [
  ["security", "Security (equipment)"],
  ["privacy", "Privacy (view or print)"],
  ["media", "Media"],
  ["authorisation", "Authorisation"],
  ["system_health", "System health"],
  ["suspected_misuse", "Suspected misuse"],
];

export const PURPOSES: [string, string][] = [
  ["investigation", "Investigation"],
  ["review", "Review"],
  ["report", "Report"],
  ["records_request", "Records request"],
  ["audit", "Audit"],
  ["test", "Test"],
];

export const ROLES: Record<string, string> = {
  spoc: "SPOC",
  psd_investigator: "PSD investigator",
  psd_director: "PSD director",
  acc: "ACC",
  auditor: "Auditor",
  administrator: "Administrator",
};

const ACTIONS: Record<string, string> = {
  "alert.raise": "raised the alert",
  "alert.acknowledge": "acknowledged the alert",
  "alert.resolve": "resolved the alert",
  "alert.convert": "converted the alert",
  "alert.clear": "cleared the alert",
  "incident.propose": "proposed the incident",
  "incident.convert": "opened the incident",
  "incident.open": "opened the page",
  "incident.accept": "accepted the proposal",
  "incident.refer": "referred it to the PSD",
  "person.resolve": "resolved a person",
};

export function actionText(action: string): string {
  return ACTIONS[action] ?? action.replace(".", " ").replaceAll("_", " ");
}

/** within_s, 300 -> within 300 s. */
export function parameterText(name: string, value: string | number | boolean | null): string {
  const unit = /_(s|ms|min|h|d)$/.exec(name)?.[1];
  const words = (unit ? name.slice(0, -unit.length - 1) : name).replaceAll("_", " ");
  return unit ? `${words} ${value} ${unit}` : `${words} ${value}`;
}

/** 0.345 -> 35 %. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** How often a rule speaks: by the day, or where that would be a tenth and less, by the days between. */
export function rate(aDay: number): string {
  if (aDay < 0.15) return `an alert in ${Math.round(1 / aDay)} days`;
  const number = aDay < 1 ? Math.round(aDay * 10) / 10 : Math.round(aDay);
  return `${number} alert${number === 1 ? "" : "s"} a day`;
}

/** true_positive -> True positive. */
export function title(code: string): string {
  const text = code.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is behind a sensor's answer in a drill: how long it took from the cue to the store, and why not. */
export function answerText(answer: { took_ms?: number; reason: string; answer: string }): string {
  const took = answer.answer === "proven" && answer.took_ms !== undefined ? `stored ${(answer.took_ms / 1000).toFixed(1)} s after its cue` : "";
  return [took, answer.reason.replaceAll("_", " ")].filter(Boolean).join(", ");
}
