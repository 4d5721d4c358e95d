"""How the name of an object is changed, at each place that says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from sessionzero.facts import Call, Choice, Expr, Join, Member, Name, Operation, Result, Text
from sessionzero.findings import Change, ChangeKind, Holder, Mend, Place
from sessionzero.knowledge.catalog import arguments_for
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.units import CallSite, Func, Unit
from sessionzero.link.values.formatting import filler, target
from sessionzero.mending.expressions import (
    Definition,
    around,
    definitions,
    holder,
    place_of,
    written_at,
)
from sessionzero.program import Program
from sessionzero.uses.objects import ObjectUse

_DEPTH = 6
_METHODS = frozenset(("format", "encode"))  # of a Python text, that keep its beginning


class Renaming(Struct, frozen=True):
    """A use of an object and its new name: what ``old`` was at the beginning becomes ``new``; where
    ``old`` is empty, ``new`` comes before all."""

    use: ObjectUse
    old: str
    new: str


class _Way:
    """The way from an argument to the literal that says it, and the names on it."""

    def __init__(self, program: Program, renaming: Renaming) -> None:
        self.program = program
        self.origin = renaming.use.known.origin
        self.before = not renaming.old  # a literal of its own will do
        self.names: list[tuple[str, Place, list[Definition]]] = []
        self.sure = True

    def literals(
        self, unit: Unit, function: int, expr: Expr, depth: int = _DEPTH
    ) -> Iterator[tuple[Text | None, Place]]:
        """The literals that a text is put together of, in order; None for another part."""
        if depth <= 0:
            return
        match expr:
            case Text():
                yield expr, place_of(self.program, unit, expr)
            case Join(parts) | Operation("+", parts):
                for part in parts:
                    yield from self.literals(unit, function, part, depth - 1)
            case Result(call) if (inner := self._kept(unit, call)) is not None:
                yield from self.literals(unit, function, inner, depth - 1)
            case Name() | Member():
                one = self._definition(unit, function, expr)
                if one is not None:
                    yield from self.literals(one.unit, one.function, one.value, depth - 1)
            case _:
                yield None, place_of(self.program, unit, expr)

    def literal(self, unit: Unit, function: int, expr: Expr, depth: int = _DEPTH) -> Change | None:
        """Where the literal stands, as a change that says nothing yet; None if the way is lost."""
        if depth <= 0:
            return None
        match expr:
            case Text():  # another one was there before a function wrote to the string
                return self._at(unit, expr) if self._is_in(unit, expr.start, expr.end) else None
            case Join((first, *_)) if isinstance(first, Text) or not self.before:
                return self.literal(unit, function, first, depth - 1)
            case Join():
                return self._at(unit, expr)
            case Operation("+", _):
                return self._sum(unit, function, expr, depth - 1)
            case Operation("%", (left, _)) if unit.is_python:
                return self.literal(unit, function, left, depth - 1)
            case Choice(_, yes, no):
                sides = [side for side in (yes, no) if self._is_in(unit, side.start, side.end)]
                return self.literal(unit, function, sides[0], depth - 1) if sides else None
            case Result(call):
                inner = self._kept(unit, call)
                return None if inner is None else self.literal(unit, function, inner, depth - 1)
            case Name() | Member():
                return self._named(unit, function, expr, depth - 1)
            case _:
                return None

    def _at(self, unit: Unit, expr: Expr, operator: str = "") -> Change:
        return Change("prefix", place_of(self.program, unit, expr), old=operator)

    def _is_in(self, unit: Unit, start: int, end: int) -> bool:
        origin = self.origin
        return origin.unit == unit.index and start <= origin.start and origin.end <= end

    def _sum(self, unit: Unit, function: int, expr: Operation, depth: int) -> Change | None:
        operands = list(_operands(expr))
        first = operands[0]
        if isinstance(first, Text | Join | Result) or not self.before:
            return self.literal(unit, function, first, depth)
        # In C++ one of two operands is a string object, so the other may be a literal.
        if unit.is_python or isinstance(operands[1], Text):
            return self._at(unit, expr, "+")
        return None

    def _kept(self, unit: Unit, number: int) -> Expr | None:
        """What a call hands on as it is, or as the beginning of what it makes."""
        call = unit.facts.calls[number]
        if isinstance(call.callee, Member) and call.callee.name in _METHODS and unit.is_python:
            return call.callee.object
        api = self.program.callees.of(CallSite(unit.index, number)).api
        if api is None and isinstance(call.callee, Member):
            methods = self.program.catalog.methods(call.callee.name)
            api = next((method for method in methods if method.role == "text"), None)
        if api is None or api.role != "text" or api.kind not in ("identity", "format"):
            return None
        role = "source" if api.kind == "identity" else "format"
        given = next(arguments_for(api, call.arguments, role), None)
        return call.callee.object if given is None and isinstance(call.callee, Member) else given

    def _named(self, unit: Unit, function: int, expr: Name | Member, depth: int) -> Change | None:
        one = self._definition(unit, function, expr)
        if one is None:
            return self._filled(unit, function, expr, depth)
        return self.literal(one.unit, one.function, one.value, depth)

    def _definition(self, unit: Unit, function: int, expr: Name | Member) -> Definition | None:
        """The one that gives a name its beginning; of several, the one that the text is from."""
        name = last_name(expr)
        defined = definitions(self.program, name, unit, function)
        first = [it for it in defined if it.operator in ("=", ":", "enum")]
        if len(first) > 1:
            self.sure = False  # the others may count in another build, or on another way
            first = [it for it in first if self._is_in(it.unit, it.place.start, it.place.end)]
        if len(first) != 1:
            return None
        self.names.append((name, place_of(self.program, unit, expr), defined))
        return first[0]

    def _filled(self, unit: Unit, function: int, expr: Name | Member, depth: int) -> Change | None:
        """A variable that one call fills: ``swprintf(name, L"Agent%d", id)``. Of a buffer it isn't
        known whether a longer name has room."""
        filling: list[tuple[Call, Expr]] = []
        for number in unit.calls_of.get(function, ()):
            call = unit.facts.calls[number]
            api = filler(self.program.catalog, call)
            written = target(api, call) if api is not None else None
            if api is not None and written is not None and last_name(written) == last_name(expr):
                role = "format" if api.kind == "format-into" else "source"
                site = CallSite(unit.index, number)
                texts = (
                    given
                    for given in arguments_for(api, call.arguments, role)
                    if self.program.values.argument(site, given).texts
                )
                filling += [(call, given) for given in islice(texts, 1)]
        if len(filling) != 1:
            return None
        call, given = filling[0]
        self.sure &= isinstance(call.callee, Member)
        return self.literal(unit, function, given, depth)


def _operands(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, Operation) and expr.operator == "+" and len(expr.operands) == 2:
        yield from _operands(expr.operands[0])
        yield expr.operands[1]
    else:
        yield expr


def renamed(
    program: Program, title: str, renamings: Sequence[Renaming], *, safe: bool
) -> tuple[Mend, ...]:
    """The mend that gives all those uses their new names; none if one of them can't get it."""
    changes: list[Change] = []
    ways: list[_Way] = []
    for renaming in renamings if title else ():
        way = _Way(program, renaming)
        found = _letter_by_letter(way, renaming) or _at_the_beginning(way, renaming)
        if not found:
            return ()
        ways.append(way)
        changes += found
    if not changes:
        return ()
    sure = safe and all(way.sure for way in ways)
    holders = (*_holders(program, ways), *_parameters(program, renamings))
    return (Mend(title, tuple(dict.fromkeys(changes)), sure, holders),)


