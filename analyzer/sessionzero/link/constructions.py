"""Objects that C++ makes without naming their class as the callee: members in a constructor's list
(``App() : ready_(L"Ready")``) and ``std::make_unique<Event>(L"Ready")``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionzero.facts import Argument, Call, Expr, Join, Name, Operation, Text

if TYPE_CHECKING:
    from sessionzero.link.index import ProgramIndex
    from sessionzero.link.units import Unit

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
    """The type of the member that a constructor's list initialises, if that makes an object: the
    facts tell ``Event e_`` and ``Event *e_`` not apart, but a pointer takes no text and no list."""
    if "::" in name or name in index.classes or not _makes_object(index, call.arguments):
        return ""
    owner = unit.facts.functions[call.function].owner.rpartition("::")[2]
    for ref in index.classes.get(owner, ()) if owner else ():
        for field in index.klass(ref).fields:
            if field.name == name:
                return field.type
    return ""


def _makes_object(index: ProgramIndex, arguments: tuple[Argument, ...]) -> bool:
    return len(arguments) > 1 or any(_is_text(index, item.value) for item in arguments)


def _is_text(index: ProgramIndex, expr: Expr) -> bool:
    """A text, or the name of a constant one."""
    match expr:
        case Text() | Join():
            return True
        case Operation("+", operands):
            return any(_is_text(index, operand) for operand in operands)
        case Name(name):
            simple = name.rpartition("::")[2]
            bodies = [macro.body for _, macro in index.macros.get(simple, ())]
            bodies += [index.binding(write).value for write in index.writes.get(simple, ())]
            return any(isinstance(body, Text | Join) for body in bodies)
        case _:
            return False
