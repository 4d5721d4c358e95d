"""The literal dicts, lists and tuples that a Python expression can be, and what a key chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from sessionzero.facts import (
    Call,
    Choice,
    Expr,
    Index,
    Item,
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
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.python_entities import ClassObject, Instance, Module
from sessionzero.link.files.scopes import Bound, Frame, Scope, bind, scope_of
from sessionzero.link.files.units import CallSite, Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.python_names import PythonNames
from sessionzero.link.values.lattice import Known, Value
from sessionzero.link.values.writes import Writes

_OPEN = ("*", "**", "?")  # items that hold more than one, or whose key isn't known
_MOST = 8  # what may be more different tables than this is no table of constants
_CHANGES = frozenset(
    ("append", "add", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault")
) | {"update", "reverse", "sort"}
_COPIES = frozenset(f"builtins.{n}" for n in ("list", "tuple", "set", "frozenset", "sorted"))

Fold = Callable[[Expr, Scope, int], Value]
Source = tuple[Expr, Scope]


class Table(Struct, frozen=True):
    """The literal containers that an expression can be; ``open``: it can be, or hold, more."""

    literals: tuple[tuple[Items, Scope], ...] = ()
    open: bool = True


_NO_TABLE = Table()


class PythonTables:
    """Finds containers by what is assigned, passed and returned."""

    def __init__(
        self,
        index: ProgramIndex,
        modules: Modules,
        callees: Callees,
        python: PythonNames,
        writes: Writes,
        fold: Fold,
    ) -> None:
        """``fold`` gives the value of an expression: a key."""
        self._index = index
        self._modules = modules
        self._callees = callees
        self._python = python
        self._writes = writes
        self._fold = fold
        self._changed: dict[int, frozenset[str]] = {}

    def table(self, expr: Expr, scope: Scope, depth: int) -> Table:
        """The containers that an expression can be."""
        if depth <= 0:
            return _NO_TABLE
        given = self.handed_on(expr, scope)
        if given:
            return self._all(given, depth)
        match expr:
            case Items(items):
                return Table(((expr, scope),), open=any(item.name in _OPEN for item in items))
            case Choice(_, yes, no):
                return self._all([(yes, scope), (no, scope)], depth)
            case Operation("+", (left, right)):
                return _joined(*(self.table(part, scope, depth - 1) for part in (left, right)))
            case Operation("each", (inner,)) | Index(inner):
                table = self.table(inner, scope, depth - 1)
                chosen = self.chosen(table, expr, scope, depth)
                return self._all(chosen, depth, open=table.open)
            case Result(call):
                return self._made(scope.unit.facts.calls[call], scope, call, depth)
            case Name() | Member():
                sources = list(self._sources(expr, scope))
                changed = self._is_changed(last_name(expr), scope.unit)
                return self._all(sources, depth, open=changed)
            case _:
                return _NO_TABLE

    def _all(self, sources: Sequence[Source], depth: int, *, open: bool = False) -> Table:
        if not sources or len(sources) > _MOST:
            return _NO_TABLE
        tables = [self.table(expr, scope, depth - 1) for expr, scope in sources]
        literals = tuple(literal for table in tables for literal in table.literals)
        return Table(literals, open=open or any(table.open for table in tables))

    def _sources(self, expr: Name | Member, scope: Scope) -> Iterator[Source]:
        """The expressions that a name or attribute is given."""
        if isinstance(expr, Name):
            yield from self._of_name(expr.name, scope)
            return
        unit = scope.unit
        match self._python.evaluate(expr.object, unit, scope.function):
            case Module(index):
                yield from self._of_name(expr.name, Scope(self._index.units[index], 0))
            case ClassObject(ref) | Instance(ref):
                for write in self._writes.to_attribute(ref, expr.name):
                    yield from self._written(write.unit, write.index)
            case _:
                return

    def _of_name(self, name: str, scope: Scope) -> Iterator[Source]:
        unit = scope.unit
        for function in unit.outer_functions(scope.function):
            if function == 0:
                break
            func = Func(unit.index, function)
            stores = self._writes.stores(func).get(name, ())
            parameters = unit.facts.functions[function].parameters
            is_parameter = any(p.name.lstrip("*") == name for p in parameters)
            for store in stores:
                if store.value is not None:
                    at = Scope(unit, function, store.branch, store.start, scope.frame)
                    yield store.value, at
            if is_parameter:
                yield from self._passed(func, name, scope.frame)
            if stores or is_parameter:
                return
        writes = self._writes.to_name(name, unit)
        for write in writes:
            yield from self._written(write.unit, write.index)
        if not writes:
            target = self.imported(name, scope)
            if target is not None:
                yield from self._of_name(target[0], Scope(target[1], 0))

    def _written(self, unit: int, number: int) -> Iterator[Source]:
        home = self._index.units[unit]
        binding = home.facts.bindings[number]
        yield binding.value, Scope(home, binding.function, binding.branch, binding.start)

    def imported(self, name: str, scope: Scope) -> tuple[str, Unit] | None:
        """``from names import STATE``: the name and file in which the project defines it."""
        unit = scope.unit
        for function in unit.outer_functions(scope.function):
            for item in unit.facts.imports:
                if item.function == function and item.name and (item.alias or item.name) == name:
                    target = self._modules.python_module(unit, item.module, item.level)
                    if target is not None and target is not unit:
                        return item.name, target
        return None

    def _passed(self, func: Func, name: str, frame: Frame | None) -> Iterator[Source]:
        if frame is not None and frame.func == func:
            yield frame.arguments.get(name, (Unknown(0, 0), Scope(self._index.unit(func), 0)))
            return
        sites = self._callees.callers(func)
        for site in sites[: _MOST + 1]:
            bound = bind(self._index, func, site)
            yield bound.get(name, (Unknown(0, 0), scope_of(self._index, site)))

    def handed_on(self, expr: Expr, scope: Scope) -> list[Source]:
        """What each caller passes where ``args[0] or kwargs["name"] or None`` stands in a function
        with ``*args`` and ``**kwargs``, or ``args[0]``; empty for another expression."""
        parts = expr.operands if isinstance(expr, Operation) and expr.operator == "||" else (expr,)
        last: Expr = Unknown(0, 0)
        if isinstance(parts[-1], Null):
            parts, last = parts[:-1], parts[-1]
        asked = [(last_name(part.object), part.key) for part in parts if isinstance(part, Index)]
        names = {name for name, _ in asked}
        if not asked or len(asked) < len(parts) or not names <= self._stars(scope):
            return []
        return [_picked(asked, bound, (last, scope)) for bound in self._bound(scope)]

    def _stars(self, scope: Scope) -> set[str]:
        """The ``*args`` and ``**kwargs`` of a function that stay what its caller passes."""
        stores = self._writes.stores(scope.func)
        names = (p.name for p in self._index.function(scope.func).parameters)
        stars = {name.lstrip("*") for name in names if name.startswith("*")} - stores.keys()
        return {name for name in stars if not self._is_changed(name, scope.unit)}

    def _bound(self, scope: Scope) -> Iterator[Bound]:
        """What each call of a function binds its parameters to, or the one that is looked into."""
        func, frame = scope.func, scope.frame
        if frame is not None and frame.func == func:
            yield frame.arguments
            return
        for site in self._callees.callers(func):
            yield bind(self._index, func, site, None, self.unpacked)

    def _is_changed(self, name: str, unit: Unit) -> bool:
        """Whether the file changes a container of that name after it was made."""
        bindings = (self._index.binding(w) for w in self._index.writes.get(name, ()))
        if any(isinstance(b.target, Index) or b.operator not in ("=", ":") for b in bindings):
            return True
        if unit.index not in self._changed:
            callees = (call.callee for call in unit.facts.calls)
            self._changed[unit.index] = frozenset(
                last_name(callee.object)
                for callee in callees
                if isinstance(callee, Member) and callee.name in _CHANGES
            )
        return name in self._changed[unit.index]

    def _made(self, call: Call, scope: Scope, number: int, depth: int) -> Table:
        """The container that a call gives back."""
        if isinstance(call.callee, Member) and call.callee.name in ("values", "items", "keys"):
            table = self.table(call.callee.object, scope, depth - 1)
            views = [(_view(items, call.callee.name), at) for items, at in table.literals]
            return Table(tuple(views), open=table.open or not views)
        callee = self._callees.of(CallSite(scope.unit.index, number))
        if callee.dotted in _COPIES and len(call.arguments) == 1:
            return self.table(call.arguments[0].value, scope, depth - 1)
        if callee.dotted == "builtins.dict" and all(a.name for a in call.arguments):
            items = tuple(Item(a.name, a.value) for a in call.arguments)
            return Table(((Items(items, call.start, call.end), scope),), open=False)
        found = list[Source]()
        for func in callee.functions[:2]:
            unit, site = self._index.unit(func), CallSite(scope.unit.index, number)
            frame = Frame(func, bind(self._index, func, site, scope.frame))
            for i in unit.returns_of.get(func.index, ()):
                item = unit.facts.returns[i]
                at = Scope(unit, func.index, item.branch, item.value.start, frame)
                found.append((item.value, at))
        return self._all(found, depth)

    def chosen(self, table: Table, expr: Expr, scope: Scope, depth: int) -> list[Source]:
        """The items that a key chooses, or that a loop goes through: of a dict, none, for those
        are its keys."""
        if not isinstance(expr, Index):
            return [
                (item.value, at)
                for items, at in table.literals
                for item in items.items
                if not item.name
            ]
        key = self.key(expr.key, scope, depth)
        return [(item.value, at) for items, at in table.literals for item in _with_key(items, key)]

    def key(self, expr: Expr, scope: Scope, depth: int) -> Known | None:
        """The one value that a key has; None if that isn't known."""
        value = self._fold(expr, scope, depth)
        only = value.known[0] if len(value.known) == 1 and not value.open else None
        return only if only is not None and only.exact and not only.sometimes else None

    def unpacked(self, expr: Expr, scope: Scope) -> tuple[Items, Scope] | None:
        """The one container that ``*`` or ``**`` takes apart, if it is known."""
        table = self.table(expr, scope, 4)
        return table.literals[0] if len(table.literals) == 1 and not table.open else None


