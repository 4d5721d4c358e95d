"""Finding comments and literals of C and C++ in raw bytes, so that nothing else edits them."""

from __future__ import annotations

import re
from typing import NamedTuple

FILL = 1
"""Stands for each byte of a literal's content in a shape: neither a blank nor part of a word."""

# Possessive repeats: an unclosed quote ends with its line and nothing is ever tried twice.
# A character literal is short; longer spans are an apostrophe in prose or a digit separator.
_TOKEN = re.compile(
    rb'"[^"\\\n]*+(?:\\(?:\r\n|.)?+[^"\\\n]*+)*+"?'
    rb"|'(?:\\[^\n][^'\n]{0,10}|[^'\\\n]{1,4})'"
    rb"|//[^\\\n]*+(?:\\(?:\r\n|.)?+[^\\\n]*+)*+"
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
    return bytes(data.translate(_BLANK_TABLE))


_LONE_CR = re.compile(rb"\r(?!\n)")


def shape_of(text: str) -> bytes:
    """The shape of a whole text, whose lines may also end at a lone carriage return."""
    data = text.encode("utf-8", "surrogatepass")
    return mask(_LONE_CR.sub(b"\n", data) if b"\r" in data else data).shape


def mask(data: bytes) -> Masked:
    """Tell code from comments and literals."""
    code, shape = bytearray(data), bytearray(data)
    hopeless: set[bytes] = set()
    end = 0
    search = _TOKEN.search
    while match := search(data, end):
        start, end = match.span()
        first = data[start]
        if first == 47:  # a slash: a comment
            if data[start + 1] == 42:
                end = data.find(b"*/", start + 2) + 2
                end = len(data) if end == 1 else end
            code[start:end] = shape[start:end] = data[start:end].translate(_BLANK_TABLE)
        else:
            if first == 34 and data[start - 1 : start] == b"R":
                end = _raw_end(data, start, hopeless) or end
            inner = start + 1
            closed = end - inner and data[end - 1] == first
            outer = end - 1 if closed else end
            shape[inner:outer] = data[inner:outer].translate(_FILL_TABLE)
    return Masked(bytes(code), bytes(shape))


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
