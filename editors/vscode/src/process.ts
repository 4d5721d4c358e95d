/** The processes that the extension starts: the server, and the commands that print rules. */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { setTimeout } from "node:timers/promises";

/** A program, its arguments, and the folder that it starts in, which is never the workspace's. */
export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly folder: string;
}

const PATIENCE_MS = 30_000;
const LAST_WORDS = 2000; // characters of stderr that are kept
const LISTENING_MS = 1000; // to a process that has closed its connection, and may have more to say

/** The server's process, and the last line that it wrote to stderr, once it has ended. */
export interface Server {
  readonly process: ChildProcessWithoutNullStreams;
  readonly lastWords: () => Promise<string>;
}

/** Start a server that speaks over stdin and stdout. Rejects if the program can't be started. */
export function startServer(command: Command): Promise<Server> {
  return new Promise((resolve, reject) => {
    const process = spawn(command.file, command.arguments, {
      cwd: command.folder,
      env: environment(),
      windowsHide: true,
    });
    let words = "";
    process.stderr.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-LAST_WORDS);
    });
    process.once("error", reject);
    const ended = new Promise((resolve) => process.once("close", resolve));
    const lastWords = async (): Promise<string> => {
      await Promise.race([ended, setTimeout(LISTENING_MS)]);
      return lastLine(words);
    };
    process.once("spawn", () => {
      resolve({ process, lastWords });
    });
  });
}

/** Run a command to its end and return what it printed. Rejects with its complaint if it fails. */
export function run(command: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd: command.folder,
      env: environment(),
      encoding: "utf8",
      timeout: PATIENCE_MS,
      maxBuffer: 16 << 20,
      windowsHide: true,
    } as const;
    execFile(command.file, command.arguments, options, (error, printed, complaint) => {
      if (error) {
        reject(new Error(lastLine(complaint) || error.message));
      } else {
        resolve(printed);
      }
    });
  });
}

/** Ours, with UTF-8 as the encoding of Python's streams, which on Windows is another by default. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PYTHONUTF8: "1" };
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)?.trim() ?? "";
}
