"""What the start of a program settles before it becomes a service: the conditions of the way to its
dispatcher, such as ``if (g_flags & AF_DAEMON) RunService();``, and the bits that it sets there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

from sessionzero.facts import Binding, Expr, Member, Name, Number, Operation
from sessionzero.link.files.expressions import NAMED, last_name, path_of, walk
from sessionzero.link.files.implied import implies
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import Func, Unit, enclosing_owner
from sessionzero.link.values.writes import Writes
from sessionzero.link.ways.edges import Edge

Asked = tuple[str, str]
"""What a condition asks: a variable, and the constant by which it is masked, or an empty text."""


class Runs(Protocol):
    """Where services start, and what they run."""

    starters: dict[Func, Edge]

    def runs_as_service(self, func: Func) -> bool: ...


class Settled:
    """Answers conditions on variables of C and C++ that all functions see."""

    def __init__(self, index: ProgramIndex, writes: Writes, runs: Runs) -> None:
        self._index = index
        self._writes = writes
        self._runs = runs

    def truth(self, expr: Expr, scope: Scope) -> bool | None:
        """What a condition is in the service because its start has asked the same; None if it
        hasn't, or service code may change that."""
        match expr:
            case Operation("!=" | "==" as operator, (inner, Number(0))):
                found = self.truth(inner, scope)
                return found if operator == "!=" or found is None else not found
            case Name() | Member() | Operation("&", (_, _)) if self._known:
                asked = self._asked(expr, scope.unit, scope.function)
                found = self._known.get(asked) if asked is not None else None
                changed = asked is None or found is None or self._is_changed(asked, found)
                return None if changed else found
            case _:
                return None

    def may_be(self, name: str) -> bool:
        """A quick look: the start asks for a variable of that name."""
        return name in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(path.rpartition(".")[2] for path, _ in self._known)

    @cached_property
    def _known(self) -> dict[Asked, bool]:
        """What is so on each way to each dispatcher."""
        starters = self._runs.starters
        goals = [func for func, edge in starters.items() if edge.target == func]
        found = [self._on_ways_to(goal, frozenset((goal,))) for goal in goals]
        return dict(set.intersection(*found)) if found else {}

    def _on_ways_to(self, func: Func, seen: frozenset[Func]) -> set[tuple[Asked, bool]]:
        """What is so where a starter goes on, on all ways that the starters before it lead."""
        before = [
            caller
            for caller, edge in self._runs.starters.items()
            if edge.target == func and caller not in seen
        ]
        ways = [self._on_ways_to(caller, seen | {caller}) for caller in before]
        own = set(self._settled_in(func, self._runs.starters[func]))
        return own | (set.intersection(*ways) if ways else set())

    def _settled_in(self, func: Func, edge: Edge) -> Iterator[tuple[Asked, bool]]:
        """What a starter has asked or set where it goes on, and not changed since."""
        unit = self._index.unit(func)
        for at, asked, truth in (*self._tested(unit, func, edge), *self._set(unit, func, edge)):
            between = (
                binding
                for i in unit.bindings_of.get(func.index, ())
                if at < (binding := unit.facts.bindings[i]).start < edge.start
            )
            if not any(_changes(binding, asked, truth) for binding in between):
                yield asked, truth

    def _tested(self, unit: Unit, func: Func, edge: Edge) -> Iterator[tuple[int, Asked, bool]]:
        """What the conditions around a place ask, each with where it does."""
        for branch in unit.branches(edge.branch) if not unit.is_python else ():
            for part in walk(branch.condition):
                asked = self._asked(part, unit, func.index)
                for truth in (True, False) if asked is not None else ():

                    def is_that(expr: Expr, holds: bool, it: Expr = part, so: bool = truth) -> bool:
                        return expr == it and holds == so

                    if implies(branch.condition, branch.holds, unit, is_that):
                        assert asked is not None
                        yield part.start, asked, truth

    def _set(self, unit: Unit, func: Func, edge: Edge) -> Iterator[tuple[int, Asked, bool]]:
        """The bits that are added to variables on the way to a place, each with where that is."""
        chain = unit.branch_chain(edge.branch) | {-1}
        for i in unit.bindings_of.get(func.index, ()) if not unit.is_python else ():
            binding = unit.facts.bindings[i]
            if binding.operator == "|=" and binding.branch in chain and binding.start < edge.start:
                for mask in walk(binding.value):
                    both = Operation("&", (binding.target, mask), binding.start, binding.end)
                    asked = self._asked(both, unit, func.index)
                    if asked is not None:
                        yield binding.start, asked, True

    def _asked(self, expr: Expr, unit: Unit, function: int) -> Asked | None:
        match expr:
            case Operation("&", (left, right)):
                ways = ((left, right), (right, left))
            case Name() | Member():
                return (path_of(expr), "") if self._is_shared(expr, unit, function) else None
            case _:
                return None
        for variable, mask in ways:
            if _is_constant(mask) and not _is_constant(variable):
                shared = isinstance(variable, NAMED) and self._is_shared(variable, unit, function)
                return (path_of(variable), last_name(mask)) if shared else None
        return None

    def _is_shared(self, expr: Expr, unit: Unit, function: int) -> bool:
        """True for a variable that a file declares, or a field of one, and no local one."""
        root = path_of(expr).partition(".")[0]
        return root in self._declared and not any(
            root in unit.types_of.get(outer, {})
            for outer in unit.outer_functions(function)
            if outer
        )

    @cached_property
    def _declared(self) -> frozenset[str]:
        units = (unit for unit in self._index.units if not unit.is_python)
        return frozenset().union(*(unit.declared_names for unit in units))

    def _is_changed(self, asked: Asked, truth: bool) -> bool:
        """True if service code may write the variable, but for bits that it adds to others, or its
        address is given away."""
        name = asked[0].rpartition(".")[2]
        if name in self._index.addressed:
            return True
        for write in self._index.writes.get(name, ()):
            binding = self._index.binding(write)
            func = Func(write.unit, binding.function)
            if func in self._runs.starters or not self._runs.runs_as_service(func):
                continue
            if "." not in asked[0] and self._is_field(binding.target, func):
                continue
            if _changes(binding, asked, truth):
                return True
        return False

    def _is_field(self, target: Expr, func: Func) -> bool:
        """True for what belongs to an object, in a function of its class by its bare name."""
        unit = self._index.unit(func)
        owner = enclosing_owner(unit, func.index)
        return isinstance(target, Member) or bool(
            owner and self._writes.is_field(owner, last_name(target), unit)
        )


def _is_constant(expr: Expr) -> bool:
    return isinstance(expr, Name) and expr.name.isupper()


def _changes(binding: Binding, asked: Asked, truth: bool) -> bool:
    """True for a write to a variable after which a condition on it may not be ``truth`` any more;
    not if it only adds bits to those that were there."""
    path, mask = asked
    same = last_name(binding.target) == path.rpartition(".")[2]
    return same and not (mask and truth and binding.operator == "|=")
