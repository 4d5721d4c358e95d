"""Values in Python's own containers: dicts, lists, ``**kwargs``, fields of dataclasses, enums."""

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
    Operation,
    Result,
    Text,
    Unknown,
)
from sessionzero.facts import Sequence as Items
from sessionzero.link import lattice, python_texts
from sessionzero.link.callees import Callee, Callees
from sessionzero.link.index import CallSite, ClassRef, Func, ProgramIndex, Unit, last_name
from sessionzero.link.lattice import UNKNOWN, Known, Value, either
from sessionzero.link.modules import Modules
from sessionzero.link.python_names import (
    ClassObject,
    Instance,
    Module,
    PythonNames,
    qualified,
)
from sessionzero.link.scopes import Frame, Scope, bind, scope_of, spot_of
from sessionzero.link.writes import Writes

_OPEN = ("*", "**", "?")  # items that hold more than one, or whose key isn't known
_MOST = 8  # what may be more different tables than this is no table of constants
_SITES = 24  # objects made in more places than this have no constant fields
_ITEMS = 40
_CHANGES = frozenset(
    ("append", "add", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault")
) | {"update", "reverse", "sort"}
_COPIES = frozenset(f"builtins.{n}" for n in ("list", "tuple", "set", "frozenset", "sorted"))
_FIELDS = frozenset(("dataclasses.field", "attr.ib", "attrs.field"))
_PATH_JOINS = frozenset(("os.path.join", "ntpath.join"))

Fold = Callable[[Expr, Scope, int], Value]
Source = tuple[Expr, Scope]


class Table(Struct, frozen=True):
    """The literal containers that an expression can be; ``open``: it can be, or hold, more."""

    literals: tuple[tuple[Items, Scope], ...] = ()
    open: bool = True


_NO_TABLE = Table()


class PythonValues:
    """Folds what only Python has; all else is handed to ``fold``."""

    def __init__(
        self,
        index: ProgramIndex,
        modules: Modules,
        callees: Callees,
        python: PythonNames,
        writes: Writes,
        fold: Fold,
    ) -> None:
        self._index = index
        self._modules = modules
        self._callees = callees
        self._python = python
        self._writes = writes
        self._fold = fold

    # --- containers ---

    def table(self, expr: Expr, scope: Scope, depth: int) -> Table:
        """The containers that an expression can be."""
        if depth <= 0:
            return _NO_TABLE
        match expr:
            case Items(items):
                return Table(((expr, scope),), open=any(item.name in _OPEN for item in items))
            case Choice(_, yes, no):
                return self._all([(yes, scope), (no, scope)], depth)
            case Operation("each", (inner,)) | Index(inner):
                table = self.table(inner, scope, depth - 1)
                chosen = self._chosen(table, expr, scope, depth)
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
        writes = self._writes.to_module_name(name, unit)
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

    def _is_changed(self, name: str, unit: Unit) -> bool:
        """Whether the file changes a container of that name after it was made."""
        bindings = (self._index.binding(w) for w in self._index.writes.get(name, ()))
        if any(isinstance(b.target, Index) or b.operator not in ("=", ":") for b in bindings):
            return True
        return name in self._changed_by_calls(unit)

    def _changed_by_calls(self, unit: Unit) -> frozenset[str]:
        calls = (call.callee for call in unit.facts.calls)
        return frozenset(
            last_name(callee.object)
            for callee in calls
            if isinstance(callee, Member) and callee.name in _CHANGES
        )

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

    # --- elements ---

    def element(self, expr: Expr, scope: Scope, depth: int) -> Value:
        """An element: the one that the key names, else any of them."""
        assert isinstance(expr, Index | Operation)
        inner = expr.object if isinstance(expr, Index) else expr.operands[0]
        table = self.table(inner, scope, depth)
        chosen = self._chosen(table, expr, scope, depth)
        values = [self._fold(value, at, depth) for value, at in chosen[:_ITEMS]]
        if not values:
            return UNKNOWN
        merged = either(*values)
        sure = len(values) == 1 and not table.open
        return merged if sure else _opened(lattice.occasionally(merged), open=table.open)

    def _chosen(self, table: Table, expr: Expr, scope: Scope, depth: int) -> list[Source]:
        """The items that a key chooses, or that a loop goes through: of a dict, none, for those
        are its keys."""
        if not isinstance(expr, Index):
            return [
                (item.value, at)
                for items, at in table.literals
                for item in items.items
                if not item.name
            ]
        key = self._key(expr.key, scope, depth)
        return [(item.value, at) for items, at in table.literals for item in _with_key(items, key)]

    def _key(self, expr: Expr, scope: Scope, depth: int) -> Known | None:
        value = self._fold(expr, scope, depth)
        only = value.known[0] if len(value.known) == 1 and not value.open else None
        return only if only is not None and only.exact and not only.sometimes else None

    def unpacked(self, expr: Expr, scope: Scope) -> tuple[Items, Scope] | None:
        """The one container that ``*`` or ``**`` takes apart, if it is known."""
        table = self.table(expr, scope, 4)
        return table.literals[0] if len(table.literals) == 1 and not table.open else None

    # --- calls ---

    def result(self, call: Call, callee: Callee, scope: Scope, depth: int) -> Value | None:
        """What a call gives back that concerns strings or containers; None for other calls."""
        given = [argument.value for argument in call.arguments]
        if callee.dotted in _FIELDS:
            default = [a.value for a in call.arguments if a.name == "default"]
            return self._fold(default[0], scope, depth) if default else UNKNOWN
        if any(argument.name for argument in call.arguments):
            return None
        if callee.dotted in _PATH_JOINS:
            return python_texts.path([self._fold(value, scope, depth) for value in given])
        if callee.dotted == "builtins.getattr" and len(given) > 1:
            return self._getattr(given, scope, depth)
        if isinstance(call.callee, Member) and not callee.functions:
            return self._method(call.callee, given, scope, depth)
        return None

    def _getattr(self, given: Sequence[Expr], scope: Scope, depth: int) -> Value | None:
        name = self._key(given[1], scope, depth)
        if name is None or name.kind != "text":
            return None
        member = Member(given[0], name.text, given[0].start, given[1].end)
        found = self._fold(member, scope, depth)
        if len(given) > 2 and found.open:
            default = lattice.occasionally(self._fold(given[2], scope, depth))
            return either(found, default)
        return found

    def _method(
        self, callee: Member, given: Sequence[Expr], scope: Scope, depth: int
    ) -> Value | None:
        if callee.name in python_texts.METHODS:
            text = self._fold(callee.object, scope, depth)
            arguments = [self._fold(value, scope, depth) for value in given]
            return python_texts.made(callee.name, text, arguments) if text.texts else None
        if callee.name == "join" and len(given) == 1:
            return self._joined(callee.object, given[0], scope, depth)
        if callee.name in ("get", "pop", "setdefault") and given:
            return self._got(callee, given, scope, depth)
        return None

    def _got(self, callee: Member, given: Sequence[Expr], scope: Scope, depth: int) -> Value | None:
        """``table.get(key, default)``."""
        table = self.table(callee.object, scope, depth)
        if not table.literals:
            return None
        element = Index(callee.object, given[0], callee.start, callee.end)
        found = self.element(element, scope, depth)
        if found.known and not found.open:
            return found
        default = self._fold(given[1], scope, depth) if len(given) > 1 else UNKNOWN
        if found.known or table.open:
            return either(found, lattice.occasionally(default))
        return default

    def _joined(self, separator: Expr, parts: Expr, scope: Scope, depth: int) -> Value | None:
        between = self._fold(separator, scope, depth)
        table = self.table(parts, scope, depth)
        if not between.texts or table.open or len(table.literals) != 1:
            return None
        items, at = table.literals[0]
        if any(item.name for item in items.items):
            return None
        return python_texts.joined(
            between, [self._fold(item.value, at, depth) for item in items.items]
        )

    # --- attributes ---

    def field(self, ref: ClassRef, name: str, depth: int) -> Value | None:
        """A field of a dataclass, NamedTuple or the like: what its objects are made with, and its
        default. None if the class makes its objects in a way of its own."""
        fields = self._fields(ref)
        if name not in fields or self._callees.inherited(ref, "__init__") is not None:
            return None
        klass = self._index.klass(ref)
        sites = [
            site
            for site in self._index.calls_named.get(klass.name, ())
            if self._callees.of(site).constructs == ref
        ]
        if len(sites) > _SITES:
            return UNKNOWN
        values = []
        for site in sites:
            call = self._index.call(site)
            at = scope_of(self._index, site)
            named = [a.value for a in call.arguments if a.name == name]
            plain = [a.value for a in call.arguments if not a.name]
            if any(a.name in ("*", "**") for a in call.arguments):
                values.append(UNKNOWN)
            elif named or fields.index(name) < len(plain):
                value = named[0] if named else plain[fields.index(name)]
                values.append(lattice.passed(self._fold(value, at, depth), spot_of(value, at)))
        return either(*values) if values else None

    def _fields(self, ref: ClassRef) -> list[str]:
        """The names of the fields in the order in which a constructor takes them."""
        found = list[str]()
        for base in self._python.bases(ref):
            if isinstance(base, ClassObject):
                found += self._fields(base.ref)
        klass = self._index.klass(ref)
        listed = next((f.default for f in klass.fields if f.name == "_fields_"), None)
        if isinstance(listed, Items):  # ctypes.Structure
            pairs = (item.value for item in listed.items)
            first = (
                pair.items[0].value for pair in pairs if isinstance(pair, Items) and pair.items
            )
            return found + [name.value for name in first if isinstance(name, Text)]
        return list(dict.fromkeys((*found, *(f.name for f in klass.fields if f.type))))

    def in_class_body(self, name: str, scope: Scope) -> list[Source]:
        """What a name is given in the body of the innermost class around a place, if it is read
        there and not in a method."""
        unit = scope.unit
        around = [
            klass for klass in unit.facts.classes if klass.start <= scope.position < klass.end
        ]
        for klass in sorted(around, key=lambda klass: klass.start)[-1:]:
            owner = qualified(klass.owner, klass.name)
            return [
                source
                for write in self._index.writes.get(name, ())
                if write.unit == unit.index
                and (binding := self._index.binding(write)).operator == ":"
                and binding.function == scope.function
                and isinstance(binding.target, Member)
                and binding.start < scope.position
                and getattr(binding.target.object, "name", "") == owner
                for source in self._written(write.unit, write.index)
            ]
        return []


def _opened(value: Value, *, open: bool) -> Value:
    return Value(value.known, open=value.open or open)


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
