// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { countdown, formatClock, formatDuration, formatTime, formatUtc } from "../src/time";

const NOW = Date.parse("2026-11-24T02:30:00Z"); // Monday evening, 18:30 in California

describe("formatTime", () => {
  it("shows only the county's clock for today", () => {
    expect(formatTime("2026-11-23T18:04:05.120Z", NOW)).toBe("10:04:05");
  });
  it("takes the day from the county, not from UTC", () => {
    expect(formatTime("2026-11-23T07:59:59Z", NOW)).toBe("Nov 22, 23:59:59");
    expect(formatTime("2026-11-23T08:00:00Z", NOW)).toBe("00:00:00");
  });
  it("follows daylight saving time", () => {
    expect(formatTime("2026-07-01T18:00:00Z", NOW)).toBe("Jul 1, 11:00:00");
    expect(formatTime("2026-11-01T09:30:00Z", NOW)).toBe("Nov 1, 01:30:00");
  });
  it("adds the year where it is another one", () => {
    expect(formatTime("2025-12-31T20:00:00Z", NOW)).toBe("Dec 31 2025, 12:00:00");
  });
  it("shows what is no time as it came", () => {
    expect(formatTime("unknown", NOW)).toBe("unknown");
  });
});

describe("formatUtc", () => {
  it("keeps the milliseconds", () => {
    expect(formatUtc("2026-11-23T18:04:05.120Z")).toBe("2026-11-23 18:04:05.120 UTC");
  });
});

describe("formatClock", () => {
  it("names the county's day", () => {
    expect(formatClock(Date.parse("2026-11-24T05:00:00Z"))).toBe("Mon 21:00:00");
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0.0 s"], [412, "0.4 s"], [12_000, "12 s"], [185_000, "3 min 5 s"], [120_000, "2 min"],
    [7_800_000, "2 h 10 min"], [273_600_000, "3 d 4 h"],
  ])("%i ms is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe("countdown", () => {
  const due = (ms: number) => new Date(NOW + ms).toISOString();
  it("counts minutes and seconds below an hour", () => {
    expect(countdown(due(725_000), NOW)).toEqual({ text: "12:05", urgency: "calm" });
  });
  it("is urgent in the last five minutes", () => {
    expect(countdown(due(300_000), NOW)).toEqual({ text: "5:00", urgency: "soon" });
    expect(countdown(due(0), NOW)).toEqual({ text: "0:00", urgency: "soon" });
  });
  it("counts on when it has run out", () => {
    expect(countdown(due(-130_000), NOW)).toEqual({ text: "+2:10", urgency: "late" });
  });
  it("uses hours and days for long clocks", () => {
    expect(countdown(due(12_000_000), NOW).text).toBe("3 h 20 min");
    expect(countdown(due(-90_000_000), NOW).text).toBe("+1 d 1 h");
  });
});
