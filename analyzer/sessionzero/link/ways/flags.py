"""Variables that are set one way in a run by hand and another way, or not at all, in the service.

Programs that can do both keep such a flag under any name. What the service sees in it are its first
value and what service code writes; a write that only a run by hand reaches is none of its own.
A variable of one file that nothing writes after its first value is that value in every run.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from typing import Literal, Protocol

from sessionzero.facts import Binding, Expr, Member, Name, Text
from sessionzero.link.files.expressions import last_name, walk
from sessionzero.link.files.implied import mentions
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import (
    CallSite,
    Func,
    Unit,
    Write,
    enclosing_owner,
    walk_into_calls,
)
from sessionzero.link.files.words import words
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.values import Values
from sessionzero.link.values.writes import Writes
from sessionzero.link.ways.edges import Edge
from sessionzero.link.ways.entries import Entries

_MOST = 12  # what is written more often is no flag
_SERVICE_WORDS = frozenset(("service", "svc", "daemon", "scm"))

Run = Literal["start", "service", "certain", "by hand", "unknown"]


class Judged(Protocol):
    """Which branches the service doesn't take, as far as that is settled."""

    def is_shut(self, unit: Unit, branch: int, func: Func) -> bool: ...
    def chooses(self, unit: Unit, branch: int, func: Func) -> bool: ...
    def left_to_command_line(self, func: Func, branch: int) -> bool: ...


class Runs(Protocol):
    """What flags need to know of who runs a function; the context answers."""

    starters: dict[Func, Edge]
    entries: Entries

    @property
    def branches(self) -> Judged: ...
    def runs_as_service(self, func: Func) -> bool: ...
    def also_by_hand(self, func: Func) -> bool: ...
    def is_entered(self, func: Func) -> bool: ...
    def leads_before(self, func: Func, position: int) -> frozenset[Func]: ...
    def enters(self, func: Func, edge: Edge) -> bool: ...


