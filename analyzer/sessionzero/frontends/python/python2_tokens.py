"""Python 2 source as statements of tokens: strings, comments and continuation lines told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<skip>[ \t\f]+|#[^\r\n]*|\\(?:\r\n|\r|\n))"
    r"|(?P<newline>\r\n|\r|\n)"
    r"|(?P<string>(?:[uUbB]?[rR]?)(?:"
    r'"""(?:[^\\"]++|\\.|"[^\\"]|"\\.|""[^\\"]|""\\.)*+"""'
    r"|'''(?:[^\\']++|\\.|'[^\\']|'\\.|''[^\\']|''\\.)*+'''"
    r'|"(?:[^"\\\r\n]++|\\\r\n|\\.)*+"'
    r"|'(?:[^'\\\r\n]++|\\\r\n|\\.)*+'))"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<number>0[xX][0-9a-fA-F]+[lL]?|0[oObB]\d+[lL]?"
    r"|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[jJlL]?)"
    r"|(?P<operator><>|[<>*/]{2}=?|[-+*/%&|^=<>!]=|.)",
    re.DOTALL,
)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


class Token(NamedTuple):
    """A token with its place in characters.

    ``kind`` is ``name``, ``number``, ``string`` or ``operator``; ``depth``, how many brackets are
    open around it.
    """

    kind: str
    text: str
    start: int
    end: int
    depth: int


class Statement(NamedTuple):
    """A simple statement, or the head of a compound one with its colon. ``line`` is where the
    line begins if the statement is the first one in it, else -1."""

    line: int
    tokens: tuple[Token, ...]


def statements(text: str) -> Iterator[Statement]:
    """The statements of a source text, in order; empty ones are left out."""
    line, tokens, lambdas = 0, list[Token](), 0
    for token in _tokens(text):
        if isinstance(token, int):  # the end of a logical line
            if tokens:
                yield Statement(line, tuple(tokens))
            line, tokens, lambdas = token, [], 0
            continue
        if token.text == ";" and token.depth == 0:
            yield Statement(line, tuple(tokens))
            line, tokens, lambdas = -1, [], 0
            continue
        tokens.append(token)
        if token.depth == 0 and token.text == "lambda":
            lambdas += 1
        elif token.depth == 0 and token.text == ":":
            if lambdas:
                lambdas -= 1
            else:
                yield Statement(line, tuple(tokens))
                line, tokens = -1, []
    if tokens:
        yield Statement(line, tuple(tokens))


def _tokens(text: str) -> Iterator[Token | int]:
    """The tokens; a number is the end of a logical line: where the next line begins."""
    depth = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "newline":
            if depth == 0:
                yield match.end()
        elif kind is not None and kind != "skip":
            written = match[0]
            if written in _CLOSE:
                depth = max(depth - 1, 0)
            yield Token(kind, written, match.start(), match.end(), depth)
            if written in _OPEN:
                depth += 1
