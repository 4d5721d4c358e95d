"""What calls through pointers and base classes can mean: what somebody who runs has put into the
pointer, and methods of objects that somebody has made."""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

from sessionzero.link.by_hand import ByHand
from sessionzero.link.callees import Callees
from sessionzero.link.edges import Edge, Edges
from sessionzero.link.entries import Entries
from sessionzero.link.index import ProgramIndex
from sessionzero.link.mains import Mains
from sessionzero.link.makers import Makers
from sessionzero.link.searches import Search
from sessionzero.link.units import CallSite, Func, Unit


class Runs(Protocol):
    """Who runs a function, as far as that is settled; the context answers."""

    mains: Mains
    entries: Entries
    starters: dict[Func, Edge]
    by_hand: ByHand

    def runs_as_service(self, func: Func) -> bool: ...
    def is_shut(self, unit: Unit, branch: int, func: Func) -> bool: ...


class Givers:
    """Judges calls of functions that the service doesn't name itself."""

    def __init__(
        self, index: ProgramIndex, callees: Callees, edges: Edges, makers: Makers, runs: Runs
    ) -> None:
        self._index = index
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
            places = self._makers.of_method(edge.target) if len(callee.functions) > 1 else ()
            return not places or any(self._makes(maker, branch) for maker, branch in places)
        givers = [giver for target, giver in callee.given if target == edge.target]
        return not givers or any(
            self._runs.runs_as_service(giver)
            or self._runs_elsewhere(giver)
            or self._is_out_of_sight(giver)
            for giver in givers
        )

    def _makes(self, func: Func, branch: int) -> bool:
        """True if the service may come to that place, or it isn't known who does."""
        unit = self._index.unit(func)
        if any(self._runs.is_shut(unit, i, func) for i in unit.branch_chain(branch)):
            return False
        return (
            self._runs.runs_as_service(func)
            or self._runs_elsewhere(func)
            or not self._runs.by_hand.runs(func)
        )

    def _runs_elsewhere(self, func: Func) -> bool:
        """True for what runs before the service does, in its program or another one."""
        return func.index == 0 or self._leading.reaches(func) or self._starts_another(func)

    def _starts_another(self, func: Func) -> bool:
        """True if a function that another program runs leads to the dispatcher: that program
        becomes a service, too."""
        return self._runs.by_hand.runs(func) and self._leads_to_dispatcher(func)

    def _leads_to_dispatcher(self, func: Func) -> bool:
        """True if a function calls the dispatcher, or leads to one that does. What is found to lead
        nowhere is looked through once, whoever comes there."""
        seen = {func} - self._leading_nowhere
        pending = list(seen)
        while pending:
            current = pending.pop()
            if current in self._dispatching:
                return True
            fresh = {edge.target for edge in self._edges.of(current)} - seen - self._leading_nowhere
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
        and plug-ins of C have, hide who does. What stands beside the start of another program is
        that program's."""
        unit = self._index.unit(func)
        if unit.facts.language != "c" or unit.directory in self._directories_of_others:
            return False
        return not self._runs.by_hand.runs(func)

    @cached_property
    def _directories_of_others(self) -> frozenset[str]:
        """Where programs start, but for those where a service begins."""
        units = self._index.units
        starts = {
            units[number].directory for number, found in self._runs.mains.of_unit.items() if found
        }
        begins = (*self._runs.entries.found, *self._runs.starters)
        return frozenset(starts - {units[func.unit].directory for func in begins})

    @cached_property
    def _leading(self) -> Search:
        """What the programs may run that become a service, whatever their command line."""
        return Search(
            self._runs.starters, lambda func: (edge.target for edge in self._edges.of(func))
        )
