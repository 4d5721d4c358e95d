"""Calls, constructions, initialiser lists and lambdas of C and C++."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionzero.facts import (
    Argument,
    Cast,
    Expr,
    Function,
    Item,
    Lambda,
    Member,
    Name,
    Sequence,
    Unknown,
)
from sessionzero.frontends.c.casts import CASTS, class_cast_to
from sessionzero.frontends.c.declarators import parameters_of
from sessionzero.frontends.c.expressions import (
    expression,
    first_operand,
    joined,
    undescribed,
    with_errors,
)
from sessionzero.frontends.c.reading import (
    ERROR,
    Builder,
    Reading,
    Scope,
    first_of,
    name_of,
    record_call,
    text_of,
    walk_block,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_TABLE_HEAD = 8  # a longer initialiser that begins with so many numbers is a table of data


def _call(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    if node.named_child_count != 2:
        return undescribed(reading, node, scope)
    function, listed = node.named_children
    plain = function.kind_id in reading.identifiers
    if not plain and _is_cast(reading, function, listed):
        return first_operand(reading, listed, scope, depth)
    callee = expression(reading, function, scope, depth + 1)
    if not plain and isinstance(callee, Member):
        callee = _with_cast(reading, function, callee)
    arguments = arguments_of(reading, listed, scope, depth)
    return record_call(reading, scope, "call", callee, arguments, node.start_byte, node.end_byte)


def _with_cast(reading: Reading, function: Node, callee: Member) -> Member:
    """``((Worker *)context)->run`` with what its object is cast to."""
    object = function.named_children[0]
    written = class_cast_to(reading, object)
    if not written:
        return callee
    cast = Cast(written, callee.object, object.start_byte, object.end_byte)
    return Member(cast, callee.name, callee.start, callee.end)


def _is_cast(reading: Reading, function: Node, arguments: Node) -> bool:
    """True for ``static_cast<T>(x)``, ``int(x)``, and ``(T)(x)`` where T looks like a type."""
    if arguments.named_child_count != 1:
        return False
    kind = function.type
    if kind == "template_function":
        name = function.child_by_field_name("name")
        return name is not None and text_of(reading, name) in CASTS
    if kind == "parenthesized_expression":
        name = first_of(function)
        if name is None or name.type != "identifier":
            return False
        word = text_of(reading, name)
        return word.isupper() or word.endswith("_t")
    return kind == "primitive_type"


def arguments_of(reading: Reading, listed: Node, scope: Scope, depth: int) -> tuple[Argument, ...]:
    """The arguments between the brackets of a call or an initialiser."""
    children = listed.named_children
    if not children:
        return ()
    if listed.has_error and any(child.kind_id == ERROR for child in children):
        groups = _comma_groups(listed)
        return tuple(Argument("", joined(reading, g, scope, depth)) for g in groups if g)
    return tuple([Argument("", expression(reading, c, scope, depth + 1)) for c in children])


def _comma_groups(listed: Node) -> list[list[Node]]:
    groups: list[list[Node]] = [[]]
    for child in listed.children:
        if child.type == ",":
            groups.append([])
        elif child.is_named:
            groups[-1] += with_errors([child])
    return groups


def _new(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    written, listed = node.child_by_field_name("type"), node.child_by_field_name("arguments")
    if written is None:
        return undescribed(reading, node, scope)
    callee = Name(name_of(reading, written), written.start_byte, written.end_byte)
    arguments = () if listed is None else arguments_of(reading, listed, scope, depth)
    start, end = node.start_byte, node.end_byte
    return record_call(reading, scope, "construct", callee, arguments, start, end)


def _compound_literal(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    """C's ``(T){…}`` is a list; C++'s ``T{…}`` constructs."""
    written, listed = node.child_by_field_name("type"), node.child_by_field_name("value")
    if listed is None or written is None:
        return undescribed(reading, node, scope)
    if written.type == "type_descriptor":
        return _sequence(reading, listed, scope, depth)
    callee = Name(name_of(reading, written), written.start_byte, written.end_byte)
    arguments = arguments_of(reading, listed, scope, depth)
    start, end = node.start_byte, node.end_byte
    return record_call(reading, scope, "construct", callee, arguments, start, end)


def _sequence(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    if _is_data(node):
        return Unknown(node.start_byte, node.end_byte)
    items = tuple([_item(reading, child, scope, depth) for child in node.named_children])
    return Sequence(items, node.start_byte, node.end_byte)


def _is_data(node: Node) -> bool:
    """True for a table of numbers, of which no structure of Windows that matters is made."""
    if node.named_child_count <= _TABLE_HEAD:
        return False
    head = (node.named_child(i) for i in range(_TABLE_HEAD))
    return all(child is not None and child.type == "number_literal" for child in head)


def _item(reading: Reading, node: Node, scope: Scope, depth: int) -> Item:
    value = node.child_by_field_name("value") if node.type == "initializer_pair" else None
    if value is None:
        return Item("", expression(reading, node, scope, depth + 1))
    fields = [c for c in node.children_by_field_name("designator") if c.type == "field_designator"]
    name = ".".join(text_of(reading, c).strip(". \t\r\n") for c in fields)
    return Item(name, expression(reading, value, scope, depth + 1))


def _lambda(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    body, declarator = node.child_by_field_name("body"), node.child_by_field_name("declarator")
    start, end = node.start_byte, node.end_byte
    parameters = parameters_of(
        reading, declarator, lambda value: expression(reading, value, scope, depth + 1)
    )
    reading.functions.append(
        Function(
            "",
            scope.owner,
            scope.function,
            "lambda",
            parameters,
            "",
            (),
            (),
            start,
            start,
            start,
            end,
        )
    )
    index = len(reading.functions) - 1
    if body is not None:
        # What guards the place of a lambda doesn't guard the moment when it runs.
        walk_block(reading, body, Scope(index, -1, scope.owner, in_class=False))
    return Lambda(index, start, end)


BUILDERS: dict[str, Builder] = {
    "call_expression": _call,
    "new_expression": _new,
    "compound_literal_expression": _compound_literal,
    "initializer_list": _sequence,
    "lambda_expression": _lambda,
}
"""What describes these kinds of nodes, in both grammars."""
