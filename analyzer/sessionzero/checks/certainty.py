"""Which of a value's alternatives are certain to reach a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sessionzero.facts import Member, Name, Operation
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known, Value
from sessionzero.program import Program
from sessionzero.uses.sides import call_around

Test = Callable[[Known], bool]


def certain(program: Program, value: Value, wrong: Test) -> Iterator[Known]:
    """The alternatives that are wrong, where nothing else can be meant: the value has no others, or
    a caller of a wrapper passes nothing else. Of those that one caller passes, one."""
    settled = every(value, wrong)
    seen = set()
    for known in value.known:
        way = known.passed[:1]
        if wrong(known) and way not in seen and (settled or _passes_only(program, known, wrong)):
            seen.add(way)
            yield known


def _passes_only(program: Program, known: Known, wrong: Test) -> bool:
    """``Notify(WTS_CURRENT_SESSION)``: all that the outermost caller passes is wrong."""
    if not known.passed:
        return False
    spot = known.passed[0]
    call = call_around(program, spot)
    if call is None:
        return spot == known.origin
    return any(
        (argument.value.start, argument.value.end) == (spot.start, spot.end)
        and every(program.values.argument(call, argument.value), wrong)
        for argument in program.index.call(call).arguments
    )


def every(value: Value, test: Test) -> bool:
    """Whether all that the value can be is known, and passes the test."""
    return bool(value.known) and not value.open and all(test(known) for known in value.known)


def is_number(known: Known) -> bool:
    """Whether an alternative is a number of which all bits are known; NULL and None are zero."""
    return known.kind == "null" or (known.kind == "number" and known.exact)


def filled_by_address(program: Program, site: Site, role: str) -> bool:
    """Whether an argument is a field or variable of which some call of the program gets the address
    (``GetSession(&state->session)``): what is assigned to it is then not all that it can be."""
    expr = program.argument(site, role)
    unit, call = program.index.unit(site.call), program.index.call(site.call)
    if not isinstance(expr, Name | Member) or unit.is_python:
        return False
    if isinstance(expr, Name) and expr.name in unit.types_of.get(call.function, {}):
        return False  # a local variable: its value is known from call to call
    name = last_name(expr)
    return any(
        isinstance(argument.value, Operation)
        and argument.value.operator == "&"
        and last_name(argument.value) == name
        for other in program.index.units
        for inner in other.facts.calls
        for argument in inner.arguments
    )


def is_counter(program: Program, site: Site, role: str) -> bool:
    """Whether an argument is a variable that the function counts up or down: in a loop its first
    number is one of many."""
    expr = program.argument(site, role)
    path = path_of(expr) if expr is not None else ""
    unit = program.index.unit(site.call)
    bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(site.func.index, ()))
    return bool(path) and any(
        binding.operator in ("+=", "-=") and path_of(binding.target) == path for binding in bindings
    )
