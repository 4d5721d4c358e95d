"""What programs run that a user starts: clients, and the console side of a service itself. Unit
tests are no such programs: they call anything, and nobody is there to see it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Protocol

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.mains import GRAPHICAL_NAMES, Mains
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.searches import Search
from sessionzero.link.files.unit_tests import UnitTests
from sessionzero.link.files.units import Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.python_hosts import only_hosts
from sessionzero.link.ways.edges import Edge, Ways
from sessionzero.link.ways.entries import Entries


class Starts(Protocol):
    """Where programs start, and where their functions lead."""

    mains: Mains
    entries: Entries
    starters: dict[Func, Edge]
    scripts: tuple[Unit, ...]
    said_services: frozenset[int]
    said_clients: frozenset[int]

    def is_entered(self, func: Func) -> bool: ...


class ByHand:
    """The functions that run outside of the service, found when they are asked for."""

    def __init__(
        self,
        index: ProgramIndex,
        modules: Modules,
        linkage: Linkage,
        callees: Callees,
        ways: Ways,
        unit_tests: UnitTests,
        starts: Starts,
    ) -> None:
        self._index = index
        self._callees = callees
        self._modules = modules
        self._linkage = linkage
        self._ways = ways
        self._unit_tests = unit_tests
        self._starts = starts

    def runs(self, func: Func) -> bool:
        """True if a program that a user starts runs the function."""
        said = self._starts.said_clients
        return func.unit in said or self._clients.reaches(func)

    def certainly_runs(self, func: Func) -> bool:
        """True if a graphical program, or the console side of a service's own executable, runs the
        function: what can't be meant where plain programs are taken for services."""
        said = self._starts.said_clients
        return func.unit in said or self._graphical.reaches(func)

    def has_programs(self) -> bool:
        """True if the project holds programs of their own, beside the service's executable."""
        return bool(self._of_users)

    def programs_to(self, func: Func) -> Iterator[Func]:
        """The starts of those programs of their own that run the function."""
        for start, search in self._each:
            if not self._linkage.apart(start.unit, func.unit) and search.reaches(func):
                yield start

    @cached_property
    def _each(self) -> tuple[tuple[Func, Search], ...]:
        return tuple((start, self._from([start])) for start in self._of_users)

    @cached_property
    def _of_users(self) -> tuple[Func, ...]:
        """Where the programs start that are no service."""
        services = {func.unit for func in self._starts.entries.found}
        scripts = (Func(it.index, 0) for it in self._scripts if it.index not in services)
        mains = (
            main
            for main in self._mains()
            if main not in self._starts.starters
            and main not in self._starts.entries.found
            and not self._starts_framework(main)
        )
        return (*scripts, *mains)

    def _mains(self) -> Iterator[Func]:
        for functions in self._starts.mains.of_unit.values():
            yield from (func for func in functions if not self._unit_tests.hold(func))

    @cached_property
    def _scripts(self) -> tuple[Unit, ...]:
        units = self._starts.scripts
        return tuple(it for it in units if not self._unit_tests.hold(Func(it.index, 0)))

    @cached_property
    def _clients(self) -> Search:
        """From every start of a program, without the service control manager. Of a program whose
        start is out of sight, what leads to the dispatcher stands for it."""
        starts = self._starts
        roots = [*self._mains(), *(Func(unit.index, 0) for unit in self._run_by_name())]
        roots += sorted(starts.starters)
        roots = [
            func
            for func in roots
            if func.unit not in starts.said_services and not starts.entries.is_installed(func)
        ]
        for number in sorted(starts.said_clients):
            functions = range(len(self._index.units[number].facts.functions))
            roots.extend(Func(number, i) for i in functions)
        return self._from(roots)

    def _run_by_name(self) -> Iterator[Unit]:
        loaded, callees = self._starts.entries.loaded, self._callees
        for unit in self._scripts:
            if unit.index not in loaded or not only_hosts(unit, self._index, callees):
                yield unit

    @cached_property
    def _graphical(self) -> Search:
        services = {entry.unit for entry in self._starts.entries.found}
        roots = [
            main
            for main in self._mains()
            if main in self._starts.starters
            or self._starts_framework(main)
            or self._index.function(main).name in GRAPHICAL_NAMES
        ]
        console = (Func(unit.index, 0) for unit in self._scripts if unit.index in services)
        roots.extend(func for func in console if not self._starts.entries.is_installed(func))
        return self._from(roots)

    def _from(self, roots: list[Func]) -> Search:
        """A search from roots, grouped by the programs that they lie in."""
        groups: dict[frozenset[int], list[Func]] = {}
        for root in roots:
            groups.setdefault(self._linkage.programs(root.unit), []).append(root)
        return Search(
            *((group, partial(self._next, programs)) for programs, group in groups.items())
        )

    def _next(self, programs: frozenset[int], func: Func) -> list[Func]:
        targets = [edge.target for edge in self._ways(func, programs)]
        return [target for target in targets if not self._starts.is_entered(target)]

    def _starts_framework(self, main: Func) -> bool:
        """True for the ``main`` of a service made with ATL, Qt or the like: the framework calls
        the dispatcher."""
        seen = self._modules.visible(self._index.unit(main))
        return bool(seen & self._starts.entries.framework_units)
