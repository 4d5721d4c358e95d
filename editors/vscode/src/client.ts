/** One conversation with one server, from its start to its end. */
import * as vscode from "vscode";
import {
  CloseAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type ErrorHandler,
  type LanguageClientOptions,
  type Middleware,
  type ProgressToken,
} from "vscode-languageclient/node";

import { EXPLAIN, REMEDY } from "./names";
import { startServer, type Command, type Server } from "./process";
import type { Doing } from "./status";

// Whose unsaved texts count, and have offers. Installers are known to few editors by a language.
const LANGUAGES = ["c", "cpp", "python", "bat", "powershell"];
const INSTALLERS = "**/{*.{aip,dfm,idt,inf,ism,iss,nsh,nsi,reg,vbs,wxi,wxs},*wrapper*.conf}";
// Commands of the server that show a page, and what shows it here.
const PAGES: ReadonlyMap<string, string> = new Map([
  [EXPLAIN, "sessionzero.explainRule"],
  [REMEDY, "sessionzero.showRemedy"],
]);
const FAREWELL_MS = 2000; // then the server is ended

/** Where a conversation tells how it goes. */
export interface Audience {
  readonly output: vscode.LogOutputChannel;
  readonly show: (doing: Doing) => void;
  readonly failed: (reason: string) => void;
}

/** Only logs what goes wrong: its messages would be four, beside the one of ours that says why. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** Starts a server, talks with it, and starts it again if it falls over, though not for ever. */
export class Conversation {
  private readonly client: LanguageClient;
  private readonly tasks = new Map<ProgressToken, string>();
  private handler: ErrorHandler | undefined;
  private server: Server | undefined;
  private begun = false; // the first start has succeeded
  private greeted = false; // the server that runs now has answered
  private ending = false;

  constructor(
    private readonly command: Command,
    private readonly audience: Audience,
  ) {
    const options: LanguageClientOptions = {
      documentSelector: [
        ...LANGUAGES.map((language) => ({ scheme: "file", language })),
        { scheme: "file", pattern: INSTALLERS },
      ],
      outputChannel: audience.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware: this.middleware(),
      errorHandler: this.errorHandler(),
      initializationFailedHandler: () => false,
    };
    // The name is what VS Code reads `sessionzero.trace.server` by.
    this.client = new QuietClient("sessionzero", "sessionzero", () => this.serve(), options);
    this.client.onDidChangeState(({ newState }) => {
      this.changed(newState);
    });
  }

  /** Start the server. What goes wrong is told to the audience. */
  async start(): Promise<void> {
    try {
      await this.client.start();
      this.begun = true;
    } catch (error) {
      await this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** End the conversation, and the server whether it answers or not. */
  async stop(): Promise<void> {
    this.ending = true;
    try {
      await this.client.dispose(FAREWELL_MS);
    } catch {
      // It has failed before, or does not answer: it is ended below.
    }
    this.server?.process.kill();
  }

  private async serve(): Promise<Server["process"]> {
    this.tasks.clear();
    const server = await startServer(this.command);
    if (this.ending) {
      server.process.kill();
      throw new Error("The server is no longer wanted.");
    }
    this.server = server;
    return server.process;
  }

  private changed(state: State): void {
    if (state === State.Starting) {
      this.greeted = false;
      this.audience.show({ kind: "starting" });
    } else if (state === State.Running) {
      this.greeted = true;
      this.showProgress();
    } else if (state === State.StartFailed && this.begun) {
      void this.fail("It could not be started again.");
    }
  }

  private async fail(reason: string): Promise<void> {
    const words = (await this.server?.lastWords()) ?? "";
    if (!this.ending) {
      this.audience.failed(words === "" ? reason : words);
    }
  }

  private middleware(): Middleware {
    return {
      handleWorkDoneProgress: (token, params, next) => {
        if (params.kind === "end") {
          this.tasks.delete(token);
          next(token, params);
        } else {
          // Our own item shows it; the editor's would be a second one beside it.
          this.tasks.set(token, progress(params, this.tasks.get(token) ?? ""));
        }
        this.showProgress();
      },
      executeCommand: (name, given: unknown[], next): unknown => {
        const ours = PAGES.get(name);
        return ours === undefined ? next(name, given) : vscode.commands.executeCommand(ours, ...given);
      },
    };
  }

  private showProgress(): void {
    const detail = [...this.tasks.values()].at(-1);
    if (this.greeted && !this.ending) {
      this.audience.show(detail === undefined ? { kind: "running" } : { kind: "indexing", detail });
    }
  }

  private errorHandler(): ErrorHandler {
    return {
      error: (error, message, count) => this.standard().error(error, message, count),
      closed: async () => {
        const answer = this.greeted
          ? await this.standard().closed()
          : { action: CloseAction.DoNotRestart }; // it would fail in the same way again
        if (this.greeted && answer.action === CloseAction.DoNotRestart) {
          await this.fail(answer.message ?? "The server has stopped.");
        }
        return { ...answer, handled: true };
      },
    };
  }

  private standard(): ErrorHandler {
    this.handler ??= this.client.createDefaultErrorHandler();
    return this.handler;
  }
}

function progress(
  params: { title?: string; message?: string; percentage?: number },
  before: string,
): string {
  const words = params.message ?? params.title ?? before;
  return params.percentage === undefined ? words : `${words} (${String(params.percentage)} %)`;
}
