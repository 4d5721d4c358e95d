"""The commands that code runs: command lines, and lists of words, as its launches say them.

Python hands over lists, mostly through a function of its own (``_run([NSSM, "install", …])``): then
each call of that function is a command.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from msgspec import Struct
from msgspec.structs import replace

from sessionzero.facts import Expr, Item, Member, Name, Operation, Result, Text
from sessionzero.facts import Sequence as Items
from sessionzero.installation.command_lines import Word, commands_in, is_shell
from sessionzero.installation.linked import Linked
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.scopes import Scope, scope_of
from sessionzero.link.files.units import Spot, Unit
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Value

_DEPTH = 6  # functions and lists through which a list comes to its launch
_CALLERS = 100  # of a function that runs what it is given
_MOST = 48  # different lists of one launch
_MADE_OF = ("str", "fspath", "list", "tuple", "list2cmdline")  # they give what they get
_SPLIT = "split"

_Words = list[tuple[Expr, Scope]]


class Command(Struct, frozen=True):
    """A command that code runs: its words, whether they are a list, and where the command line is
    written, if that is elsewhere."""

    words: list[Word]
    listed: bool = False
    origin: Spot | None = None


def commands_of(program: Linked, site: Site) -> Iterator[Command]:
    """The commands that a call runs, of which it is known how they begin."""
    expr = program.argument(site, "command_line")
    if expr is None:
        return
    lists = list(islice(_lists(program, site, expr), _MOST))
    for items in lists:
        yield from _of_list([_word(program, *item) for item in items])
    if not lists:
        yield from _of_line(program, site, expr)


def _of_list(words: list[Word]) -> Iterator[Command]:
    if words and is_shell(words[0].text):
        line = " ".join(word.text for word in words)
        for found in commands_in(line, words[-1].spot):
            yield Command(found)
    else:
        yield Command(words, listed=True)


def _of_line(program: Linked, site: Site, expr: Expr) -> Iterator[Command]:
    argument = Spot(site.call.unit, site.func.index, expr.start, expr.end)
    application = _single(program, site, "application")
    value = program.values.argument(site.call, _split(expr, site, program), site.frame)
    for known in value.texts:
        line = known.text if known.exact else _with_holes(value)
        if application and site.api.kind == "open-document":
            line = f'"{application}" {line}'
        spot = known.passed[0] if known.passed else argument
        inside = spot.unit == known.origin.unit and spot.start <= known.origin.start < spot.end
        for found in commands_in(line, site.spot if site.inside else spot):
            yield Command(found, origin=None if inside else known.origin)


def _split(expr: Expr, site: Site, program: Linked) -> Expr:
    """The command line that ``shlex.split`` makes a list of; else what is given."""
    if isinstance(expr, Result):
        call = program.index.unit(site.call).facts.calls[expr.call]
        if last_name(call.callee) == _SPLIT and len(call.arguments) == 1:
            return call.arguments[0].value
    return expr


def _with_holes(value: Value) -> str:
    """A text with parts that aren't known, which become ``%%``; only its beginning if that has
    alternatives."""
    if len(value.texts) != 1:
        return value.texts[0].text
    return "%%".join(value.fragments)


def _single(program: Linked, site: Site, role: str) -> str:
    texts = program.value(site, role).texts
    return texts[0].text if len(texts) == 1 else ""


def _word(program: Linked, expr: Expr, at: Scope) -> Word:
    """A word of a list of arguments, with ``%%`` for the parts that aren't known; one of which
    nothing is known but the name of its variable is that, one that may be several things is left
    empty."""
    value = program.values.fold(expr, at)
    texts = value.texts
    text = ""
    if len(texts) == 1:
        text = texts[0].text if texts[0].exact else _with_holes(value)
    elif not texts and value.fragments:
        text = f"%%{'%%'.join(value.fragments)}"
    elif not texts:
        text = f"%%{_named(expr, at.unit)}"
    return Word(text, text, Spot(at.unit.index, at.function, expr.start, expr.end))


def _named(expr: Expr, unit: Unit) -> str:
    """The variable that an expression is, or that is made a text: ``str(nssm_path)``."""
    if isinstance(expr, Result):
        call = unit.facts.calls[expr.call]
        known = last_name(call.callee) in _MADE_OF and len(call.arguments) == 1
        return _named(call.arguments[0].value, unit) if known else ""
    return last_name(expr) if isinstance(expr, Name | Member) else ""


# --- lists ---


def _lists(program: Linked, site: Site, expr: Expr) -> Iterator[_Words]:
    """The lists of words that an argument can be, each word with where it stands."""
    at = scope_of(program.index, site.call, site.frame)
    if at.unit.is_python:
        yield from _expanded(program, expr, at, _DEPTH)
    elif isinstance(expr, Items):
        yield [(item.value, at) for item in expr.items]


def _expanded(program: Linked, expr: Expr, at: Scope, depth: int) -> Iterator[_Words]:
    """The lists that a Python expression can be, with what is unpacked in them."""
    if depth <= 0:
        return
    frames = program.values.frames(at.func, _CALLERS) if at.frame is None else ()
    for frame in frames:
        yield from _expanded(program, expr, replace(at, frame=frame), depth - 1)
    if frames:
        return
    match expr:
        case Items(items):
            parts = [
                [*_expanded(program, item.value, at, depth - 1)]
                if item.name == "*"
                else [[(item.value, at)]]
                for item in items
            ]
            yield from _joined(parts)
        case Operation("+", (left, right)):
            yield from _joined([[*_expanded(program, it, at, depth - 1)] for it in (left, right)])
        case Result(number):
            call = at.unit.facts.calls[number]
            if len(call.arguments) == 1 and _gives_its_argument(call.callee):
                yield from _expanded(program, call.arguments[0].value, at, depth - 1)
        case Name(name) if at.frame is not None and name in at.frame.arguments:
            yield from _expanded(program, *at.frame.arguments[name], depth - 1)
        case Name() | Member():
            added = _added(program, expr, at)
            known = {items.start for items in added}
            more = [[*_expanded(program, items, at, depth - 1)] for items in added]
            for written, there in program.values.literals(expr, at):
                if written.start not in known:
                    yield from _joined([[*_expanded(program, written, there, depth - 1)], *more])


def _joined(parts: list[list[_Words]]) -> Iterator[_Words]:
    """All lists that are one of each part behind the other; nothing if a part isn't known."""
    for chosen in islice(product(*parts), _MOST):
        yield [word for words in chosen for word in words]


