"""The map of a workspace, for an editor that has a place to show HTML."""

from __future__ import annotations

from pathlib import Path

from sessionzero.lsp.analysis import Analysis
from sessionzero.lsp.folders import Folders, path_of
from sessionzero.reporters import PICTURES
from sessionzero.workspace import Workspace

MAP = "sessionzero.lsp.map"  # the command: a URI in, a document without scripts out


async def map_of(uri: str, folders: Folders, analysis: Analysis) -> str:
    """The map of the workspace that a file or folder belongs to, else of the first one; empty if
    there is none. Raises what an analysis raises."""
    workspace = _meant(uri, folders)
    if workspace is None:
        return ""
    return await analysis.aside(lambda: PICTURES["html"](workspace.check(inventory=True)))


def _meant(uri: str, folders: Folders) -> Workspace | None:
    path = path_of(uri)
    workspaces = folders.workspaces
    found = folders.of(path) if isinstance(path, Path) and workspaces else None
    return found or next(iter(workspaces), None)
