"""The values of a local variable along its writes, as far as branches tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import Unit
from sessionzero.link.values import lattice
from sessionzero.link.values.lattice import Value, either
from sessionzero.link.values.writes import Store

_STATES = 12  # possible values that are told apart

State = tuple[Value, int]  # a value, and the branch that gave it


def flow(
    unit: Unit,
    initial: Value,
    stores: Sequence[Store],
    scope: Scope | None,
    stored: Callable[[Store, Value], Value],
) -> Value:
    """The variable's value at ``scope``, or at any place of its function if that is None.

    ``stores`` are its writes in source order; ``stored`` gives what one leaves of a state.
    """
    here = unit.branch_chain(scope.branch) if scope is not None else frozenset[int]()
    states: list[State] = [(initial, -1)]
    for store in stores:
        if scope is not None and store.start >= scope.position:
            break
        if scope is not None and excluded(unit, store.branch, scope.branch):
            continue
        states = _after(unit, states, store, here, stored)[:_STATES]
    covered = _covered(unit, [branch for _, branch in states])
    return either(
        *(
            value if unit.branch_chain(branch) <= here else lattice.occasionally(value)
            for value, branch in states
            if branch not in covered
        )
    )


def _after(
    unit: Unit,
    states: list[State],
    store: Store,
    here: frozenset[int],
    stored: Callable[[Store, Value], Value],
) -> list[State]:
    """The possible values after one more write: those of its own branch are replaced, those of
    the other arm stay, and those from before stay too unless the write is certain."""
    chain = unit.branch_chain(store.branch)
    found: list[State] = []
    for value, branch in states:
        if excluded(unit, branch, store.branch):
            found.append((value, branch))
            continue
        inside = chain <= unit.branch_chain(branch)
        written = (stored(store, value), branch if inside else store.branch)
        if not (inside or chain <= here):
            found.append((value, branch))
        if written not in found:
            found.append(written)
    return found


def _covered(unit: Unit, branches: list[int]) -> set[int]:
    """The branches whose two arms are both among ``branches``: what held before them is gone."""
    arms = {
        (b.parent, b.condition.start, b.condition.end, b.holds)
        for b in (unit.facts.branches[i] for i in branches if i >= 0)
    }
    return {parent for parent, start, end, holds in arms if (parent, start, end, not holds) in arms}


def excluded(unit: Unit, one: int, other: int) -> bool:
    """True if two branches can't both be taken: the two arms of one condition."""
    mine = {(b.parent, b.start, b.end): b for b in unit.branches(one)}
    conditions = {(b.parent, b.condition.start, b.condition.end): b.holds for b in mine.values()}
    return any(
        conditions.get((b.parent, b.condition.start, b.condition.end), b.holds) != b.holds
        for b in unit.branches(other)
    )
