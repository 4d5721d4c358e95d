"""Where objects of Python classes are made, or their classes handed on: a method of a class that
only other code names doesn't run, though a call through its base class could mean it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from sessionzero.facts import Call, Expr, Member, Name, Text
from sessionzero.link.files.expressions import NAMED, last_name, walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import ClassRef, Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.python_classes import PythonClasses

Place = tuple[Func, int, int]  # a function, the branch of it, and where in the file

_ASKING = frozenset(("super", "isinstance", "issubclass"))  # these make nothing
# By these, a class knows what derives from it: whoever does is kept, perhaps.
_KEEPING = ("__init_subclass__", "__subclasses__")
_MAKING = "__new__"


class PythonMakers:
    """Finds the places that name a class, class by class when they are asked for."""

    def __init__(self, index: ProgramIndex, callees: Callees) -> None:
        self._index = index
        self._callees = callees

    def of_method(self, func: Func) -> tuple[Place, ...]:
        """The places that name the class of a method, or one that inherits it. Empty if not all of
        them can be told."""
        ref = self._classes.owner_of(func)
        method = self._index.function(func).name
        if ref is None or any(self._is_kept(each) for each in self._classes.lineage(ref)):
            return ()
        found: list[Place] = []
        for each in (ref, *self._classes.descendants(ref)):
            name = self._index.klass(each).name
            if self._classes.inherited(each, method) == func:
                if name in self._by_other_means or self._callees.is_service_class(each):
                    return ()
                found += self._named.get(name, ())
        return tuple(found)

    @property
    def _classes(self) -> PythonClasses:
        return self._callees.python_classes

    def _is_kept(self, ref: ClassRef) -> bool:
        """Whether a class keeps those that derive from it."""
        own = any(self._callees.own_methods(ref, name) for name in (*_KEEPING, _MAKING))
        return own or any(name in self._index.calls_named for name in _KEEPING)

    @cached_property
    def _wanted(self) -> frozenset[str]:
        """The names of the classes of Python in the project."""
        return frozenset(
            name
            for name, refs in self._index.classes.items()
            if any(self._index.unit(ref).is_python for ref in refs)
        )

    @cached_property
    def _named(self) -> dict[str, list[Place]]:
        """Name of a class → the places that name it."""
        found: dict[str, list[Place]] = defaultdict(list)
        for unit in self._index.units if self._wanted else ():
            for func, branch, expr, start in _evaluated(unit) if unit.is_python else ():
                for part in walk(expr):
                    if isinstance(part, Name | Member) and part.name in self._wanted:
                        found[part.name].append((func, branch, start))
        return dict(found)

    @cached_property
    def _by_other_means(self) -> frozenset[str]:
        """The names of classes that a text says, or that a file imports by another name."""
        found: set[str] = set()
        for unit in self._index.units:
            if unit.is_python:
                found.update(it.name for it in unit.facts.imports if it.alias not in ("", it.name))
                for _, _, expr, _ in _evaluated(unit):
                    texts = (part.value for part in walk(expr) if isinstance(part, Text))
                    found.update(text.replace(":", ".").rpartition(".")[2] for text in texts)
        return frozenset(found) & self._wanted


def _evaluated(unit: Unit) -> Iterator[tuple[Func, int, Expr, int]]:
    """All expressions of a file, each with its function and branch, and where it counts."""
    facts = unit.facts
    for call in facts.calls:
        at = Func(unit.index, call.function)
        yield at, call.branch, call.callee, call.start
        for argument in call.arguments if not _is_asking(call) else ():
            yield at, call.branch, argument.value, call.start
    for binding in facts.bindings:
        yield Func(unit.index, binding.function), binding.branch, binding.value, binding.start
    for item in facts.returns:
        yield Func(unit.index, item.function), item.branch, item.value, item.value.start


def _is_asking(call: Call) -> bool:
    return isinstance(call.callee, NAMED) and last_name(call.callee) in _ASKING
