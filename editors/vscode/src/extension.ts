/** Finds `sessionzero`, starts its language server, and offers its commands. */
import * as os from "node:os";
import * as vscode from "vscode";

import { Conversation } from "./client";
import { showMap } from "./map";
import { servePages, showPage, showRemedy } from "./pages";
import type { Command } from "./process";
import { findProgram, type Program } from "./program";
import { Status } from "./status";

const INSTALL = 'pipx install "sessionzero[lsp]"';

let running: Extension | undefined;

/** Called by the editor when a file of our languages is opened. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  running = new Extension(context);
  await running.restart();
}

/** Called by the editor when it closes. */
export async function deactivate(): Promise<void> {
  await running?.stop();
}

class Extension {
  private readonly output = vscode.window.createOutputChannel("sessionzero", { log: true });
  private readonly status = new Status();
  private readonly folder: string;
  private conversation: Conversation | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(context: vscode.ExtensionContext) {
    this.folder = context.extensionPath;
    const { commands, workspace } = vscode;
    context.subscriptions.push(
      this.output,
      this.status,
      commands.registerCommand("sessionzero.restart", () => this.restart()),
      commands.registerCommand("sessionzero.showOutput", () => {
        this.output.show();
      }),
      commands.registerCommand("sessionzero.explainRule", (rule: unknown) => this.explain(rule)),
      commands.registerCommand("sessionzero.showRemedy", (rule: string) => this.told(showRemedy(rule))),
      commands.registerCommand("sessionzero.showMap", () => this.map()),
      servePages(() => this.program()),
      workspace.onDidGrantWorkspaceTrust(() => this.restart()),
      workspace.onDidChangeConfiguration((change) => {
        const ours = ["sessionzero.path", "sessionzero.arguments"];
        if (ours.some((setting) => change.affectsConfiguration(setting))) {
          void this.restart();
        }
      }),
    );
  }

  /** Start the server, after the one that runs has ended. One after the other, however often asked. */
  restart(): Promise<void> {
    this.last = this.last.then(async () => {
      await this.end();
      await this.begin();
    });
    return this.last;
  }

  stop(): Promise<void> {
    this.last = this.last.then(() => this.end());
    return this.last;
  }

  private async begin(): Promise<void> {
    if (vscode.workspace.workspaceFolders === undefined) {
      return; // who runs a line is seen in a project, not in one file of it
    }
    const program = await this.program();
    if (program === undefined) {
      return;
    }
    this.output.info(`starting ${[program.file, ...program.arguments].join(" ")}`);
    this.conversation = new Conversation(program, {
      output: this.output,
      show: (doing) => {
        this.status.show(doing);
      },
      failed: (reason) => {
        this.fail(`The server of sessionzero has stopped: ${reason}`, "Show Output");
      },
    });
    void this.conversation.start(); // a server that hangs must not keep a restart waiting
  }

  private async end(): Promise<void> {
    await this.conversation?.stop();
    this.conversation = undefined;
  }

  private async explain(rule: unknown): Promise<void> {
    const program = await this.program();
    if (program !== undefined) {
      await this.told(showPage(program, rule));
    }
  }

  /** Wait for what is done for the user, who is told if it fails. */
  private async told(doing: Promise<void>): Promise<void> {
    try {
      await doing;
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  }

  private async map(): Promise<void> {
    if (this.conversation === undefined) {
      void vscode.window.showErrorMessage("The server of sessionzero does not run.");
      return;
    }
    await this.told(showMap());
  }

  /** The server's command line; undefined, and said to the user, if there is no such program. */
  private async program(): Promise<Command | undefined> {
    const settings = vscode.workspace.getConfiguration("sessionzero");
    const program: Program = await findProgram({
      setting: settings.get<string>("path", "").trim(),
      trusted: vscode.workspace.isTrusted,
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      pathVariable: process.env.PATH ?? "",
      home: os.homedir(),
      windows: process.platform === "win32",
    });
    if ("missing" in program) {
      this.fail(`${program.missing} To install it: ${INSTALL}`, "Copy Command", "Open Settings");
      return undefined;
    }
    const further = settings.get<readonly string[]>("arguments", []);
    return { file: program.file, arguments: ["lsp", ...further], folder: this.folder };
  }

  private fail(message: string, ...buttons: string[]): void {
    this.output.error(message);
    this.status.show({ kind: "failed", detail: message });
    void vscode.window.showErrorMessage(message, ...buttons).then(async (button) => {
      if (button === "Show Output") {
        this.output.show();
      } else if (button === "Copy Command") {
        await vscode.env.clipboard.writeText(INSTALL);
      } else if (button === "Open Settings") {
        await vscode.commands.executeCommand("workbench.action.openSettings", "sessionzero.path");
      }
    });
  }
}
