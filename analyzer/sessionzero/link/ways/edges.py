"""Where a function leads: the functions it calls, starts, hands over or refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from msgspec import Struct

from sessionzero.facts import (
    Binding,
    Call,
    Choice,
    Expr,
    Lambda,
    Member,
    Name,
    Result,
    Return,
)
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.expressions import last_name, naming, walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.type_names import is_smart_pointer
from sessionzero.link.files.units import CallSite, ClassRef, Func, Unit
from sessionzero.link.names.callee import Callee
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.names.remote import OFFERING, remote_routines
from sessionzero.link.ways.python_edges import PythonEdges
from sessionzero.link.ways.tables import Tables


class Edge(Struct, frozen=True, gc=False):
    """One way from a function to another: the place in the caller, and how (``calls``,
    ``starts as a thread``, ``hands over``). ``call``: the plain call that it is, else -1."""

    target: Func
    how: str
    start: int
    end: int
    branch: int
    call: int = -1


Ways = Callable[[Func, frozenset[int]], Sequence[Edge]]
"""Where a function leads to when it runs in one of the programs."""


class Edges:
    """The call graph with its callback edges, found function by function when it is asked for."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        modules: Modules,
        callees: Callees,
        cpp: CppNames,
        python: PythonEdges,
        linkage: Linkage,
    ) -> None:
        self._index = index
        self._callees = callees
        self._cpp = cpp
        self._python = python
        self._linkage = linkage
        self._tables = Tables(index, modules, callees, cpp)
        self._called_back_apis = tuple(
            api
            for role in ("callback-class", "gui-application", "thread-entry")
            for api in catalog.with_role(role)
            if api.runs
        )
        self._edges: dict[Func, tuple[Edge, ...]] = {}
        self._forking: dict[Func, bool] = {}
        self._within: dict[tuple[Func, frozenset[int]], tuple[Edge, ...]] = {}
        self._constructed: dict[tuple[int, str], tuple[tuple[Func, str], ...]] = {}
        self._methods_run: dict[ClassRef, tuple[Func, ...]] = {}

    def of(self, func: Func) -> tuple[Edge, ...]:
        """Where a function leads: calls, callbacks handed over, functions it refers to."""
        known = self._edges.get(func)
        if known is None:
            known = tuple(self._find_edges(func))
            self._edges[func] = known
        return known

    def within(self, func: Func, programs: frozenset[int]) -> tuple[Edge, ...]:
        """Where a function leads when it runs in one of the programs: what several of them define
        under one name is that of their own."""
        edges = self.of(func)
        if not self._forks(func, edges):
            return edges
        found = self._within.get((func, programs))
        if found is None:
            places: dict[tuple[int, int], list[Func]] = {}
            for edge in edges:
                places.setdefault((edge.start, edge.end), []).append(edge.target)
            meant = {at: self._linkage.at_home(them, programs) for at, them in places.items()}
            found = tuple(edge for edge in edges if edge.target in meant[edge.start, edge.end])
            self._within[func, programs] = found
        return found

    def _forks(self, func: Func, edges: tuple[Edge, ...]) -> bool:
        """Whether some place of a function leads to more than one function."""
        known = self._forking.get(func)
        if known is None:
            targets = {(edge.start, edge.end, edge.target) for edge in edges}
            known = len({(start, end) for start, end, _ in targets}) < len(targets)
            self._forking[func] = known
        return known

    def _find_edges(self, func: Func) -> Iterator[Edge]:
        unit = self._index.unit(func)
        calls, bindings = unit.facts.calls, unit.facts.bindings
        mentions = unit.mentions(func.index)
        for i, parts in mentions.calls:
            call, how = calls[i], "hands over"
            if not self._callees.cpp.is_foreign(call, unit):
                callee = self._callees.of_call(unit, i)
                yield from self._calls(callee, call, i, unit)
                if callee.api is not None and callee.api.role == "thread-entry":
                    how = "starts"
                    yield from self._of_runtime_class(call, unit)
            if not isinstance(call.callee, Name):
                for part, target in self._tables.called(call.callee, unit, func):
                    yield Edge(target, "finds in a table", part.start, part.end, call.branch)
            if parts:
                yield from self._references(parts, unit, func, call, how)
        for i, parts in mentions.bindings:
            yield from self._references(parts, unit, func, bindings[i], "refers to")
        if unit.is_python:
            for target, how, at, branch in self._python.of(func):
                yield Edge(target, how, at.start, at.end, branch)
        yield from self._given_back(unit, func)
        yield from self._constructions(unit, func)
        yield from self._parts(unit, func)
        for item in unit.includes_of.get(func.index, ()):
            for target, _ in self._callees.lists.included(unit, item):
                yield Edge(target, "calls", item.start, item.end, -1)
        for index in unit.lambdas_of.get(func.index, ()):
            function = unit.facts.functions[index]
            yield Edge(Func(unit.index, index), "runs", function.start, function.end, -1)

    def _calls(self, callee: Callee, call: Call, number: int, unit: Unit) -> Iterator[Edge]:
        """What a call runs, and what a framework calls on the object that it makes."""
        for target in callee.functions:
            yield Edge(target, "calls", call.start, call.end, call.branch, number)
            for wrapper in self._python.wrappers(target) if unit.is_python else ():
                yield Edge(wrapper, "calls", call.start, call.end, call.branch, number)
            if self._index.function(target).kind == "macro":
                for macro, _ in self._callees.lists.given(CallSite(unit.index, number)):
                    yield Edge(macro, "calls", call.start, call.end, call.branch)
        made = (callee.constructs,) if callee.constructs is not None else callee.makes
        for target in (target for ref in made for target in self._called_back(ref)):
            yield Edge(target, "starts", call.start, call.end, call.branch)
        if callee.api is not None and callee.api.name.startswith(OFFERING):
            for target in self._remote:
                yield Edge(target, "offers", call.start, call.end, call.branch)

    @cached_property
    def _remote(self) -> tuple[Func, ...]:
        return tuple(remote_routines(self._index))

    def _of_runtime_class(self, call: Call, unit: Unit) -> Iterator[Edge]:
        """``AfxBeginThread(RUNTIME_CLASS(Worker))`` makes the object itself, and runs it."""
        for passed in call.arguments:
            inner = passed.value
            made = unit.facts.calls[inner.call] if isinstance(inner, Result) else None
            if made is None or last_name(made.callee) != "RUNTIME_CLASS" or not made.arguments:
                continue
            ref = self._cpp.class_named(last_name(made.arguments[0].value), unit)
            if ref is not None:
                for target in self._called_back(ref):
                    yield Edge(target, "starts", inner.start, inner.end, call.branch)

    def _called_back(self, ref: ClassRef) -> tuple[Func, ...]:
        """The methods that a framework calls on an object of the class: ``Thread.run``."""
        known = self._methods_run.get(ref)
        if known is None:
            known = self._methods_run[ref] = tuple(
                method
                for api in self._called_back_apis
                if self._callees.derives(ref, api)
                for name in api.runs
                for method in self._callees.inherited_methods(ref, name)
            )
        return known

    def _references(
        self, parts: Sequence[Expr], unit: Unit, func: Func, at: Call | Binding, how: str
    ) -> Iterator[Edge]:
        definitions = self._index.definitions
        for part in parts:
            if isinstance(part, Name):
                name = part.name
                if self._tables.named(name, unit):
                    yield from self._in_table(part, unit, func, at)
                if (
                    name not in definitions
                    and not unit.is_python
                    and name.rpartition("::")[2] not in definitions
                ):
                    continue
            targets = self._callees.referenced(part, unit, func.index)
            if not targets and isinstance(at, Call) and last_name(at.callee) == "SLOT":
                targets = self._callees.cpp.only_class_with(last_name(part))  # of Qt's receiver
            for target in targets:
                if target != func:
                    yield Edge(target, how, part.start, part.end, at.branch)
            if unit.is_python:
                for target in self._of_class(part, unit, func):
                    yield Edge(target, how, part.start, part.end, at.branch)

    def _of_class(self, part: Expr, unit: Unit, func: Func) -> tuple[Func, ...]:
        """What a framework runs that is given a class, of which it makes the objects itself:
        ``HTTPServer(address, Handler)``."""
        ref = self._callees.python_class(part, unit, func.index)
        return self._called_back(ref) if ref is not None else ()

    def _given_back(self, unit: Unit, func: Func) -> Iterator[Edge]:
        """The functions that a function gives to its caller (``return on_print;``), and the class
        that one of Python makes. What a function of Python makes in itself is mostly what takes
        the place of what it decorates: :meth:`PythonEdges.wrappers`. On what a choice depends
        (``window ? ask : NULL``) is asked by nobody."""
        for i in unit.returns_of.get(func.index, ()):
            item = unit.facts.returns[i]
            if any(isinstance(part, Choice) for part in walk(item.value)):
                continue
            for part in naming(item.value, (Name, Lambda, Member)):
                if isinstance(part, Name) and self._tables.named(part.name, unit):
                    yield from self._in_table(part, unit, func, item)
                if not unit.is_python and self._cpp.types.of(part, unit, func.index):
                    continue  # a variable
                for target in self._callees.referenced(part, unit, func.index):
                    own = unit.is_python and self._index.function(target).parent == func.index
                    if target != func and not own:
                        yield Edge(target, "gives back", part.start, part.end, item.branch)
                for target in self._of_class(part, unit, func) if unit.is_python else ():
                    yield Edge(target, "gives back", part.start, part.end, item.branch)

    def _in_table(
        self, part: Name, unit: Unit, func: Func, at: Call | Binding | Return
    ) -> Iterator[Edge]:
        """A table of functions that is used here: any of them may be called."""
        for target in self._tables.used(part.name, unit, func):
            yield Edge(target, "finds in a table", part.start, part.end, at.branch)

    def _constructions(self, unit: Unit, func: Func) -> Iterator[Edge]:
        """Constructors that run because a variable of the class is declared here; of the file, when
        its program starts."""
        if unit.is_python:
            return
        for i in unit.declarations_of.get(func.index, ()):
            declaration = unit.facts.declarations[i]
            if declaration.refers:
                continue
            key = (unit.index, declaration.type)
            runs = self._constructed.get(key)
            if runs is None:
                runs = self._constructed[key] = tuple(self._runs_when_made(*key))
            for target, how in runs:
                yield Edge(target, how, declaration.start, declaration.end, -1)

    def _parts(self, unit: Unit, func: Func) -> Iterator[Edge]:
        """The constructors of the bases and members with which a constructor begins though it
        doesn't name them: that of a thread's class starts the thread."""
        described = unit.facts.functions[func.index]
        if unit.is_python or described.name != described.owner.rpartition("::")[2]:
            return
        ref = self._cpp.class_named(described.owner, unit)
        if ref is None:
            return
        calls = (unit.facts.calls[i] for i in unit.calls_of.get(func.index, ()))
        named = {last_name(call.callee) for call in calls if call.kind == "construct"}
        bases = ((self._index.klass(base).name, base) for base in self._cpp.bases(ref))
        for name, part in (*bases, *self._cpp.members(ref)):
            for target in self._cpp.beginning(part) if name not in named else ():
                at = described.name_start, described.name_end
                yield Edge(target, "begins with", *at, -1)

    def _runs_when_made(self, unit: int, written: str) -> Iterator[tuple[Func, str]]:
        ref = self._cpp.class_named(written, self._index.units[unit])
        if ref is not None and not is_smart_pointer(written):
            for target in self._cpp.constructors(ref):
                yield target, "constructs"
            for target in self._called_back(ref):
                yield target, "starts"
            for each in self._cpp.lineage(ref):
                for target in self._cpp.own_methods(each, f"~{self._index.klass(each).name}"):
                    yield target, "destroys at the end"
