"""Ways between Python functions that no call shows: decorators, properties and imports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from sessionzero.facts import Expr, Import, Member
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.expressions import walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.python_entities import External, Functions
from sessionzero.link.files.units import Func, Unit, walk_into_calls
from sessionzero.link.names.python_classes import PythonClasses
from sessionzero.link.names.python_dispatch import Dispatch
from sessionzero.link.names.python_names import PythonNames
from sessionzero.link.names.python_registries import Registries

# the function, how it is run, where that is said, the branch
Way = tuple[Func, str, Expr | Import, int]
IMPORTS = "imports"

_REGISTERS = ("thread-entry", "callback")  # roles of functions that run what they are given
# Modules that make commands of functions, for people to type.
_COMMAND_LINES = frozenset(("argh", "click", "cyclopts", "fire", "invoke", "plac", "typer"))


class PythonEdges:
    """Finds what Python runs behind the back of the calls."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        modules: Modules,
        python: PythonNames,
        classes: PythonClasses,
    ) -> None:
        self._index = index
        self._dispatch = Dispatch(index, python, classes)
        self._catalog = catalog
        self._modules = modules
        self._python = python

    @cached_property
    def _properties(self) -> frozenset[str]:
        return frozenset(
            function.name
            for unit in self._index.units
            if unit.is_python
            for function in unit.facts.functions
            if "property" in function.traits
        )

    @cached_property
    def _decorated(self) -> dict[Func, list[Func]]:
        """Function → the decorated functions that stand in it."""
        found: dict[Func, list[Func]] = defaultdict(list)
        for unit in self._index.units:
            for index, function in enumerate(unit.facts.functions):
                if function.decorators:
                    found[Func(unit.index, function.parent)].append(Func(unit.index, index))
        return dict(found)

    @cached_property
    def _registries(self) -> Registries:
        return Registries(self._index, self._modules, self._python, self._decorated)

    def of(self, func: Func) -> Iterator[Way]:
        """The functions that a function runs by reading properties, or the tables of decorators, or
        by names that it puts together, and hands to decorators, and the code of the files that it
        imports."""
        unit = self._index.unit(func)
        asked = self._properties or self._registries.any
        for expr, branch in self._read(func, unit) if asked else ():
            for kept in self._registries.run_by(expr, func):
                yield kept, "calls", expr, branch
            if isinstance(expr, Member) and expr.name in self._properties:
                getter = self._python.getter(expr, unit, func.index)
                if getter is not None and getter != func:
                    yield getter, "reads", expr, branch
        for target in self._decorated.get(func, ()):
            for decorator in self._index.function(target).decorators:
                if self._registers(decorator, unit, func.index):
                    yield target, "hands over", decorator, -1
        for site in self._index.calls_of(func):
            call = self._index.call(site)
            for method in self._dispatch.by(call, unit):
                yield method, "calls", call.callee, call.branch
        yield from self._loaded(func, unit)

    def _loaded(self, func: Func, unit: Unit) -> Iterator[Way]:
        """Importing a module runs the code of its file, and before it those of the packages that
        it is in ("The import system", docs.python.org/3/reference/import.html)."""
        for item in unit.facts.imports:
            if item.function != func.index:
                continue
            branch = unit.branch_at(item.start)
            parts = f"{item.module}.{item.name}".strip(".").removesuffix(".*").split(".")
            for length in range(1, len(parts) + 1):
                name = ".".join(parts[:length])
                target = self._modules.python_module(unit, name, item.level)
                if target is not None and target is not unit:
                    yield Func(target.index, 0), IMPORTS, item, branch

    def _read(self, func: Func, unit: Unit) -> Iterator[tuple[Expr, int]]:
        """All expressions that a function evaluates, and the branches they stand in."""
        for site in self._index.calls_of(func):
            call = self._index.call(site)
            values = (call.callee, *(argument.value for argument in call.arguments))
            yield from ((part, call.branch) for value in values for part in walk(value))
        for i in unit.bindings_of.get(func.index, ()):
            binding = unit.facts.bindings[i]
            yield from ((part, binding.branch) for part in walk(binding.value))
        for i in unit.returns_of.get(func.index, ()):
            returned = unit.facts.returns[i]
            yield from ((part, returned.branch) for part in walk(returned.value))
        body = self._index.function(func)
        for branch in unit.facts.branches if func.index else ():
            if body.start <= branch.start < body.end and branch.condition.start >= body.start:
                yield from ((p, branch.parent) for p in walk_into_calls(branch.condition, unit))

    def _registers(self, decorator: Expr, unit: Unit, function: int) -> bool:
        """``@atexit.register``, ``@app.route("/")``: the decorator keeps the function to run it. So
        do the methods of all objects that somebody else's class makes, but those for commands."""
        found = self._python.evaluate(decorator, unit, function)
        if not isinstance(found, External):
            return False
        dotted = found.dotted.removesuffix("()")
        api = self._catalog.python(dotted)
        if api is not None:
            return api.role in _REGISTERS
        made = dotted.rpartition(".")[0].endswith("()")
        return made and dotted.partition(".")[0] not in _COMMAND_LINES

    def wrappers(self, target: Func) -> Iterator[Func]:
        """The functions that decorators of the project put in the place of a function."""
        unit, described = self._index.unit(target), self._index.function(target)
        for decorator in described.decorators:
            found = self._python.evaluate(decorator, unit, max(described.parent, 0))
            if isinstance(found, Functions):
                wrapper = self._python.returned(found.func)
                if isinstance(wrapper, Functions) and wrapper.func != target:
                    yield wrapper.func
