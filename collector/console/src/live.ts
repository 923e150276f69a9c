// SPDX-License-Identifier: Apache-2.0
//
// The live stream. The browser reconnects by itself and names the last revision it saw; where the collector answered
// with an error it gives up, and we look whether the session is over or try again.
import { api } from "./api";
import { dispatch } from "./store";

const RETRY_MS = 3000;

export function openStream(): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const connect = (): void => {
    if (closed) return;
    source = new EventSource("/api/v1/stream");
    const on = (name: string, handle: (data: never) => void): void =>
      source!.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent).data) as never));
    on("hello", (data: { now: string }) => dispatch({ type: "hello", now: data.now, browserNow: Date.now() }));
    on("alert", (alert) => dispatch({ type: "alert", alert }));
    on("incident", (incident) => dispatch({ type: "incident", incident }));
    on("terminal", (terminal) => dispatch({ type: "terminal", terminal }));
    on("counts", (counts) => dispatch({ type: "counts", counts }));
    on("resync", () => dispatch({ type: "resync" }));
    on("logged_out", () => dispatch({ type: "session", session: null }));
    source.onerror = () => {
      if (closed) return;
      dispatch({ type: "link", link: "lost" });
      if (source?.readyState === EventSource.CLOSED) void retry();
    };
  };

  const retry = async (): Promise<void> => {
    try {
      await api.session();
    } catch (error) {
      if ((error as { status?: number }).status === 401) return dispatch({ type: "session", session: null });
    }
    timer = setTimeout(connect, RETRY_MS);
  };

  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}
