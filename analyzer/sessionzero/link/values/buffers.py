"""Buffers that functions of the project fill: ``make_name(buffer)``, where it calls ``sprintf``, or
assigns to the string that it gets by reference."""

from __future__ import annotations

from collections.abc import Sequence

from sessionzero.facts import Expr, Name, Result
from sessionzero.link.files.implied import implies
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.type_names import plain_type
from sessionzero.link.files.units import CallSite, Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.writes import Store, Writes

# Classes of strings; ``const std::string&`` can't be written to.
_STRINGS = frozenset(
    (
        *("string", "wstring", "u8string", "u16string", "basic_string", "tstring", "_tstring"),
        *("CString", "CStringA", "CStringW", "CAtlString", "QString", "wxString"),
    )
)
_MEANT = 4  # functions that a call may mean, of which each is looked into


class Buffers:
    """Finds the writes to a local, those of functions that get it as a buffer among them."""

    def __init__(self, index: ProgramIndex, callees: Callees, writes: Writes) -> None:
        self._index = index
        self._callees = callees
        self._writes = writes
        self._stores: dict[tuple[Func, str], Sequence[Store]] = {}

    def stores(self, func: Func, name: str) -> Sequence[Store]:
        """The writes to a local of a function, in source order."""
        key = (func, name)
        known = self._stores.get(key)
        if known is None:
            known = self._stores[key] = self._find_stores(func, name)
        return known

    def _find_stores(self, func: Func, name: str) -> Sequence[Store]:
        unit, stores = self._index.unit(func), self._writes.stores(func).get(name, [])
        passing, mine = unit.passed.get(name, ()), unit.calls_of.get(func.index, ())
        filled = [
            Store(call.start, call.branch, "&", argument.value, number)
            for number in (passing if len(passing) < len(mine) else mine)
            if (call := unit.facts.calls[number]).function == func.index
            for position, argument in enumerate(call.arguments)
            if isinstance(argument.value, Name)
            and argument.value.name == name
            and self._fills(CallSite(unit.index, number), position)
        ]
        if filled:
            stores = sorted((*stores, *filled), key=lambda store: store.start)
        return _without_fallbacks(stores, unit)

    def _fills(self, site: CallSite, position: int) -> bool:
        """Whether a function of the project writes text into the buffer or string that it gets
        there. (An assignment to a pointer would only change where that points to.)"""
        for func in self._callees.of(site).functions[:_MEANT]:
            parameters = self._index.function(func).parameters
            if position >= len(parameters):
                continue
            stores = self._writes.stores(func).get(parameters[position].name, ())
            if any(store.api is not None for store in stores):
                return True
            if stores and plain_type(parameters[position].type).rpartition("::")[2] in _STRINGS:
                return True
        return False


def _without_fallbacks(stores: Sequence[Store], unit: Unit) -> Sequence[Store]:
    """The writes but for those of what ought never to happen: that Windows hasn't filled the
    buffer (``if (!GetModuleFileName(NULL, name, size)) strcpy(name, "Agent")``)."""
    fills = {s.call for s in stores if s.api is not None and s.api.kind == "fill-into"}
    if not fills:
        return stores

    def failed(expr: Expr, holds: bool) -> bool:
        return isinstance(expr, Result) and expr.call in fills and not holds

    return [
        store
        for store in stores
        if not any(
            implies(branch.condition, branch.holds, unit, failed)
            for branch in unit.branches(store.branch)
        )
    ]
