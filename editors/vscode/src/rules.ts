/** The rules, as the installed program tells them. */
import { run, type Command } from "./process";

/** One line of `sessionzero rules`. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly title: string;
}

const RULE = /^[A-Za-z][A-Za-z0-9-]*$/;

/** All rules. Rejects if the program fails, or prints what isn't a list of rules. */
export async function listRules(program: Command): Promise<readonly Rule[]> {
  const printed: unknown = JSON.parse(await run(asking(program, "rules", "--format", "json")));
  if (!Array.isArray(printed) || !printed.every(isRule)) {
    throw new Error("sessionzero rules printed no list of rules.");
  }
  return printed;
}

/** The page of a rule, given by id or name, as Markdown. Rejects if the program knows no such rule. */
export async function explainRule(program: Command, rule: string): Promise<string> {
  if (!RULE.test(rule)) {
    throw new Error(`"${rule}" is not a rule of sessionzero.`); // and must not be read as an option
  }
  return run(asking(program, "explain", rule));
}

/** What a page says of how to mend: its title, and the remedy with its sketch in code. */
export function remedyOf(page: string): string {
  const lines = page.split("\n");
  let fenced = false;
  const headings = lines.flatMap((line, number) => {
    fenced = line.startsWith("```") ? !fenced : fenced;
    return !fenced && line.startsWith("## ") ? [number] : [];
  });
  const first = headings.find((number) => lines[number] === "## Remedy") ?? lines.length;
  const last = headings.find((number) => number > first) ?? lines.length;
  return [lines[0], "", ...lines.slice(first, last)].join("\n").trimEnd() + "\n";
}

function asking(program: Command, ...words: string[]): Command {
  return { ...program, arguments: words };
}

function isRule(entry: unknown): entry is Rule {
  const keys = ["id", "name", "title"] as const;
  const record = entry as Partial<Record<string, unknown>> | null;
  return typeof record === "object" && keys.every((key) => typeof record?.[key] === "string");
}
