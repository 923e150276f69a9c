// SPDX-License-Identifier: Apache-2.0
//
// One event in one line of plain words. A type that is not here still shows its fields.
import type { EvidenceEvent, Field } from "./types";

type Body = { [name: string]: Field };

const text = (body: Body, name: string): string => {
  const value = body[name];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
};
const yes = (body: Body, name: string): boolean => body[name] === true;
const words = (...parts: (string | false | undefined)[]): string => parts.filter(Boolean).join(", ");
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function usbKind(body: Body): string {
  if (yes(body, "is_storage")) return "USB storage";
  if (yes(body, "is_mtp")) return "Phone or camera";
  if (yes(body, "is_net")) return "USB network adapter";
  if (yes(body, "is_keyboard")) return "USB keyboard";
  if (yes(body, "is_hid")) return "USB input device";
  return "USB device";
}

function usbDevice(body: Body, verb: string): string {
  return words(
    `${usbKind(body)} ${verb}`,
    `${text(body, "vid")}:${text(body, "pid")}`,
    `port ${text(body, "port")}`,
    body["serial_present"] === false && "no serial number",
    text(body, "identity") === "model" && "a model, no single device",
    text(body, "decision") === "blocked" && `blocked by ${text(body, "rule").replace("-", " ") || "the terminal"}`,
  );
}

function printJob(body: Body): string {
  const pages = typeof body["pages"] === "number" &&
    plural(body["pages"] as number, "page") + (text(body, "pages_source") === "declared" ? " as declared" : "");
  const sheets = typeof body["sheets"] === "number" && `on ${plural(body["sheets"] as number, "sheet")}`;
  const copies = typeof body["copies"] === "number" && (body["copies"] as number) > 1 &&
    plural(body["copies"] as number, "copy").replace("copys", "copies");
  return words(`Print job ${text(body, "job_id")} ${text(body, "state")}`,
    `${text(body, "printer_kind")} printer ${text(body, "printer_id") || "(not named)"}`,
    text(body, "way") === "device_node" && "straight to its device", pages, sheets, copies);
}

function presence(body: Body): string {
  const faces = Number(body["faces"] ?? 0);
  const onlookers = Number(body["onlookers"] ?? 0);
  const seconds = Math.round(Number(body["duration_ms"] ?? 0) / 1000);
  return words(`${plural(faces, "face")} in view`, onlookers > 0 && plural(onlookers, "onlooker"),
    yes(body, "operator_present") ? "operator present" : "nobody at the desk", seconds > 0 && `for ${seconds} s`);
}

const ENCRYPTED: Record<string, string> = { yes: "encrypted", no: "not encrypted", unknown: "encryption unknown" };
const cause = (body: Body): string => (text(body, "cause") ? ` (${text(body, "cause").replaceAll("_", " ")})` : "");

const SENTENCES: Record<string, (body: Body) => string> = {
  "usb.attach": (body) => usbDevice(body, "attached"),
  "usb.detach": (body) => usbDevice(body, "removed"),
  "usb.reenumerate": (body) => usbDevice(body, "left and came back"),
  "usb.mount": (body) => words("USB storage mounted", text(body, "fs_kind"), ENCRYPTED[text(body, "encrypted")]),
  "usb.write": (body) => `${text(body, "bytes")} bytes written to USB storage`,
  "print.job": printJob,
  "printer.change": (body) => `Printer ${text(body, "printer_id")} ${text(body, "action").replaceAll("_", " ")}`,
  "camera.presence": presence,
  "camera.state": (body) => words(`Camera ${text(body, "state").replaceAll("_", " ")}`, `indicator ${text(body, "indicator")}`),
  "session.lock": (body) => `Screen locked${cause(body)}`,
  "session.unlock": (body) => `Screen unlocked${cause(body)}`,
  "session.idle": (body) => `No input for ${Math.round(Number(body["idle_s"] ?? 0) / 60)} min`,
  "session.logon": (body) => `Log-on, ${text(body, "kind")}, by ${text(body, "method")}`,
  "session.logoff": (body) => `Log-off, ${text(body, "kind")}`,
  "device.identity": (body) => words(`Identity of ${text(body, "hostname") || "the device"}`,
    [text(body, "manufacturer"), text(body, "model")].filter(Boolean).join(" "), text(body, "os_build")),
  "device.boot": (body) => words(`Booted from ${text(body, "boot_source")}`, `Secure Boot ${text(body, "secure_boot")}`),
  "device.shutdown": () => "Shut down in order",
  "agent.start": (body) => `Agent ${text(body, "version")} started (${text(body, "reason")})`,
  "agent.stop": (body) => `Agent stopped (${text(body, "reason")})`,
  "agent.sensor": (body) => words(`Sensor ${text(body, "sensor")} is ${text(body, "state")}`, text(body, "reason")),
  "agent.gap": (body) => words(`Sensor ${text(body, "sensor")} missed something`, text(body, "reason")),
  "agent.queue": (body) => `Agent's queue ${text(body, "state")}, ${text(body, "depth")} waiting, ${text(body, "dropped")} lost`,
  "server.liveness": (body) => `Collector: terminal ${text(body, "state")}`,
  "server.gap": (body) => `Collector: lines ${text(body, "first_seq")} to ${text(body, "last_seq")} are missing`,
  "server.fork": (body) => `Collector: two different lines ${text(body, "seq")}`,
  "server.refusal": (body) => `Collector refused a message: ${text(body, "reason").replaceAll("_", " ")}`,
};

export function describe(event: EvidenceEvent): string {
  if (event.withheld !== undefined) return `Line withheld: ${event.withheld}`;
  const body = event.body ?? {};
  const sentence = SENTENCES[event.type];
  if (sentence) return sentence(body);
  return Object.entries(body).filter(([, value]) => typeof value !== "object")
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${String(value)}`).join(", ") || event.type;
}
