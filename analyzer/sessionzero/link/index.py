"""The facts of all files side by side, indexed by name; and small walks over expressions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Struct

from sessionzero.facts import (
    Binding,
    Branch,
    Call,
    Choice,
    Class,
    Declaration,
    Expr,
    FileFacts,
    Function,
    Import,
    Index,
    Item,
    Join,
    Lambda,
    Macro,
    Member,
    Name,
    Null,
    Number,
    Operation,
    Result,
    Text,
    Unknown,
)
from sessionzero.facts import Sequence as Items
from sessionzero.link.constructions import made_type

NAMED = (Name, Member)  # a tuple is quicker to ask than a union that is made each time


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


class Write(Struct, frozen=True, order=True, gc=False):
    """A binding: its unit and its index in that unit's facts."""

    unit: int
    index: int


class Mentions(NamedTuple):
    """Parts of expressions that can name a function, in the order of :func:`walk`: for each call of
    a function, by its number, those in its arguments; for each binding that has any, those in its
    value."""

    calls: tuple[tuple[int, tuple[Expr, ...]], ...]
    bindings: tuple[tuple[int, tuple[Expr, ...]], ...]


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
    def calls_of(self) -> dict[int, list[int]]:
        """Function → its calls, in source order."""
        return _grouped(call.function for call in self.facts.calls)

    @cached_property
    def bindings_of(self) -> dict[int, list[int]]:
        """Function → its bindings, in source order."""
        return _grouped(binding.function for binding in self.facts.bindings)

    @cached_property
    def declarations_of(self) -> dict[int, list[int]]:
        """Function → its declarations, in source order."""
        return _grouped(declaration.function for declaration in self.facts.declarations)

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
        return _grouped(item.function for item in self.facts.returns)

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
            if branch.condition is before and not branch.holds:
                continue
            before = branch.condition
            pending = [before]
            while pending:  # as `walk`, for many small expressions
                part = pending.pop()
                if isinstance(part, NAMED) and part.name.isupper():
                    found.setdefault(part.name, []).append(number)
                parts = _PARTS.get(type(part))
                if parts is not None:
                    pending.extend(parts(part))
        return found

    def mentions(self, function: int) -> Mentions:
        """What the calls and bindings of a function mention that can be a function."""
        known = self._mentions.get(function)
        if known is None:
            calls, bindings = self.facts.calls, self.facts.bindings
            wanted = (Name, Lambda, Member) if self.is_python else (Name, Lambda)
            known = self._mentions[function] = Mentions(
                tuple(
                    (i, _naming([argument.value for argument in calls[i].arguments], wanted))
                    for i in self.calls_of.get(function, ())
                ),
                tuple(
                    (i, parts)
                    for i in self.bindings_of.get(function, ())
                    if (parts := _naming([bindings[i].value], wanted))
                ),
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
    def addressed(self) -> set[str]:
        """The names of which C or C++ takes the address."""
        return self._given_away[1]

    @cached_property
    def _given_away(self) -> tuple[dict[str, list[int]], set[str]]:
        passed: dict[str, list[int]] = {}
        addressed: set[str] = set()
        if not self.is_python:
            for binding in self.facts.bindings:
                if type(binding.value) in _ADDRESSING:
                    addressed.update(_addressed(binding.value))
            for i, call in enumerate(self.facts.calls):
                for argument in call.arguments:
                    value = argument.value
                    if isinstance(value, NAMED):
                        calls = passed.get(value.name)
                        if calls is None:
                            passed[value.name] = [i]
                        elif calls[-1] != i:
                            calls.append(i)
                    elif type(value) in _ADDRESSING:
                        addressed.update(_addressed(value))
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


class ProgramIndex:
    """Everything that is found by name across units."""

    def __init__(
        self, files: Sequence[tuple[str, FileFacts]], earlier: Mapping[str, Unit] | None = None
    ) -> None:
        """``earlier``: the units of an earlier index, by path, of which those are kept that are
        still the same."""
        self.units = tuple(_unit(i, *file, earlier or {}) for i, file in enumerate(files))
        self.by_path = {unit.path: unit for unit in self.units}
        self.definitions: dict[str, list[Func]] = defaultdict(list)
        self.prototypes: dict[str, list[Func]] = defaultdict(list)
        self.classes: dict[str, list[ClassRef]] = defaultdict(list)
        self.macros: dict[str, list[tuple[int, Macro]]] = defaultdict(list)
        self.writes: dict[str, list[Write]] = defaultdict(list)
        self.typed: dict[str, list[Write]] = defaultdict(list)
        self.aliases: set[str] = set()  # Python names that may stand for something else
        self.renamed: dict[Func, str] = {}  # by `#define main RealMain` above the definition
        for unit in self.units:
            self._add(unit)

    def _add(self, unit: Unit) -> None:
        facts = unit.facts
        for i, function in enumerate(facts.functions):
            if function.kind == "function":
                self.definitions[function.name].append(Func(unit.index, i))
            elif function.kind == "prototype":
                self.prototypes[function.name].append(Func(unit.index, i))
        for i, klass in enumerate(facts.classes):
            self.classes[klass.name].append(ClassRef(unit.index, i))
        names: dict[str, Macro] = {}
        for macro in facts.macros:
            self.macros[macro.name].append((unit.index, macro))
            if macro.parameters is None and isinstance(macro.body, Name):
                names[macro.name] = macro
        if names:
            self._add_renamed(unit, names)
        self.aliases.update(item.alias for item in facts.imports if item.alias)
        for name, i in unit.written:
            self.writes[name].append(Write(unit.index, i))
        if unit.is_python:
            self.aliases.update(name for name, _ in unit.written)
        for i, binding in enumerate(facts.bindings):
            if binding.type:
                self.typed[binding.type].append(Write(unit.index, i))

    def _add_renamed(self, unit: Unit, names: dict[str, Macro]) -> None:
        for i, function in enumerate(unit.facts.functions):
            macro = names.get(function.name) if function.kind == "function" else None
            if macro is not None and macro.start < function.start:
                assert isinstance(macro.body, Name)
                func = Func(unit.index, i)
                self.renamed[func] = macro.body.name
                self.definitions[macro.body.name].append(func)

    @cached_property
    def calls_named(self) -> dict[str, list[CallSite]]:
        """Last name of the callee, or of the class that is made, without template arguments → the
        calls; by unit and position. Calls of what has no name (``table[i]()``) stand under the
        empty name; of what has one as a key (``user32["MessageBoxW"]()``), under that."""
        found: dict[str, list[CallSite]] = defaultdict(list)
        for unit in self.units:
            for name, i in unit.called:
                name = name or self._name_of(unit.facts.calls[i], unit)
                found[name].append(CallSite(unit.index, i))
        return dict(found)

    def _name_of(self, call: Call, unit: Unit) -> str:
        match call.callee:
            case Index(_, Text(name)):
                return name
            case callee:
                made = made_type(self, unit, call).partition("<")[0].rpartition("::")[2]
                return made or last_name(callee).partition("<")[0]

    def asked(self, name: str) -> Iterator[tuple[Unit, int]]:
        """The branches whose condition mentions a constant: see :attr:`Unit.asked`."""
        return ((unit, number) for unit in self.units for number in unit.asked.get(name, ()))

    def passed(self, names: Set[str]) -> Iterator[CallSite]:
        """The calls that pass one of the names as it is: see :attr:`Unit.passed`."""
        for unit in self.units:
            for name in sorted(names & unit.passed.keys()):
                for i in unit.passed[name]:
                    yield CallSite(unit.index, i)

    def announced(self, name: str) -> Iterator[tuple[int, Declaration | Import]]:
        """The declarations at file scope and the imports of a name, with their units."""
        return ((u.index, said) for u in self.units for said in u.announced.get(name, ()))

    @cached_property
    def calls_renamed(self) -> dict[str, list[CallSite]]:
        """Name that a Python file imports under another one → its calls there."""
        found: dict[str, list[CallSite]] = defaultdict(list)
        for unit in self.units:
            renamed = {item.alias: item.name for item in unit.facts.imports if item.alias}
            for i, call in enumerate(unit.facts.calls if renamed else ()):
                name = renamed.get(last_name(call.callee), "")
                if name:
                    found[name].append(CallSite(unit.index, i))
        return dict(found)

    def unit(self, ref: Func | CallSite | ClassRef | Write) -> Unit:
        return self.units[ref.unit]

    def function(self, func: Func) -> Function:
        return self.units[func.unit].facts.functions[func.index]

    def call(self, site: CallSite) -> Call:
        return self.units[site.unit].facts.calls[site.index]

    def klass(self, ref: ClassRef) -> Class:
        return self.units[ref.unit].facts.classes[ref.index]

    def binding(self, write: Write) -> Binding:
        return self.units[write.unit].facts.bindings[write.index]

    def calls_of(self, func: Func) -> Iterator[CallSite]:
        """The calls that stand in a function."""
        for i in self.units[func.unit].calls_of.get(func.index, ()):
            yield CallSite(func.unit, i)


def _unit(number: int, path: str, facts: FileFacts, earlier: Mapping[str, Unit]) -> Unit:
    """The unit of a file; the earlier one, with all that it has found, if nothing has changed."""
    known = earlier.get(path)
    same = known is not None and known.facts is facts and known.index == number
    return known if known is not None and same else Unit(number, path, facts)


def _grouped(keys: Iterator[int]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for i, key in enumerate(keys):
        groups[key].append(i)
    return groups


def last_name(expr: Expr) -> str:
    """The rightmost name of a target: ``x`` of ``x``, ``a.x``, ``p->x[0]``; else empty."""
    while True:
        match expr:
            case Name(name):
                return name.rpartition("::")[2] if ":" in name else name
            case Member(_, name):
                return name
            case Index(inner):
                expr = inner
            case Operation("*" | "&", (inner,)):
                expr = inner
            case _:
                return ""


def path_of(expr: Expr) -> str:
    """An access path as text (``self.x``, ``status.dwServiceType``); empty if it has none."""
    match expr:
        case Name(name):
            return name
        case Member(inner, name):
            outer = path_of(inner)
            return f"{outer}.{name}" if outer else ""
        case Index(inner) | Operation("*" | "&", (inner,)):
            return path_of(inner)
        case _:
            return ""


def _items(expr: Items) -> tuple[Expr, ...]:
    return tuple([item.value for item in expr.items])


# By the type: most expressions are names and literals, which a `match` would try all cases for.
_PARTS: dict[type[Expr], Callable[[Any], tuple[Expr, ...]]] = {
    Member: lambda expr: (expr.object,),
    Index: lambda expr: (expr.object, expr.key),
    Operation: attrgetter("operands"),
    Join: attrgetter("parts"),
    Choice: attrgetter("condition", "yes", "no"),
    Items: _items,
}


_PLAIN = (Text, Number, Null, Unknown, Result)  # hold no name


def _naming(values: list[Expr], wanted: tuple[type[Expr], ...]) -> tuple[Expr, ...]:
    parts: list[Expr] = []
    for value in values:
        if isinstance(value, Name):
            parts.append(value)
        elif not isinstance(value, _PLAIN):
            parts.extend([part for part in walk(value) if isinstance(part, wanted)])
    return tuple(parts)


_ADDRESSING = (Operation, Items)  # few values are: the others aren't asked


def _addressed(expr: Expr) -> Iterator[str]:
    """The names of which an expression, or a table, takes the address."""
    match expr:
        case Operation("&", (inner,)):
            yield last_name(inner)
        case Items():
            for part in walk(expr):
                if isinstance(part, Operation) and part.operator == "&" and len(part.operands) == 1:
                    yield last_name(part.operands[0])


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside an expression (not those of a call's result)."""
    parts = _PARTS.get(type(expr))
    return () if parts is None else parts(expr)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all inside it, results of calls not entered."""
    pending = [expr]
    while pending:
        current = pending.pop()
        yield current
        parts = _PARTS.get(type(current))
        if parts is not None:
            pending.extend(reversed(parts(current)))


def walk_into_calls(expr: Expr, unit: Unit) -> Iterator[Expr]:
    """As :func:`walk`, and into the callee and arguments of each call whose result is used."""
    pending = [expr]
    while pending:
        current = pending.pop()
        yield current
        parts = _PARTS.get(type(current))
        if parts is not None:
            pending.extend(reversed(parts(current)))
        elif type(current) is Result:
            call = unit.facts.calls[current.call]
            pending.extend([argument.value for argument in call.arguments])
            pending.append(call.callee)


def item_named(items: Sequence[Item], name: str) -> Expr | None:
    """The value of the item with that designated name or key."""
    return next((item.value for item in items if item.name == name), None)
