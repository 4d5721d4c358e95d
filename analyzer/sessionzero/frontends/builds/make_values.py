"""The variables of a makefile, expanded when they are used, and the few functions that make lists
of files (GNU make manual: "Functions for Transforming Text")."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence

from sessionzero.frontends.builds.draft import (
    ABOVE,
    EXPANSION,
    MAX_CHARACTERS,
    MAX_DEPTH,
    UNKNOWN,
    Refused,
)

_FILE = re.compile(r"\.(?:o|obj|c\w*|rc|res|lib|l?a)$", re.IGNORECASE)
_SUBST = re.compile(r"@[A-Za-z_]\w*@")
_HERE = frozenset(("srcdir", "builddir", "CURDIR", "MAKEDIR", "abs_srcdir"))
_ABOVE = frozenset(("top_srcdir", "top_builddir", "TOP_SRCDIR", "abs_top_srcdir", "TOPDIR"))
_SUFFIXES = {"EXEEXT": ".exe", "OBJEXT": "o", "EXE": ".exe", "EXESUFFIX": ".exe"}
_PAIRS = {"(": re.compile(r"[()]"), "{": re.compile(r"[{}]")}


class Variables:
    """The values as written. One that is not there is set elsewhere: unknown."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}
        self._open: set[str] = set()  # being expanded: one that leads to itself ends there
        self._left = MAX_CHARACTERS

    def assign(self, name: str, operator: str, value: str, *, doubtful: bool) -> None:
        """``name operator value``; ``doubtful`` if a condition may leave it out."""
        old = self.written.get(name)
        more = value
        for itself in (f"$({name})", f"${{{name}}}"):  # nmake: X = $(X) more
            more = more.replace(itself, "")
        if old is None:
            self.written[name] = more
        elif operator.startswith("?"):
            return
        elif operator == "+=" or more != value or (doubtful and _is_list(old, value)):
            self.spend(len(old) + len(more))
            self.written[name] = f"{old} {more}"
        else:
            self.written[name] = value

    def words(self, name: str) -> list[str]:
        """The items of a variable; none if nothing sets it here."""
        return self.expanded(self.written.get(name, "")).split()

    def spend(self, characters: int) -> None:
        self._left -= characters + 1
        if self._left < 0:
            raise Refused("the variables expand to too much text", 0, "depth")

    def expanded(self, text: str, depth: int = 0) -> str:
        """The text with its variables replaced; what isn't known becomes ``UNKNOWN``."""
        self.spend(len(text) + EXPANSION)
        if "@" in text:
            text = _SUBST.sub(_substituted, text)
        if "$" not in text:
            return text
        if depth > MAX_DEPTH:
            return UNKNOWN
        parts: list[str] = []
        at = 0
        while (dollar := text.find("$", at)) >= 0:
            parts.append(text[at:dollar])
            at, meaning = self._reference(text, dollar + 1, depth)
            parts.append(meaning)
        parts.append(text[at:])
        found = "".join(parts)
        self.spend(len(found))
        return found

    def _reference(self, text: str, at: int, depth: int) -> tuple[int, str]:
        """What stands behind a dollar: where it ends, and what it means."""
        opening = text[at : at + 1]
        if opening not in _PAIRS:
            return at + 1, "$" if opening == "$" else self._value(opening, depth + 1)
        end = _closing(text, at)
        if end < 0:
            return len(text), UNKNOWN
        return end + 1, self._meaning(text[at + 1 : end], depth + 1)

    def _meaning(self, inner: str, depth: int) -> str:
        function, _, rest = inner.partition(" ")
        if function in _FUNCTIONS and rest:
            arguments = [self.expanded(part, depth) for part in _split(rest)]
            return _FUNCTIONS[function](arguments)
        name, colon, substitution = inner.partition(":")
        if "$" in name:
            name = self.expanded(name, depth)
        value = self._value(name, depth)
        if colon and "=" in substitution:
            old, _, new = self.expanded(substitution, depth).partition("=")
            if "%" not in old:
                old, new = f"%{old}", f"%{new}"
            return _patsubst([old, new, value])
        return value

    def _value(self, name: str, depth: int) -> str:
        if name in self._open:
            return ""
        if name in self.written:
            self._open.add(name)
            value = self.expanded(self.written[name], depth)
            self._open.discard(name)
            return value
        if name in _HERE:
            return "."
        return ABOVE if name in _ABOVE else _SUFFIXES.get(name, UNKNOWN)


def _is_list(*values: str) -> bool:
    """Whether values are lists, which a condition may change; of single words the last counts,
    which in makefiles is the one of the release."""
    return any(" " in value.strip() or _FILE.search(value) for value in values)


def _substituted(match: re.Match[str]) -> str:
    name = match[0].strip("@")
    if name in _HERE:
        return "."
    return ABOVE if name in _ABOVE else _SUFFIXES.get(name, UNKNOWN)


def _closing(text: str, at: int) -> int:
    """Where the parenthesis at ``at`` is closed, or -1."""
    opening = text[at]
    depth = 0
    for match in _PAIRS[opening].finditer(text, at):
        depth += 1 if match[0] == opening else -1
        if depth == 0:
            return match.start()
    return -1


def _split(text: str) -> list[str]:
    """The arguments of a function: commas inside parentheses don't count."""
    parts = [""]
    depth = 0
    for piece in re.split(r"([(){},])", text):
        depth += (piece in ("(", "{")) - (piece in (")", "}"))
        if piece == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _patsubst(arguments: Sequence[str]) -> str:
    if len(arguments) != 3:
        return ""
    old, new, text = (argument.strip() for argument in arguments)
    head, wild, tail = old.partition("%")
    found: list[str] = []
    for word in text.split():
        fits = len(word) >= len(head) + len(tail) and word.startswith(head) and word.endswith(tail)
        if wild and fits:
            stem = word[len(head) : len(word) - len(tail)]
            found.append(new.replace("%", stem, 1))
        else:
            found.append(new if word == old else word)
    return " ".join(found)


def _affixed(arguments: Sequence[str], *, before: bool) -> str:
    if len(arguments) != 2:
        return ""
    affix, words = arguments[0].strip(), arguments[1].split()
    return " ".join(affix + word if before else word + affix for word in words)


def _filtered(arguments: Sequence[str], *, keep: bool) -> str:
    if len(arguments) != 2:
        return ""
    patterns = [pattern.partition("%") for pattern in arguments[0].split()]
    return " ".join(
        word
        for word in arguments[1].split()
        if keep
        == any(
            word.startswith(head) and word.endswith(tail) if wild else word == head
            for head, wild, tail in patterns
        )
    )


def _each(change: Callable[[str], str]) -> Callable[[Sequence[str]], str]:
    return lambda arguments: " ".join(change(word) for word in ",".join(arguments).split())


_FUNCTIONS: dict[str, Callable[[Sequence[str]], str]] = {
    "addprefix": lambda arguments: _affixed(arguments, before=True),
    "addsuffix": lambda arguments: _affixed(arguments, before=False),
    "basename": _each(lambda word: posixpath.splitext(word)[0]),
    "filter": lambda arguments: _filtered(arguments, keep=True),
    "filter-out": lambda arguments: _filtered(arguments, keep=False),
    "notdir": _each(lambda word: word.rpartition("/")[2]),
    "patsubst": _patsubst,
    "sort": _each(str),
    "strip": _each(str),
    "wildcard": _each(str),
}
