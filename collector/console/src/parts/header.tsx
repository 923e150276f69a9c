// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { hrefOf } from "../route";
import { dispatch, useNow, useStore } from "../store";
import { formatClock, formatUtc } from "../time";
import type { Role, Session } from "../types";
import { LANES, ROLES } from "../words";

interface Tab {
  page: string;
  title: string;
  count?: number;
  urgent?: boolean;
}

export function tabsOf(role: Role): string[] {
  if (role === "spoc") return ["queue", "digest", "observe", "incidents", "terminals", "rules"];
  if (role === "psd_investigator" || role === "psd_director") return ["incidents"];
  if (role === "acc") return ["alerts", "terminals", "rules"];
  return ["terminals", "rules"];
}

function useTabs(session: Session): Tab[] {
  const counts = useStore((state) => state.counts);
  return tabsOf(session.role).map((page): Tab => {
    const lane = LANES.find((candidate) => candidate.lane === page);
    if (lane) {
      const tally = counts?.lanes?.[lane.lane];
      return { page, title: lane.title, count: tally?.open ?? 0, urgent: lane.lane === "queue" && (tally?.new ?? 0) > 0 };
    }
    const titles: Record<string, string> = { alerts: "Alerts", incidents: "Incidents", terminals: "Terminals", rules: "Rules" };
    const open = counts ? counts.incidents.open + counts.incidents.proposed : 0;
    return { page, title: titles[page] ?? page, ...(page === "incidents" ? { count: open } : {}) };
  });
}

type Theme = "auto" | "light" | "dark";
const NEXT: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(() => (localStorage.getItem("theme") as Theme | null) ?? "auto");
  useEffect(() => {
    localStorage.setItem("theme", theme);
    if (theme === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return (
    <button class="quiet" onClick={() => setTheme(NEXT[theme])} title="Change between automatic, light and dark">
      Theme: {theme}
    </button>
  );
}

function Clock() {
  const now = useNow();
  return <time class="clock" title={formatUtc(new Date(now).toISOString())}>{formatClock(now)}</time>;
}

function LinkState() {
  const link = useStore((state) => state.link);
  const text = { connecting: "Connecting…", live: "Live", lost: "Connection lost, trying again" }[link];
  return <span class={`link ${link}`} role="status">{text}</span>;
}

export function Header({ session, page }: { session: Session; page: string }) {
  const tabs = useTabs(session);
  const leave = async (): Promise<void> => {
    await api.logOut().catch(() => undefined);
    dispatch({ type: "session", session: null });
  };
  return (
    <header class="top">
      <a class="brand" href="#/">Sallyport</a>
      <nav aria-label="Pages">
        {tabs.map((tab) => (
          <a key={tab.page} href={hrefOf(tab.page)} aria-current={tab.page === page ? "page" : undefined}>
            {tab.title}
            {tab.count !== undefined && <span class={tab.urgent ? "count urgent" : "count"}>{tab.count}</span>}
          </a>
        ))}
      </nav>
      <div class="right">
        <LinkState />
        <Clock />
        <ThemeButton />
        <span class="who">{session.display_name || session.account}<span class="faint">{ROLES[session.role]}</span></span>
        <button class="quiet" onClick={() => void leave()}>Log out</button>
      </div>
    </header>
  );
}
