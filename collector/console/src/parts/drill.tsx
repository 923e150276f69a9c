// SPDX-License-Identifier: Apache-2.0
//
// The last drill of a terminal: what each sensor answered when it was asked to prove itself.
import type { Drill, DrillAnswer } from "../types";
import { answerText, title } from "../words";
import { Chip, Time } from "./basics";

const TONES: Record<DrillAnswer["answer"], string> = {
  proven: "good", failed: "bad", waiting: "plain", off: "plain", absent: "plain", not_possible: "warn",
};

function Answer({ answer }: { answer: DrillAnswer }) {
  return (
    <tr>
      <td class="narrow">{title(answer.sensor)}</td>
      <td class="narrow"><Chip tone={TONES[answer.answer]}>{title(answer.answer)}</Chip></td>
      <td class="muted">{answerText(answer)}</td>
      <td class="narrow"><Time at={answer.stored_at} /></td>
    </tr>
  );
}

export function LastDrill({ drill }: { drill: Drill | null }) {
  if (drill === null) return <p class="empty">No drill yet: nothing but its own word says that a sensor sees.</p>;
  return (
    <>
      <p class="muted">
        Ordered <Time at={drill.ordered_at} /> by {drill.ordered_by}: {drill.reason}.{" "}
        {drill.ended_at ? <>Ended <Time at={drill.ended_at} />.</> : <>Ends <Time at={drill.ends_at} /> at the latest.</>}
      </p>
      <table class="lines">
        <tbody>{drill.answers.map((answer) => <Answer key={answer.sensor} answer={answer} />)}</tbody>
      </table>
    </>
  );
}
