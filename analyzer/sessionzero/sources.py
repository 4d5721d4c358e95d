"""Source files: which suffix is which language, and reading one file as text."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from sessionzero.decoding import decode
from sessionzero.facts import Language
from sessionzero.findings import Notice
from sessionzero.text import SourceText

MEBIBYTE = 1 << 20
MAX_BYTES = 8 * MEBIBYTE  # the largest source of 98 real services has 3.7 MiB

# Headers are C++: its grammar reads C headers with half as many errors as the C grammar does.
SUFFIXES: Mapping[str, Language] = MappingProxyType(
    {
        ".c": "c",
        **dict.fromkeys((".cpp", ".cc", ".cxx", ".c++", ".cp", ".ixx", ".cppm"), "c++"),
        **dict.fromkeys((".h", ".hpp", ".hh", ".hxx", ".h++", ".inl", ".ipp", ".tpp"), "c++"),
        **dict.fromkeys((".py", ".pyw"), "python"),
        **dict.fromkeys((".bat", ".cmd"), "batch"),
        **dict.fromkeys((".vcxproj", ".vcproj"), "build"),
        **dict.fromkeys((".cmake", ".mak", ".mk", ".spec"), "build"),
    }
)

_OF_MAKEFILES = (
    *("am", "in", "inc", "common", "gcc", "gmk", "gnu", "mgw", "mingw", "mingw32", "msc", "msvc"),
    *("nmake", "nt", "vc", "vs", "w32", "win", "win32", "windows"),
)

# ``x.h.in``, ``x.h.cmake`` and the like are templates that a build fills in; real projects keep
# names in them. Of a template of a source (``x.c.in``) only the build makes something to read.
_TEMPLATE = re.compile(r"(?:\.in|\.cmake)+$")
TEMPLATES = frozenset((".h", ".hpp", ".bat", ".cmd"))

# Build files whose name says more than their suffix. ``Makefile.in`` is a template like ``.h.in``;
# other suffixes of makefiles name a system or a tool (``Makefile.PL`` is Perl).
NAMES: Mapping[str, Language] = MappingProxyType(
    {
        **dict.fromkeys(("CMakeLists.txt", "meson.build", "compile_commands.json"), "build"),
        **dict.fromkeys(("Makefile", "GNUmakefile", "NTMakefile"), "build"),
        **dict.fromkeys(("pyproject.toml", "setup.cfg"), "build"),
    }
)
_LOWER_NAMES: Mapping[str, Language] = MappingProxyType(
    {
        **{name.lower(): language for name, language in NAMES.items()},
        **dict.fromkeys(
            (f"makefile.{suffix}" for suffix in _OF_MAKEFILES),
            "build",
        ),
    }
)


class SourceFile(Struct, frozen=True, order=True):
    """A file to analyse: ``path`` is what the user sees (relative to the root, with ``/``),
    ``location`` where it is on this machine."""

    path: str
    location: Path
    language: Language


def language_of(name: str) -> Language | None:
    """The language of a file by its name; the case of letters counts only in ``.C``.

    ``.C`` is C++ to Unix compilers and C in old DOS trees; the C++ grammar reads both.
    """
    if named := _LOWER_NAMES.get(name.lower()):
        return named
    stem = _TEMPLATE.sub("", name.lower())
    inner = os.path.splitext(stem)[1]
    if stem != name.lower() and inner in SUFFIXES:
        return SUFFIXES[inner] if inner in TEMPLATES else None
    suffix = os.path.splitext(name)[1]
    return "c++" if suffix == ".C" else SUFFIXES.get(suffix.lower())


def read(file: SourceFile) -> SourceText | Notice:
    """The text of a file, or why there is none. Raises nothing that a file could cause."""
    try:
        data = _read_bytes(file.location)
    except OSError as error:
        return unread(file.path, f"cannot be read ({error.strerror or error})", "Allow reading it")
    if len(data) > MAX_BYTES:
        size = f"is larger than {MAX_BYTES // MEBIBYTE} MiB"
        return unread(file.path, size, "Split it")
    decoded = decode(data, file.language)
    if decoded is None:
        return unread(file.path, "looks binary", "Save it as UTF-8 if it is source code")
    text, encoding = decoded
    return SourceText(file.path, text, encoding, data)


def unread(path: str, reason: str, mend: str) -> Notice:
    """A notice about something that was not analysed: a whole sentence, and the mend."""
    return Notice(f"{path}: {reason}; it was not analysed. {mend}, or exclude it.", path)


def _read_bytes(location: Path) -> bytes:
    """The bytes of a regular file, at most one more than the limit. Raises OSError."""
    # Without O_NONBLOCK, opening a FIFO waits for a writer. Windows lacks it, but has O_BINARY.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(location, flags), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return stream.read(MAX_BYTES + 1)
