// SPDX-License-Identifier: Apache-2.0
//
// Times as people read them: the county's wall clock, with UTC on hover (dictionary, section 1).

const ZONE = "America/Los_Angeles";
const clockFormat = new Intl.DateTimeFormat("en-US", {
  timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const dayFormat = new Intl.DateTimeFormat("en-US", { timeZone: ZONE, month: "short", day: "numeric" });
const dateFormat = new Intl.DateTimeFormat("en-US", { timeZone: ZONE, year: "numeric", month: "numeric", day: "numeric" });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The county's day, in parts: how a locale writes a whole date differs from one browser to the next. */
function countyDay(at: number): { year: string; day: string } {
  const part = (type: string) => dateFormat.formatToParts(at).find((one) => one.type === type)?.value ?? "";
  return { year: part("year"), day: `${part("year")}-${part("month")}-${part("day")}` };
}

/** 10:04:05 today, else Nov 23, 10:04:05; the year where it is another one. */
export function formatTime(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const clock = clockFormat.format(at);
  const date = countyDay(at);
  const today = countyDay(now);
  if (date.day === today.day) return clock;
  const year = date.year === today.year ? "" : ` ${date.year}`;
  return `${dayFormat.format(at)}${year}, ${clock}`;
}

/** For the hover text: the exact instant in UTC. */
export function formatUtc(iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : `${new Date(at).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

/** The county's clock for the header: Mon 10:04:05. */
export function formatClock(now: number): string {
  const weekday = new Intl.DateTimeFormat("en-US", { timeZone: ZONE, weekday: "short" }).format(now);
  return `${weekday} ${clockFormat.format(now)}`;
}

/** 0.4 s, 12 s, 3 min 5 s, 2 h 10 min, 3 d 4 h. */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 10 * SECOND) return `${(size / SECOND).toFixed(1)} s`;
  if (size < MINUTE) return `${Math.round(size / SECOND)} s`;
  if (size < HOUR) return pair(size, MINUTE, "min", SECOND, "s");
  if (size < DAY) return pair(size, HOUR, "h", MINUTE, "min");
  return pair(size, DAY, "d", HOUR, "h");
}

function pair(size: number, big: number, bigName: string, small: number, smallName: string): string {
  const whole = Math.floor(size / big);
  const rest = Math.floor((size % big) / small);
  return rest === 0 ? `${whole} ${bigName}` : `${whole} ${bigName} ${rest} ${smallName}`;
}

export interface Countdown {
  text: string;
  urgency: "calm" | "soon" | "late";
}

/** What is left of a clock: 12:05 below an hour, 3 h 20 min above; +2:10 once it has run out. */
export function countdown(dueIso: string, now: number): Countdown {
  const left = Date.parse(dueIso) - now;
  // Rounded away from "still time": at 0.4 s left it says 0:00, at 0.4 s late it says +0:00.
  const seconds = Math.floor(Math.abs(left) / SECOND);
  const text = Math.abs(left) < HOUR
    ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
    : formatDuration(Math.abs(left));
  if (left < 0) return { text: `+${text}`, urgency: "late" };
  return { text, urgency: left <= 5 * MINUTE ? "soon" : "calm" };
}