class Flags:
    """What the service can see in variables that outlive a function."""

    def __init__(
        self, index: ProgramIndex, callees: Callees, writes: Writes, values: Values, runs: Runs
    ) -> None:
        self._index = index
        self._callees = callees
        self._writes = writes
        self._values = values
        self.runs = runs
        self._shared: dict[str, bool] = {}
        self._led_to: dict[tuple[Func, int], frozenset[Func]] = {}

    def numbers(self, expr: Name | Member, scope: Scope) -> frozenset[int] | None:
        """All that the service can see in a flag, if a run by hand sets it otherwise; else None."""
        name = last_name(expr)
        if not self.may_be(name):
            return None
        writes = self._writes_to(expr, scope)
        if isinstance(expr, Name) and self._is_settled(name, writes, scope.unit):
            only = self._folded(writes)
            return None if only is None else frozenset(only)
        if not self._may_differ(name) or self._is_shared(name):
            return None
        runs = [(write, self._run(write)) for write in writes]
        kinds = {run for _, run in runs}
        if not kinds & {"by hand", "certain"}:
            return None
        mine = [w for w, run in runs if run in ("service", "certain", "unknown")]
        begin = [w for w, run in runs if run == "start"]
        first: set[int] | None = self._folded(begin) if begin else self._zero(expr, scope)
        found = self._folded(mine)
        if found is None or first is None:
            return None
        if "certain" not in kinds or self._precedes(runs, scope):
            found |= first
        by_hand = first if "by hand" not in kinds else None
        return frozenset(found) if by_hand is None or by_hand != found else None

    def may_be(self, name: str) -> bool:
        """A quick look: a variable of that name is written, but not often."""
        return 0 < len(self._index.writes.get(name, ())) <= _MOST

    def _is_settled(self, name: str, writes: list[Write], unit: Unit) -> bool:
        """True for the variable of a C or C++ file that gets its first value and no other."""
        return (
            [(w.unit, self._index.binding(w).function) for w in writes] == [(unit.index, 0)]
            and self.is_private(name, unit)
            and not self._is_shared(name, unit)
        )

    def is_only_set_here(self, name: str, func: Func) -> bool:
        """True if a function writes a variable of its file once, and nothing else does so after
        its first value."""
        writes = (w for w in self._index.writes.get(name, ()) if w.unit == func.unit)
        later = [write for write in writes if self._index.binding(write).function]
        return (
            len(later) == 1
            and self._writer(later[0]) == func
            and self.is_private(name, self._index.unit(func))
            and not self._is_shared(name, self._index.unit(func))
        )

    def is_private(self, name: str, unit: Unit) -> bool:
        """True for a variable of a C or C++ file that no other file can know: it is static, or no
        other file declares one of that name."""
        if unit.is_python or name not in unit.declared_names:
            return False
        return name in unit.static_names or self._declaring[name] == 1

    @cached_property
    def _declaring(self) -> Counter[str]:
        """Name → in how many files a variable of that name is declared outside of functions."""
        return Counter(name for unit in self._index.units for name in unit.declared_names)

    def _may_differ(self, name: str) -> bool:
        """A quick look: something outside the service's own code writes it, or an entry does."""
        return any(self._is_telling(write) for write in self._index.writes.get(name, ()))

    def _is_telling(self, write: Write) -> bool:
        unit, binding = self._index.unit(write), self._index.binding(write)
        func = self._writer(write)
        if func.index == 0:
            return unit.is_python and binding.branch >= 0
        return (
            not self.runs.runs_as_service(func)
            or self.runs.is_entered(func)
            or self._is_asked_for(write)
        )

    def _is_asked_for(self, write: Write) -> bool:
        """True for what only a word of the command line makes C or C++ write."""
        unit, binding = self._index.unit(write), self._index.binding(write)
        func = self._writer(write)
        return (
            func.index > 0
            and binding.branch >= 0
            and not unit.is_python
            and self.runs.branches.left_to_command_line(func, binding.branch)
        )

    # --- who writes ---

    def _writes_to(self, expr: Name | Member, scope: Scope) -> list[Write]:
        unit = scope.unit
        if unit.is_python:
            return self._python_writes(expr, unit)
        if isinstance(expr, Member):
            return self._writes.to_member(expr, unit, scope.function)
        name = expr.name.rpartition("::")[2]
        owner = enclosing_owner(unit, scope.function)
        if owner and self._writes.is_field(owner, name, unit):
            return self._writes.to_own_field(owner, name)
        return self._writes.to_global(name, unit)

    def _python_writes(self, expr: Name | Member, unit: Unit) -> list[Write]:
        """The writes to a global of the module, by whatever function, or to an attribute of that
        name anywhere: whose it is isn't always known."""
        member = isinstance(expr, Member)
        return [
            write
            for write in self._index.writes.get(expr.name, ())
            if self._index.unit(write).is_python
            and isinstance(self._index.binding(write).target, Member) == member
            and (member or write.unit == unit.index)
        ]

    def _run(self, write: Write) -> Run:
        """In which runs of the program a write happens."""
        unit, binding = self._index.unit(write), self._index.binding(write)
        func = self._writer(write)
        described = self._index.function(func)
        chain = unit.branch_chain(binding.branch)
        if any(self.runs.branches.is_shut(unit, branch, func) for branch in chain):
            return "by hand"
        if func.index == 0:
            return self._run_of_module(unit, binding)
        if self._is_asked_for(write):
            return "unknown" if any(self._asks_for_service(unit, i) for i in chain) else "by hand"
        constructor = described.owner.rpartition("::")[2].rpartition(".")[2]
        if described.name in ("__init__", constructor):
            return "start"
        if func in self.runs.starters:
            return self._run_of_start(unit, binding, func)
        if self.runs.runs_as_service(func):
            begins = self.runs.entries.begins(func) and binding.branch < 0
            return "certain" if begins else "service"
        return "by hand" if self.runs.also_by_hand(func) else "unknown"

    def _writer(self, write: Write) -> Func:
        """The function that writes; Python's ``global`` makes the target one of the module."""
        unit, binding = self._index.unit(write), self._index.binding(write)
        if not unit.is_python or binding.function:
            return Func(write.unit, binding.function)
        around = [
            (function.start, i)
            for i, function in enumerate(unit.facts.functions)
            if function.kind == "function" and function.start <= binding.start < function.end
        ]
        return Func(write.unit, max(around)[1] if around else 0)

    def _run_of_module(self, unit: Unit, binding: Binding) -> Run:
        if not unit.is_python or binding.branch < 0:
            return "start"
        main = any(
            isinstance(part, Name) and part.name == "__name__"
            for branch in unit.branches(binding.branch)
            for part in walk(branch.condition)
        )
        if main and not self._dispatches(unit):
            return "by hand"
        chain = unit.branch_chain(binding.branch)
        chosen = [i for i in chain if self.runs.branches.chooses(unit, i, Func(unit.index, 0))]
        asked = any(self._asks_for_service(unit, i) for i in chosen)
        return "by hand" if chosen and not main and not asked else "unknown"

    def _dispatches(self, unit: Unit) -> bool:
        return any(
            last_name(call.callee) in ("StartServiceCtrlDispatcher", "PrepareToHostSingle")
            for call in unit.facts.calls
        )

    def _run_of_start(self, unit: Unit, binding: Binding, func: Func) -> Run:
        """A write in a function that leads to the dispatcher: before it, for a switch of the
        command line, or after it has failed."""
        dispatcher = self.runs.starters[func]
        shared = unit.branch_chain(dispatcher.branch)
        mine = [i for i in unit.branch_chain(binding.branch) if i not in shared]
        chosen = [i for i in mine if self.runs.branches.chooses(unit, i, func)]
        if any(self._asks_for_service(unit, i) for i in chosen):
            return "unknown"
        name = last_name(binding.target)
        for branch in unit.branches(dispatcher.branch):
            if mentions(branch.condition, frozenset((name,)), unit):
                return "unknown"
        if chosen or binding.start >= dispatcher.start:
            return "by hand"
        return "service" if mine else "certain"

    def _asks_for_service(self, unit: Unit, branch: int) -> bool:
        return any(
            isinstance(part, Text) and _SERVICE_WORDS & set(words(part.value))
            for part in walk_into_calls(unit.facts.branches[branch].condition, unit)
        )

    def _precedes(self, runs: list[tuple[Write, Run]], scope: Scope) -> bool:
        """True if the scope can come before each write that is certain."""
        certain = [write for write, run in runs if run == "certain"]
        return all(self._comes_before(scope, write) for write in certain)

    def _comes_before(self, scope: Scope, write: Write) -> bool:
        """True if the function that writes, or one to which it leads before that, is the scope's:
        it has started a thread that runs until a variable is set."""
        writer, start = self._writer(write), self._index.binding(write).start
        if writer == scope.func:
            return scope.position <= start
        if (writer, start) not in self._led_to:
            self._led_to[writer, start] = self.runs.leads_before(writer, start)
        return scope.func in self._led_to[writer, start]

    # --- what is written ---

    def _folded(self, writes: list[Write]) -> set[int] | None:
        found: set[int] = set()
        for write in writes:
            unit, binding = self._index.unit(write), self._index.binding(write)
            at = Scope(unit, binding.function, binding.branch, binding.start)
            value = self._values.fold(binding.value, at)
            exact = all(k.kind in ("number", "null") and k.exact for k in value.known)
            if value.open or not exact or binding.operator not in ("=", ":"):
                return None
            found |= {known.number for known in value.known}
        return found

    def _zero(self, expr: Name | Member, scope: Scope) -> set[int] | None:
        """What a variable of static storage holds before anything is written to it."""
        if scope.unit.is_python:
            return None
        whole: Expr = expr
        while isinstance(whole, Member):
            whole = whole.object
        owner = enclosing_owner(scope.unit, scope.function)
        if not isinstance(whole, Name) or (
            owner and self._writes.is_field(owner, last_name(whole), scope.unit)
        ):
            return None
        return {0} if whole is expr or self._is_object_of_file(whole.name, scope) else None

    def _is_object_of_file(self, name: str, scope: Scope) -> bool:
        """True for a variable of the file that is an object itself and begins with no list: its
        fields begin as zeros (C++20, [basic.start.static]). What a constructor then sets in them
        is among the writes, if the project has it."""
        unit = scope.unit
        around = unit.outer_functions(scope.function)
        writes = (self._index.binding(write) for write in self._index.writes.get(name, ()))
        if any(isinstance(it.target, Name) and not it.function for it in writes):
            return False
        return any(
            d.name == name
            and not d.function
            and not d.refers
            and (unit.facts.language == "c" or self._is_own(d.type))
            for d in unit.facts.declarations
        ) and not any(name in unit.types_of.get(function, {}) for function in around if function)

    def _is_own(self, type: str) -> bool:
        """Whether the project has a class, with its constructors; ``struct {…} options;`` has no
        name for one."""
        name = type.rpartition("::")[2]
        begins = (
            any(self._index.function(it).owner.rpartition("::")[2] == name for it in found)
            for found in (
                self._index.prototypes.get(name, ()),
                self._index.definitions.get(name, ()),
            )
        )
        declared, defined = begins
        return not name or (name in self._index.classes and (defined or not declared))

    def _is_shared(self, name: str, unit: Unit | None = None) -> bool:
        """True if the address of a variable of that name is given away, or a C++ function that
        isn't known could take it by reference; ``unit``: in that file, which alone knows it."""
        if unit is not None:
            return self._is_given_away(name, unit)
        known = self._shared.get(name)
        if known is None:
            known = name in self._addressed or any(
                self._may_refer(site) for site in self._passed_in_cpp.get(name, ())
            )
            self._shared[name] = known
        return known

    def _is_given_away(self, name: str, unit: Unit) -> bool:
        """As :meth:`_is_shared`, by the code of one file."""
        return name in unit.addressed or (
            unit.facts.language == "c++"
            and any(self._may_refer(CallSite(unit.index, i)) for i in unit.passed.get(name, ()))
        )

    @cached_property
    def _passed_in_cpp(self) -> dict[str, list[CallSite]]:
        """Name → the calls of C++ that pass it as it is."""
        found: dict[str, list[CallSite]] = defaultdict(list)
        for unit in self._index.units:
            for name, calls in unit.passed.items() if unit.facts.language == "c++" else ():
                found[name] += [CallSite(unit.index, i) for i in calls]
        return found

    @cached_property
    def _addressed(self) -> frozenset[str]:
        """The names of which an address is taken."""
        return frozenset().union(*(unit.addressed for unit in self._index.units))

    def _may_refer(self, site: CallSite) -> bool:
        callee = self._callees.of(site)
        return callee.api is None and not callee.functions