def _at_the_beginning(way: _Way, renaming: Renaming) -> list[Change]:
    said = _said(way, renaming.use)
    found = None if said is None else way.literal(*said)
    if found is None:
        return []
    kind: ChangeKind = "reword" if renaming.old else "prefix"
    return [Change(kind, found.place, text=renaming.new, old=renaming.old or found.old)]


def _letter_by_letter(way: _Way, renaming: Renaming) -> list[Change]:
    """Where a whole name only gets other letters: the literals in which they stand."""
    whole = renaming.use.known.text
    said = _said(way, renaming.use)
    if renaming.old != whole or len(renaming.new) != len(whole) or said is None:
        return []
    parts = list(way.literals(*said))
    found, text = list[Change](), ""
    for literal, place in parts:
        if literal is None:
            return []
        new = renaming.new[len(text) :][: len(literal.value)]
        if new != literal.value:
            found.append(Change("reword", place, text=new, old=literal.value))
        text += literal.value
    return found if text == whole else []


def _said(way: _Way, use: ObjectUse) -> tuple[Unit, int, Expr] | None:
    """The argument, or what the caller of a wrapper passes for it, with its unit and function."""
    program, known, site = way.program, use.known, use.site
    if site.inside is not None:
        return None
    expr = program.argument(site, "name")
    if not known.passed:
        function = program.index.call(site.call).function
        return None if expr is None else (program.index.unit(site.call), function, expr)
    spot = known.passed[0]
    way.sure &= len(known.passed) == 1 and isinstance(expr, Name)
    unit = program.index.units[spot.unit]
    passed = written_at(unit, spot.start, spot.end)
    return (unit, spot.function, passed.chain[-1]) if passed is not None else None


def _holders(program: Program, ways: Sequence[_Way]) -> Iterator[Holder]:
    """The names on the ways, each with all the places where they stand. Two files may have a
    constant of one name: a word in their texts is explained if it is one of either."""
    uses: dict[tuple[str, Place | None], list[Place]] = {}
    defined: dict[tuple[str, Place | None], list[Definition]] = {}
    for way in ways:
        for name, place, those in way.names:
            key = (name, those[0].scope)
            uses.setdefault(key, []).append(place)
            defined.setdefault(key, []).extend(those)
    for key, places in uses.items():
        yield holder(program, key[0], places, defined[key])


def _parameters(program: Program, renamings: Sequence[Renaming]) -> Iterator[Holder]:
    """The parameters of wrappers: the name must not be used for something else there."""
    places: dict[tuple[Func, str], list[Place]] = {}
    for it in renamings:
        site = it.use.site
        expr = program.argument(site, "name")
        if it.use.known.passed and isinstance(expr, Name):
            func = Func(site.call.unit, program.index.call(site.call).function)
            place = place_of(program, program.index.unit(site.call), expr)
            places.setdefault((func, expr.name), []).append(place)
    for (func, name), those in places.items():
        whole, head = around(program, func), _head(program, func)
        yield Holder(name, (*dict.fromkeys(those), head), whole, whole)


def _head(program: Program, func: Func) -> Place:
    """A function up to the first thing that happens in it: its parameters stand there."""
    unit, whole = program.index.unit(func), around(program, func)
    facts = unit.facts
    starts = [
        *(facts.calls[i].start for i in unit.calls_of.get(func.index, ())),
        *(facts.bindings[i].start for i in unit.bindings_of.get(func.index, ())),
        *(facts.returns[i].value.start for i in unit.returns_of.get(func.index, ())),
        *(b.condition.start for b in facts.branches if whole.start <= b.start < whole.end),
    ]
    inside = [start for start in starts if start > whole.start]
    return Place(whole.path, whole.start, min(inside, default=whole.end))
