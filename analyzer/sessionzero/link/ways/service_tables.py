"""What programs put into tables of services, which the dispatcher gets."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.facts import Call, Expr, Member, Name
from sessionzero.facts import Sequence as Items
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Unit
from sessionzero.link.names.cpp_names import CppNames

Part = tuple[Expr, Unit, int]  # what is put in, and the unit and function that do it


def in_service_tables(index: ProgramIndex, catalog: Catalog, cpp: CppNames) -> Iterator[Part]:
    """The values of ``SERVICE_TABLE_ENTRY`` variables and ``lpServiceProc`` fields, wherever they
    stand, and what is put into containers of such."""
    tables = [api for api in catalog.with_role("structure") if api.kind == "service-table"]
    names = {api.name for api in tables}
    fields = {p.keyword for api in tables for p in api.parameters if p.role == "callback"}
    writes = [
        write
        for written, group in index.typed.items()
        if any(name in written for name in names)
        for write in group
    ]
    writes += [write for field in fields for write in index.writes.get(field, ())]
    for write in sorted(writes):
        binding = index.binding(write)
        yield binding.value, index.unit(write), binding.function
    for unit in index.units:
        if not unit.is_python and any(name in unit.table_words for name in names):
            yield from _put_in(unit, cpp, names)


def _put_in(unit: Unit, cpp: CppNames, names: set[str]) -> Iterator[Part]:
    for call in unit.facts.calls:
        if _fills_table(call, unit, cpp, names):
            yield from ((item.value, unit, call.function) for item in call.arguments)
    for it in unit.facts.bindings:
        entry = not it.type and isinstance(it.value, Items)
        if entry and _is_table(it.target, unit, it.function, cpp, names):
            yield it.value, unit, it.function


def _fills_table(call: Call, unit: Unit, cpp: CppNames, names: set[str]) -> bool:
    """``std::vector<SERVICE_TABLE_ENTRYW> t{…}``, ``t.push_back({…})``."""
    if call.kind == "construct":
        return isinstance(call.callee, Name) and any(n in call.callee.name for n in names)
    if not isinstance(call.callee, Member):
        return False
    return _is_table(call.callee.object, unit, call.function, cpp, names)


def _is_table(expr: Expr, unit: Unit, function: int, cpp: CppNames, names: set[str]) -> bool:
    """Whether an object is a table of services, or an entry of one: ``table[0] = {…}``."""
    written = cpp.types.of(expr, unit, function)
    return any(name in written for name in names)
