"""Tables in which functions stand: which of them a mention of one leads to.

A table is a variable of a file that begins with a list of values, or a pointer that begins with the
address of one and keeps it: ``const struct ui *ui = &windows_ui;``. Who uses it may call any
function in it, and in the tables that it names in turn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from sessionzero.facts import Cast, Expr, Index, Member, Name, Null, Operation
from sessionzero.facts import Sequence as Items
from sessionzero.link.files.expressions import item_named, last_name, walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.pasting import pasted, words_of
from sessionzero.link.files.scopes import bind
from sessionzero.link.files.table_uses import may_be_called
from sessionzero.link.files.units import Func, Unit, Write
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.names.pointers import declared_in, in_sight


class Tables:
    """The tables of functions of all files, for :class:`link.ways.edges.Edges`."""

    def __init__(
        self, index: ProgramIndex, modules: Modules, callees: Callees, cpp: CppNames
    ) -> None:
        self._index = index
        self._modules = modules
        self._callees = callees
        self._cpp = cpp
        self._running: dict[tuple[Func, str], bool] = {}
        self._holding: dict[tuple[int, str, str], tuple[Func, ...]] = {}

    def named(self, table: str, unit: Unit) -> bool:
        """A quick look: whether a name can mean a table in a file."""
        return table in (unit.tables if unit.is_python else self._begun)

    def called(self, callee: Expr, unit: Unit, func: Func) -> Iterator[tuple[Name, Func]]:
        """The functions in the tables that a callee names, each with the name:
        ``commands[i].run()``. Of ``ui->warn()`` that is what stands in the field, if the table says
        which values its fields have."""
        for part in walk(callee):
            if isinstance(part, Name) and self.named(part.name, unit):
                direct = isinstance(callee, Member) and callee.object is part
                field = callee.name if isinstance(callee, Member) and direct else ""
                for target in self.used(part.name, unit, func, field):
                    yield part, target

    def used(self, table: str, unit: Unit, func: Func, field: str = "") -> tuple[Func, ...]:
        """The functions in a table that a function mentions, if it may call them."""
        if table in unit.types_of.get(func.index, {}) or not self._is_run(table, unit, func):
            return ()
        key = unit.index, table, field
        known = self._holding.get(key)
        if known is None:
            known = self._holding[key] = tuple(dict.fromkeys(self._held(table, unit, field)))
        return known

    def _is_run(self, table: str, unit: Unit, func: Func) -> bool:
        if unit.is_python or not func.index:
            return True
        known = self._running.get((func, table))
        if known is None:
            known = may_be_called(self._index, unit, func.index, table)
            self._running[func, table] = known
        return known

    def _held(self, table: str, unit: Unit, field: str) -> Iterator[Func]:
        seen, pending = set[Write](), [(table, unit, field)]
        while pending:
            name, looking, wanted = pending.pop()
            for write in self._meant(name, looking):
                if write in seen:
                    continue
                seen.add(write)
                other, value = self._index.unit(write), self._index.binding(write).value
                if isinstance(value, Items):
                    value, wanted = _in_field(value, wanted), ""
                for part in walk(value):
                    yield from self._callees.referenced(part, other, 0)
                    yield from self._made_by_list(part, other)
                    if isinstance(part, Name) and not other.is_python and part.name in self._begun:
                        pending.append((part.name, other, wanted))

    def _meant(self, table: str, unit: Unit) -> list[Write]:
        """What a variable of that name begins with, as far as it is one of the file, of a header
        that it includes, or of another file whose variable it declares (``extern``)."""
        writes = self._begun.get(table, [])
        if unit.is_python:
            return [write for write in writes if write.unit == unit.index]
        declared = self._declared.get(table, ())
        near = in_sight(self._index, writes, table, self._modules.visible(unit), declared)
        return list(self._cpp.at_home(unit, near))

    @cached_property
    def _begun(self) -> dict[str, list[Write]]:
        """Name → the initialisers of variables of files that are tables."""
        lists, pointers = defaultdict[str, list[Write]](list), list[tuple[str, str, Write]]()
        for unit in self._index.units:
            for i in unit.bindings_of.get(0, ()):
                binding, write = unit.facts.bindings[i], Write(unit.index, i)
                if isinstance(binding.value, Items):
                    lists[last_name(binding.target)].append(write)
                elif not unit.is_python and (pointed := _pointed(binding.value)):
                    pointers.append((last_name(binding.target), pointed, write))
        tables = frozenset(lists)
        for name, pointed, write in pointers:
            if pointed in tables and not self._is_written_again(name):
                lists[name].append(write)
        return dict(lists)

    def _is_written_again(self, pointer: str) -> bool:
        """Whether a function puts something else into a pointer: who does leads to that."""
        return any(self._index.binding(w).function for w in self._index.writes.get(pointer, ()))

    @cached_property
    def _declared(self) -> dict[str, list[int]]:
        return declared_in(self._index, self._begun)

    def _made_by_list(self, part: Expr, unit: Unit) -> Iterator[Func]:
        """The functions that a macro names which a list runs on each entry (``&handle_##id``)."""
        lists = self._callees.lists
        for macro, entries in lists.in_table(part, unit) if isinstance(part, Items) else ():
            at = self._index.unit(macro)
            bodies = [m.body for m in at.facts.macros if m.function == macro.index]
            for inner in (inner for body in bodies for inner in walk(body)):
                if isinstance(inner, Name) and "#" in inner.name:
                    for entry in entries:
                        words = words_of(bind(self._index, macro, entry))
                        named = Name(pasted(inner.name, words), inner.start, inner.end)
                        yield from self._callees.referenced(named, unit, 0)
                else:
                    yield from self._callees.referenced(inner, at, macro.index)


def _in_field(items: Items, field: str) -> Expr:
    """What a list gives to a field; all of it where it doesn't name its fields."""
    if not field or not any(item.name for item in items.items):
        return items
    return item_named(items.items, field) or Null(items.start, items.end)


def _pointed(value: Expr) -> str:
    """The variable whose address, or that of an entry of it, a pointer begins with."""
    while True:
        match value:
            case Name(name):
                return name.rpartition("::")[2]
            case Operation("&", (inner,)) | Index(inner) | Cast(_, inner):
                value = inner
            case _:
                return ""
