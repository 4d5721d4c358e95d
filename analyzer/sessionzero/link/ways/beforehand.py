"""What the start of a service does before it calls the dispatcher, whatever the command line says.

Some of it stands in functions that get the command line, or look at it by themselves: of these the
service runs what depends on nothing of it, as it does of the start itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sessionzero.facts import Branch, Call, Operation
from sessionzero.link.files.debug_builds import only_debug_build
from sessionzero.link.files.expressions import path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.units import CallSite, Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.ways.command_line import (
    asks_command_line,
    command_line_names,
    mentions_command_line,
)
from sessionzero.link.ways.edges import Edge

_END_PROCESS = frozenset(("_exit", "exit", "os._exit", "quit", "sys.exit"))  # of Python

Chooses = Callable[[Unit, int, frozenset[str], Func], bool]
"""Whether a branch of a start depends on names of the command line, or means a run by hand."""

Enters = Callable[[Func, Edge], bool]
"""Whether the service goes a way."""


class Beforehand:
    """Follows starts to their dispatchers."""

    def __init__(
        self,
        index: ProgramIndex,
        callees: Callees,
        linkage: Linkage,
        chooses: Chooses,
        enters: Enters,
    ) -> None:
        self._index = index
        self._callees = callees
        self._linkage = linkage
        self._chooses = chooses
        self._enters = enters
        # The calls that are certain, by the start or the function that gets its command line.
        self.calls: dict[Func, tuple[CallSite, ...]] = {}
        self.came: dict[Func, tuple[Func, Edge]] = {}  # to what gets the command line

    def clear(self) -> None:
        """Forget all starts."""
        self.calls.clear()
        self.came.clear()

    def follow(self, start: Func, dispatcher: Edge) -> list[tuple[Func, Edge]]:
        """The ways that the service certainly takes from a start, and from what gets the command
        line of it; kept are the calls."""
        programs = self._linkage.programs(start.unit)
        pending: list[tuple[Func, Edge | None]] = [(start, dispatcher)]
        certain = []
        while pending:
            func, before = pending.pop()
            found = tuple(self._unconditional(func, before))
            self.calls[func] = tuple(site for site, handed in found if not handed)
            for site, handed in found:
                call = self._index.call(site)
                targets = self._callees.of(site).functions
                for target in self._linkage.at_home(targets, programs):
                    edge = Edge(target, "calls", call.start, call.end, call.branch, site.index)
                    if not handed and not asks_command_line(self._index, target):
                        certain.append((func, edge))
                    elif target not in self.calls and self._enters(func, edge):
                        self.came[target] = (func, edge)
                        pending.append((target, None))
        return certain

    def _unconditional(
        self, func: Func, dispatcher: Edge | None
    ) -> Iterator[tuple[CallSite, bool]]:
        """The calls that a function makes (before the dispatcher's) whatever the command line says,
        and whether they get something of it."""
        unit = self._index.unit(func)
        tainted = command_line_names(self._index, func)
        shared = self._not_left(func, unit) if unit.is_python else frozenset()
        if dispatcher is not None:
            shared = unit.branch_chain(dispatcher.branch)
        chosen = any(self._chooses(unit, i, tainted, func) for i in shared)
        for earlier in self._index.calls_of(func):
            call = self._index.call(earlier)
            chain = [i for i in unit.branch_chain(call.branch) if i not in shared]
            after = (
                dispatcher is not None
                and dispatcher.how != "starts"  # beside a thread that calls it, the start goes on
                and (call.start >= dispatcher.start or call.end >= dispatcher.end)
                and not _is_inside(call, dispatcher)
            )
            if after and (not _handles_exception(unit, chain) or _elsewhere(unit, chain, shared)):
                continue
            if any(self._chooses(unit, i, tainted, func) for i in chain):
                continue
            if only_debug_build(unit, call.start):
                continue
            if chosen and shared <= unit.branch_chain(call.branch):
                yield earlier, False  # the command line has asked for the service already
                continue
            if not self._callees.of(earlier).functions:
                yield earlier, False  # what Windows or a framework makes of the words is the same
                continue
            arguments = (argument.value for argument in call.arguments)
            yield earlier, any(mentions_command_line(value, tainted, unit) for value in arguments)

    def _not_left(self, func: Func, unit: Unit) -> frozenset[int]:
        """The branches beside those in which the process ends: a service that comes to its
        dispatcher has gone them."""
        calls = [self._index.call(site) for site in self._index.calls_of(func)]
        ended = {c.branch for c in calls if c.branch >= 0 and path_of(c.callee) in _END_PROCESS}
        left = [unit.facts.branches[i] for i in ended]
        return frozenset(
            i
            for call in calls
            for i in unit.branch_chain(call.branch)
            if any(_are_opposite(unit.facts.branches[i], branch) for branch in left)
        )


def _is_inside(call: Call, dispatcher: Edge) -> bool:
    """Whether a call gives what the other is called with, or on: ``Agent{}.run()``."""
    within = dispatcher.start <= call.start and call.end <= dispatcher.end
    return within and (call.start, call.end) != (dispatcher.start, dispatcher.end)


def _elsewhere(unit: Unit, chain: list[int], shared: frozenset[int]) -> bool:
    """True where the test that leads to the dispatcher, ``shared``, has gone the other way."""
    asked = {
        (branch.condition.start, branch.condition.end, not branch.holds)
        for branch in (unit.facts.branches[i] for i in shared)
    }
    return any(
        (branch.condition.start, branch.condition.end, branch.holds) in asked
        for branch in (unit.facts.branches[i] for i in chain)
    )


def _are_opposite(one: Branch, other: Branch) -> bool:
    return one.condition == other.condition and one.holds != other.holds


def _handles_exception(unit: Unit, chain: list[int]) -> bool:
    """True for a ``catch`` clause: what failed in it may well have been the service."""
    conditions = [unit.facts.branches[i].condition for i in chain]
    return any(isinstance(c, Operation) and c.operator == "catch" for c in conditions)
