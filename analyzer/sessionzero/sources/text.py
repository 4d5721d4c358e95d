"""The text of a source file, and what its byte offsets are in lines and columns.

A line ends at LF, CR LF or a lone CR and at nothing else: a form feed or U+2028 stands in a line,
as compilers and editors have it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable
from functools import cached_property
from itertools import accumulate
from typing import Literal, TypeVar

from msgspec import Struct

_Answer = TypeVar("_Answer")

Unit = Literal["characters", "utf8", "utf16"]

_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))
_ALL_BUT_LEADS_OF_FOUR = bytes(range(0xF0))


class Region(Struct, frozen=True):
    """A half-open range of a text: lines and columns count from 1, ``end_column`` is behind."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


class SourceText(Struct, frozen=True, dict=True):
    """A decoded file: ``path`` relative to the root of the run, with ``/``; the ``encoding`` it
    was read in; its original bytes ``data``. A byte order mark is in ``data``, not in ``text``."""

    path: str
    text: str
    encoding: str
    data: bytes

    @cached_property
    def utf8(self) -> bytes:
        """The text in UTF-8, in which every offset of a fact counts."""
        return self.text.encode("utf-8", "surrogatepass")

    @cached_property
    def _line_starts(self) -> list[int]:
        # bytes.splitlines knows only LF, CR LF and CR, where str.splitlines knows ten line ends.
        lines = self.utf8.splitlines(keepends=True)
        if lines and not lines[-1].endswith((b"\n", b"\r")):
            del lines[-1]
        return [0, *accumulate(map(len, lines))]

    def once(self, question: Hashable, answer: Callable[[str], _Answer]) -> _Answer:
        """What a function says of the text, asked only once: a text may live through many runs."""
        known: dict[Hashable, _Answer] = self.__dict__.setdefault("answers", {})
        if question not in known:
            known[question] = answer(self.text)
        return known[question]

    def locate(self, start: int, end: int, *, unit: Unit = "characters") -> Region:
        """The lines and columns of the UTF-8 bytes ``start`` to ``end``.

        Columns count code points, UTF-8 bytes or UTF-16 code units; a tab is one column.
        """
        return Region(*self._position(start, unit), *self._position(end, unit))

    def line(self, number: int) -> str:
        """The line of that number, from 1, without its end. Raises IndexError if there is none."""
        starts = self._line_starts
        if not 1 <= number <= len(starts):
            raise IndexError(f"{self.path} has no line {number}")
        end = starts[number] if number < len(starts) else len(self.utf8)
        return self.snippet(starts[number - 1], end).rstrip("\r\n")

    def snippet(self, start: int, end: int) -> str:
        """The text of the UTF-8 bytes ``start`` to ``end``, which stand between characters."""
        return self.utf8[start:end].decode("utf-8", "surrogatepass")

    def _position(self, offset: int, unit: Unit) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        before = self.utf8[self._line_starts[line - 1] : offset]
        if unit == "utf8" or before.isascii():
            return line, len(before) + 1
        columns = len(before.translate(None, _CONTINUATION_BYTES))
        if unit == "utf16":
            columns += len(before.translate(None, _ALL_BUT_LEADS_OF_FOUR))
        return line, columns + 1
