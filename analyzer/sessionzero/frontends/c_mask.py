"""Finding comments and literals of C and C++ in raw bytes, so that nothing else edits them."""

from __future__ import annotations

import re
from typing import NamedTuple

FILL = 1
"""Stands for each byte of a literal's content in a shape: neither a blank nor part of a word."""

# Possessive repeats: an unclosed quote ends with its line and nothing is ever tried twice.
# A character literal is short; longer spans are an apostrophe in prose or a digit separator.
_TOKEN = re.compile(
    rb'"[^"\\\n]*+(?:\\(?:\r\n|.)[^"\\\n]*+)*+"?'
    rb"|'(?:\\[^\n][^'\n]{0,10}|[^'\\\n]{1,4})'"
    rb"|//[^\\\n]*+(?:\\(?:\r\n|.)[^\\\n]*+)*+"
    rb"|/\*",
    re.DOTALL,
)
_RAW = re.compile(rb'"([^()\\\s"]{0,16})\(')
_RAW_PREFIX = re.compile(rb"(?<![A-Za-z0-9_])(?:u8|[uUL])?R\Z")
_GIVE_UP = 100  # so many unclosed raw strings are no C++; each costs a search to the end

_BLANK_TABLE = bytes(c if c in b"\r\n" else 32 for c in range(256))
_FILL_TABLE = bytes(c if c in b"\r\n" else FILL for c in range(256))


class Masked(NamedTuple):
    """Two texts of the same length and lines as the source.

    ``code`` has blanks for comments; ``shape`` also has ``FILL`` for what literals contain, so
    any word or bracket found in it is code.
    """

    code: bytes
    shape: bytes


def blank(data: bytes | bytearray) -> bytes:
    """Blanks in place of all bytes, but with the same line ends."""
    return bytes(data).translate(_BLANK_TABLE)


def mask(data: bytes) -> Masked:
    """Tell code from comments and literals."""
    code: list[bytes] = []
    shape: list[bytes] = []
    hopeless: set[bytes] = set()
    position = 0
    search = _TOKEN.search
    while match := search(data, position):
        start, end = match.span()
        before = data[position:start]
        first = data[start]
        if first == 47:  # a slash: a comment
            if data[start + 1] == 42:
                end = data.find(b"*/", start + 2) + 2
                end = len(data) if end == 1 else end
            code_part = shape_part = data[start:end].translate(_BLANK_TABLE)
        else:
            if first == 34 and before.endswith(b"R"):
                end = _raw_end(data, start, hopeless) or end
            code_part = data[start:end]
            shape_part = _hide(code_part)
        code += (before, code_part)
        shape += (before, shape_part)
        position = end
    rest = data[position:]
    return Masked(b"".join((*code, rest)), b"".join((*shape, rest)))


def _hide(literal: bytes) -> bytes:
    quote = literal[:1]
    if len(literal) > 1 and literal.endswith(quote):
        return quote + literal[1:-1].translate(_FILL_TABLE) + quote
    return quote + literal[1:].translate(_FILL_TABLE)


def _raw_end(data: bytes, start: int, hopeless: set[bytes]) -> int:
    """Where the raw string ends whose quote stands at ``start``; 0 if it isn't one."""
    opening = _RAW.match(data, start)
    if not opening or not _RAW_PREFIX.search(data[max(0, start - 4) : start]):
        return 0
    closing = b")" + opening[1] + b'"'
    if closing in hopeless or len(hopeless) > _GIVE_UP:
        return 0
    end = data.find(closing, opening.end())
    if end < 0:
        hopeless.add(closing)
        return 0
    return end + len(closing)
