"""Buffers and strings that outlive a function and that some function writes a text into:
``sprintf(g_name, "Agent-%d", id)``, ``m_name.Format(…)``, ``strcpy(config->key, "Agent")``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from sessionzero.facts import Expr, Index, Member, Name, Operation
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import CallSite, Func, Unit, enclosing_owner
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.values.formatting import filler, target
from sessionzero.link.values.lattice import Value, either, occasionally, said

_MOST = 12  # functions that write to one buffer
_THROUGH = 4  # buffers of which one is written into the next
Home = tuple[Func, str]
"""A function, and what it calls the buffer."""


class WrittenTexts:
    """Finds the functions of C and C++ that write texts into globals and fields."""

    def __init__(self, index: ProgramIndex, catalog: Catalog, cpp: CppNames) -> None:
        self._index = index
        self._catalog = catalog
        self._cpp = cpp
        self.asked: frozenset[Home] = frozenset()  # for the question that is being answered

    def of_global(self, name: str, unit: Unit) -> list[Home]:
        """Those that write to a variable of file or namespace scope."""
        found = [
            (func, path)
            for func, path, written in self._homes.get(name, ())
            if isinstance(written, Name)
            and (func.unit == unit.index or not self._is_private(name, unit, func))
            and not self._owns(func, name)
        ]
        near = set(self._cpp.at_home(unit, [func for func, _ in found]))
        return [home for home in found if home[0] in near][:_MOST]

    def of_field(self, owner: str, name: str) -> list[Home]:
        """Those that write to a field of a class."""
        simple = owner.rpartition("::")[2]
        found = []
        for func, path, written in self._homes.get(name, ()):
            unit = self._index.unit(func)
            if isinstance(written, Member):
                theirs = self._cpp.types.of(written.object, unit, func.index)
            else:
                theirs = enclosing_owner(unit, func.index)
            if theirs.rpartition("::")[2] == simple:
                found.append((func, path))
        return found[:_MOST]

    def of_member(self, expr: Member, unit: Unit, function: int) -> list[Home]:
        """Those that write to the same field of the same type of object, if the project declares
        the type; else of an object of the same name in the same file."""
        if expr.name not in self._homes:
            return []
        mine = self._cpp.types.of(expr.object, unit, function)
        if mine and self._cpp.class_named(mine, unit) is not None:
            return self.of_field(mine, expr.name)
        return [
            (func, path)
            for func, path, _ in self._homes[expr.name]
            if func.unit == unit.index and path == path_of(expr)
        ]

    def added(
        self,
        value: Value,
        homes: Iterable[Home],
        reader: Func,
        left: Callable[[Func, str], Value],
    ) -> Value:
        """What a buffer is for ``reader`` that begins as ``value``, and that other functions leave
        texts in, by ``left``: it is not read while it is empty."""
        found = []
        outer = self.asked
        for home in homes if len(outer) < _THROUGH else ():
            if home[0] != reader and home not in outer:
                self.asked = outer | {home}
                text = left(*home)
                self.asked = outer
                found += [said(text)] if text.known else []
        if not found:
            return value
        begun = tuple(known for known in value.known if known.kind != "number" and known.text)
        values = [*([Value(begun)] if begun else []), *found]
        return values[0] if len(values) == 1 else occasionally(either(*values))

    def _is_private(self, name: str, unit: Unit, func: Func) -> bool:
        """True if a file has a variable of its own of that name."""
        other = self._index.unit(func)
        return name in unit.static_names or name in other.static_names

    def _owns(self, func: Func, name: str) -> bool:
        """True if the name means something else in a function: a field of its class."""
        unit = self._index.unit(func)
        owner = enclosing_owner(unit, func.index)
        ref = self._cpp.class_named(owner, unit) if owner else None
        return ref is not None and any(
            field.name == name
            for each in self._cpp.lineage(ref)
            for field in self._index.klass(each).fields
        )

    @cached_property
    def _homes(self) -> dict[str, list[tuple[Func, str, Name | Member]]]:
        """Last name of what is no local variable → the functions that write a text into it."""
        found: dict[str, dict[tuple[Func, str, Name | Member], None]] = defaultdict(dict)
        for site in self._sites():
            unit, call = self._index.unit(site), self._index.call(site)
            api = filler(self._catalog, call)
            written = _whole(target(api, call)) if api is not None else None
            if written is None or unit.is_python or not call.function:
                continue
            path = path_of(written)
            if isinstance(written, Name) and _is_local(path, unit, call.function):
                continue
            found[last_name(written)][Func(site.unit, call.function), path, written] = None
        return {name: list(homes) for name, homes in found.items()}

    def _sites(self) -> Iterator[CallSite]:
        names = {
            api.name.rpartition("::")[2]
            for api in self._catalog.with_role("text")
            if api.kind.endswith("-into")
        }
        for name, sites in self._index.calls_named.items():
            if name in names or name.endswith("printf"):
                yield from sites


def _whole(written: Expr | None) -> Name | Member | None:
    """The variable or field of which a call writes the whole or a part."""
    while written is not None:
        match written:
            case Name() | Member():
                return written
            case Operation("+", (inner, _)) | Operation("&", (Index(inner),)):
                written = inner
            case _:
                return None
    return None


def _is_local(name: str, unit: Unit, function: int) -> bool:
    return any(
        name in unit.types_of.get(outer, {}) for outer in unit.outer_functions(function) if outer
    )
