"""What the readers of build files share: targets while they are gathered, paths, limits, problems.

Readers work on strings in which two characters stand for what a file can't know: ``UNKNOWN`` for
the value of a variable that is set elsewhere, ``ABOVE`` for a folder above (``$(SolutionDir)``).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from sessionzero.facts import (
    FileFacts,
    Function,
    Problem,
    ProblemKind,
    Subsystem,
    Target,
    TargetKind,
)

UNKNOWN = "\0"  # no text holds it: what holds a NUL is taken for binary
ABOVE = "\1"

MAX_ITEMS = 50_000  # sources, uses, defines and folders of all targets of a file
MAX_CHARACTERS = 1 << 23  # that expanding the variables of a file may make
EXPANSION = 50  # characters that each use of a variable counts for, however short its value
MAX_DEPTH = 60  # of blocks, lists and variables in variables

_SOURCE = re.compile(
    r"\.(?:c|cc|cp|cpp|cxx|c\+\+|ixx|cppm|h|hh|hpp|hxx|h\+\+|inl|ipp|tpp|rc|py|pyw)(?:\.in)?$",
    re.IGNORECASE,
)
_DRIVE = re.compile(r"[A-Za-z]:")
_DEFINE = re.compile(r"[A-Za-z_]\w*")
_LETTERS = re.compile(r"[A-Za-z0-9]{3}")


class Refused(Exception):
    """A build file can't be understood: why, at a character of its text."""

    def __init__(self, reason: str, at: int, kind: ProblemKind = "syntax") -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
        self.kind = kind


class Draft(Struct):
    """A :class:`Target` while it is gathered; ``at`` are characters. Dicts keep the order."""

    name: str
    kind: TargetKind
    at: tuple[int, int]
    subsystem: Subsystem = ""
    sources: dict[str, None] = {}
    uses: dict[str, None] = {}
    defines: dict[str, None] = {}
    may_define: dict[str, None] = {}
    complete: bool = False
    includes: dict[str, None] = {}

    def add_sources(self, paths: Iterable[str]) -> None:
        """Note those that are source files."""
        found = (tidy(path) for path in paths)
        self.sources.update((path, None) for path in found if _SOURCE.search(path))

    def add_uses(self, names: Iterable[str]) -> None:
        """Note libraries: names, or paths of their build files."""
        found = (name.strip(" \t\"'").replace("\\", "/") for name in names)
        known = (tidy(name) if "/" in name else name for name in found if UNKNOWN not in name)
        self.uses.update((name, None) for name in known if name)

    def add_defines(self, words: Iterable[str], *, perhaps: bool = False) -> None:
        """Note macros, ``NAME`` or ``NAME=value``; ``perhaps``: not every build has them."""
        for word in words:
            name, equals, value = word.strip().partition("=")
            if UNKNOWN in name:
                self.complete = False
            elif _DEFINE.fullmatch(name) and perhaps:
                self.may_define[name] = None
            elif _DEFINE.fullmatch(name):
                self.defines[name + equals + ("" if UNKNOWN in value else value)] = None

    def doubt(self, names: Iterable[str]) -> None:
        """What is noted of macros isn't certain."""
        for word in [word for word in self.defines if word.partition("=")[0] in set(names)]:
            del self.defines[word]
            self.may_define[word.partition("=")[0]] = None

    def add_includes(self, folders: Iterable[str]) -> None:
        """Note folders in which headers are searched."""
        known = (tidy(folder) for folder in folders if UNKNOWN not in folder)
        self.includes.update((path, None) for path in known if path)

    def move_above(self) -> None:
        """Paths count from the folder of the file or from one above it."""
        self.sources = {_above(path): None for path in self.sources}
        self.includes = {_above(path): None for path in self.includes}

    def merge(self, other: Draft) -> None:
        """Add what another draft of the same target says, in another branch of the file."""
        self.sources |= other.sources
        self.uses |= other.uses
        self.complete = self.complete and other.complete
        self.may_define |= other.may_define
        for word in self.defines.keys() ^ other.defines.keys():
            self.may_define[word.partition("=")[0]] = None
        self.defines = {word: None for word in self.defines if word in other.defines}
        self.includes |= other.includes

    def size(self) -> int:
        defines = len(self.defines) + len(self.may_define)
        return len(self.sources) + len(self.uses) + defines + len(self.includes)


