"""Constant folding on demand: through macros, constants, variables, fields, parameters, calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice

from msgspec import structs

from sessionzero.facts import (
    Choice,
    Expr,
    Index,
    Join,
    Macro,
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
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.scopes import Frame, Scope, bind, scope_of, spot_of
from sessionzero.link.files.units import CallSite, Func, Spot, Unit, Write, enclosing_owner
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.python_names import PythonNames
from sessionzero.link.names.unsaid import Unsaid
from sessionzero.link.values import formatting, lattice, python_texts
from sessionzero.link.values.buffers import Buffers
from sessionzero.link.values.chosen import Chosen
from sessionzero.link.values.fields import Fields
from sessionzero.link.values.fillings import Filling
from sessionzero.link.values.flow import flow
from sessionzero.link.values.frames import Frames
from sessionzero.link.values.lattice import UNKNOWN, Known, Value, either, join, just
from sessionzero.link.values.macro_values import CALLERS, MacroValues
from sessionzero.link.values.python_platform import PythonPlatform
from sessionzero.link.values.python_values import PythonValues
from sessionzero.link.values.questions import Questions
from sessionzero.link.values.returns import Returns
from sessionzero.link.values.stores import left_by
from sessionzero.link.values.writes import Store, Writes
from sessionzero.link.values.written_texts import Home

_DEPTH = 14
_WRITES = 40  # what is written more often than this has no constant
_ELSEWHERE = (Name, Member, Result)  # their values stand somewhere else, and are looked for


class Values:
    """Folds expressions to :class:`Value`."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        modules: Modules,
        callees: Callees,
        python: PythonNames,
        writes: Writes,
        platform: PythonPlatform,
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._callees = callees
        self._writes = writes
        self._platform = platform
        self._buffers = Buffers(index, callees, writes)
        self._chosen = Chosen(writes, self.fold)
        self._unsaid = Unsaid(index)
        self._returns = Returns(index, platform, self._chosen, self.fold)
        self._macros = MacroValues(index, callees, self.fold)
        self._fields = Fields(index, catalog, callees, writes, self.fold)
        self._python = PythonValues(
            *(index, catalog, modules, callees, python, writes),
            *(self.fold, self._anywhere, self._returns.of_one),
        )
        self._frames = Frames(index, self._python.tables.unpacked)
        self._questions = Questions()
        self._in_wrappers: dict[tuple[object, ...], Value] = {}

    def argument(self, site: CallSite, expr: Expr, frame: Frame | None = None) -> Value:
        """What an argument of a call is, where the call stands."""
        at = scope_of(self._index, site, frame)
        value = self.fold(expr, at)
        if frame is not None or not lattice.depends_on_call(value):
            return value
        key = (expr, *_place(at))
        if key not in self._in_wrappers:
            self._in_wrappers[key] = self._by_caller(expr, at) or value
        return self._in_wrappers[key]

    def _by_caller(self, expr: Expr, at: Scope) -> Value | None:
        """What an argument is in a wrapper, for one call of the wrapper after the other: what one
        of them passes may choose what is made of the rest of it."""
        frames = self.frames(at.func)
        found = (self.fold(expr, structs.replace(at, frame=frame)) for frame in frames)
        return either(*found) if frames else None

    def frames(self, func: Func, most: int = CALLERS) -> tuple[Frame, ...]:
        """What each call of a function binds its parameters to; nothing if there are more than
        ``most`` calls."""
        callers = self._callees.callers(func)
        unpack = self._python.tables.unpacked
        bound = (bind(self._index, func, it, None, unpack) for it in callers[:most])
        return tuple(Frame(func, it) for it in bound) if len(callers) <= most else ()

    def fold(self, expr: Expr, scope: Scope, depth: int = _DEPTH) -> Value:
        """All that ``expr`` is known to be where it stands."""
        questions = self._questions
        if depth <= 0 or questions.lead_too_far:
            return UNKNOWN
        key = None
        again = scope.frame is None or scope.frame.number > 0
        if again and (isinstance(expr, _ELSEWHERE) or not questions.are_open):
            key = (expr, *_place(scope), depth, self._returns.active, self._writes.texts.asked)
        return questions.answer(key, partial(self._folded, expr, scope, depth))

    def _folded(self, expr: Expr, scope: Scope, depth: int) -> Value:
        match expr:
            case Text(value, raw):
                return just(Known("text", spot_of(expr, scope), text=value, raw=raw))
            case Number(value):
                text = chr(value) if expr.character else ""
                return just(Known("number", spot_of(expr, scope), text=text, number=value))
            case Null():
                return just(Known("null", spot_of(expr, scope)))
            case Name(name):
                if "#" in name:
                    return self._macros.made_of_words(expr, scope, depth - 1)
                return self._name(expr, name, scope, depth - 1)
            case Member():
                return self._member(expr, scope, depth - 1)
            case Result(call):
                return self._result(call, scope, depth - 1)
            case Join(parts):
                return join([self.fold(part, scope, depth - 1) for part in parts])
            case Choice(condition, yes, no):
                chosen = self._chosen.truth(condition, scope)
                if chosen is None:
                    chosen = self._platform.holds(condition, scope.unit, scope.function)
                if chosen is not None:
                    return self.fold(yes if chosen else no, scope, depth - 1)
                branches = (self.fold(yes, scope, depth - 1), self.fold(no, scope, depth - 1))
                return lattice.occasionally(either(*branches))
            case Operation("each") | Index() if scope.unit.is_python:
                return self._python.element(expr, scope, depth - 1)
            case Operation("||") if (
                scope.unit.is_python
                and (given := self._python.handed_on(expr, scope, depth - 1)) is not None
            ):
                return given
            case Operation("&", (Index(inner, Number(key)),)):  # `&name[7]`; all of it, `&name[0]`
                skipped = Operation("+", (inner, Number(key, 0, 0)), expr.start, expr.end)
                return self.fold(skipped if key else inner, scope, depth)
            case Operation("*", (Name(pointer),)) if self._fields.is_filled(pointer, scope):
                return UNKNOWN
            case Operation(operator, operands):
                return self._operation(operator, operands, scope, depth - 1)
            case Index(inner):
                return self._element(inner, scope, depth - 1)
            case Items():
                text = formatting.characters(expr)
                return just(Known("text", spot_of(expr, scope), text=text)) if text else UNKNOWN
            case _:
                return UNKNOWN

    def _operation(
        self, operator: str, operands: tuple[Expr, ...], scope: Scope, depth: int
    ) -> Value:
        values = [self.fold(operand, scope, depth) for operand in operands]
        if len(values) == 1:
            if operator == "~":
                return lattice.complement(values[0])
            if operator == "-":
                zero = just(Known("number", Spot(0, 0, 0, 0)))
                return lattice.combine("-", zero, values[0])
            return values[0] if operator in "&*" else UNKNOWN
        left, right = values[0], values[-1]
        if operator == "+" and (left.texts or right.texts):
            return lattice.added(left, right, native=not scope.unit.is_python)
        if operator == "%" and left.texts:
            literal = (
                self._python.tables.unpacked(operands[1], scope) if scope.unit.is_python else None
            )
            given, at = literal or (operands[1], scope)
            return formatting.percent(left, given, lambda e: self.fold(e, at, depth))
        if operator == "/" and scope.unit.is_python and (left.texts or right.texts):
            return python_texts.path(values)  # pathlib's
        if operator == "||":
            return lattice.occasionally(either(*values))
        return lattice.combine(operator, left, right)

    def _element(self, inner: Expr, scope: Scope, depth: int) -> Value:
        """An element of a constant table: any of them."""
        rows = (
            r for items in self._tables(inner, scope.unit) for r in self._macros.rows(items, scope)
        )
        found = [lattice.said(self.fold(value, at, depth)) for value, at in islice(rows, _WRITES)]
        return lattice.occasionally(either(*found)) if found else UNKNOWN

    def _tables(self, expr: Expr, unit: Unit) -> list[Items]:
        return [expr] if isinstance(expr, Items) else self._writes.tables(last_name(expr), unit)

    # --- names ---

    def _name(self, expr: Name, name: str, scope: Scope, depth: int) -> Value:
        simple = name.rpartition("::")[2]
        key = ("name", scope.unit.index, scope.function, name, scope.position, id(scope.frame))
        if self._questions.come_back(key):
            return UNKNOWN
        self._questions.active.add(key)
        try:
            local = self._local(simple, scope, depth) if simple == name else None
            if local is not None:
                return local
            if scope.unit.is_python:
                return self._python.name(expr, scope, depth)
            return self._c_global(expr, simple, scope, depth)
        finally:
            self._questions.active.discard(key)

    def _local(self, name: str, scope: Scope, depth: int) -> Value | None:
        """A variable or parameter of the function or of those around it; None if it is neither."""
        unit = scope.unit
        for function in unit.outer_functions(scope.function):
            if function == 0:
                return None
            func = Func(unit.index, function)
            stores = self._buffers.stores(func, name)
            described = unit.facts.functions[function]
            names = [p.name.lstrip("*") for p in described.parameters]
            number = names.index(name) if name in names else -1
            if number < 0 and not stores and name not in unit.types_of.get(function, {}):
                continue
            initial = self._parameter(func, number, scope, depth) if number >= 0 else UNKNOWN
            if described.kind == "macro":
                return initial
            if len(stores) > _WRITES:
                return UNKNOWN
            inside = function == scope.function
            here = [s for s in stores if not self._platform.elsewhere(unit, s.branch, function)]
            return self._flow(initial, func, here, scope, depth, ordered=inside)
        return None

    def _flow(
        self,
        initial: Value,
        func: Func,
        stores: Sequence[Store],
        scope: Scope,
        depth: int,
        *,
        ordered: bool,
    ) -> Value:
        """What a local of ``func`` is at the scope's place, or (not ``ordered``) anywhere in it."""
        unit = self._index.unit(func)

        def stored(store: Store, state: Value) -> Value:
            at = Scope(unit, func.index, store.branch, store.start, scope.frame)
            return self._stored(store, state, at, depth)

        inside = Scope(unit, func.index, frame=scope.frame)
        left = self._chosen.stores(stores, inside)
        return flow(unit, initial, left, scope if ordered else None, stored)

    def _stored(self, store: Store, state: Value, at: Scope, depth: int) -> Value:
        if store.operator == "&" and store.api is None:
            return self._fields.after_call(store, state, at, "", depth)
        return left_by(store, state, at.unit, lambda expr: self.fold(expr, at, depth))

    def _parameter(self, func: Func, number: int, scope: Scope, depth: int) -> Value:
        """What callers pass for a parameter; the frame decides if there is one."""
        described = self._index.function(func)
        name = described.parameters[number].name.lstrip("*")
        frame = scope.frame
        if frame is not None and frame.func == func:
            if name not in frame.arguments:
                return UNKNOWN
            expr, at = frame.arguments[name]
            return lattice.passed(self.fold(expr, at, depth), spot_of(expr, at))
        sites = self._callees.callers(func)
        unsaid = self._unsaid.defaults(func).get(name)
        if len(sites) > CALLERS:
            return UNKNOWN
        values = [] if unsaid is None else [self.fold(*unsaid, depth - 1)]
        for site in sites:
            bound = bind(self._index, func, site, None, self._python.tables.unpacked)
            if name in bound:
                expr, at = bound[name]
                values.append(lattice.passed(self.fold(expr, at, depth - 1), spot_of(expr, at)))
            else:
                values.append(UNKNOWN)
        return either(*values) if values else UNKNOWN

    # --- what stands outside the function ---

    def _c_global(self, expr: Name, name: str, scope: Scope, depth: int) -> Value:
        number = self._catalog.constants.get(name)
        if number is not None:
            return just(Known("number", spot_of(expr, scope), number=number, raw=name))
        macros = self._writes.macros(name, scope.unit)
        if macros:
            return either(*(self._macro_body(i, macro, depth) for i, macro in macros[:4]))
        constant = self._writes.to_class_constant(expr.name)
        if constant:
            return self._anywhere(constant, depth)
        owner = enclosing_owner(scope.unit, scope.function)
        homes = self._writes.classes_with(owner, name, scope.unit) if owner else ()
        if homes:
            return self._own_field(homes, name, scope, depth)
        writes = self._writes.to_global(name, scope.unit)
        fillings = self._writes.fillings.of_global(name, scope.unit, writes)
        value = self._filled(self._anywhere(writes, depth), fillings, scope, depth)
        return self._with_texts(value, self._writes.texts.of_global(name, scope.unit), scope, depth)

    def _own_field(self, homes: Sequence[str], name: str, scope: Scope, depth: int) -> Value:
        """What a field of the object itself holds, which classes that derive from one another
        write."""
        to, fillings, texts = self._writes, self._writes.fillings, self._writes.texts
        value = self._anywhere([w for home in homes for w in to.to_own_field(home, name)], depth)
        for home in homes:
            value = self._filled(value, fillings.of_field(home, name), scope, depth)
        for home in homes:
            value = self._with_texts(value, texts.of_field(home, name), scope, depth)
        return value

    def _macro_body(self, index: int, macro: Macro, depth: int) -> Value:
        unit = self._index.units[index]
        key = ("macro", index, macro.start)
        if macro.parameters is not None:
            return UNKNOWN
        if self._questions.come_back(key):
            return UNKNOWN
        self._questions.active.add(key)
        try:
            # What it passes to other macros stands where it is used: nobody runs a definition.
            return lattice.said(self.fold(macro.body, Scope(unit, max(macro.function, 0)), depth))
        finally:
            self._questions.active.discard(key)

    def _anywhere(self, writes: list[Write], depth: int) -> Value:
        """The union of all writes to a global or field, in no order."""
        if not writes or len(writes) > _WRITES:
            return UNKNOWN
        values = []
        for write in writes:
            unit, binding = self._index.unit(write), self._index.binding(write)
            key = ("write", write)
            if self._questions.come_back(key):
                continue
            if self._platform.elsewhere(unit, binding.branch, binding.function):
                continue
            self._questions.active.add(key)
            try:
                at = Scope(unit, binding.function, binding.branch, binding.start)
                value = self.fold(binding.value, at, depth)
            finally:
                self._questions.active.discard(key)
            if binding.operator not in ("=", "enum", ":"):
                value = lattice.added_bits(value) if binding.operator == "|=" else UNKNOWN
            values.append(value)
        merged = either(*values) if values else UNKNOWN
        return merged if len(values) <= 1 else lattice.occasionally(merged)

    def _filled(self, value: Value, fillings: Iterable[Filling], scope: Scope, depth: int) -> Value:
        """A global or field that other functions let calls fill, too."""
        for site, inner in fillings if value.known else ():
            unit, call = self._index.unit(site), self._index.call(site)
            if Func(site.unit, call.function) == scope.func:
                continue
            store = Store(call.start, call.branch, "&", inner, site.index)
            at = Scope(unit, call.function, call.branch, call.start)
            value = either(value, self._fields.after_call(store, value, at, "", depth))
        return value

    def _with_texts(self, value: Value, homes: Iterable[Home], scope: Scope, depth: int) -> Value:
        """A global or field that other functions write texts into, too."""

        def left(func: Func, path: str) -> Value:
            stores = self._writes.stores(func).get(path, ())
            end = Scope(self._index.unit(func), func.index)
            return self._flow(UNKNOWN, func, stores, end, depth, ordered=False)

        return self._writes.texts.added(value, homes, scope.func, left)

    # --- members ---

    def _member(self, expr: Member, scope: Scope, depth: int) -> Value:
        path = path_of(expr)
        key = ("member", scope.unit.index, scope.function, path, scope.position)
        if not path:
            return UNKNOWN
        if self._questions.come_back(key):
            return UNKNOWN
        self._questions.active.add(key)
        try:
            before = (
                self._python.member(expr, scope, depth)
                if scope.unit.is_python
                else self._elsewhere(expr, scope, depth)
            )
            local = self._local_member(path, before, scope, depth)
            return before if local is None else local
        finally:
            self._questions.active.discard(key)

    def _elsewhere(self, expr: Member, scope: Scope, depth: int) -> Value:
        """What other functions write to a field."""
        writes = self._writes.to_member(expr, scope.unit, scope.function)
        homes = self._writes.texts.of_member(expr, scope.unit, scope.function)
        if not writes:
            value = self._fields.initialised(expr, scope, depth)
            return self._with_texts(value, homes, scope, depth)
        other = [w for w in writes if Func(w.unit, self._index.binding(w).function) != scope.func]
        value = self._anywhere(other, depth)
        fillings = self._writes.fillings.of_member(expr, scope.unit, scope.function)
        value = self._filled(value, fillings, scope, depth)
        return self._with_texts(value, homes, scope, depth)

    def _local_member(self, path: str, before: Value, scope: Scope, depth: int) -> Value | None:
        """A field of a local variable, or any field that this function itself writes."""

        def stored(store: Store, state: Value, at: Scope) -> Value:
            return self._stored(store, state, at, depth)

        return self._fields.local(path, before, scope, depth, stored)

    def field(self, expr: Expr, name: str, scope: Scope) -> Value:
        """What a field of a structure is where a call gets the structure, or its address:
        ``STARTUPINFO si = {…}; CreateProcess(…, &si, …)``."""
        return self._fields.field(expr, name, scope, _DEPTH)

    def listed(self, expr: Expr, scope: Scope) -> tuple[tuple[tuple[Expr, Scope], ...], ...]:
        """The literal lists and tuples that a Python expression can be, each item by item with
        where it stands; none of C's."""
        return tuple(
            tuple((item.value, at) for item in items.items if not item.name)
            for items, at in self.literals(expr, scope)
            if not items.items or not items.items[0].name
        )

    def literals(self, expr: Expr, scope: Scope) -> tuple[tuple[Items, Scope], ...]:
        """The literal containers that a Python expression can be, as they are written; none of
        C's."""
        tables = self._python.tables
        return tables.table(expr, scope, _DEPTH).literals if scope.unit.is_python else ()

    # --- results of calls ---

    def _result(self, number: int, scope: Scope, depth: int) -> Value:
        unit = scope.unit
        call = unit.facts.calls[number]
        site = CallSite(unit.index, number)
        at = structs.replace(scope, branch=call.branch, position=call.start)

        def folded(inner: Expr) -> Value:
            return self.fold(inner, at, depth)

        if isinstance(call.callee, Member) and call.callee.name == "format":
            return formatting.format_method(folded(call.callee.object), call, folded)
        callee = self._callees.of(site)
        if unit.is_python:
            found = self._python.result(call, callee, at, depth)
            if found is not None:
                return found
        kept = formatting.kept(self._catalog, callee.api, call, folded)
        if kept is not None:
            return kept
        if callee.functions:
            return self._returns.of(callee.functions, site, scope.frame, self._frames, depth)
        spot = Spot(unit.index, call.function, call.start, call.end)
        return just(Known("call", spot, site=site))


def _place(scope: Scope) -> tuple[int, int, int, int, int]:
    frame = 0 if scope.frame is None else scope.frame.number
    return scope.unit.index, scope.function, scope.branch, scope.position, frame
