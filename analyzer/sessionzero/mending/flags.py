"""How a flag is taken out of a value, where the value was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from sessionzero.facts import (
    Binding,
    Call,
    Choice,
    Expr,
    Macro,
    Member,
    Name,
    Null,
    Number,
    Operation,
    Result,
)
from sessionzero.findings import Change, Holder, Mend, Place
from sessionzero.link.files.expressions import last_name, walk
from sessionzero.link.files.units import CallSite, Unit
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.mending.expressions import (
    Definition,
    Written,
    definitions,
    holder,
    place_of,
    returned,
    written_at,
)
from sessionzero.program import Program


class Said(Struct, frozen=True):
    """An expression and the function that it stands in."""

    unit: Unit
    function: int
    expr: Expr


_ADDING = ("|", "+")
_NAMES = 3  # constants of constants that are followed


def without_bits(
    program: Program, known: Known, bits: int, title: str, own: Said, said: Sequence[Said]
) -> tuple[Mend, ...]:
    """The mend that takes ``bits`` out of a value where they were written; none if nothing would be
    left, or if the expression isn't understood. ``own`` is the expression that has them, ``said``
    are all that such a value is wanted for: a constant may stand there and nowhere else."""
    unit = program.index.units[known.origin.unit]
    written = written_at(unit, known.origin.start, known.origin.end)
    if not title or written is None:
        return ()
    value = _bits_of(program, written.chain[-1])
    unit, written = (
        _where_it_is_used(program, own, unit, written) if value == bits else (unit, written)
    )
    change = _taken_out(program, unit, written, value, bits, only=known.number == bits)
    if change is None:
        return ()
    held = holders(program, unit, written, (own, *said))
    safe = held is not None and not (change.kind == "statement" and _is_alone(unit, change.place))
    return (Mend(title, (change,), safe=safe, holders=tuple(held or ())),)


def _is_alone(unit: Unit, place: Place) -> bool:
    """Whether a statement is all that happens under a condition, which would then be for nothing:
    a person should see what else was meant."""
    facts = unit.facts
    branch = next(b.branch for b in facts.bindings if (b.start, b.end) == (place.start, place.end))
    if branch < 0:
        return False
    around = facts.branches[branch]
    others = (*facts.calls, *facts.bindings, *(item.value for item in facts.returns))
    return not any(
        around.start <= it.start and it.end <= around.end and it.start != place.start
        for it in others
    )


def said_by(program: Program, sites: Iterable[Site], role: str) -> tuple[Said, ...]:
    """What calls pass for the parameter with a role."""
    return tuple(
        Said(program.index.unit(site.call), program.index.call(site.call).function, expr)
        for site in sites
        if (expr := program.argument(site, role)) is not None
    )


def _where_it_is_used(
    program: Program, own: Said, unit: Unit, written: Written
) -> tuple[Unit, Written]:
    """A constant that is nothing but the flag stays: the place is the one that uses it."""
    parent = written.parent
    if len(written.chain) > 1 or not isinstance(parent, Binding | Macro):
        return unit, written
    source = Place(unit.path, parent.start, parent.end)
    for it in _named(program, [own]):
        if [one.place for one in it.definitions] == [source]:
            place = it.uses[0]
            at = program.index.by_path[place.path]
            used = written_at(at, place.start, place.end)
            outer = used.parent if used is not None else None
            added = isinstance(outer, Binding) and outer.operator == "|="
            if used is not None and (len(used.chain) > 1 or added):
                return at, used
    return unit, written


def _taken_out(
    program: Program, unit: Unit, written: Written, value: int, bits: int, *, only: bool
) -> Change | None:
    """The change that leaves the rest of an expression; None if there is no rest."""
    chain = written.chain
    node = chain[-1]
    if not value & bits:
        return None
    if value & ~bits:
        where = place_of(program, unit, node)
        return Change("clear", where, number=bits) if isinstance(node, Number) else None
    for parent in reversed(chain[:-1]):
        place = place_of(program, unit, parent)
        match parent:
            case Operation(operator, (left, right)) if operator in _ADDING:
                rest = left if node is right else right
                same = _same_choice(chain, parent, rest)
                if same is not None:
                    choice, other = same
                    kept = place_of(program, unit, other)
                    return Change("keep", place_of(program, unit, choice), kept=kept)
                return Change("keep", place, old=operator, kept=place_of(program, unit, rest))
            case Choice(condition, yes, no) if _is_nothing(yes if node is no else no):
                if node is condition or not _is_plain(condition):
                    return None
                node = parent
            case _:
                return None
    return _whole(program, unit, written, node, only=only)


def _whole(
    program: Program, unit: Unit, written: Written, node: Expr, *, only: bool
) -> Change | None:
    """The change where the flag is all that an expression says."""
    parent = written.parent
    if isinstance(parent, Binding) and parent.operator == "|=":
        return Change("statement", Place(unit.path, parent.start, parent.end))
    if isinstance(parent, Binding) and parent.operator not in ("=", ":", "enum"):
        return None
    if only or isinstance(parent, Call):
        return None
    return Change("replace", place_of(program, unit, node), "0")


def _bits_of(program: Program, expr: Expr) -> int:
    match expr:
        case Number(value):
            return value
        case Name() | Member():
            return program.catalog.constants.get(last_name(expr), 0)
        case _:
            return 0


def _is_nothing(expr: Expr) -> bool:
    return isinstance(expr, Null) or (isinstance(expr, Number) and expr.value == 0)


def _is_plain(condition: Expr) -> bool:
    """Whether nobody misses the condition: it asks, and does nothing."""
    return all(
        isinstance(part, Name | Member | Number | Null | Operation) for part in walk(condition)
    )


def _same_choice(chain: Sequence[Expr], parent: Expr, rest: Expr) -> tuple[Choice, Expr] | None:
    """``gui ? OWN | FLAG : OWN`` leaves no choice: that choice, and what it is either way."""
    at = next(i for i, expr in enumerate(chain) if expr is parent)
    outer = chain[at - 1] if at else None
    if isinstance(outer, Choice) and parent is not outer.condition and _is_plain(outer.condition):
        other = outer.no if parent is outer.yes else outer.yes
        if _said(other) == _said(rest) != "":
            return outer, other
    return None


def _said(expr: Expr) -> str:
    match expr:
        case Number(value):
            return str(value)
        case Name() | Member():
            return last_name(expr)
        case _:
            return ""


# --- what else has the value ---


def holders(
    program: Program, unit: Unit, written: Written, said: Sequence[Said]
) -> list[Holder] | None:
    """The names through which a value comes to where it is wanted; none if it is written there;
    None if the way isn't known."""
    part = written.chain[-1]
    for it in said:
        if it.unit is unit and it.expr.start <= part.start and part.end <= it.expr.end:
            return []
    outer = written.parent or written.chain[0]
    source = Place(unit.path, outer.start, outer.end)
    named = _named(program, said)
    way = _way(named, source)
    return (
        None if way is None else [holder(program, it.name, it.uses, it.definitions) for it in way]
    )


