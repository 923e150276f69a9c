// SPDX-License-Identifier: Apache-2.0
import { describe as group, expect, it } from "vitest";
import { describe } from "../src/event_text";
import { answerText, parameterText } from "../src/words";
import { hrefOf, parseHash } from "../src/route";
import type { EvidenceEvent, Field } from "../src/types";

const event = (type: string, body: { [name: string]: Field }): EvidenceEvent =>
  ({ ingest_id: 1, type, terminal_id: "T1", seq: 1, at: "", received_at: "", leaf: "", body });

group("describe", () => {
  it("says what a stick is and where it went in", () => {
    expect(describe(event("usb.attach", {
      vid: "0951", pid: "1666", is_storage: true, serial_present: false, port: "1-2", decision: "allowed",
    }))).toBe("USB storage attached, 0951:1666, port 1-2, no serial number");
  });
  it("counts faces and onlookers", () => {
    expect(describe(event("camera.presence", { faces: 2, onlookers: 1, operator_present: true, duration_ms: 4200 })))
      .toBe("2 faces in view, 1 onlooker, operator present, for 4 s");
  });
  it("counts pages and copies", () => {
    expect(describe(event("print.job", { job_id: "42", state: "completed", printer_kind: "network", printer_id: "P1", pages: 1, copies: 2 })))
      .toBe("Print job 42 completed, network printer P1, 1 page, 2 copies");
  });
  it("shows the fields of a type it has no words for", () => {
    expect(describe(event("device.chassis", { state: "open" }))).toBe("state open");
  });
  it("says why a line is withheld", () => {
    expect(describe({ ...event("camera.presence", {}), withheld: "retention" })).toBe("Line withheld: retention");
  });
});

group("parseHash", () => {
  it("reads back what hrefOf wrote", () => {
    expect(parseHash(hrefOf("terminals", "T/1 ä"))).toEqual({ page: "terminals", id: "T/1 ä" });
    expect(parseHash("#/queue")).toEqual({ page: "queue", id: null });
  });
  it("survives a broken escape", () => {
    expect(parseHash("#/queue/%E0%A4%A")).toEqual({ page: "queue", id: null });
  });
});

group("parameterText", () => {
  it("moves the unit behind the number", () => {
    expect(parameterText("within_s", 300)).toBe("within 300 s");
    expect(parameterText("count_max", 3)).toBe("count max 3");
  });
});

group("answerText", () => {
  it("says how long it took, or why not", () => {
    expect(answerText({ answer: "proven", took_ms: 1240, reason: "" })).toBe("stored 1.2 s after its cue");
    expect(answerText({ answer: "failed", took_ms: 1240, reason: "look_failed" })).toBe("look failed");
    expect(answerText({ answer: "waiting", reason: "" })).toBe("");
  });
});
