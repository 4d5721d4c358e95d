"""What a Python expression denotes: a function, class, instance or module of the project, or
something outside it by its dotted name (``win32api.MessageBox``, ``ctypes.windll.user32``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sessionzero.facts import (
    Call,
    Choice,
    Expr,
    Import,
    Lambda,
    Member,
    Name,
    Operation,
    Result,
    Text,
)
from sessionzero.link.index import ClassRef, Func, ProgramIndex, Unit
from sessionzero.link.modules import Modules

_DEPTH = 12  # a chain of aliases longer than this is not code that people write


class Functions(NamedTuple):
    """One function of the project."""

    func: Func


class ClassObject(NamedTuple):
    """A class of the project."""

    ref: ClassRef


class Instance(NamedTuple):
    """An object of a class of the project."""

    ref: ClassRef


class Module(NamedTuple):
    """A module of the project."""

    unit: int


class External(NamedTuple):
    """Something outside the project, by its dotted name."""

    dotted: str


Entity = Functions | ClassObject | Instance | Module | External


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
            if scope and any(parameter.name == name for parameter in described.parameters):
                return self._parameter(name, unit, scope)
            found = self._in_scope(name, unit, scope, depth)
            if found is not None:
                return found
        return self._star(name, unit) or External(f"builtins.{name}")

    def _parameter(self, name: str, unit: Unit, function: int) -> Entity | None:
        described = unit.facts.functions[function]
        first = described.parameters[0].name if described.parameters else ""
        if name == first and described.owner and "staticmethod" not in described.traits:
            ref = self.class_named(described.owner, unit)
            if ref is not None:
                return ClassObject(ref) if "classmethod" in described.traits else Instance(ref)
        return None

    def class_named(self, owner: str, unit: Unit) -> ClassRef | None:
        """The class of this file with that qualified name."""
        outer, _, name = owner.rpartition(".")
        for ref in self._index.classes.get(name, ()):
            if ref.unit == unit.index and self._index.klass(ref).owner == outer:
                return ref
        return None

    def _in_scope(self, name: str, unit: Unit, scope: int, depth: int) -> Entity | None:
        for item in reversed(self._imports(unit, scope).get(name, ())):
            found = self._imported(item, unit, depth)
            if found is not None:
                return found
        for func in self._index.definitions.get(name, ()):
            if func.unit == unit.index:
                described = self._index.function(func)
                if max(described.parent, 0) == scope and not described.owner:
                    return Functions(func)
        if scope == 0:
            ref = self.class_named(name, unit)
            if ref is not None:
                return ClassObject(ref)
        return self._assigned(name, unit, scope, depth)

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
            if key in self._active:
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
                return self._attribute(ref, name, depth)
            case _:
                return None

    def _attribute(self, ref: ClassRef, name: str, depth: int) -> Entity | None:
        if depth <= 0:
            return None
        method = self.method(ref, name)
        if method is not None:
            return Functions(method)
        unit = self._index.unit(ref)
        owner = qualified(self._index.klass(ref).owner, self._index.klass(ref).name)
        for write in self._index.writes.get(name, ()):
            if write.unit != ref.unit:
                continue
            binding = self._index.binding(write)
            inside = unit.facts.functions[binding.function].owner == owner
            if isinstance(binding.target, Member) and (inside or binding.operator == ":"):
                found = self.evaluate(binding.value, unit, binding.function, depth - 1)
                if found is not None:
                    return found
        for base in self.bases(ref, depth - 1):
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
        unit = self._index.unit(ref)
        found = (self.evaluate(base, unit, 0, depth) for base in self._index.klass(ref).bases)
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
            case External("builtins.getattr"):
                return self._getattr(call, unit, function, depth)
            case External("builtins.super"):
                return self._super(unit, function)
            case External(dotted):
                return External(loaded_library(dotted, call) or f"{dotted}()")
            case _:
                return None

    def _super(self, unit: Unit, function: int) -> Entity | None:
        ref = self.class_named(unit.facts.functions[function].owner, unit)
        for base in self.bases(ref) if ref is not None else ():
            return Instance(base.ref) if isinstance(base, ClassObject) else base
        return None

    def _getattr(self, call: Call, unit: Unit, function: int, depth: int) -> Entity | None:
        if len(call.arguments) < 2:
            return None
        name = call.arguments[1].value
        outer = self.evaluate(call.arguments[0].value, unit, function, depth)
        if outer is None or not isinstance(name, Text):
            return None
        return self.member(outer, name.value, depth)


def qualified(owner: str, name: str) -> str:
    """A Python class's own qualified name."""
    return f"{owner}.{name}" if owner else name


def loaded_library(dotted: str, call: Call) -> str:
    """``ctypes.windll.user32`` for ``ctypes.WinDLL("user32")`` and its relatives; else empty."""
    head, _, loader = dotted.rpartition(".")
    loads = head in ("ctypes", "ctypes.windll", "ctypes.cdll", "ctypes.oledll")
    if not loads or loader not in ("WinDLL", "CDLL", "OleDLL", "PyDLL", "LoadLibrary"):
        return ""
    first = call.arguments[0].value if call.arguments else None
    if not isinstance(first, Text):
        return ""
    name = first.value.replace("\\", "/").rpartition("/")[2].lower()
    return f"ctypes.windll.{name.removesuffix('.dll')}"
