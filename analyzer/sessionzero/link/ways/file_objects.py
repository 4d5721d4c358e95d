"""Objects of C++ that are made before ``main``: those that the files of a program declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Func
from sessionzero.link.ways.edges import Edge, Edges

_MADE = frozenset(("constructs", "starts"))


def made_before_main(
    index: ProgramIndex, edges: Edges, run: Iterable[Func]
) -> Iterator[tuple[Func, Edge]]:
    """The ways from files to what their objects run when they are made: of the files with functions
    that ``run``, which are in the program whatever a library leaves out."""
    for number in sorted({func.unit for func in run}):
        if index.units[number].facts.language == "c++":
            file = Func(number, 0)
            yield from ((file, edge) for edge in edges.of(file) if edge.how in _MADE)
