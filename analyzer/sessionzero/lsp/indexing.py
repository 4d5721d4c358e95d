"""The bar that an editor shows while a workspace is read for the first time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types

from sessionzero.workspace import Workspace

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer


class Indexing:
    """Made in the event loop; :meth:`step` may be called in any thread, :meth:`end` ends it."""

    def __init__(self, server: LanguageServer, workspace: Workspace) -> None:
        self._server = server
        self._name = workspace.root.name
        self._token = str(uuid4())
        self._loop = asyncio.get_running_loop()
        self._shown = self._ended = False
        self._latest = (0, 0)
        self._task = self._loop.create_task(self._begin())

    async def _begin(self) -> None:
        progress = self._server.work_done_progress
        await progress.create_async(self._token)
        if not self._ended:
            self._shown = True
            title = f"sessionzero: reading {self._name}"
            progress.begin(self._token, types.WorkDoneProgressBegin(title=title, percentage=0))
            self._report(*self._latest)

    def step(self, done: int, total: int) -> None:
        """So many of the files are parsed."""
        self._loop.call_soon_threadsafe(self._report, done, total)

    def end(self) -> None:
        """All is read, or nothing more will be."""
        self._ended = True
        if self._shown:
            self._shown = False
            end = types.WorkDoneProgressEnd(message="done")
            self._server.work_done_progress.end(self._token, end)

    def _report(self, done: int, total: int) -> None:
        self._latest = (done, total)
        if self._shown and total:
            report = types.WorkDoneProgressReport(
                message=f"{done} of {total} files", percentage=100 * done // total
            )
            self._server.work_done_progress.report(self._token, report)
