import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, test } from "node:test";

import { findProgram, type Search } from "../src/program";

const WINDOWS = process.platform === "win32";
const NAME = WINDOWS ? "sessionzero.exe" : "sessionzero";
const BIN = WINDOWS ? "Scripts" : "bin";
let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "sessionzero-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** A file that can be started, in a folder below the root. */
function program(...folders: string[]): string {
  const file = path.join(root, ...folders, NAME);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "");
  chmodSync(file, 0o755);
  return file;
}

function search(changes: Partial<Search>): Search {
  const folders = [path.join(root, "project")];
  const nothing = { setting: "", trusted: true, pathVariable: "", home: root, windows: WINDOWS };
  return { folders, ...nothing, ...changes };
}

function directories(...files: string[]): string {
  return files.map((file) => path.dirname(file)).join(path.delimiter);
}

async function missing(changes: Partial<Search>): Promise<string> {
  const found = await findProgram(search(changes));
  assert.ok("missing" in found, `found ${JSON.stringify(found)}`);
  return found.missing;
}

test("the setting decides, whatever else there is", async () => {
  const file = program("tools");
  program("project", ".venv", BIN);
  assert.deepEqual(await findProgram(search({ setting: file })), { file });
});

test("the setting understands the home folder and the workspace's", async () => {
  const [ours, theirs] = [program("tools"), program("project", "tools")];
  assert.deepEqual(await findProgram(search({ setting: `~/tools/${NAME}` })), { file: ours });
  const setting = `\${workspaceFolder}/tools/${NAME}`;
  const found = await findProgram(search({ setting }));
  assert.equal(path.normalize("file" in found ? found.file : ""), theirs);
});

test("a setting that names no program is said, and nothing is started in its place", async () => {
  const pathVariable = directories(program("tools"));
  assert.match(await missing({ setting: path.join(root, "gone"), pathVariable }), /names ".*gone"/);
  assert.match(await missing({ setting: root, pathVariable }), /is no program/);
  assert.match(await missing({ setting: "sessionzero", pathVariable }), /must be an absolute path/);
});

for (const environment of [".venv", "venv"]) {
  test(`the ${environment} of a trusted workspace comes before PATH`, async () => {
    const file = program("project", environment, BIN);
    const pathVariable = directories(program("tools"));
    assert.deepEqual(await findProgram(search({ pathVariable })), { file });
  });
}

test("PATH is searched in its order, and what can't be started is passed over", async () => {
  const unusable = program("first");
  rmSync(unusable);
  mkdirSync(unusable);
  const [second, third] = [program("second"), program("third")];
  const pathVariable = directories(unusable, second, third);
  assert.deepEqual(await findProgram(search({ pathVariable })), { file: second });
});

test("a relative entry of PATH is no place for a program", async () => {
  program("here");
  const before = process.cwd();
  process.chdir(path.join(root, "here"));
  try {
    assert.match(await missing({ pathVariable: [".", ""].join(path.delimiter) }), /not installed/);
  } finally {
    process.chdir(before);
  }
});

test("a workspace that is not trusted does not choose the program", async () => {
  const theirs = program("project", ".venv", BIN);
  const ours = program("tools");
  const trusted = false;
  const pathVariable = directories(theirs, ours);
  assert.deepEqual(await findProgram(search({ trusted, pathVariable })), { file: ours });
  assert.match(await missing({ trusted, pathVariable: directories(theirs) }), /not trusted/);
  assert.match(await missing({ trusted, setting: theirs }), /not trusted/);
  const setting = `\${workspaceFolder}/.venv/${BIN}/${NAME}`;
  assert.match(await missing({ trusted, setting }), /not trusted/);
});

test("a symbolic link leads no program of an untrusted workspace in, nor the workspace away", {
  skip: WINDOWS && "links need a privilege on Windows",
}, async () => {
  const theirs = program("project", "tools");
  mkdirSync(path.join(root, "links"));
  const link = path.join(root, "links", NAME);
  symlinkSync(theirs, link);
  assert.match(await missing({ trusted: false, setting: link }), /not trusted/);
  symlinkSync(path.join(root, "project"), path.join(root, "alias"));
  const folders = [path.join(root, "alias")];
  assert.match(await missing({ trusted: false, setting: theirs, folders }), /not trusted/);
});

test("a folder beside the workspace with a like name is not in it", async () => {
  const file = program("project-tools");
  const pathVariable = directories(file);
  assert.deepEqual(await findProgram(search({ trusted: false, pathVariable })), { file });
  const dotted = program("project", "..tools");
  assert.match(await missing({ trusted: false, setting: dotted }), /not trusted/);
});
