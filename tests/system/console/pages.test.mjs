// SPDX-License-Identifier: Apache-2.0
//
// The SPOC's and the PSD's way through the console, on a running console_stage.
// usage: node --test pages.test.mjs, with SALLYPORT_ENDPOINTS=endpoints.json; run.mjs does it all.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { logIn, openBrowser, readEndpoints } from "./browser.mjs";

const endpoints = readEndpoints(process.env.SALLYPORT_ENDPOINTS);
const raise = () => process.send?.("raise");
let browser;

before(async () => { browser = await openBrowser(); });
after(async () => { await browser?.close(); });

async function as(who, act) {
  const { context, page, complaints } = await logIn(browser, endpoints, who);
  try {
    await act(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

test("a wrong password is refused with a sentence", async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(endpoints.console);
  await page.getByLabel("Name").fill(endpoints.users.spoc.name);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").filter({ hasText: "Name, password or code is wrong" }).waitFor();
  await context.close();
});

test("an alert appears without reload and its clock runs", async () => {
  await as("spoc", async (page) => {
    const rows = page.locator("tr.unseen");
    await rows.first().waitFor();
    const before = await rows.count();
    raise();
    await page.locator("tr.unseen", { hasText: "Unknown USB storage written" }).first().waitFor();
    assert.equal(await rows.count(), before + 1);
    const clock = page.locator("tr.unseen", { hasText: "Unknown USB storage written" }).first().locator(".countdown");
    const first = await clock.textContent();
    await clock.filter({ hasNotText: first }).waitFor();
  });
});

test("the keyboard alone moves, opens and acknowledges", async () => {
  await as("spoc", async (page) => {
    await page.locator("tr.unseen").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    assert.equal(await page.locator("tr.selected").count(), 1);
    const id = await page.locator("tr.selected").getAttribute("data-alert");
    await page.keyboard.press("Enter");
    await page.locator("article.detail h1").waitFor();
    assert.ok(page.url().endsWith(id));
    await page.keyboard.press("a");
    await page.locator(".facts", { hasText: "Acknowledged by" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(`tr[data-alert="${id}"]:not(.unseen)`).waitFor();
  });
});

test("the alert page says what, which rule, which clause, and shows the events", async () => {
  await as("spoc", async (page) => {
    await page.goto(`${endpoints.console}#/queue/alert-1`);
    await page.locator("article.detail p.sentence", { hasText: "An onlooker stood at T-1041" }).waitFor();
    await page.locator(".rule-card", { hasText: "COR-01" }).getByText("CJIS CSP v6.0 MP-7, PE-5").waitFor();
    assert.equal(await page.locator("table.events tbody tr").count(), 4);
    await page.getByRole("button", { name: /USB storage attached, 0951:1666/ }).click();
    await page.locator("tr.opened", { hasText: "leaf" }).waitFor();
    const text = await page.locator("main").innerText();
    assert.ok(text.includes("OP-0117"));
    assert.ok(!text.includes("u0117") && !text.includes("Rivera"));
  });
});

test("times are the county's, with UTC on hover", async () => {
  await as("spoc", async (page) => {
    const time = page.locator("tr.alert-row time").first();
    await time.waitFor();
    const at = await time.getAttribute("datetime");
    const county = new Intl.DateTimeFormat("en-US", { timeZone: "America/Los_Angeles", timeStyle: "medium", hourCycle: "h23" }).format(new Date(at));
    assert.ok((await time.textContent()).includes(county));
    assert.ok((await time.getAttribute("title")).endsWith("UTC"));
  });
});

test("alerts become an incident, which the PSD sees only when it is referred", async () => {
  let number = "";
  await as("spoc", async (page) => {
    await page.goto(`${endpoints.console}#/queue/alert-1`);
    await page.getByRole("button", { name: "Convert to incident" }).click();
    await page.getByLabel("Summary").fill("Stick taken away by the watch commander.");
    await page.getByText("Open alerts of this terminal within 15 minutes go along").waitFor();
    await page.getByRole("button", { name: "Open the incident" }).click();
    const heading = page.locator("h1", { hasText: "Incident" });
    await heading.waitFor();
    number = (await heading.textContent()).match(/Incident (\S+)/)[1];
    await page.locator("ol.timeline li.event").first().waitFor();
    assert.equal(await page.locator("table.lines tbody tr").count(), 2);
  });
  await as("psd", async (page) => {
    await page.locator("h1", { hasText: "referred to the PSD" }).waitFor();
    await page.locator("table.incidents tbody tr").first().waitFor();
    assert.equal(await page.getByText(number, { exact: true }).count(), 0);
    assert.equal(await page.getByRole("link", { name: "Queue" }).count(), 0);
  });
  await as("spoc", async (page) => {
    await page.goto(`${endpoints.console}#/incidents`);
    await page.getByRole("link", { name: number }).click();
    await page.getByRole("button", { name: "Refer to the PSD" }).click();
    await page.getByRole("button", { name: "Yes, refer it" }).click();
    await page.locator(".facts", { hasText: /by mchen/ }).getByText("by mchen").first().waitFor();
  });
  await as("psd", async (page) => {
    await page.getByRole("link", { name: number }).click();
    const event = page.locator("ol.timeline li.event", { hasText: "USB storage attached" }).first();
    await event.getByRole("button", { name: "Who?" }).click();
    await event.getByLabel("Purpose").selectOption("investigation");
    await event.getByRole("button", { name: "Resolve and log" }).click();
    await event.getByText("Dana Rivera, account u0117").waitFor();
  });
});

test("the wall shows every terminal's sensors with their reasons", async () => {
  await as("spoc", async (page) => {
    await page.goto(`${endpoints.console}#/terminals`);
    await page.getByText("Hall of Justice · Records 204").waitFor();
    await page.locator("tr", { hasText: "T-1102" }).getByText("cupsd unreachable").waitFor();
    await page.locator("tr", { hasText: "T-2011" }).getByText("Silent").waitFor();
    await page.locator("tr", { hasText: "T-1043" }).getByText("survey of 2026-10-14").waitFor();
    await page.getByRole("link", { name: "T-1041" }).click();
    await page.getByRole("heading", { name: "Latest events" }).waitFor();
  });
});

test("the rules page names each rule's clause and state", async () => {
  await as("spoc", async (page) => {
    await page.goto(`${endpoints.console}#/rules`);
    const row = page.locator("tr", { hasText: "USB-01" });
    await row.getByText("CJIS CSP v6.0 MP-7").waitFor();
    await row.getByText("Live").first().waitFor();
    await row.getByText("Observe").first().waitFor();
    await page.getByRole("button", { name: "Inactive" }).click();
    await row.waitFor({ state: "detached" });
    await page.locator("tr", { hasText: "FWB-01" }).getByText("waits for device.firmware").waitFor();
  });
});
