"""Fields of structures: from initialisers, zeroed memory, and functions that get the address."""

from __future__ import annotations

from collections.abc import Callable

from sessionzero.facts import (
    Binding,
    Choice,
    Expr,
    Index,
    Item,
    Member,
    Name,
    Number,
    Operation,
    Result,
)
from sessionzero.facts import Sequence as Items
from sessionzero.knowledge.catalog import Api, Catalog
from sessionzero.link.files.expressions import item_named, last_name, path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Frame, Scope, bind, spot_of
from sessionzero.link.files.units import CallSite, ClassRef, Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.flow import flow
from sessionzero.link.values.lattice import UNKNOWN, Known, Value, either, just, occasionally
from sessionzero.link.values.writes import Store, Writes

# C run-time and SDK names of "set to zero" (memset: with that value).
_ZERO = frozenset(("ZeroMemory", "RtlZeroMemory", "SecureZeroMemory", "bzero"))
# What the catalogue knows reads the structures that it gets, with these exceptions.
_WRITING = frozenset(
    (
        *("guard", "input-query", "process-environment", "registry-key", "sddl"),
        *("security-descriptor", "token"),
    )
)
_CALLERS = 24
_LINKS = 4  # parameters and pointers on the way to a table
_ROWS = 40  # of a table that are looked at
_END = 1 << 60  # behind all code of a function

Fold = Callable[[Expr, Scope, int], Value]


