"""Conditions that have only one answer while the service runs: decided by the constants that its
own calls pass, through several levels, by flags that only a run by hand sets, by what its start has
asked, and by jumps that never come back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import product
from operator import eq, ne

from sessionzero.facts import (
    Binding,
    Branch,
    Call,
    Choice,
    Expr,
    Member,
    Name,
    Null,
    Number,
    Operation,
    Result,
    Text,
)
from sessionzero.facts import Sequence as Items
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.expressions import NAMED, last_name, path_of, walk
from sessionzero.link.files.implied import mentions
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.python_entities import qualified
from sessionzero.link.files.scopes import Scope, bind
from sessionzero.link.files.type_names import TRUTHS
from sessionzero.link.files.units import CallSite, Func, Unit, Write
from sessionzero.link.values.flow import excluded
from sessionzero.link.values.lattice import Value
from sessionzero.link.values.values import Values
from sessionzero.link.values.writes import Store, Writes
from sessionzero.link.ways.edges import Edge
from sessionzero.link.ways.flags import Flags
from sessionzero.link.ways.settled import Settled

_MOST = 64  # parameters that are followed for one condition
_OBJECT = 1 << 62  # the address of something: true, and no number that a program compares with
_TEXT = 1 << 64  # a text of Python stands for a number from here on, equal texts for the same one
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "==": eq,
    "!=": ne,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

Numbers = frozenset[int] | None  # all that a value can be; None if that isn't known


class Decisions:
    """Judges conditions by the calls through which the service comes: ``incoming`` holds, for each
    function, the ways to it from functions that the service reaches."""

    def __init__(
        self, index: ProgramIndex, catalog: Catalog, writes: Writes, values: Values, flags: Flags
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._writes = writes
        self._values = values
        self._flags = flags
        self._settled = Settled(index, writes, flags.runs)
        self._written: dict[Func, dict[str, list[Binding]]] = {}
        # While it is looked for what made an attribute: others aren't followed then, for each can
        # depend on all, and on itself (`if self.mode == "": self.mode = mode`).
        self._making = False
        self.incoming: dict[Func, dict[int, tuple[Func, Edge]]] = {}

    def came(self, func: Func, edge: Edge) -> None:
        """The service comes from a function by that way. (Edges are made once: to compare them
        takes longer than all else that is done with them.)"""
        self.incoming.setdefault(edge.target, {})[id(edge)] = (func, edge)

    def ways_to(self, func: Func) -> Collection[tuple[Func, Edge]]:
        """From where the service comes to a function."""
        found = self.incoming.get(func)
        return () if found is None else found.values()

    def never(self, branch: Branch, func: Func) -> bool:
        """True if the service, in ``func``, never takes the branch (``DisplayError(FALSE, …)``)."""
        scope = Scope(self._index.unit(func), func.index, branch.parent, branch.condition.start)
        return self._truth(branch.condition, scope) is (not branch.holds)

    def decidable(self, unit: Unit, branch: int, func: Func) -> bool:
        """A quick look: the condition of a branch is written out (``if (0)``), or has in it a
        parameter of the function, a variable that may be a flag, or a jump that may never come
        back."""
        if _is_written_out(unit.facts.branches[branch].condition):
            return True
        parameters = {p.name for p in self._index.function(func).parameters}
        return any(
            (isinstance(part, Name) and part.name in parameters)
            or (isinstance(part, NAMED) and self._flags.may_be(last_name(part)))
            or (isinstance(part, NAMED) and self._settled.may_be(last_name(part)))
            or (isinstance(part, Result) and _sets_jump(unit.facts.calls[part.call]))
            for part in unit.parts_asked(branch)
        )

    def _truth(self, expr: Expr, scope: Scope) -> bool | None:
        """What a condition always is; None if it can be either, or that isn't known."""
        settled = self._settled.truth(expr, scope)
        if settled is not None:
            return settled
        match expr:
            case Operation("!", (inner,)):
                found = self._truth(inner, scope)
                return None if found is None else not found
            case Operation("&&" | "||" as operator, operands):
                ends = operator == "||"  # the value of one operand that decides
                truths = set[bool | None]()
                for operand in operands:
                    truths.add(self._truth(operand, scope))
                    if ends in truths:
                        return ends
                return None if None in truths else not ends
            case Operation("in", (left, Items(items))) if not any(item.name for item in items):
                equal = {self._compared(eq, left, item.value, scope) for item in items}
                return True if True in equal else None if None in equal else False
            case Operation(operator, (left, right)) if operator in _COMPARE:
                return self._compared(_COMPARE[operator], left, right, scope)
            case _:
                numbers = self._numbers(expr, scope)
                return _single({bool(number) for number in numbers or ()})

    def _compared(
        self,
        holds: Callable[[int, int], bool],
        left: Expr,
        right: Expr,
        scope: Scope,
    ) -> bool | None:
        one = self._numbers(left, scope)
        other = self._numbers(right, scope) if one else None
        pairs = list(product(one or (), other or ()))
        if any(_OBJECT in pair and 0 not in pair for pair in pairs):
            return None
        if any(max(pair) >= _TEXT for pair in pairs) and holds not in (eq, ne):
            return None
        return _single({holds(a, b) for a, b in pairs})

    def _numbers(self, expr: Expr, scope: Scope) -> Numbers:
        """All that a part of a condition can be while the service runs."""
        match expr:
            case Number() | Null():
                return self._exact(expr, scope)
            case Text() if scope.unit.is_python:
                return self._exact(expr, scope)
            case Name(name) if "::" not in name and (owner := self._owner(name, scope)):
                return self._parameter(owner, name) if owner == scope.func else None
            case Name() | Member():
                if isinstance(expr, Name) and self._writes.is_constant(expr.name, scope.unit):
                    return self._exact(expr, scope)
                if isinstance(expr, Name) and (store := self._just_set(expr.name, scope)):
                    assert store.value is not None
                    at = Scope(scope.unit, scope.function, store.branch, store.start)
                    return self._numbers(store.value, at)
                if isinstance(expr, Member) and (given := self._given_when_made(expr, scope)):
                    return self._parameter(*given)
                return self._flags.numbers(expr, scope)
            case Operation("&" | "|" as operator, (left, right)):
                return self._masked(operator, left, right, scope)
            case Result(call) if _sets_jump(scope.unit.facts.calls[call]):
                # It gives 0, and another number only if longjmp comes back to it (C11 7.13).
                buffer = scope.unit.facts.calls[call].arguments[0].value
                return frozenset((0,)) if self._is_never_jumped_to(buffer, scope) else None
            case _:
                return None

    def _given_when_made(self, expr: Member, scope: Scope) -> tuple[Func, str] | None:
        """The parameter of ``__init__`` that an attribute of the object itself keeps, if nothing in
        Python writes one of that name otherwise, as far as the service comes there."""
        unit, described = scope.unit, self._index.function(scope.func)
        own = described.parameters[0].name if described.owner and described.parameters else ""
        if not unit.is_python or not own or path_of(expr) != f"{own}.{expr.name}":
            return None
        written = [
            write
            for write in self._index.writes.get(expr.name, ())
            if self._index.unit(write).is_python
            and isinstance(self._index.binding(write).target, Member)
            and not self._is_of_another(write, described.owner)
        ]
        makers = {Func(write.unit, self._index.binding(write).function) for write in written}
        if len(makers) != 1 or written[0].unit != unit.index:
            return None
        (maker,) = makers
        made = self._index.function(maker)
        if made.name != "__init__" or made.owner != described.owner:
            return None
        if self._making:
            return None
        self._making = True
        ways = [(b, self._is_taken(b.branch, maker)) for b in map(self._index.binding, written)]
        self._making = False
        taken = [(binding, surely) for binding, surely in ways if surely is not False]
        if len(taken) != 1 or not taken[0][1]:
            return None
        binding = taken[0][0]
        kept = binding.value
        return (maker, kept.name) if isinstance(kept, Name) and binding.operator == "=" else None

    def _is_of_another(self, write: Write, owner: str) -> bool:
        """True for a write to the object's own attribute in a class that has no bases in the
        project and is another one."""
        unit, binding = self._index.unit(write), self._index.binding(write)
        around = (unit.facts.functions[i] for i in unit.outer_functions(binding.function))
        method = next((function for function in around if function.owner), None)
        if method is None or not method.parameters or method.owner == owner:
            return False
        name = last_name(binding.target)
        bases = {
            last_name(base)
            for klass in unit.facts.classes
            if qualified(klass.owner, klass.name) == method.owner
            for base in klass.bases
        }
        own = path_of(binding.target) == f"{method.parameters[0].name}.{name}"
        return own and not bases & self._index.classes.keys()

    def _is_taken(self, branch: int, func: Func) -> bool | None:
        """Whether the service, in a function, comes to what stands in a branch."""
        unit = self._index.unit(func)
        taken: bool | None = True
        for i in unit.branch_chain(branch):
            described = unit.facts.branches[i]
            scope = Scope(unit, func.index, described.parent, described.condition.start)
            truth = self._truth(described.condition, scope)
            if truth is (not described.holds):
                return False
            taken = None if truth is None else taken
        return taken

    def _just_set(self, name: str, scope: Scope) -> Store | None:
        """The only write to a variable of the file beside its first value, if it stands before in
        this function, on each way, and nothing of the project is called since."""
        unit, func = scope.unit, scope.func
        if not self._flags.is_only_set_here(name, func):
            return None
        (store,) = self._writes.stores(func).get(name, (None,))
        if store is None or store.operator != "=" or store.value is None:
            return None
        always = store.branch < 0 or store.branch in unit.branch_chain(scope.branch)
        between = (
            last_name(call.callee) in self._index.definitions
            for i in unit.calls_of.get(func.index, ())
            if store.start <= (call := unit.facts.calls[i]).start < scope.position
        )
        return store if always and store.start < scope.position and not any(between) else None

    def _masked(self, operator: str, left: Expr, right: Expr, scope: Scope) -> Numbers:
        one = self._flagged(left, scope)
        other = self._flagged(right, scope) if one else None
        if not one or not other or _OBJECT in one | other:
            return None
        return frozenset(a & b if operator == "&" else a | b for a, b in product(one, other))

    def _flagged(self, expr: Expr, scope: Scope) -> Numbers:
        """As :meth:`_numbers`, for what is masked: a parameter with flags still has those that it
        was called with where one is tested, though some are set or cleared farther down."""
        if isinstance(expr, Name) and self._owner(expr.name, scope) == scope.func:
            return self._parameter(scope.func, expr.name, scope)
        return self._numbers(expr, scope)

    def _is_never_jumped_to(self, buffer: Expr, scope: Scope) -> bool:
        """True for a buffer of the file that no call gets but those that set a jump."""
        if not isinstance(buffer, Name) or not self._flags.is_private(buffer.name, scope.unit):
            return False
        return not any(
            mentions(argument.value, frozenset((buffer.name,)), scope.unit)
            for call in scope.unit.facts.calls
            if not _sets_jump(call)
            for argument in call.arguments
        )

    def _owner(self, name: str, scope: Scope) -> Func | None:
        """The function whose variable a name is, if it is a local one."""
        unit = scope.unit
        for function in unit.outer_functions(scope.function):
            func = Func(unit.index, function)
            if function and (
                name in unit.types_of.get(function, {})
                or (unit.is_python and name in self._writes_in(func))
            ):
                return func
        return None

    # --- parameters ---

    def _parameter(self, func: Func, name: str, until: Scope | None = None) -> Numbers:
        """All that the service's own calls pass for a parameter that keeps its value, at least
        until that place."""
        pending, seen = [(func, name)], {(func, name)}
        found: set[int] = set()
        if not self._keeps(func, name, until):
            return None
        while pending:
            current = pending.pop()
            if len(seen) > _MOST:
                return None
            for site in self._sites(current[0]):
                passed = self._passed(site, *current)
                if isinstance(passed, tuple) and passed not in seen:
                    seen.add(passed)
                    pending.append(passed)
                elif passed is None:
                    return None
                elif isinstance(passed, frozenset):
                    found |= passed
        return frozenset(found)

    def _keeps(self, func: Func, name: str, until: Scope | None = None) -> bool:
        """True if a parameter of a function that only the program calls is never written, or not
        before that place."""
        described = self._index.function(func)
        written = self._writes_in(func).get(name, ())
        return (
            any(p.name == name for p in described.parameters)
            and "exported" not in described.traits
            and not any(until is None or _is_before(write, until) for write in written)
        )

    def _writes_in(self, func: Func) -> dict[str, list[Binding]]:
        """The variables that a function writes, and where it does."""
        names = self._written.get(func)
        if names is None:
            unit = self._index.unit(func)
            bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(func.index, ()))
            names = self._written[func] = {}
            for b in bindings:
                if not (unit.is_python and isinstance(b.target, Member)):  # `self.quiet = quiet`
                    names.setdefault(last_name(b.target), []).append(b)
        return names

    def _sites(self, func: Func) -> Iterator[CallSite | None]:
        """The service's calls of a function; None for a way in on which nothing is known of the
        arguments."""
        if self._flags.runs.is_entered(func):
            yield None
        for caller, edge in self.ways_to(func):
            if self._flags.runs.enters(caller, edge):
                yield CallSite(caller.unit, edge.call) if edge.call >= 0 else None

    def _passed(self, site: CallSite | None, func: Func, name: str) -> Numbers | tuple[Func, str]:
        """What a call passes: its values, or the parameter of the caller that it hands on."""
        bound = bind(self._index, func, site).get(name) if site is not None else None
        if bound is None:
            return None
        expr, at = bound
        match expr:
            case Operation("&", (_,)):
                return frozenset((_OBJECT,))
            case Name(passed) if (owner := self._owner(passed, at)) is not None:
                if owner == at.func and self._keeps(owner, passed):
                    return (owner, passed)
                return self._local_truth(passed, owner, at, expr)
            case Name() | Member():
                return self._numbers(expr, at)
            case _:
                return self._exact(expr, at)

    def _local_truth(self, name: str, owner: Func, at: Scope, expr: Expr) -> Numbers:
        # Counted up or down it never is: an increment is no binding.
        if at.unit.types_of.get(owner.index, {}).get(name) not in TRUTHS:
            return None
        stores = self._writes.stores(owner).get(name, ())
        constant = all(s.value is not None and self._is_plain(s.value, at.unit) for s in stores)
        return _all_of(self._values.fold(expr, at), at.unit) if stores and constant else None

    def _exact(self, expr: Expr, scope: Scope) -> Numbers:
        """All that an expression without calls and variables can be."""
        if not self._is_plain(expr, scope.unit):
            return None
        return _all_of(self._values.fold(expr, scope), scope.unit)

    def _is_plain(self, expr: Expr, unit: Unit) -> bool:
        return all(
            isinstance(part, Number | Null | Text | Operation | Choice)
            or (isinstance(part, Name) and self._writes.is_constant(part.name, unit))
            for part in walk(expr)
        )


