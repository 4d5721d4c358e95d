"""The calls of catalogued functions, each where a reader sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from sessionzero.facts import Call, Macro, Name
from sessionzero.knowledge.catalog import Api, Catalog
from sessionzero.link.files.expressions import walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.pasting import pasted, words_of
from sessionzero.link.files.scopes import Frame
from sessionzero.link.files.units import CallSite, Func, Spot, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.macro_uses import Use, uses_of

_CALLED_BY_OTHERS = ("message-box", "dialog")


class Site(Struct, frozen=True):
    """A call of a catalogued function, where a reader sees it.

    If the call stands in the body of a macro, ``spot`` is the use of the macro, ``inside`` the
    call in its body and ``frame`` what the macro's parameters stand for; ``entry``: a list runs the
    macro on that one, and is used at ``spot``. ``outer`` is the call that is seen there (the inner
    one where a list is included). ``handed``: the function is not called but handed over in the
    call, at ``spot``.
    """

    call: CallSite
    api: Api
    spot: Spot
    branch: int
    outer: CallSite
    inside: Spot | None = None
    frame: Frame | None = None
    entry: CallSite | None = None
    handed: bool = False

    def __hash__(self) -> int:
        # A frame can't be hashed: it holds a dict.
        return hash((self.call, self.spot, self.handed))

    @property
    def func(self) -> Func:
        return Func(self.spot.unit, self.spot.function)

    @property
    def included(self) -> bool:
        """Whether ``spot`` is the line that includes a list."""
        return self.entry is not None and self.outer == self.call


def sites_of(index: ProgramIndex, catalog: Catalog, callees: Callees) -> dict[str, list[Site]]:
    """Role → the calls of all functions that have it."""
    found: dict[str, list[Site]] = defaultdict(list)
    for site in (*_called(index, catalog, callees), *_handed_over(index, catalog)):
        found[site.api.role].append(site)
    return found


def _called(index: ProgramIndex, catalog: Catalog, callees: Callees) -> Iterator[Site]:
    known = catalog.names
    for name, calls in index.calls_named.items():
        if "#" in name:
            for call in calls:
                yield from _pasted(index, catalog, callees, call, name)
        elif not name or name in known or callees.cpp.stand_ins.has(name):
            for call in calls:
                yield from _seen(index, callees, call)


def _seen(index: ProgramIndex, callees: Callees, site: CallSite) -> Iterator[Site]:
    api = callees.of(site).api
    if api is None:
        return
    call = index.call(site)
    func = Func(site.unit, call.function)
    spot = Spot(site.unit, call.function, call.start, call.end)
    if index.function(func).kind == "macro":
        for use in uses_of(index, callees, func):
            yield _at_use(use, site, api, spot)
    else:
        yield Site(site, api, spot, call.branch, site)


def _pasted(
    index: ProgramIndex, catalog: Catalog, callees: Callees, site: CallSite, name: str
) -> Iterator[Site]:
    """``Create##kind##W(…)`` in a macro, at each use that makes the name of a function of
    Windows of it."""
    call = index.call(site)
    spot = Spot(site.unit, call.function, call.start, call.end)
    for use in uses_of(index, callees, Func(site.unit, call.function)):
        api = catalog.function(pasted(name, words_of(use.frame.arguments)))
        if api is not None:
            yield _at_use(use, site, api, spot)


def _at_use(use: Use, site: CallSite, api: Api, inside: Spot) -> Site:
    """A call in the body of a macro, where the macro is used."""
    outer = use.call or site
    return Site(site, api, use.spot, use.branch, outer, inside, use.frame, use.entry)


def _handed_over(index: ProgramIndex, catalog: Catalog) -> Iterator[Site]:
    """Functions of Windows that a call hands over to be called (``Init(&state, MessageBoxA)``),
    as if they were called there; only those that are wrong whatever their arguments."""
    names = {
        api.name: api
        for role in _CALLED_BY_OTHERS
        for api in catalog.with_role(role)
        if api.language == "c" and api.form == "function"
    }
    for site in dict.fromkeys(index.passed(names.keys())):
        unit, call = index.unit(site), index.call(site)
        for place, handed in enumerate(call.arguments):
            value = handed.value
            if type(value) is not Name or value.name not in names:
                continue
            local = value.name in unit.types_of.get(call.function, {})
            if not local and not _is_word(call, place, index):
                spot = Spot(unit.index, call.function, value.start, value.end)
                yield Site(site, names[value.name], spot, call.branch, site, handed=True)


def _is_word(call: Call, place: int, index: ProgramIndex) -> bool:
    """Whether a call is one of a macro that makes names and texts of the argument at that place,
    as ``FN(MessageBox)`` and ``LOAD(MessageBoxW)``, and does nothing else with it."""
    name = call.callee.name if isinstance(call.callee, Name) else ""
    given = [
        (macro.parameters[place], _names_in(index.units[number], macro))
        for number, macro in index.macros.get(name, ())
        if macro.parameters is not None and place < len(macro.parameters)
    ]
    return bool(given) and not any(parameter in names for parameter, names in given)


def _names_in(unit: Unit, macro: Macro) -> set[str]:
    """The names in the body of a macro, but for those that are pasted or made texts of."""
    exprs = [macro.body]
    for i in unit.calls_of.get(macro.function, ()) if macro.function > 0 else ():
        call = unit.facts.calls[i]
        exprs += [call.callee, *(argument.value for argument in call.arguments)]
    for i in unit.bindings_of.get(macro.function, ()) if macro.function > 0 else ():
        exprs.append(unit.facts.bindings[i].value)
    return {part.name for expr in exprs for part in walk(expr) if isinstance(part, Name)}
