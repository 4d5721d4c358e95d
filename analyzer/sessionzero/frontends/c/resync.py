"""Parsing anew, piece by piece, what error recovery has swallowed of a C or C++ file.

A bracket at the left margin ends a definition, whatever was wrong inside it. So a stretch in which
the parser went astray is cut there, and an error in one function can't take the next ones with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sessionzero.frontends.c.parsing import Span
from sessionzero.frontends.c.reading import ERROR

if TYPE_CHECKING:
    from tree_sitter import Node

Parse = Callable[[Span], "Node"]

_MARGIN = re.compile(rb"\n\}[^\n]*")
_UNINDENTED = re.compile(rb"\bnamespace\b|\bextern\s*\"")
_MOST_PIECES = 3000


def recovered(root: Node, outline: Callable[[], bytes], parse: Parse) -> list[Node]:
    """The nodes to be walked: those of the file, but pieces parsed anew for each that is broken
    and goes beyond the end of a definition. ``outline`` gives the code without what literals
    contain; ``parse`` parses a span of it."""
    if not root.has_error:
        return [root]
    children = [root] if root.kind_id == ERROR else root.named_children
    if not any(
        child.has_error and child.end_point.row > child.start_point.row for child in children
    ):
        return [root]
    code = outline()
    nodes: list[Node] = []
    for child in children:
        pieces = _pieces_of_node(child, code) if child.has_error else []
        nodes += [parse(piece) for piece in pieces] if len(pieces) > 1 else [child]
    return nodes


def _pieces_of_node(node: Node, code: bytes) -> list[Span]:
    start, end = node.start_byte, node.end_byte
    first = _MARGIN.search(code, start, end)
    if first is None or not code[first.end() : end].strip():
        return []
    pieces = pieces_of(code, start, end)
    return pieces if len(pieces) <= _MOST_PIECES else []


def pieces_of(code: bytes, start: int, end: int) -> list[Span]:
    """A range cut after each definition that ends at the left margin.

    If the brackets of all of it match, only where none is open; if not, at every margin, but for
    what stands in a namespace, in which nothing may be indented.
    """
    matching = code.count(b"{", start, end) == code.count(b"}", start, end)
    pieces: list[Span] = []
    depth = 0
    position = counted = start
    for match in _MARGIN.finditer(code, start, end):
        stop = match.end()
        depth += code.count(b"{", counted, stop) - code.count(b"}", counted, stop)
        counted = stop
        if depth and (matching or _UNINDENTED.search(code, position, stop)):
            continue
        pieces.append((position, stop))
        position = stop
        depth = 0
    if code[position:end].strip():
        pieces.append((position, end))
    return pieces
