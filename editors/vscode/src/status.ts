/** The item in the status bar: what the server is doing; a click shows its output. */
import * as vscode from "vscode";

/** What a server is doing. `indexing` says how far it is, `failed` why. */
export type Doing =
  | { readonly kind: "starting" | "running" }
  | { readonly kind: "indexing" | "failed"; readonly detail: string };

const ICONS: Readonly<Record<Doing["kind"], string>> = {
  starting: "sync~spin",
  indexing: "sync~spin",
  running: "split-horizontal",
  failed: "error",
};

/** An item that shows what the server is doing; it appears when there is something to say. */
export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "sessionzero.status",
    vscode.StatusBarAlignment.Left,
  );

  constructor() {
    this.item.name = "sessionzero";
    this.item.command = "sessionzero.showOutput";
  }

  show(doing: Doing): void {
    const said = "detail" in doing ? `${doing.kind}: ${doing.detail}` : doing.kind;
    const progress = doing.kind === "indexing" ? `: ${doing.detail}` : "";
    this.item.text = `$(${ICONS[doing.kind]}) sessionzero${progress}`;
    this.item.tooltip = `sessionzero, ${said}\nClick to show the output.`;
    this.item.accessibilityInformation = { label: `sessionzero, ${said}`, role: "button" };
    this.item.backgroundColor =
      doing.kind === "failed" ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}
