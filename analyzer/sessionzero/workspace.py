"""A project that is analysed again and again while its files change, as an editor wants it."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace

from sessionzero.config import FILE, NONE, SHARED_FILE, find_config
from sessionzero.engine import DEFAULTS, Options, Proceed, always, check_paths, quietly
from sessionzero.extraction import Progress
from sessionzero.memory import Memory
from sessionzero.report import Report
from sessionzero.sources.files import SourceFile, language_of

CONFIGURATIONS = frozenset((FILE, SHARED_FILE, ".gitignore"))
"""Names of the files that decide how a project is read."""


class Workspace:
    """One folder of an editor. Not for several threads.

    ``walked`` is false where the editor has no folder open: the project is then what is open.
    """

    def __init__(self, root: Path, *, options: Options = DEFAULTS, walked: bool = True) -> None:
        self.root = root
        self._walked = walked
        self._options = options
        self._memory = Memory()
        self._config = NONE

    def update(self, path: Path, text: str | None) -> None:
        """A file holds ``text`` in the editor; for None, what the disk says counts again."""
        location = Path(os.path.realpath(path))
        language = language_of(path.name)
        if text is None:
            self._memory.close(location)
        elif language is not None:
            self._memory.open(SourceFile(self.shown(path), location, language), text)
        if not self._walked:
            self._memory.look_again()

    def look_again(self) -> None:
        """Files may have come, gone or changed on the disk, or the configuration."""
        self._memory.look_again()

    def shown(self, path: Path) -> str:
        """The path of a file as places have it."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    def check(
        self,
        progress: Progress = quietly,
        proceed: Proceed = always,
        *,
        inventory: bool = False,
    ) -> Report:
        """What is to be reported now; with an inventory if it is to be drawn. Raises
        :class:`SessionZeroError` for what a user must mend, and whatever ``progress`` or
        ``proceed`` raise."""
        config = find_config((self.root,), root=self.root)
        if config != self._config:  # it may name other files
            self._config = config
            self._memory.look_again()
        said = config.settings
        options = replace(
            self._options,
            assume_service=self._options.assume_service or said.assume_service,
            select=self._options.select or said.select,
            ignore=self._options.ignore or said.ignore,
            config=config,
            inventory=inventory,
        )
        return check_paths(
            (self.root,) if self._walked else self._memory.saved(),
            root=self.root,
            options=options,
            progress=progress,
            memory=self._memory,
            proceed=proceed,
        )
