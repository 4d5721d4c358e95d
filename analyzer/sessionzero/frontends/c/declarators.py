"""Declarators of C and C++: the name, type and parameters that a declaration declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionzero.facts import Expr, Parameter
from sessionzero.frontends.c.reading import Reading, last_of, name_of

if TYPE_CHECKING:
    from tree_sitter import Node

CLASSES = frozenset(("class_specifier", "struct_specifier", "union_specifier"))

_MAXIMUM_DEPTH = 60
_WRAPPERS = frozenset(
    (
        "pointer_declarator",
        "reference_declarator",
        "array_declarator",
        "parenthesized_declarator",
        "attributed_declarator",
        "function_declarator",
        "init_declarator",
        "variadic_declarator",
        "abstract_function_declarator",
        "pointer_type_declarator",
    )
)
_NAMES = frozenset(
    (
        "identifier",
        "field_identifier",
        "type_identifier",
        "qualified_identifier",
        "template_function",
        "template_method",
        "destructor_name",
        "operator_name",
        "operator_cast",
    )
)


class Declared(Struct, frozen=True):
    """``name`` is the node of the declared name; ``function`` the function_declarator if the name
    is that of a function (not of a pointer to one); ``is_array`` is as it says; ``refers``: it is a
    pointer or a reference."""

    name: Node
    function: Node | None
    is_array: bool
    refers: bool


def declared(node: Node) -> Declared | None:
    """What a declarator declares; None for one without a name, and for what is no declarator."""
    function: Node | None = None
    is_array = refers = False
    for _ in range(_MAXIMUM_DEPTH):
        kind = node.type
        if kind == "identifier":  # as most names are
            return Declared(node, function, is_array, refers)
        if kind == "qualified_identifier":
            # `API_MACRO type *f(…)`: the grammar made up a `::` after the macro.
            inner = node.child_by_field_name("name")
            if inner is not None and inner.type == "pointer_type_declarator":
                node, kind = inner, inner.type
        if kind in _NAMES:
            return Declared(node, function, is_array, refers)
        if kind not in _WRAPPERS:
            return None
        if kind == "function_declarator":
            function = node
        elif kind in ("pointer_declarator", "reference_declarator"):
            refers = True
            if kind == "pointer_declarator":
                function = None  # the name is that of a pointer to a function
        elif kind == "array_declarator":
            is_array = True
        # Without a field it is the last child: a calling convention may stand before it.
        inner = node.child_by_field_name("declarator") or last_of(node)
        if inner is None:
            return None
        node = inner
    return None


def type_of(reading: Reading, node: Node) -> str:
    """The type that a declaration names, without qualifiers and ``*``; empty if there is none."""
    written = node.child_by_field_name("type")
    if written is None:
        return ""
    if written.named_child_count and written.type.endswith("_specifier"):
        written = written.child_by_field_name("name") or written
        if written.child_by_field_name("body") is not None:
            return ""
    return name_of(reading, written)


def parameters_of(
    reading: Reading, declarator: Node | None, default: Callable[[Node], Expr]
) -> tuple[Parameter, ...]:
    """The parameters of a function_declarator; ``default`` gives the value of a default."""
    listed = None if declarator is None else declarator.child_by_field_name("parameters")
    if listed is None:
        return ()
    found = [_parameter(reading, child, default) for child in listed.named_children]
    parameters = tuple(parameter for parameter in found if parameter is not None)
    if len(parameters) == 1 and parameters[0].type == "void" and not parameters[0].name:
        # `(void)`; a `void *` without a name is told from it by its declarator.
        only = listed.named_children[0]
        return () if only.child_by_field_name("declarator") is None else parameters
    return parameters


def _parameter(reading: Reading, node: Node, default: Callable[[Node], Expr]) -> Parameter | None:
    kind = node.type
    if kind == "identifier":  # of a K&R function; its type follows after the brackets
        return Parameter(name_of(reading, node), "", None)
    if not kind.endswith("parameter_declaration"):
        return None
    declarator = node.child_by_field_name("declarator")
    found = None if declarator is None else declared(declarator)
    named = found is not None and found.name.type == "identifier"
    name = name_of(reading, found.name) if found is not None and named else ""
    optional = kind == "optional_parameter_declaration"
    value = node.child_by_field_name("default_value") if optional else None
    return Parameter(name, type_of(reading, node), None if value is None else default(value))
