"""Where a name is written: the locals of a function in order, globals and fields anywhere."""

from __future__ import annotations

import re
from collections import defaultdict

from msgspec import Struct

from sessionzero.facts import (
    Binding,
    Call,
    Expr,
    Index,
    Macro,
    Member,
    Name,
    Number,
    Operation,
    Result,
    Sequence,
    Text,
)
from sessionzero.knowledge.catalog import Api, Catalog
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules, closeness
from sessionzero.link.files.python_entities import ClassObject, qualified
from sessionzero.link.files.regions import Regions
from sessionzero.link.files.type_names import TRUTHS, plain_type
from sessionzero.link.files.units import CallSite, ClassRef, Func, Unit, Write, enclosing_owner
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.names.python_names import PythonNames
from sessionzero.link.values.fillings import Fillings
from sessionzero.link.values.formatting import filler, target
from sessionzero.link.values.written_texts import WrittenTexts


class Store(Struct, frozen=True):
    """One write to a local: ``target operator value``, or a call of ``api`` that fills it.

    Operator ``&``: the call gets the variable's address. ``place``: only what stands from there on
    in a buffer is written.
    """

    start: int
    branch: int
    operator: str
    value: Expr | None
    call: int = -1
    api: Api | None = None
    type: str = ""
    place: Expr | None = None


