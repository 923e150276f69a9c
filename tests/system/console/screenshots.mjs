// SPDX-License-Identifier: Apache-2.0
//
// Every page at 1280x800 and 1920x1080, light and dark.
// usage: SALLYPORT_ENDPOINTS=endpoints.json node screenshots.mjs OUT_FOLDER
//    or: node run.mjs PATH_OF_console_stage screenshots.mjs OUT_FOLDER
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { logIn, openBrowser, readEndpoints } from "./browser.mjs";

const endpoints = readEndpoints(process.env.SALLYPORT_ENDPOINTS);
const out = process.argv[2] ?? "screenshots";
const SIZES = [{ width: 1280, height: 800 }, { width: 1920, height: 1080 }];

async function settled(page) {
  await page.locator("main h1:visible, article h1:visible").first().waitFor();
  await page.getByText("Loading…").waitFor({ state: "detached" });
}

async function shoot(page, name) {
  await settled(page);
  await page.screenshot({ path: join(out, `${name}.png`) });
}

/** Shoots each page that this person has; `first` names what is opened from the list. */
async function tour(browser, who, pages, size, scheme) {
  const { context, page } = await logIn(browser, endpoints, who, { viewport: size, colorScheme: scheme });
  for (const [name, open] of pages) {
    await open(page);
    await shoot(page, `${name}-${size.width}-${scheme}`);
  }
  await context.close();
}

const at = (hash) => async (page) => { await page.goto(`${endpoints.console}#/${hash}`); };
const first = (hash, selector) => async (page) => {
  await at(hash)(page);
  await page.locator(selector).first().click();
};

async function logInPage(browser, size, scheme) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: size, colorScheme: scheme });
  const page = await context.newPage();
  await page.goto(endpoints.console);
  await shoot(page, `login-${size.width}-${scheme}`);
  await context.close();
}

mkdirSync(out, { recursive: true });
const browser = await openBrowser();
try {
  for (const size of SIZES)
    for (const scheme of ["light", "dark"]) {
      await logInPage(browser, size, scheme);
      await tour(browser, "spoc", [
        ["queue", async (page) => { await at("queue")(page); await page.locator("tr.alert-row").first().waitFor(); }],
        ["alert", first("queue", "tr.alert-row .what a")],
        ["terminals", async (page) => { await at("terminals")(page); await page.locator("table.grid tbody tr").first().waitFor(); }],
        ["terminal", first("terminals", "table.grid tbody td a")],
        ["incidents", async (page) => { await at("incidents")(page); await page.locator("table.incidents").waitFor(); }],
        ["incident", first("incidents", "table.incidents tbody a")],
        ["rules", async (page) => { await at("rules")(page); await page.locator("table.rules").waitFor(); }],
      ], size, scheme);
      await tour(browser, "psd", [["psd", first("incidents", "table.incidents tbody a")]], size, scheme);
    }
} finally {
  await browser.close();
}
