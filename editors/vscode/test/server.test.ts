import assert from "node:assert/strict";
import * as path from "node:path";
import { once } from "node:events";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import {
  createProtocolConnection,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  ExitNotification,
  type PublishDiagnosticsParams,
  type InitializeResult,
  type ProtocolConnection,
} from "vscode-languageserver-protocol/node";

import { EXPLAIN, REMEDY } from "../src/names";
import { startServer } from "../src/process";
import { installed } from "./installed";

const SERVICE = path.resolve("../../fixtures/programs/three-files-away");

/** Greet the installed server as an editor that has the folder of a service open. */
async function greet(connection: ProtocolConnection): Promise<InitializeResult> {
  const uri = pathToFileURL(SERVICE).href;
  connection.listen();
  const answer = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the protocol still demands it
    rootUri: null,
    workspaceFolders: [{ uri, name: "service" }],
    capabilities: {},
  });
  await connection.sendNotification(InitializedNotification.type, {});
  return answer;
}

test("the server reports a file that nobody has opened, and ends when it is told to", async () => {
  const { process: server } = await startServer(await installed("lsp"));
  const connection = createProtocolConnection(server.stdout, server.stdin);
  const found = new Promise<PublishDiagnosticsParams>((resolve) => {
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      if (params.diagnostics.length > 0) {
        resolve(params);
      }
    });
  });
  const { capabilities } = await greet(connection);
  for (const command of [EXPLAIN, REMEDY]) {
    assert.ok(capabilities.executeCommandProvider?.commands.includes(command), command);
  }
  const { uri, diagnostics } = await found;
  assert.equal(uri, pathToFileURL(path.join(SERVICE, "report.c")).href);
  assert.deepEqual(diagnostics.map(({ source, code }) => [source, code]), [["sessionzero", "SZUI001"]]);

  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification(ExitNotification.type);
  assert.deepEqual(await once(server, "close"), [0, null]);
});

test("a server that can't start says why in its last words", async () => {
  const { process: server, lastWords } = await startServer(await installed("lsp", "--no-such"));
  assert.match(await lastWords(), /--no-such/);
  assert.notEqual(server.exitCode, 0);
  await assert.rejects(startServer({ ...(await installed()), file: "/nowhere/sessionzero" }));
});
