"""What a user says of files: these are service code, those never are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Func
from sessionzero.link.ways.edges import Edges


class Roles(Struct, frozen=True):
    """Paths of files that the configuration calls services and clients."""

    services: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()


NO_ROLES = Roles()


def units_of(index: ProgramIndex, paths: Iterable[str]) -> frozenset[int]:
    """The units of the paths that are files of the program."""
    return frozenset(index.by_path[path].index for path in paths if path in index.by_path)


def starts_in(index: ProgramIndex, edges: Edges, units: frozenset[int]) -> Iterator[Func]:
    """Where code of the units can begin: exported functions, and all to which nothing else in the
    program leads, such as a main; in Python also the code of a file itself."""
    if not units:
        return
    led_to = {
        edge.target
        for unit in index.units
        for number in range(len(unit.facts.functions))
        for edge in edges.of(Func(unit.index, number))
        if edge.target != Func(unit.index, number)
    }
    for number in sorted(units):
        unit = index.units[number]
        for i, function in enumerate(unit.facts.functions):
            func = Func(number, i)
            open_to_others = func not in led_to or "exported" in function.traits
            if (function.kind == "function" and open_to_others) or (
                function.kind == "file" and unit.is_python
            ):
                yield func