class _Named(Struct):
    """A name on the way to where a value is wanted, and where it stands there."""

    name: str
    definitions: list[Definition]
    uses: list[Place]


def _named(program: Program, said: Sequence[Said]) -> list[_Named]:
    """The names that stand in expressions, and in what defines those."""
    found: dict[tuple[str, Place], _Named] = {}
    pending = list(said)
    for _ in range(_NAMES):
        wanted, pending = pending, []
        for it, part in ((one, part) for one in wanted for part in walk(one.expr)):
            name = last_name(part) if isinstance(part, Name | Member) else _called(part, it.unit)
            defined = _definitions(program, name, part, it)
            if defined:
                key = (name, defined[0].place)
                if key not in found:
                    found[key] = _Named(name, defined, [])
                    pending += [Said(one.unit, one.function, one.value) for one in defined]
                found[key].uses.append(place_of(program, it.unit, part))
    return list(found.values())


def _called(expr: Expr, unit: Unit) -> str:
    return last_name(unit.facts.calls[expr.call].callee) if isinstance(expr, Result) else ""


def _definitions(program: Program, name: str, part: Expr, at: Said) -> list[Definition]:
    """What gives a name its value; of a function that is called, all that it gives back."""
    if not name:
        return []
    if isinstance(part, Result):
        return returned(program, CallSite(at.unit.index, part.call))
    return definitions(program, name, at.unit, at.function)


def _way(named: list[_Named], source: Place) -> list[_Named] | None:
    """The names from the one that is defined at ``source`` to where the value is wanted."""
    way = [it for it in named if any(_within(source, one.place) for one in it.definitions)]
    for it in way:
        way += [
            other
            for other in named
            if other not in way
            and any(_within(use, one.place) for use in it.uses for one in other.definitions)
        ]
    return way or None


def _within(inner: Place, outer: Place) -> bool:
    same = inner.path == outer.path
    return same and outer.start <= inner.start and inner.end <= outer.end
