"""The text of a CMake file as commands: names and arguments (manual: cmake-language(7))."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from sessionzero.frontends.builds.draft import Refused

# In this order: a bracket comment before a line comment, brackets before plain words.
_TOKEN = re.compile(
    r"[ \t\r\n\ufeff]++"
    r"|\#\[(?P<comment>=*)\["
    r"|\#[^\n]*+"
    r"|(?P<open>\()|(?P<close>\))"
    r"|\[(?P<bracket>=*)\["
    r'|(?P<quoted>"(?:[^"\\]++|\\.)*+")'
    r"|(?P<word>(?>(?:[^\s()#\"\\]++|\\.|(?<=[^\s()\"])\"(?:[^\"\\\n]++|\\.)*+\")+))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", ";": "\\;"}


class Argument(Struct, frozen=True):
    """An argument as written, without its quotes; ``bracket`` ones are never expanded. ``(`` and
    ``)`` that are not quoted are those of a condition."""

    text: str
    quoted: bool = False
    bracket: bool = False


class Command(Struct, frozen=True):
    """``name(arguments)``, the name in lower case; where it begins and ends, in characters."""

    name: str
    arguments: tuple[Argument, ...]
    start: int
    end: int


def commands(text: str) -> tuple[list[Command], Refused | None]:
    """The commands up to the first place that is no CMake, and what is wrong there."""
    found: list[Command] = []
    try:
        for command in _commands(text):
            found.append(command)
    except Refused as refused:
        return found, refused
    return found, None


def _commands(text: str) -> Iterator[Command]:
    tokens = _tokens(text)
    for kind, word, start, _ in tokens:
        if kind != "word" or not word.replace("_", "a").isalnum():
            raise Refused(f"no command begins with `{word[:40]}`", start)
        kind, _, _, _ = next(tokens, ("", "", 0, 0))
        if kind != "open":
            raise Refused(f"`{word[:40]}` is not followed by a parenthesis", start)
        arguments, end = _arguments(tokens, word, start)
        yield Command(word.lower(), arguments, start, end)


Token = tuple[str, str, int, int]


def _arguments(tokens: Iterator[Token], name: str, start: int) -> tuple[tuple[Argument, ...], int]:
    found: list[Argument] = []
    depth = 0
    for kind, word, _, end in tokens:
        if kind == "close" and depth == 0:
            return tuple(found), end
        depth += {"open": 1, "close": -1}.get(kind, 0)
        found.append(Argument(word, kind in ("quoted", "bracket"), kind == "bracket"))
    raise Refused(f"the parenthesis of `{name[:40]}` is never closed", start)


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            what = "a quote is never closed" if text[at] == '"' else "a backslash ends the file"
            raise Refused(what, at)
        kind, start, at = match.lastgroup or "", at, match.end()
        if kind in ("comment", "bracket"):
            close = text.find(f"]{match[kind]}]", at)
            if close < 0:
                raise Refused("a bracket is never closed", start)
            inner, at = text[at:close], close + len(match[kind]) + 2
            if kind == "bracket":
                yield kind, inner, start, at
        elif kind == "quoted":
            yield kind, match[kind][1:-1].replace("\\\n", ""), start, at
        elif kind:
            yield kind, match[kind], start, at


def unescaped(text: str) -> str:
    """The text with its escape sequences replaced."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)
