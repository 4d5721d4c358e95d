"""Functions that decorators of the project keep for later: ``@command("lock")`` puts one into a
table, and who reads the table runs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from sessionzero.facts import Expr, Index, Member, Name, Result
from sessionzero.link.files.expressions import NAMED, last_name, walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.python_entities import Functions
from sessionzero.link.files.units import Func, Unit
from sessionzero.link.names.python_names import PythonNames

_ADDS = frozenset(("add", "append", "appendleft", "insert", "setdefault"))
_LOOKS = frozenset(("get", "setdefault"))
_OWN = frozenset(("self", "cls"))


class Registries:
    """The tables that decorators fill, by their names."""

    def __init__(
        self,
        index: ProgramIndex,
        modules: Modules,
        python: PythonNames,
        decorated: Mapping[Func, Sequence[Func]],
    ) -> None:
        """``decorated``: the decorated functions, by those in which they stand."""
        self._index = index
        self._modules = modules
        self._python = python
        self._decorated = decorated
        self._imported: dict[int, frozenset[int]] = {}

    def run_by(self, expr: Expr, func: Func) -> Iterator[Func]:
        """What a function may run that reads an expression: all that is kept in the table."""
        kept = self._kept.get(last_name(expr), ()) if isinstance(expr, NAMED) else ()
        for target, keeper in kept:
            if func.unit != keeper.unit:
                if keeper.unit in self._imports(self._index.unit(func)):
                    yield target
            elif func.index not in self._index.unit(func).outer_functions(keeper.index):
                yield target

    def _imports(self, unit: Unit) -> frozenset[int]:
        """The files of the project that a file imports."""
        known = self._imported.get(unit.index)
        if known is None:
            modules = (
                self._modules.python_module(unit, f"{item.module}{name}", item.level)
                for item in unit.facts.imports
                for name in ("", f".{item.name}" if item.name else "")
            )
            known = self._imported[unit.index] = frozenset(
                module.index for module in modules if module is not None
            )
        return known

    @cached_property
    def any(self) -> bool:
        """A quick look: a decorator of the project keeps something."""
        return bool(self._kept)

    @cached_property
    def _kept(self) -> dict[str, list[tuple[Func, Func]]]:
        """Name of a table → the functions in it, each with the decorator that put it there."""
        found: dict[str, list[tuple[Func, Func]]] = defaultdict(list)
        for outer, targets in self._decorated.items():
            unit = self._index.unit(outer)
            for target in targets:
                for decorator in self._index.function(target).decorators:
                    keeper = self._python.evaluate(decorator, unit, outer.index)
                    if isinstance(keeper, Functions) and keeper.func != target:
                        for name in self._tables(keeper.func):
                            found[name].append((target, keeper.func))
        return dict(found)

    def _tables(self, keeper: Func) -> set[str]:
        """The tables into which a decorator puts what it is given, or what it makes of that."""
        unit = self._index.unit(keeper)
        given = {p.name for p in self._index.function(keeper).parameters} - _OWN
        for i in unit.returns_of.get(keeper.index, ()):
            value = unit.facts.returns[i].value
            given |= {value.name} if isinstance(value, Name) else set()
        bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(keeper.index, ()))
        calls = (unit.facts.calls[i] for i in unit.calls_of.get(keeper.index, ()))
        written = {
            last_name(binding.target.object)
            for binding in bindings
            if isinstance(binding.target, Index) and _mentions(binding.value, given)
        }
        return written | {
            _table(call.callee.object, unit)
            for call in calls
            if isinstance(call.callee, Member)
            and call.callee.name in _ADDS
            and any(_mentions(argument.value, given) for argument in call.arguments)
        }


def _table(expr: Expr, unit: Unit) -> str:
    """The name of the table in which something is looked up: ``on[event]``,
    ``on.setdefault(event, [])``."""
    match expr:
        case Index(inner):
            return _table(inner, unit)
        case Result(number):
            callee = unit.facts.calls[number].callee
            if isinstance(callee, Member) and callee.name in _LOOKS:
                return _table(callee.object, unit)
            return ""
        case _:
            return last_name(expr)


def _mentions(expr: Expr, names: set[str]) -> bool:
    return any(isinstance(part, Name) and part.name in names for part in walk(expr))
