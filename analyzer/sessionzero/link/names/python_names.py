"""What a Python expression denotes: a function, class, instance or module of the project, or
something outside it by its dotted name (``win32api.MessageBox``, ``ctypes.windll.user32``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sessionzero.facts import (
    Call,
    Choice,
    Expr,
    Import,
    Index,
    Lambda,
    Member,
    Name,
    Operation,
    Parameter,
    Result,
    Sequence,
)
from sessionzero.link.files import python_loading as loading
from sessionzero.link.files.expressions import path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.python_entities import (
    ClassObject,
    Entity,
    External,
    Functions,
    Instance,
    Module,
    qualified,
)
from sessionzero.link.files.units import ClassRef, Func, Unit

_DEPTH = 12  # a chain of aliases longer than this is not code that people write
_RETURNS = 4  # a function that returns more than this makes no one thing
_HOPS = 2  # how many calls are followed, to what they pass or give back, for one name
_SITES = 8  # a function called from more places than this is handed no one thing
_ANNOTATION = re.compile(r"(?:(?:typing\.)?Optional\[)?([^\W\d][\w.]*)\]?(?: *\| *None)?")


_Asked = tuple[ClassRef, str, int, frozenset[tuple[int, int, int]], tuple[Func, ...]]

Elsewhere = Callable[[Unit, int, int], bool]
"""Whether what stands in a branch of a function only runs on other systems than Windows."""


class PythonNames:
    """Resolves names of Python files."""

    def __init__(self, index: ProgramIndex, modules: Modules, knows: Callable[[str], bool]) -> None:
        """``knows`` tells whether a dotted name is in the catalogue (for star imports)."""
        self._index = index
        self._modules = modules
        self._knows = knows
        self._locals: dict[tuple[int, int], dict[str, list[Import]]] = {}
        self._active: set[tuple[int, int, int]] = set()
        self._values: dict[tuple[int, int, str], Entity | None] = {}
        self._bound: dict[int, frozenset[tuple[int, str]]] = {}
        self._hops: list[Func] = []
        self._agreed: dict[tuple[Func, str], Entity | None] = {}
        self._attributes: dict[_Asked, Entity | None] = {}
        self._bases: dict[ClassRef, list[ClassObject | External]] = {}
        self._elsewhere: Elsewhere = _nowhere

    def leave_out(self, elsewhere: Elsewhere) -> None:
        """What stands where only other systems come defines nothing from now on. (To know that,
        names are needed.)"""
        self._elsewhere = elsewhere
        self._attributes.clear()
        self._bases.clear()

    def evaluate(self, expr: Expr, unit: Unit, function: int, depth: int = _DEPTH) -> Entity | None:
        """What ``expr`` denotes where it stands in ``function``; None if that isn't known."""
        if depth <= 0:
            return None
        match expr:
            case Name(name):
                return self._name(name, unit, function, depth - 1)
            case Member(inner, name):
                outer = self.evaluate(inner, unit, function, depth - 1)
                return self.member(outer, name, depth - 1) if outer is not None else None
            case Index(inner, key):
                return self._element(inner, key, unit, function, depth - 1)
            case Operation("each", (Sequence(items),)):
                found = (self.evaluate(item.value, unit, function, depth - 1) for item in items)
                return next((entity for entity in found if entity is not None), None)
            case Result(call):
                return self._result(unit.facts.calls[call], unit, function, depth - 1)
            case Lambda(index):
                return Functions(Func(unit.index, index))
            case Choice(_, yes, no) | Operation("||", (yes, no)):
                return self.evaluate(yes, unit, function, depth - 1) or self.evaluate(
                    no, unit, function, depth - 1
                )
            case _:
                return None

    def _name(self, name: str, unit: Unit, function: int, depth: int) -> Entity | None:
        for scope in unit.outer_functions(function):
            described = unit.facts.functions[scope]
            for parameter in described.parameters if scope else ():
                if parameter.name.lstrip("*") == name:
                    return self._parameter(parameter, unit, scope, depth)
            found = self._in_scope(name, unit, scope, depth)
            if found is not None or self._is_bound(name, unit, scope):
                return found
        return self._star(name, unit) or External(f"builtins.{name}")

    def _is_bound(self, name: str, unit: Unit, scope: int) -> bool:
        """Whether a scope gives the name a value: then nothing outside is meant by it."""
        if unit.index not in self._bound:
            self._bound[unit.index] = frozenset(
                (binding.function, binding.target.name)
                for binding in unit.facts.bindings
                if isinstance(binding.target, Name)
            )
        return (scope, name) in self._bound[unit.index]

    def _parameter(
        self, parameter: Parameter, unit: Unit, function: int, depth: int
    ) -> Entity | None:
        described = unit.facts.functions[function]
        first = described.parameters[0]
        if parameter is first and described.owner and "staticmethod" not in described.traits:
            ref = self.class_named(described.owner, unit)
            if ref is not None:
                return ClassObject(ref) if "classmethod" in described.traits else Instance(ref)
        if parameter.type:
            return self._annotated(parameter.type, unit, depth)
        return self._passed(parameter, Func(unit.index, function), depth)

    def _annotated(self, written: str, unit: Unit, depth: int) -> Entity | None:
        """An object of the class that an annotation names."""
        match = _ANNOTATION.fullmatch(written)
        if match is None:
            return None
        head, *rest = match[1].split(".")
        named: Expr = Name(head, 0, 0)
        for name in rest:
            named = Member(named, name, 0, 0)
        found = self.evaluate(named, unit, 0, depth)
        return Instance(found.ref) if isinstance(found, ClassObject) else None

    def _passed(self, parameter: Parameter, func: Func, depth: int) -> Entity | None:
        """What all callers pass for a parameter, if they agree."""
        values = self._arguments(parameter, func, depth // 2)
        return self._agreement(values, func, parameter.name)

    def _agreement(self, values: Iterator[Entity | None], func: Func, asked: str) -> Entity | None:
        """What all values are; the answer to the outermost question is kept."""
        key = func, asked
        if key not in self._agreed:
            if func in self._hops or len(self._hops) >= _HOPS:
                return None
            self._hops.append(func)
            try:
                found = set(values)
            finally:
                self._hops.pop()
            agreed = found.pop() if len(found) == 1 else None
            if self._hops:
                return agreed
            self._agreed[key] = agreed
        return self._agreed[key]

    def _arguments(self, parameter: Parameter, func: Func, depth: int) -> Iterator[Entity | None]:
        described = self._index.function(func)
        constructs = described.name == "__init__"
        called = described.owner.rpartition(".")[2] if constructs else described.name
        sites = self._index.calls_named.get(called, ())
        position = described.parameters.index(parameter)
        position -= bool(described.owner) and "staticmethod" not in described.traits
        for site in sites if len(sites) <= _SITES else ():
            unit, call = self._index.unit(site), self._index.call(site)
            callee = self.evaluate(call.callee, unit, call.function, depth)
            if callee == Functions(func) or (
                isinstance(callee, ClassObject) and self.method(callee.ref, "__init__") == func
            ):
                passed = call.arguments[: position + 1]
                named = [a.value for a in call.arguments if a.name == parameter.name]
                if len(passed) > position and not any(a.name for a in passed):
                    named.append(passed[position].value)
                yield self.evaluate(named[0], unit, call.function, depth) if named else None

    def class_named(self, owner: str, unit: Unit) -> ClassRef | None:
        """The class of this file with that qualified name."""
        outer, _, name = owner.rpartition(".")
        for ref in self._index.classes.get(name, ()):
            if ref.unit == unit.index and self._index.klass(ref).owner == outer:
                return ref
        return None

    def _in_scope(self, name: str, unit: Unit, scope: int, depth: int) -> Entity | None:
        imports = self._imports(unit, scope).get(name, ())
        for item in reversed(imports):
            if len(imports) > 1 and self._is_elsewhere(item.start, unit, scope):
                continue
            found = self._imported(item, unit, depth)
            if found is not None:
                return found
        defined = [
            func
            for func in self._index.definitions.get(name, ())
            if func.unit == unit.index
            and max((described := self._index.function(func)).parent, 0) == scope
            and not described.owner
        ]
        for func in defined:
            start = self._index.function(func).start
            if len(defined) == 1 or not self._is_elsewhere(start, unit, scope):
                return Functions(func)
        if scope == 0:
            ref = self.class_named(name, unit)
            if ref is not None:
                return ClassObject(ref)
        return self._assigned(name, unit, scope, depth)

    def _is_elsewhere(self, position: int, unit: Unit, scope: int) -> bool:
        return self._elsewhere(unit, unit.branch_at(position), scope)

    def _assigned(self, name: str, unit: Unit, scope: int, depth: int) -> Entity | None:
        key = (unit.index, scope, name)
        if key not in self._values:
            outermost = not self._active  # inside a circle the answer is not the whole one
            found = self._first_assigned(name, unit, scope, depth)
            if not outermost:
                return found
            self._values[key] = found
        return self._values[key]

    def _first_assigned(self, name: str, unit: Unit, scope: int, depth: int) -> Entity | None:
        for write in self._index.writes.get(name, ()):
            if write.unit != unit.index:
                continue
            binding = self._index.binding(write)
            if binding.function != scope or not isinstance(binding.target, Name):
                continue
            key = (unit.index, write.index, scope)
            if key in self._active or self._elsewhere(unit, binding.branch, scope):
                continue
            self._active.add(key)
            try:
                found = self.evaluate(binding.value, unit, scope, depth)
            finally:
                self._active.discard(key)
            if found is not None:
                return found
        return None

    def _imports(self, unit: Unit, scope: int) -> dict[str, list[Import]]:
        known = self._locals.get((unit.index, scope))
        if known is None:
            known = {}
            for item in unit.facts.imports:
                if item.function == scope and item.name != "*":
                    local = item.alias or item.name or item.module.partition(".")[0]
                    known.setdefault(local, []).append(item)
            self._locals[unit.index, scope] = known
        return known

    def _imported(self, item: Import, unit: Unit, depth: int) -> Entity | None:
        if not item.name:
            target = self._modules.python_module(unit, item.module, item.level)
            if item.alias or "." not in item.module:
                return Module(target.index) if target else External(item.module)
            head = item.module.partition(".")[0]
            package = self._modules.python_module(unit, head, item.level)
            return Module(package.index) if package else External(head)
        target = self._modules.python_module(unit, item.module, item.level) if item.module else None
        if target is not None:
            found = self._in_module(item.name, target, depth)
            if found is not None:
                return found
        dotted = f"{item.module}.{item.name}" if item.module else item.name
        inner = self._modules.python_module(unit, dotted, item.level)
        if inner is not None:
            return Module(inner.index)
        return None if item.level or target is not None else External(dotted)

    def _in_module(self, name: str, unit: Unit, depth: int) -> Entity | None:
        if depth <= 0:
            return None
        dotted = f"{self._modules.dotted_name(unit)}.{name}"
        if dotted.count(".") > 1 and self._knows(dotted):
            return External(dotted)  # a copy of a library that the catalogue knows
        return self._in_scope(name, unit, 0, depth - 1) or self._star(name, unit, depth - 1)

    def _star(self, name: str, unit: Unit, depth: int = 4) -> Entity | None:
        if depth <= 0:
            return None
        for item in unit.facts.imports:
            if item.name != "*":
                continue
            target = self._modules.python_module(unit, item.module, item.level)
            if target is not None and target is not unit:
                found = self._in_module(name, target, depth - 1)
                if found is not None:
                    return found
            elif self._knows(f"{item.module}.{name}"):
                return External(f"{item.module}.{name}")
        return None

    def member(self, outer: Entity, name: str, depth: int = _DEPTH) -> Entity | None:
        """What ``outer.name`` denotes."""
        match outer:
            case External(dotted):
                return External(f"{dotted}.{name}")
            case Module(index):
                unit = self._index.units[index]
                found = self._in_module(name, unit, depth)
                if found is None and unit.path.endswith("__init__.py"):
                    inner = self._modules.python_module(unit, name, 1)
                    return Module(inner.index) if inner is not None else None
                return found
            case ClassObject(ref) | Instance(ref):
                found = self._attribute(ref, name, depth)
                if isinstance(found, Functions) and self._computes(found):
                    return self.returned(found.func, depth)
                return found
            case _:
                return None

    def _attribute(self, ref: ClassRef, name: str, depth: int) -> Entity | None:
        """Kept with all that the answer depends on: attributes that are made of one another, each
        in many places, have more ways among them than can be gone."""
        if depth <= 0:
            return None
        key = ref, name, depth, frozenset(self._active), tuple(self._hops)
        if key not in self._attributes:
            self._attributes[key] = self._find_attribute(ref, name, depth)
        return self._attributes[key]

    def _find_attribute(self, ref: ClassRef, name: str, depth: int) -> Entity | None:
        method = self.method(ref, name)
        if method is not None:
            return Functions(method)
        unit = self._index.unit(ref)
        owner = qualified(self._index.klass(ref).owner, self._index.klass(ref).name)
        nested = self.class_named(f"{owner}.{name}", unit)
        if nested is not None:
            return ClassObject(nested)
        bound = False
        for write in self._index.writes.get(name, ()):
            if write.unit != ref.unit:
                continue
            binding = self._index.binding(write)
            inside = unit.facts.functions[binding.function].owner == owner
            if self._elsewhere(unit, binding.branch, binding.function):
                continue
            if isinstance(binding.target, Member) and (inside or binding.operator == ":"):
                bound = bound or path_of(binding.target) == f"{owner}.{name}"
                found = self.evaluate(binding.value, unit, binding.function, depth - 1)
                if found is not None:
                    return found
        for base in self.bases(ref, depth - 1) if not bound else ():
            found = (
                External(f"{base.dotted}.{name}")
                if isinstance(base, External)
                else self._attribute(base.ref, name, depth - 1)
            )
            if found is not None:
                return found
        return None

    def method(self, ref: ClassRef, name: str) -> Func | None:
        """The method that the class itself defines under that name."""
        klass = self._index.klass(ref)
        owner = qualified(klass.owner, klass.name)
        for func in self._index.definitions.get(name, ()):
            if func.unit == ref.unit and self._index.function(func).owner == owner:
                return func
        return None

    def bases(self, ref: ClassRef, depth: int = _DEPTH) -> list[ClassObject | External]:
        """The bases of a class as far as they are known."""
        if depth < _DEPTH or self._active:  # on the way to an answer that they may depend on
            return self._find_bases(ref, depth)
        known = self._bases.get(ref)
        if known is None:
            known = self._bases[ref] = self._find_bases(ref, depth)
        return known

    def _find_bases(self, ref: ClassRef, depth: int) -> list[ClassObject | External]:
        unit, klass = self._index.unit(ref), self._index.klass(ref)
        found = (self.evaluate(b, unit, unit.class_homes[ref.index], depth) for b in klass.bases)
        return [
            base
            for base in found
            if isinstance(base, External) or (isinstance(base, ClassObject) and base.ref != ref)
        ]

    def _result(self, call: Call, unit: Unit, function: int, depth: int) -> Entity | None:
        callee = self.evaluate(call.callee, unit, function, depth)
        match callee:
            case ClassObject(ref):
                return Instance(ref)
            case Functions(func):
                return self.returned(func, depth)
            case External("builtins.getattr"):
                return self._getattr(call, unit, function, depth)
            case External("builtins.super"):
                return self._super(unit, function)
            case External(dotted):
                return self._loaded(dotted, call, unit, function, depth)
            case _:
                return None

    def _loaded(
        self, dotted: str, call: Call, unit: Unit, function: int, depth: int
    ) -> Entity | None:
        """What a function outside the project gives back."""
        name = loading.module(dotted, call, unit, self._index)
        if name:
            target = self._modules.python_module(unit, name)
            return Module(target.index) if target is not None else External(name)
        prototype = loading.prototyped(dotted, call)
        if prototype is not None:
            outer = self.evaluate(prototype[1], unit, function, depth)
            return self.member(outer, prototype[0], depth) if outer is not None else None
        return External(loading.library(dotted, call, unit, self._index) or f"{dotted}()")

    def returned(self, func: Func, depth: int = _DEPTH) -> Entity | None:
        """What a function gives back, if all its returns that are known agree."""
        unit = self._index.unit(func)
        numbers = unit.returns_of.get(func.index, ())
        if depth <= 0 or len(numbers) > _RETURNS:
            return None
        values = (unit.facts.returns[i].value for i in numbers)
        found = (self.evaluate(value, unit, func.index, depth // 2) for value in values)
        return self._agreement((entity for entity in found if entity is not None), func, "")

    def getter(self, expr: Member, unit: Unit, function: int) -> Func | None:
        """The method that runs when a property is read."""
        outer = self.evaluate(expr.object, unit, function)
        if not isinstance(outer, Instance):
            return None
        found = self._attribute(outer.ref, expr.name, _DEPTH)
        return found.func if isinstance(found, Functions) and self._computes(found) else None

    def _computes(self, found: Functions) -> bool:
        return "property" in self._index.function(found.func).traits

    def _element(
        self, inner: Expr, key: Expr, unit: Unit, function: int, depth: int
    ) -> Entity | None:
        outer = self.evaluate(inner, unit, function, depth)
        if not isinstance(outer, External):
            return None
        dotted = loading.member_by_key(outer.dotted, loading.text_of(key, unit, self._index))
        return External(dotted) if dotted else None

    def _super(self, unit: Unit, function: int) -> Entity | None:
        ref = self.class_named(unit.facts.functions[function].owner, unit)
        for base in self.bases(ref) if ref is not None else ():
            return Instance(base.ref) if isinstance(base, ClassObject) else base
        return None

    def _getattr(self, call: Call, unit: Unit, function: int, depth: int) -> Entity | None:
        if len(call.arguments) < 2:
            return None
        name = loading.text_of(call.arguments[1].value, unit, self._index)
        outer = self.evaluate(call.arguments[0].value, unit, function, depth)
        return self.member(outer, name, depth) if outer is not None and name else None


def _nowhere(_unit: Unit, _branch: int, _function: int) -> bool:
    return False
