/** The map of a workspace in a tab of its own: a document of the server's, in which nothing runs. */
import * as vscode from "vscode";

import { MAP } from "./names";

let shown: vscode.WebviewPanel | undefined;

/** Show the map of the workspace that the file in view belongs to, or draw it anew. */
export async function showMap(): Promise<void> {
  const file = vscode.window.activeTextEditor?.document.uri.toString() ?? "";
  const document = await vscode.commands.executeCommand<string | null>(MAP, file);
  if (typeof document !== "string" || document === "") {
    void vscode.window.showInformationMessage("There is no folder open of which a map could be drawn.");
    return;
  }
  const panel = shown ?? open();
  panel.webview.html = document;
  panel.reveal();
}

function open(): vscode.WebviewPanel {
  const panel = vscode.window.createWebviewPanel(
    "sessionzero.map",
    "Session Map",
    vscode.ViewColumn.Active,
    { enableScripts: false, localResourceRoots: [] },
  );
  panel.onDidDispose(() => {
    shown = undefined;
  });
  shown = panel;
  return panel;
}
