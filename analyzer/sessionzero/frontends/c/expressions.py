"""Expressions of C and C++: syntax nodes in, facts.Expr out; the calls inside become facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionzero.c_numbers import number
from sessionzero.facts import (
    Choice,
    Expr,
    Index,
    Join,
    Member,
    Name,
    Null,
    Number,
    Operation,
    Text,
    Unknown,
)
from sessionzero.frontends.c.literals import character, string
from sessionzero.frontends.c.reading import (
    ERROR,
    Builder,
    Reading,
    Scope,
    first_of,
    in_branch,
    name_of,
    record_binding,
    text_of,
    walk_block,
    walk_later,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_MAXIMUM_DEPTH = 60


def expression(reading: Reading, node: Node, scope: Scope, depth: int = 0) -> Expr:
    """The value of an expression. Below a depth that no person writes it is Unknown, but its calls
    are still found."""
    kind = node.kind_id
    if kind in reading.identifiers:  # nearly half of all expressions: kept out of the table
        start, end = node.start_byte, node.end_byte
        name = reading.latin[start:end]
        return Name(name if name.isascii() else text_of(reading, node), start, end)
    builder = reading.builders.get(kind)
    if builder is None:
        return undescribed(reading, node, scope)
    if depth > _MAXIMUM_DEPTH:
        reading.too_deep = reading.too_deep or node
        walk_later(reading, [node], scope)
        return Unknown(node.start_byte, node.end_byte)
    return builder(reading, node, scope, depth)


def undescribed(reading: Reading, node: Node, scope: Scope) -> Expr:
    """Unknown, for an expression of no known form; its parts are walked for their calls."""
    if node.kind_id not in reading.leaves and node.named_child_count:
        walk_block(reading, node, scope)
    return Unknown(node.start_byte, node.end_byte)


def _unknown(_reading: Reading, node: Node, _scope: Scope, _depth: int) -> Expr:
    """For what holds no call that runs: ``sizeof``, types."""
    return Unknown(node.start_byte, node.end_byte)


# --- Names and literals ---


def _name(reading: Reading, node: Node, _scope: Scope, _depth: int) -> Expr:
    return Name(name_of(reading, node), node.start_byte, node.end_byte)


def _boolean(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    # The grammars also take TRUE and FALSE for literals; to us they are macros.
    if text_of(reading, node) in ("true", "false"):
        value = int(text_of(reading, node) == "true")
        return Number(value, node.start_byte, node.end_byte)
    return _name(reading, node, scope, depth)


def _null(_reading: Reading, node: Node, _scope: Scope, _depth: int) -> Expr:
    return Null(node.start_byte, node.end_byte)


def _number(reading: Reading, node: Node, _scope: Scope, _depth: int) -> Expr:
    start, end = node.start_byte, node.end_byte
    raw = reading.latin[start:end]
    value = number(raw)
    sign = 1
    if value is None:  # nor is it one with its sign, which the C grammar takes into the literal
        raw = text_of(reading, node)
        sign = -1 if raw.startswith("-") else 1
        value = number(raw.lstrip("+-"))
    return Unknown(start, end) if value is None else Number(sign * value, start, end)


def _character(reading: Reading, node: Node, _scope: Scope, _depth: int) -> Expr:
    raw = text_of(reading, node)
    value = character(raw)
    start, end = node.start_byte, node.end_byte
    single = not raw.startswith("'") or (value is not None and value < 0x100)  # not 'abcd'
    return Unknown(start, end) if value is None else Number(value, start, end, single)


def _string(reading: Reading, node: Node, _scope: Scope, _depth: int) -> Expr:
    raw = text_of(reading, node)
    return Text(string(raw), raw, node.start_byte, node.end_byte)


def first_operand(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    """The value of a node that only wraps another one."""
    inner = first_of(node)
    if inner is None:
        return Unknown(node.start_byte, node.end_byte)
    return expression(reading, inner, scope, depth + 1)


def _adjacent(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    return joined(reading, with_errors(node.named_children), scope, depth)


def with_errors(nodes: list[Node]) -> list[Node]:
    """The nodes, with what stands in ERROR nodes between them: the C++ grammar doesn't expect a
    macro between two literals."""
    flat: list[Node] = []
    for node in nodes:
        if node.kind_id == ERROR:
            flat += node.named_children
        else:
            flat.append(node)
    return flat


def joined(reading: Reading, nodes: list[Node], scope: Scope, depth: int) -> Expr:
    """Adjacent operands as one string; a single one as itself."""
    parts = tuple(expression(reading, node, scope, depth + 1) for node in nodes)
    if len(parts) == 1:
        return parts[0]
    return Join(parts, nodes[0].start_byte, nodes[-1].end_byte)


# --- Operators ---


def _parenthesized(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    kind = node.kind_id
    inner: Node | None = node
    while inner is not None and inner.kind_id == kind:
        node, inner = inner, first_of(inner)
    if inner is None or inner.kind_id == ERROR:
        return undescribed(reading, node, scope)
    return expression(reading, inner, scope, depth + 1)


def _member(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    if node.named_child_count != 2:
        return undescribed(reading, node, scope)
    object, field = node.named_children
    name = name_of(reading, field)
    if not name.isidentifier():
        name = name.removeprefix("template ").partition("<")[0]
    inner = expression(reading, object, scope, depth + 1)
    return Member(inner, name, node.start_byte, node.end_byte)


def _index(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    if node.named_child_count != 2:
        return undescribed(reading, node, scope)
    object, index = node.named_children
    inner = expression(reading, object, scope, depth + 1)
    key = expression(reading, index, scope, depth + 1)
    return Index(inner, key, node.start_byte, node.end_byte)


def _unary(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    children = node.children
    if len(children) < 2:
        return undescribed(reading, node, scope)
    sign, operand = children[0], children[-1]  # between them may be an ERROR
    inner = expression(reading, operand, scope, depth + 1)
    if sign.type == "+":
        return inner
    return Operation(sign.type, (inner,), node.start_byte, node.end_byte)


# Types that casts of signed numbers and addresses name; the grammar reads ``(HWND)-3`` as a
# subtraction, and ``(LPBYTE)&data`` as bits.
_CAST_TO = frozenset(
    (
        *("LPBYTE", "PBYTE", "LPVOID", "PVOID", "LPDWORD", "PDWORD", "WPARAM", "PCHAR", "PWCHAR"),
        *("LPSTR", "LPWSTR", "LPTSTR", "LPCSTR", "LPCWSTR", "LPCTSTR"),
        *("HWND", "HANDLE", "HKEY", "HINSTANCE", "LPARAM", "INT_PTR", "LONG_PTR"),
        *("DWORD", "UINT", "ULONG", "LONG", "DWORD_PTR", "UINT_PTR", "ULONG_PTR", "SIZE_T"),
        *("uint32_t", "uint64_t", "uintptr_t", "size_t"),
    )
)


def _binary(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    children = node.children
    if len(children) != 3:
        return undescribed(reading, node, scope)
    left, sign, right = children
    operator = sign.type
    start, end = node.start_byte, node.end_byte
    first = expression(reading, left, scope, depth + 1)
    if operator in ("&&", "||"):
        second = _guarded(reading, right, scope, first, depth, holds=operator == "&&")
        return Operation(operator, (first, second), start, end)
    second = expression(reading, right, scope, depth + 1)
    if isinstance(first, Name) and first.name in _CAST_TO and left.type[:1] == "p":
        return Operation(operator, (second,), start, end)  # a cast: (HWND)-3
    if operator == "+" and reading.source[sign.start_byte] != 43:
        # The pre-pass wrote this sign between adjacent literals.
        parts = first.parts if isinstance(first, Join) else (first,)
        return Join(
            (*parts, *(second.parts if isinstance(second, Join) else (second,))), start, end
        )
    return Operation(operator, (first, second), start, end)


def _guarded(
    reading: Reading, node: Node, scope: Scope, condition: Expr, depth: int, *, holds: bool
) -> Expr:
    """An operand that is only evaluated under a condition; no branch if nothing happens in it."""
    if node.kind_id in reading.leaves:
        return expression(reading, node, scope, depth + 1)
    before = _happened(reading)
    inside = in_branch(reading, scope, condition, node.start_byte, node.end_byte, holds=holds)
    result = expression(reading, node, inside, depth + 1)
    if _happened(reading) == before and inside.branch == len(reading.branches) - 1:
        reading.branches.pop()
    return result


def _happened(reading: Reading) -> tuple[int, int, int]:
    return len(reading.calls), len(reading.bindings), len(reading.stack)


def _choice(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    condition = node.child_by_field_name("condition")
    yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    if condition is None or no is None:
        return undescribed(reading, node, scope)
    test = expression(reading, condition, scope, depth + 1)
    first = test if yes is None else _guarded(reading, yes, scope, test, depth, holds=True)
    second = _guarded(reading, no, scope, test, depth, holds=False)
    return Choice(test, first, second, node.start_byte, node.end_byte)


def _assignment(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    """Records the binding; the value of an assignment is what was assigned."""
    children = node.children
    if len(children) != 3:
        return undescribed(reading, node, scope)
    left, sign, right = children
    target = expression(reading, left, scope, depth + 1)
    value = expression(reading, right, scope, depth + 1)
    if not isinstance(value, Unknown) or not isinstance(target, Index | Unknown):
        start, end = node.start_byte, node.end_byte
        record_binding(reading, scope, target, sign.type, value, "", start, end)
    return value


def _update(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    """``count++`` writes to a variable, as ``count += 1`` does."""
    operand = node.child_by_field_name("argument")
    if operand is None or operand.kind_id not in reading.identifiers:
        return undescribed(reading, node, scope)
    target = expression(reading, operand, scope, depth + 1)
    start, end = node.start_byte, node.end_byte
    operator = "+=" if reading.source[start] == 43 or reading.source[end - 1] == 43 else "-="
    record_binding(reading, scope, target, operator, Number(1, start, end), "", start, end)
    return Unknown(start, end)


def _comma(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    comma, last = node.kind_id, node
    while last.kind_id == comma:  # nested in the right one: a macro may list thousands of numbers
        left, right = last.child_by_field_name("left"), last.child_by_field_name("right")
        if left is None or right is None:
            return undescribed(reading, last, scope)
        expression(reading, left, scope, depth + 1)
        last = right
    return expression(reading, last, scope, depth + 1)


def _cast(reading: Reading, node: Node, scope: Scope, depth: int) -> Expr:
    value = node.child_by_field_name("value")
    if value is None:
        return undescribed(reading, node, scope)
    return expression(reading, value, scope, depth + 1)


BUILDERS: dict[str, Builder] = {
    "field_identifier": _name,
    "type_identifier": _name,
    "primitive_type": _name,
    "qualified_identifier": _name,
    "template_function": _name,
    "template_type": _name,
    "operator_name": _name,
    "this": _name,
    "true": _boolean,
    "false": _boolean,
    "null": _null,
    "number_literal": _number,
    "char_literal": _character,
    "string_literal": _string,
    "raw_string_literal": _string,
    "concatenated_string": _adjacent,
    "user_defined_literal": first_operand,
    "parenthesized_expression": _parenthesized,
    "field_expression": _member,
    "subscript_expression": _index,
    "subscript_argument_list": first_operand,
    "pointer_expression": _unary,
    "unary_expression": _unary,
    "binary_expression": _binary,
    "conditional_expression": _choice,
    "assignment_expression": _assignment,
    "update_expression": _update,
    "comma_expression": _comma,
    "cast_expression": _cast,
    "co_await_expression": first_operand,
    "sizeof_expression": _unknown,
    "alignof_expression": _unknown,
    "offsetof_expression": _unknown,
    "type_descriptor": _unknown,
}
"""What describes each kind of expression node, in both grammars."""
