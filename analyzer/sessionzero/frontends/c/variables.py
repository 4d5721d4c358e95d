"""Variables of C and C++: declarations, initial values, and objects constructed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionzero.facts import Argument, Declaration, Expr, Index, Name, Null, Unknown
from sessionzero.frontends.c.calls import arguments_of
from sessionzero.frontends.c.casts import class_cast_to
from sessionzero.frontends.c.declarators import CLASSES, Declared, declared, type_of
from sessionzero.frontends.c.expressions import expression
from sessionzero.frontends.c.functions import add_function
from sessionzero.frontends.c.reading import (
    ERROR,
    Reading,
    Scope,
    block_end,
    in_branch,
    name_of,
    record_binding,
    record_call,
    walk_later,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_MAXIMUM_DEPTH = 20
_BUILT_IN = frozenset(("primitive_type", "sized_type_specifier", "placeholder_type_specifier"))
_NAMED_TYPES = frozenset(("type_identifier", "qualified_identifier", "template_type"))


def declaration_action(reading: Reading, node: Node, scope: Scope) -> None:
    """A declaration of variables and prototypes, and of the class or enum in its type."""
    written = node.child_by_field_name("type")
    if written is not None and written.named_child_count:
        walk_type(reading, written, scope)
    for declarator in node.children_by_field_name("declarator"):
        found = declared(declarator)
        if found is None:  # a structured binding
            walk_later(reading, declarator.named_children, scope)
        elif found.function is not None and declarator.type != "init_declarator":
            if scope.function and declarator.type == "reference_declarator":
                _guarded_call(reading, node, found, scope)
            else:
                _function_or_object(reading, node, found, scope)
        else:
            _variable(reading, node, declarator, found, scope)
    if node.has_error:
        errors = [child for child in node.named_children if child.kind_id == ERROR]
        walk_later(reading, errors, scope)


def walk_type(reading: Reading, written: Node, scope: Scope) -> None:
    """Walk the class or enum that a declaration defines in passing."""
    if written.type in (*CLASSES, "enum_specifier"):
        walk_later(reading, [written], scope)


def loop_variable_action(reading: Reading, node: Node, scope: Scope) -> None:
    """``for (T x : range) …``: x is an element of the range."""
    declarator, listed = (node.child_by_field_name(name) for name in ("declarator", "right"))
    found = None if declarator is None else declared(declarator)
    parts = [node.child_by_field_name(name) for name in ("initializer", "right", "body")]
    if found is not None:
        written = type_of(reading, node)
        name = _declare(reading, node, found, written, scope)
        if listed is not None:
            start, end = found.name.start_byte, listed.end_byte
            target = Name(name, start, found.name.end_byte)
            whole = expression(reading, listed, scope)
            element = Index(whole, Unknown(end, end), listed.start_byte, end)
            record_binding(reading, scope, target, "=", element, written, start, end)
            parts.remove(listed)
    walk_later(reading, [part for part in parts if part is not None], scope)


def _declare(reading: Reading, node: Node, found: Declared, written: str, scope: Scope) -> str:
    name = name_of(reading, found.name)
    start, end = found.name.start_byte, found.name.end_byte
    before = reading.latin[node.start_byte : start]
    static = "static" in before and "static" in before.split()
    until = block_end(reading) if scope.function else 0
    reading.declarations.append(
        Declaration(scope.function, name, written, start, end, static, found.refers, until)
    )
    return name


def _variable(
    reading: Reading, node: Node, declarator: Node, found: Declared, scope: Scope
) -> None:
    written = type_of(reading, node)
    value = declarator.child_by_field_name("value") or node.child_by_field_name("value")
    if value is not None and _declares_parameters(value):
        add_function(reading, node, found, scope, "prototype")
        return
    if value is not None and written == "auto":
        written = class_cast_to(reading, value) or written
    name = _declare(reading, node, found, written, scope)
    if value is None:
        return
    assigned = "=" in reading.latin[found.name.end_byte : value.start_byte]
    assigned = assigned or _fills_structure(value, written)
    if value.type == "argument_list" or (
        value.type == "initializer_list" and not assigned and not found.is_array
    ):
        arguments = arguments_of(reading, value, scope, 0)
        _construct(reading, node, found, arguments, scope, declarator.end_byte)
        return
    start = found.name.start_byte
    target = Name(name, start, found.name.end_byte)
    result = expression(reading, value, scope)
    record_binding(reading, scope, target, "=", result, written, start, declarator.end_byte)


def _fills_structure(value: Node, written: str) -> bool:
    """True for ``SECURITY_ATTRIBUTES sa{sizeof sa, nullptr}``: braces that mean the fields of a
    structure of C, as its name says, and no constructor. One value alone may be that of a number or
    a handle, but for the size of the structure itself, and zero."""
    items = value.named_children if value.type == "initializer_list" else None
    if items is None:
        return False
    if any(item.type == "initializer_pair" for item in items):
        return True
    return _is_of_c(written) and (
        len(items) != 1 or items[0].type == "sizeof_expression" or items[0].text == b"0"
    )


def _is_of_c(written: str) -> bool:
    """``DWORD``, ``SECURITY_ATTRIBUTES``: a type of C by its name, without constructors. (A short
    one is the parameter of a template.)"""
    return len(written) > 2 and written.isupper() and written.isidentifier()


def _construct(
    reading: Reading,
    node: Node,
    found: Declared,
    arguments: tuple[Argument, ...],
    scope: Scope,
    end: int,
) -> None:
    """``T x(a)`` binds x to the construction of a T; of a type of C, to the value itself."""
    written = node.child_by_field_name("type")
    if written is None:
        return
    type = type_of(reading, node)
    start = found.name.start_byte
    target = Name(name_of(reading, found.name), start, found.name.end_byte)
    if (written.type in _BUILT_IN or _is_of_c(type)) and len(arguments) == 1:
        value = arguments[0].value
    else:
        callee = Name(type, written.start_byte, written.end_byte)
        value = record_call(reading, scope, "construct", callee, arguments, start, end)
    record_binding(reading, scope, target, "=", value, type, start, end)


# --- Objects that look like functions, and functions that look like objects ---


def _declares_parameters(value: Node) -> bool:
    """``Job Make(std::optional<Name> name = {});`` is an object to the grammar, which is given a
    comparison: with braces at its end, that is none."""
    return value.type == "argument_list" and any(map(_is_parameter, value.named_children))


def _is_parameter(node: Node) -> bool:
    for kind in ("binary_expression", "assignment_expression"):
        right = node.child_by_field_name("right") if node.type == kind else None
        if right is None:
            return False
        node = right
    return node.type == "initializer_list"


def _function_or_object(reading: Reading, node: Node, found: Declared, scope: Scope) -> None:
    """``Handle h(CreateEvent(nullptr, FALSE));`` is a prototype to the grammar: a function whose
    parameter is a function. It is never meant so; neither is ``Lock l(mutex);`` in a function."""
    parameters = _parameters_as_arguments(reading, node, found, scope)
    if not parameters:
        add_function(reading, node, found, scope, "prototype")
        return
    arguments = tuple(Argument("", _argument(reading, p, scope)) for p in parameters)
    _declare(reading, node, found, type_of(reading, node), scope)
    _construct(reading, node, found, arguments, scope, node.end_byte)


def _guarded_call(reading: Reading, node: Node, found: Declared, scope: Scope) -> None:
    """``ready && Stop();`` in a function: the grammar takes it for a Stop that returns ready&&."""
    written = node.child_by_field_name("type")
    listed = None if found.function is None else found.function.child_by_field_name("parameters")
    if written is None or listed is None:
        return
    condition = Name(type_of(reading, node), written.start_byte, written.end_byte)
    start, end = found.name.start_byte, node.end_byte
    inside = in_branch(reading, scope, condition, start, end, holds=True)
    callee = Name(name_of(reading, found.name), start, found.name.end_byte)
    parameters = listed.named_children
    if all(_may_be_argument(p, 0) for p in parameters):
        arguments = tuple(Argument("", _argument(reading, p, inside)) for p in parameters)
        record_call(reading, inside, "call", callee, arguments, start, listed.end_byte)


def _parameters_as_arguments(
    reading: Reading, node: Node, found: Declared, scope: Scope
) -> list[Node]:
    """The parameters if all can be read as arguments and that is what they are, else nothing."""
    if not reading.cplusplus or scope.in_class or found.function is None:
        return []
    written = node.child_by_field_name("type")
    listed = found.function.child_by_field_name("parameters")
    if written is None or listed is None:
        return []
    parameters = listed.named_children
    if written.type not in _NAMED_TYPES or found.name.type != "identifier":
        return []
    if not all(_may_be_argument(p, 0) for p in parameters):
        return []
    calls = any(p.child_by_field_name("declarator") is not None for p in parameters)
    return parameters if calls or scope.function else []


def _may_be_argument(node: Node, depth: int) -> bool:
    """True for a parameter that is only a name, or a name with such parameters in brackets."""
    if depth > _MAXIMUM_DEPTH or node.type != "parameter_declaration":
        return False
    written = node.child_by_field_name("type")
    if written is None or written.type not in _NAMED_TYPES:
        return False
    declarator = node.child_by_field_name("declarator")
    if declarator is None:
        return node.named_child_count == 1
    listed = declarator.child_by_field_name("parameters")
    if declarator.type != "abstract_function_declarator" or listed is None:
        return False
    return all(_may_be_argument(child, depth + 1) for child in listed.named_children)


def _argument(reading: Reading, node: Node, scope: Scope) -> Expr:
    """The expression that a parameter really is."""
    written, declarator = node.child_by_field_name("type"), node.child_by_field_name("declarator")
    named = written or node
    text = name_of(reading, named)
    start, end = named.start_byte, named.end_byte
    callee = Null(start, end) if text in ("nullptr", "NULL") else Name(text, start, end)
    listed = None if declarator is None else declarator.child_by_field_name("parameters")
    if listed is None:
        return callee
    arguments = tuple(Argument("", _argument(reading, c, scope)) for c in listed.named_children)
    return record_call(reading, scope, "call", callee, arguments, start, node.end_byte)
