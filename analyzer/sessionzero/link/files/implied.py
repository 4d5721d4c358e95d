"""What a condition makes certain of its parts, and what it mentions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sessionzero.facts import Branch, Expr, Name, Null, Number, Operation
from sessionzero.link.files.expressions import NAMED
from sessionzero.link.files.units import Unit, walk_into_calls


def implies(expr: Expr, holds: bool, unit: Unit, test: Callable[[Expr, bool], bool]) -> bool:
    """True if ``expr`` being true (or not: ``holds``) makes some part of it pass ``test``: each
    operand of a conjunction that holds, or of a disjunction that does not, is certain."""
    match expr:
        case Operation("!", (inner,)):
            return implies(inner, not holds, unit, test)
        case Operation("&&", operands) if holds:
            return any(implies(operand, holds, unit, test) for operand in operands)
        case Operation("||", operands) if not holds:
            return any(implies(operand, holds, unit, test) for operand in operands)
        case Operation("||" | "&&", operands):
            return all(implies(operand, holds, unit, test) for operand in operands)
        case Operation("==" | "!=" as operator, (left, right)):
            return _compared(left, right, holds == (operator == "=="), unit, test)
        case _:
            return test(expr, holds)


def _compared(
    left: Expr, right: Expr, equal: bool, unit: Unit, test: Callable[[Expr, bool], bool]
) -> bool:
    for one, other in ((left, right), (right, left)):
        truth = _truth(other)
        if truth is not None:
            return implies(one, equal == truth, unit, test)
    return test(Operation("==", (left, right), left.start, right.end), equal)


def tested(expr: Expr, holds: bool) -> Iterator[tuple[Expr, bool]]:
    """All that :func:`implies` may hand to its test."""
    match expr:
        case Operation("!", (inner,)):
            yield from tested(inner, not holds)
        case Operation("&&" | "||", operands):
            for operand in operands:
                yield from tested(operand, holds)
        case Operation("==" | "!=" as operator, (left, right)):
            equal = holds == (operator == "==")
            for one, other in ((left, right), (right, left)):
                truth = _truth(other)
                if truth is not None:
                    yield from tested(one, equal == truth)
                    return
            yield Operation("==", (left, right), left.start, right.end), equal
        case _:
            yield expr, holds


def _truth(expr: Expr) -> bool | None:
    match expr:
        case Number(0 | 1 as value):
            return bool(value)
        case Name("TRUE" | "true"):
            return True
        case Null() | Name("FALSE" | "false"):
            return False
        case _:
            return None


def mentions(expr: Expr, names: frozenset[str], unit: Unit) -> bool:
    """True if the expression, calls inside it included, uses one of the names."""
    return any(
        isinstance(part, NAMED) and part.name in names for part in walk_into_calls(expr, unit)
    )


def asks(branch: Branch) -> bool:
    """True where the condition holds, as written without a ``!`` before it."""
    condition, holds = branch.condition, branch.holds
    while isinstance(condition, Operation) and condition.operator == "!":
        condition, holds = condition.operands[0], not holds
    return holds
