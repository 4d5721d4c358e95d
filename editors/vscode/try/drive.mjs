// Uses the extension as a person would, in a browser that shows the real editor, and says what it saw.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [browserPath, address, work, editor] = process.argv.slice(2);
const service = `${work}/service`;
const QUIET = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "files.autoSave": "off",
  "git.enabled": false,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
};
const FAILING = 'echo "its last words" >&2; exit 3';
const real = `exec "${work}/bin/sessionzero" "$@"`;
const PATIENCE = 30_000;

const switches = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: browserPath, args: [...switches, ...quiet] });

// The editor's pages in a frame come from its own server, where no network leads to the maker's.
const FRAME = /^https:\/\/[^/]*\.vscode-cdn\.net\/.*\/(pre\/[^?]*)/;

/** Run one story in a fresh window on the folder, and keep a picture of how it ended. */
async function story(name, { settings = {}, machine = {}, open = "service.c" }, tell) {
  writeFileSync(`${work}/data/User/settings.json`, JSON.stringify({ ...QUIET, ...settings }));
  writeFileSync(`${work}/data/Machine/settings.json`, JSON.stringify(machine));
  const context = await browser.newContext({ viewport: { width: 1400, height: 800 } });
  await context.route(FRAME, (route) => {
    const [, file] = FRAME.exec(route.request().url());
    return route.fulfill({ path: `${editor}/out/vs/workbench/contrib/webview/browser/${file}` });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const file = `vscode-remote://${new URL(address).host}${service}/${open}`;
  const payload = encodeURIComponent(JSON.stringify([["openFile", file]]));
  await page.goto(`${address}/?folder=${service}&payload=${payload}`);
  try {
    await page.locator('.statusbar-item[aria-label*="sessionzero, "]').waitFor(); // keys work now
    await tell(page);
    console.log(`ok: ${name}`);
  } finally {
    await page.screenshot({ path: `${work}/${name.replaceAll(/\W+/g, "-")}.png` });
    await context.close();
  }
}

/** Run a command of the palette by its title. */
async function command(page, title) {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input");
  await input.waitFor();
  await input.fill(`>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
  await page.keyboard.press("Enter");
}

function status(page, said) {
  return page.locator(`.statusbar-item[aria-label*="sessionzero, ${said}"]`).waitFor();
}

async function problem(page, text) {
  const row = page.locator(".markers-panel .monaco-list-row", { hasText: text }).first();
  if (!(await page.locator(".markers-panel").isVisible())) {
    await page.keyboard.press("Control+Shift+M");
  }
  await row.waitFor();
  return row;
}

/** Put the cursor on the finding of report.c. */
async function toFinding(page) {
  await page.locator(".view-line", { hasText: "MessageBoxW" }).click();
  await page.keyboard.press("Home");
}

/** Take what is offered at the cursor under that title. */
async function choose(page, title) {
  await page.keyboard.press("Control+.");
  const offers = page.locator(".action-widget .action");
  await offers.first().waitFor();
  const titles = await offers.allInnerTexts();
  console.log(titles.join(" | "));
  await page.screenshot({ path: `${work}/offers.png` });
  const index = titles.findIndex((offer) => offer.includes(title));
  assert.notEqual(index, -1, `"${title}" is not offered`);
  for (let below = 0; below < index; below++) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
}

const TRUSTING = { "security.workspace.trust.enabled": false };

await story("findings of a file that is not open", { settings: TRUSTING }, async (page) => {
  await status(page, "running");
  await problem(page, "report.c");
  const row = await problem(page, "SZUI001");
  console.log((await row.innerText()).replaceAll("\n", " | "));
  await row.click();
  await page.locator(".tab", { hasText: "report.c" }).waitFor();
  await page.locator(".squiggly-error").first().waitFor();
  await page.keyboard.press("ArrowRight"); // unfolds the way to it
  console.log((await (await problem(page, "service.c[")).innerText()).replaceAll("\n", " | "));
});

await story("the page of the rule at the cursor", { settings: TRUSTING }, async (page) => {
  await (await problem(page, "SZUI001")).dblclick();
  await page.locator(".squiggly-error").first().waitFor();
  await command(page, "sessionzero: Explain Rule");
  await page.locator(".tab", { hasText: "SZUI001" }).waitFor();
  const preview = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await preview.locator("h2", { hasText: "Remedy" }).waitFor();
});

await story("as one types", { settings: TRUSTING, open: "report.c" }, async (page) => {
  const underlined = page.locator(".squiggly-error").first();
  await underlined.waitFor();
  await toFinding(page);
  await page.keyboard.type("//");
  await underlined.waitFor({ state: "detached" });
  await page.keyboard.press("Control+Z");
  await underlined.waitFor();
});

await story("what is offered at a finding", { settings: TRUSTING, open: "report.c" }, async (page) => {
  await page.locator(".squiggly-error").first().waitFor();
  await toFinding(page);
  await choose(page, "Explain SZUI001");
  await page.locator(".tab", { hasText: "SZUI001" }).waitFor();
});

await story("how to mend a finding", { settings: TRUSTING, open: "report.c" }, async (page) => {
  await page.locator(".squiggly-error").first().waitFor();
  await toFinding(page);
  await choose(page, "Show how to mend this (SZUI001)");
  await page.locator(".tab", { hasText: "How to mend SZUI001" }).waitFor();
  const preview = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await preview.locator("code", { hasText: "WTSSendMessageW" }).first().waitFor();
});

await story("a finding with a reason to stay", { settings: TRUSTING, open: "report.c" }, async (page) => {
  const underlined = page.locator(".squiggly-error").first();
  await underlined.waitFor();
  await toFinding(page);
  await choose(page, "Suppress SZUI001");
  await page.locator(".view-line", { hasText: "ignore[SZUI001]" }).waitFor();
  await underlined.waitFor({ state: "detached" });
});

writeFileSync(
  `${service}/install.c`,
  [
    "#include <windows.h>",
    "",
    "void install(SC_HANDLE manager, const wchar_t *path)",
    "{",
    "    CreateServiceW(manager, L\"Reports\", L\"Reports\", SERVICE_ALL_ACCESS,",
    "        SERVICE_WIN32_OWN_PROCESS | SERVICE_INTERACTIVE_PROCESS,",
    "        SERVICE_AUTO_START, SERVICE_ERROR_NORMAL, path, NULL, NULL, NULL, NULL, NULL);",
    "}",
    "",
  ].join("\n"),
);

await story("a quick fix", { settings: TRUSTING, open: "install.c" }, async (page) => {
  const underlined = page.locator(".squiggly-error, .squiggly-warning").first();
  await underlined.waitFor();
  await page.locator(".view-line", { hasText: "SERVICE_INTERACTIVE_PROCESS" }).click();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await choose(page, "Remove the interactive flag");
  await page.locator(".view-line", { hasText: "SERVICE_INTERACTIVE_PROCESS" }).waitFor({ state: "detached" });
  await underlined.waitFor({ state: "detached" });
  await page.locator(".view-line", { hasText: "SERVICE_WIN32_OWN_PROCESS," }).waitFor();
});

await story("the two sides of the wall", { settings: TRUSTING }, async (page) => {
  await status(page, "running");
  await command(page, "sessionzero: Show Session Map");
  const map = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await map.getByText("What crosses the wall").waitFor();
  await map.getByText("report.c:10").first().waitFor();
});

await story("a click on the item", { settings: TRUSTING }, async (page) => {
  await page.locator('.statusbar-item[aria-label*="sessionzero, "] a').click();
  await page.locator(".panel .action-item", { hasText: "sessionzero" }).first().waitFor();
});

await story("a restart", { settings: TRUSTING }, async (page) => {
  await problem(page, "SZUI001");
  await command(page, "sessionzero: Restart");
  await status(page, "starting");
  await status(page, "running");
  await problem(page, "SZUI001");
});

await story("a server that dies", { settings: TRUSTING, machine: mortal() }, async (page) => {
  await status(page, "running");
  process.kill(Number(readFileSync(`${work}/pid`, "utf8")), "SIGKILL");
  await status(page, "starting");
  await status(page, "running");
  await problem(page, "SZUI001");
});

await story("a server that dies for good", { settings: TRUSTING, machine: doomed() }, async (page) => {
  await status(page, "running");
  process.kill(Number(readFileSync(`${work}/pid`, "utf8")), "SIGKILL");
  await status(page, "failed");
  const message = page.locator(".notification-toast");
  await message.filter({ hasText: "its last words" }).waitFor();
  assert.equal(await message.count(), 1);
});

await story("a server that hangs", { settings: TRUSTING, machine: hanging() }, async (page) => {
  await status(page, "starting");
  await command(page, "sessionzero: Restart");
  await status(page, "running");
  await problem(page, "SZUI001");
});

await story(
  "a program that is not there",
  { settings: TRUSTING, machine: { "sessionzero.path": "/nowhere/sessionzero" } },
  async (page) => {
    await status(page, "failed");
    const message = page.locator(".notification-toast", { hasText: "/nowhere/sessionzero" });
    assert.match(await message.innerText(), /pipx install/);
  },
);

await story("a server that cannot start", { settings: TRUSTING, machine: broken() }, async (page) => {
  await status(page, "failed");
  await page.locator(".notification-toast", { hasText: "its last words" }).waitFor();
});

// What an untrusted workspace would have us run leaves a trace if it is run.
mkdirSync(`${service}/.vscode`);
const trap = program(`${service}/sessionzero`, `touch "${work}/trapped"`);
writeFileSync(`${service}/.vscode/settings.json`, JSON.stringify({ "sessionzero.path": trap }));
await story("a workspace that is not trusted", {}, async (page) => {
  await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
  await status(page, "running");
  await problem(page, "SZUI001");
  assert.ok(!existsSync(`${work}/trapped`), "the workspace chose the program");
});
await story("the same workspace, trusted", { settings: TRUSTING }, async (page) => {
  await status(page, "failed");
  assert.ok(existsSync(`${work}/trapped`), "the trap does not work, so it shows nothing");
});

await browser.close();

function broken() {
  return { "sessionzero.path": program(`${work}/broken`, FAILING) };
}

/** A server that says nothing when it is started first, and is the real one from then on. */
function hanging() {
  return { "sessionzero.path": program(`${work}/hanging`, `${once("hung", "exec sleep 600")}\n${real}`) };
}

/** The real server when it is started first, and none from then on. */
function doomed() {
  const start = once("lived", `echo $$ >"${work}/pid"\n${real}`);
  return { "sessionzero.path": program(`${work}/doomed`, `${start}\n${FAILING}`) };
}

function once(name, script) {
  return `[ -e "${work}/${name}" ] || { touch "${work}/${name}"\n${script}\n}`;
}

/** The real server, which can be ended by its number. */
function mortal() {
  return { "sessionzero.path": program(`${work}/mortal`, `echo $$ >"${work}/pid"\n${real}`) };
}

function program(file, script) {
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}