def _is_before(write: Binding, scope: Scope) -> bool:
    """True if a write in the same function may have been done where a place is come to."""
    return write.start < scope.position and not excluded(scope.unit, write.branch, scope.branch)


def _all_of(value: Value, unit: Unit) -> Numbers:
    """All that a value can be, if every alternative is known."""
    if value.open or not value.known:
        return None
    found = set()
    for known in value.known:
        if known.kind == "text":
            if unit.is_python and not known.exact:
                return None
            found.add(_number_of(known.text) if unit.is_python else _OBJECT)
        elif known.kind in ("number", "null") and known.exact:
            found.add(known.number)
        else:
            return None
    return frozenset(found)


def _number_of(text: str) -> int:
    """A number for a text of Python: 0, which is false, for an empty one."""
    return _TEXT + int.from_bytes(text.encode("utf-8", "replace"), "big") if text else 0


def _is_written_out(expr: Expr) -> bool:
    """Whether a condition, or a part that may decide it, is a constant of the language."""
    match expr:
        case Operation("!" | "&&" | "||", operands):
            return any(_is_written_out(operand) for operand in operands)
        case Name("FALSE" | "TRUE"):
            return True
        case _:
            return isinstance(expr, Number | Null)


def _sets_jump(call: Call) -> bool:
    """``setjmp(buffer)``."""
    callee = call.callee
    name = callee.name if isinstance(callee, Name) else ""
    return name.strip("_") in ("setjmp", "sigsetjmp", "setjmpex") and bool(call.arguments)


def _single(truths: set[bool]) -> bool | None:
    return truths.pop() if len(truths) == 1 else None
