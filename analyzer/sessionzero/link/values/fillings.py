"""Globals and fields that calls fill by their address: ``CreateEnvironmentBlock(&m_block, …)``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sessionzero.facts import Expr, Member, Name, Operation
from sessionzero.link.files.expressions import path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import CallSite, Unit, Write, enclosing_owner
from sessionzero.link.names.cpp_names import CppNames

Filling = tuple[CallSite, Expr]
"""A call, and of what it gets the address."""


class Fillings:
    """Finds the calls of C and C++ that get the address of what outlives a function."""

    def __init__(self, index: ProgramIndex, cpp: CppNames) -> None:
        self._index = index
        self._cpp = cpp

    def of_member(self, expr: Member, unit: Unit, function: int) -> Iterator[Filling]:
        """Those of the same field of the same type of object, if the project declares the type;
        else of an object of the same name in the same file."""
        if expr.name not in self._index.addressed:
            return
        mine = self._cpp.types.of(expr.object, unit, function)
        if mine and self._cpp.class_named(mine, unit) is not None:
            yield from self.of_field(mine, expr.name)
            return
        for site, inner in self._of(expr.name):
            if site.unit == unit.index and path_of(inner) == path_of(expr):
                yield site, inner

    def of_field(self, owner: str, name: str) -> Iterator[Filling]:
        """Those of a field in the methods of its class, or of an object of it."""
        own = owner.rpartition("::")[2]
        for site, inner in self._of(name):
            unit, function = self._index.unit(site), self._index.call(site).function
            if isinstance(inner, Member):
                theirs = self._cpp.types.of(inner.object, unit, function)
            else:
                theirs = "" if self._is_local(name, site) else enclosing_owner(unit, function)
            if theirs.rpartition("::")[2] == own:
                yield site, inner

    def of_global(self, name: str, unit: Unit, writes: Sequence[Write]) -> Iterator[Filling]:
        """Those of a variable of file or namespace scope, in the file that asks and in those that
        write to it."""
        near = {unit.index, *(write.unit for write in writes)}
        for site, inner in self._of(name):
            if site.unit in near and isinstance(inner, Name) and not self._is_local(name, site):
                yield site, inner

    def _of(self, name: str) -> Iterator[Filling]:
        for site in self._index.addressed.get(name, ()):
            for argument in self._index.call(site).arguments:
                match argument.value:
                    case Operation("&", (Name() | Member() as inner,)) if _is(inner, name):
                        yield site, inner

    def _is_local(self, name: str, site: CallSite) -> bool:
        unit = self._index.unit(site)
        return any(
            name in unit.types_of.get(function, {})
            for function in unit.outer_functions(self._index.call(site).function)
            if function
        )


def _is(inner: Name | Member, name: str) -> bool:
    return inner.name.rpartition("::")[2] == name
