"""Variables that hold functions, by the writes that make them so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sessionzero.facts import Binding, Expr, Lambda, Name, Operation, Result
from sessionzero.link.expressions import last_name
from sessionzero.link.index import ProgramIndex
from sessionzero.link.units import Unit, Write

_CAN_BE = (Lambda, Name, Operation, Result)


def function_writes(
    index: ProgramIndex, windows: Collection[str], lookups: Collection[str]
) -> dict[str, list[Write]]:
    """Name → the writes to it in C and C++ that can make it a function: a function's name (of the
    project or of Windows), a lambda, a parameter, or what a look-up by name gave back. Nearly all
    writes are something else."""
    found: dict[str, list[Write]] = defaultdict(list)
    for unit in index.units:
        for i, binding in enumerate(() if unit.is_python else unit.facts.bindings):
            if type(binding.value) not in _CAN_BE:
                continue
            if _names_function(binding.value, unit, index, windows, lookups) or _hands_on(
                binding, unit, index
            ):
                found[last_name(binding.target)].append(Write(unit.index, i))
    return dict(found)


def _names_function(
    value: Expr,
    unit: Unit,
    index: ProgramIndex,
    windows: Collection[str],
    lookups: Collection[str],
) -> bool:
    if isinstance(value, Name):  # as most are
        simple = value.name.rpartition("::")[2]
        return simple in index.definitions or simple in windows
    match value:
        case Lambda():
            return True
        case Operation("&" | "*", (inner,)):
            return _names_function(inner, unit, index, windows, lookups)
        case Result(number):
            return last_name(unit.facts.calls[number].callee) in lookups
        case _:
            return False


def _hands_on(binding: Binding, unit: Unit, index: ProgramIndex) -> bool:
    """Whether a parameter is kept in a variable that is called somewhere."""
    value = binding.value
    return (
        isinstance(value, Name)
        and binding.function > 0
        and last_name(binding.target) in index.calls_named
        and any(p.name == value.name for p in unit.facts.functions[binding.function].parameters)
    )
