"""Where an expression stands, and what a call binds the parameters of a function to."""

from __future__ import annotations

from msgspec import Struct

from sessionzero.facts import Expr
from sessionzero.link.index import CallSite, Func, ProgramIndex, Unit
from sessionzero.link.lattice import Spot


class Frame(Struct, frozen=True):
    """A call that is being looked into: what its parameters are bound to."""

    func: Func
    arguments: dict[str, tuple[Expr, Scope]]


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


def bind(
    index: ProgramIndex, func: Func, site: CallSite, frame: Frame | None = None
) -> dict[str, tuple[Expr, Scope]]:
    """Parameter name → the argument (or default) that a call passes for it, and its scope."""
    described, call = index.function(func), index.call(site)
    at = scope_of(index, site, frame)
    unit = index.unit(func)
    parameters = described.parameters
    if unit.is_python and described.owner and "staticmethod" not in described.traits:
        parameters = parameters[1:]
    bound = {
        p.name: (p.default, Scope(unit, func.index)) for p in parameters if p.default is not None
    }
    for i, argument in enumerate(call.arguments):
        if argument.name in ("*", "**"):
            break
        if argument.name:
            bound[argument.name] = (argument.value, at)
        elif i < len(parameters):
            bound[parameters[i].name] = (argument.value, at)
    return bound
