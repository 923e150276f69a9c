// SPDX-License-Identifier: Apache-2.0
//
// The SPOC's list of alerts in one lane, most urgent first, live. Keys: j and k move, Enter opens, a acknowledges,
// Escape closes. On a wide screen the open alert stands beside the list.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { Chip, Countdown, Fault, SeverityMark, Time, useAct } from "../parts/basics";
import { useKeys } from "../keys";
import { go, hrefOf } from "../route";
import { byUrgency, dispatch, useStore } from "../store";
import { formatDuration } from "../time";
import type { Alert, Lane } from "../types";
import { LANES, OPEN_STATES, shownStates, title } from "../words";
import { AlertView } from "./alert";

const PAGE = "200";

function useAlerts(lane: Lane | null, all: boolean): { alerts: Alert[]; fault: string | null; more: (() => void) | null } {
  const known = useStore((state) => state.alerts);
  const refetch = useStore((state) => state.refetch);
  const [next, setNext] = useState<string | null>(null);
  const { fault, run } = useAct();
  const fetchPage = (before: string | null): Promise<void> => run(async () => {
    const query: Record<string, string> = { limit: PAGE };
    if (lane) query["lane"] = lane;
    if (!all) query["state"] = shownStates(lane).join(",");
    if (before) query["before"] = before;
    const page = await api.alerts(query);
    dispatch({ type: "alerts", alerts: page.alerts });
    setNext(page.next);
  });
  useEffect(() => void fetchPage(null), [lane, all, refetch]);
  const alerts = useMemo(
    () => [...known.values()]
      .filter((alert) => (lane === null || alert.lane === lane) && (all || shownStates(lane).includes(alert.state)))
      .sort(byUrgency),
    [known, lane, all],
  );
  return { alerts, fault, more: next === null ? null : () => void fetchPage(next) };
}

function StateCell({ alert }: { alert: Alert }) {
  if (alert.state === "new")
    return alert.ack_due_at ? <Countdown due={alert.ack_due_at} label="To acknowledge" /> : <span class="faint">new</span>;
  if (alert.state === "acknowledged")
    return <span class="muted">{alert.ack_by}</span>;
  return <span class="muted">{title(alert.state)}</span>;
}

function AlertRow({ alert, page, selected, open, onSelect }: {
  alert: Alert; page: string; selected: boolean; open: boolean; onSelect: () => void;
}) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const classes = ["alert-row", selected && "selected", open && "open", alert.state === "new" && "unseen"];
  return (
    <tr ref={row} class={classes.filter(Boolean).join(" ")} aria-selected={selected} data-alert={alert.alert_id}
      onClick={() => { onSelect(); go(page, alert.alert_id); }}>
      <td class="narrow"><SeverityMark severity={alert.severity} /></td>
      <td class="narrow due"><StateCell alert={alert} /></td>
      <td class="what">
        <a href={hrefOf(page, alert.alert_id)} onClick={(event) => event.stopPropagation()} onFocus={onSelect}>{alert.title}</a>
        <span class="sentence">{alert.summary}</span>
      </td>
      <td class="where">
        <span>{alert.terminal_id ?? "several terminals"}{alert.occurrence_count > 1 && <Chip tone="plain" hint="How often it happened">×{alert.occurrence_count}</Chip>}</span>
        <span class="faint">{[alert.room_label, alert.site_name].filter(Boolean).join(", ")}</span>
      </td>
      <td class="narrow rule faint">{alert.rule_id}</td>
      <td class="narrow raised"><Time at={alert.raised_at} /><span class="faint" title="From the rule's condition to the alert">{formatDuration(alert.latency_ms)}</span></td>
    </tr>
  );
}

function Group({ name, alerts, children }: { name: string; alerts: Alert[]; children: (alert: Alert) => preact.ComponentChild }) {
  if (alerts.length === 0) return null;
  return (
    <>
      <tr class="group"><th colSpan={6} scope="colgroup">{name}<span class="count">{alerts.length}</span></th></tr>
      {alerts.map(children)}
    </>
  );
}

export function Queue({ page, lane, openId }: { page: string; lane: Lane | null; openId: string | null }) {
  const [all, setAll] = useState(false);
  const { alerts, fault, more } = useAlerts(lane, all);
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const role = useStore((state) => state.session?.role);
  const act = useAct();
  const at = alerts.findIndex((alert) => alert.alert_id === (selectedId ?? openId));
  const selected = alerts[at];

  const move = (by: number): void => {
    const target = alerts[Math.min(Math.max(at + by, 0), alerts.length - 1)];
    if (!target) return;
    setSelectedId(target.alert_id);
    if (openId !== null) go(page, target.alert_id);
  };
  const acknowledge = (): void => {
    if (role === "spoc" && selected?.state === "new")
      void act.run(async () => dispatch({ type: "alert", alert: (await api.acknowledge(selected.alert_id)).alert }));
  };
  useKeys({
    j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
    Enter: () => selected && go(page, selected.alert_id), a: acknowledge, Escape: () => go(page),
  });

  const hint = LANES.find((candidate) => candidate.lane === lane)?.hint ?? "Alerts routed to you";
  const group = (wanted: (alert: Alert) => boolean): Alert[] => alerts.filter(wanted);
  const row = (alert: Alert) => (
    <AlertRow key={alert.alert_id} alert={alert} page={page} selected={alert === selected} open={alert.alert_id === openId}
      onSelect={() => setSelectedId(alert.alert_id)} />
  );
  return (
    <main class={openId ? "split has-open" : "split"}>
      <div class="list">
        <div class="bar">
          <h1>{hint}</h1>
          <label class="check"><input type="checkbox" checked={all} onChange={() => setAll(!all)} /> Show closed</label>
          <span class="keys faint"><kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open <kbd>a</kbd> acknowledge</span>
        </div>
        <Fault message={fault ?? act.fault} />
        {alerts.length === 0 && fault === null && <p class="empty">Nothing here. New alerts appear by themselves.</p>}
        {alerts.length > 0 && (
          <table class="alerts">
            <thead>
              <tr><th scope="col">Severity</th><th scope="col">Due</th><th scope="col">What happened</th><th scope="col">Where</th><th scope="col" class="rule">Rule</th><th scope="col">Raised</th></tr>
            </thead>
            <tbody>
              <Group name="Not acknowledged" alerts={group((alert) => alert.state === "new")}>{row}</Group>
              <Group name="Acknowledged" alerts={group((alert) => alert.state === "acknowledged" || alert.state === "in_work")}>{row}</Group>
              <Group name="Over by itself" alerts={group((alert) => alert.state === "auto_cleared")}>{row}</Group>
              <Group name="Closed" alerts={group((alert) => !OPEN_STATES.includes(alert.state) && alert.state !== "auto_cleared")}>{row}</Group>
            </tbody>
          </table>
        )}
        {more && <button class="more" onClick={more}>Load older</button>}
      </div>
      {openId && <AlertView key={openId} alertId={openId} page={page} />}
    </main>
  );
}
