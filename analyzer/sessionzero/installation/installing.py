"""All actions of a program: of its scripts and settings, and of the commands that its code runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sessionzero.catalog import Catalog
from sessionzero.facts import SCRIPTS, Expr, Name
from sessionzero.facts import Sequence as Items
from sessionzero.installation.actions import Action
from sessionzero.installation.command_lines import Word, commands_in
from sessionzero.installation.scripts import actions_of_script, actions_of_words
from sessionzero.link.expressions import last_name
from sessionzero.link.index import ProgramIndex
from sessionzero.link.lattice import Value
from sessionzero.link.sites import Site
from sessionzero.link.units import Spot
from sessionzero.link.values import Values

_Answer = TypeVar("_Answer")


class Linked(Protocol):
    """What is asked about a program: its calls, and what they are given."""

    index: ProgramIndex
    catalog: Catalog
    values: Values

    def once(self, question: Callable[[Linked], _Answer]) -> _Answer: ...
    def sites(self, *roles: str) -> tuple[Site, ...]: ...
    def argument(self, site: Site, role: str) -> Expr | None: ...
    def value(self, site: Site, role: str) -> Value: ...


def actions_of(program: Linked) -> tuple[Action, ...]:
    """The actions of all files, by file and place."""
    return program.once(_actions)


def _actions(program: Linked) -> tuple[Action, ...]:
    found = (*_of_scripts(program), *_of_code(program))
    return tuple(sorted(found, key=lambda action: action.spot))


def _of_scripts(program: Linked) -> Iterator[Action]:
    for unit in program.index.units:
        if unit.facts.language in SCRIPTS:
            yield from actions_of_script(unit, program.catalog)


def _of_code(program: Linked) -> Iterator[Action]:
    for site in program.sites("process-launch"):
        language = program.index.unit(site.call).facts.language
        for command in _commands(program, site):
            for action in actions_of_words(command.words, program.catalog, language):
                yield replace(action, in_code=True, listed=command.listed, origin=command.origin)


class _Command(Struct, frozen=True):
    """A command that code runs, with what :class:`Action` says of where it is written."""

    words: list[Word]
    listed: bool = False
    origin: Spot | None = None


def _commands(program: Linked, site: Site) -> Iterator[_Command]:
    """The commands that a call runs, of which it is known how they begin."""
    expr = program.argument(site, "command_line")
    lists = list(_lists(program, site, expr))
    for words in lists:
        found = [word for item in words.items for word in _word(program, site, item.value)]
        yield _Command(found, listed=True)
    if lists or expr is None:
        return
    argument = Spot(site.call.unit, site.func.index, expr.start, expr.end)
    application = _single(program, site, "application")
    value = program.value(site, "command_line")
    for known in value.texts:
        line = known.text if known.exact else _with_holes(value)
        if application and site.api.kind == "open-document":
            line = f'"{application}" {line}'
        spot = known.passed[0] if known.passed else argument
        inside = spot.unit == known.origin.unit and spot.start <= known.origin.start < spot.end
        for found in commands_in(line, site.spot if site.inside else spot):
            yield _Command(found, origin=None if inside else known.origin)


def _with_holes(value: Value) -> str:
    """A text with parts that aren't known, which become ``%%``; only its beginning if that has
    alternatives."""
    if len(value.texts) != 1:
        return value.texts[0].text
    return "%%".join(value.fragments)


def _lists(program: Linked, site: Site, expr: Expr | None) -> Iterator[Items]:
    """The lists of words that an argument is: written in the call, or kept in a variable."""
    unit = program.index.unit(site.call)
    if isinstance(expr, Items):
        yield expr
    elif isinstance(expr, Name):
        for number in {*unit.bindings_of.get(site.func.index, ()), *unit.bindings_of.get(0, ())}:
            binding = unit.facts.bindings[number]
            if isinstance(binding.value, Items) and last_name(binding.target) == expr.name:
                yield binding.value


def _single(program: Linked, site: Site, role: str) -> str:
    texts = program.value(site, role).texts
    return texts[0].text if len(texts) == 1 else ""


def _word(program: Linked, site: Site, expr: Expr) -> Iterator[Word]:
    """A word of a list of arguments, with ``%%`` for the parts that aren't known; one of which
    nothing is known, or several things, is left empty."""
    value = program.values.argument(site.call, expr, site.frame)
    place = Spot(site.call.unit, site.func.index, expr.start, expr.end)
    texts = value.texts
    text = ""
    if len(texts) == 1:
        text = texts[0].text if texts[0].exact else _with_holes(value)
    elif not texts and value.fragments:
        text = f"%%{'%%'.join(value.fragments)}"
    yield Word(text, text, place)
