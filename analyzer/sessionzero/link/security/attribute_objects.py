"""Objects of C++ that hold security attributes for a while: which field of their class that is, and
which functions have made the object what it is."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.facts import Expr, Member, Name, Operation, Result
from sessionzero.link.files.expressions import path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import CallSite, ClassRef, Func
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.cpp_names import CppNames

_ATTRIBUTES = "SECURITY_ATTRIBUTES"


class Held(Struct, frozen=True):
    """Attributes in an object: the field that holds them, the functions of the class that ran on
    the object, and the call that made it, if it is seen."""

    field: str
    functions: tuple[Func, ...]
    made: CallSite | None


class AttributeObjects:
    """Finds the objects behind the security arguments of calls."""

    def __init__(self, index: ProgramIndex, callees: Callees, cpp: CppNames) -> None:
        self._index = index
        self._callees = callees
        self._cpp = cpp

    def of(self, expr: Expr, scope: Scope) -> Held | None:
        """The attributes that an object gives: by a method (``attributes.get()``), by a conversion
        (``attributes`` itself), or in a field (``&holder.attributes``)."""
        match expr:
            case Operation("&", (Name() as holder,)):
                return self._converted(holder, scope, "operator&")
            case Operation("&", (Member(holder, field),)):
                return self._held(field, holder, (), scope)
            case Result(call):
                callee = scope.unit.facts.calls[call].callee
                if not isinstance(callee, Member):
                    return None
                given = self._callees.of(CallSite(scope.unit.index, call)).functions
                # A smart pointer has a `get` of its own, but that gives no attributes.
                given = given or self._named(callee, scope)
                return self._given_by(given[0], callee.object, scope) if given else None
            case Name():
                return self._converted(expr, scope, "operator ")
            case _:
                return None

    def _named(self, callee: Member, scope: Scope) -> tuple[Func, ...]:
        ref = self._class_of(callee.object, scope)
        return self._callees.own_methods(ref, callee.name) if ref is not None else ()

    def _converted(self, holder: Name, scope: Scope, operator: str) -> Held | None:
        ref = self._class_of(holder, scope)
        for func in self._methods(ref) if ref is not None else ():
            described = self._index.function(func)
            attributes = _ATTRIBUTES in described.name or _ATTRIBUTES in described.returns
            if described.name.startswith(operator) and attributes:
                return self._given_by(func, holder, scope)
        return None

    def _given_by(self, accessor: Func, holder: Expr, scope: Scope) -> Held | None:
        """What a method gives back, if that is a field of its object."""
        unit = self._index.unit(accessor)
        for i in unit.returns_of.get(accessor.index, ()):
            field = path_of(unit.facts.returns[i].value).removeprefix("this.")
            held = self._held(field, holder, (accessor,), scope) if field else None
            if held is not None:
                return held
        return None

    def _held(
        self, field: str, holder: Expr, beside: tuple[Func, ...], scope: Scope
    ) -> Held | None:
        ref = self._class_of(holder, scope)
        fields = self._index.klass(ref).fields if ref is not None else ()
        if ref is None or not any(it.name == field and _ATTRIBUTES in it.type for it in fields):
            return None
        made = self._made(holder, scope)
        begun = self._callees.of(made).functions if made is not None else self._begun(ref)
        own = frozenset(self._methods(ref))
        called = (
            target
            for func in begun
            for site in self._index.calls_of(func)
            for target in self._callees.of(site).functions
            if target in own
        )
        return Held(field, tuple(dict.fromkeys((*begun, *called, *beside))), made)

    def _class_of(self, holder: Expr, scope: Scope) -> ClassRef | None:
        written = self._cpp.types.of(holder, scope.unit, scope.function)
        return self._cpp.class_named(written, scope.unit) if written else None

    def _begun(self, ref: ClassRef) -> tuple[Func, ...]:
        """The constructors, where it isn't seen which one made the object."""
        return self._callees.own_methods(ref, self._index.klass(ref).name)

    def _methods(self, ref: ClassRef) -> Iterator[Func]:
        """The functions of a class in the file that declares it, and in that of its constructor."""
        name = self._index.klass(ref).name
        for number in {ref.unit, *(func.unit for func in self._begun(ref))}:
            for i, function in enumerate(self._index.units[number].facts.functions):
                if function.kind == "function" and function.owner.rpartition("::")[2] == name:
                    yield Func(number, i)

    def _made(self, holder: Expr, scope: Scope) -> CallSite | None:
        """The call that makes the object."""
        values = [holder]
        if isinstance(holder, Name):
            bindings = scope.unit.bindings_of.get(scope.function, ())
            written = (scope.unit.facts.bindings[i] for i in bindings)
            values = [it.value for it in written if path_of(it.target) == holder.name]
        for value in values:
            if isinstance(value, Result):
                site = CallSite(scope.unit.index, value.call)
                if self._callees.of(site).constructs is not None:
                    return site
        return None
