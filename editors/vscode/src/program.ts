/**
 * Which `sessionzero` is started. A workspace that the user does not trust must never choose the
 * program, so nothing that lies in one is taken, whoever named it.
 */
import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import * as path from "node:path";

/** What the search may look at. `folders` are those of the workspace, as absolute paths. */
export interface Search {
  readonly setting: string;
  readonly trusted: boolean;
  readonly folders: readonly string[];
  readonly pathVariable: string;
  readonly home: string;
  readonly windows: boolean;
}

/** The absolute path of a program that can be started, or a sentence that says why there is none. */
export type Program = { readonly file: string } | { readonly missing: string };

/** Find the program: what the setting names and nothing else, or the workspace's, or that of PATH. */
export async function findProgram(search: Search): Promise<Program> {
  if (search.setting !== "") {
    return namedProgram(search);
  }
  let distrusted: string | undefined;
  for (const candidate of candidates(search)) {
    if (!(await startable(candidate))) {
      continue;
    }
    if (search.trusted || !(await within(candidate, search.folders))) {
      return { file: candidate };
    }
    distrusted ??= candidate;
  }
  if (distrusted !== undefined) {
    return { missing: notTrusted(distrusted) };
  }
  return { missing: "The program sessionzero is not installed, or not on the PATH of the editor." };
}

async function namedProgram(search: Search): Promise<Program> {
  const file = expand(search);
  if (!path.isAbsolute(file)) {
    return { missing: `The setting sessionzero.path must be an absolute path, and is "${file}".` };
  }
  if (!(await startable(file))) {
    return { missing: `The setting sessionzero.path names "${file}", which is no program.` };
  }
  if (!search.trusted && (await within(file, search.folders))) {
    return { missing: notTrusted(file) };
  }
  return { file };
}

function notTrusted(file: string): string {
  return `"${file}" lies in a workspace that is not trusted, and is not started.`;
}

function expand(search: Search): string {
  const file = search.setting.replaceAll("${workspaceFolder}", search.folders[0] ?? "");
  return /^~[/\\]/.test(file) ? path.join(search.home, file.slice(2)) : file;
}

function* candidates(search: Search): Iterable<string> {
  const name = search.windows ? "sessionzero.exe" : "sessionzero";
  if (search.trusted) {
    for (const folder of search.folders) {
      for (const environment of [".venv", "venv"]) {
        yield path.join(folder, environment, search.windows ? "Scripts" : "bin", name);
      }
    }
  }
  for (const entry of search.pathVariable.split(path.delimiter)) {
    // A relative entry means the current folder, and so whatever somebody has put there.
    if (path.isAbsolute(entry)) {
      yield path.join(entry, name);
    }
  }
}

async function startable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Whether a file lies in one of the folders, by its name or by what a symbolic link makes of it. */
async function within(file: string, folders: readonly string[]): Promise<boolean> {
  const files = [file, await realpath(file)];
  for (const folder of folders) {
    const roots = [folder, await realpath(folder).catch(() => folder)];
    if (files.some((one) => roots.some((root) => contains(root, one)))) {
      return true;
    }
  }
  return false;
}

function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
