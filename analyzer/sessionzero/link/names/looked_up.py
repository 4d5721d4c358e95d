"""Functions that are looked up by name: which name, and the pointers that macros fill so,
``#define LOAD(f) p##f = GetProcAddress(module, #f)``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set

from sessionzero.facts import Call, Expr, Join, Macro, Name, Result, Text
from sessionzero.knowledge.catalog import Api, Catalog
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.pasting import pasted, stringised, words_of
from sessionzero.link.files.scopes import bind
from sessionzero.link.files.units import Func, Unit


def name_sought(call: Call, index: ProgramIndex, seen: Set[int]) -> str:
    """The name that a look-up asks for: written there, or by a macro or a constant in one of the
    files that it sees; empty if it isn't known."""
    for argument in call.arguments:
        value = argument.value
        texts = _constant(value.name, index, seen) if isinstance(value, Name) else (value,)
        for text in texts:
            if isinstance(text, Text):
                return text.value
    return ""


def _constant(name: str, index: ProgramIndex, seen: Set[int]) -> Iterator[Expr]:
    """What a name stands for; nothing if it could be one of two."""
    found = [macro.body for unit, macro in index.macros.get(name, ()) if unit in seen]
    writes = [index.binding(it) for it in index.writes.get(name, ()) if it.unit in seen]
    found += [binding.value for binding in writes]
    if len(found) == 1 and not any(binding.function for binding in writes):
        yield from found


def filled_by_macros(
    index: ProgramIndex, catalog: Catalog, lookups: Collection[str]
) -> dict[str, Api]:
    """Name of a variable or field → the function that the uses of a macro put there."""
    found: dict[str, Api] = {}
    for name, macros in index.macros.items():
        for number, macro in macros:
            unit = index.units[number]
            for target, call in _filling(unit, macro, lookups):
                for site in index.calls_named.get(name, ()):
                    words = words_of(bind(index, Func(number, macro.function), site))
                    api = catalog.function(_text(call, words))
                    if api is not None:
                        found.setdefault(pasted(target, words), api)
    return found


def _filling(unit: Unit, macro: Macro, lookups: Collection[str]) -> Iterator[tuple[str, Call]]:
    """The names in a macro that get what a look-up gives back, and the look-up; of those that its
    uses make."""
    if macro.function < 0 or unit.is_python:
        return
    for i in unit.bindings_of.get(macro.function, ()):
        binding = unit.facts.bindings[i]
        target = last_name(binding.target)
        made = "#" in target or target in (macro.parameters or ())
        if made and isinstance(binding.value, Result):
            call = unit.facts.calls[binding.value.call]
            if last_name(call.callee) in lookups:
                yield target, call


def _text(call: Call, words: Mapping[str, str]) -> str:
    """The text of a look-up, with the words in it; empty if it has none."""
    for argument in reversed(call.arguments):
        text = _spelt(argument.value, words)
        if text:
            return text
    return ""


def _spelt(expr: Expr, words: Mapping[str, str]) -> str:
    match expr:
        case Text(value):
            return value
        case Name(name):
            return words.get(stringised(name), "")
        case Join(parts):
            spelt = [_spelt(part, words) for part in parts]
            return "".join(spelt) if all(spelt) else ""
        case _:
            return ""
