// SPDX-License-Identifier: Apache-2.0
import { useEffect } from "preact/hooks";
import { api } from "./api";
import { openStream } from "./live";
import { Incidents } from "./pages/incidents";
import { IncidentView } from "./pages/incident";
import { LogIn } from "./pages/login";
import { Queue } from "./pages/queue";
import { Rules } from "./pages/rules";
import { Terminals } from "./pages/terminals";
import { TerminalView } from "./pages/terminal";
import { Header, tabsOf } from "./parts/header";
import { go, useRoute } from "./route";
import type { Route } from "./route";
import { dispatch, useStore } from "./store";
import type { Session } from "./types";

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "queue":
    case "digest":
    case "observe":
      return <Queue key={route.page} page={route.page} lane={route.page} openId={route.id} />;
    case "alerts":
      return <Queue page="alerts" lane={null} openId={route.id} />;
    case "incidents":
      return route.id ? <IncidentView key={route.id} incidentId={route.id} /> : <Incidents />;
    case "terminals":
      return route.id ? <TerminalView key={route.id} terminalId={route.id} /> : <Terminals />;
    case "rules":
      return <Rules />;
    default:
      return <main class="page"><p class="empty">There is no such page.</p></main>;
  }
}

function Console({ session }: { session: Session }) {
  const route = useRoute();
  const tabs = tabsOf(session.role);
  const home = tabs[0]!;
  useEffect(() => openStream(), []);
  useEffect(() => { if (!tabs.includes(route.page)) go(home); }, [route.page]);
  return (
    <>
      <Header session={session} page={route.page} />
      {tabs.includes(route.page) && <Page route={route} />}
    </>
  );
}

export function App() {
  const session = useStore((state) => state.session);
  useEffect(() => {
    api.session().then(
      (found) => dispatch({ type: "session", session: found }),
      () => dispatch({ type: "session", session: null }),
    );
  }, []);
  if (session === undefined) return <p class="empty">Loading…</p>;
  return session === null ? <LogIn /> : <Console key={session.account} session={session} />;
}
