"""Objects of C++ that hold what Windows gives: ``wil::unique_hlocal``, ``std::unique_ptr``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.facts import Expr, Member, Result
from sessionzero.link.files.expressions import NAMED, last_name, path_of
from sessionzero.link.files.units import Unit

# What a holder keeps, and where: of the C++ library, WIL, WRL and ATL.
_METHODS = frozenset(
    (
        *("get", "Get", "put", "Put", "addressof", "GetAddressOf", "ReleaseAndGetAddressOf"),
        *("release", "Detach", "detach"),
    )
)
_TAKING = frozenset(("reset", "Reset", "attach", "Attach"))
_OUT = re.compile(r"(?i)(?:in)?out_?(?:ptr|param)")  # `wil::out_param(sd)`, `std::out_ptr(sd)`


def held(expr: Expr, unit: Unit) -> Expr:
    """The holder, for what it keeps or the place where it does (``sd.get()``, ``sd.put()``,
    ``std::out_ptr(sd)``); any other expression as it is."""
    while isinstance(expr, Result):
        call = unit.facts.calls[expr.call]
        if isinstance(call.callee, Member) and call.callee.name in _METHODS and not call.arguments:
            expr = call.callee.object
        elif len(call.arguments) == 1 and _OUT.fullmatch(_simple(call.callee)):
            expr = call.arguments[0].value
        else:
            break
    return expr


def _simple(callee: Expr) -> str:
    return last_name(callee).partition("<")[0] if isinstance(callee, NAMED) else ""


def put_in(unit: Unit, function: int, holder: str) -> Iterator[Expr]:
    """What a function puts into the holder of that path: when it is made, or later."""
    calls = unit.facts.calls
    for i in unit.bindings_of.get(function, ()):
        binding = unit.facts.bindings[i]
        if path_of(binding.target) != holder:
            continue
        value = binding.value
        made = calls[value.call] if isinstance(value, Result) else None
        if made is not None and made.kind == "construct" and made.arguments:
            value = made.arguments[0].value
        yield held(value, unit)
    for i in unit.calls_of.get(function, ()):
        callee = calls[i].callee
        if not isinstance(callee, Member) or callee.name not in _TAKING:
            continue
        if calls[i].arguments and path_of(callee.object) == holder:
            yield held(calls[i].arguments[0].value, unit)
