"""Classes, structs, enumerations and namespaces of C and C++."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionzero.facts import Class, Expr, Member, Name, Number, Operation, Parameter, TypeName
from sessionzero.frontends.c.declarators import CLASSES, declared, type_of
from sessionzero.frontends.c.expressions import expression
from sessionzero.frontends.c.functions import add_function, plain_name, qualified
from sessionzero.frontends.c.reading import (
    Action,
    Reading,
    Scope,
    first_of,
    name_of,
    record_binding,
    text_of,
    walk_block,
)
from sessionzero.frontends.c.variables import walk_type

if TYPE_CHECKING:
    from tree_sitter import Node


def namespace_action(reading: Reading, node: Node, scope: Scope) -> None:
    """``namespace a::b {…}``; what is in an unnamed one belongs to the namespace around it."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if body is not None:
        inner = "" if name is None else name_of(reading, name)
        walk_block(reading, body, replace(scope, owner=qualified(scope.owner, inner)))


def class_action(reading: Reading, node: Node, scope: Scope) -> None:
    """A class, struct or union with a body."""
    _add_class(reading, node, scope, [])


def typedef_action(reading: Reading, node: Node, scope: Scope) -> None:
    """``typedef struct _A {…} A, *PA;`` defines the class A as well as _A; PA is another name."""
    written = node.child_by_field_name("type")
    if written is None:
        return
    names, pointers = _declared_types(reading, node)
    if written.child_by_field_name("body") is None:
        if written.type not in _PRIMITIVE:
            _add_type_names(reading, [*names, *pointers], type_of(reading, node), node)
    elif written.type == "enum_specifier":
        enum_action(reading, written, scope)
    elif written.type in CLASSES:
        tag = written.child_by_field_name("name")
        known = [*names, *([] if tag is None else [name_of(reading, tag)])]
        _add_type_names(reading, pointers if known else [], "".join(known[:1]), node)
        _add_class(reading, written, scope, names)


_PRIMITIVE = ("primitive_type", "sized_type_specifier")


def _declared_types(reading: Reading, node: Node) -> tuple[list[str], list[str]]:
    """The names that a typedef declares for a type itself, and for pointers to it."""
    names: list[str] = []
    pointers: list[str] = []
    for declarator in node.children_by_field_name("declarator"):
        if declarator.type == "type_identifier":
            names.append(name_of(reading, declarator))
        elif declarator.type == "pointer_declarator":
            inner = declarator.child_by_field_name("declarator")
            if inner is not None and inner.type == "type_identifier":
                pointers.append(name_of(reading, inner))
    return names, pointers


def _add_type_names(reading: Reading, names: list[str], meant: str, node: Node) -> None:
    parameters = tuple(_parameters(reading, node))
    for name in names:
        if meant and name != meant:
            reading.type_names.append(TypeName(name, meant, node.start_byte, parameters))


def using_action(reading: Reading, node: Node, _scope: Scope) -> None:
    """``using Jobs = std::vector<Job>;``"""
    name, written = node.child_by_field_name("name"), node.child_by_field_name("type")
    if name is not None and written is not None and "(" not in text_of(reading, written):
        _add_type_names(reading, [name_of(reading, name)], name_of(reading, written), node)


def _add_class(reading: Reading, node: Node, scope: Scope, aliases: list[str]) -> None:
    body = node.child_by_field_name("body")
    if body is None:
        return
    tag = node.child_by_field_name("name")
    written = [plain_name(name_of(reading, tag))] if tag is not None else []
    names = list(dict.fromkeys(written + aliases)) or [""]
    fields = tuple(_fields(reading, body))
    bases, parameters = tuple(_bases(reading, node)), tuple(_parameters(reading, node))
    start, end = node.start_byte, node.end_byte
    for name in names:
        outer, _, simple = name.rpartition("::")
        owner = qualified(scope.owner, outer)
        reading.classes.append(Class(simple, owner, bases, fields, start, end, parameters))
    inside = Scope(scope.function, -1, qualified(scope.owner, names[0]), in_class=True)
    walk_block(reading, body, inside)


def _bases(reading: Reading, node: Node) -> list[Expr]:
    bases: list[Expr] = []
    for clause in node.named_children:
        if clause.type == "base_class_clause":
            bases += [
                Name(name_of(reading, base), base.start_byte, base.end_byte)
                for base in clause.named_children
                if base.type in ("type_identifier", "qualified_identifier", "template_type")
            ]
    return bases


def _parameters(reading: Reading, node: Node) -> list[str]:
    """``T`` and ``U`` of ``template <class T, typename U = int, int n> class …``."""
    outer = node.parent
    listed = outer.child_by_field_name("parameters") if outer is not None else None
    if outer is None or outer.type != "template_declaration" or listed is None:
        return []
    return [
        name_of(reading, name)
        for parameter in listed.named_children
        if parameter.type.endswith("type_parameter_declaration")
        and (name := first_of(parameter)) is not None
        and name.type == "type_identifier"
    ]


def _fields(reading: Reading, body: Node) -> list[Parameter]:
    fields: list[Parameter] = []
    for child in body.named_children:
        if child.type == "field_declaration":
            for declarator in child.children_by_field_name("declarator"):
                found = declared(declarator)
                if found is not None and found.function is None:
                    name = name_of(reading, found.name)
                    fields.append(Parameter(name, type_of(reading, child), None, found.refers))
    return fields


def field_action(reading: Reading, node: Node, scope: Scope) -> None:
    """A declaration in a class body: methods are prototypes, initial values bindings."""
    written_type = node.child_by_field_name("type")
    if written_type is not None and written_type.named_child_count:
        walk_type(reading, written_type, scope)
    for declarator in node.children_by_field_name("declarator"):
        found = declared(declarator)
        if found is None:
            continue
        value = node.child_by_field_name("default_value")
        if found.function is not None:
            # The braces of `void f() {};` are no initial value.
            has_body = value is not None and value.type == "initializer_list"
            add_function(reading, node, found, scope, "function" if has_body else "prototype")
            continue
        if value is not None:
            start, end = found.name.start_byte, found.name.end_byte
            owner = Name(scope.owner.rpartition("::")[2], start, start)
            target = Member(owner, name_of(reading, found.name), start, end)
            result = expression(reading, value, scope)
            written = type_of(reading, node)
            record_binding(reading, scope, target, ":", result, written, start, value.end_byte)


def enum_action(reading: Reading, node: Node, scope: Scope) -> None:
    """The enumerators; one without a value is one more than the one before it."""
    body, tag = node.child_by_field_name("body"), node.child_by_field_name("name")
    written = "" if tag is None else name_of(reading, tag)
    previous: Name | None = None
    for child in [] if body is None else body.named_children:
        name = child.child_by_field_name("name") if child.type == "enumerator" else None
        if name is None:
            continue
        start, end = child.start_byte, child.end_byte
        target = Name(name_of(reading, name), name.start_byte, name.end_byte)
        value = child.child_by_field_name("value")
        result: Expr
        if value is not None:
            result = expression(reading, value, scope)
        elif previous is None:
            result = Number(0, start, end)
        else:
            result = Operation("+", (previous, Number(1, start, end)), start, end)
        record_binding(reading, scope, target, "enum", result, written, start, end)
        previous = target


ACTIONS: dict[str, Action] = {
    "namespace_definition": namespace_action,
    "class_specifier": class_action,
    "struct_specifier": class_action,
    "union_specifier": class_action,
    "type_definition": typedef_action,
    "alias_declaration": using_action,
    "field_declaration": field_action,
    "enum_specifier": enum_action,
}
"""What is done at each kind of type."""
