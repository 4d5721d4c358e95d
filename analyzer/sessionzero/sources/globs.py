"""The patterns of a configuration, which mean what they mean in a ``.gitignore`` beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from msgspec import Struct

from sessionzero.sources import gitignore


class Globs(Struct, frozen=True):
    """Patterns for what lies below one folder, whose path is in bytes and ends in a slash."""

    folder: bytes
    patterns: gitignore.Patterns

    def hits(self, folder: bytes, name: bytes, *, is_folder: bool) -> bool:
        """Whether an entry of a folder (absolute, ends in a slash) is meant itself."""
        if not folder.startswith(self.folder):
            return False
        return gitignore.is_ignored((self.patterns,), folder, name, is_folder=is_folder)

    def cover(self, location: str | os.PathLike[str]) -> bool:
        """Whether a file (an absolute path) is meant, by itself or with a folder above it."""
        path = os.fsencode(location).replace(os.sep.encode(), b"/")
        if not path.startswith(self.folder):
            return False
        folder = self.folder
        *folders, name = path[len(folder) :].split(b"/")
        for part in folders:
            if self.hits(folder, part, is_folder=True):
                return True
            folder += part + b"/"
        return self.hits(folder, name, is_folder=False)


def globs(patterns: Sequence[str], folder: str | os.PathLike[str]) -> Globs:
    """The patterns of a configuration that stands in a folder; its links are resolved."""
    base = os.fsencode(os.path.join(os.path.realpath(folder), "").replace(os.sep, "/"))
    lines = "\n".join(patterns).encode("utf-8", "surrogateescape")
    return Globs(base, gitignore.parse(lines, len(base)))


def is_pattern(text: str) -> bool:
    """False for what can never match: nothing, a comment, an open bracket."""
    return bool(gitignore.parse(text.encode("utf-8", "surrogateescape"), 0).runs)
