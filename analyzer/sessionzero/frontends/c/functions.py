"""Functions, methods, constructors and prototypes of C and C++."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from sessionzero.facts import (
    Argument,
    Expr,
    Function,
    FunctionKind,
    Item,
    Name,
    Parameter,
    Sequence,
)
from sessionzero.frontends.c.calls import arguments_of
from sessionzero.frontends.c.declarators import CLASSES, Declared, declared, parameters_of, type_of
from sessionzero.frontends.c.expressions import expression
from sessionzero.frontends.c.heads import lost_function, macro_head_name
from sessionzero.frontends.c.reading import (
    Reading,
    Scope,
    name_of,
    record_binding,
    record_call,
    walk_block,
    walk_later,
)

if TYPE_CHECKING:
    from tree_sitter import Node


def qualified(owner: str, name: str) -> str:
    """A name inside a class or namespace."""
    return f"{owner}::{name}" if owner and name else owner or name


def function_action(reading: Reading, node: Node, scope: Scope) -> None:
    """A function_definition; what is only shaped like one (a macro before a block) is walked."""
    declarator = node.child_by_field_name("declarator")
    found = None if declarator is None else declared(declarator)
    if found is None or not _is_function(node, found, scope):
        _not_a_function(reading, node, found, scope)
        return
    index = add_function(reading, node, found, scope, "function")
    body = node.child_by_field_name("body")
    inside = Scope(index, -1, reading.functions[index].owner, in_class=False)
    if body is not None:
        walk_block(reading, body, inside)
    for child in node.named_children:
        if child.type == "field_initializer_list":
            _initialise_fields(reading, child, inside)
        elif body is None and child.type == "try_statement":  # with initialisers in it
            walk_later(reading, [child], inside)


def _is_function(node: Node, found: Declared, scope: Scope) -> bool:
    """Only what has parameters is a function, and no function stands in another one's body:
    ``foreach (…) {…}`` looks like one. (At the left margin the outer one's end was missed.)"""
    if found.function is None and _innermost(found.name).type != "operator_cast":
        return False
    if not scope.function or scope.in_class:
        return True
    if found.name.type == "qualified_identifier":
        return True
    return node.child_by_field_name("type") is not None and node.start_point.column == 0


def block_action(reading: Reading, node: Node, scope: Scope) -> None:
    """A block; at file scope, the body of a function whose head was not understood."""
    if scope.function or not lost_function(reading, node, scope):
        walk_block(reading, node, scope)


def _not_a_function(reading: Reading, node: Node, found: Declared | None, scope: Scope) -> None:
    written, body = node.child_by_field_name("type"), node.child_by_field_name("body")
    if (
        body is not None
        and body.type == "compound_statement"
        and (not scope.function or scope.in_class)
        and lost_function(reading, body, scope)
    ):
        return
    if found is not None and written is not None and written.type in CLASSES:
        # `class UNKNOWN_MACRO Foo … {`: the body is that of a class.
        owner = qualified(scope.owner, name_of(reading, found.name))
        scope = Scope(scope.function, scope.branch, owner, in_class=True)
    walk_block(reading, node, scope)


def add_function(
    reading: Reading, node: Node, found: Declared, scope: Scope, kind: FunctionKind
) -> int:
    """Record a definition or prototype; gives its index."""
    name = _innermost(found.name)
    simple = name_of(reading, name)
    if name.type == "operator_cast":
        simple = simple.partition("(")[0]  # the node has the brackets too
    outer = reading.latin[found.name.start_byte : name.start_byte]
    if "::" not in outer:
        outer = ""  # what stands there is an unknown macro, and the `::` was invented
    parameters = parameters_of(
        reading, found.function, lambda value: expression(reading, value, scope)
    )
    if kind == "function" and simple.isupper() and not scope.in_class and found.name is name:
        simple, parameters = _of_macro(reading, node, simple, parameters)
    reading.functions.append(
        Function(
            simple,
            qualified(scope.owner, plain_name(outer)),
            scope.function,
            kind,
            _with_old_types(reading, node, parameters),
            type_of(reading, node),
            _traits(reading, node, found, name.start_byte),
            (),
            name.start_byte,
            name.end_byte,
            node.start_byte,
            node.end_byte,
        )
    )
    return len(reading.functions) - 1


def _of_macro(
    reading: Reading, node: Node, name: str, parameters: tuple[Parameter, ...]
) -> tuple[str, tuple[Parameter, ...]]:
    """``THREAD_FUNCTION(run) {…}``: what looks like parameters are the arguments of a macro."""
    if node.child_by_field_name("type") is not None:
        return name, parameters
    return macro_head_name(reading, name, tuple(p.name or p.type for p in parameters)), ()


def _innermost(name: Node) -> Node:
    """The last part of a qualified name."""
    while name.type == "qualified_identifier":
        inner = name.child_by_field_name("name")
        if inner is None:
            break
        name = inner
    return name


def plain_name(owner: str) -> str:
    """A class name without its template arguments and without a leading ``::``."""
    if "<" not in owner:
        return owner.replace(" ", "").strip(":")
    parts: list[str] = []
    depth = 0
    for character in owner:
        depth += character == "<"
        if not depth:
            parts.append(character)
        depth -= character == ">"
    return "".join(parts).replace(" ", "").strip(":")


def _with_old_types(
    reading: Reading, node: Node, parameters: tuple[Parameter, ...]
) -> tuple[Parameter, ...]:
    """The parameters of a K&R function have their types after the brackets."""
    if not any(p.name and not p.type for p in parameters):
        return parameters
    types: dict[str, str] = {}
    for child in node.named_children:
        if child.type == "declaration":
            for declarator in child.children_by_field_name("declarator"):
                found = declared(declarator)
                if found is not None:
                    types[name_of(reading, found.name)] = type_of(reading, child)
    return tuple(Parameter(p.name, p.type or types.get(p.name, ""), p.default) for p in parameters)


def _traits(reading: Reading, node: Node, found: Declared, name_start: int) -> tuple[str, ...]:
    head = reading.latin[node.start_byte : name_start]
    traits: list[str] = [
        word for word in ("static", "virtual") if word in head and word in head.split()
    ]
    if found.function is not None:
        tail = reading.latin[found.name.end_byte : found.function.end_byte].rpartition(")")[2]
        if "override" in tail and "override" in tail.split():
            traits.append("override")
    place = bisect_left(reading.exports, node.start_byte)
    if place < len(reading.exports) and reading.exports[place] <= name_start:
        traits.append("exported")
    return tuple(traits)


def _initialise_fields(reading: Reading, node: Node, scope: Scope) -> None:
    """``: Base(1), m_event(CreateEvent(…))`` after the head of a constructor.

    A field is recorded as a construction and as a value: its type, and whether a capitalised name
    is a base or a field, may stand in another file, and only one of them is ever looked up.
    """
    bases = _bases_of(reading, scope.owner)
    for child in node.named_children:
        if child.named_child_count < 2:
            continue
        name, listed = child.named_children[:2]
        arguments = arguments_of(reading, listed, scope, 0)
        target = Name(name_of(reading, name), name.start_byte, name.end_byte)
        start, end = child.start_byte, child.end_byte
        record_call(reading, scope, "construct", target, arguments, start, end)
        if name.type == "field_identifier" and target.name not in bases and arguments:
            value = _only(arguments, listed)
            record_binding(reading, scope, target, "=", value, "", start, end)


def _bases_of(reading: Reading, owner: str) -> frozenset[str]:
    """The simple names of the bases of a class that this file has shown so far."""
    simple = owner.rpartition("::")[2]
    return frozenset(
        plain_name(base.name).rpartition("::")[2]
        for known in reading.classes
        if known.name == simple
        for base in known.bases
        if isinstance(base, Name)
    )


def _only(arguments: tuple[Argument, ...], node: Node) -> Expr:
    """One argument as itself, several as a list."""
    if len(arguments) == 1:
        return arguments[0].value
    items = tuple(Item("", argument.value) for argument in arguments)
    return Sequence(items, node.start_byte, node.end_byte)
