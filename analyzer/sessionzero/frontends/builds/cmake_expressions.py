"""Generator expressions of CMake on Windows: ``$<$<BOOL:${WIN32}>:agent_win>``.

Reference: cmake-generator-expressions(7). What the build decides is not known: as with ``if``, what
stands behind such a condition counts, and isn't certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from sessionzero.frontends.builds.cmake_conditions import constant
from sessionzero.frontends.builds.draft import MAX_DEPTH, UNKNOWN

_SAME = frozenset(("BUILD_INTERFACE", "BUILD_LOCAL_INTERFACE", "LINK_ONLY", "1"))
_NOTHING = frozenset(("INSTALL_INTERFACE", "TARGET_OBJECTS", "COMMA", "ANGLE-R", "SEMICOLON", "0"))
_SYSTEM = "Windows"


class Worked(Struct, frozen=True):
    """The words that a word comes to; ``certain``: in every build on Windows."""

    items: tuple[str, ...]
    certain: bool


def all_worked_out(words: Iterable[str]) -> Iterator[Worked | None]:
    """Words without their generator expressions; None for one of which that isn't known. A list in
    an expression (``$<1:a.c;b.c>``) has made several words of it, which are one here."""
    parts: list[str] = []
    for word in words:
        parts.append(word)
        whole = ";".join(parts)
        if whole.count("$<") <= whole.count(">"):
            yield _worked_out(whole)
            parts = []
    if parts:
        yield None


def _worked_out(word: str) -> Worked | None:
    if "$<" not in word:
        return Worked((word,), certain=True)
    try:
        return _Reader(word).whole()
    except _Unknown:
        return None


class _Unknown(Exception):
    """An expression whose value only the build knows."""


class _Reader:
    """Reads a word from left to right, the innermost expressions first."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._at = 0
        self._depth = 0
        self._certain = True

    def whole(self) -> Worked:
        items = self._text(until="").split(";")
        return Worked(tuple(filter(None, items)), self._certain)

    def _text(self, until: str) -> str:
        """What stands before one of some characters, or the end of the word."""
        parts: list[str] = []
        while self._at < len(self._word) and (character := self._word[self._at]) not in until:
            if self._word.startswith("$<", self._at):
                parts.append(self._expression())
            else:
                parts.append(character)
                self._at += 1
        return "".join(parts)

    def _expression(self) -> str:
        self._depth += 1
        self._at += 2
        if self._depth > MAX_DEPTH:
            raise _Unknown
        name = self._text(until=":>")
        rest = ""
        if self._word.startswith(":", self._at):
            self._at += 1
            rest = self._text(until=">")
        if not self._word.startswith(">", self._at):
            raise _Unknown
        self._at += 1
        self._depth -= 1
        return self._value(name, rest)

    def _value(self, name: str, rest: str) -> str:
        if name in _SAME:
            return rest
        if name in _NOTHING:
            return ""
        if name == UNKNOWN:  # a condition that the build decides
            self._certain = False
            return rest
        if name == "IF":
            return self._chosen(rest.split(",", 2))
        if name == "PLATFORM_ID" and not rest:
            return _SYSTEM
        if name not in _TESTS:
            raise _Unknown
        truth = _TESTS[name](rest.split(","))
        return UNKNOWN if truth is None else str(int(truth))

    def _chosen(self, words: Sequence[str]) -> str:
        if len(words) != 3:
            raise _Unknown
        if words[0] in ("0", "1"):
            return words[1] if words[0] == "1" else words[2]
        self._certain = False
        return ";".join(words[1:])


def _of_build(_words: Sequence[str]) -> bool | None:
    return None


def _bool(words: Sequence[str]) -> bool | None:
    word = ",".join(words)
    if UNKNOWN in word:
        return None
    known = constant(word)
    return True if known is None else known


def _equal(words: Sequence[str]) -> bool | None:
    return None if UNKNOWN in "".join(words) else len(set(words)) == 1


def _not(words: Sequence[str]) -> bool | None:
    (word, *_) = words
    return None if word not in ("0", "1") else word == "0"


def _and(words: Sequence[str]) -> bool | None:
    return False if "0" in words else None if UNKNOWN in words else True


def _or(words: Sequence[str]) -> bool | None:
    return True if "1" in words else None if UNKNOWN in words else False


def _platform(words: Sequence[str]) -> bool | None:
    return _SYSTEM in words


_TESTS: dict[str, Callable[[Sequence[str]], bool | None]] = {
    "AND": _and,
    "BOOL": _bool,
    "NOT": _not,
    "OR": _or,
    "PLATFORM_ID": _platform,
    "STREQUAL": _equal,
    **dict.fromkeys(
        (
            *("CONFIG", "COMPILE_LANGUAGE", "LINK_LANGUAGE", "TARGET_EXISTS", "EQUAL", "IN_LIST"),
            *("C_COMPILER_ID", "CXX_COMPILER_ID", "COMPILE_LANG_AND_ID", "LINK_LANG_AND_ID"),
            *("VERSION_LESS", "VERSION_GREATER", "VERSION_EQUAL"),
            *("VERSION_LESS_EQUAL", "VERSION_GREATER_EQUAL"),
            *("C_COMPILER_FRONTEND_VARIANT", "CXX_COMPILER_FRONTEND_VARIANT"),
        ),
        _of_build,
    ),
}
