"""Where the objects go that a function makes for a while: at the end of a block of C++, or of a
``with`` of Python, and what runs there."""

from __future__ import annotations

from msgspec import Struct

from sessionzero.facts import Member, Result
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import CallSite, Func, Unit
from sessionzero.link.names.callees import Callees


class End(Struct, frozen=True):
    """The end of an object: where it is, and the functions that run there."""

    position: int
    functions: tuple[Func, ...]


def end_of_object(index: ProgramIndex, callees: Callees, site: CallSite) -> End | None:
    """The end of the object that a call makes, if that is in the function."""
    unit = index.unit(site)
    return _end_of_with(unit, site) if unit.is_python else _end_of_block(index, callees, site)


def _end_of_block(index: ProgramIndex, callees: Callees, site: CallSite) -> End | None:
    """``{ Impersonation as(token); … }``: the destructor runs at the end of the block."""
    unit, made = index.unit(site), callees.of(site).constructs
    if made is None:
        return None
    bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(index.call(site).function, ()))
    kept = {b.start for b in bindings if b.value == _result_of(unit, site)}
    for item in unit.facts.declarations:
        if item.start in kept and item.until and not (item.static or item.refers):
            return End(item.until, callees.own_methods(made, f"~{index.klass(made).name}"))
    return None


def _result_of(unit: Unit, site: CallSite) -> Result:
    call = unit.facts.calls[site.index]
    return Result(site.index, call.start, call.end)


def _end_of_with(unit: Unit, site: CallSite) -> End | None:
    """``with as_user(token):``, where the function is a generator that goes on at the end."""
    for i in unit.calls_of.get(unit.facts.calls[site.index].function, ()):
        call = unit.facts.calls[i]
        match call.callee:
            case Member(Result(number), "__exit__" | "__aexit__") if number == site.index:
                return End(call.start, ())
    return None
