"""What calls through pointers and base classes can mean: what somebody who runs has put into the
pointer, and methods of objects that somebody has made."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

from sessionzero.link.files.debug_builds import only_debug_build
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.mains import Mains
from sessionzero.link.files.searches import Search
from sessionzero.link.files.units import CallSite, Func, Unit
from sessionzero.link.names.callee import Given
from sessionzero.link.names.callees import Callees
from sessionzero.link.ways.branches import Branches
from sessionzero.link.ways.by_hand import ByHand
from sessionzero.link.ways.edges import Edge, Edges
from sessionzero.link.ways.entries import Entries
from sessionzero.link.ways.makers import Makers


class Runs(Protocol):
    """Who runs a function, as far as that is settled; the context answers."""

    mains: Mains
    entries: Entries
    starters: dict[Func, Edge]
    by_hand: ByHand
    branches: Branches

    def runs_as_service(self, func: Func) -> bool: ...


class Givers:
    """Judges calls of functions that the service doesn't name itself."""

    def __init__(
        self,
        index: ProgramIndex,
        callees: Callees,
        edges: Edges,
        makers: Makers,
        linkage: Linkage,
        runs: Runs,
    ) -> None:
        self._index = index
        self._linkage = linkage
        self._callees = callees
        self._edges = edges
        self._makers = makers
        self._runs = runs
        self._leading_nowhere: set[Func] = set()

    def may_be_there(self, func: Func, edge: Edge) -> bool:
        """True unless a call goes through a pointer into which nobody has put its target, or means
        a method of objects that nobody has made: neither the service nor its program on the way to
        become one."""
        if edge.call < 0:
            return True
        callee = self._callees.of(CallSite(func.unit, edge.call))
        if not callee.given:
            return len(callee.functions) < 2 or self._has_object(edge.target, callee.functions)
        given = [item for item in callee.given if item.target == edge.target]
        return not given or any(self._gives(item) for item in given)

    def _has_object(self, method: Func, alike: tuple[Func, ...]) -> bool:
        """True unless a call that can mean several methods has none of the objects of one: nobody
        makes them, or only somebody else does."""
        places = self._makers.of_method(method)
        if places:
            return any(self._makes(*place) for place in places)
        others = (other for other in alike if other != method and self._makers.of_method(other))
        return not (self._makers.is_unsaid(method) and any(others))

    def _gives(self, item: Given) -> bool:
        """True if somebody may have put a function into a pointer before the service calls it."""
        unit = self._index.unit(item.giver)
        if only_debug_build(unit, item.start):
            return False
        if self._runs.runs_as_service(item.giver):
            return True
        dispatcher = self._runs.starters.get(item.giver)
        if dispatcher is not None and dispatcher.how == "calls":
            branch = unit.branch_at(item.start)
            return not _is_behind(unit, item.giver, item.start, branch, dispatcher)
        if self._runs_elsewhere(item.giver):
            return True
        # What is started with what it calls runs nowhere but in what its own giver has started.
        return not item.started and self._is_out_of_sight(item.giver)

    def _makes(self, func: Func, branch: int, start: int) -> bool:
        """True if the service may come to that place, or it isn't known who does. An object of a
        file does nothing until somebody names it, but for what it does when it is made."""
        unit = self._index.unit(func)
        named = self._makers.namings(unit, start) if func.index == 0 else ()
        if named:
            return any(self._makes(*place) for place in named)
        if any(self._runs.branches.is_shut(unit, i, func) for i in unit.branch_chain(branch)):
            return False
        dispatcher = self._runs.starters.get(func)
        if dispatcher is not None and dispatcher.how == "calls":
            return not _is_behind(unit, func, start, branch, dispatcher)
        return (
            self._runs.runs_as_service(func)
            or self._runs_elsewhere(func)
            or not (self._runs.by_hand.runs(func) or self._is_of_another(func))
        )

    def _is_of_another(self, func: Func) -> bool:
        """True for code below the folder in which another program starts, if no service begins in
        there: who of it makes an object may be out of sight, but is no service."""
        unit = self._index.unit(func)
        folder = unit.directory
        while folder:
            if folder in self._directories_of_others and not unit.is_python:
                return not any(
                    f"{self._index.unit(begin).directory}/".startswith(f"{folder}/")
                    for begin in self._begins
                )
            folder = folder.rpartition("/")[0]
        return False

    def _runs_elsewhere(self, func: Func) -> bool:
        """True for what runs before the service does, in its program or another one."""
        return func.index == 0 or self._leading.reaches(func) or self._starts_another(func)

    def _starts_another(self, func: Func) -> bool:
        """True if a function that another program runs leads to the dispatcher: that program
        becomes a service, too."""
        return self._leads_to_dispatcher(func) and self._runs.by_hand.runs(func)

    def _leads_to_dispatcher(self, func: Func) -> bool:
        """True if a function calls the dispatcher, or leads to one that does. What is found to lead
        nowhere is looked through once, whoever comes there."""
        seen = {func} - self._leading_nowhere
        pending = list(seen)
        while pending:
            current = pending.pop()
            if current in self._dispatching:
                return True
            fresh = set(self._led_to(current)) - seen - self._leading_nowhere
            seen |= fresh
            pending.extend(fresh)
        self._leading_nowhere |= seen
        return False

    @cached_property
    def _dispatching(self) -> frozenset[Func]:
        sites = self._runs.entries.dispatchers
        return frozenset(Func(site.unit, self._index.call(site).function) for site in sites)

    def _is_out_of_sight(self, func: Func) -> bool:
        """True for a function of C that nobody is known to run: tables that macros name, as drivers
        of C have, hide who does. What stands beside the start of another program is that program's,
        and what build files put into other products alone is theirs."""
        unit = self._index.unit(func)
        if unit.facts.language != "c" or unit.directory in self._directories_of_others:
            return False
        if self._linkage.in_product(unit.index) and not (
            self._linkage.programs(unit.index) & self._begin_in
        ):
            return False
        return not self._runs.by_hand.runs(func)

    @cached_property
    def _directories_of_others(self) -> frozenset[str]:
        """Where programs start, but for those where a service begins."""
        units = self._index.units
        starts = {
            units[number].directory
            for number, found in self._runs.mains.of_unit.items()
            if found and not units[number].is_python
        }
        return frozenset(starts - {units[func.unit].directory for func in self._begins})

    @cached_property
    def _begin_in(self) -> frozenset[int]:
        """The programs in which a service begins, as far as build files say."""
        return frozenset().union(*(self._linkage.programs(func.unit) for func in self._begins))

    @property
    def _begins(self) -> tuple[Func, ...]:
        return (*self._runs.entries.found, *self._runs.starters)

    @cached_property
    def _leading(self) -> Search:
        """What the programs may run before they become a service."""
        return Search((self._runs.starters, self._before))

    def _before(self, func: Func) -> Iterator[Func]:
        """Where a function leads to before a service begins. Of a start, that is what it may do
        before the dispatcher's call: what stands behind it, or on the other side of a condition,
        has put nothing anywhere by then. A start that lets a thread call the dispatcher goes on
        meanwhile."""
        dispatcher = self._runs.starters.get(func)
        unit, first = self._index.unit(func), dispatcher is not None and dispatcher.how == "calls"
        for edge in self._edges.of(func):
            if (
                dispatcher is not None
                and first
                and _is_behind(unit, func, edge.start, edge.branch, dispatcher)
            ):
                continue
            if not self._leads_elsewhere(func, edge):
                yield edge.target

    def _led_to(self, func: Func) -> Iterator[Func]:
        """Where a function leads to in its own program."""
        for edge in self._edges.of(func):
            if not self._leads_elsewhere(func, edge):
                yield edge.target

    def _leads_elsewhere(self, func: Func, edge: Edge) -> bool:
        """True for what begins by itself, a service or another program, and for a call through a
        pointer: to what may be in it leads whoever names that, and not everybody who calls."""
        if edge.target in self._runs.entries.found or edge.target in self._other_starts:
            return True
        if edge.call < 0:
            return False
        given = self._callees.of(CallSite(func.unit, edge.call)).given
        givers = [item.giver for item in given if item.target == edge.target]
        return bool(givers) and all(giver.index > 0 for giver in givers)

    @cached_property
    def _other_starts(self) -> frozenset[Func]:
        """Where programs start that become no service."""
        found = {main for mains in self._runs.mains.of_unit.values() for main in mains}
        return frozenset(found - self._runs.starters.keys())


def _is_behind(unit: Unit, func: Func, start: int, branch: int, dispatcher: Edge) -> bool:
    """Whether a start comes to a place only after the dispatcher's call, or instead of it: on the
    other side of a condition, or in a branch that it then leaves for good."""
    if start > dispatcher.end:
        return True
    sides = {(b.condition.start, b.condition.end): b.holds for b in unit.branches(branch)}
    if any(
        sides.get((b.condition.start, b.condition.end), b.holds) != b.holds
        for b in unit.branches(dispatcher.branch)
    ):
        return True
    around = unit.branch_chain(branch) - unit.branch_chain(dispatcher.branch)
    returns = (unit.facts.returns[i] for i in unit.returns_of.get(func.index, ()))
    return any(it.branch in around and it.value.start > start for it in returns)
