import assert from "node:assert/strict";
import { test } from "node:test";

import { run } from "../src/process";
import { explainRule, listRules, remedyOf } from "../src/rules";
import { installed } from "./installed";

test("the rules are listed with what a user chooses them by", async () => {
  const rules = await listRules(await installed());
  const rule = rules.find(({ id }) => id === "SZUI001");
  assert.equal(rule?.name, "message-box-in-service");
  assert.match(rule.title, /message box/);
});

test("every rule has a page that begins with its title", async () => {
  const program = await installed();
  const rule = (await listRules(program)).at(-1);
  assert.ok(rule);
  assert.ok((await explainRule(program, rule.id)).startsWith(`# ${rule.title}`));
  assert.equal(await explainRule(program, rule.name), await explainRule(program, rule.id));
});

test("every page has a remedy, from its heading to the next one", async () => {
  const program = await installed();
  const page = await explainRule(program, "SZUI001");
  const remedy = remedyOf(page);
  assert.ok(remedy.startsWith(`${page.split("\n")[0] ?? ""}\n\n## Remedy\n`));
  assert.match(remedy, /```c\n[^]*WTSSendMessageW[^]*\n```\n/);
  assert.doesNotMatch(remedy, /## When/);
});

test("a heading in code is none", () => {
  assert.equal(remedyOf("# A\n\n## Remedy\n\n```\n## b\n```\n\n## C\n"), "# A\n\n## Remedy\n\n```\n## b\n```\n");
});

test("an unknown rule is refused in the program's own words", async () => {
  await assert.rejects(explainRule(await installed(), "SZNONE001"), /SZNONE001/);
});

test("what is no rule is never given to the program", async () => {
  await assert.rejects(explainRule(await installed(), "--help"), /"--help" is not a rule/);
});

test("a program that fails is quoted, and one that isn't there is named", async () => {
  await assert.rejects(run(await installed("no-such-command")), /no-such-command/);
  const gone = { ...(await installed()), file: "/nowhere/sessionzero" };
  await assert.rejects(run(gone), /\/nowhere\/sessionzero/);
});
