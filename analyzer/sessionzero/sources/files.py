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

from sessionzero.facts import Language
from sessionzero.findings import Notice
from sessionzero.sources.decoding import decode
from sessionzero.sources.text import SourceText

MEBIBYTE = 1 << 20
MAX_BYTES = 8 * MEBIBYTE  # the largest source of 98 real services has 3.7 MiB

# Headers are C++: its grammar reads C headers with half as many errors as the C grammar does.
SUFFIXES: Mapping[str, Language] = MappingProxyType(
    {
        ".c": "c",
        **dict.fromkeys((".cpp", ".cc", ".cxx", ".c++", ".cp", ".ixx", ".cppm"), "c++"),
        **dict.fromkeys((".h", ".hpp", ".hh", ".hxx", ".h++", ".inl", ".ipp", ".tpp"), "c++"),
        **dict.fromkeys((".inc", ".def"), "c++"),  # those that a source includes: `included`
        **dict.fromkeys((".py", ".pyw"), "python"),
        **dict.fromkeys((".bat", ".cmd"), "batch"),
        **dict.fromkeys((".ps1", ".psm1"), "powershell"),
        **dict.fromkeys((".wxs", ".wxi"), "wix"),
        **dict.fromkeys((".idt", ".ism", ".aip"), "msi"),
        **dict.fromkeys((".nsi", ".nsh"), "nsis"),
        ".dfm": "dfm",
        ".inf": "inf",
        ".iss": "inno",
        ".reg": "reg",
        ".vbs": "vbscript",
        ".xml": "xml",
    }
)

# The settings of a wrapper that makes a service of any program.
_WRAPPER_SETTINGS = re.compile(r"(?:.*[-_.])?wrapper(?:[-_.].*)?\.conf(?:\.in)?")

# ``x.h.in``, ``x.h.cmake`` and the like are templates that a build fills in; real projects keep
# names in them. Of a template of a source (``x.c.in``) only the build makes something to read.
_TEMPLATE = re.compile(r"(?:\.in|\.cmake)+$")
_TEMPLATES = frozenset(
    (".h", ".hpp", ".bat", ".cmd", ".ps1", ".wxs", ".wxi", ".nsi", ".nsh", ".iss", ".inf", ".reg")
)

# Build files. ``Makefile.in`` is a template like ``.h.in``; other suffixes of makefiles name a
# system or a tool (but ``Makefile.PL`` is Perl).
BUILD_SUFFIXES = frozenset((".vcxproj", ".vcproj", ".cmake", ".mak", ".mk", ".spec"))
BUILD_NAMES = frozenset(
    (
        *("cmakelists.txt", "meson.build", "compile_commands.json", "pyproject.toml", "setup.cfg"),
        *("makefile", "gnumakefile", "ntmakefile", "makefile.am", "makefile.in", "makefile.inc"),
        *("makefile.common", "makefile.gcc", "makefile.gmk", "makefile.gnu", "makefile.mgw"),
        *("makefile.mingw", "makefile.mingw32", "makefile.msc", "makefile.msvc", "makefile.nmake"),
        *("makefile.nt", "makefile.vc", "makefile.vs", "makefile.w32", "makefile.win"),
        *("makefile.win32", "makefile.windows"),
    )
)


class SourceFile(Struct, frozen=True, order=True):
    """A file to analyse: ``path`` is what the user sees (relative to the root, with ``/``),
    ``location`` where it is on this machine. ``project`` is its repository where the user has
    named a folder with several of them, else empty."""

    path: str
    location: Path
    language: Language
    project: str = ""


def language_of(name: str) -> Language | None:
    """The language of a file by its name; the case of letters counts only in ``.C``.

    ``.C`` is C++ to Unix compilers and C in old DOS trees; the C++ grammar reads both.
    """
    lower = name.lower()
    made = _TEMPLATE.sub("", lower)
    if made != lower and (inner := os.path.splitext(made)[1]) in SUFFIXES:
        return SUFFIXES[inner] if inner in _TEMPLATES else None
    suffix = os.path.splitext(lower)[1]
    if lower in BUILD_NAMES or suffix in BUILD_SUFFIXES:
        return None if lower.startswith("readme.") else "build"  # README.cmake says how to build
    if _WRAPPER_SETTINGS.fullmatch(lower):
        return "wrapper"
    return "c++" if name.endswith(".C") else SUFFIXES.get(suffix)


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
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        # To be asked for 8 MiB, a stream gets room for them; some systems' files say no size.
        return stream.read(min(status.st_size or MAX_BYTES, MAX_BYTES) + 1)
