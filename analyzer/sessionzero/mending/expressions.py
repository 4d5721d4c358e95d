"""The expression that a place stands in, and the definitions of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from sessionzero.facts import Binding, Call, Expr, Macro
from sessionzero.findings import Holder, Place
from sessionzero.link.files.expressions import children, last_name
from sessionzero.link.files.units import CallSite, Func, Spot, Unit
from sessionzero.program import Program


class Written(Struct, frozen=True):
    """A whole expression of a file and the way down to a part of it: ``chain`` begins with the
    whole and ends with the part. ``parent`` is what the whole is the value, the body or an argument
    of; None for what a function returns, and for conditions."""

    chain: tuple[Expr, ...]
    parent: Binding | Macro | Call | None


class Definition(Struct, frozen=True):
    """Where a name gets a value: the unit and function of ``value``, and the whole ``place``. For
    the ``operator`` see :class:`sessionzero.facts.Binding`."""

    unit: Unit
    function: int
    value: Expr
    place: Place
    scope: Place | None
    operator: str = "="


def written_at(unit: Unit, start: int, end: int) -> Written | None:
    """The smallest whole expression that has a part at exactly that place."""
    around = [
        (expr.end - expr.start, number, expr, parent)
        for number, (expr, parent) in enumerate(_wholes(unit))
        if expr.start <= start and end <= expr.end
    ]
    for _, _, expr, parent in sorted(around, key=lambda it: it[:2]):
        chain = _chain(expr, start, end)
        if chain:
            return Written(chain, parent)
    return None


def _wholes(unit: Unit) -> Iterator[tuple[Expr, Binding | Macro | Call | None]]:
    facts = unit.facts
    for call in facts.calls:
        for argument in call.arguments:
            yield argument.value, call
    for binding in facts.bindings:
        yield binding.value, binding
    for macro in facts.macros:
        yield macro.body, macro
    for item in facts.returns:
        yield item.value, None
    for branch in facts.branches:
        yield branch.condition, None


def _chain(expr: Expr, start: int, end: int) -> tuple[Expr, ...]:
    """The way from an expression to the part at that place; empty if there is none."""
    if (expr.start, expr.end) == (start, end):
        return (expr,)
    for child in children(expr):
        if child.start <= start and end <= child.end:
            below = _chain(child, start, end)
            if below:
                return (expr, *below)
    return ()


def definitions(program: Program, name: str, unit: Unit, function: int) -> list[Definition]:
    """All that gives a name a value as a function sees it: the writes to a local variable; else the
    macros, constants and fields of that name in the same file, or in the whole program."""
    for outer in unit.outer_functions(function):
        local = [
            binding
            for i in (unit.bindings_of.get(outer, ()) if outer else ())
            if last_name((binding := unit.facts.bindings[i]).target) == name
        ]
        if local:
            described = unit.facts.functions[outer]
            scope = Place(unit.path, described.start, described.end)
            return [_of_binding(unit, binding, scope) for binding in local]
        if outer and name in unit.types_of.get(outer, {}):
            return []  # a parameter, or a variable that a call fills
    everywhere = [
        *(_of_macro(program.index.units[i], m) for i, m in program.index.macros.get(name, ())),
        *(
            _of_binding(program.index.unit(write), program.index.binding(write), None)
            for write in program.index.writes.get(name, ())
        ),
    ]
    return [it for it in everywhere if it.unit is unit] or everywhere


def returned(program: Program, site: CallSite) -> list[Definition]:
    """All that the functions give back that a call may mean; a function is their ``place``."""
    found = []
    for func in program.callees.of(site).functions:
        unit = program.index.unit(func)
        place = around(program, func)
        for i in unit.returns_of.get(func.index, ()):
            value = unit.facts.returns[i].value
            found.append(Definition(unit, func.index, value, place, None))
    return found


def _of_binding(unit: Unit, binding: Binding, scope: Place | None) -> Definition:
    place = Place(unit.path, binding.start, binding.end)
    return Definition(unit, binding.function, binding.value, place, scope, binding.operator)


def _of_macro(unit: Unit, macro: Macro) -> Definition:
    place = Place(unit.path, macro.start, macro.end)
    return Definition(unit, max(macro.function, 0), macro.body, place, None)


def holder(
    program: Program, name: str, uses: Iterable[Place], defined: Sequence[Definition]
) -> Holder:
    """The holder of a value that is used at those places; it may be declared and imported too."""
    places = (*uses, *(it.place for it in defined), *_announced(program, name))
    return Holder(name, tuple(dict.fromkeys(places)), defined[0].place, defined[0].scope)


def _announced(program: Program, name: str) -> Iterator[Place]:
    """The declarations and imports of a name, which say nothing of its value."""
    index = program.index
    prototypes = [(func.unit, index.function(func)) for func in index.prototypes.get(name, ())]
    for number, said in (*prototypes, *index.announced(name)):
        yield Place(index.units[number].path, said.start, said.end)


def place_of(program: Program, unit: Unit, expr: Expr) -> Place:
    """The place of an expression."""
    return program.place(Spot(unit.index, 0, expr.start, expr.end))


def around(program: Program, func: Func) -> Place:
    """The whole of a function."""
    described = program.index.function(func)
    return Place(program.index.unit(func).path, described.start, described.end)
