"""Objects that C++ makes without naming their class as the callee: members in a constructor's list
(``App() : ready_(L"Ready")``) and ``std::make_unique<Event>(L"Ready")``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionzero.facts import Call, Name

if TYPE_CHECKING:
    from sessionzero.link.files.index import ProgramIndex
    from sessionzero.link.files.units import Unit

_MAKERS = frozenset(("make_unique", "make_shared"))


def made_type(index: ProgramIndex, unit: Unit, call: Call) -> str:
    """The class of the object that such a call makes, as written; empty for any other call."""
    if unit.is_python or not isinstance(call.callee, Name):
        return ""
    name = call.callee.name
    if call.kind == "construct":
        return _member_type(index, unit, call, name)
    head, _, inside = name.partition("<")
    if inside and head.rpartition("::")[2] in _MAKERS:
        return inside.rpartition(">")[0]
    return ""


def _member_type(index: ProgramIndex, unit: Unit, call: Call, name: str) -> str:
    """The type of the member that a constructor's list initialises, if that makes an object."""
    if "::" in name or name in index.classes:
        return ""
    owner = unit.facts.functions[call.function].owner.rpartition("::")[2]
    for ref in index.classes.get(owner, ()) if owner else ():
        for field in index.klass(ref).fields:
            if field.name == name and not field.refers:
                return field.type
    return ""
