// SPDX-License-Identifier: Apache-2.0
//
// Chromium as Debian ships it, driven by the playwright-core of the console's own lock file.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
export const CONSOLE = join(HERE, "../../../collector/console");
const { chromium } = createRequire(join(CONSOLE, "package.json"))("playwright-core");

const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const readEndpoints = (file) => JSON.parse(readFileSync(file, "utf8"));

export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

/** A page of its own, logged in. Whatever the page complains about ends in `complaints`. */
export async function logIn(browser, endpoints, who, options = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 }, timezoneId: "Europe/Berlin", ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    // The first look for a session is answered 401, which is no fault.
    if (line.type() === "error" && !line.text().includes("401")) complaints.push(line.text());
  });
  await page.goto(endpoints.console);
  await page.getByLabel("Name").fill(endpoints.users[who].name);
  await page.getByLabel("Password").fill(endpoints.users[who].password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  return { context, page, complaints };
}
