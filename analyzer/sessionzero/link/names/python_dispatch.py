"""Methods that are called by a name whose beginning is known: ``getattr(self, "do_" + word)()``,
or ``getattr(self, name)`` where ``name.startswith("do_")``."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.facts import Call, Expr, Join, Member, Name, Operation, Result, Text
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.python_entities import External, Instance
from sessionzero.link.files.units import ClassRef, Func, Unit
from sessionzero.link.names.python_classes import PythonClasses
from sessionzero.link.names.python_names import PythonNames

_LEAST = 3  # letters with which names begin that somebody has given a meaning: "do_", "on_"


class Dispatch:
    """Finds the methods that a name put together can mean."""

    def __init__(self, index: ProgramIndex, python: PythonNames, classes: PythonClasses) -> None:
        self._index = index
        self._python = python
        self._classes = classes

    def by(self, call: Call, unit: Unit) -> Iterator[Func]:
        """The methods of the object's class, and of those that derive from it, that a call of
        ``getattr`` may give."""
        if not isinstance(call.callee, Name) or call.callee.name != "getattr":
            return
        name = call.arguments[1].value if len(call.arguments) > 1 else None
        begin = "" if name is None or isinstance(name, Text) else self._begin(name, call, unit)
        if len(begin) < _LEAST:
            return
        if self._python.evaluate(call.callee, unit, call.function) != _GETATTR:
            return
        receiver = self._python.evaluate(call.arguments[0].value, unit, call.function)
        if isinstance(receiver, Instance):
            yield from self._methods(receiver.ref, begin)

    def _methods(self, ref: ClassRef, begin: str) -> Iterator[Func]:
        classes = (*self._classes.lineage(ref), *self._classes.descendants(ref))
        for each in dict.fromkeys(classes):
            for function in self._index.unit(each).facts.functions:
                if function.kind == "function" and function.name.startswith(begin):
                    method = self._python.method(each, function.name)
                    if method is not None:
                        yield method

    def _begin(self, expr: Expr, call: Call, unit: Unit) -> str:
        """What a text begins with, as far as it is written there or in a variable before."""
        match expr:
            case Text(value):
                return value
            case Join(parts) if parts:
                return self._begin(parts[0], call, unit)
            case Operation("+", (left, _)):
                return self._begin(left, call, unit)
            case Operation("%", (left, _)):
                return self._begin(left, call, unit).partition("%")[0]
            case Result(number):
                callee = unit.facts.calls[number].callee
                if isinstance(callee, Member) and callee.name == "format":
                    return self._begin(callee.object, call, unit).partition("{")[0]
                return ""
            case Name(name) if begin := _asked_for(name, call, unit):
                return begin
            case Name(name):
                bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(call.function, ()))
                made = [b.value for b in bindings if _is_named(b.target, name)]
                known = len(made) == 1 and not isinstance(made[0], Name)
                return self._begin(made[0], call, unit) if known else ""
            case _:
                return ""


_GETATTR = External("builtins.getattr")


def _asked_for(name: str, call: Call, unit: Unit) -> str:
    """What ``name`` begins with where the call runs: a condition around it asks that."""
    number = call.branch
    while number >= 0:
        branch = unit.facts.branches[number]
        if branch.holds and (begin := _asks_for(name, branch.condition, unit)):
            return begin
        number = branch.parent
    return ""


def _asks_for(name: str, condition: Expr, unit: Unit) -> str:
    match condition:
        case Operation("&&", (one, other)):
            return _asks_for(name, one, unit) or _asks_for(name, other, unit)
        case Result(number):
            asked = unit.facts.calls[number]
            match asked.callee, [argument.value for argument in asked.arguments]:
                case Member(Name(about), "startswith"), [Text(begin)] if about == name:
                    return begin
    return ""


def _is_named(expr: Expr, name: str) -> bool:
    return isinstance(expr, Name) and expr.name == name
