import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import manifest from "../package.json";

const read = (file: string): string => readFileSync(file, "utf8");
const properties = manifest.contributes.configuration.properties;

test("the licence is that of the analyzer", () => {
  assert.equal(read("LICENSE"), read("../../LICENSE"));
});

test("the version is the analyzer's, and the changelog speaks of it", () => {
  assert.match(read("../../pyproject.toml"), new RegExp(`^version = "${manifest.version}"$`, "m"));
  assert.match(read("CHANGELOG.md"), new RegExp(`^## ${manifest.version}$`, "m"));
});

test("the settings that choose what runs are the user's and the machine's, unless there is trust", () => {
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
  assert.deepEqual(restricted, ["sessionzero.path", "sessionzero.arguments"]);
  for (const setting of ["sessionzero.path", "sessionzero.arguments"] as const) {
    assert.equal(properties[setting].scope, "machine-overridable");
  }
});

test("the page says what every setting and command is for", () => {
  const page = read("README.md");
  for (const setting of Object.keys(properties)) {
    assert.ok(page.includes(`| \`${setting}\` |`), setting);
  }
  for (const { category, title } of manifest.contributes.commands) {
    assert.ok(page.includes(`| **${category}: ${title}** |`), title);
  }
});
