"""Service code that nothing in a program comes to: the service class of another project that was
copied and is not used, and what is left of a service that a program once was."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from sessionzero.facts import Expr, Name, Text
from sessionzero.link.files.expressions import last_name, walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.mains import Mains
from sessionzero.link.files.units import ClassRef, Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.ways.makers import Makers

_WORD = re.compile(r"\w+")


class Uncalled:
    """Finds functions of C and C++ that nobody calls or names, or only others of these do."""

    def __init__(
        self,
        index: ProgramIndex,
        callees: Callees,
        cpp: CppNames,
        mains: Mains,
        linkage: Linkage,
        makers: Makers,
    ) -> None:
        self._index = index
        self._callees = callees
        self._cpp = cpp
        self._mains = mains
        self._linkage = linkage
        self._makers = makers

    def before(self, func: Func) -> frozenset[Func] | None:
        """The function, and all that lead to it, where none of these is ever run: not from the
        start of a program, nor from outside of it. None if one may be."""
        if not self._is_in_program(func.unit):
            return None
        for mentions in (self._callers, self._mentioning):  # the calls alone mostly tell
            seen, pending = {func}, [func]
            while pending:
                current = pending.pop()
                if self._may_begin(current):
                    return None
                fresh = set(mentions(current)) - seen
                seen |= fresh
                pending.extend(fresh)
        return frozenset(seen)

    def _is_in_program(self, unit: int) -> bool:
        """True if a file goes into programs alone, of which one is seen to start; if build files
        don't say it, where a program starts in its folder. A library is for others, too."""
        programs = self._linkage.programs(unit)
        if self._linkage.in_library(unit):
            return False
        if programs:
            return any(programs & self._linkage.programs(at) for at in self._starting)
        if self._linkage.in_product(unit):
            return False
        directory = self._index.units[unit].directory
        return any(self._index.units[at].directory == directory for at in self._starting)

    @cached_property
    def _starting(self) -> tuple[int, ...]:
        """The files in which programs start."""
        return tuple(at for at, found in self._mains.of_unit.items() if found)

    def _may_begin(self, func: Func) -> bool:
        """True for what is run without a word of it in the code: starts, what is exported or bears
        the name of a macro, what belongs to a file, what objects do by themselves, and methods that
        the callers of a base or a framework may mean."""
        unit, described = self._index.unit(func), self._index.function(func)
        if unit.is_python or described.kind != "function" or "exported" in described.traits:
            return True
        name, owner = described.name, described.owner.rpartition("::")[2]
        if func in self._mains.of_unit[func.unit] or name.isupper() or name == "DllMain":
            return True
        ref = self._cpp.class_named(described.owner, unit) if owner else None
        if ref is None:
            return False
        unsaid = name.lstrip("~") == owner or name.startswith("operator")
        return (unsaid or self._is_virtual(name, ref)) and not self._is_never_made(ref)

    def _is_virtual(self, name: str, ref: ClassRef) -> bool:
        """True if a method has the name of one that is virtual in its class or a base, or may be in
        a base out of sight."""
        owners = {self._index.klass(each).name for each in self._cpp.lineage(ref)}
        return bool(self._cpp.external_bases(ref)) or any(
            described.owner.rpartition("::")[2] in owners
            and not {"virtual", "override"}.isdisjoint(described.traits)
            for table in (self._index.prototypes, self._index.definitions)
            for described in map(self._index.function, table.get(name, ()))
        )

    def _is_never_made(self, ref: ClassRef) -> bool:
        """True if nothing makes an object of a class or of those that derive from it, or hands the
        class to what might."""
        return self._makers.nowhere(ref) and not any(
            self._index.klass(each).name in self._mentions
            for each in (ref, *self._cpp.descendants(ref))
        )

    def _callers(self, func: Func) -> Iterator[Func]:
        """The functions with a call that may mean a function."""
        for site in self._index.calls_named.get(self._index.function(func).name, ()):
            callee = self._callees.of(site)
            if func in callee.functions or not (callee.functions or callee.api):
                yield Func(site.unit, self._index.call(site).function)

    def _mentioning(self, func: Func) -> Iterator[Func]:
        """The functions with a call or a mention of its name, be it in a text, or of a table with
        it."""
        name = self._index.function(func).name
        yield from self._callers(func)
        for each in (name, *self._tables_with.get(name, ())):
            yield from self._mentions.get(each, ())

    @cached_property
    def _tables_with(self) -> dict[str, set[str]]:
        """Name of a function → the tables of files that hold it."""
        found: dict[str, set[str]] = defaultdict(set)
        for unit in self._index.units:
            for i in unit.bindings_of.get(0, ()) if unit.tables else ():
                binding = unit.facts.bindings[i]
                table = last_name(binding.target)
                for part in walk(binding.value) if table in unit.tables else ():
                    found[last_name(part)].add(table)
        return found

    @cached_property
    def _mentions(self) -> dict[str, set[Func]]:
        """Name of a function, a class or a table → the functions that name it, or give its name as
        a text. What a table of a file names is not the file's."""
        index, found = self._index, defaultdict[str, set[Func]](set)
        tables = frozenset[str]().union(*(unit.tables for unit in index.units))
        wanted = frozenset().union(index.definitions, index.classes, tables)
        for unit in index.units:
            for function, expr in _values(unit) if not unit.is_python else ():
                for part in walk(expr):
                    name = part.value if isinstance(part, Text) else last_name(part)
                    if name in wanted:
                        found[name].add(Func(unit.index, function))
        return found


def _values(unit: Unit) -> Iterator[tuple[int, Expr]]:
    """The expressions of a file that hand something on, each with its function."""
    facts = unit.facts
    for call in facts.calls:
        yield from ((call.function, argument.value) for argument in call.arguments)
        if isinstance(call.callee, Name) and "<" in call.callee.name:
            for word in _WORD.findall(call.callee.name):
                yield call.function, Name(word, call.start, call.end)
    for binding in facts.bindings:
        if binding.function or last_name(binding.target) not in unit.tables:
            yield binding.function, binding.value
    yield from ((item.function, item.value) for item in facts.returns)
    yield from ((0, macro.body) for macro in facts.macros)
    for number, function in enumerate(facts.functions):
        for parameter in function.parameters:
            if parameter.default is not None:
                yield number, parameter.default
