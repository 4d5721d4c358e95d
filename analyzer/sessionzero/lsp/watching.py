"""Which files of a workspace matter when they change outside the editor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types

from sessionzero.sources.files import BUILD_NAMES, BUILD_SUFFIXES, SUFFIXES, language_of
from sessionzero.workspace import CONFIGURATIONS

_ID = "sessionzero-files"


def concerns(path: Path) -> bool:
    """Whether what is found can depend on the file, or on the folder of that name."""
    return path.name in CONFIGURATIONS or language_of(path.name) is not None or not path.suffix


def registration() -> types.RegistrationParams:
    """Asks the editor to tell of those files. Some editors know nothing of the case of letters in
    patterns, so both are asked for."""
    options = types.DidChangeWatchedFilesRegistrationOptions(
        watchers=[types.FileSystemWatcher(pattern) for pattern in _patterns()]
    )
    method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    return types.RegistrationParams([types.Registration(_ID, method, options)])


def _patterns() -> Iterator[str]:
    suffixes = sorted(suffix[1:] for suffix in {*SUFFIXES, *BUILD_SUFFIXES})
    both = [*suffixes, *(suffix.upper() for suffix in suffixes), "in"]
    yield f"**/*.{{{','.join(both)}}}"
    yield "**/*wrapper*.conf"
    yield f"**/{{{','.join(sorted(CONFIGURATIONS))}}}"
    names = sorted({spelt for name in BUILD_NAMES for spelt in (name, name.capitalize())})
    yield f"**/{{{','.join((*names, 'CMakeLists.txt', 'GNUmakefile'))}}}"
