"""The declared types of what expressions of C and C++ mean: variables, fields, results of calls."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Protocol

from sessionzero.facts import Cast, Expr, Index, Member, Name, Operation, Result, Unknown
from sessionzero.link.files.constructions import made_type
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.other_names import OtherNames
from sessionzero.link.files.type_names import (
    element_type,
    given_by,
    is_iterator,
    is_map,
    template_argument,
)
from sessionzero.link.files.units import ClassRef, Func, Unit, enclosing_owner

_DEPTH = 10  # links of a chain such as a->b()->c that are followed for a type


class Names(Protocol):
    """What names of functions and classes denote."""

    def functions(self, name: str, unit: Unit, owner: str) -> tuple[Func, ...]: ...
    def class_named(self, written: str, unit: Unit) -> ClassRef | None: ...
    def lineage(self, ref: ClassRef) -> tuple[ClassRef, ...]: ...
    def methods(self, ref: ClassRef, name: str) -> tuple[Func, ...]: ...


class CppTypes:
    """Finds types by declarations."""

    def __init__(
        self, index: ProgramIndex, modules: Modules, names: Names, others: OtherNames
    ) -> None:
        self._index = index
        self._modules = modules
        self._names = names
        self._others = others

    def of(self, expr: Expr, unit: Unit, function: int, depth: int = _DEPTH) -> str:
        """The declared type name of an object expression; empty if it isn't known."""
        if depth <= 0:
            return ""
        return self._others.meant(self._declared(expr, unit, function, depth), unit)

    def _declared(self, expr: Expr, unit: Unit, function: int, depth: int) -> str:
        match expr:
            case Name("this"):
                return enclosing_owner(unit, function)
            case Name(name):
                return self._variable_type(name, unit, function, depth - 1)
            case Member(inner, name):
                outer = self.of(inner, unit, function, depth - 1)
                if name == "second" and is_map(outer):
                    return element_type(outer)
                return self._field_type(self.pointed(outer, unit), name, unit) if outer else ""
            case Index(inner, key):
                outer = self.of(inner, unit, function, depth - 1)
                loops = isinstance(key, Unknown)  # over the pairs of a map
                return outer if loops and is_map(outer) else self._element(outer, unit)
            case Operation("*", (inner,)):
                return self.pointed(self.of(inner, unit, function, depth - 1), unit)
            case Operation("&", (inner,)):
                return self.of(inner, unit, function, depth - 1)
            case Cast(written, _):
                return written
            case Result(call):
                return self._result_type(call, unit, depth - 1)
            case _:
                return ""

    def pointed(self, written: str, unit: Unit) -> str:
        """The type of what an iterator stands at; any other type as it is."""
        return self._element(written, unit) if is_iterator(written) else written

    def _element(self, written: str, unit: Unit) -> str:
        """The type of an element of a container, if that is something we know; else as it is."""
        inner = element_type(written)
        if inner and (element_type(inner) or self._names.class_named(inner, unit) is not None):
            return inner
        return written

    def _variable_type(self, name: str, unit: Unit, function: int, depth: int) -> str:
        for scope in unit.outer_functions(function):
            found = unit.types_of.get(scope, {}).get(name)
            if found:
                return self._deduced(name, unit, scope, depth) if found == "auto" else found
        owner = enclosing_owner(unit, function)
        if owner:
            found = self._field_type(owner, name, unit)
            if found:
                return found
        seen = self._modules.visible(unit)
        for index, written in self._global_types.get(name, ()):
            if index in seen:
                return written
        return self._macro_type(name, unit, depth)

    @cached_property
    def _global_types(self) -> dict[str, list[tuple[int, str]]]:
        """Name of a variable of C or C++ outside of functions → the units that declare it, each
        with its type there."""
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for unit in self._index.units:
            if not unit.is_python:
                types = {d.name: d.type for d in unit.facts.declarations if d.function == 0}
                for name, written in types.items():
                    if written:
                        found[name].append((unit.index, written))
        return found

    def _macro_type(self, name: str, unit: Unit, depth: int) -> str:
        """The type of what a macro stands for: ``#define Daemon Win32Daemon::Instance()``."""
        for index, macro in reversed(self._index.macros.get(name, ())):
            if index in self._modules.visible(unit) and macro.parameters is None:
                at = self._index.units[index]
                found = self.of(macro.body, at, max(macro.function, 0), depth - 1)
                if found:
                    return found
        return ""

    def _deduced(self, name: str, unit: Unit, scope: int, depth: int) -> str:
        for i in unit.bindings_of.get(scope, ()):
            binding = unit.facts.bindings[i]
            if isinstance(binding.target, Name) and binding.target.name == name:
                return self.of(binding.value, unit, scope, depth)
        return ""

    def _field_type(self, owner: str, name: str, unit: Unit) -> str:
        ref = self._names.class_named(owner, unit)
        for ancestor in self._names.lineage(ref) if ref is not None else ():
            for field in self._index.klass(ancestor).fields:
                if field.name == name:
                    return field.type
        return ""

    def _given_back(self, func: Func, written: str, unit: Unit) -> str:
        """What a function, called as written, gives back: a template that gives back its parameter
        is asked for what it was made for (``Singleton<Master>::Instance()``)."""
        returns, given = self._index.function(func).returns, template_argument(written)
        if given and self._names.class_named(returns, self._index.unit(func)) is None:
            return given if self._names.class_named(given, unit) is not None else returns
        return returns

    def _result_type(self, index: int, unit: Unit, depth: int) -> str:
        call = unit.facts.calls[index]
        if call.kind == "construct":
            return call.callee.name if isinstance(call.callee, Name) else ""
        if made := made_type(self._index, unit, call):
            return f"std::unique_ptr<{made}>"
        owner = enclosing_owner(unit, call.function)
        if isinstance(call.callee, Name):
            for func in self._names.functions(call.callee.name, unit, owner):
                return self._given_back(func, call.callee.name, unit)
            own = self._names.class_named(owner, unit) if owner else None
            for func in self._names.methods(own, call.callee.name) if own is not None else ():
                return self._index.function(func).returns  # that only derived classes define
            if self._names.class_named(call.callee.name, unit) is not None:
                return call.callee.name
        if isinstance(call.callee, Member):
            outer = self.of(call.callee.object, unit, call.function, depth)
            if given := given_by(outer, call.callee.name):
                return given
            outer = self.pointed(outer, unit)
            ref = self._names.class_named(outer, unit) if outer else None
            for func in self._names.methods(ref, call.callee.name) if ref is not None else ():
                return self._index.function(func).returns
        return ""
