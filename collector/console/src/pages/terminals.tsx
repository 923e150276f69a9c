// SPDX-License-Identifier: Apache-2.0
//
// The wall of terminals by site and room: every sensor's state with its reason, sign of life, open alerts.
import { useEffect, useMemo, useState } from "preact/hooks";
import { api } from "../api";
import { Chip, Fault, SeverityMark, Time, useAct } from "../parts/basics";
import { hrefOf } from "../route";
import { dispatch, useStore } from "../store";
import type { Sensor, Terminal } from "../types";
import { SEVERITIES, title } from "../words";

export const TONES: Record<string, string> = { ok: "good", degraded: "warn", off: "plain", absent: "warn", unknown: "plain" };

const LIVENESS: Record<string, [string, string]> = {
  alive: ["good", "Alive"], back: ["good", "Alive"], late: ["warn", "Late"], offline: ["bad", "Silent"],
  shutdown: ["plain", "Shut down"], asleep: ["plain", "Asleep"], never_seen: ["plain", "Never seen"],
};

export const SENSOR_NAMES: Record<string, string> = {
  identity: "Identity", usb: "USB", print: "Print", session: "Session", idle: "Idle", camera: "Camera", clets_client: "CLETS client",
};

export function Liveness({ terminal }: { terminal: Terminal }) {
  const [tone, text] = LIVENESS[terminal.liveness] ?? ["plain", title(terminal.liveness)];
  return <Chip tone={tone}>{text}</Chip>;
}

export function SensorChip({ sensor, named }: { sensor: Sensor; named?: boolean }) {
  const name = SENSOR_NAMES[sensor.name] ?? sensor.name;
  const reason = sensor.reason.replaceAll("_", " ");
  return (
    <span class="sensor">
      <Chip tone={TONES[sensor.state] ?? "plain"} hint={`${name}: ${sensor.state}${reason ? `, ${reason}` : ""}`}>
        {named ? `${name} ` : ""}{sensor.state}
      </Chip>
      {reason && sensor.state !== "ok" && <span class="reason">{reason}</span>}
    </span>
  );
}

function OpenAlerts({ terminal }: { terminal: Terminal }) {
  const some = SEVERITIES.filter((severity) => (terminal.open_alerts[severity] ?? 0) > 0);
  if (some.length === 0) return <span class="faint">none</span>;
  return <span class="tallies">{some.map((severity) => <span key={severity}><SeverityMark severity={severity} /> {terminal.open_alerts[severity]}</span>)}</span>;
}

function needsAttention(terminal: Terminal): boolean {
  return terminal.liveness === "offline" || terminal.liveness === "late" || !terminal.registered ||
    terminal.sensors.some((sensor) => sensor.state === "degraded") || Object.keys(terminal.open_alerts).length > 0;
}

interface Room { key: string; label: string; terminals: Terminal[] }

function rooms(terminals: Terminal[]): Room[] {
  const found = new Map<string, Room>();
  const sorted = [...terminals].sort((a, b) =>
    [a.site_name, a.room_label, a.terminal_id].join("\n").localeCompare([b.site_name, b.room_label, b.terminal_id].join("\n")));
  for (const terminal of sorted) {
    const key = `${terminal.site_id}/${terminal.room_id}`;
    const label = terminal.registered ? [terminal.site_name, terminal.room_label].filter(Boolean).join(" · ") : "Not in the register";
    const room = found.get(key) ?? { key, label: label || "No place in the register", terminals: [] };
    room.terminals.push(terminal);
    found.set(key, room);
  }
  return [...found.values()];
}

function TerminalRow({ terminal, sensors }: { terminal: Terminal; sensors: string[] }) {
  return (
    <tr>
      <td class="narrow"><a href={hrefOf("terminals", terminal.terminal_id)}>{terminal.terminal_id}</a>
        <span class="faint block">{[terminal.mnemonic, terminal.desk].filter(Boolean).join(" · ")}</span></td>
      <td class="narrow"><Liveness terminal={terminal} /><span class="faint block"><Time at={terminal.last_seen_at} /></span></td>
      <td class="narrow">{terminal.status === "licensed" ? "licensed" : <Chip tone="warn">{terminal.status.replaceAll("_", " ")}</Chip>}</td>
      {sensors.map((name) => {
        const sensor = terminal.sensors.find((candidate) => candidate.name === name);
        return <td key={name}>{sensor ? <SensorChip sensor={sensor} /> : <span class="faint">–</span>}</td>;
      })}
      <td>{terminal.screen_privacy}</td>
      <td class="narrow"><OpenAlerts terminal={terminal} /></td>
    </tr>
  );
}

export function Terminals() {
  const known = useStore((state) => state.terminals);
  const refetch = useStore((state) => state.refetch);
  const [onlyAttention, setOnlyAttention] = useState(false);
  const { fault, run } = useAct();
  useEffect(() => void run(async () => dispatch({ type: "terminals", terminals: (await api.terminals()).terminals })), [refetch]);
  const all = useMemo(() => [...known.values()], [known]);
  const shown = onlyAttention ? all.filter(needsAttention) : all;
  const sensors = all[0]?.sensors.map((sensor) => sensor.name).filter((name) => name !== "clets_client") ?? [];
  const silent = all.filter((terminal) => terminal.liveness === "offline").length;
  return (
    <main class="page">
      <div class="bar">
        <h1>{all.length} terminals{silent > 0 && <span class="note bad">{silent} silent</span>}</h1>
        <label class="check"><input type="checkbox" checked={onlyAttention} onChange={() => setOnlyAttention(!onlyAttention)} /> Only those that need attention</label>
      </div>
      <Fault message={fault} />
      <div class="scroll">
        <table class="grid">
          <thead>
            <tr><th scope="col">Terminal</th><th scope="col">Sign of life</th><th scope="col">Licence</th>
              {sensors.map((name) => <th key={name} scope="col">{SENSOR_NAMES[name] ?? name}</th>)}
              <th scope="col">Screen privacy</th><th scope="col">Open alerts</th></tr>
          </thead>
          <tbody>
            {rooms(shown).map((room) => (
              <>
                <tr class="group" key={room.key}><th colSpan={sensors.length + 5} scope="colgroup">{room.label}<span class="count">{room.terminals.length}</span></th></tr>
                {room.terminals.map((terminal) => <TerminalRow key={terminal.terminal_id} terminal={terminal} sensors={sensors} />)}
              </>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && fault === null && <p class="empty">{all.length === 0 ? "No terminals yet." : "All is well."}</p>}
    </main>
  );
}
