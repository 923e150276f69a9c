// SPDX-License-Identifier: Apache-2.0
import { useEffect } from "preact/hooks";
import { api } from "../api";
import { Facts, Fault, Section, SeverityMark, Time, useFetch } from "../parts/basics";
import { Evidence } from "../parts/evidence";
import { hrefOf } from "../route";
import { useStore } from "../store";
import type { Alert } from "../types";
import { title } from "../words";
import { LastDrill } from "../parts/drill";
import { Liveness, SensorChip } from "./terminals";

function AlertLines({ alerts }: { alerts: Alert[] }) {
  if (alerts.length === 0) return <p class="empty">No alerts.</p>;
  return (
    <table class="lines">
      <tbody>
        {alerts.map((alert) => (
          <tr key={alert.alert_id}>
            <td class="narrow"><SeverityMark severity={alert.severity} /></td>
            <td class="narrow"><Time at={alert.raised_at} /></td>
            <td><a href={hrefOf(alert.lane, alert.alert_id)}>{alert.title}</a><span class="sentence">{alert.summary}</span></td>
            <td class="narrow muted">{title(alert.state)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function TerminalView({ terminalId }: { terminalId: string }) {
  const { data, fault, reload } = useFetch(terminalId, () => api.terminal(terminalId));
  const live = useStore((state) => state.terminals.get(terminalId));
  const role = useStore((state) => state.session?.role);
  useEffect(() => { if (data) reload(); }, [live]);
  if (data === null) return <main class="page">{fault ? <Fault message={fault} /> : <p class="empty">Loading…</p>}</main>;
  const { terminal } = data;
  return (
    <main class="page">
      <p class="crumbs"><a href={hrefOf("terminals")}>All terminals</a></p>
      <h1>{terminal.terminal_id} <Liveness terminal={terminal} /></h1>
      <p class="sensors">{terminal.sensors.map((sensor) => <SensorChip key={sensor.name} sensor={sensor} named />)}</p>
      <Facts rows={[
        ["Place", [terminal.desk, terminal.room_label, terminal.site_name].filter(Boolean).join(", ") || "–"],
        ["Mnemonic", terminal.mnemonic || "–"],
        ["Licence", title(terminal.status)],
        ["Screen privacy", terminal.screen_privacy],
        ["Last seen", <Time at={terminal.last_seen_at} />],
        ["Agent", terminal.agent_version || "–"],
        ["Waiting in its spool", String(terminal.queue_depth)],
      ]} />
      {role === "spoc" && <Section name="Alerts"><AlertLines alerts={data.alerts} /></Section>}
      <Section name="Last drill"><LastDrill drill={terminal.drill} /></Section>
      <Section name="Latest events"><Evidence events={[...data.events].reverse()} /></Section>
    </main>
  );
}
