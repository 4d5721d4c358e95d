"""What one write to a variable leaves in it."""

from __future__ import annotations

from collections.abc import Callable

from sessionzero.facts import Expr, Result
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.units import Unit
from sessionzero.link.values import formatting, lattice
from sessionzero.link.values.lattice import UNKNOWN, Value, join
from sessionzero.link.values.writes import Store

_LENGTHS = frozenset(("strlen", "wcslen", "_tcslen", "lstrlen", "lstrlenA", "lstrlenW"))


def left_by(store: Store, state: Value, unit: Unit, fold: Callable[[Expr], Value]) -> Value:
    """A variable that was ``state`` after a write that isn't a call with its address."""
    if store.api is not None:
        text = formatting.filled(store.api, unit.facts.calls[store.call], state, fold)
        if store.place is None or store.api.kind == "append-into":
            return text
        return _placed(store.place, state, text, unit, fold)
    value = fold(store.value) if store.value is not None else UNKNOWN
    if store.operator == "[]":
        place = fold(store.place) if store.place is not None else UNKNOWN
        return lattice.with_character(state, place, value)
    if store.operator in ("=", "enum", ":"):
        return value
    if store.operator == "<<":
        return join([state, value]) if state.texts else value  # a stream begins empty
    if store.value is not None and store.value.start == store.start:
        return UNKNOWN  # count++, in a loop perhaps; or a pointer into a text moves on
    operator = store.operator.removesuffix("=")
    if operator == "+" and (state.texts or value.texts):
        return lattice.added(state, value, native=not unit.is_python)
    return lattice.combine(operator, state, value)


def _placed(
    place: Expr, state: Value, text: Value, unit: Unit, fold: Callable[[Expr], Value]
) -> Value:
    """``strcpy(name + 7, base)``, ``strcpy(name + strlen(name), base)``."""
    if isinstance(place, Result) and last_name(unit.facts.calls[place.call].callee) in _LENGTHS:
        return join([state, text])  # behind the end of what is there
    return lattice.overlaid(state, fold(place), text)