class Fields:
    """Folds single fields; the rest of an expression is for ``fold``."""

    def __init__(
        self, index: ProgramIndex, catalog: Catalog, callees: Callees, writes: Writes, fold: Fold
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._callees = callees
        self._writes = writes
        self._fold = fold

    def local(
        self,
        path: str,
        before: Value,
        scope: Scope,
        depth: int,
        stored: Callable[[Store, Value, Scope], Value],
    ) -> Value | None:
        """A field that the function itself writes, or whose whole variable it writes, at a place;
        None if it has not by then. ``before`` is what others leave in it."""
        outer, _, name = path.rpartition(".")
        stores = self._writes.stores(scope.func) if scope.function else {}
        own = stores.get(path, [])
        whole = [store for store in stores.get(outer, ()) if self._is_whole(store)]
        both = sorted((*own, *whole), key=lambda store: store.start)
        if not both or both[0].start >= scope.position:
            return None

        def after(store: Store, state: Value) -> Value:
            at = Scope(scope.unit, scope.function, store.branch, store.start, scope.frame)
            if any(store is other for other in whole):
                return self._of_whole(store, state, at, name, depth)
            return stored(store, state, at)

        return flow(scope.unit, before, both, scope, after)

    def _is_whole(self, store: Store) -> bool:
        """True for what sets all fields; ``p = &s`` sets a pointer to them."""
        return store.operator == "&" or isinstance(store.value, Items)

    def _of_whole(self, store: Store, state: Value, at: Scope, name: str, depth: int) -> Value:
        """A field after a write to the whole variable."""
        if isinstance(store.value, Items):
            rows = [item.value for item in store.value.items if isinstance(item.value, Items)]
            if rows and len(rows) == len(store.value.items):
                return self._in_table(rows[:_ROWS], store.type, name, at, depth)
            return self._initial(store.value, store.type, name, at, depth)
        return self.after_call(store, state, at, name, depth)

    def _initial(self, items: Items, type_name: str, name: str, at: Scope, depth: int) -> Value:
        """A field of an initialiser list: by its name, its position, or zero if it isn't there."""
        named = item_named(items.items, name)
        if named is not None:
            return self._fold(named, at, depth)
        plain = [item.value for item in items.items if not item.name]
        type_name = type_name.removeprefix("struct ")
        layout = self._catalog.structure(type_name)
        fields = [p.keyword or p.role for p in layout.parameters] if layout is not None else []
        fields = fields or self._writes.fields_of(type_name, at.unit)
        if name in fields and fields.index(name) < len(plain):
            return self._fold(plain[fields.index(name)], at, depth)
        known = name in fields or all(isinstance(v, Number) and not v.value for v in plain)
        return _zero(items, at) if known else UNKNOWN

    def after_call(self, store: Store, state: Value, at: Scope, name: str, depth: int) -> Value:
        """A variable (or its field ``name``) after a call that got its address: what it was, if the
        call only reads it; zero, what a function of the project writes, or unknown."""
        site = CallSite(at.unit.index, store.call)
        call = self._index.call(site)
        callee = self._callees.of(site)
        simple = last_name(call.callee)
        if simple in _ZERO or simple == "memset":
            value = call.arguments[1].value if len(call.arguments) > 1 else None
            zero = simple in _ZERO or (isinstance(value, Number) and value.value == 0)
            return _zero(call.callee, at) if zero else UNKNOWN
        if callee.functions:
            written = (
                self._written(func, site, store, state, at, name, depth)
                for func in callee.functions[:4]
            )
            return either(*written)
        return state if self._reads(callee.api) else UNKNOWN

    def _written(
        self,
        func: Func,
        site: CallSite,
        store: Store,
        state: Value,
        at: Scope,
        name: str,
        depth: int,
    ) -> Value:
        """What a function of the project leaves behind its pointer parameter."""
        bound = bind(self._index, func, site, at.frame)
        parameter = next(
            (
                p
                for p, (expr, _) in bound.items()
                if (expr.operands[0] if isinstance(expr, Operation) else expr) is store.value
            ),
            "",
        )
        unit = self._index.unit(func)
        if not parameter or depth <= 0:
            return UNKNOWN
        stores = self._writes.stores(func)
        path = f"{parameter}.{name}" if name else parameter
        if not name and parameter not in stores:
            return state
        if name and path not in stores and parameter not in stores:
            return UNKNOWN if self._passes_on(func, parameter) else state
        inner = Scope(unit, func.index, -1, _END, Frame(func, bound))
        target = Member(Name(parameter, 0, 0), name, 0, 0) if name else Name(parameter, 0, 0)
        return self._fold(target, inner, depth - 1)

    def _passes_on(self, func: Func, parameter: str) -> bool:
        """Whether a function hands a pointer to another one that may write there."""
        return any(
            isinstance(argument.value, Name) and argument.value.name == parameter
            for site in self._index.calls_of(func)
            if not self._reads(self._callees.of(site).api)
            for argument in self._index.call(site).arguments
        )

    def is_filled(self, pointer: str, scope: Scope) -> bool:
        """Whether a parameter of C points to what others may write, as in ``MakeList(acl)``."""
        described = self._index.function(scope.func)
        given = any(p.name == pointer for p in described.parameters)
        return given and not scope.unit.is_python and self._passes_on(scope.func, pointer)

    def _reads(self, api: Api | None) -> bool:
        return api is not None and api.role not in _WRITING

    # --- structures that calls get ---

    def field(self, expr: Expr, name: str, scope: Scope, depth: int) -> Value:
        """A field of the structure that ``expr`` is, or points to."""
        if depth <= 0:
            return UNKNOWN
        match expr:
            case Operation("&" | "*", (inner,)):
                return self.field(inner, name, scope, depth)
            case Choice(_, yes, no):
                return either(*(self.field(e, name, scope, depth - 1) for e in (yes, no)))
            case Result(number):
                return self._returned(CallSite(scope.unit.index, number), name, scope, depth - 1)
            case Name(variable) if self._is_parameter(variable, scope):
                return self._passed(variable, name, scope, depth - 1)
            case Name() | Member():
                return self._variable(expr, name, scope, depth - 1)
            case _:
                return UNKNOWN

    def _variable(self, expr: Name | Member, name: str, scope: Scope, depth: int) -> Value:
        stores = self._writes.stores(scope.func).get(path_of(expr), ())
        before = [s for s in stores if s.start < scope.position and s.value is not None]
        pointers = [s for s in before if s.operator == "=" and not isinstance(s.value, Items)]
        if self._set_since(f"{path_of(expr)}.{name}", pointers, scope):
            return self._fold(Member(expr, name, expr.start, expr.end), scope, depth)
        if pointers and pointers[-1].value is not None:  # p = &sa; sa = MakeAttributes();
            at = Scope(scope.unit, scope.function, scope.branch, scope.position, scope.frame)
            return self.field(pointers[-1].value, name, at, depth)
        found = self._fold(Member(expr, name, expr.start, expr.end), scope, depth)
        return found if found.known else self._global(expr, name, scope, depth)

    def _set_since(self, path: str, pointers: list[Store], scope: Scope) -> bool:
        """``startup = STARTUPINFO(); startup.lpDesktop = …``: the field is set after the whole."""
        stores = self._writes.stores(scope.func).get(path, ()) if pointers else ()
        return any(pointers[-1].start < store.start < scope.position for store in stores)

    def _global(self, expr: Name | Member, name: str, scope: Scope, depth: int) -> Value:
        """A field of a global variable that only its initialiser sets."""
        found = self._initialiser(last_name(expr), Scope(scope.unit, 0))
        return UNKNOWN if found is None else self._initial(*found[:2], name, found[2], depth)

    def initialised(self, expr: Member, scope: Scope, depth: int) -> Value:
        """The texts and numbers that a field has in the list which a structure begins with, or a
        table of them: ``EVENTS[i].name``, also where a pointer is at one of its rows. What else may
        be written there by a pointer, nobody knows."""
        rows = () if scope.unit.is_python else self._rows(expr.object, scope, _LINKS)
        found = (self._in_table([row], kind, expr.name, at, depth) for row, kind, at in rows)
        return either(*found) if rows else UNKNOWN

    def _rows(self, expr: Expr, scope: Scope, links: int) -> list[tuple[Items, str, Scope]]:
        """The lists with which what an expression is, or points to, can begin."""
        match expr:
            case Operation("&" | "*", (inner,)):
                return self._rows(inner, scope, links)
            case Index(Name(name), key) if found := self._initialiser(name, scope):
                items, type_name, at = found
                rows = [item.value for item in items.items if isinstance(item.value, Items)][:_ROWS]
                rows = rows[key.value :][:1] if isinstance(key, Number) else rows
                return [(row, type_name, at) for row in rows]
            case Name(name) if self._is_parameter(name, scope):
                sites = self._callees.callers(scope.func)[: _CALLERS if links else 0]
                bound = (bind(self._index, scope.func, site).get(name) for site in sites)
                return [row for it in bound if it for row in self._rows(*it, links - 1)][:_ROWS]
            case Name(name) if found := self._initialiser(name, scope):
                return [found]
            case Name(name) if links and scope.function:
                stores = self._writes.stores(scope.func).get(name, ())
                before = [store.value for store in stores if store.start < scope.position]
                if not stores and (only := self._only_write(name, scope)) is not None:
                    return self._rows(only[0].value, only[1], links - 1)
                last = before[-1] if before else None
                return self._rows(last, scope, links - 1) if last is not None else []
            case _:
                return []

    def _in_table(
        self, rows: list[Items], type_name: str, name: str, at: Scope, depth: int
    ) -> Value:
        """The texts and numbers that a field has in some lists, nothing but zeros left out."""
        merged = either(*(self._initial(row, type_name, name, at, depth) for row in rows))
        said = tuple(it for it in merged.known if it.kind == "text" or it.number)
        return occasionally(Value(said))

    def _initialiser(self, name: str, scope: Scope) -> tuple[Items, str, Scope] | None:
        """The only write to a variable of the function or file, if it is a list of values."""
        stores = self._writes.stores(scope.func).get(name, ()) if scope.function else ()
        if stores:
            value, type_name = stores[0].value, stores[0].type
            at = Scope(scope.unit, scope.function, stores[0].branch, stores[0].start)
        elif (binding := self._only_write(name, scope)) is not None:
            value, type_name, at = binding[0].value, binding[0].type, binding[1]
        else:
            return None
        items = self._listed(value, at.unit) if len(stores) <= 1 else None
        return (items, type_name, at) if items is not None else None

    def _only_write(self, name: str, scope: Scope) -> tuple[Binding, Scope] | None:
        """The only write to a variable of a file, and where it stands."""
        writes = self._writes.to_global(name.rpartition("::")[2], scope.unit)
        if len(writes) != 1:
            return None
        return self._index.binding(writes[0]), Scope(self._index.unit(writes[0]), 0)

    def _listed(self, value: Expr | None, unit: Unit) -> Items | None:
        """The list that fills a structure; C++ can leave out the sign before it, as in
        ``constexpr Names names{L"Quit", L"Map"};``, if the class has no constructor."""
        match value:
            case Items():
                return value
            case Result(number) if unit.facts.calls[number].kind == "construct":
                made = self._callees.of(CallSite(unit.index, number))
                given = unit.facts.calls[number].arguments
                if made.functions or not given or not self._is_plain(made.constructs):
                    return None
                items = tuple(Item(argument.name, argument.value) for argument in given)
                return Items(items, value.start, value.end)
            case _:
                return None

    def _is_plain(self, ref: ClassRef | None) -> bool:
        """Whether a class is a structure as in C, that is filled field by field."""
        klass = self._index.klass(ref) if ref is not None else None
        return klass is not None and not (
            klass.bases
            or any(
                self._index.function(it).owner.rpartition("::")[2] == klass.name
                for it in self._index.prototypes.get(klass.name, ())
            )
        )

    def _is_parameter(self, name: str, scope: Scope) -> bool:
        described = self._index.function(scope.func)
        written = name in self._writes.stores(scope.func)
        return any(p.name == name for p in described.parameters) and not written

    def _passed(self, parameter: str, name: str, scope: Scope, depth: int) -> Value:
        if self._writes.stores(scope.func).get(f"{parameter}.{name}"):
            target = Member(Name(parameter, 0, 0), name, 0, 0)
            return self._fold(target, scope, depth)
        sites = self._callees.callers(scope.func)
        if not sites or len(sites) > _CALLERS:
            return UNKNOWN
        found = []
        for site in sites:
            bound = bind(self._index, scope.func, site).get(parameter)
            found.append(self.field(bound[0], name, bound[1], depth) if bound else UNKNOWN)
        return either(*found)

    def _returned(self, site: CallSite, name: str, scope: Scope, depth: int) -> Value:
        found = []
        callee = self._callees.of(site)
        if callee.api is not None and callee.api.role == "process-startup":
            return _zero(self._index.call(site).callee, scope)  # a new one is empty
        for func in callee.functions[:4]:
            unit = self._index.unit(func)
            frame = Frame(func, bind(self._index, func, site, scope.frame))
            for number in unit.returns_of.get(func.index, ()):
                item = unit.facts.returns[number]
                at = Scope(unit, func.index, item.branch, item.value.start, frame)
                found.append(self.field(item.value, name, at, depth))
        return either(*found) if found else UNKNOWN


def _zero(expr: Expr, at: Scope) -> Value:
    return just(Known("number", spot_of(expr, at), number=0))
