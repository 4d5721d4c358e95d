"""What each call of C and C++ calls, also through macros, pointers and fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from msgspec.structs import replace

from sessionzero.facts import Call, Expr, Lambda, Member, Name, Operation, Result
from sessionzero.knowledge.catalog import Api, Catalog
from sessionzero.link.files.constructions import made_type
from sessionzero.link.files.expressions import NAMED
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.pasting import pasted, pasted_name, words_of
from sessionzero.link.files.regions import Regions
from sessionzero.link.files.scopes import bind
from sessionzero.link.files.type_names import own_types, plain_type
from sessionzero.link.files.units import CallSite, Func, Unit, Write, enclosing_owner
from sessionzero.link.names.callee import NOTHING, Callee, Given, through_pointer
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.names.functors import Functors
from sessionzero.link.names.looked_up import filled_by_macros, name_sought
from sessionzero.link.names.pointers import (
    declared_in,
    function_writes,
    in_sight,
    starts_what_calls,
)
from sessionzero.link.names.stand_ins import StandIns

# What a context pointer is declared as before it is cast to the class that it points to.
_OPAQUE = frozenset(
    ("void", "VOID", "PVOID", "LPVOID", "LPARAM", "DWORD_PTR", "ULONG_PTR", "uintptr_t", "auto")
)
_ITERATORS = ("iterator", "const_iterator", "reverse_iterator", "const_reverse_iterator")
_ALIASES = 6  # how many macros or pointers may stand between a name and the function it means


class CppCallees:
    """Resolves calls of C and C++, for :class:`link.names.callees.Callees`."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        modules: Modules,
        cpp: CppNames,
        regions: Regions,
        callers: Callable[[Func], tuple[CallSite, ...]],
    ) -> None:
        """``callers``: the calls that can run a function."""
        self._index = index
        self._catalog = catalog
        self._modules = modules
        self._cpp = cpp
        self._regions = regions
        self._callers = callers
        self._functors = Functors(index, cpp)
        self._names: dict[tuple[int, str, str, int], Callee] = {}
        self._fields: dict[tuple[str, int], Callee] = {}  # by name and depth
        self._asked: set[tuple[Func, str]] = set()
        self._lookups = frozenset(api.name for api in catalog.with_role("symbol-lookup"))

    def of(self, call: Call, unit: Unit) -> Callee:
        """What a call of a file in C or C++ calls."""
        found = self._resolve(call, unit)
        if len(found.functions) > 1 and unit.facts.language == "c++":
            meant = self._cpp.fitting(found.functions, call)
            return replace(found, functions=self._cpp.while_made(meant, call, unit))
        return found

    def _resolve(self, call: Call, unit: Unit) -> Callee:
        callee, owner = call.callee, enclosing_owner(unit, call.function)
        if isinstance(callee, Name):
            plain = call.kind == "call" and "<" not in callee.name  # as nearly all are
            made = "" if plain else made_type(self._index, unit, call)
            if made or call.kind == "construct":
                return self._construct(made, call, unit)
            found = self._name_call(callee.name, unit, call.function, owner, _ALIASES - 1)
            if found.functions and unit.facts.language == "c++":
                others = self._cpp.overloads(callee.name, unit, found.functions, call)
                return Callee(others) if others else found
            return found
        if call.kind == "construct":
            return self._construct("", call, unit)
        if isinstance(callee, Member):
            return self._member_call(callee, unit, call)
        return self._named_call(callee, unit, call.function, owner, _ALIASES)

    def _construct(self, made: str, call: Call, unit: Unit) -> Callee:
        if not isinstance(call.callee, Name):
            return NOTHING
        written = made or call.callee.name
        ref = self._cpp.class_named(written, unit)
        if ref is not None:
            return Callee(self._cpp.constructors(ref), constructs=ref)
        return Callee(api=self._catalog.constructor(plain_type(self._cpp.meant(written, unit))))

    def _named_call(
        self, callee: Expr, unit: Unit, function: int, owner: str, depth: int
    ) -> Callee:
        match callee:
            case Operation("*" | "&", (inner,)):
                return self._named_call(inner, unit, function, owner, depth)
            case Lambda(index):
                return Callee((Func(unit.index, index),))
            case Name(name) if depth > 0:
                return self._name_call(name, unit, function, owner, depth - 1)
            case Member():
                return self._pointer_call(callee, unit, function, depth)
            case Result(index) if unit.facts.calls[index].kind == "call":
                made = unit.facts.calls[index]
                name = pasted_name(made, self._index.macros, self._modules.visible(unit))
                if name and depth > 0:
                    return self._name_call(name, unit, function, owner, depth - 1)
                return self._looked_up(made, unit)
            case _:
                return NOTHING

    def _name_call(self, name: str, unit: Unit, function: int, owner: str, depth: int) -> Callee:
        simple = name if name.isidentifier() else name.rpartition("::")[2].partition("<")[0]
        if simple not in self._meaningful:
            return self._pasted_call(name, unit, function, owner, depth) if "#" in name else NOTHING
        if self._is_local(name, unit, function):
            return self._pointer_call(Name(name, 0, 0), unit, function, depth)
        key = (unit.index, owner, name, depth)
        found = self._names.get(key)
        if found is None:
            found = self._names[key] = self._global_call(name, unit, function, owner, depth)
        return found

    def _pasted_call(self, name: str, unit: Unit, function: int, owner: str, depth: int) -> Callee:
        """``start_##id()`` in a macro: the functions of the project that its uses make of it."""
        macro, found = Func(unit.index, function), dict[Func, None]()
        for site in self._callers(macro) if depth > 0 else ():
            word = pasted(name, words_of(bind(self._index, macro, site)))
            if "#" not in word:
                callee = self._name_call(word, self._index.unit(site), 0, owner, depth - 1)
                found.update(dict.fromkeys(callee.functions))
        return Callee(tuple(found))

    def _global_call(self, name: str, unit: Unit, function: int, owner: str, depth: int) -> Callee:
        """What a call of a name that no local variable hides means: the same in all functions of
        the owner."""
        macro = self._macro(name, unit, function, owner, depth)
        if macro is not None:
            return macro
        method = self._implicit_this(name, unit, owner)
        if method is not None:
            return method
        functions = self._cpp.functions(name, unit, owner)
        api = self._catalog.function(name.removeprefix("::"))
        if functions and (api is None or self._replaces(functions, unit)):
            return Callee(functions)
        if api is not None:
            return Callee(api=api)
        ref = self._cpp.class_named(name, unit)
        if ref is not None and "::" not in name:
            return Callee(self._cpp.constructors(ref), constructs=ref)
        if (made := self._catalog.constructor(plain_type(name))) is not None:
            return Callee(api=made)
        return self._pointer_call(Name(name, 0, 0), unit, function, depth)

    @cached_property
    def _meaningful(self) -> frozenset[str]:
        """The names that can mean something we know; most calls are of other functions."""
        index = self._index
        return frozenset().union(
            index.definitions,
            index.macros,
            index.classes,
            self.pointers,
            self._functors.names,
            self._catalog.names,
        )

    def _is_local(self, name: str, unit: Unit, function: int) -> bool:
        if name not in unit.local_names:
            return False
        types, functions = unit.types_of, unit.facts.functions
        while function > 0:
            if name in types.get(function, ()):
                return True
            function = functions[function].parent
        return False

    def _replaces(self, functions: tuple[Func, ...], unit: Unit) -> bool:
        """True if a project function hides the Windows function of the same name here: it is
        defined in this file, or its prototype is in sight."""
        name = self._index.function(functions[0]).name
        return any(f.unit == unit.index for f in functions) or self._cpp.declared(name, unit)

    def _macro(self, name: str, unit: Unit, function: int, owner: str, depth: int) -> Callee | None:
        candidates = self._index.macros.get(name)
        if candidates is None or depth <= 0:
            return None
        seen = self._modules.visible(unit)
        for index, macro in reversed(candidates):
            at = self._index.units[index]
            if index not in seen or self._regions.hidden(at, macro.start, unit):
                continue
            if macro.parameters is not None and macro.function >= 0:
                return Callee((Func(index, macro.function),))
            if isinstance(macro.body, Name) and macro.body.name != name:
                return self._named_call(macro.body, unit, function, owner, depth)
        return None

    def _implicit_this(self, name: str, unit: Unit, owner: str) -> Callee | None:
        ref = self._cpp.class_named(owner, unit) if owner and "::" not in name else None
        if ref is None:
            return None
        found = self._cpp.methods(ref, name)
        if found:
            return Callee(found)
        api = self._method_api(name, self._cpp.external_bases(ref))
        return Callee(api=api) if api is not None else None

    def _member_call(self, callee: Member, unit: Unit, call: Call) -> Callee:
        if callee.name.partition("<")[0] not in self._meaningful:
            return NOTHING
        types = self._cpp.types
        written = types.pointed(types.of(callee.object, unit, call.function), unit)
        if written:
            ref = self._cpp.class_meant(written, unit, call.function)
            bases = self._cpp.external_bases(ref) if ref else frozenset((plain_type(written),))
            bases |= own_types(written)
            found = self._cpp.methods(ref, callee.name) if ref else ()
            if found:
                return Callee(found)
            api = self._method_api(callee.name, bases)
            if api is not None:
                return Callee(api=api)
        # The class of what an iterator stands at is that of the container's elements.
        simple = plain_type(written).rpartition("::")[2]
        opaque = simple in _OPAQUE or simple in _ITERATORS or not written
        # C has no methods: there a member that is called is a pointer, such as those of COM.
        opaque = opaque and unit.facts.language != "c"
        found = self.only_class_with(callee.name) if opaque else ()
        return Callee(found) if found else self._pointer_call(callee, unit, call.function, _ALIASES)

    def only_class_with(self, method: str) -> tuple[Func, ...]:
        """The method's definitions if one class alone has a method of that name."""
        found = [
            func
            for func in self._index.definitions.get(method, ())
            if self._index.function(func).owner and not self._index.unit(func).is_python
        ]
        owners = {self._index.function(func).owner for func in found}
        return tuple(found) if len(owners) == 1 else ()

    def _method_api(self, name: str, types: frozenset[str]) -> Api | None:
        candidates = self._catalog.methods(name)
        if not candidates:
            return None
        names = {t.rpartition("::")[2] for t in types}
        lineage = names.union(*(self._catalog.ancestors(t) for t in names)) if names else names
        for api in candidates:
            if api.owner.rpartition("::")[2] in lineage:
                return api
        return None

    def _pointer_call(self, callee: Name | Member, unit: Unit, function: int, depth: int) -> Callee:
        """A call through a variable or field: of the object that it is, or of what was ever
        assigned to it in view. What is assigned to a field is the same wherever it is called,
        unless that is asked on the way to an answer about it."""
        if called := self._functors.called(callee, unit, function):
            return Callee(called)
        if isinstance(callee, Name) or self._asked:
            return self._find_pointed(callee, unit, function, depth)
        key = (callee.name, depth)
        known = self._fields.get(key)
        if known is None:
            known = self._fields[key] = self._find_pointed(callee, unit, function, depth)
        return known

    def _find_pointed(self, callee: Name | Member, unit: Unit, function: int, depth: int) -> Callee:
        name = callee.name.rpartition("::")[2]
        if name in self._filled:
            return Callee(api=self._filled[name])
        given = dict[Given, None]()
        writes: Iterable[Write] = self.pointers.get(name, ()) if depth > 0 else ()
        if writes and isinstance(callee, Name):
            seen = self._modules.visible(unit)
            declared = self._declared.get(name, ())
            writes = self._cpp.at_home(unit, in_sight(self._index, writes, name, seen, declared))
        for write in writes:
            other, binding = self._index.unit(write), self._index.binding(write)
            if other.is_python:
                continue
            local = isinstance(callee, Name) and self._is_local(name, unit, function)
            if local and (other is not unit or binding.function != function):
                continue
            found = self._value_callee(binding.value, other, binding.function, depth - 1)
            if found.api is not None:
                return found
            keeper = Func(write.unit, binding.function)
            started = bool(found.given) and starts_what_calls(self._index, keeper, name)
            given.update((replace(item, started=started), None) for item in found.given)
        return through_pointer(given)

    @cached_property
    def _declared(self) -> dict[str, list[int]]:
        """Name → the units that declare a variable that can hold a function."""
        return declared_in(self._index, self.pointers)

    @cached_property
    def pointers(self) -> dict[str, list[Write]]:
        """Name → the writes to it that can make it a function; none where macros do."""
        written = function_writes(self._index, self._catalog.names, self._lookups)
        return {**{name: [] for name in self._filled}, **written}

    @cached_property
    def _filled(self) -> dict[str, Api]:
        """Name → the function that macros look up for it."""
        return filled_by_macros(self._index, self._catalog, self._lookups)

    @cached_property
    def stand_ins(self) -> StandIns:
        """The names that mean functions of the catalogue which are called otherwise there."""
        return StandIns(self._index, self._catalog, self.pointers)

    def _handed_on(self, name: str, unit: Unit, function: int, depth: int) -> Callee:
        """The functions that callers pass for a parameter."""
        func, given = Func(unit.index, function), dict[Given, None]()
        if depth <= 0 or (func, name) in self._asked:
            return NOTHING  # who calls it depends on the very question
        self._asked.add((func, name))
        for site in self._callers(func):
            bound = bind(self._index, func, site).get(name)
            if bound is not None:
                value, at = bound
                passed = self._value_callee(value, at.unit, at.function, depth - 1)
                given.update(dict.fromkeys(passed.given))
        self._asked.discard((func, name))
        return through_pointer(given)

    def _value_callee(self, value: Expr, unit: Unit, function: int, depth: int) -> Callee:
        match value:
            case Name(name) if function > 0 and any(
                p.name == name for p in unit.facts.functions[function].parameters
            ):
                return self._handed_on(name, unit, function, depth)
            case Result(call):
                found = self._looked_up(unit.facts.calls[call], unit)
            case Name() | Lambda() | Operation("*" | "&"):
                owner = enclosing_owner(unit, function)
                found = self._named_call(value, unit, function, owner, depth)
            case _:
                return NOTHING
        giver = Func(unit.index, function)
        here = tuple(Given(func, giver, value.start) for func in found.functions)
        return replace(found, given=found.given or here)

    def _looked_up(self, call: Call, unit: Unit) -> Callee:
        """``GetProcAddress(module, "MessageBoxW")``: the function of that name, of Windows or of a
        DLL of the project."""
        last = call.callee.name if isinstance(call.callee, NAMED) else ""
        if last not in self._lookups:
            return NOTHING
        name = name_sought(call, self._index, self._modules.visible(unit))
        if not name:
            return NOTHING
        if (api := self._catalog.function(name)) is not None:
            return Callee(api=api)
        return Callee(tuple(filter(self._can_be_looked_up, self._index.definitions.get(name, ()))))

    def _can_be_looked_up(self, func: Func) -> bool:
        described = self._index.function(func)
        inside = described.owner or "static" in described.traits
        return not inside and not self._index.unit(func).is_python

    def is_foreign(self, call: Call, unit: Unit) -> bool:
        """A quick look: a plain call of a function that neither the project nor the catalogue
        knows, as most are. :meth:`of` says nothing of it."""
        callee = call.callee
        return (
            isinstance(callee, NAMED)
            and callee.name not in self._meaningful
            and call.kind == "call"
            and not unit.is_python
            and callee.name.isidentifier()
        )

    def referenced(self, expr: Expr, unit: Unit, function: int) -> tuple[Func, ...]:
        """The functions that an expression names without calling them (callbacks, tables)."""
        match expr:
            case Lambda(index):
                return (Func(unit.index, index),)
            case Operation("&", (inner,)):
                return self.referenced(inner, unit, function)
            case Name(name) if self._can_be_function(name) and not self._is_local(
                name, unit, function
            ):
                owner = enclosing_owner(unit, function)
                found = self._implicit_this(name, unit, owner)
                if found is not None and found.functions:
                    return found.functions
                return self._cpp.functions(name, unit, owner)
            case Result(index):
                call = unit.facts.calls[index]  # std::bind(&C::f, this), NewThread(f)
                return tuple(
                    func
                    for argument in call.arguments[:1]
                    for func in self.referenced(argument.value, unit, function)
                )
            case _:
                return ()

    def _can_be_function(self, name: str) -> bool:
        return name.rpartition("::")[2] in self._index.definitions
