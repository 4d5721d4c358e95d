"""Conditions of CMake on Windows: true, false, or None where the build decides."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sessionzero.frontends.builds.cmake_syntax import Argument
from sessionzero.frontends.builds.draft import MAX_DEPTH, UNKNOWN

# Variables that CMake itself sets, on Windows (manual: cmake-variables(7), "describe the system").
# MSVC, MINGW and CYGWIN tell compilers apart, and any of them may build for Windows.
_SYSTEM = {
    "WIN32": True,
    **dict.fromkeys(("UNIX", "APPLE", "LINUX", "ANDROID", "IOS", "BSD", "HAIKU", "AIX"), False),
}
_CONSTANTS = {
    **dict.fromkeys(("1", "ON", "YES", "TRUE", "Y"), True),
    **dict.fromkeys(("0", "OFF", "NO", "FALSE", "N", "IGNORE", "NOTFOUND", ""), False),
}
_SYSTEM_NAMES = frozenset(("CMAKE_SYSTEM_NAME", "CMAKE_HOST_SYSTEM_NAME"))
_EQUALITIES = frozenset(("STREQUAL", "MATCHES", "EQUAL"))
_OTHER_SYSTEM = re.compile(
    r"Linux|Darwin|FreeBSD|OpenBSD|NetBSD|SunOS|Android|AIX|Haiku|HP-UX|iOS|DragonFly"
)


def holds(arguments: Sequence[Argument]) -> bool | None:
    """What ``if(arguments)`` decides on Windows; None if that isn't certain."""
    return _Reader(arguments).whole()


class _Reader:
    """Reads by precedence: parentheses, tests, NOT, AND, OR."""

    def __init__(self, arguments: Sequence[Argument]) -> None:
        self._rest = list(reversed(arguments))
        self._depth = 0

    def whole(self) -> bool | None:
        value = self._or()
        return value if not self._rest else None

    def _next(self) -> str:
        argument = self._rest[-1] if self._rest else None
        return "" if argument is None or argument.quoted else argument.text.upper()

    def _or(self) -> bool | None:
        value = self._and()
        while self._next() == "OR":
            self._rest.pop()
            other = self._and()
            known = value is not None and other is not None
            value = True if value or other else False if known else None
        return value

    def _and(self) -> bool | None:
        value = self._not()
        while self._next() == "AND":
            self._rest.pop()
            other = self._not()
            unknown = value is None or other is None
            value = False if value is False or other is False else None if unknown else True
        return value

    def _not(self) -> bool | None:
        turned = False
        while self._next() == "NOT":
            self._rest.pop()
            turned = not turned
        value = self._test()
        return (not value if turned else value) if value is not None else None

    def _test(self) -> bool | None:
        if not self._rest:
            return None
        if self._next() == "(":
            return self._group()
        words: list[Argument] = []
        while self._rest and self._next() not in ("AND", "OR", "(", ")"):
            words.append(self._rest.pop())
        return _single(words[0]) if len(words) == 1 else _comparison([w.text for w in words])

    def _group(self) -> bool | None:
        self._rest.pop()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._rest.clear()
        value = self._or()
        self._depth -= 1
        if self._next() == ")":
            self._rest.pop()
        return value


def constant(word: str) -> bool | None:
    """What a word means as a truth, if it isn't the name of a variable."""
    if word.upper().endswith("-NOTFOUND"):
        return False
    return _CONSTANTS.get(word.upper())


def of_system(name: str) -> bool | None:
    """What a variable says that CMake itself sets on Windows; None for any other."""
    return _SYSTEM.get(name)


def _single(argument: Argument) -> bool | None:
    word = argument.text.strip()
    if word in _SYSTEM:
        return _SYSTEM[word]
    return constant(word) if UNKNOWN not in word else None


def _comparison(words: list[str]) -> bool | None:
    """``CMAKE_SYSTEM_NAME STREQUAL "Windows"`` and the like; others are not known."""
    if len(words) != 3 or words[1].upper() not in _EQUALITIES:
        return None
    if not any(name in words[0] for name in _SYSTEM_NAMES):
        return None
    if "Windows" in words[2]:
        return True
    return False if _OTHER_SYSTEM.search(words[2]) else None
