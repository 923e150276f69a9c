// SPDX-License-Identifier: Apache-2.0
//
// The small things every page is made of.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api";
import { useNow, useStore } from "../store";
import { countdown, formatTime, formatUtc } from "../time";
import type { Severity } from "../types";
import { title } from "../words";

export function SeverityMark({ severity }: { severity: Severity }) {
  return <span class={`severity ${severity}`}>{title(severity)}</span>;
}

export function Time({ at }: { at: string | null | undefined }) {
  const offset = useStore((state) => state.clockOffsetMs);
  if (!at) return <span class="faint">–</span>;
  if (at === "unknown") return <span class="faint">unknown</span>;
  return <time dateTime={at} title={formatUtc(at)}>{formatTime(at, Date.now() + offset)}</time>;
}

export function Countdown({ due, label }: { due: string; label: string }) {
  const now = useNow();
  const { text, urgency } = countdown(due, now);
  const spoken = urgency === "late" ? `${label}: overdue by ${text.slice(1)}` : `${label}: ${text} left`;
  return <span class={`countdown ${urgency}`} title={`${spoken}; due ${formatUtc(due)}`}>{text}</span>;
}

export function Chip({ tone, children, hint }: { tone: string; children: ComponentChildren; hint?: string }) {
  return <span class={`chip ${tone}`} title={hint}>{children}</span>;
}

export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

export function Section({ name, note, children }: { name: string; note?: string; children: ComponentChildren }) {
  return <section><h2>{name}{note && <span class="note">{note}</span>}</h2>{children}</section>;
}

export function Fault({ message }: { message: string | null }) {
  return message === null ? null : <p class="fault" role="alert">{message}</p>;
}

export interface Loaded<T> {
  data: T | null;
  fault: string | null;
  reload: () => void;
}

/** Fetches when the key changes, and anew when reload() is called; the old data stays until the new is there. */
export function useFetch<T>(key: string, fetch: () => Promise<T>): Loaded<T> {
  const [result, setResult] = useState<{ key: string; data: T | null; fault: string | null }>({ key, data: null, fault: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let stale = false;
    fetch().then(
      (data) => { if (!stale) setResult({ key, data, fault: null }); },
      (error: unknown) => {
        if (!stale) setResult((old) => ({ key, data: old.key === key ? old.data : null, fault: message(error) }));
      },
    );
    return () => { stale = true; };
  }, [key, turn]);
  const fresh = result.key === key;
  return { data: fresh ? result.data : null, fault: fresh ? result.fault : null, reload: () => setTurn((count) => count + 1) };
}

export function message(error: unknown): string {
  return error instanceof ApiError ? error.message : String(error);
}

/** A button's act: busy while it runs, its failure as a sentence. */
export function useAct(): { busy: boolean; fault: string | null; run: (act: () => Promise<void>) => Promise<void> } {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const run = async (act: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      await act();
    } catch (error) {
      setFault(message(error));
    }
    setBusy(false);
  };
  return { busy, fault, run };
}
