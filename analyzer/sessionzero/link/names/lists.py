"""Lists that run a macro on each of their entries ("X macros").

``#define EVENTS(X) X(Stop, L"Stop") X(Start, L"Start")`` is one for whoever says ``EVENTS(MAKE)``;
a file of such entries is one for whoever defines the macro and includes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property

from msgspec import Struct

from sessionzero.facts import Import, Name, Result
from sessionzero.facts import Sequence as Items
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.units import CallSite, Func, Spot, Unit
from sessionzero.link.names.callee import Callee

_DEPTH = 4  # lists of lists

_Run = tuple[Func, tuple[CallSite, ...]]
"""A macro and the entries on which a list runs it."""


class Applied(Struct, frozen=True):
    """An ``entry`` on which a list runs a macro, and where the list is used: the call ``given`` the
    macro, or the line that includes the list."""

    entry: CallSite
    spot: Spot
    branch: int
    given: CallSite | None = None


class Lists:
    """The lists of a program; ``of`` says what a call calls."""

    def __init__(
        self, index: ProgramIndex, modules: Modules, of: Callable[[CallSite], Callee]
    ) -> None:
        self._index = index
        self._modules = modules
        self._of = of
        self._applied: dict[Func, tuple[Applied, ...]] = {}
        self._entries: dict[tuple[Func, str], tuple[CallSite, ...]] = {}
        self._included: dict[tuple[int, int], tuple[_Run, ...]] = {}
        self._at_file_scope: dict[int, dict[str, list[int]]] = {}

    def applied(self, macro: Func) -> tuple[Applied, ...]:
        """Where lists run a macro."""
        known = self._applied.get(macro)
        if known is None:
            self._applied[macro] = ()  # for a list that leads to itself
            known = self._applied[macro] = (*self._by_name(macro), *self._by_inclusion(macro))
        return known

    def given(self, site: CallSite) -> Iterator[_Run]:
        """The macros that a call gives to a list, each with the entries of the list."""
        call, unit = self._index.call(site), self._index.unit(site)
        for argument in call.arguments:
            value = argument.value
            if type(value) is Name and value.name in self._index.macros:
                macro = self._macro(value.name, unit)
                entries = self._reached(site, value.name) if macro is not None else ()
                if macro is not None and entries:
                    yield macro, entries

    def included(self, unit: Unit, item: Import) -> tuple[_Run, ...]:
        """The macros that are run by the entries of a file that is included there."""
        key = (unit.index, item.start)
        known = self._included.get(key)
        if known is None:
            known = self._included[key] = tuple(self._by_entries(unit, item))
        return known

    def _by_entries(self, unit: Unit, item: Import) -> Iterator[_Run]:
        piece = self._modules.header(unit, item.module)
        if piece is None or piece is unit:
            return
        for name, calls in self._calls_of_file(piece).items():
            if name in self._index.macros and self._macro(name, piece) is None:
                macro = self._defined_before(unit, name, item.start)
                if macro is not None:
                    yield macro, tuple(CallSite(piece.index, i) for i in calls)

    def in_table(self, items: Items, unit: Unit) -> Iterator[_Run]:
        """The macros that lists run among the items of a table, each with the entries."""
        for item in items.items:
            if isinstance(item.value, Result):
                yield from self.given(CallSite(unit.index, item.value.call))
        if not items.items:  # a list that is a file leaves nothing between the brackets
            for line in unit.facts.imports:
                if items.start < line.start < items.end:
                    yield from self.included(unit, line)

    # --- lists that are macros ---

    def _by_name(self, macro: Func) -> Iterator[Applied]:
        name = self._index.function(macro).name
        for site in self._giving.get(name, ()):
            call, unit = self._index.call(site), self._index.unit(site)
            if self._macro(name, unit) == macro:
                spot = Spot(unit.index, call.function, call.start, call.end)
                for entry in self._reached(site, name):
                    yield Applied(entry, spot, call.branch, site)

    @cached_property
    def _giving(self) -> dict[str, list[CallSite]]:
        """Name of a macro with parameters → the calls that pass it as it is."""
        names = {
            name
            for name, written in self._index.macros.items()
            if any(macro.parameters is not None for _, macro in written)
        }
        found: dict[str, list[CallSite]] = defaultdict(list)
        for unit in self._index.units:
            for name in names & unit.passed.keys():
                found[name] += (CallSite(unit.index, i) for i in unit.passed[name])
        return dict(found)

    def _reached(self, site: CallSite, name: str, depth: int = _DEPTH) -> tuple[CallSite, ...]:
        """The entries of the lists that get a name in a call."""
        call = self._index.call(site)
        return tuple(
            entry
            for func in self._of(site).functions
            for parameter, argument in zip(
                self._index.function(func).parameters, call.arguments, strict=False
            )
            if isinstance(argument.value, Name) and argument.value.name == name
            for entry in self._entries_of(func, parameter.name, depth)
        )

    def _entries_of(self, func: Func, parameter: str, depth: int) -> tuple[CallSite, ...]:
        """The calls of a parameter in the body of a macro, and in lists that it hands it on to."""
        known = self._entries.get((func, parameter))
        if known is None:
            found: list[CallSite] = []
            is_list = self._index.function(func).kind == "macro" and depth > 0
            for site in self._index.calls_of(func) if is_list else ():
                callee = self._index.call(site).callee
                if isinstance(callee, Name) and callee.name == parameter:
                    found.append(site)
                else:
                    found += self._reached(site, parameter, depth - 1)
            known = self._entries[func, parameter] = tuple(found)
        return known

    def _macro(self, name: str, unit: Unit) -> Func | None:
        """The macro with parameters that a file sees under a name."""
        seen = self._modules.visible(unit)
        for index, macro in reversed(self._index.macros.get(name, ())):
            if index in seen and macro.parameters is not None and macro.function >= 0:
                return Func(index, macro.function)
        return None

    # --- lists that are files ---

    def _by_inclusion(self, macro: Func) -> Iterator[Applied]:
        unit = self._index.unit(macro)
        start = self._index.function(macro).start
        for item in unit.facts.imports:
            if item.start > start:
                for other, entries in self.included(unit, item):
                    if other == macro:
                        spot = Spot(unit.index, item.function, item.start, item.end)
                        branch = _branch_at(unit, item)
                        yield from (Applied(entry, spot, branch) for entry in entries)

    def _defined_before(self, unit: Unit, name: str, at: int) -> Func | None:
        found = [m for m in unit.facts.macros if m.name == name and m.start < at]
        last = max(found, key=lambda m: m.start, default=None)
        if last is None or last.parameters is None or last.function < 0:
            return None
        return Func(unit.index, last.function)

    def _calls_of_file(self, unit: Unit) -> dict[str, list[int]]:
        """Name → the calls of it outside of all functions of a file."""
        known = self._at_file_scope.get(unit.index)
        if known is None:
            known = self._at_file_scope[unit.index] = {}
            for i in unit.calls_of.get(0, ()):
                callee = unit.facts.calls[i].callee
                if isinstance(callee, Name):
                    known.setdefault(callee.name, []).append(i)
        return known


def _branch_at(unit: Unit, item: Import) -> int:
    """The innermost branch around a line."""
    around = [
        (branch.end - branch.start, i)
        for i, branch in enumerate(unit.facts.branches if item.function else ())
        if branch.start <= item.start < branch.end
    ]
    return min(around)[1] if around else -1
