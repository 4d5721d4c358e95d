"""The windows that a program makes: window classes and titles, and which side has them.

Names of windows and classes are compared in lower case, as ``FindWindow`` does (winuser.h: it
"does not perform a case-sensitive search"; class names are atoms, which have no case).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.facts import Binding, Expr, Sequence
from sessionzero.knowledge.catalog import Api, position
from sessionzero.link.files.expressions import item_named
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import Func, Spot
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Value
from sessionzero.program import Program


class Made(Struct, frozen=True):
    """A place that registers a window class or creates a window. ``title`` is empty for a class."""

    spot: Spot
    classes: frozenset[str]
    titles: frozenset[str]

    @property
    def func(self) -> Func:
        return Func(self.spot.unit, self.spot.function)


def windows_made(program: Program) -> tuple[Made, ...]:
    """All places that make windows or window classes with known names."""
    created = (_created(program, site) for site in program.sites("window-create"))
    made = (*created, *_registered(program))
    return tuple(item for item in made if item.classes or item.titles)


def service_alone_runs(program: Program, func: Func) -> bool:
    """True if a service runs the function, and no program that a user starts does."""
    context = program.context
    return context.runs_as_service(func) and not context.also_by_hand(func)


def names_of(value: Value) -> frozenset[str]:
    """The whole texts that a value can be, in lower case."""
    return frozenset(k.text.casefold() for k in value.texts if k.exact and k.text)


def _created(program: Program, site: Site) -> Made:
    classes = names_of(program.value(site, "class_name"))
    return Made(site.spot, classes, names_of(program.value(site, "title")))


def _registered(program: Program) -> Iterator[Made]:
    """The class names that are written into a WNDCLASS, field by field or as a list."""
    index = program.index
    structures = [a for a in program.catalog.with_role("structure") if a.kind == "window-class"]
    named = {write for api in structures for write in index.writes.get(_field(api), ())}
    listed = {write: api for api in structures for write in index.typed.get(api.name, ())}
    for write in sorted({*named, *listed}):
        unit, binding = index.unit(write), index.binding(write)
        expr = binding.value if write in named else _item(binding, listed[write])
        if expr is not None:
            at = Scope(unit, binding.function, binding.branch, binding.start)
            spot = Spot(unit.index, binding.function, expr.start, expr.end)
            yield Made(spot, names_of(program.values.fold(expr, at)), frozenset())


def _field(structure: Api) -> str:
    """What a structure calls its class name, in C and in pywin32."""
    return next(p.keyword for p in structure.parameters if p.role == "class_name")


def _item(binding: Binding, structure: Api) -> Expr | None:
    """The class name in an initialiser list."""
    if not isinstance(binding.value, Sequence):
        return None
    items, number = binding.value.items, position(structure, "class_name")
    if number is not None and number < len(items) and not any(item.name for item in items):
        return items[number].value
    return item_named(items, _field(structure))
