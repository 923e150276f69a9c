// SPDX-License-Identifier: Apache-2.0
import type { Act } from "../types";
import { actionText, ROLES } from "../words";
import { Time } from "./basics";

export function actLine(act: Act): string {
  const who = act.actor === "system" ? "Sallyport" : `${act.actor} (${ROLES[act.actor_role] ?? act.actor_role})`;
  const purpose = act.purpose ? `, purpose: ${act.purpose.replaceAll("_", " ")}` : "";
  return `${who} ${actionText(act.action)}${purpose}${act.outcome === "failure" ? " – refused" : ""}`;
}

export function History({ acts }: { acts: Act[] }) {
  if (acts.length === 0) return <p class="empty">Nothing yet.</p>;
  const oldestFirst = [...acts].sort((a, b) => a.log_id - b.log_id);
  return (
    <ol class="history">
      {oldestFirst.map((act) => <li key={act.log_id}><Time at={act.at} /><span>{actLine(act)}</span></li>)}
    </ol>
  );
}
