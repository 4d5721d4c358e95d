"""Which macros a compiler is given for a file, as far as build files surely say it.

A macro that is given to one of them is a switch of the build: a file that surely doesn't get it is
compiled without it. Not if anything in the tree defines or undefines the name, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from sessionzero.c_numbers import number
from sessionzero.facts import Target
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.products import Compiled
from sessionzero.link.files.units import Unit
from sessionzero.predefined import ABSENT, UNKNOWN, Definition, Definitions, predefined

_CONFIGURATION = frozenset(("DEBUG", "_DEBUG", "NDEBUG", "DBG", "_DBG"))


class MacrosGiven:
    """The macros of targets, by their numbers."""

    def __init__(self, index: ProgramIndex, targets: Sequence[Compiled]) -> None:
        self._index = index
        self._targets = targets
        self._known: dict[int, Definitions] = {}

    @cached_property
    def switches(self) -> frozenset[str]:
        """The names that some build file gives, and that no source defines or undefines. What
        every compiler for Windows knows, and whether it is a debug build, is no such thing."""
        given = {
            name
            for it in self._targets
            for name in (*_named(it.target), *it.target.may_define)
            if name not in _CONFIGURATION and (it.target.name or it.target.sources)
        }
        return frozenset(given - self._settled)

    @cached_property
    def named(self) -> frozenset[str]:
        """The names that a build file gives, that a source defines or undefines, or that are those
        of compilers."""
        given = (
            name for it in self._targets for name in (*_named(it.target), *it.target.may_define)
        )
        return self._settled.union(given, _CONFIGURATION)

    @cached_property
    def _settled(self) -> frozenset[str]:
        settled = {name for unit in self._index.units for name in unit.facts.settled}
        return frozenset(settled).union(self._index.macros, predefined(cplusplus=True))

    def of(self, number: int) -> Definitions:
        """What is certain of the switches in the files of a target."""
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = self._find(self._targets[number])
        return known

    def _find(self, compiled: Compiled) -> Definitions:
        target = compiled.target
        named = _named(target)
        found = {
            name: value
            for name, value in named.items()
            if name in self.switches and name not in target.may_define
        }
        if target.complete:
            others = self.switches - named.keys() - set(target.may_define)
            found |= dict.fromkeys(others - self._by_the_way(compiled), ABSENT)
        return found

    def _by_the_way(self, compiled: Compiled) -> set[str]:
        """What a target may get of what stands elsewhere: of the folders above, of included files,
        of the libraries that it uses."""
        names: set[str] = set()
        used = self._used(compiled.target)
        for other in self._targets:
            giving = other.target
            if giving.name in used:
                names |= {*_named(giving), *giving.may_define}
            elif not giving.name and not giving.sources and _reaches(other.unit, compiled.unit):
                names |= set(giving.may_define)
        return names

    def _used(self, target: Target) -> set[str]:
        seen, pending = set[str](), list(target.uses)
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                pending += self._uses.get(name, ())
        return seen - {""}

    @cached_property
    def _uses(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for it in self._targets:
            found[it.target.name].update(it.target.uses)
        return found


def agreed(many: Iterable[Definitions]) -> Definitions:
    """What is the same in all of them."""
    first, *rest = list(many) or [{}]
    return {
        name: value
        for name, value in first.items()
        if all(other.get(name) == value for other in rest)
    }


def _named(target: Target) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for word in target.defines:
        name, equals, written = word.partition("=")
        value = number(written.strip("()")) if equals else 1
        found[name] = UNKNOWN if value is None else value
    return found


def _reaches(other: Unit, unit: Unit) -> bool:
    """Whether what a build file says may count in another one: it stands in a folder above, or is
    included by whoever likes."""
    folder = f"{other.directory}/" if other.directory else ""
    return other.path.lower().endswith(".cmake") or unit.path.startswith(folder)
