// SPDX-License-Identifier: Apache-2.0
//
// Calls to the collector. A failure is an ApiError with the collector's own sentence; a lost session shows the log-in.
import { dispatch, getState } from "./store";
import type { Alert, AlertPage, Incident, IncidentPage, Rule, Session, Terminal, TerminalPage } from "./types";

export class ApiError extends Error {
  constructor(readonly status: number, message: string, readonly code = "") {
    super(message);
  }
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  return await (await ask(method, path, body)).json().catch(() => null) as T;
}

// An answer that is no failure, whatever is in it.
async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = {};
  const session = getState().session;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && session) headers["X-CSRF-Token"] = session.csrf_token;
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method, headers, credentials: "same-origin", body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, "The collector does not answer.");
  }
  if (answer.ok) return answer;
  const data = await answer.json().catch(() => null);
  if (answer.status === 401 && path !== "session") dispatch({ type: "session", session: null });
  throw new ApiError(answer.status, data?.error?.message ?? `The collector answered ${answer.status}.`, data?.error?.code);
}

// Hands an answer to the browser as a file.
async function download(path: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await (await ask("GET", path)).blob());
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const id = encodeURIComponent;

export const api = {
  session: () => call<Session>("GET", "session"),
  logIn: (name: string, password: string, code: string | null) =>
    call<Session>("POST", "session", code ? { name, password, code } : { name, password }),
  logOut: () => call<unknown>("DELETE", "session"),
  alerts: (query: Record<string, string>) =>
    call<{ alerts: Alert[]; next: string | null }>("GET", `alerts?${new URLSearchParams(query)}`),
  alert: (alertId: string) => call<AlertPage>("GET", `alerts/${id(alertId)}`),
  acknowledge: (alertId: string) => call<{ alert: Alert }>("POST", `alerts/${id(alertId)}/acknowledge`),
  resolve: (alertId: string, disposition: string, note: string) =>
    call<{ alert: Alert }>("POST", `alerts/${id(alertId)}/resolve`, { disposition, note }),
  terminals: () => call<{ terminals: Terminal[] }>("GET", "terminals"),
  terminal: (terminalId: string) => call<TerminalPage>("GET", `terminals/${id(terminalId)}`),
  incidents: () => call<{ incidents: Incident[] }>("GET", "incidents"),
  incident: (incidentId: string) => call<IncidentPage>("GET", `incidents/${id(incidentId)}`),
  convert: (alertIds: string[], kind: string, summary: string) =>
    call<{ incident: Incident }>("POST", "incidents", { alert_ids: alertIds, kind, summary }),
  accept: (incidentId: string) => call<{ incident: Incident }>("POST", `incidents/${id(incidentId)}/accept`),
  refer: (incidentId: string) => call<{ incident: Incident }>("POST", `incidents/${id(incidentId)}/refer`),
  person: (incidentId: string, ingestId: number, purpose: string) =>
    call<{ operator_account: string; operator_ref: string | null; display_name: string | null }>(
      "POST", `incidents/${id(incidentId)}/person`, { ingest_id: ingestId, purpose }),
  evidence: (incident: Incident, purpose: string, form: string) =>
    download(`incidents/${id(incident.incident_id)}/evidence?${new URLSearchParams({ purpose, form })}`, `incident-${incident.number}.tar`),
  rules: () => call<{ counted_days: number; rules: Rule[] }>("GET", "rules"),
};
