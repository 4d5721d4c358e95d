"""What a C or C++ name denotes: functions, classes and methods of the project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

from sessionzero.facts import Call, Member, Name
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.mains import Mains
from sessionzero.link.files.modules import Modules, closeness
from sessionzero.link.files.other_names import OtherNames
from sessionzero.link.files.type_names import is_smart_pointer, plain_type, template_argument
from sessionzero.link.files.units import ClassRef, Func, Unit, Write, enclosing_owner
from sessionzero.link.names.cpp_types import CppTypes

_Ref = TypeVar("_Ref", Func, Write, ClassRef)

_MANY = 6  # a bare name with more definitions than this, none of them near, says nothing


class CppNames:
    """Resolves names of C and C++ files."""

    def __init__(
        self, index: ProgramIndex, modules: Modules, mains: Mains, linkage: Linkage
    ) -> None:
        self._index = index
        self._modules = modules
        self._mains = mains
        self._linkage = linkage
        self._others = OtherNames(index, modules)
        self.types = CppTypes(index, modules, self, self._others)
        self._bases: dict[ClassRef, tuple[ClassRef, ...]] = {}
        self._external: dict[ClassRef, tuple[str, ...]] = {}
        self._lineages: dict[ClassRef, tuple[ClassRef, ...]] = {}
        self._outside: dict[ClassRef, frozenset[str]] = {}
        self._named: dict[tuple[int, str], ClassRef | None] = {}
        self._descendants: dict[ClassRef, tuple[ClassRef, ...]] = {}
        self._own: dict[tuple[ClassRef, str], tuple[Func, ...]] = {}
        self._methods: dict[tuple[ClassRef, str], tuple[Func, ...]] = {}
        self._members: dict[ClassRef, tuple[tuple[str, ClassRef], ...]] = {}
        self._left_out: dict[int, tuple[tuple[int, int], ...]] = {}

    # --- free functions ---

    def functions(self, name: str, unit: Unit, owner: str) -> tuple[Func, ...]:
        """The definitions that a call of ``name`` (as written, ``A::f`` or ``f``) in a function
        of ``owner`` can mean; several only if the project leaves it open."""
        absolute = name.startswith("::")
        qualifier, _, simple = name.removeprefix("::").rpartition("::")
        simple = simple.partition("<")[0]
        if simple not in self._index.definitions:
            return ()
        qualifier = plain_type(qualifier) if qualifier else ""
        candidates = [
            func
            for func in self._index.definitions.get(simple, ())
            if self._fits(func, qualifier, unit, owner, absolute=absolute)
        ]
        return self._choose(unit, candidates)

    def overloads(
        self, name: str, unit: Unit, found: tuple[Func, ...], call: Call
    ) -> tuple[Func, ...]:
        """The free functions that a call means rather than those found by name alone: only they
        have as many parameters as it has arguments, and so has a prototype in sight."""
        count, index = len(call.arguments), self._index
        if any(len(index.function(func).parameters) == count for func in found):
            return ()
        seen = self._modules.visible(unit)
        if not any(
            f.unit in seen and len(index.function(f).parameters) == count
            for f in index.prototypes.get(name, ())
        ):
            return ()
        alike = [
            func
            for func in index.definitions.get(name, ())
            if len(index.function(func).parameters) == count
            and self._fits(func, "", unit, "", absolute=True)
        ]
        return self._choose(unit, alike)

    def fitting(self, found: tuple[Func, ...], call: Call) -> tuple[Func, ...]:
        """Of the overloads that stand beside one another in a file, those with as many parameters
        as the call has arguments; all, if there is none. (With defaults for the rest, another one
        would make the call ambiguous.)"""
        homes = [(f.unit, self._index.function(f).owner) for f in found]
        exact = [len(self._index.function(f).parameters) == len(call.arguments) for f in found]
        meant = {home for home, fits in zip(homes, exact, strict=True) if fits}
        return tuple(
            func
            for func, home, fits in zip(found, homes, exact, strict=True)
            if fits or home not in meant
        )

    def _fits(self, func: Func, qualifier: str, unit: Unit, owner: str, *, absolute: bool) -> bool:
        target = self._index.unit(func)
        if target.is_python:
            return False
        function = self._index.function(func)
        if qualifier:
            return f"::{function.owner}".endswith(f"::{qualifier}")
        if absolute:
            return not function.owner
        if "static" in function.traits and not function.owner:
            return target.index in self._modules.visible(unit)
        if not function.owner:
            return True
        inside = f"{owner}::".startswith(f"{function.owner}::")
        return inside or not self.is_class(function.owner, target)

    def _choose(self, unit: Unit, candidates: list[Func]) -> tuple[Func, ...]:
        own = [func for func in candidates if func.unit == unit.index]
        others = [func for func in candidates if func.unit != unit.index]
        if own and not (others and all(map(self._is_stub, own))):
            return tuple(own)
        return (*own, *self._choose_outside(unit, others))

    def _is_stub(self, func: Func) -> bool:
        """True for what a file defines only if something isn't built in that other files have:
        ``#ifndef ENABLE_API``."""
        described = self._index.function(func)
        regions = self._left_out.get(func.unit)
        if regions is None:
            regions = self._left_out[func.unit] = tuple(
                (region.start, region.end)
                for region in self._index.unit(func).facts.conditionals
                if _is_without(region.condition)
            )
        return "static" not in described.traits and any(
            start <= described.start < end for start, end in regions
        )

    def _choose_outside(self, unit: Unit, candidates: list[Func]) -> tuple[Func, ...]:
        if not candidates:
            return ()
        seen = self._modules.visible(unit)
        near = [func for func in candidates if func.unit in seen]
        if near:
            return tuple(near)
        linkable = [func for func in candidates if self._in_sight(func, unit)]
        chosen = self._linkage.choose(unit, linkable)
        return tuple(chosen)[:_MANY] or self._nearest(unit, linkable)

    def _nearest(self, unit: Unit, candidates: list[Func]) -> tuple[Func, ...]:
        """The definitions nearest to a file, where the build files don't say what is linked. One
        that they put into another program only counts if it is declared here and alone: then
        they are silent about something."""
        possible = [f for f in candidates if not self._mains.other_program(unit.index, f.unit)]
        apart = [f for f in possible if self._linkage.apart(unit.index, f.unit)]
        linkable = [func for func in possible if func not in apart]
        if not linkable:
            declared = [func for func in apart if self._declares(unit, func)]
            return tuple(declared) if len(declared) == 1 else ()
        best = max(closeness(unit, self._index.unit(func)) for func in linkable)
        return tuple(f for f in linkable if closeness(unit, self._index.unit(f)) == best)[:_MANY]

    def _in_sight(self, func: Func, unit: Unit) -> bool:
        """Whether the unit can call a function of another file: it sees a declaration (of the
        function or of its class), or shares the directory, where C needs none."""
        described = self._index.function(func)
        if self._declares(unit, func):
            return True
        beside = unit.directory == self._index.unit(func).directory
        return beside and not described.owner and not self._shadowed(described.name, unit)

    def _declares(self, unit: Unit, func: Func) -> bool:
        described = self._index.function(func)
        names = {described.name, self._index.renamed.get(func, described.name)}
        if any(self.declared(name, unit) for name in names):
            return True
        ref = self.class_named(described.owner, unit) if described.owner else None
        return ref is not None and ref.unit in self._modules.visible(unit)

    def _shadowed(self, name: str, unit: Unit) -> bool:
        """Whether the name is a variable where the unit looks."""
        return any(
            name in self._index.units[index].declared_names for index in self._modules.visible(unit)
        )

    def declared(self, name: str, unit: Unit) -> bool:
        """True if the unit sees a prototype of that free function."""
        seen = self._modules.visible(unit)
        return any(
            func.unit in seen and not self.is_class(self._index.function(func).owner, unit)
            for func in self._index.prototypes.get(name, ())
        )

    def at_home(self, unit: Unit, meant: Sequence[_Ref]) -> Sequence[_Ref]:
        """Of all that one name can mean, what can lie in a program of that file."""
        return self._linkage.at_home(meant, self._linkage.programs(unit.index))

    # --- classes ---

    def is_class(self, owner: str, unit: Unit) -> bool:
        """True if the last part of a qualified name is a class of the project."""
        return bool(owner) and self.class_named(owner, unit) is not None

    def class_named(self, written: str, unit: Unit) -> ClassRef | None:
        """The class that a type name means in a unit: a visible one, else the nearest."""
        key = (unit.index, written)
        if key not in self._named:
            self._named[key] = self._find_class(written, unit)
        return self._named[key]

    def _find_class(self, written: str, unit: Unit) -> ClassRef | None:
        name = plain_type(self._others.meant(written, unit)).rpartition("::")[2]
        candidates = [
            ref for ref in self._index.classes.get(name, ()) if not self._index.unit(ref).is_python
        ]
        if not candidates:
            return None
        seen = self._modules.visible(unit)
        visible = [ref for ref in candidates if ref.unit in seen]
        known = visible or self.at_home(unit, candidates)
        return max(known, key=lambda ref: closeness(unit, self._index.unit(ref)))

    def meant(self, written: str, unit: Unit) -> str:
        """The type that is written, or that it is another name of."""
        return self._others.meant(written, unit)

    def class_meant(self, written: str, unit: Unit, function: int) -> ClassRef | None:
        """The class that a type name means in a function. In a class template whose parameter is
        the class that derives from it, that one is as good as the template: ``template <class T>
        class Service { … static_cast<T *>(this)->Run(); }``, ``class Agent : Service<Agent>``."""
        found = self.class_named(written, unit)
        owner = enclosing_owner(unit, function) if found is None and written else ""
        ref = self.class_named(owner, unit) if owner else None
        if ref is None or plain_type(written) not in self._index.klass(ref).parameters:
            return found
        return ref if self._is_given_what_derives(ref) else None

    def _is_given_what_derives(self, ref: ClassRef) -> bool:
        for child in self.descendants(ref):
            klass = self._index.klass(child)
            for base in klass.bases:
                given = template_argument(base.name) if isinstance(base, Name) else ""
                if given.rpartition("::")[2] == klass.name:
                    return True
        return False

    def bases(self, ref: ClassRef) -> tuple[ClassRef, ...]:
        """The project's classes that a class derives from directly."""
        self._load_bases(ref)
        return self._bases[ref]

    def external_bases(self, ref: ClassRef) -> frozenset[str]:
        """The names (without template arguments) of all ancestors outside the project."""
        known = self._outside.get(ref)
        if known is None:
            names: set[str] = set()
            pending, seen = [ref], {ref}
            while pending:
                current = pending.pop()
                if current in self._outside:  # with all that lies above it
                    names |= self._outside[current]
                    continue
                above = [base for base in self.bases(current) if base not in seen]
                names.update(self._external[current])
                seen.update(above)
                pending += above
            known = self._outside[ref] = frozenset(names)
        return known

    def _load_bases(self, ref: ClassRef) -> None:
        if ref in self._bases:
            return
        unit = self._index.unit(ref)
        inside, outside = [], []
        bases = (base.name for base in self._index.klass(ref).bases if isinstance(base, Name))
        for name in (meant for base in bases for meant in self._without_macros(base)):
            found = self.class_named(name, unit)
            if found is not None and found != ref:
                inside.append(found)
            else:
                outside.append(plain_type(name))
        self._bases[ref] = tuple(inside)
        self._external[ref] = tuple(outside)

    def _without_macros(self, name: str) -> list[str]:
        """What a base is called: a macro (``class Arch : public ARCH_DAEMON``) may stand for it,
        for another class on each platform."""
        bodies = [macro.body for _, macro in self._index.macros.get(name, ())]
        return [body.name for body in bodies if isinstance(body, Name)] or [name]

    def lineage(self, ref: ClassRef) -> tuple[ClassRef, ...]:
        """The class and its ancestors in the project, nearest first."""
        known = self._lineages.get(ref)
        if known is None:
            found = {ref: None}  # a dict keeps the order and knows what it holds
            pending = [ref]
            while pending:
                fresh = [b for a in pending for b in self.bases(a) if b not in found]
                found.update(dict.fromkeys(fresh))
                pending = list(dict.fromkeys(fresh))
            known = self._lineages[ref] = tuple(found)
        return known

    def descendants(self, ref: ClassRef) -> tuple[ClassRef, ...]:
        """The classes of the project that derive from a class, directly or not."""
        known = self._descendants.get(ref)
        if known is None:
            found: dict[ClassRef, None] = {}
            pending = [ref]
            while pending:
                for child in sorted(self._derived.get(pending.pop(), ())):
                    if child not in found:
                        found[child] = None
                        pending.append(child)
            known = self._descendants[ref] = tuple(found)
        return known

    @cached_property
    def _derived(self) -> dict[ClassRef, set[ClassRef]]:
        """Class → those that derive from it directly."""
        found: dict[ClassRef, set[ClassRef]] = defaultdict(set)
        for refs in self._index.classes.values():
            for child in refs:
                if not self._index.unit(child).is_python:
                    for base in self.bases(child):
                        found[base].add(child)
        return found

    def own_methods(self, ref: ClassRef, name: str) -> tuple[Func, ...]:
        """The definitions of a method that the class itself has."""
        known = self._own.get((ref, name))
        if known is None:
            klass = self._index.klass(ref)
            found = [
                func
                for func in self._index.definitions.get(name, ())
                if self._index.function(func).owner.rpartition("::")[2] == klass.name
                and not self._index.unit(func).is_python
            ]
            related = [f for f in found if self._sees(f, ref)]
            known = self._own[ref, name] = tuple(related or found[:1])
        return known

    def constructors(self, ref: ClassRef) -> tuple[Func, ...]:
        """The constructors that make an object of the class: its own, or, if it has none, what
        its bases and members begin with."""
        own = self.own_methods(ref, self._index.klass(ref).name)
        return own or tuple(func for part in self._parts(ref) for func in self.beginning(part))

    def members(self, ref: ClassRef) -> tuple[tuple[str, ClassRef], ...]:
        """The fields of a class that are objects of the project's classes, with their classes."""
        known = self._members.get(ref)
        if known is None:
            unit = self._index.unit(ref)
            known = self._members[ref] = tuple(
                (field.name, found)
                for field in self._index.klass(ref).fields
                if not field.refers
                and not is_smart_pointer(field.type)
                and (found := self.class_named(field.type, unit)) not in (None, ref)
            )
        return known

    def _parts(self, ref: ClassRef) -> tuple[ClassRef, ...]:
        return (*self.bases(ref), *(member for _, member in self.members(ref)))

    def beginning(self, ref: ClassRef) -> tuple[Func, ...]:
        """The constructors of a base or a member that an object begins with if its own constructor
        names none: those that need no argument, as far as that can be told."""
        level, found, seen = [ref], list[Func](), {ref}
        while level:
            above: list[ClassRef] = []
            for each in level:
                own = self.own_methods(each, self._index.klass(each).name)
                free = [f for f in own if not self._index.function(f).parameters]
                found += free or own
                above += () if own else self._parts(each)
            level = [base for base in dict.fromkeys(above) if base not in seen]
            seen.update(level)
        return tuple(found)

    def _sees(self, func: Func, ref: ClassRef) -> bool:
        return ref.unit in self._modules.visible(self._index.unit(func))

    def methods(self, ref: ClassRef, name: str) -> tuple[Func, ...]:
        """What a call of a method on an object of the class can run: the nearest definitions
        among the class and its ancestors, and every override below."""
        known = self._methods.get((ref, name))
        if known is None:
            known = self._methods[ref, name] = self._find_methods(ref, name)
        return known

    def _find_methods(self, ref: ClassRef, name: str) -> tuple[Func, ...]:
        found: list[Func] = []
        level, seen = [ref], {ref}
        while level and not found:
            found = [func for klass in level for func in self.own_methods(klass, name)]
            level = [
                b for b in dict.fromkeys(b for k in level for b in self.bases(k)) if b not in seen
            ]
            seen.update(level)
        for child in self.descendants(ref):
            found.extend(f for f in self.own_methods(child, name) if f not in found)
        return tuple(found)

    def while_made(self, found: tuple[Func, ...], call: Call, unit: Unit) -> tuple[Func, ...]:
        """Of the methods that a call can mean, those that it can in a constructor or destructor on
        the object itself: no object of a derived class yet, or any more (C++ [class.cdtor])."""
        described = unit.facts.functions[call.function]
        simple = described.owner.rpartition("::")[2]
        if not simple or described.name.removeprefix("~") != simple:
            return found
        on = call.callee.object if isinstance(call.callee, Member) else None
        if on is not None and not (isinstance(on, Name) and on.name == "this"):
            return found
        ref = self.class_named(described.owner, unit)
        below = self.descendants(ref) if ref is not None else ()
        name = last_name(call.callee)
        overriding = {func for child in below for func in self.own_methods(child, name)}
        return tuple(func for func in found if func not in overriding)


def _is_without(condition: str) -> bool:
    """``!defined(X)``; not what follows the ``#else`` of it, ``!(!defined(X))``."""
    return condition.startswith("!") and not condition.startswith("!(!")
