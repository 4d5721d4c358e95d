"""A C or C++ source that is edited in place, always with the same length and line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from sessionzero.frontends.c.mask import blank

_BRACKETS = re.compile(rb"[()]")
_LONGEST_GROUP = 4000  # bytes between brackets that belong to one macro
_DEEPEST_GROUP = 40
_NEAR = 500  # bytes in which the neighbour of a word is looked for


class Canvas(Struct, frozen=True):
    """``code`` is what will be parsed, ``shape`` the same with the contents of literals hidden.

    ``exports`` collects the places of the words that follow a ``__declspec(dllexport)``.
    """

    code: bytearray
    shape: bytearray
    exports: list[int] = []


def places(canvas: Canvas, word: bytes) -> Iterator[int]:
    """Where a word stands in the code. The canvas may be edited between two of them."""
    shape = canvas.shape
    start = shape.find(word)
    while start >= 0:
        end = start + len(word)
        if not is_word(shape[start - 1 : start]) and not is_word(shape[end : end + 1]):
            yield start
        start = shape.find(word, end)


def is_word(byte: bytes | bytearray) -> bool:
    """True if a byte is part of an identifier."""
    return byte.isalnum() or byte == b"_" or byte >= b"\x80"


def write(canvas: Canvas, start: int, text: bytes) -> None:
    """Put a text in place of as many bytes."""
    canvas.shape[start : start + len(text)] = text
    canvas.code[start : start + len(text)] = text


def erase(canvas: Canvas, start: int, end: int) -> None:
    """Put blanks in place of a range."""
    write(canvas, start, blank(canvas.shape[start:end]))


def byte_at(canvas: Canvas, position: int) -> bytes:
    """The byte at a place as a text of length one; empty at the end."""
    return bytes(canvas.shape[position : position + 1])


def closing(canvas: Canvas, opening: int) -> int:
    """The place of the bracket that closes the one at ``opening``; -1 if it is far away."""
    depth = 0
    for match in _BRACKETS.finditer(canvas.shape, opening, opening + _LONGEST_GROUP):
        depth += 1 if match[0] == b"(" else -1
        if depth == 0:
            return match.start()
        if depth > _DEEPEST_GROUP:
            break
    return -1


def skip_blanks(canvas: Canvas, position: int) -> int:
    """The next place from ``position`` on that isn't blank."""
    while byte_at(canvas, position).isspace():
        position += 1
    return position


def byte_before(canvas: Canvas, position: int) -> bytes:
    """The last byte before a place that isn't blank; empty if there is none near."""
    return bytes(canvas.shape[max(0, position - _NEAR) : position]).rstrip()[-1:]
