/** The installed `sessionzero` that the tests run: that of SESSIONZERO, else the first on PATH. */
import assert from "node:assert/strict";
import { homedir, tmpdir } from "node:os";

import type { Command } from "../src/process";
import { findProgram } from "../src/program";

/** A command line of the installed program. Fails if it isn't there: tests that skip show nothing. */
export async function installed(...words: string[]): Promise<Command> {
  const program = await findProgram({
    setting: process.env.SESSIONZERO ?? "",
    trusted: true,
    folders: [],
    pathVariable: process.env.PATH ?? "",
    home: homedir(),
    windows: process.platform === "win32",
  });
  assert.ok("file" in program, "missing" in program ? program.missing : "");
  return { file: program.file, arguments: words, folder: tmpdir() };
}