def _picked(asked: Sequence[tuple[str, Expr]], bound: Bound, nothing: Source) -> Source:
    """The argument at the first place, or by the first name, that a call passes; ``nothing`` where
    it passes none."""
    for name, key in asked:
        whole, at = bound.get(name, nothing)
        if not isinstance(whole, Items):
            return Unknown(0, 0), at
        place = key.value if isinstance(key, Number | Text) else None
        for number, item in enumerate(whole.items):
            if place is not None and place == (item.name or number):
                return item.value, at
    return nothing


def _joined(left: Table, right: Table) -> Table:
    """``[sys.executable, script] + arguments``: the items of the left list, and those of the right
    one behind them if it is known and both are written in one function."""
    if len(right.literals) != 1:
        return Table(left.literals)
    ((more, there),) = right.literals
    together = all(at.func == there.func for _, at in left.literals)
    behind = more.items if together else ()
    literals = tuple(
        (Items((*items.items, *behind), items.start, items.end), at) for items, at in left.literals
    )
    return Table(literals, open=left.open or right.open or not together)


def _with_key(items: Items, key: Known | None) -> list[Item]:
    """The items of a literal that a key can mean; all of them if it isn't known."""
    literal = list(items.items)
    is_dict = any(item.name not in ("", "*") for item in literal)
    if key is None or any(item.name in _OPEN for item in literal):
        return [item for item in literal if item.name not in ("*", "**")]
    if is_dict:
        name = key.text if key.kind == "text" else str(key.number)
        return [item for item in literal if item.name == name][-1:]
    if key.kind != "number" or not -len(literal) <= key.number < len(literal):
        return []
    return [literal[key.number]]


def _view(items: Items, view: str) -> Items:
    """``d.values()``, ``d.items()`` or ``d.keys()`` of a literal dict."""
    found = []
    for item in items.items:
        at = item.value.start, item.value.end
        known = item.name not in ("", *_OPEN) and not item.name.lstrip("-").isdigit()
        key: Expr = Text(item.name, "", *at) if known else Unknown(*at)
        pair = Items((Item("", key), Item("", item.value)), *at)
        found.append(Item("", {"values": item.value, "keys": key}.get(view, pair)))
    return Items(tuple(found), items.start, items.end)
