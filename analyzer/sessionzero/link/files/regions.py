"""Regions of C and C++ files that the compiler is not given: by the macros of all targets that hold
a file, and for a program by those of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from msgspec.structs import replace

from sessionzero.conditions import evaluate
from sessionzero.facts import Binding, Call, Conditional, FileFacts, Function, Unknown
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.macros_given import MacrosGiven, agreed
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.products import Builds
from sessionzero.link.files.units import Unit
from sessionzero.predefined import ABSENT, Definitions, predefined

Span = tuple[int, int]

_PREDEFINED = predefined(cplusplus=True)
_GONE = "?"  # the name of a function that is not there
_WORD = re.compile(r"[A-Za-z_]\w*")
_SOURCE = re.compile(r"\.(?:c|cc|cp|cpp|cxx|c\+\+)$", re.IGNORECASE)


class Regions:
    """The conditions of a program's files that the macros of its build files decide."""

    def __init__(
        self, index: ProgramIndex, modules: Modules, linkage: Linkage, builds: Builds
    ) -> None:
        self._index = index
        self._modules = modules
        self._linkage = linkage
        self._builds = builds
        self._given = MacrosGiven(index, builds.compiled)
        self._asked: dict[int, tuple[Conditional, ...]] = {}
        self._all: dict[int, Definitions] = {}
        self._held: dict[int, tuple[int, ...] | None] = {}
        self._left_out: dict[tuple[int, int], tuple[Span, ...]] = {}

    def dead(self) -> dict[int, tuple[Span, ...]]:
        """Unit → its regions that no target compiles, and those of switches that are turned off."""
        found: dict[int, tuple[Span, ...]] = {}
        for unit in self._index.units if self._given.switches or self._off else ():
            spans = (*self._uncompiled(unit), *self._turned_off(unit))
            if spans:
                found[unit.index] = spans
        return found

    def _uncompiled(self, unit: Unit) -> Iterator[Span]:
        """What no target compiles; nothing of a file that may belong to more than the targets that
        name it."""
        asked = self._conditions(unit) if self._given.switches else ()
        holders = self._holders(unit) if asked else None
        if holders:
            definitions = [self._all_of(number) for number in holders]
            for it in asked:
                if all(evaluate(it.condition, given) is False for given in definitions):
                    yield it.start, it.end

    def _turned_off(self, unit: Unit) -> Iterator[Span]:
        """What depends on a macro that only a comment defines, there or in a file in sight."""
        words = {word for it in unit.facts.conditionals for word in _WORD.findall(it.condition)}
        if self._off.isdisjoint(words):
            return
        seen = (unit.index, *self._modules.visible(unit))
        off = {name for number in seen for name in self._index.units[number].facts.off}
        given = {**_PREDEFINED, **dict.fromkeys(off & self._off, ABSENT)}
        for it in unit.facts.conditionals:
            if evaluate(it.condition, given) is False:
                yield it.start, it.end

    @cached_property
    def _off(self) -> frozenset[str]:
        """The macros that comments define, but no source and no build file."""
        off = {name for unit in self._index.units for name in unit.facts.off}
        return frozenset(off - self._given.named) if off else frozenset()

    def left_out(self, unit: Unit, start: int, programs: Iterable[int]) -> bool:
        """True if a place isn't compiled for any of the programs that the file goes into."""
        if not self._given.switches or not self._conditions(unit):
            return False
        holding = [it for it in programs if it in self._linkage.programs(unit.index)]
        return bool(holding) and all(
            any(first <= start < end for first, end in self._left_out_of(unit, program))
            for program in holding
        )

    def hidden(self, unit: Unit, start: int, source: Unit) -> bool:
        """True if a place of a header isn't compiled where a source includes it."""
        asked = self._conditions(unit) if self._given.switches else ()
        around = [it.condition for it in asked if it.start <= start < it.end]
        holders = self._compiling.get(source.index, ()) if around else ()
        return bool(holders) and all(
            any(evaluate(it, self._all_of(number)) is False for it in around) for number in holders
        )

    def _left_out_of(self, unit: Unit, program: int) -> tuple[Span, ...]:
        known = self._left_out.get((unit.index, program))
        if known is None:
            given = {**_PREDEFINED, **self._certain(unit, program)}
            known = self._left_out[unit.index, program] = tuple(
                (it.start, it.end)
                for it in self._conditions(unit)
                if evaluate(it.condition, given) is False
            )
        return known

    def _certain(self, unit: Unit, program: int) -> Definitions:
        """What is certain of a file where it is compiled for a program: its own build files count,
        and what a compilation database says of the file, whoever it says it for."""
        own = {
            number
            for product in self._linkage.holders(unit.index, program)
            for number in product.targets
        }
        holders = self._holders(unit) or ()
        mine = agreed(self._given.of(number) for number in holders if number in own)
        files, compiled = self._linkage.files(program), self._builds.compiled
        nameless = [
            n for n in holders if not compiled[n].target.name and compiled[n].sources & files
        ]
        anyone = agreed(self._given.of(number) for number in nameless)
        disputed = {name for name in mine if anyone.get(name, mine[name]) != mine[name]}
        return {name: it for name, it in {**anyone, **mine}.items() if name not in disputed}

    def _conditions(self, unit: Unit) -> tuple[Conditional, ...]:
        """The regions of a file that a switch of the build has something to do with."""
        known = self._asked.get(unit.index)
        if known is None:
            switches = self._given.switches
            known = self._asked[unit.index] = tuple(
                it
                for it in unit.facts.conditionals
                if not switches.isdisjoint(_WORD.findall(it.condition))
            )
        return known

    def _holders(self, unit: Unit) -> tuple[int, ...] | None:
        """The numbers of the targets that compile a file, or the sources that include it; None if
        something is compiled of which no build file says how."""
        if unit.index not in self._held:
            sources = [unit.index] if unit.index in self._compiling else []
            sources += self._including.get(unit.index, ())
            known = [self._compiling.get(source) for source in sources]
            found = {number for numbers in known for number in numbers or ()}
            self._held[unit.index] = tuple(sorted(found)) if all(known) else None
        return self._held[unit.index]

    @cached_property
    def _including(self) -> dict[int, list[int]]:
        """File → the sources that include it, directly or not."""
        found: dict[int, list[int]] = {}
        for unit in self._index.units:
            if not unit.is_python and _SOURCE.search(unit.path):
                for number in self._modules.visible(unit):
                    if number != unit.index:
                        found.setdefault(number, []).append(unit.index)
        return found

    def _all_of(self, number: int) -> Definitions:
        """All that is known of macros in the files of a target."""
        known = self._all.get(number)
        if known is None:
            known = self._all[number] = {**_PREDEFINED, **self._given.of(number)}
        return known

    @cached_property
    def _compiling(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, compiled in enumerate(self._builds.compiled):
            for source in compiled.sources:
                found.setdefault(source, []).append(number)
        return found


def without(facts: FileFacts, regions: Sequence[Span] | None) -> FileFacts:
    """The facts of a file as if nothing stood in some regions: what others count by its number
    stays in its place and says nothing."""
    if not regions:
        return facts

    def gone(start: int) -> bool:
        return any(first <= start < end for first, end in regions)

    def quiet_call(call: Call) -> Call:
        unknown = Unknown(call.start, call.start)
        return replace(call, callee=unknown, arguments=()) if gone(call.start) else call

    def quiet_binding(it: Binding) -> Binding:
        unknown = Unknown(it.start, it.start)
        return replace(it, target=unknown, value=unknown, type="") if gone(it.start) else it

    def quiet_function(it: Function) -> Function:
        return (
            replace(it, name=_GONE, kind="prototype") if gone(it.start) and it.parent >= 0 else it
        )

    return replace(
        facts,
        functions=tuple(map(quiet_function, facts.functions)),
        classes=tuple(it for it in facts.classes if not gone(it.start)),
        calls=tuple(map(quiet_call, facts.calls)),
        bindings=tuple(map(quiet_binding, facts.bindings)),
        declarations=tuple(it for it in facts.declarations if not gone(it.start)),
        returns=tuple(it for it in facts.returns if not gone(it.value.start)),
        macros=tuple(it for it in facts.macros if not gone(it.start)),
        imports=tuple(it for it in facts.imports if not gone(it.start)),
    )
