/** Pages of rules in the editor: all of one for "Explain Rule", or how to mend what it finds. */
import * as vscode from "vscode";

import { SOURCE } from "./names";
import type { Command } from "./process";
import { explainRule, listRules, remedyOf } from "./rules";

const SCHEME = "sessionzero-rule";
const HOW = "How to mend "; // what the page of a remedy is called, before the rule

/** Serves the pages as read-only documents. They are asked for anew each time: an update changes them. */
export function servePages(program: () => Promise<Command | undefined>): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    async provideTextDocumentContent(uri) {
      const command = await program();
      const page = command && (await explainRule(command, ruleOf(uri)));
      return page && uri.path.startsWith(HOW) ? remedyOf(page) : page;
    },
  });
}

/** Show the page of a rule: the one named, that of the finding at the cursor, or one that is chosen. */
export async function showPage(program: Command, named: unknown): Promise<void> {
  const rule = typeof named === "string" ? named : (ruleAtCursor() ?? (await choose(program)));
  if (rule !== undefined) {
    await show(rule);
  }
}

/** Show how findings of a rule are mended: that part of its page. */
export async function showRemedy(rule: string): Promise<void> {
  await show(HOW + rule);
}

async function show(page: string): Promise<void> {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `${page}.md` });
  await vscode.workspace.openTextDocument(uri); // complains of an unknown rule
  await vscode.commands.executeCommand("markdown.showPreview", uri);
}

function ruleOf(uri: vscode.Uri): string {
  return uri.path.replace(HOW, "").replace(/\.md$/, "");
}

function ruleAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return undefined;
  }
  const cursor = editor.selection.active;
  const findings = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter((finding) => finding.source === SOURCE);
  const here =
    findings.find((finding) => finding.range.contains(cursor)) ??
    findings.find((finding) => finding.range.start.line === cursor.line);
  const code = typeof here?.code === "object" ? here.code.value : here?.code;
  return code?.toString();
}

async function choose(program: Command): Promise<string | undefined> {
  const items = listRules(program).then((rules) =>
    rules.map((rule) => ({ label: rule.id, description: rule.name, detail: rule.title })),
  );
  const chosen = await vscode.window.showQuickPick(items, {
    title: "Explain a rule of sessionzero",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen?.label;
}
