"""Branches that the service doesn't take, as far as that is settled: those of runs by hand, of
other systems, and of conditions that have one answer in the service."""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.implied import asks, implies
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.python_scripts import run_by_name
from sessionzero.link.files.switches import Switches
from sessionzero.link.files.units import Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.python_platform import PythonPlatform
from sessionzero.link.ways.command_line import (
    command_line_names,
    mentions_command_line,
    words_of_command,
)
from sessionzero.link.ways.decisions import Decisions
from sessionzero.link.ways.doing import touching
from sessionzero.link.ways.edges import Edge
from sessionzero.link.ways.entries import Entries
from sessionzero.link.ways.guards import Guards


class Reach(Protocol):
    """What the service runs, as far as that is found."""

    starters: dict[Func, Edge]
    started: dict[Func, frozenset[str]]
    loaded: set[Func]
    entries: Entries

    def runs_as_service(self, func: Func) -> bool: ...

    def runs_partly(self, func: Func) -> bool: ...


class Branches:
    """Judges the branches of what the service reaches."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        callees: Callees,
        guards: Guards,
        platform: PythonPlatform,
        decisions: Decisions,
        reach: Reach,
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._callees = callees
        self._guards = guards
        self._platform = platform
        self._decisions = decisions
        self._reach = reach
        self._switches = Switches(index)
        self._shut: set[tuple[Func, int]] = set()
        self._opened: set[tuple[Func, int]] = set()  # again: those stay open, or there is no end
        self._undecidable: set[tuple[Func, int]] = set()
        self._words: dict[Func, frozenset[str]] = {}
        self._typed: dict[Func, frozenset[str]] = {}

    def is_shut(self, unit: Unit, branch: int, func: Func) -> bool:
        """True if a branch is only taken by hand, on other systems, or not when the service comes
        there, as far as that is settled."""
        if (func, branch) in self._shut:
            return True
        if func in self._reach.loaded and self._is_of_run(unit, branch, func):
            return True
        if self._platform.never(unit, branch, func.index):
            return True
        return self._guards.by_hand(unit, branch, func.index)

    def _is_of_run(self, unit: Unit, branch: int, func: Func) -> bool:
        """True for what the code of a file does when it is run by name, and for what its command
        line decides: nothing gives one to a file that is loaded."""
        names = self._typed.get(func)
        if names is None:
            names = self._typed[func] = command_line_names(self._index, func)
        condition = unit.facts.branches[branch].condition
        return run_by_name(unit, branch) or mentions_command_line(condition, names, unit)

    def never_taken(self, unit: Unit, branch: int, func: Func) -> bool:
        """True if the service takes none of the branches around a place: ``branch`` is the
        innermost one."""
        return self.is_way_in(func, branch) or any(
            self.is_shut(unit, i, func) or self._is_ruled_out(func, i)
            for i in unit.branch_chain(branch)
        )

    def chooses(self, unit: Unit, branch: int, func: Func) -> bool:
        """True if a branch of a starter depends on the command line, or means a run by hand."""
        return self.may_choose(unit, branch, command_line_names(self._index, func), func)

    def may_choose(self, unit: Unit, branch: int, tainted: frozenset[str], func: Func) -> bool:
        """The same of any function: ``tainted`` are its names that hold something of the command
        line."""
        condition = unit.facts.branches[branch].condition
        return mentions_command_line(condition, tainted, unit) or self.is_shut(unit, branch, func)

    def left_to_command_line(self, func: Func, branch: int) -> bool:
        """True where a function does what only a command line asks for, in the start of a program
        that the service starts or in a function that gets an ``argv``: nobody knows whether it
        does. What it does else is the usual, and what leads to the dispatcher has been asked for.
        (The words that a service main function gets are another matter: nobody types them.)"""
        unit = self._index.unit(func)
        chain = unit.branch_chain(branch)
        if func in self._reach.starters:
            chain -= unit.branch_chain(self._reach.starters[func].branch)
        if unit.is_python and any(self._is_switched(unit, i) for i in chain):
            return True
        names = self._reach.started.get(func)
        if names is None and func not in self._reach.entries.found:
            names = self._words.get(func)
            if names is None:
                names = self._words[func] = words_of_command(self._index, func)
        if names is None or not (names or unit.is_python):  # `sys.argv` is everybody's
            return False
        return any(
            self.may_choose(unit, i, names, func) for i in chain if asks(unit.facts.branches[i])
        )

    def _is_switched(self, unit: Unit, branch: int) -> bool:
        described = unit.facts.branches[branch]
        return implies(
            described.condition,
            described.holds,
            unit,
            lambda expr, holds: holds and self._switches.is_given(expr),
        )

    def is_way_in(self, func: Func, branch: int) -> bool:
        """True for what a start, that the service has come back to, does to become a service."""
        if func not in self._reach.starters or not self._reach.runs_as_service(func):
            return False
        return self._reach.starters[func].branch in self._index.unit(func).branch_chain(branch)

    def shut_more(self) -> bool:
        """Shut the branches that lead on and that the service's calls and flags rule out."""
        branches = {
            (func, branch)
            for target in self._leading_to_windows()
            for func, edge in self._decisions.ways_to(target)
            for branch in self._index.unit(func).branch_chain(edge.branch)
        }
        open_ = branches - self._shut - self._opened
        found = {key for key in open_ if self._is_ruled_out(*key)}
        self._shut |= found
        return bool(found)

    def _leading_to_windows(self) -> set[Func]:
        """The functions from which the service comes to some call that a rule may ask about; what
        it does elsewhere is of no interest."""
        pending = list(self._touching)
        seen: set[Func] = set()
        while pending:
            func = pending.pop()
            if func not in seen and self._reach.runs_partly(func):
                seen.add(func)
                pending += [caller for caller, _ in self._decisions.ways_to(func)]
        return seen

    @cached_property
    def _touching(self) -> frozenset[Func]:
        return touching(self._index, self._catalog, self._callees)

    def _is_ruled_out(self, func: Func, branch: int) -> bool:
        """As ``Decisions.never``; what can't be decided is asked only once."""
        if (func, branch) in self._undecidable:
            return False
        unit = self._index.unit(func)
        if not self._decisions.decidable(unit, branch, func):
            self._undecidable.add((func, branch))
            return False
        return self._decisions.never(unit.facts.branches[branch], func)

    def open_again(self) -> bool:
        """Open the branches that what is reached now doesn't rule out any more: the service may
        have come to a call that passes what no one passed before. False if there are none."""
        still = {(func, branch) for func, branch in self._shut if self._is_ruled_out(func, branch)}
        opened = self._shut - still
        self._opened |= opened
        self._shut = still
        return bool(opened)
