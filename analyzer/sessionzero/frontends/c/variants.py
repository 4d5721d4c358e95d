"""The other variants of a C or C++ file: what stands in ``#if`` branches that one text can't hold.

Where the branches of an unknown condition aren't whole statements, one text holds one of them. The
definitions around the others are read again with those in place, and what they say differently
is added to the facts, by position: no fact is there twice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from sessionzero.facts import (
    Argument,
    Binding,
    Call,
    Cast,
    Choice,
    Conditional,
    Expr,
    Index,
    Item,
    Join,
    Lambda,
    Member,
    Operation,
    Result,
    Unknown,
)
from sessionzero.facts import Sequence as SequenceOf
from sessionzero.frontends.c.parsing import Span
from sessionzero.frontends.c.reading import Reading


class Spans:
    """Ranges of a text, to be asked whether another range touches one of them."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if not self._ends or end > self._ends[-1]:  # else it is inside the one before
                self._starts.append(start)
                self._ends.append(end)

    def touch(self, start: int, end: int) -> bool:
        """True if the range and one of ours have a byte in common."""
        place = bisect_right(self._starts, end - 1) - 1
        return place >= 0 and self._ends[place] > start


def new_conditionals(
    known: Sequence[Conditional], other: Sequence[Conditional], spans: Spans
) -> tuple[Conditional, ...]:
    """The regions of both variants, those of the other one where its text is new."""
    added = {c for c in other if spans.touch(c.start, c.end)} - set(known)
    return tuple(sorted([*known, *added], key=lambda c: (c.start, -c.end, c.condition)))


def merge(reading: Reading, other: Reading, spans: Spans) -> None:
    """Add what another variant says in the ``spans`` that only it has."""
    _Merger(reading, other, spans).run()


class _Merger:
    """The facts of two variants of one file, and which of theirs are which of ours."""

    def __init__(self, reading: Reading, other: Reading, spans: Spans) -> None:
        self._ours = reading
        self._theirs = other
        self._spans = spans
        self._functions: dict[int, int] = {}
        self._new: set[int] = set()
        self._calls: dict[int, int] = {}
        self._branches: dict[int, int] = {-1: -1}
        self._known_branches = {
            (b.parent, b.start, b.end, b.holds): i for i, b in enumerate(reading.branches)
        }

    def run(self) -> None:
        self._add_functions()
        self._add_calls()
        ours, theirs = self._ours, self._theirs
        for b in theirs.bindings:
            if self._is_news(b.function, b.start, b.end):
                ours.bindings.append(self._binding(b))
        for d in theirs.declarations:
            if self._is_news(d.function, d.start, d.end):
                ours.declarations.append(replace(d, function=self._functions[d.function]))
        for r in theirs.returns:
            if self._is_news(r.function, r.value.start, r.value.end):
                function, branch = self._functions[r.function], self._branch(r.branch)
                value = self._moved(r.value)
                ours.returns.append(replace(r, function=function, branch=branch, value=value))
        known = set(ours.classes)
        for c in theirs.classes:
            if self._spans.touch(c.start, c.end) and c not in known:
                ours.classes.append(c)

    def _is_news(self, function: int, start: int, end: int) -> bool:
        """Whether the fact of a function is one of this variant alone."""
        if function not in self._functions:
            return False
        return function in self._new or self._spans.touch(start, max(end, start + 1))

    def _add_functions(self) -> None:
        known = {(f.kind, f.name_start): i for i, f in enumerate(self._ours.functions)}
        for index, function in enumerate(self._theirs.functions):
            ours = known.get((function.kind, function.name_start))
            if ours is not None:
                self._functions[index] = ours
            elif function.parent in self._functions and (
                function.parent in self._new or self._spans.touch(function.start, function.end)
            ):
                self._functions[index] = len(self._ours.functions)
                self._new.add(index)
                parent = self._functions[function.parent]
                parameters = tuple(
                    replace(p, default=self._moved(p.default)) if p.default is not None else p
                    for p in function.parameters
                )
                added = replace(function, parent=parent, parameters=parameters)
                self._ours.functions.append(added)

    def _add_calls(self) -> None:
        known = {(c.kind, c.start, c.end): i for i, c in enumerate(self._ours.calls)}
        for index, call in enumerate(self._theirs.calls):
            if self._is_news(call.function, call.start, call.end):
                self._calls[index] = len(self._ours.calls)
                self._ours.calls.append(self._call(call))
            elif (call.kind, call.start, call.end) in known:
                self._calls[index] = known[call.kind, call.start, call.end]

    def _call(self, call: Call) -> Call:
        arguments = tuple(Argument(a.name, self._moved(a.value)) for a in call.arguments)
        return replace(
            call,
            function=self._functions[call.function],
            branch=self._branch(call.branch),
            callee=self._moved(call.callee),
            arguments=arguments,
        )

    def _binding(self, binding: Binding) -> Binding:
        return replace(
            binding,
            function=self._functions[binding.function],
            branch=self._branch(binding.branch),
            target=self._moved(binding.target),
            value=self._moved(binding.value),
        )

    def _branch(self, index: int) -> int:
        """Our index of one of their branches; those around it come with it."""
        waiting = []
        while index not in self._branches:
            waiting.append(index)
            index = self._theirs.branches[index].parent
        for theirs in reversed(waiting):
            branch = self._theirs.branches[theirs]
            parent = self._branches[branch.parent]
            key = (parent, branch.start, branch.end, branch.holds)
            if key not in self._known_branches:
                self._known_branches[key] = len(self._ours.branches)
                condition = self._moved(branch.condition)
                self._ours.branches.append(replace(branch, parent=parent, condition=condition))
            self._branches[theirs] = self._known_branches[key]
        return self._branches[waiting[0] if waiting else index]

    def _moved(self, expr: Expr) -> Expr:
        """An expression with our indexes of calls and functions. As deep as expressions are."""
        match expr:
            case Result(call, start, end):
                ours = self._calls.get(call)
                return Unknown(start, end) if ours is None else Result(ours, start, end)
            case Lambda(function, start, end):
                ours = self._functions.get(function)
                return Unknown(start, end) if ours is None else Lambda(ours, start, end)
            case Operation(operands=parts):
                return replace(expr, operands=tuple(map(self._moved, parts)))
            case Join(parts):
                return replace(expr, parts=tuple(map(self._moved, parts)))
            case Cast(_, inner):
                return replace(expr, value=self._moved(inner))
            case SequenceOf(items):
                moved = tuple(Item(i.name, self._moved(i.value)) for i in items)
                return replace(expr, items=moved)
            case Member(inner):
                return replace(expr, object=self._moved(inner))
            case Index(inner, key):
                return replace(expr, object=self._moved(inner), key=self._moved(key))
            case Choice(condition, yes, no):
                yes, no = self._moved(yes), self._moved(no)
                return replace(expr, condition=self._moved(condition), yes=yes, no=no)
            case _:
                return expr
