"""A file of a program with its facts, and the look-ups that only concern this file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from sessionzero.facts import (
    Binding,
    Branch,
    Call,
    Declaration,
    Expr,
    FileFacts,
    Import,
    Lambda,
    Member,
    Name,
    Result,
    Return,
)
from sessionzero.facts import Sequence as Items
from sessionzero.link.files.expressions import (
    ADDRESSING,
    NAMED,
    PARTS,
    last_name,
    names_addressed,
    naming,
    walk,
)


class Func(Struct, frozen=True, order=True, gc=False):
    """A function: its unit and its index in that unit's facts."""

    unit: int
    index: int


class CallSite(Struct, frozen=True, order=True, gc=False):
    """A call: its unit and its index in that unit's facts."""

    unit: int
    index: int


class ClassRef(Struct, frozen=True, order=True, gc=False):
    """A class: its unit and its index in that unit's facts."""

    unit: int
    index: int


class Spot(Struct, frozen=True, order=True, gc=False):
    """A place in a unit and the function that it stands in."""

    unit: int
    function: int
    start: int
    end: int


class Write(Struct, frozen=True, order=True, gc=False):
    """A binding: its unit and its index in that unit's facts."""

    unit: int
    index: int


class Mentions(NamedTuple):
    """Parts of expressions that can name a function, in the order of :func:`walk`: for each call of
    a function, by its number, those in its arguments; for each binding that has any, those in its
    value."""

    calls: Sequence[tuple[int, Sequence[Expr]]]
    bindings: Sequence[tuple[int, Sequence[Expr]]]


