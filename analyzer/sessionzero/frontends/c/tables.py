"""Tables of handlers that macros make: ``BEGIN_MESSAGE_MAP(Class, Base) … END_MESSAGE_MAP()``.

In MFC, ATL, WTL and wxWidgets such a table is a member function (or what one returns) that leads a
message to its handler. So it becomes a function of the class, named after the macro, and each entry
a call in it that is handed the handler.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionzero.facts import Function
from sessionzero.frontends.c.canvas import Canvas, closing, erase
from sessionzero.frontends.c.reading import Reading, Scope, walk_block

if TYPE_CHECKING:
    from tree_sitter import Node

_BEGIN = re.compile(rb"(?:\n|\A)[ \t]*+(\w{0,10}BEGIN_\w{0,40}(?:MAP|TABLE)\w{0,10})[ \t]*\(")
_END = re.compile(rb"\b\w{0,10}END_\w{0,40}(?:MAP|TABLE)\w{0,10}[ \t]*\([ \t]*\)")
_CLASS = re.compile(rb"\(\s*([A-Za-z_][\w:]*)")
_LONGEST = 1 << 16
_AS_FUNCTION = b"int f(){"


class Table(Struct, frozen=True):
    """A table: its ``macro``, the ``owner`` class, its place, and the place and text of what
    stands between its first and its last macro."""

    macro: str
    owner: str
    start: int
    end: int
    body: int
    text: bytes


def take_tables(canvas: Canvas) -> list[Table]:
    """Erase the tables: only members can be parsed in a class body, only declarations elsewhere."""
    tables: list[Table] = []
    shape = bytes(canvas.shape)
    beginnings = list(_BEGIN.finditer(shape))
    ends = list(_END.finditer(shape)) if beginnings else []
    starts = [end.start() for end in ends]
    for match in beginnings:
        start, opening = match.start(1), match.end() - 1
        body = closing(canvas, opening) + 1
        place = bisect_left(starts, body)
        if not body or place == len(ends) or starts[place] > body + _LONGEST:
            continue
        end = ends[place]
        named = _CLASS.match(canvas.shape, opening)
        owner = "" if named is None else named[1].decode("utf-8", "replace")
        text = _entries(canvas, body, end.start())
        macro = match[1].decode("utf-8", "replace")
        tables.append(Table(macro, owner, start, end.end(), body, text))
        erase(canvas, start, end.end())
    return tables


def _entries(canvas: Canvas, start: int, end: int) -> bytes:
    """The entries as statements: a semicolon after each, and no directives."""
    text = bytearray(canvas.code[start:end])
    position = start
    while (opening := canvas.shape.find(b"(", position, end)) >= 0:
        last = closing(canvas, opening)
        if not opening < last < end:
            break
        position = last + 1
        if canvas.shape[position : position + 1].isspace():
            text[position - start] = ord(";")
    return bytes(text)


def read_tables(
    reading: Reading,
    tables: tuple[Table, ...],
    parse: Callable[[bytes, list[tuple[int, int]]], Node],
    drain: Callable[[], None],
) -> None:
    """Record each table as a function with its entries, all parsed in one text."""
    if not tables:
        return
    code = bytearray(b" " * tables[-1].end)
    spans: list[tuple[int, int]] = []
    for table in tables:
        after = table.body + len(table.text)
        spans.append((table.body - len(_AS_FUNCTION), after + 2))
        code[spans[-1][0] : spans[-1][1]] = _AS_FUNCTION + table.text + b";}"
    reading.latin = code.decode("latin-1")
    scopes = [_add(reading, table) for table in tables]
    starts = [start for start, _ in spans]
    for node in parse(bytes(code), spans).named_children:
        scope = scopes[max(0, bisect_right(starts, node.start_byte) - 1)]
        walk_block(reading, node.child_by_field_name("body") or node, scope)
        drain()


def _add(reading: Reading, table: Table) -> Scope:
    owner = _owner(reading, table)
    reading.functions.append(
        Function(
            table.macro,
            owner,
            0,
            "function",
            (),
            "",
            (),
            (),
            table.start,
            table.start + len(table.macro),
            table.start,
            table.end,
        )
    )
    return Scope(len(reading.functions) - 1, -1, owner, in_class=False)


def _owner(reading: Reading, table: Table) -> str:
    """The class around the table, else the one that it names."""
    around = [c for c in reading.classes if c.start < table.start and table.end <= c.end]
    if not around:
        return table.owner
    inner = max(around, key=lambda c: c.start)
    return f"{inner.owner}::{inner.name}" if inner.owner else inner.name
