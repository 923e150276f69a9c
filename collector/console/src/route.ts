// SPDX-License-Identifier: Apache-2.0
//
// Where we are: #/queue, #/queue/ALERT, #/incidents/ID and so on. Hashes, so that the server serves one page.
import { useEffect, useState } from "preact/hooks";

export interface Route {
  page: string;
  id: string | null;
}

export function parseHash(hash: string): Route {
  const [page = "", id] = hash.replace(/^#\/?/, "").split("/", 2);
  try {
    return { page, id: id ? decodeURIComponent(id) : null };
  } catch {
    return { page, id: null };
  }
}

export const hrefOf = (page: string, id?: string): string =>
  id === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;

export function go(page: string, id?: string): void {
  location.hash = hrefOf(page, id);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const listener = (): void => setRoute(parseHash(location.hash));
    addEventListener("hashchange", listener);
    return () => removeEventListener("hashchange", listener);
  }, []);
  return route;
}