def tidy(path: str) -> str:
    """A path with ``/``, relative to the folder of the build file; empty if it leads nowhere here.

    What begins with ``/`` stands beneath some folder above. An unknown part of a file name becomes
    ``*`` if enough is left to know the file by, and an unknown folder ``/**`` likewise.
    """
    path = path.strip(" \t\r\n\"'").replace("\\", "/")
    if UNKNOWN in path:
        path = _guessed(path)
    if path.startswith(ABOVE):
        path = "/" + path.lstrip(ABOVE + "/")
    elif path.startswith(("/", "~")) or _DRIVE.match(path):
        return ""
    if not path or path == "/" or "$" in path or ABOVE in path:
        return ""
    return posixpath.normpath(path)


def _above(path: str) -> str:
    return path if path.startswith(("/", "..")) else f"/{path}"


def _guessed(path: str) -> str:
    """What can be said of a path of which a part is unknown; empty if that is too little."""
    parts = [part for part in path.split("/") if part]
    last = max(number for number, part in enumerate(parts) if UNKNOWN in part)
    rest = parts[last + 1 :]
    if not rest:
        stem = parts[-1].rpartition(".")[0]
        if any(UNKNOWN in part for part in parts[:-1]) or not _LETTERS.search(stem):
            return ""
        return re.sub(f"{UNKNOWN}+", "*", path)
    # A name alone (`main.c`) means too many files.
    return f"{ABOVE}/**/{'/'.join(rest)}" if len(rest) > 1 and ".." not in rest else ""


def is_source(path: str) -> bool:
    """Whether a word is the path of a source file, by its suffix."""
    return _SOURCE.search(path) is not None


def plain_name(name: str) -> str:
    """The name of a product: no folder, no unknown parts."""
    name = name.replace("\\", "/").rpartition("/")[2]
    return re.sub(f"[{UNKNOWN}{ABOVE}]+", "", name).strip(" -_.") if UNKNOWN in name else name


def words_of_flags(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The ``-D``, ``-I`` and ``-isystem`` of a compiler's command line, as (letter, value);
    ``/D`` and ``/I`` too."""
    pending = ""
    for word in words:
        if pending:
            yield pending, word
            pending = ""
        elif word in ("-D", "/D", "-I", "/I", "-isystem", "-iquote"):
            pending = "D" if word[1] == "D" else "I"
        elif word[:2] in ("-D", "/D", "-I", "/I"):
            yield word[1], word[2:]


def subsystem_of(flags: str) -> Subsystem:
    """What the flags of a linker say: ``-mwindows``, ``/SUBSYSTEM:CONSOLE`` …"""
    found = re.search(r"(?i)[-/,]subsystem[:,=\"\s]+(windows|console)\b|(-mwindows)\b", flags)
    if found is None:
        return ""
    return "console" if found[1] and found[1].lower() == "console" else "windows"


def facts(text: str, drafts: Iterable[Draft], refused: Refused | None = None) -> FileFacts:
    """The facts of a build file: its targets, in order of their place, and what went wrong."""
    kept, problem = _within_limits(sorted(drafts, key=lambda draft: draft.at))
    refused = refused or problem
    places = {at for draft in kept for at in draft.at} | ({refused.at} if refused else set())
    offsets = byte_offsets(text, places | {len(text)})
    problems = (_problem(text, refused, offsets[refused.at]),) if refused else ()
    size = offsets[len(text)]
    file = Function("", "", -1, "file", (), "", (), (), 0, 0, 0, size)
    targets = tuple(_target(draft, offsets) for draft in kept)
    return FileFacts("build", (file,), *((),) * 9, problems, targets)


def _within_limits(drafts: list[Draft]) -> tuple[list[Draft], Refused | None]:
    total = 0
    for number, draft in enumerate(drafts):
        total += draft.size()
        if total > MAX_ITEMS:
            reason = "the targets name too many files"
            return drafts[:number], Refused(reason, draft.at[0], "partial")
    return drafts, None


def _target(draft: Draft, offsets: dict[int, int]) -> Target:
    return Target(
        plain_name(draft.name),
        draft.kind,
        draft.subsystem,
        tuple(draft.sources),
        tuple(draft.uses),
        tuple(draft.defines),
        tuple(draft.includes),
        offsets[draft.at[0]],
        offsets[draft.at[1]],
        tuple(sorted(draft.may_define)),
        draft.complete,
    )


def _problem(text: str, refused: Refused, at: int) -> Problem:
    line = text.count("\n", 0, refused.at) + 1
    consequence = "this build file was not read to its end"
    return Problem(refused.kind, f"line {line}: {refused.reason}; {consequence}", at, at)


def byte_offsets(text: str, places: Iterable[int]) -> dict[int, int]:
    """Offsets of characters → of bytes, in one pass."""
    if text.isascii():
        return {at: at for at in places}
    found: dict[int, int] = {}
    last = size = 0
    for at in sorted(places):
        size += len(text[last:at].encode("utf-8", "surrogatepass"))
        found[at] = size
        last = at
    return found
