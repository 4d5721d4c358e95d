"""Where objects of a class are made: a method of a class of which nobody makes an object in a
program doesn't run there, though a call through its base class could mean it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from sessionzero.facts import Expr, Name
from sessionzero.link.files.constructions import made_type
from sessionzero.link.files.expressions import NAMED, last_name, walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.type_names import objects_in, plain_type
from sessionzero.link.files.units import ClassRef, Func, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.ways.python_makers import Place, PythonMakers

_WORD = re.compile(r"\w+")
_PARAMETER = re.compile(r"(?:const )?(?:[A-Z]\w?|T[A-Z]\w*)")  # as templates call theirs
_CASTS = frozenset(
    ("static_cast", "dynamic_cast", "reinterpret_cast", "const_cast", "qobject_cast")
)


class Makers:
    """Finds the places that make objects, class by class when they are asked for."""

    def __init__(self, index: ProgramIndex, callees: Callees, cpp: CppNames) -> None:
        self._index = index
        self._callees = callees
        self._cpp = cpp
        self._python = PythonMakers(index, callees)
        self._known: dict[Func, tuple[Place, ...]] = {}

    def of_method(self, func: Func) -> tuple[Place, ...]:
        """Where objects are made that have the method: those of its class and of classes that
        derive from it and have no method of their own in its place. Empty if not all of these
        places can be told."""
        known = self._known.get(func)
        if known is None:
            python = self._index.unit(func).is_python
            known = self._python.of_method(func) if python else self._places(func)
            self._known[func] = known
        return known

    def is_unsaid(self, func: Func) -> bool:
        """True for a method of a C++ class of which nobody in sight makes an object, and that no
        macro or template may make one of: nothing but itself says its name."""
        ref = self._class_of(func)
        if ref is None or not self.nowhere(ref):
            return False
        names = {self._index.klass(each).name for each in (ref, *self._cpp.descendants(ref))}
        return not any(names & unit.passed.keys() for unit in self._index.units)

    def namings(self, unit: Unit, start: int) -> tuple[Place, ...]:
        """Where functions name the object that a C++ file declares at a place; empty if none does,
        if a file names it, or if a constructor of its class hands on the object that it makes."""
        name = next((d.name for d in unit.facts.declarations if d.start == start), "")
        found = self._namings.get(name, ()) if unit.facts.language == "c++" else ()
        made = (item.type for item in unit.facts.declarations if item.start == start)
        if any(at.index == 0 for at, _, _ in found) or any(map(self._tells_of_itself, made)):
            return ()
        return tuple(found)

    def _tells_of_itself(self, written: str) -> bool:
        """True if a constructor of a class or its bases mentions ``this`` as a whole."""
        names = {_simple(written)}
        for ref in self._index.classes.get(_simple(written), ()):
            names |= {self._index.klass(each).name for each in self._cpp.lineage(ref)}
        constructors = [func for name in names for func in self._index.definitions.get(name, ())]
        return any(
            isinstance(part, Name) and part.name == "this"
            for func in constructors
            for _, part, _ in _parts(self._index.unit(func), func.index)
        )

    @cached_property
    def _namings(self) -> dict[str, list[Place]]:
        """Name of an object that a C++ file declares → where it is named."""
        units = [unit for unit in self._index.units if unit.facts.language == "c++"]
        wanted = {
            d.name
            for unit in units
            for d in unit.facts.declarations
            if d.function == 0 and not d.refers and _simple(d.type) in self._index.classes
        }
        found: dict[str, list[Place]] = defaultdict(list)
        for unit in units if wanted else ():
            for function in range(len(unit.facts.functions)):
                for branch, part, at in _parts(unit, function):
                    if isinstance(part, Name) and part.name.rpartition("::")[2] in wanted:
                        name = part.name.rpartition("::")[2]
                        found[name].append((Func(unit.index, function), branch, at))
        return dict(found)

    def nowhere(self, ref: ClassRef) -> bool:
        """True if nobody in sight makes an object of a class or of those that derive from it."""
        names = {self._index.klass(each).name for each in (ref, *self._cpp.descendants(ref))}
        return all(self._made(name, frozenset((name,))) == [] for name in sorted(names))

    def _class_of(self, func: Func) -> ClassRef | None:
        unit, owner = self._index.unit(func), self._index.function(func).owner
        ref = self._cpp.class_named(owner, unit) if owner else None
        same = ref is not None and self._index.klass(ref).name == owner.rpartition("::")[2]
        return ref if same else None

    def _places(self, func: Func) -> tuple[Place, ...]:
        ref = self._class_of(func)
        found: list[Place] = []
        for name in self._inheriting(ref, self._index.function(func).name) if ref else ():
            made = self._made(name, frozenset((name,)))
            if made is None:
                return ()
            found += made
        return tuple(found)

    def _made(self, name: str, seen: frozenset[str]) -> list[Place] | None:
        """Where objects of a class are made, alone or with what they are members of; None if that
        can't be told, as for the members of what nobody in sight makes."""
        if name in self._in_templates:
            return None
        found = [*self._constructed(name)]
        for owner in self._holding.get(name, ()):
            names = {
                self._index.klass(each).name for each in (owner, *self._cpp.descendants(owner))
            }
            parts = [self._made(each, seen | names) for each in sorted(names - seen)]
            if parts and not any(parts):
                return None
            for part in parts:
                if part is None:
                    return None
                found += part
        return found

    def _constructed(self, name: str) -> Iterator[Place]:
        for site in self._index.calls_named.get(name, ()):
            call = self._index.call(site)
            at = Func(site.unit, call.function)
            if self._callees.of(site).constructs is not None and not self._is_base(at, name):
                yield at, call.branch, call.start
        for at, start in self._declared.get(name, ()):
            yield at, self._index.unit(at).branch_at(start), start

    def _is_base(self, func: Func, name: str) -> bool:
        """True for the constructor of a class that derives from the one of that name: it begins
        with a constructor of its base, which makes no object of its own."""
        described = self._index.function(func)
        if described.name != described.owner.rpartition("::")[2]:
            return False
        ref = self._cpp.class_named(described.owner, self._index.unit(func))
        return ref is not None and any(
            ref in self._cpp.descendants(base) for base in self._index.classes.get(name, ())
        )

    def _inheriting(self, ref: ClassRef, method: str) -> list[str]:
        """The names of a class and of those that derive from it and run its method."""
        overriding: set[ClassRef] = set()
        for each in self._cpp.descendants(ref):
            if self._cpp.own_methods(each, method):
                overriding |= {each, *self._cpp.descendants(each)}
        return [
            self._index.klass(each).name
            for each in (ref, *self._cpp.descendants(ref))
            if each not in overriding
        ]

    @cached_property
    def _declared(self) -> dict[str, list[tuple[Func, int]]]:
        """Class name → the functions with a variable of it, and where they have it; the file itself
        for a global one."""
        found: dict[str, list[tuple[Func, int]]] = defaultdict(list)
        for unit in self._index.units:
            for item in unit.facts.declarations if not unit.is_python else ():
                if not item.refers and (name := _simple(item.type)) in self._index.classes:
                    found[name].append((Func(unit.index, item.function), item.start))
        return dict(found)

    @cached_property
    def _in_templates(self) -> frozenset[str]:
        """The words between ``<`` and ``>`` in the names of calls that may make anything:
        ``add<Thing>()``."""
        found: set[str] = set()
        for unit in self._index.units:
            for name, number in unit.called if not unit.is_python else ():
                if name:
                    continue
                call = unit.facts.calls[number]
                inside = (
                    call.callee.name.partition("<")[2] if isinstance(call.callee, NAMED) else ""
                )
                if (
                    inside
                    and not made_type(self._index, unit, call)
                    and not self._only_finds(last_name(call.callee).partition("<")[0], ())
                ):
                    found.update(_WORD.findall(inside))
        return frozenset(found)

    def _only_finds(self, name: str, within: tuple[str, ...]) -> bool:
        """True for a function template of the project that makes no objects itself, and by no other
        template: ``locate<Thing>()`` gives what somebody has put there."""
        functions = [
            func
            for func in self._index.definitions.get(name, ())
            if not self._index.unit(func).is_python
        ]
        return bool(functions) and all(self._makes_nothing(it, (*within, name)) for it in functions)

    def _makes_nothing(self, func: Func, within: tuple[str, ...]) -> bool:
        unit = self._index.unit(func)
        types = [unit.facts.declarations[i] for i in unit.declarations_of.get(func.index, ())]
        if any(not d.refers and _PARAMETER.fullmatch(d.type.strip()) for d in types):
            return False
        for site in self._index.calls_of(func):
            call = self._index.call(site)
            name, bracket, _ = last_name(call.callee).partition("<")
            if call.kind == "construct" and name not in self._index.classes:
                return False
            other = bracket and name not in _CASTS and name not in within
            if other and not self._only_finds(name, within):
                return False
        return True

    @cached_property
    def _holding(self) -> dict[str, list[ClassRef]]:
        """Class name → the classes that have members which make objects of it, perhaps."""
        found: dict[str, list[ClassRef]] = defaultdict(list)
        for refs in self._index.classes.values():
            for ref in refs:
                if not self._index.unit(ref).is_python:
                    for field in self._index.klass(ref).fields:
                        for word in objects_in(field.type) if not field.refers else ():
                            found[word].append(ref)
        return dict(found)


def _parts(unit: Unit, function: int) -> Iterator[tuple[int, Expr, int]]:
    """All parts of the expressions of a function, each with its branch and where that begins."""
    facts = unit.facts
    for i in unit.calls_of.get(function, ()):
        call = facts.calls[i]
        for expr in (call.callee, *(argument.value for argument in call.arguments)):
            yield from ((call.branch, part, call.start) for part in walk(expr))
    for i in unit.bindings_of.get(function, ()):
        binding = facts.bindings[i]
        for expr in (binding.target, binding.value):
            yield from ((binding.branch, part, binding.start) for part in walk(expr))
    for i in unit.returns_of.get(function, ()):
        item = facts.returns[i]
        yield from ((item.branch, part, item.value.start) for part in walk(item.value))


def _simple(written: str) -> str:
    return plain_type(written).rpartition("::")[2]
