"""What the variable of a Python loop stands for in turn: ``for plugin in [Clock(), Mouse()]:``, and
what it makes: ``for plugin in [Clock, Mouse]: plugin().run()``."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.facts import Expr, Member, Name, Operation, Result, Sequence
from sessionzero.link.files.expressions import path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.python_entities import ClassObject, Functions, Instance
from sessionzero.link.files.units import Unit
from sessionzero.link.names.python_names import PythonNames

_MOST = 24  # of longer lists nothing is said
_GIVES = ("values", "copy")


class PythonLoops:
    """Looks into the lists that loops go through."""

    def __init__(self, index: ProgramIndex, python: PythonNames) -> None:
        self._index = index
        self._python = python

    def objects(self, expr: Expr, unit: Unit, function: int) -> list[Instance]:
        """The objects of the project's classes that a variable of a loop is in turn, or that a call
        of it makes; none if it is no such variable, or nothing is known."""
        if isinstance(expr, Result):
            return self.made_by(unit.facts.calls[expr.call].callee, unit, function)
        return self._in_turn(expr, unit, function, makes=False)

    def made_by(self, callee: Expr, unit: Unit, function: int) -> list[Instance]:
        """The objects that a call of the variable of a loop makes in turn."""
        return self._in_turn(callee, unit, function, makes=True)

    def _in_turn(self, variable: Expr, unit: Unit, function: int, *, makes: bool) -> list[Instance]:
        found: dict[Instance, None] = {}
        for inner in self._looped(variable, unit, function):
            for item, at in self._items(inner, unit, function):
                match self._python.evaluate(item, unit, at):
                    case ClassObject(ref) if makes:
                        found[Instance(ref)] = None
                    case Instance(ref) if not makes:
                        found[Instance(ref)] = None
        return list(found) if len(found) <= _MOST else []

    def _looped(self, expr: Expr, unit: Unit, function: int) -> Iterator[Expr]:
        for write in self._index.writes.get(expr.name, ()) if isinstance(expr, Name) else ():
            binding = self._index.binding(write)
            if write.unit == unit.index and binding.function == function:
                match binding.value:
                    case Operation("each", (inner,)):
                        yield inner

    def _items(self, inner: Expr, unit: Unit, function: int) -> Iterator[tuple[Expr, int]]:
        """The items of a list or the values of a dictionary, each with the function that says
        it: what the variable is set to, and what is appended to it."""
        match inner:
            case Sequence(items):
                yield from ((item.value, function) for item in items)
            case Result(call):
                callee = unit.facts.calls[call].callee
                made = self._python.evaluate(callee, unit, function)
                if isinstance(made, Functions) and made.func.unit == unit.index:
                    for i in unit.returns_of.get(made.func.index, ()):
                        yield from self._items(unit.facts.returns[i].value, unit, made.func.index)
                elif isinstance(callee, Member) and callee.name in _GIVES:
                    yield from self._items(callee.object, unit, function)
            case Name() | Member():
                yield from self._listed(inner, unit, function)
                yield from self._appended(inner, unit)
            case _:
                pass

    def _listed(
        self, inner: Name | Member, unit: Unit, function: int
    ) -> Iterator[tuple[Expr, int]]:
        path, scopes = path_of(inner), set(unit.outer_functions(function))
        for write in self._index.writes.get(inner.name, ()):
            binding = self._index.binding(write)
            if write.unit != unit.index or path_of(binding.target) != path:
                continue
            here = isinstance(inner, Member) or binding.function in scopes
            if here and isinstance(binding.value, Sequence):
                yield from ((item.value, binding.function) for item in binding.value.items)

    def _appended(self, inner: Name | Member, unit: Unit) -> Iterator[tuple[Expr, int]]:
        path = path_of(inner)
        for site in self._index.calls_named.get("append", ()):
            call = self._index.call(site)
            if site.unit != unit.index or not call.arguments:
                continue
            if isinstance(call.callee, Member) and path_of(call.callee.object) == path:
                yield call.arguments[0].value, call.function
