"""Who runs a function: the service, a client program, an installer; and the path that proves it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cached_property

from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.debug_builds import only_debug_build
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.mains import Mains
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.regions import Regions
from sessionzero.link.files.unit_tests import UnitTests
from sessionzero.link.files.units import CallSite, Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.values.python_platform import PythonPlatform
from sessionzero.link.values.values import Values
from sessionzero.link.values.writes import Writes
from sessionzero.link.ways.beforehand import Beforehand
from sessionzero.link.ways.branches import Branches
from sessionzero.link.ways.by_hand import ByHand
from sessionzero.link.ways.command_line import (
    command_line_names,
)
from sessionzero.link.ways.decisions import Decisions
from sessionzero.link.ways.doing import installing
from sessionzero.link.ways.edges import Edge, Edges
from sessionzero.link.ways.entries import Entries, Entry
from sessionzero.link.ways.file_objects import made_before_main
from sessionzero.link.ways.flags import Flags
from sessionzero.link.ways.givers import Givers
from sessionzero.link.ways.guards import Guards
from sessionzero.link.ways.makers import Makers
from sessionzero.link.ways.paths import Paths, Step
from sessionzero.link.ways.python_apart import loaded_by_others
from sessionzero.link.ways.python_edges import IMPORTS, PythonEdges
from sessionzero.link.ways.roles import Roles, starts_in, units_of
from sessionzero.link.ways.starters import find_starters, service_programs

_MADE = "makes its objects before the program begins"
_BEFOREHAND = "runs before the service control dispatcher"


class Context:
    """The context of every function of a program."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        callees: Callees,
        modules: Modules,
        cpp: CppNames,
        mains: Mains,
        scripts: tuple[Unit, ...],
        unit_tests: UnitTests,
        linkage: Linkage,
        entries: Entries,
        roles: Roles,
        python: PythonEdges,
        platform: PythonPlatform,
        writes: Writes,
        values: Values,
        regions: Regions,
        makers: Makers,
    ) -> None:
        self._index = index
        self._modules = modules
        self._cpp = cpp
        self._catalog = catalog
        self._callees = callees
        self.mains = mains
        self._linkage = linkage
        self._regions = regions
        self.entries = entries
        self.said_services = units_of(index, roles.services)
        self.said_clients = units_of(index, roles.clients)
        self.guards = Guards(index, catalog, callees, writes)
        flags = Flags(index, callees, writes, values, self)
        self._decisions = Decisions(index, catalog, writes, values, flags)
        self.branches = Branches(
            *(index, catalog, callees, self.guards, platform, self._decisions), self
        )
        self._edges = Edges(index, catalog, modules, callees, cpp, python, linkage)
        self._givers = Givers(index, callees, self._edges, makers, linkage, self)
        self._service_programs: frozenset[int] = frozenset()
        self.started: dict[Func, frozenset[str]] = {}  # programs, with what they were called with
        self.loaded: set[Func] = set()  # code of Python files that runs as that of a module
        self._held: list[tuple[Func, Edge]] = []  # calls of what nothing has put into a pointer yet
        self.starters: dict[Func, Edge] = {}
        self._beforehand = Beforehand(
            index, callees, linkage, self.branches.may_choose, self.enters
        )
        self._paths = Paths(self._beforehand)
        self._reached = self._paths.reached
        self.scripts = scripts
        self.by_hand = ByHand(
            *(index, modules, linkage, callees, self._edges.within, unit_tests), self
        )
        self._search()

    # --- questions ---

    def runs_as_service(self, func: Func) -> bool:
        """True if the service process runs the function."""
        return func in self._reached

    def runs_partly(self, func: Func) -> bool:
        """True if the service process runs some of the function: of a start, what comes before its
        dispatcher."""
        return func in self._reached or func in self._beforehand.calls

    def also_by_hand(self, func: Func) -> bool:
        """True if a program that a user starts runs the function."""
        if func in self.starters and func not in self._reached:
            return func.unit in self.said_clients
        return self.by_hand.runs(func)

    def path(self, func: Func) -> tuple[Step, ...]:
        """The steps from the service entry to ``func``; the last step's place is in its caller."""
        return self._paths.to(func)

    def entry(self, func: Func) -> Entry | None:
        """The service entry from which ``func`` is reached."""
        return self._paths.entry(func)

    def runs_as_user(self, func: Func) -> bool:
        """True for what a scheduled task of a user runs in session 0: "the user" is that one."""
        entry = self.entry(func)
        return entry is not None and entry.account == "user"

    def starts_service(self, func: Func) -> bool:
        """True if a function leads to the dispatcher call, or gets the command line before it: only
        part of it runs as the service."""
        return func in self.starters or func in self._beforehand.came

    def before_dispatcher(self, site: CallSite) -> bool:
        """True if a call in a starter runs before the service starts, whatever the command line."""
        func = Func(site.unit, self._index.call(site).function)
        return site in self._beforehand.calls.get(func, ())

    def leads_before(self, func: Func, position: int) -> frozenset[Func]:
        """All functions that a function may lead to before it comes to a position of its own."""
        return self.leads_to(e.target for e in self._edges.of(func) if e.start < position)

    def leads_to(self, starts: Iterable[Func]) -> frozenset[Func]:
        """All functions that some functions lead to by whatever way, themselves included; not what
        a file merely does when it is imported."""
        seen = set(starts)
        pending = list(seen)
        while pending:
            edges = self._edges.of(pending.pop())
            fresh = {edge.target for edge in edges if edge.how != IMPORTS} - seen
            seen |= fresh
            pending.extend(fresh)
        return frozenset(seen)

    def follow(self, main: Func, step: Step, *, loaded: bool) -> bool:
        """Let the service reach the start of another program by that step, or what that program
        has ``loaded`` as a module; true if that is news."""
        known = main in self._reached and (loaded or main not in self.loaded)
        if known or main in self.starters or main.unit in self.said_clients:
            return False
        (self.loaded.add if loaded else self.loaded.discard)(main)
        if main not in self._reached or not self._leads_through(main, step.func):
            self._reached[main] = step
        self.started[main] = command_line_names(self._index, main)
        more = self._linkage.programs(main.unit) - self._service_programs
        self._service_programs |= more
        self._spread(deque([*self._reached] if more else [main]))
        while self.branches.open_again():
            self._spread(deque(self._reached))
        return True

    def _leads_through(self, main: Func, func: Func) -> bool:
        """Whether the path to a function leads through ``main``: then it can't be a path to it."""
        return func == main or any(step.func == main for step in self.path(func))

    def is_started(self, main: Func) -> bool:
        """True for the start of a program that the service starts."""
        return main in self.started

    # --- reaching ---

    def _search(self) -> None:
        self.starters.update(
            find_starters(self._index, self.entries, self.mains, self._linkage, self._edges.within)
        )
        for start in self._installed():
            self.started[start] = command_line_names(self._index, start)
        self._service_programs = service_programs(
            *(self._index, self.entries, self.starters, self.mains),
            *(self._linkage, self._regions, self._edges.within),
        )
        self._reach()
        while self.reach_less():
            pass

    def reach_less(self) -> bool:
        """Begin anew without the branches that what is reached now rules out; false if there are
        none. The programs that the service starts must be followed again."""
        if not self.branches.shut_more():
            return False
        self._reach()
        return True

    def _installed(self) -> Iterator[Func]:
        """The starts of programs that an installer has run in session 0; one that leads to a
        dispatcher of its own, or has a service's class, needs none, and is judged by that."""
        for start in [func for func in self.entries.found if self.entries.is_installed(func)]:
            if start in self.starters or start.unit in self.entries.loaded:
                del self.entries.found[start]
            else:
                yield start

    def _reach(self) -> None:
        for found in (self._paths, self._beforehand, self._decisions.incoming):
            found.clear()
        self.loaded.clear()
        self._held.clear()
        pending: deque[Func] = deque()
        for entry in sorted(self.entries.found.values()):
            if entry.func not in self._reached:
                self._start(entry, pending)
            if entry.loaded:
                self.loaded.add(entry.func)
        for entry in self.entries.of_files():
            if entry.func not in self.starters:
                self.loaded.add(entry.func)
                self._start(entry, pending)
        self._spread(pending)
        for func in sorted(self.starters):
            self._from_start(func, pending)
        self._spread(pending)
        self._from_files(pending)
        for func in starts_in(self._index, self._edges, self.said_services):
            self._start_configured(func, pending)
        self._spread(pending)

    def _start_configured(self, func: Func, pending: deque[Func]) -> None:
        if func not in self._reached and func not in self.starters and not self.installs(func):
            entry = self.entries.configure(func)
            if entry is not None:
                self._start(entry, pending)

    def _start(self, entry: Entry, pending: deque[Func]) -> None:
        self._paths.begin(entry)
        pending.append(entry.func)

    def _spread(self, pending: deque[Func]) -> None:
        self._paths.go_on()
        while pending:
            func = pending.popleft()
            for edge in self._edges.within(func, self._service_programs):
                self._go(func, edge, pending)
            if not pending:  # what is reached by now may have put more into pointers
                held, self._held = self._held, []
                for caller, edge in held:
                    self._go(caller, edge, pending)

    def _go(self, func: Func, edge: Edge, pending: deque[Func]) -> None:
        self._decisions.came(func, edge)
        if edge.target not in self._reached and self.enters(func, edge):
            if not self._givers.may_be_there(func, edge) or self._is_apart(func, edge):
                self._held.append((func, edge))
                return
            step = Step(func, edge.how, edge.start, edge.end, edge.branch)
            self._reached[edge.target] = step
            if edge.how == IMPORTS:
                self.loaded.add(edge.target)
            pending.append(edge.target)

    def _is_apart(self, func: Func, edge: Edge) -> bool:
        """True if a call seems to lead into a Python file that the service hasn't loaded, and only
        other programs load: to an override in their classes."""
        there = edge.target.unit
        crosses = edge.how == "calls" and there in self._apart and func.unit not in self._apart
        return crosses and Func(there, 0) not in self._reached

    @cached_property
    def _apart(self) -> frozenset[int]:
        services = {func.unit for func in (*self.entries.found, *self.starters)}
        units = (self._index.units[number] for number in services | self.said_services)
        return loaded_by_others(self._index, self._modules, units, self.scripts)

    def enters(self, func: Func, edge: Edge) -> bool:
        """True if the service, in ``func``, goes that way, as far as that is settled."""
        target = edge.target
        if target.unit in self.said_clients or self.installs(target):
            return False
        if target in self.starters and not self._comes_back(func, edge):
            return False
        unit = self._index.unit(func)
        if any(
            self.branches.is_shut(unit, branch, func) for branch in unit.branch_chain(edge.branch)
        ):
            return False
        if self.branches.is_way_in(func, edge.branch):
            return False
        return not (
            only_debug_build(unit, edge.start)
            or self.left_out(unit, edge.start)
            or self.left_out(self._index.unit(target), self._index.function(target).start)
            or self.branches.left_to_command_line(func, edge.branch)
        )

    def left_out(self, unit: Unit, start: int) -> bool:
        """True for a place that isn't compiled for the programs that the service is in."""
        return self._regions.left_out(unit, start, self._service_programs)

    def _comes_back(self, func: Func, edge: Edge) -> bool:
        """True if the service calls the start of its own program again, to do there what it does
        without the switch by which it becomes a service: ``ServiceMain`` calls ``main``."""
        if edge.call < 0 or func in self.starters or self.starters[edge.target].branch < 0:
            return False
        way = self.path(func)  # what the start itself runs may call it again: no news
        return not way or way[0].func != edge.target

    def asks_for_service(self, func: Func, branch: int) -> bool:
        """True if a test on the way to a place, ``branch`` of ``func``, has found that the program
        runs as a service."""
        places = [(step.func, step.branch) for step in self.path(func)]
        return any(
            self.guards.as_service(self._index.unit(at), i, at.index)
            for at, inner in (*places, (func, branch))
            for i in self._index.unit(at).branch_chain(inner)
        )

    def installs(self, func: Func) -> bool:
        """True if the function itself creates or deletes services: installer code."""
        return func in self._installers

    @cached_property
    def _installers(self) -> frozenset[Func]:
        return installing(self._index, self._catalog, self._callees)

    # --- before the dispatcher ---

    def _from_start(self, func: Func, pending: deque[Func]) -> None:
        """What a starter runs before the dispatcher whatever the command line says."""
        if func.unit in self.said_clients:
            return
        unit, described = self._index.unit(func), self._index.function(func)
        name = (described.name_start, described.name_end)
        self._paths.begin_beforehand(Entry(func, _BEFOREHAND, func.unit, *name))
        for edge in self._edges.of(func):
            if edge.how == IMPORTS:
                chain = unit.branch_chain(edge.branch)
                if not any(self.branches.chooses(unit, i, func) for i in chain):
                    self._go(func, edge, pending)
        for at, edge in self._beforehand.follow(func, self.starters[func]):
            self._go(at, edge, pending)

    def _from_files(self, pending: deque[Func]) -> None:
        """What the objects of its files run that a service makes before its ``main``."""
        run = (*self._reached, *self.starters)
        for file, edge in made_before_main(self._index, self._edges, run):
            self._paths.begin_beforehand(Entry(file, _MADE, file.unit, edge.start, edge.end))
            self._go(file, edge, pending)
        self._spread(pending)

    def is_entered(self, func: Func) -> bool:
        """True if only the service control manager or a framework calls the function."""
        return func in self.entries.found and func not in self.entries.also_called
