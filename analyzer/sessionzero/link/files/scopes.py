"""Where an expression stands, and what a call binds the parameters of a function to."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from sessionzero.facts import Call, Expr, Function, Item, Member, Parameter
from sessionzero.facts import Sequence as Items
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import CallSite, Func, Spot, Unit


class Frame(Struct, frozen=True):
    """A call that is being looked into: what its parameters are bound to. ``number`` tells those
    apart that are kept, from 1."""

    func: Func
    arguments: dict[str, tuple[Expr, Scope]]
    number: int = 0


class Scope(Struct, frozen=True):
    """The unit, function, branch and byte offset of an expression."""

    unit: Unit
    function: int
    branch: int = -1
    position: int = 1 << 60
    frame: Frame | None = None

    @property
    def func(self) -> Func:
        return Func(self.unit.index, self.function)


def scope_of(index: ProgramIndex, site: CallSite, frame: Frame | None = None) -> Scope:
    """Where a call stands."""
    unit, call = index.unit(site), index.call(site)
    return Scope(unit, call.function, call.branch, call.start, frame)


def spot_of(expr: Expr, scope: Scope) -> Spot:
    """The place of an expression."""
    return Spot(scope.unit.index, scope.function, expr.start, expr.end)


Bound = dict[str, tuple[Expr, Scope]]
Unpack = Callable[[Expr, Scope], "tuple[Items, Scope] | None"]


def bind(
    index: ProgramIndex,
    func: Func,
    site: CallSite,
    frame: Frame | None = None,
    unpack: Unpack | None = None,
) -> Bound:
    """Parameter name → the argument (or default) that a call passes for it, and its scope.

    ``unpack`` finds the literal that ``*`` or ``**`` takes apart, where it isn't written there.
    """
    described, call = index.function(func), index.call(site)
    at = scope_of(index, site, frame)
    unit = index.unit(func)
    parameters = described.parameters
    if unit.is_python and described.owner and "staticmethod" not in described.traits:
        parameters = parameters[not _is_unbound(index, described, call) :]
    bound: Bound = {
        p.name: (p.default, Scope(unit, func.index)) for p in parameters if p.default is not None
    }
    if unit.is_python:
        _bind_python(bound, parameters, _Passed(call, at, unpack), at)
        return bound
    if len(call.arguments) + len(bound) < len(parameters):
        bound |= _declared(index, func)
    for parameter, argument in zip(parameters, call.arguments, strict=False):
        bound[parameter.name] = (argument.value, at)
    return bound


def defaults(index: ProgramIndex, func: Func) -> Bound:
    """Parameter name → the default that the function or its declaration says."""
    unit = index.unit(func)
    own: Bound = {
        p.name: (p.default, Scope(unit, func.index))
        for p in index.function(func).parameters
        if p.default is not None
    }
    return {**_declared(index, func), **own}


def _declared(index: ProgramIndex, func: Func) -> Bound:
    """The defaults of a C++ function that its declaration says, as those of methods mostly do."""
    described = index.function(func)
    types = [parameter.type for parameter in described.parameters]
    bound: Bound = {}
    for declared in index.prototypes.get(described.name, ()):
        prototype = index.function(declared)
        same = [parameter.type for parameter in prototype.parameters] == types
        if same and prototype.owner.rpartition("::")[2] == described.owner.rpartition("::")[2]:
            at = Scope(index.unit(declared), declared.index)
            for mine, theirs in zip(described.parameters, prototype.parameters, strict=True):
                if theirs.default is not None:
                    bound[mine.name] = (theirs.default, at)
    return bound


def _is_unbound(index: ProgramIndex, method: Function, call: Call) -> bool:
    """``Base.__init__(self, name)``: the object is passed as the first argument."""
    return (
        isinstance(call.callee, Member)
        and last_name(call.callee.object) in index.classes
        and "classmethod" not in method.traits
    )


class _Passed:
    """What a Python call passes, taken apart as far as that is written somewhere."""

    def __init__(self, call: Call, at: Scope, unpack: Unpack | None) -> None:
        self.positional: list[tuple[Expr, Scope]] = []
        self.named: Bound = {}
        self.more_positional = self.more_named = False  # there are some that aren't known
        for argument in call.arguments:
            if argument.name not in ("*", "**"):
                self._add(argument.name, argument.value, at)
                continue
            literal = argument.value
            found = (literal, at) if isinstance(literal, Items) else None
            if found is None and unpack is not None:
                found = unpack(literal, at)
            self._take_apart(found, mapping=argument.name == "**")

    def _add(self, name: str, value: Expr, at: Scope) -> None:
        if name:
            self.named[name] = (value, at)
        elif not self.more_positional:
            self.positional.append((value, at))

    def _take_apart(self, found: tuple[Items, Scope] | None, *, mapping: bool) -> None:
        items = found[0].items if found is not None else ()
        if found is None or any(
            item.name in ("*", "**", "?") or bool(item.name) != mapping for item in items
        ):
            self.more_named |= mapping
            self.more_positional |= not mapping
            return
        for item in items:
            self._add(item.name, item.value, found[1])


def _bind_python(
    bound: Bound, parameters: tuple[Parameter, ...], passed: _Passed, at: Scope
) -> None:
    stars = [i for i, p in enumerate(parameters) if p.name.startswith("*")]
    plain = parameters[: stars[0]] if stars else parameters
    if passed.more_positional or passed.more_named:
        bound.clear()  # any default may be replaced
    names = {p.name for p in parameters}
    bound |= {name: value for name, value in passed.named.items() if name in names}
    for parameter, value in zip(plain, passed.positional, strict=False):
        bound[parameter.name] = value
    for star in (parameters[i].name for i in stars):
        mapping = star.startswith("**")
        if not (passed.more_named if mapping else passed.more_positional):
            rest = passed.positional[len(plain) :]
            others = [(name, value) for name, value in passed.named.items() if name not in names]
            pairs = others if mapping else [("", value) for value in rest]
            if all(value[1] == at for _, value in pairs):
                items = tuple(Item(name, value[0]) for name, value in pairs)
                bound[star.lstrip("*")] = (Items(items, 0, 0), at)