class Unit:
    """One file with its facts, and look-ups that only concern this file."""

    def __init__(self, index: int, path: str, facts: FileFacts) -> None:
        self.index = index
        self.path = path
        self.facts = facts
        self.is_python = facts.language == "python"
        self._chains: dict[int, frozenset[int]] = {-1: frozenset()}
        self._mentions: dict[int, Mentions] = {}
        self._asked_in: dict[int, tuple[Expr, ...]] = {}

    @cached_property
    def directory(self) -> str:
        return self.path.rpartition("/")[0]

    @cached_property
    def folders(self) -> list[str]:
        """The names of the directories above the file, the outermost first."""
        return self.directory.split("/")

    @cached_property
    def calls_of(self) -> dict[int, list[int]]:
        """Function → its calls, in source order."""
        return _by_function(self.facts.calls)

    @cached_property
    def bindings_of(self) -> dict[int, list[int]]:
        """Function → its bindings, in source order."""
        return _by_function(self.facts.bindings)

    @cached_property
    def declarations_of(self) -> dict[int, list[int]]:
        """Function → its declarations, in source order."""
        return _by_function(self.facts.declarations)

    @cached_property
    def includes_of(self) -> dict[int, list[Import]]:
        """Function → the lines in it that include a file (C and C++)."""
        found: dict[int, list[Import]] = {}
        for item in self.facts.imports if not self.is_python else ():
            if item.function > 0:
                found.setdefault(item.function, []).append(item)
        return found

    @cached_property
    def table_words(self) -> str:
        """The declared types of all variables, in which a type can be looked for."""
        return " ".join({declaration.type for declaration in self.facts.declarations})

    @cached_property
    def lambdas_of(self) -> dict[int, list[int]]:
        """Function → the lambdas that stand in it."""
        groups: dict[int, list[int]] = defaultdict(list)
        for index, function in enumerate(self.facts.functions):
            if function.kind == "lambda":
                groups[function.parent].append(index)
        return groups

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of the file-scope variables that are initialised by a list."""
        return frozenset(
            last_name(binding.target)
            for i in self.bindings_of.get(0, ())
            if isinstance((binding := self.facts.bindings[i]).value, Items)
        )

    @cached_property
    def returns_of(self) -> dict[int, list[int]]:
        """Function → its returns, in source order."""
        return _by_function(self.facts.returns)

    @cached_property
    def types_of(self) -> dict[int, dict[str, str]]:
        """Function → the declared type of each of its variables and parameters."""
        types: dict[int, dict[str, str]] = defaultdict(dict)
        for index, function in enumerate(self.facts.functions):
            types[index].update((p.name, p.type) for p in function.parameters if p.name)
        for declaration in self.facts.declarations:
            types[declaration.function][declaration.name] = declaration.type
        return types

    @cached_property
    def declared_names(self) -> frozenset[str]:
        """Names of the file-scope variables that this file declares."""
        return frozenset(d.name for d in self.facts.declarations if d.function == 0)

    @cached_property
    def static_names(self) -> frozenset[str]:
        """Names of the file-scope variables that no other file can see."""
        return frozenset(d.name for d in self.facts.declarations if d.static and not d.function)

    @cached_property
    def local_names(self) -> frozenset[str]:
        """Names of the variables and parameters of all functions of this file."""
        return frozenset().union(*(names for i, names in self.types_of.items() if i > 0))

    @cached_property
    def written(self) -> tuple[tuple[str, int], ...]:
        """The last name of the target of each binding that has one, with the binding."""
        found: list[tuple[str, int]] = []
        for i, binding in enumerate(self.facts.bindings):
            target = binding.target
            if isinstance(target, NAMED) and ":" not in target.name:  # as most are
                name = target.name
            else:
                name = last_name(target)
            if name:
                found.append((name, i))
        return tuple(found)

    @cached_property
    def called(self) -> tuple[tuple[str, int], ...]:
        """The name of what each call calls, with the call; empty for the few that aren't plain."""
        found: list[tuple[str, int]] = []
        for i, call in enumerate(self.facts.calls):
            callee = call.callee
            name = callee.name if isinstance(callee, NAMED) and call.kind == "call" else ""
            found.append(("" if "<" in name or ":" in name else name, i))
        return tuple(found)

    @cached_property
    def asked(self) -> dict[str, list[int]]:
        """Name in capitals, as constants have → the branches whose condition mentions it; a branch
        stands there once for each mention, an ``else`` of it not at all."""
        found: dict[str, list[int]] = {}
        before = None
        for number, branch in enumerate(self.facts.branches):
            condition = branch.condition
            if condition is before and not branch.holds:
                continue
            before = condition
            parts = [condition]
            for part in parts:  # as `walk`, for many small expressions; it grows on the way
                kind = type(part)
                if kind in PARTS:
                    parts += PARTS[kind](part)
                if isinstance(part, NAMED) and part.name.isupper():
                    found.setdefault(part.name, []).append(number)
        return found

    def mentions(self, function: int) -> Mentions:
        """What the calls and bindings of a function mention that can be a function."""
        known = self._mentions.get(function)
        if known is None:
            calls, bindings = self.facts.calls, self.facts.bindings
            wanted = (Name, Lambda, Member) if self.is_python else (Name, Lambda)
            known = self._mentions[function] = Mentions(
                [
                    (i, [part for it in calls[i].arguments for part in naming(it.value, wanted)])
                    for i in self.calls_of.get(function, ())
                ],
                [
                    (i, parts)
                    for i in self.bindings_of.get(function, ())
                    if (parts := naming(bindings[i].value, wanted))
                ],
            )
        return known

    def parts_asked(self, branch: int) -> tuple[Expr, ...]:
        """The names, members and results of calls in the condition of a branch."""
        known = self._asked_in.get(branch)
        if known is None:
            parts = walk(self.facts.branches[branch].condition)
            wanted = (Name, Member, Result)
            known = tuple([part for part in parts if isinstance(part, wanted)])
            self._asked_in[branch] = known
        return known

    @property
    def passed(self) -> dict[str, list[int]]:
        """Name of a variable, function or member → the calls of C and C++ that pass it as it is."""
        return self._given_away[0]

    @property
    def addressed(self) -> dict[str, list[int]]:
        """The names of which C or C++ takes the address → the calls that get it as it is."""
        return self._given_away[1]

    @cached_property
    def _given_away(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        passed: dict[str, list[int]] = {}
        addressed: dict[str, list[int]] = {}
        if not self.is_python:
            for binding in self.facts.bindings:
                if type(binding.value) in ADDRESSING:
                    for name in names_addressed(binding.value):
                        addressed.setdefault(name, [])
            for i, call in enumerate(self.facts.calls):
                for argument in call.arguments:
                    value = argument.value
                    if isinstance(value, NAMED):
                        calls = passed.get(value.name)
                        if calls is None:
                            passed[value.name] = [i]
                        elif calls[-1] != i:
                            calls.append(i)
                    elif type(value) in ADDRESSING:
                        for name in names_addressed(value):
                            addressed.setdefault(name, []).append(i)
        return passed, addressed

    @cached_property
    def announced(self) -> dict[str, list[Declaration | Import]]:
        """Name → the declarations at file scope and the imports that say it."""
        found: dict[str, list[Declaration | Import]] = defaultdict(list)
        for declared in self.facts.declarations:
            if declared.function == 0:
                found[declared.name].append(declared)
        for imported in self.facts.imports:
            for name in {imported.name, imported.alias}:
                found[name].append(imported)
        return dict(found)

    def outer_functions(self, function: int) -> Iterator[int]:
        """The function and those around it, innermost first, the file itself last."""
        while function > 0:
            yield function
            function = self.facts.functions[function].parent
        yield 0

    @cached_property
    def class_homes(self) -> tuple[int, ...]:
        """The function that each class stands in; 0 outside of all."""
        functions = list(enumerate(self.facts.functions))
        return tuple(
            max(
                (function.start, number)
                for number, function in functions
                if number == 0 or function.start <= described.start < function.end
            )[1]
            for described in self.facts.classes
        )

    def branch_at(self, position: int) -> int:
        """The innermost branch around a place that no fact says it of; -1 if there is none."""
        around = (
            (branch.start, number)
            for number, branch in enumerate(self.facts.branches)
            if branch.start <= position < branch.end
        )
        return max(around, default=(0, -1))[1]

    def branches(self, branch: int) -> Iterator[Branch]:
        """The branch and those around it, innermost first."""
        while branch >= 0:
            yield self.facts.branches[branch]
            branch = self.facts.branches[branch].parent

    def branch_chain(self, branch: int) -> frozenset[int]:
        """The indexes of the branch and of those around it."""
        known = self._chains.get(branch)
        if known is None:
            chain, outer = [branch], self.facts.branches[branch].parent
            while outer >= 0:
                chain.append(outer)
                outer = self.facts.branches[outer].parent
            known = self._chains[branch] = frozenset(chain)
        return known


def _by_function(
    facts: Sequence[Call | Binding | Declaration | Return],
) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for i, fact in enumerate(facts):
        groups[fact.function].append(i)
    return groups


def enclosing_owner(unit: Unit, function: int) -> str:
    """The class or namespace of a function; a lambda has that of the function around it."""
    functions = unit.facts.functions
    while function > 0 and not functions[function].owner:
        function = functions[function].parent
    return functions[max(function, 0)].owner


def walk_into_calls(expr: Expr, unit: Unit) -> Iterator[Expr]:
    """As :func:`walk`, and into the callee and arguments of each call whose result is used."""
    pending = [expr]
    while pending:
        current = pending.pop()
        yield current
        parts = PARTS.get(type(current))
        if parts is not None:
            pending.extend(reversed(parts(current)))
        elif type(current) is Result:
            call = unit.facts.calls[current.call]
            pending.extend([argument.value for argument in call.arguments])
            pending.append(call.callee)
