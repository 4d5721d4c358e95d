"""What the arguments of a call choose in the function that it calls: ``NameOf(base, TRUE)``.

Only constants count, and parameters that calls bind to them: what else a condition asks about,
nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import structs

from sessionzero.facts import Expr, Name, Null, Number, Operation, Text
from sessionzero.link.files.scopes import Scope
from sessionzero.link.values.lattice import Value
from sessionzero.link.values.writes import Store, Writes

Fold = Callable[[Expr, Scope, int], Value]

_CONSTANT = 4  # levels of macros that a constant may be wrapped in

_Given = int | str | None  # the one thing that a part of a condition is; None if it isn't known


class Chosen:
    """Judges the conditions of a function that is being looked into for one call of it."""

    def __init__(self, writes: Writes, fold: Fold) -> None:
        self._writes = writes
        self._fold = fold

    def never(self, branch: int, scope: Scope) -> bool:
        """Whether the call rules out a branch of its function."""
        return self._is_inside(scope) and any(
            self.truth(b.condition, scope) is (not b.holds) for b in scope.unit.branches(branch)
        )

    def stores(self, stores: Sequence[Store], scope: Scope) -> Sequence[Store]:
        """The writes to a variable that the call leaves, those certain that it asks for."""
        if not self._is_inside(scope):
            return stores
        return [
            structs.replace(store, branch=self._undecided(store.branch, scope))
            for store in stores
            if not self.never(store.branch, scope)
        ]

    def _undecided(self, branch: int, scope: Scope) -> int:
        """The innermost branch around a place that the call may or may not take."""
        while branch >= 0:
            described = scope.unit.facts.branches[branch]
            if self.truth(described.condition, scope) is not described.holds:
                break
            branch = described.parent
        return branch

    def truth(self, expr: Expr, scope: Scope) -> bool | None:
        """What a condition always is in the call; None if it can be either, or isn't known."""
        match expr:
            case Operation("!", (inner,)):
                found = self.truth(inner, scope)
                return None if found is None else not found
            case Operation("==" | "!=" as operator, (left, right)):
                one, other = self._given(left, scope), self._given(right, scope)
                native = not scope.unit.is_python
                if None in (one, other) or (native and isinstance(one, str) and one and other):
                    return None  # C compares addresses
                return (one == other) is (operator == "==")
            case Name(name) if self._is_bound(name, scope):
                given = self._given(expr, scope)
                pointer = isinstance(given, str) and not scope.unit.is_python
                return None if given is None else pointer or bool(given)
            case _:
                return None

    def _given(self, expr: Expr, scope: Scope) -> _Given:
        match expr:
            case Number(value) | Text(value):
                return value
            case Null():
                return 0
            case Name(name) if self._is_bound(name, scope):
                if name in self._writes.stores(scope.func):
                    return None
                assert scope.frame is not None
                inner, at = scope.frame.arguments[name]
                return self._given(inner, at)
            case Name(name) if self._writes.is_constant(name, scope.unit):
                return _only(self._fold(expr, scope, _CONSTANT))
            case _:
                return None

    def _is_inside(self, scope: Scope) -> bool:
        return scope.frame is not None and scope.frame.func == scope.func

    def _is_bound(self, name: str, scope: Scope) -> bool:
        return self._is_inside(scope) and scope.frame is not None and name in scope.frame.arguments


def _only(value: Value) -> _Given:
    known = value.known[0] if len(value.known) == 1 and not value.open else None
    if known is None or not known.exact or known.kind not in ("number", "null", "text"):
        return None
    return known.text if known.kind == "text" else known.number
