"""A code frame: the source line of a finding with the wrong text underlined."""

from __future__ import annotations

from msgspec import Struct

from sessionzero.reporters.terminal import Style, Terminal, cells, glyphs, paint, visible
from sessionzero.sources.text import Region, SourceText

_TAB = 4  # cells between tab stops, as Windows editors show them


class Shown(Struct, frozen=True):
    """What is shown of a line, and which cells of it to underline (0-based, at least one)."""

    text: str
    column: int
    length: int


def code_frame(source: SourceText, region: Region, style: Style, terminal: Terminal) -> list[str]:
    """The first line of ``region`` (columns in characters) and its underline, without a gutter.

    A line longer than the terminal's width is cut around the region.
    """
    line = source.line(region.start_line)
    several = region.end_line > region.start_line
    end = len(line.rstrip()) if several else region.end_column - 1
    shown = fit(line, region.start_column - 1, end, terminal)
    underline = glyphs(terminal).underline * shown.length
    more = glyphs(terminal).ellipsis if several else ""
    return [shown.text.rstrip(), " " * shown.column + paint(terminal, style, underline + more)]


def fit(line: str, start: int, end: int, terminal: Terminal) -> Shown:
    """As much of ``line`` around its characters ``start`` to ``end`` as fits in the width."""
    # A generated line can have millions of characters: only those near the range are looked at.
    near = max(0, start - terminal.width)
    pieces = _pieces(line[near : start + 2 * terminal.width])
    widths = [cells(piece) for piece in pieces]
    start, end = start - near, max(end, start) - near
    cut = near > 0 or near + len(pieces) < len(line) or sum(widths) > terminal.width
    whole_range_fits = near == 0 and sum(widths[:end]) < terminal.width
    begin = 0 if not cut or whole_range_fits else _context(widths, start, terminal.width // 4)
    prefix = glyphs(terminal).ellipsis if begin or near else ""
    room = terminal.width - len(prefix) - (len(glyphs(terminal).ellipsis) if cut else 0)
    stop = _last(widths, begin, room)
    suffix = glyphs(terminal).ellipsis if near + stop < len(line) else ""
    return Shown(
        text=prefix + "".join(pieces[begin:stop]) + suffix,
        column=len(prefix) + sum(widths[begin:start]),
        length=max(1, sum(widths[start : min(end, stop)])),
    )


def _pieces(text: str) -> list[str]:
    """How each character of ``text`` is shown, tabs as blanks up to the next stop."""
    pieces = []
    column = 0
    for character in text:
        piece = " " * (_TAB - column % _TAB) if character == "\t" else visible(character)
        column += cells(piece)
        pieces.append(piece)
    return pieces


def _context(widths: list[int], start: int, room: int) -> int:
    """The first character to show so that at most ``room`` cells precede ``start``."""
    first = start
    while first > 0 and widths[first - 1] <= room:
        first -= 1
        room -= widths[first]
    while first < start and widths[first] == 0:
        first += 1  # a combining mark needs the character that it stands on
    return first


def _last(widths: list[int], begin: int, room: int) -> int:
    """The end of the characters from ``begin`` that fit in ``room`` cells."""
    stop = begin
    while stop < len(widths) and widths[stop] <= room:
        room -= widths[stop]
        stop += 1
    return stop
