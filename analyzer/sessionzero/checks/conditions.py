"""What a function looks at: its conditions, and the results of the calls that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from sessionzero.facts import Expr, Operation, Result, Unknown
from sessionzero.link.files.expressions import walk
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import CallSite, Func, Unit, walk_into_calls
from sessionzero.program import Program

_COMPARISONS = frozenset(("==", "!=", "<", ">", "<=", ">="))


def conditions(program: Program, func: Func) -> Iterator[tuple[Expr, Scope]]:
    """Each condition of a function, and each value that it keeps or gives back, with where it
    stands."""
    unit, facts = program.index.unit(func), program.index.unit(func).facts
    branches = {facts.calls[i].branch for i in unit.calls_of.get(func.index, ())}
    bindings = [facts.bindings[i] for i in unit.bindings_of.get(func.index, ())]
    returns = [facts.returns[i] for i in unit.returns_of.get(func.index, ())]
    branches |= {binding.branch for binding in bindings} | {item.branch for item in returns}
    for number in sorted(branches):
        for branch in unit.branches(number):
            start = branch.condition.start
            yield branch.condition, Scope(unit, func.index, branch.parent, start)
    for binding in bindings:
        yield binding.value, Scope(unit, func.index, binding.branch, binding.start)
    for item in returns:
        yield item.value, Scope(unit, func.index, item.branch, item.value.start)


def comparisons(program: Program, func: Func) -> Iterator[tuple[Expr, Expr, Operation, Scope]]:
    """Each comparison in the conditions of a function, once from either side: the one operand, the
    other, the comparison, and where it stands."""
    seen = set()
    for condition, scope in conditions(program, func):
        for part in walk_into_calls(condition, scope.unit):
            if not isinstance(part, Operation) or part.operator not in _COMPARISONS:
                continue
            key = (part.start, part.end, part.operator)
            if key not in seen:
                seen.add(key)
                left, right = part.operands
                yield left, right, part, scope
                yield right, left, part, scope


_USED: WeakKeyDictionary[Unit, frozenset[int]] = WeakKeyDictionary()


def is_ignored(program: Program, call: CallSite) -> bool:
    """Whether nothing becomes of what a call gives back: it stands there as a statement."""
    unit = program.index.unit(call)
    known = _USED.get(unit)
    if known is None:
        known = _USED[unit] = frozenset(_used(unit))
    return call.index not in known


def _used(unit: Unit) -> Iterator[int]:
    """The calls whose results stand in another expression."""
    facts = unit.facts
    values: list[Expr] = [binding.value for binding in facts.bindings]
    values += (item.value for item in facts.returns)
    values += (branch.condition for branch in facts.branches)
    values += (macro.body for macro in facts.macros)
    for call in facts.calls:
        values.append(call.callee)
        values += (argument.value for argument in call.arguments)
    for value in values:
        for part in walk(value):
            if isinstance(part, Result):
                yield part.call


def is_asked(program: Program, call: CallSite) -> bool:
    """Whether what a call gives back stands in a condition itself."""
    return any(
        isinstance(part, Result) and part.call == call.index
        for branch in program.index.unit(call).facts.branches
        for part in walk(branch.condition)
    )


def is_caught(program: Program, call: CallSite) -> bool:
    """Whether a Python call may stand in a ``try``: the function has an ``except`` behind it."""
    unit, made = program.index.unit(call), program.index.call(call)
    end = program.index.function(Func(call.unit, made.function)).end
    return unit.is_python and any(
        isinstance(branch.condition, Unknown) and made.end <= branch.start < end
        for branch in unit.facts.branches
    )
