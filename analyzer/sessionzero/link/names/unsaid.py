"""Objects of C++ that are made without a word of their constructor: ``Lock lock_;`` in a class gets
what its constructor says where nothing is passed."""

from __future__ import annotations

from functools import cached_property

from sessionzero.facts import Name
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Bound, defaults
from sessionzero.link.files.type_names import is_smart_pointer, plain_type
from sessionzero.link.files.units import Func, Unit


class Unsaid:
    """Knows of which classes there are such objects."""

    def __init__(self, index: ProgramIndex) -> None:
        self._index = index
        self._said: dict[str, set[str]] = {}  # class → the fields that its constructors name

    def defaults(self, func: Func) -> Bound:
        """What a constructor that needs no argument has for its parameters, if there is an object
        that nothing is passed for; else nothing."""
        described = self._index.function(func)
        name = described.owner.rpartition("::")[2]
        if described.name != name or name not in self._made or not described.parameters:
            return {}
        found = defaults(self._index, func)
        return found if len(found) == len(described.parameters) else {}

    @cached_property
    def _made(self) -> frozenset[str]:
        """The names of classes of which a field or a variable is an object."""
        found: set[str] = set()
        for unit in self._index.units:
            if unit.facts.language == "c++":
                found.update(self._of_fields(unit), self._of_variables(unit))
        return frozenset(found)

    def _of_fields(self, unit: Unit) -> set[str]:
        found: set[str] = set()
        for klass in unit.facts.classes:
            for field in klass.fields:
                name = self._class_of(field.type)
                if name and not field.refers and field.name not in self._initialised(klass.name):
                    found.add(name)
        return found

    def _of_variables(self, unit: Unit) -> set[str]:
        said = {call.start for call in unit.facts.calls if call.kind == "construct"}
        said |= {it.target.start for it in unit.facts.bindings if isinstance(it.target, Name)}
        return {
            name
            for it in unit.facts.declarations
            if not it.refers and it.start not in said and (name := self._class_of(it.type))
        }

    def _class_of(self, written: str) -> str:
        if is_smart_pointer(written):
            return ""
        name = plain_type(written).rpartition("::")[2]
        return name if name in self._index.classes else ""

    def _initialised(self, owner: str) -> set[str]:
        """The fields that constructors of a class say something of."""
        known = self._said.get(owner)
        if known is None:
            known = self._said[owner] = {
                call.callee.name
                for func in self._index.definitions.get(owner, ())
                for call in map(self._index.call, self._index.calls_of(func))
                if call.kind == "construct" and isinstance(call.callee, Name)
            }
        return known
