"""Analyses the workspaces in a thread beside the talk with the editor: always what is newest.

An edit waits for a pause in typing. One that comes while an analysis goes on ends it: what that
would say is of no use any more. So results never belong to an older text than the editor's.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from sessionzero.engine import quietly
from sessionzero.errors import SessionZeroError
from sessionzero.extraction import Progress
from sessionzero.lsp.indexing import Indexing
from sessionzero.report import Report
from sessionzero.workspace import Workspace

PAUSE = 0.05  # seconds without a change; between two letters a quick typist needs twice that


class Analysed(Struct, frozen=True):
    """The result for a workspace: a report, or why there is none."""

    workspace: Workspace
    report: Report | None
    complaint: str = ""
    fault: Exception | None = None


_Answer = TypeVar("_Answer")


class _Superseded(Exception):
    """Something has changed since the analysis began."""


class Analysis:
    """Collects changes, and hands the results to ``deliver`` in the thread of the event loop.

    ``index`` is called there before a workspace is analysed for the first time, and gives what is
    told of the progress, if anything is.
    """

    def __init__(
        self, deliver: Callable[[Analysed], None], index: Callable[[Workspace], Indexing | None]
    ) -> None:
        self._deliver = deliver
        self._index = index
        self._texts: dict[Workspace, dict[Path, str | None]] = {}
        self._doubted: set[Workspace] = set()
        self._waiting: dict[Workspace, None] = {}  # in the order of their changes
        self._known: set[Workspace] = set()
        self._changes = 0
        self._changed = asyncio.Event()
        self._ended = False
        self._thread = ThreadPoolExecutor(1, "analysis")

    # --- what happens in the editor ---

    def update(self, workspace: Workspace, path: Path, text: str | None) -> None:
        """A file holds that text now; None: what the disk says."""
        self._texts.setdefault(workspace, {})[path] = text
        self._touch(workspace)

    def look_again(self, workspace: Workspace) -> None:
        """Files of a workspace may have changed on the disk."""
        self._doubted.add(workspace)
        self._touch(workspace)

    def drop(self, workspace: Workspace) -> None:
        """A workspace isn't open any more."""
        for kept in (self._texts, self._waiting):
            kept.pop(workspace, None)
        self._doubted.discard(workspace)
        self._known.discard(workspace)
        self._changes += 1

    async def aside(self, work: Callable[[], _Answer]) -> _Answer:
        """Do something in the thread of the analyses: parsers are no good for two at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def end(self) -> None:
        """Analyse nothing more."""
        self._ended = True
        self._changes += 1
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _touch(self, workspace: Workspace) -> None:
        self._waiting[workspace] = None
        self._changes += 1
        self._changed.set()

    # --- the work ---

    async def run(self) -> None:
        """Analyse what changes, for ever."""
        while not self._ended:
            await self._changed.wait()
            await self._pause()
            while self._waiting and not self._changed.is_set() and not self._ended:
                await self._next()

    async def _pause(self) -> None:
        """Wait until nothing changes any more."""
        while self._changed.is_set():
            self._changed.clear()
            await asyncio.sleep(PAUSE)

    async def _next(self) -> None:
        workspace = next(iter(self._waiting))
        texts = self._texts.pop(workspace, {})
        doubted = workspace in self._doubted
        self._doubted.discard(workspace)
        first = workspace not in self._known
        indexing = self._index(workspace) if first else None
        progress = indexing.step if indexing else quietly
        began = self._changes
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(
            self._thread, self._analyse, workspace, texts, doubted, progress, began
        )
        if indexing:
            indexing.end()
        if result is not None and began == self._changes:
            del self._waiting[workspace]
            self._known.add(workspace)
            try:
                self._deliver(result)
            except Exception as error:
                self._deliver(Analysed(workspace, None, fault=error))
            await loop.run_in_executor(self._thread, _tidy_up, first)

    def _analyse(
        self,
        workspace: Workspace,
        texts: Mapping[Path, str | None],
        doubted: bool,
        progress: Progress,
        began: int,
    ) -> Analysed | None:
        """What the thread does."""

        def proceed() -> None:
            if self._changes != began:
                raise _Superseded

        def step(done: int, total: int) -> None:
            if self._ended:  # else what is parsed already must not be lost
                raise _Superseded
            progress(done, total)

        try:
            for path, text in texts.items():
                workspace.update(path, text)
            if doubted:
                workspace.look_again()
            return Analysed(workspace, workspace.check(step, proceed))
        except _Superseded:
            return None
        except SessionZeroError as error:
            return Analysed(workspace, None, complaint=str(error))
        except Exception as error:  # the editor must go on, and learn of it
            return Analysed(workspace, None, fault=error)


def _tidy_up(first: bool) -> None:
    """Give back what an analysis has left, when nobody waits: programs hold cycles, and collecting
    them while one goes on takes longer than the analysis. What the first one leaves are the facts,
    which stay: they needn't be looked through again."""
    gc.collect()
    if first:
        gc.freeze()
