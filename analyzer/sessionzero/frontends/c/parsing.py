"""Parsing only some ranges of a C or C++ text, above all not its long stretches of blanks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Range

Span = tuple[int, int]
"""A half-open range of bytes."""

_LONG = b" " * 128  # for shorter stretches, another range costs the parser as much as it saves
_MOST_GAPS = 500  # the parser looks through all ranges for each token
_SOLID = re.compile(rb"[^ ]")
_FLAT_TABLE = bytes(32 if c in b" \t\r\n" else c for c in range(256))


def solid_spans(shape: bytes | bytearray) -> tuple[Span, ...]:
    """The spans of a text without the inside of its long stretches of blanks.

    A blank costs the parser as much as any other byte, and comments and dead branches, blank by
    now, are often a quarter of a file. ``shape`` hides what literals contain: blanks there stay.
    """
    gaps: list[Span] = []
    flat = shape.translate(_FLAT_TABLE)
    position = 0
    while (stretch := flat.find(_LONG, position)) >= 0:
        solid = _SOLID.search(flat, stretch + len(_LONG))
        position = solid.start() if solid else len(flat)
        # A `#` or an unclosed quote before the stretch ends with its line, unless that goes on.
        end = max(stretch, shape.find(b"\n", stretch, position)) + 1
        if end < position - 1 and not flat.endswith(b"\\", 0, stretch):
            gaps.append((end, position - 1))
    if len(gaps) > _MOST_GAPS:
        gaps = sorted(sorted(gaps, key=lambda gap: gap[1] - gap[0])[-_MOST_GAPS:])
    starts = (0, *(end for _, end in gaps))
    ends = (*(start for start, _ in gaps), len(flat))
    return tuple(zip(starts, ends, strict=True))


def parse_solid(parser: Parser, code: bytes, spans: tuple[Span, ...]) -> Node:
    """Parse the solid spans of a text: gives the same tree as parsing all of it."""
    if len(spans) == 1:
        return parser.parse(code).root_node
    return _parse(parser, code, _ranges(code, spans))


def parse_spans(parser: Parser, code: bytes, spans: list[Span]) -> Node:
    """Parse spans that have nothing to do with one another. Nobody asks for their rows."""
    from tree_sitter import Point, Range

    return _parse(
        parser, code, [Range(Point(0, start), Point(0, end), start, end) for start, end in spans]
    )


def _parse(parser: Parser, code: bytes, ranges: list[Range]) -> Node:
    parser.included_ranges = ranges
    try:
        return parser.parse(code).root_node
    finally:
        del parser.included_ranges


def _ranges(code: bytes, spans: tuple[Span, ...]) -> list[Range]:
    """Spans with their rows and columns: the parser mends errors by the rows that it loses."""
    from tree_sitter import Point, Range

    points: list[Point] = []
    row = position = 0
    for place in (place for span in spans for place in span):
        row += code.count(b"\n", position, place)
        points.append(Point(row, place - code.rfind(b"\n", 0, place) - 1))
        position = place
    pairs = zip(points[::2], points[1::2], spans, strict=True)
    return [Range(first, last, start, end) for first, last, (start, end) in pairs]
