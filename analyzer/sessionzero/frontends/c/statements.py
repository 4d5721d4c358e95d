"""Statements of C and C++ that decide whether others run: branches, early exits, returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionzero.facts import Argument, Declaration, Expr, Name, Operation, Return, Unknown
from sessionzero.frontends.c.declarators import declared, type_of
from sessionzero.frontends.c.expressions import expression
from sessionzero.frontends.c.reading import (
    Action,
    Frame,
    Reading,
    Scope,
    first_of,
    in_branch,
    last_of,
    name_of,
    record_call,
    text_of,
    walk_block,
    walk_later,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_EXITS = frozenset(
    (
        "return_statement",
        "co_return_statement",
        "throw_statement",
        "break_statement",
        "continue_statement",
        "goto_statement",
        "seh_leave_statement",
    )
)
_EXIT_FUNCTIONS = frozenset(
    (
        "exit",
        "_exit",
        "_Exit",
        "quick_exit",
        "abort",
        "terminate",
        "ExitProcess",
        "ExitThread",
    )
)


def expression_action(reading: Reading, node: Node, scope: Scope) -> None:
    """An expression whose value nobody uses."""
    expression(reading, node, scope)


def return_action(reading: Reading, node: Node, scope: Scope) -> None:
    """``return x;``: the value of the function."""
    value = first_of(node)
    if value is not None:
        result = expression(reading, value, scope)
        reading.returns.append(Return(scope.function, scope.branch, result))


def macro_action(reading: Reading, node: Node, scope: Scope) -> None:
    """``LIST(MACRO)`` at the end of a block: the C grammar takes it for a type without variable."""
    outer = node.parent
    if outer is None or outer.type != "compound_statement" or node.named_child_count != 2:
        walk_block(reading, node, scope)
        return
    callee, given = (
        Name(name_of(reading, part), part.start_byte, part.end_byte) for part in node.named_children
    )
    arguments = (Argument("", given),)
    record_call(reading, scope, "call", callee, arguments, node.start_byte, node.end_byte)


def labeled_action(reading: Reading, node: Node, _scope: Scope) -> None:
    """``label: …``: what an early exit ruled out may come back by a jump."""
    frame = reading.stack[-1]
    scope = replace(frame.scope, branch=frame.base)
    reading.stack[-1] = replace(frame, scope=scope)
    walk_block(reading, node, scope)


def handler_action(reading: Reading, node: Node, scope: Scope) -> None:
    """``catch (…) {…}`` and ``__except (…) {…}``: run for a reason that is no expression."""
    start, end = node.start_byte, node.end_byte
    reached = Operation("catch", (), start, start)
    inside = in_branch(reading, scope, reached, start, end, holds=True)
    _declare_caught(reading, node, scope)
    body = node.child_by_field_name("body")
    reason = node.child_by_field_name("filter")
    if body is not None:
        walk_block(reading, body, inside)
    if reason is not None:
        walk_later(reading, [reason], scope)


def _declare_caught(reading: Reading, node: Node, scope: Scope) -> None:
    """``catch (CFileException* error)`` declares a variable of the handler."""
    listed = node.child_by_field_name("parameters")
    for caught in [] if listed is None else listed.named_children:
        declarator = caught.child_by_field_name("declarator")
        found = None if declarator is None else declared(declarator)
        if found is not None:
            name, written = name_of(reading, found.name), type_of(reading, caught)
            at = found.name.start_byte, found.name.end_byte
            reading.declarations.append(
                Declaration(scope.function, name, written, *at, refers=found.refers)
            )


# --- if ---


def if_action(reading: Reading, node: Node, scope: Scope) -> None:
    """``if (a) … else if (b) … else …``, and what an early exit says about what follows."""
    arms: list[tuple[Node, Scope]] = []
    ruled_out: list[tuple[Expr, bool]] = []
    exits = True  # so far, every arm leaves the block
    current: Node | None = node
    while current is not None and current.type == "if_statement":
        test = current.child_by_field_name("condition")
        yes = current.child_by_field_name("consequence")
        no = _else_of(current)
        condition = _condition(reading, test, scope, current)
        if yes is not None:
            inside = _arm(reading, yes, scope, condition, holds=True)
            arms.append((yes, inside))
        leaves = yes is not None and _leaves(reading, yes)
        if exits and leaves and (no is None or not _leaves(reading, no)):
            ruled_out.append((condition, False))
        elif current is node and not leaves and no is not None and _leaves(reading, no):
            ruled_out.append((condition, True))
        exits = exits and leaves
        if no is not None:
            scope = _arm(reading, no, scope, condition, holds=False)
        current = no
    if current is not None:
        arms.append((current, scope))
    _rule_out(reading, ruled_out, node.end_byte)
    for arm, inside in reversed(arms):
        if arm.type == "compound_statement":
            walk_block(reading, arm, inside)
        else:
            walk_later(reading, [arm], inside)


def _else_of(node: Node) -> Node | None:
    clause = node.child_by_field_name("alternative")
    return None if clause is None else first_of(clause)


def _arm(reading: Reading, node: Node, scope: Scope, condition: Expr, *, holds: bool) -> Scope:
    return in_branch(reading, scope, condition, node.start_byte, node.end_byte, holds=holds)


def _condition(reading: Reading, test: Node | None, scope: Scope, node: Node) -> Expr:
    """The value of a condition; Unknown if it declares a variable."""
    last = None if test is None else last_of(test)
    if test is None or last is None:
        return Unknown(node.start_byte, node.start_byte)
    if test.named_child_count > 1:
        walk_later(reading, test.named_children[:-1], scope)
    if last.type.endswith("declaration"):
        walk_later(reading, [last], scope)
        return Unknown(last.start_byte, last.end_byte)
    return expression(reading, last, scope)


_ARMS = 8  # of an if, and levels of one in another, that are looked at for early exits


def _leaves(reading: Reading, node: Node, depth: int = _ARMS) -> bool:
    """True if nothing after the statement runs."""
    last: Node | None = node
    while last is not None and last.type == "compound_statement":
        last = last_of(last)
    if last is None:
        return False
    if last.type in _EXITS:
        return True
    if last.type == "if_statement":
        return _leaves_either_way(reading, last, depth - 1)
    call = first_of(last) if last.type == "expression_statement" else None
    function = None if call is None else call.child_by_field_name("function")
    return function is not None and _simple_name(reading, function) in _EXIT_FUNCTIONS


def _leaves_either_way(reading: Reading, node: Node, depth: int) -> bool:
    """True for ``if (a) return 1; else if (b) return 2; else return 3;``."""
    current: Node | None = node
    for _ in range(_ARMS if depth > 0 else 0):
        if current is None or current.type != "if_statement":
            return current is not None and _leaves(reading, current, depth)
        yes = current.child_by_field_name("consequence")
        if yes is None or not _leaves(reading, yes, depth):
            return False
        current = _else_of(current)
    return False


def _simple_name(reading: Reading, node: Node) -> str:
    """The name without ``std::`` or the like."""
    return text_of(reading, node).rpartition("::")[2]


def _rule_out(reading: Reading, conditions: list[tuple[Expr, bool]], start: int) -> None:
    """Put the rest of the block that is being walked into branches."""
    frame = reading.stack[-1]
    if frame.end < 0 or not conditions:
        return
    scope = frame.scope
    for condition, holds in conditions:
        scope = in_branch(reading, scope, condition, start, frame.end, holds=holds)
    reading.stack[-1] = replace(frame, scope=scope)


# --- switch ---


def switch_action(reading: Reading, node: Node, scope: Scope) -> None:
    """``switch``: a case runs if the subject equals its value, or one that falls through to it."""
    subject = _condition(reading, node.child_by_field_name("condition"), scope, node)
    body = node.child_by_field_name("body")
    cases: list[Frame] = []
    reaching: list[Expr] = []
    for child in [] if body is None else body.named_children:
        if child.type != "case_statement":
            cases.append(Frame(iter((child,)), scope, scope.branch, -1))
            continue
        value = child.child_by_field_name("value")
        start, end = child.start_byte, child.end_byte
        reaching.append(_case(reading, subject, value, scope, start))
        inside = in_branch(reading, scope, _any_of(reaching), start, end, holds=True)
        statements = child.named_children[0 if value is None else 1 :]
        cases.append(Frame(iter(statements), inside, inside.branch, end))
        if statements and _leaves(reading, statements[-1]):
            reaching = []
    reading.stack += reversed(cases)


def _case(reading: Reading, subject: Expr, value: Node | None, scope: Scope, start: int) -> Expr:
    if value is None:
        return Operation("default", (subject,), start, start)
    known = expression(reading, value, scope)
    return Operation("==", (subject, known), value.start_byte, value.end_byte)


def _any_of(conditions: list[Expr]) -> Expr:
    """One of the conditions holds. The chain of a long fall-through is cut: it says nothing."""
    if len(conditions) > 32 or any(isinstance(c, Unknown) for c in conditions):
        return Unknown(conditions[-1].start, conditions[-1].end)
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = Operation("||", (whole, condition), whole.start, condition.end)
    return whole


ACTIONS: dict[str, Action] = {
    "call_expression": expression_action,
    "assignment_expression": expression_action,
    "binary_expression": expression_action,
    "conditional_expression": expression_action,
    "new_expression": expression_action,
    "lambda_expression": expression_action,
    "compound_literal_expression": expression_action,
    "comma_expression": expression_action,
    "concatenated_string": expression_action,
    "sizeof_expression": expression_action,
    "return_statement": return_action,
    "co_return_statement": return_action,
    "labeled_statement": labeled_action,
    "macro_type_specifier": macro_action,
    "catch_clause": handler_action,
    "seh_except_clause": handler_action,
    "if_statement": if_action,
    "switch_statement": switch_action,
}
"""What is done at each kind of statement."""
