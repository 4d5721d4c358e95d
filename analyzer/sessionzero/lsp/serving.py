"""What the server listens to, and its life over standard input and output."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path

from lsprotocol import types

from sessionzero.engine import Options
from sessionzero.lsp.actions import EXPLAIN
from sessionzero.lsp.fixing import FIX_ALL
from sessionzero.lsp.folders import path_of
from sessionzero.lsp.mapping import MAP, map_of
from sessionzero.lsp.remedies import REMEDY
from sessionzero.lsp.server import Server
from sessionzero.lsp.watching import registration

_ACTIONS = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL])


def serve(options: Options) -> None:
    """Talk with an editor until it has enough."""
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="sessionzero: %(message)s")
    server = Server(options)
    _follow_life(server)
    _follow_documents(server)
    _follow_files(server)
    _answer(server)
    with os.fdopen(os.dup(1), "wb") as output:
        os.dup2(2, 1)  # whatever else is printed must not stand between the messages
        server.start_io(stdout=output)


def _follow_life(server: Server) -> None:
    tasks: list[asyncio.Task[None]] = []  # the loop itself holds a task only weakly

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        tasks.append(asyncio.get_running_loop().create_task(server.analysis.run()))
        workspace = server.workspace
        server.open_folders([*workspace.folders] or [workspace.root_uri or ""])
        if server.client.watching:
            await server.client_register_capability_async(registration())

    @server.feature(types.SHUTDOWN)
    def shutdown(_: None) -> None:
        server.analysis.end()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(_: types.DidChangeWorkspaceFoldersParams) -> None:
        server.open_folders([*server.workspace.folders])


def _follow_documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        server.edited(document.uri, document.version, document.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        for change in params.content_changes:  # each is a whole text, as the server has asked for
            server.edited(document.uri, document.version, change.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        _look_again(server, [params.text_document.uri])


def _follow_files(server: Server) -> None:
    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        _look_again(server, [change.uri for change in params.changes])

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(_: types.DidChangeConfigurationParams) -> None:
        """All that counts is in the files of the project: nothing to do, and no error either."""


def _look_again(server: Server, uris: list[str]) -> None:
    paths: list[Path] = [path for uri in uris if (path := path_of(uri)) is not None]
    server.look_again(paths)


def _answer(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return server.hover_at(params)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, _ACTIONS)
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await server.actions_for(params)

    @server.command(EXPLAIN)
    def explain(rule: str) -> None:
        server.explain(rule)

    @server.command(REMEDY)
    def show_remedy(rule: str) -> str:
        return server.show_remedy(rule)

    @server.command(MAP)
    async def draw(uri: str) -> str:
        return await map_of(uri, server.folders, server.analysis)
