"""Casts of C++: of which class an object is that a call gets as a mere address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionzero.frontends.c.reading import Reading, first_of, name_of, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

CASTS = frozenset(("static_cast", "const_cast", "reinterpret_cast", "dynamic_cast"))
_REFERRING = ("abstract_pointer_declarator", "abstract_reference_declarator")


def class_cast_to(reading: Reading, node: Node) -> str:
    """``Worker`` for ``(Worker *)context`` and ``static_cast<Worker *>(context)``, in brackets or
    not; empty for all else."""
    if not reading.cplusplus:
        return ""
    inner: Node | None = node
    while inner is not None and inner.type == "parenthesized_expression":
        inner = first_of(inner)
    described = None
    if inner is not None and inner.type == "cast_expression":
        described = inner.child_by_field_name("type")
    elif inner is not None and inner.type == "call_expression":
        described = _given_type(reading, inner)
    declarator = None if described is None else described.child_by_field_name("declarator")
    if described is None or declarator is None or declarator.type not in _REFERRING:
        return ""
    written = described.child_by_field_name("type")
    named = written is not None and written.type not in ("primitive_type", "sized_type_specifier")
    return name_of(reading, written) if written is not None and named else ""


def _given_type(reading: Reading, call: Node) -> Node | None:
    """The type between the angle brackets of a ``static_cast``."""
    function = call.child_by_field_name("function")
    name = function.child_by_field_name("name") if function is not None else None
    if function is None or function.type != "template_function" or name is None:
        return None
    if text_of(reading, name) not in CASTS:
        return None
    listed = function.child_by_field_name("arguments")
    given = None if listed is None else first_of(listed)
    return given if given is not None and given.type == "type_descriptor" else None
