"""Calls ``Name(a, b)`` in languages whose strings and comments a pattern describes.

An argument that only joins strings and constants is their text; any other is what is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sessionzero.frontends.scripts.draft import Word

MAX_DEPTH = 50

_OPENING = frozenset(("(", "[", "{"))
_CLOSING = frozenset((")", "]", "}"))


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is ``text``, ``name``, ``number``, ``sign`` or ``end`` (of a line); ``value`` is
    what it stands for, without quotes."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Expression:
    """Tokens of an argument, with what names stand for and how strings are joined."""

    tokens: Sequence[Token]
    constants: Mapping[str, str | None]
    joins: frozenset[str]


def folded(expression: Expression) -> Word:
    """The text of an argument: of strings and known names joined, what they make; else what is
    written, known names replaced."""
    tokens = expression.tokens
    if not tokens:
        return Word("", 0, 0)
    start, end = tokens[0].start, tokens[-1].end
    values = [_value(token, expression.constants) for token in tokens]
    strings = [t.kind == "text" or v is not None for t, v in zip(tokens, values, strict=True)]
    joined = all(t.value in expression.joins for t in tokens[1::2])
    if joined and all(strings[::2]) and len(tokens) % 2:
        parts = values[::2]
        return Word("".join(part or "" for part in parts), start, end)
    if len(tokens) > 1 and tokens[0].kind == "text" and tokens[1].value in expression.joins:
        return Word(values[0] or "", start, end)  # how it begins
    written = [t.value if v is None else v for t, v in zip(tokens, values, strict=True)]
    return Word(" ".join(written) if len(tokens) > 1 else written[0], start, end)


def _value(token: Token, constants: Mapping[str, str | None]) -> str | None:
    """What a string or a known name is; None for all else."""
    if token.kind == "text":
        return token.value
    return constants.get(token.value.lower()) if token.kind == "name" else None


@dataclass(frozen=True, slots=True)
class Called:
    """A call: the number of the token with its name, its arguments, the character behind it."""

    name: int
    arguments: tuple[Sequence[Token], ...]
    end: int


@dataclass(slots=True)
class _Open:
    """A bracket that is open: the token before it, where its current argument begins."""

    before: int
    first: int
    arguments: list[Sequence[Token]] = field(default_factory=list)


def calls_of(tokens: Sequence[Token]) -> Iterator[Called]:
    """The calls ``name(a, b)`` among the tokens, inner ones first. A line that ends inside brackets
    of no other kind doesn't end them."""
    open_brackets: list[_Open] = []
    for number, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.value in _OPENING:
            open_brackets.append(_Open(number - 1, number + 1))
        elif token.value == "," and open_brackets:
            _next_argument(open_brackets, tokens, number)
        elif token.value in _CLOSING and open_brackets:
            if number > open_brackets[-1].first or open_brackets[-1].arguments:
                _next_argument(open_brackets, tokens, number)
            closed = open_brackets.pop()
            named = closed.before >= 0 and tokens[closed.before].kind == "name"
            if token.value == ")" and named and len(open_brackets) < MAX_DEPTH:
                yield Called(closed.before, tuple(closed.arguments), token.end)


def _next_argument(open_brackets: list[_Open], tokens: Sequence[Token], number: int) -> None:
    current = open_brackets[-1]
    if len(open_brackets) <= MAX_DEPTH:  # what is nested deeper would be copied at each level
        current.arguments.append(tokens[current.first : number])
    current.first = number + 1


def tokens_of(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[Token]:
    """The tokens that a pattern with groups of their kinds finds; what it leaves is skipped."""
    found: list[Token] = []
    for match in pattern.finditer(text, start, end):
        kind = match.lastgroup or ""
        if kind not in ("", "comment"):
            found.append(Token(kind, match[0], match.start(), match.end()))
    return found
