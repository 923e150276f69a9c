// SPDX-License-Identifier: Apache-2.0
//
// Starts console_stage, runs the browser tests on it, stops what it started.
// usage: node run.mjs PATH_OF_console_stage
import { spawn, fork } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";

const HERE = dirname(fileURLToPath(import.meta.url));
const CONSOLE = join(HERE, "../../../collector/console");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

function missing() {
  if (!existsSync(CHROMIUM)) return `${CHROMIUM} absent`;
  if (!existsSync(join(CONSOLE, "node_modules/playwright-core"))) return "playwright-core absent: npm ci in collector/console";
  if (!existsSync(join(CONSOLE, "dist/index.html"))) return "the console is not built: npm run build in collector/console";
  return null;
}

async function main() {
  const why = missing();
  if (why) {
    console.log(`SKIPPED: ${why}`);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), "sallyport-console-"));
  const stage = spawn(process.argv[2], [folder, join(CONSOLE, "dist")], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => stage.on("exit", resolve));
  try {
    const ready = new Promise((resolve) => createInterface(stage.stdout).on("line", (line) => line === "ready" && resolve(true)));
    if ((await Promise.race([ready, ended])) !== true) throw new Error("console_stage did not start");
    const tests = fork(join(HERE, process.argv[3] ?? "pages.test.mjs"), process.argv.slice(4), {
      env: { ...process.env, SALLYPORT_ENDPOINTS: join(folder, "endpoints.json") },
    });
    tests.on("message", (message) => stage.stdin.write(`${message}\n`));
    return await new Promise((resolve) => tests.on("exit", (code) => resolve(code ?? 1)));
  } finally {
    stage.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exit(await main());