def _gives_its_argument(callee: Expr) -> bool:
    """``" ".join(words)``, ``list(words)``."""
    if isinstance(callee, Member) and isinstance(callee.object, Text):
        return callee.name == "join" and callee.object.value == " "
    return last_name(callee) in _MADE_OF


def _added(program: Linked, expr: Name | Member, at: Scope) -> list[Items]:
    """What is put behind a list before it is run: by ``+=``, ``extend`` and ``append``."""
    if isinstance(expr, Member):
        return []
    unit, found = at.unit, list[Items]()
    for i in unit.bindings_of.get(at.function, ()):
        binding = unit.facts.bindings[i]
        same = isinstance(binding.target, Name) and binding.target.name == expr.name
        if same and binding.operator == "+=" and isinstance(binding.value, Items):
            found.append(binding.value)
    for site in program.index.calls_of(at.func):
        call = program.index.call(site)
        match call.callee:
            case Member(Name(name), "extend" | "append" as how) if name == expr.name:
                value = call.arguments[0].value if call.arguments else None
                if how == "extend" and isinstance(value, Items):
                    found.append(value)
                elif how == "append" and value is not None:
                    found.append(Items((Item("", value),), value.start, value.end))
    return sorted((items for items in found if items.start < at.position), key=_start)


def _start(items: Items) -> int:
    return items.start
