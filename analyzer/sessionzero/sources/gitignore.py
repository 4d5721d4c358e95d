"""The patterns of ``.gitignore`` files, matched as git matches them.

Patterns speak about bytes, as in git: ``?`` is one byte of a UTF-8 name. Each entry of a walk is
judged by itself; that nothing counts inside an ignored folder is the business of the walk, which
doesn't enter it. So ``!keep/`` says something about the folder and nothing about its files.

Letters are case-sensitive everywhere (git lets the machine decide), and the user's global excludes
aren't asked: a run gives the same answer on every machine. What git tracks although a pattern names
it is the business of the walk, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits, hexdigits, punctuation

from msgspec import Struct

_FOLDER = b"\0"  # stands after the name of a folder: no name can hold it
_SLASH, _BACKSLASH, _BLANK = b"/\\ "
_CLASSES = {
    b"alnum": frozenset((ascii_letters + digits).encode()),
    b"alpha": frozenset(ascii_letters.encode()),
    b"blank": frozenset(b" \t"),
    b"cntrl": frozenset((*range(32), 127)),
    b"digit": frozenset(digits.encode()),
    b"graph": frozenset(range(33, 127)),
    b"lower": frozenset(ascii_lowercase.encode()),
    b"print": frozenset(range(32, 127)),
    b"punct": frozenset(punctuation.encode()),
    b"space": frozenset(b" \t\n\v\f\r"),
    b"upper": frozenset(ascii_uppercase.encode()),
    b"xdigit": frozenset(hexdigits.encode()),
}


class _Malformed(Exception):
    """A glob that git lets match nothing."""


class _Pattern(Struct, frozen=True):
    """One line: what it says of a match, and the regular expression of a name or of a path."""

    ignores: bool
    by_name: bool
    regex: bytes


class _Run(Struct, frozen=True):
    """Neighbouring patterns that say the same, so that their order doesn't matter."""

    ignores: bool
    names: re.Pattern[bytes] | None
    paths: re.Pattern[bytes] | None


class Patterns(Struct, frozen=True):
    """The patterns of one file. ``base`` is the length of the folder's path with its slash."""

    base: int
    runs: tuple[_Run, ...]


def parse(data: bytes, base: int) -> Patterns:
    """The patterns in the bytes of an ignore file, for paths whose first ``base`` bytes name
    the folder that it stands in."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    patterns = [pattern for line in lines if (pattern := _pattern(line.removesuffix(b"\r")))]
    patterns.reverse()  # the last one that matches decides
    runs = groupby(patterns, attrgetter("ignores"))
    return Patterns(base, tuple(_run(ignores, tuple(members)) for ignores, members in runs))


def is_ignored(levels: Iterable[Patterns], folder: bytes, name: bytes, *, is_folder: bool) -> bool:
    """Whether the entry ``name`` of ``folder`` (absolute, ends in a slash) is ignored.

    ``levels`` are the patterns in force, the nearest first: the first that says anything decides.
    """
    name += _FOLDER if is_folder else b""
    path = folder + name
    for level in levels:
        for run in level.runs:
            if (run.names is not None and run.names.match(name)) or (
                run.paths is not None and run.paths.match(path, level.base)
            ):
                return run.ignores
    return False


def _run(ignores: bool, patterns: Sequence[_Pattern]) -> _Run:
    names = (pattern.regex for pattern in patterns if pattern.by_name)
    paths = (pattern.regex for pattern in patterns if not pattern.by_name)
    return _Run(ignores, _any_of(names), _any_of(paths))


def _any_of(regexes: Iterable[bytes]) -> re.Pattern[bytes] | None:
    alternatives = b"|".join(dict.fromkeys(regexes))
    return re.compile(rb"(?s:" + alternatives + rb")\Z") if alternatives else None


def _pattern(line: bytes) -> _Pattern | None:
    """The pattern of a line; None for a comment, a blank line and what can never match."""
    if line.startswith(b"#"):
        return None
    text = _without_trailing_blanks(line)
    ignores = not text.startswith(b"!")
    text = text if ignores else text[1:]
    only_folders = text.endswith(b"/")
    text = text.removesuffix(b"/")
    by_name = b"/" not in text
    try:
        regex = _regex(text.removeprefix(b"/"))
    except _Malformed:
        return None
    end = _FOLDER if only_folders else _FOLDER + b"?"
    return _Pattern(ignores, by_name, regex + end) if regex else None


def _without_trailing_blanks(line: bytes) -> bytes:
    """The line up to its last blank that a backslash quotes, or its last other byte."""
    end = position = 0
    while position < len(line):
        blank = line[position] == _BLANK
        position += 2 if line[position] == _BACKSLASH else 1
        if position > len(line):
            return line  # git trims nothing before a backslash that quotes nothing
        end = end if blank else position
    return line[:end]


def _regex(glob: bytes) -> bytes:
    """A glob as a regular expression. Raises _Malformed."""
    parts: list[bytes] = []
    position = 0
    while position < len(glob):
        head = glob[position : position + 1]
        if head == b"*":
            part, position = _stars(glob, position)
        elif head == b"?":
            part, position = rb"[^/\0]", position + 1
        elif head == b"[":
            part, position = _bracket(glob, position + 1)
        else:
            byte, position = _literal(glob, position)
            part = re.escape(bytes([byte]))
        parts.append(part)
    return b"".join(parts)


def _stars(glob: bytes, start: int) -> tuple[bytes, int]:
    """One or more stars at ``start``: their expression, and where the glob goes on.

    Two stars cross slashes only as a whole part of a path; in a glob for names, which is one
    part, it makes no difference.
    """
    end = start
    while glob[end : end + 1] == b"*":
        end += 1
    begins_part = start == 0 or glob[start - 1] == _SLASH
    if end - start > 1 and begins_part:
        if glob[end : end + 1] == b"/":
            return rb"(?:[^\0]*/)?", end + 1
        if end == len(glob) or glob.startswith(rb"\/", end):
            return rb"[^\0]*", end
    return rb"[^/\0]*", end


def _literal(glob: bytes, position: int) -> tuple[int, int]:
    """The byte at a position, which a backslash may quote, and where the glob goes on."""
    if glob[position : position + 1] == b"\\":
        position += 1
    if position >= len(glob):
        raise _Malformed
    return glob[position], position + 1


def _bracket(glob: bytes, start: int) -> tuple[bytes, int]:
    """``[…]`` from behind its bracket: the expression, and where the glob goes on."""
    negated = glob[start : start + 1] in (b"!", b"^")
    position = start + negated
    members, position = _members(glob, position)
    while glob[position : position + 1] != b"]":
        more, position = _members(glob, position)
        members |= more
    if negated:
        members = frozenset(range(256)) - members
    members -= {0, _SLASH}
    escaped = b"".join(re.escape(bytes([member])) for member in sorted(members))
    return (b"[" + escaped + b"]" if members else b"(?!)"), position + 1


def _members(glob: bytes, position: int) -> tuple[frozenset[int], int]:
    """One member of a bracket (a class, a range, a byte), and where the next one begins."""
    if glob.startswith(b"[:", position) and (end := glob.find(b"]", position + 2)) >= 0:
        name = glob[position + 2 : end]
        if name.endswith(b":"):
            if name[:-1] not in _CLASSES:
                raise _Malformed
            return _CLASSES[name[:-1]], end + 1
    first, position = _literal(glob, position)
    if glob[position : position + 1] == b"-" and glob[position + 1 : position + 2] not in b"]":
        last, position = _literal(glob, position + 1)
        return frozenset({first, *range(first, last + 1)}), position
    return frozenset({first}), position