class Writes:
    """Finds the writes of a program; what they write is for the caller to fold."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        modules: Modules,
        cpp: CppNames,
        python: PythonNames,
        regions: Regions,
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._modules = modules
        self._cpp = cpp
        self._python = python
        self._regions = regions
        self.fillings = Fillings(index, cpp)
        self.texts = WrittenTexts(index, catalog, cpp)
        self._stores: dict[Func, dict[str, list[Store]]] = {}
        self._to_member: dict[tuple[int, int, Member], list[Write]] = {}

    def is_truth(self, expr: Expr, unit: Unit, function: int) -> bool:
        """Whether a variable or field of C or C++ is declared as true or false."""
        return not unit.is_python and self._cpp.types.of(expr, unit, function) in TRUTHS

    # --- one function ---

    def stores(self, func: Func) -> dict[str, list[Store]]:
        """Access path → the writes to it in a function, in source order."""
        known = self._stores.get(func)
        if known is None:
            known = self._find_stores(func)
            self._stores[func] = known
        return known

    def _find_stores(self, func: Func) -> dict[str, list[Store]]:
        found: dict[str, list[Store]] = defaultdict(list)
        unit = self._index.unit(func)
        for i in unit.bindings_of.get(func.index, ()):
            binding = unit.facts.bindings[i]
            path = _whole_variable(binding)
            if path:
                store = Store(
                    binding.start,
                    binding.branch,
                    binding.operator,
                    binding.value,
                    type=binding.type,
                )
                found[path].append(store)
            elif (element := _character_of(binding, unit)) is not None:
                found[path_of(element)].append(
                    Store(binding.start, binding.branch, "[]", binding.value, place=element.key)
                )
        for site in self._index.calls_of(func):
            self._add_fill(site, found)
        for stores in found.values():
            stores.sort(key=lambda store: store.start)
        return dict(found)

    def _add_fill(self, site: CallSite, found: dict[str, list[Store]]) -> None:
        """``sprintf(buffer, …)`` writes its buffer."""
        unit, call = self._index.unit(site), self._index.call(site)
        if unit.is_python:
            return
        api = filler(self._catalog, call)
        written = target(api, call) if api is not None else None
        whole, place, start = _written(written, call.start, unit)
        if whole:
            store = Store(start, call.branch, "=", None, site.index, api, place=place)
            found[whole].append(store)
            return
        changes = last_name(call.callee) in _CHANGING
        cleared = _cleared(call, unit)
        if cleared is not None:
            empty = Text("", '""', cleared.start, cleared.end)
            found[path_of(cleared)].append(Store(call.start, call.branch, "=", empty))
        for argument in call.arguments:
            match argument.value:
                case Operation("&", (Name() | Member() as inner,)) if path := path_of(inner):
                    found[path].append(Store(call.start, call.branch, "&", inner, site.index))
                case Result(number) if changes and (path := _begun(unit.facts.calls[number])):
                    found[path].append(Store(call.start, call.branch, "=", None))

    # --- C and C++ ---

    def macros(self, name: str, unit: Unit) -> list[tuple[int, Macro]]:
        """The definitions of a macro that a unit sees; else the nearest ones of the project."""
        candidates = self._index.macros.get(name, [])
        seen = self._modules.visible(unit)
        units, hidden = self._index.units, self._regions.hidden
        visible = [item for item in candidates if item[0] in seen]
        if visible or not candidates:
            return [(i, it) for i, it in visible if not hidden(units[i], it.start, unit)]
        best = max(closeness(unit, self._index.units[index]) for index, _ in candidates)
        return [c for c in candidates if closeness(unit, self._index.units[c[0]]) == best]

    def is_constant(self, name: str, unit: Unit) -> bool:
        """Whether a name is a constant of Windows, a macro or an enumerator."""
        simple = name.rpartition("::")[2]
        writes = self._index.writes.get(simple, ())
        return (
            simple in self._catalog.constants
            or bool(self.macros(simple, unit))
            or (bool(writes) and all(self._index.binding(w).operator == "enum" for w in writes))
        )

    def to_global(self, name: str, unit: Unit) -> list[Write]:
        """The writes to a variable, constant or enumerator of file or namespace scope."""
        candidates = [
            write
            for write in self._index.writes.get(name, ())
            if not self._index.unit(write).is_python
            and isinstance(self._index.binding(write).target, Name | Index)
            and self._is_global(write, name)
        ]
        seen = self._modules.visible(unit)
        near = [write for write in candidates if write.unit in seen]
        far = [w for w in candidates if self._index.binding(w).function == 0]
        return near or list(self._cpp.at_home(unit, far))

    def _is_global(self, write: Write, name: str) -> bool:
        unit, binding = self._index.unit(write), self._index.binding(write)
        return not any(
            name in unit.types_of.get(function, {})
            for function in unit.outer_functions(binding.function)
            if function
        )

    def tables(self, name: str, unit: Unit) -> list[Sequence]:
        """The initialisers of tables of that name that a unit sees."""
        seen = self._modules.visible(unit)
        return [
            value
            for write in self._index.writes.get(name, ())
            if write.unit in seen
            and isinstance(value := self._index.binding(write).value, Sequence)
        ]

    def is_field(self, owner: str, name: str, unit: Unit) -> bool:
        """Whether a class or an ancestor of it declares a field of that name."""
        return bool(self.classes_with(owner, name, unit))

    def classes_with(self, owner: str, name: str, unit: Unit) -> tuple[str, ...]:
        """A class and those ancestors of it that have a field too, up to the one that declares it;
        none if none does."""
        ref = self._cpp.class_named(owner, unit)
        lineage = self._cpp.lineage(ref) if ref is not None else ()
        for number, ancestor in enumerate(lineage):
            if any(field.name == name for field in self._index.klass(ancestor).fields):
                above = (self._index.klass(it).name for it in lineage[1 : number + 1])
                return (owner, *above)
        return ()

    def fields_of(self, type_name: str, unit: Unit) -> list[str]:
        """The fields of a structure of the project, in the order in which lists initialise them."""
        ref = self._cpp.class_named(type_name, unit)
        return [field.name for field in self._index.klass(ref).fields] if ref is not None else []

    def to_class_constant(self, name: str) -> list[Write]:
        """The initialiser of ``Class::name``, in the class or outside it."""
        qualifier, _, simple = name.rpartition("::")
        owner = qualifier.rpartition("::")[2]
        return [
            write
            for write in (self._index.writes.get(simple, ()) if owner else ())
            if path_of(self._index.binding(write).target).endswith(
                (f"{owner}.{simple}", f"{owner}::{simple}")
            )
        ]

    def to_own_field(self, owner: str, name: str) -> list[Write]:
        """The writes to a field in the methods of its class, and its initialiser there."""
        own = owner.rpartition("::")[2]
        return [
            write
            for write in self._index.writes.get(name, ())
            if self._owner(write).rpartition("::")[2] == own
            or path_of(self._index.binding(write).target) in (f"{own}.{name}", f"{own}::{name}")
        ]

    def _owner(self, write: Write) -> str:
        return enclosing_owner(self._index.unit(write), self._index.binding(write).function)

    def to_member(self, expr: Member, unit: Unit, function: int) -> list[Write]:
        """The writes to the same field of the same type of object, if the project declares the
        type; else of an object of the same name in the same file."""
        key = (unit.index, function, expr)
        known = self._to_member.get(key)
        if known is None:
            known = self._to_member[key] = self._find_member_writes(expr, unit, function)
        return known

    def _find_member_writes(self, expr: Member, unit: Unit, function: int) -> list[Write]:
        mine = self._cpp.types.of(expr.object, unit, function)
        declared = bool(mine) and self._cpp.class_named(mine, unit) is not None
        return [
            write
            for write in self._index.writes.get(expr.name, ())
            if (
                self._same_type(write, mine)
                if declared
                else write.unit == unit.index
                and path_of(self._index.binding(write).target) == path_of(expr)
            )
        ]

    def _same_type(self, write: Write, mine: str) -> bool:
        unit, binding = self._index.unit(write), self._index.binding(write)
        if unit.is_python:
            return False
        if isinstance(binding.target, Member):
            if binding.operator == ":":  # what the class itself gives to each object
                return last_name(binding.target.object) == plain_type(mine).rpartition("::")[2]
            return self._cpp.types.of(binding.target.object, unit, binding.function) == mine
        return (
            isinstance(binding.target, Name)
            and self._owner(write).rpartition("::")[2] == mine.rpartition("::")[2]
        )

    # --- Python ---

    def to_name(self, name: str, unit: Unit, function: int = 0) -> list[Write]:
        """The writes to a name of a function, or of module level."""
        return [
            write
            for write in self._index.writes.get(name, ())
            if write.unit == unit.index
            and self._index.binding(write).function == function
            and isinstance(self._index.binding(write).target, Name)
        ]

    def to_attribute(self, ref: ClassRef, name: str) -> list[Write]:
        """The writes to an attribute in a Python class, its methods and its ancestors."""
        pending, seen = [ref], set[ClassRef]()
        found: list[Write] = []
        while pending:
            current = pending.pop(0)
            if current in seen:
                continue
            seen.add(current)
            found.extend(self._own_attribute(current, name))
            pending.extend(
                base.ref for base in self._python.bases(current) if isinstance(base, ClassObject)
            )
        return found

    def _own_attribute(self, ref: ClassRef, name: str) -> list[Write]:
        unit, klass = self._index.unit(ref), self._index.klass(ref)
        owner = qualified(klass.owner, klass.name)
        found = []
        for write in self._index.writes.get(name, ()):
            binding = self._index.binding(write)
            if write.unit != unit.index or not isinstance(binding.target, Member):
                continue
            path = path_of(binding.target)
            method = unit.facts.functions[binding.function]
            first = method.parameters[0].name if method.parameters else ""
            if (binding.operator == ":" and path == f"{owner}.{name}") or (
                method.owner == owner and path == f"{first}.{name}"
            ):
                found.append(write)
        return found


# What changes the texts of which it gets a beginning; "Algorithms library", cppreference.com.
_CHANGING = frozenset(("remove", "remove_if", "replace", "replace_if", "reverse", "transform"))


def _cleared(call: Call, unit: Unit) -> Name | None:
    """The buffer for a text that a call fills with zeros: ``memset(name, 0, sizeof(name))``."""
    given = [argument.value for argument in call.arguments]
    match last_name(call.callee), given:
        case "memset", [Name() as buffer, Number(0), _]:
            pass
        case "ZeroMemory" | "RtlZeroMemory" | "SecureZeroMemory" | "bzero", [Name() as buffer, _]:
            pass
        case _:
            return None
    declared = unit.types_of.get(call.function, {}).get(buffer.name, "")
    return buffer if _TEXT.search(declared) is not None else None


def _begun(call: Call) -> str:
    """The access path of ``name`` in ``name.begin()``."""
    callee = call.callee
    begins = isinstance(callee, Member) and callee.name == "begin"
    return path_of(callee.object) if begins and isinstance(callee, Member) else ""


def _written(target: Expr | None, start: int, unit: Unit) -> tuple[str, Expr | None, int]:
    """The access path of what a call fills, the place in it from which on it does, None for the
    beginning, and where the write counts from: ``name.append(a).append(b)`` are two."""
    match target:
        case Result(number) if isinstance((inner := unit.facts.calls[number]).callee, Member):
            assert isinstance(inner.callee, Member)
            path, place, _ = _written(inner.callee.object, start, unit)
            return path, place, inner.end
        case Operation("+", (inner, place)) | Operation("&", (Index(inner, place),)):
            first = isinstance(place, Number) and place.value == 0
            return path_of(inner), None if first else place, start
        case None:
            return "", None, start
        case _:
            return path_of(target), None, start


def _character_of(binding: Binding, unit: Unit) -> Index | None:
    """The element that ``name[6] = '\\\\'`` or ``name[n] = 0`` writes; other elements are no
    characters of a text."""
    element, value = binding.target, binding.value
    if unit.is_python or binding.operator != "=" or not isinstance(element, Index):
        return None
    declared = unit.types_of.get(binding.function, {}).get(path_of(element), "char")
    written = isinstance(value, Number) and (value.character or value.value == 0)
    return element if written and _TEXT.search(declared) is not None else None


_TEXT = re.compile("char|str", re.IGNORECASE)  # WCHAR, LPTSTR, std::wstring, CStringA


def _whole_variable(binding: Binding) -> str:
    """The access path that a binding writes as a whole; an element of an array is not one."""
    match binding.target:
        case Name() | Member() | Operation("*", (Name() | Member(),)):
            return path_of(binding.target)
        case _:
            return ""
