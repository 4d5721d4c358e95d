"""Objects of C++ that are called like functions: those whose class has an ``operator()``."""

from __future__ import annotations

from functools import cached_property

from sessionzero.facts import Member, Name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.type_names import plain_type
from sessionzero.link.files.units import Func, Unit
from sessionzero.link.names.cpp_names import CppNames

_CALLED = "operator()"


class Functors:
    """Finds what a call of such an object runs."""

    def __init__(self, index: ProgramIndex, cpp: CppNames) -> None:
        self._index = index
        self._cpp = cpp

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the variables, fields and parameters that are such objects."""
        methods = (self._index.function(func) for func in self._index.definitions.get(_CALLED, ()))
        owners = {method.owner.rpartition("::")[2] for method in methods}
        named = [it for unit in (self._index.units if owners else ()) for it in _typed(unit)]
        types = {written for _, written in named}
        meant = {it for it in types if plain_type(it).rpartition("::")[2] in owners}
        return frozenset(name for name, written in named if written in meant)

    def called(self, callee: Name | Member, unit: Unit, function: int) -> tuple[Func, ...]:
        """The methods that a call through a variable or field runs; none if it is no object."""
        if callee.name.rpartition("::")[2] not in self.names:
            return ()
        written = self._cpp.types.of(callee, unit, function)
        ref = self._cpp.class_named(written, unit) if written else None
        return self._cpp.methods(ref, _CALLED) if ref is not None else ()


def _typed(unit: Unit) -> list[tuple[str, str]]:
    """What a file declares of a type."""
    facts = unit.facts
    return [
        *((it.name, it.type) for it in facts.declarations),
        *((it.name, it.type) for klass in facts.classes for it in klass.fields),
        *((it.name, it.type) for function in facts.functions for it in function.parameters),
    ]
