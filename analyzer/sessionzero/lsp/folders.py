"""The folders that an editor has open, each a workspace; and paths as URIs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from pygls.uris import to_fs_path

from sessionzero.engine import Options
from sessionzero.workspace import Workspace


class Folders:
    """Which workspace a file belongs to.

    A folder inside another is part of it. A file outside all of them is nobody's business: an
    editor shows headers of a compiler too. Only where no folder is open at all, the open files of
    one directory are a project.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._walked: dict[Path, Workspace] = {}
        self._alone: dict[Path, Workspace] = {}

    def set(self, uris: Iterable[str]) -> None:
        """Those are open now; what was open before keeps its workspace."""
        given = sorted({path for uri in uris if (path := path_of(uri)) is not None})
        roots = [it for it in given if not any(it.is_relative_to(o) for o in given if o != it)]
        self._walked = {
            root: self._walked.get(root) or Workspace(root, options=self._options) for root in roots
        }
        if self._walked:
            self._alone.clear()

    @property
    def workspaces(self) -> tuple[Workspace, ...]:
        """All there are."""
        return (*self._walked.values(), *self._alone.values())

    def of(self, path: Path) -> Workspace | None:
        """The workspace of a file."""
        for root, workspace in self._walked.items():
            if path.is_relative_to(root):
                return workspace
        if self._walked:
            return None
        folder = path.parent
        if folder not in self._alone:
            self._alone[folder] = Workspace(folder, options=self._options, walked=False)
        return self._alone[folder]


def path_of(uri: str) -> Path | None:
    """The path that a URI means; None if it is no file, as a document that was never saved."""
    if urlsplit(uri).scheme != "file":
        return None
    path = to_fs_path(uri)
    return Path(path) if path else None
