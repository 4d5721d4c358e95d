"""Variables that hold functions: the writes that make them so, and who can see the variable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable

from sessionzero.facts import Binding, Expr, Lambda, Name, Operation, Result
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Func, Unit, Write

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


def starts_what_calls(index: ProgramIndex, keeper: Func, pointer: str) -> bool:
    """Whether a function that keeps a function in a pointer names, as the start of a thread or a
    callback, one that calls what is in it."""
    calling = {
        index.function(Func(site.unit, index.call(site).function)).name
        for site in index.calls_named.get(pointer, ())
    }
    mentions = index.unit(keeper).mentions(keeper.index)
    return any(
        isinstance(part, Name) and part.name.rpartition("::")[2] in calling
        for _, parts in (*mentions.calls, *mentions.bindings)
        for part in parts
    )


def declared_in(index: ProgramIndex, names: Container[str]) -> dict[str, list[int]]:
    """Name → the units of C and C++ that declare a variable of that name outside functions."""
    found: dict[str, list[int]] = defaultdict(list)
    for unit in index.units:
        for item in () if unit.is_python else unit.facts.declarations:
            if item.function == 0 and item.name in names:
                found[item.name].append(unit.index)
    return dict(found)


def in_sight(
    index: ProgramIndex,
    writes: Iterable[Write],
    name: str,
    seen: Container[int],
    declared: Iterable[int],
) -> list[Write]:
    """Of the writes to a variable those in the units that a file sees; if there are none, but one
    of the units in which it is ``declared`` (``extern Start start;``), those in other files."""
    found = list(writes)
    near = [write for write in found if write.unit in seen]
    if near or not any(unit in seen for unit in declared):
        return near
    return [write for write in found if _is_shared(index, write, name)]


def _is_shared(index: ProgramIndex, write: Write, name: str) -> bool:
    """Whether a write in C or C++ is one to a variable that other files can see."""
    unit, binding = index.unit(write), index.binding(write)
    inner = (unit.types_of.get(i, ()) for i in unit.outer_functions(binding.function) if i)
    hidden = any(item.static and item.name == name for item in unit.facts.declarations)
    return isinstance(binding.target, Name) and not hidden and not any(name in it for it in inner)
