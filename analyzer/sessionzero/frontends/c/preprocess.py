"""The pass before the parser for C and C++: what is parsed has the length and lines of the source.

It removes what only a preprocessor understands: comments, directives and branches that Windows
doesn't compile, annotations and the macros around literals. Byte offsets stay true.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sessionzero.facts import Conditional
from sessionzero.frontends.c.annotations import annotate, words_of
from sessionzero.frontends.c.canvas import Canvas, erase
from sessionzero.frontends.c.directives import Define, Directive, linearise
from sessionzero.frontends.c.mask import Masked, blank, mask
from sessionzero.frontends.c.parsing import Span, solid_spans
from sessionzero.frontends.c.rewrites import rewrite
from sessionzero.frontends.c.tables import Table, take_tables
from sessionzero.predefined import predefined

_LONE_CR = re.compile(rb"\r(?!\n)")


class Prepared(NamedTuple):
    """``code`` is for the parser. ``shape`` and ``text`` still hold the bodies of the live
    ``#define`` lines: text as it will be read, shape with the contents of literals hidden.
    ``solid`` is what of the code isn't blank for long. ``chosen`` and ``dropped``: see
    :class:`Linear`."""

    code: bytes
    text: bytes
    shape: bytes
    solid: tuple[Span, ...]
    defines: tuple[Define, ...]
    includes: tuple[Directive, ...]
    settled: tuple[str, ...]
    conditionals: tuple[Conditional, ...]
    exports: tuple[int, ...]
    tables: tuple[Table, ...]
    chosen: tuple[Span, ...]
    dropped: tuple[Span, ...]
    masked: Masked

    def outline(self) -> bytes:
        """The code with the contents of literals hidden."""
        outline = bytearray(self.shape)
        for define in self.defines:
            outline[define.body : define.end] = blank(outline[define.body : define.end])
        return bytes(outline)


def prepare(
    data: bytes, *, cplusplus: bool, variant: int = 0, masked: Masked | None = None
) -> Prepared:
    """Make a source ready for the parser, in one of its variants. Takes any bytes and never
    raises. ``masked`` is what an earlier preparation of the same source has of it."""
    if masked is None:
        if b"\r" in data:
            data = _LONE_CR.sub(b"\n", data)  # the grammars end a comment only at a line feed
        masked = mask(data)
    linear = linearise(masked, predefined(cplusplus=cplusplus), variant=variant)
    for define in linear.defines:
        linear.code[define.body : define.end] = masked.code[define.body : define.end]
        linear.shape[define.body : define.end] = masked.shape[define.body : define.end]
    canvas = Canvas(linear.code, linear.shape)
    words = words_of(canvas)
    annotate(canvas, words)
    tables = take_tables(canvas) if cplusplus and b"BEGIN_" in canvas.shape else ()
    spans = [(define.start, define.end) for define in linear.defines]
    rewrite(canvas, words, spans, cplusplus=cplusplus)
    text, shape = bytes(canvas.code), bytes(canvas.shape)
    for define in linear.defines:
        erase(canvas, define.body, define.end)
    return Prepared(
        bytes(canvas.code),
        text,
        shape,
        solid_spans(canvas.shape),
        linear.defines,
        linear.includes,
        linear.settled,
        linear.conditionals,
        tuple(canvas.exports),
        tuple(tables),
        linear.chosen,
        linear.dropped,
        masked,
    )
