"""Python statements as facts: definitions, assignments, imports and branches."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Series
from dataclasses import replace
from itertools import zip_longest

import libcst as cst

from sessionzero.facts import (
    Call,
    Class,
    Declaration,
    Expr,
    Function,
    Import,
    Member,
    Operation,
    Parameter,
    Return,
    Unknown,
)
from sessionzero.frontends.python.draft import Draft, Scope, add_field, bind, enter
from sessionzero.frontends.python.exits import exits
from sessionzero.frontends.python.expressions import (
    annotation_text,
    argument,
    assign,
    expression,
    loop,
    parameters,
    walk,
)

_AUGMENTED: dict[type[cst.CSTNode], str] = {
    cst.AddAssign: "+=",
    cst.SubtractAssign: "-=",
    cst.MultiplyAssign: "*=",
    cst.DivideAssign: "/=",
    cst.FloorDivideAssign: "//=",
    cst.ModuloAssign: "%=",
    cst.PowerAssign: "**=",
    cst.MatrixMultiplyAssign: "@=",
    cst.LeftShiftAssign: "<<=",
    cst.RightShiftAssign: ">>=",
    cst.BitOrAssign: "|=",
    cst.BitAndAssign: "&=",
    cst.BitXorAssign: "^=",
}
_TRAITS = {
    "staticmethod": "staticmethod",
    "classmethod": "classmethod",
    "property": "property",
    "cached_property": "property",
    "setter": "property",
}


def statements(draft: Draft, nodes: Series[cst.CSTNode], scope: Scope) -> None:
    """Gather the facts of the statements of a block."""
    for node, following in zip_longest(nodes, nodes[1:]):
        match node:
            case cst.SimpleStatementLine(body=smalls):
                for small in smalls:
                    _small(draft, small, scope)
            case cst.If():
                denied = _if(draft, node, scope)
                if following is not None:
                    rest = draft.positions.of(following)[0], draft.positions.of(nodes[-1])[1]
                    for condition, holds in denied:
                        scope = enter(draft, scope, condition, holds=holds, span=rest)
            case cst.FunctionDef():
                _function(draft, node, scope)
            case cst.ClassDef():
                _class(draft, node, scope)
            case cst.BaseSmallStatement():
                _small(draft, node, scope)
            case _:
                _compound(draft, node, scope)


def _block(draft: Draft, suite: cst.BaseSuite, scope: Scope) -> None:
    statements(draft, suite.body, scope)


# --- Simple statements ---


def _small(draft: Draft, node: cst.CSTNode, scope: Scope) -> None:
    match node:
        case cst.Expr(value=value):
            expression(draft, value, scope)
        case cst.Assign(targets=targets, value=value):
            found = expression(draft, value, scope)
            for target in targets:
                span = draft.positions.of(target.target)[0], draft.positions.of(node)[1]
                assign(draft, target.target, found, scope, span)
        case cst.AnnAssign():
            _annotated(draft, node, scope)
        case cst.AugAssign(target=target, operator=operator, value=value):
            left, right = expression(draft, target, scope), expression(draft, value, scope)
            span = draft.positions.of(node)
            bind(draft, scope, left, right, span, operator=_AUGMENTED[type(operator)])
        case cst.Return(value=value):
            if value is not None:
                found = expression(draft, value, scope)
                draft.returns.append(Return(scope.function, scope.branch, found))
        case cst.Import() | cst.ImportFrom():
            draft.imports.extend(_imports(draft, node, scope))
        case cst.Global(names=names):
            draft.elsewhere |= {(scope.function, item.name.value): 0 for item in names}
        case cst.Nonlocal(names=names):
            _nonlocal(draft, [item.name.value for item in names], scope)
        case _:  # raise, assert, del
            walk(draft, node, scope)


def _annotated(draft: Draft, node: cst.AnnAssign, scope: Scope) -> None:
    written = annotation_text(draft, node.annotation)
    span = draft.positions.of(node)
    if node.value is not None:
        value = expression(draft, node.value, scope)
        assign(draft, node.target, value, scope, span, annotation=written)
    elif isinstance(node.target, cst.Name) and scope.owner:
        add_field(draft, scope, Parameter(node.target.value, written, None))
    if isinstance(node.target, cst.Name) and not scope.owner:
        draft.declarations.append(Declaration(scope.function, node.target.value, written, *span))


def _nonlocal(draft: Draft, names: list[str], scope: Scope) -> None:
    parent = draft.functions[scope.function].parent
    for name in names:
        draft.elsewhere[scope.function, name] = draft.elsewhere.get((parent, name), parent)


def _imports(draft: Draft, node: cst.Import | cst.ImportFrom, scope: Scope) -> Iterator[Import]:
    start, end = draft.positions.of(node)
    if isinstance(node, cst.Import):
        for alias in node.names:
            yield Import(_dotted(alias.name), "", _alias(alias), 0, scope.function, start, end)
        return
    module = _dotted(node.module) if node.module is not None else ""
    level = len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        yield Import(module, "*", "", level, scope.function, start, end)
        return
    for alias in node.names:
        name = _dotted(alias.name)
        yield Import(module, name, _alias(alias), level, scope.function, start, end)


def _dotted(node: cst.BaseExpression) -> str:
    match node:
        case cst.Attribute(value=value, attr=attr):
            return f"{_dotted(value)}.{attr.value}"
        case cst.Name(value):
            return value
        case _:
            return ""


def _alias(node: cst.ImportAlias) -> str:
    return _dotted(node.asname.name) if node.asname is not None else ""


# --- Branches ---


def _if(draft: Draft, node: cst.If, scope: Scope) -> list[tuple[Expr, bool]]:
    """Gather the facts of an ``if`` chain; returns what must be so, or not, for control to reach
    what follows it: the arms that leave the block were not taken."""
    behind: list[tuple[Expr, bool]] = []
    all_left = True  # the arms so far: only then does what the next one denies hold behind
    arm: cst.If | cst.Else | None = node
    while isinstance(arm, cst.If):
        condition = expression(draft, arm.test, scope)
        span = draft.positions.of(arm.body)
        _block(draft, arm.body, enter(draft, scope, condition, holds=True, span=span))
        leaves, others_leave = exits(arm.body), exits(arm.orelse)
        if all_left and leaves != others_leave:
            behind.append((condition, not leaves))
        all_left = all_left and leaves
        arm = arm.orelse
        if arm is not None:
            span = draft.positions.of(arm)
            scope = enter(draft, scope, condition, holds=False, span=span)
    if arm is not None:
        _block(draft, arm.body, scope)
    return behind


def _compound(draft: Draft, node: cst.CSTNode, scope: Scope) -> None:
    match node:
        case cst.For(target=target, iter=iterable, body=body, orelse=orelse):
            loop(draft, target, iterable, scope)
            _block(draft, body, scope)
            _optional(draft, orelse, scope)
        case cst.While(test=test, body=body, orelse=orelse):
            condition = expression(draft, test, scope)
            span = draft.positions.of(body)
            _block(draft, body, enter(draft, scope, condition, holds=True, span=span))
            _optional(draft, orelse, scope)
        case cst.With(items=items, body=body):
            prefix = "a" if node.asynchronous else ""
            managers = [_with_item(draft, item, scope, prefix) for item in items]
            _block(draft, body, scope)
            end = draft.positions.of(body)[1]
            for manager in reversed(managers):
                _call_of_manager(draft, manager, f"__{prefix}exit__", scope, (end, end))
        case cst.Try() | cst.TryStar():
            _block(draft, node.body, scope)
            for handler in node.handlers:
                _handler(draft, handler, scope)
            _optional(draft, node.orelse, scope)
            _optional(draft, node.finalbody, scope)
        case cst.Match(subject=subject, cases=cases):
            found = expression(draft, subject, scope)
            for case in cases:
                _case(draft, case, found, scope)
        case _:
            walk(draft, node, scope)


def _optional(draft: Draft, node: cst.Else | cst.Finally | None, scope: Scope) -> None:
    if node is not None:
        _block(draft, node.body, scope)


def _with_item(draft: Draft, item: cst.WithItem, scope: Scope, prefix: str) -> Expr:
    """``with`` calls a method of the manager, which it gives, and another one at its end. What it
    binds is taken for the manager itself, as most are."""
    value = expression(draft, item.item, scope)
    _call_of_manager(draft, value, f"__{prefix}enter__", scope, (value.start, value.end))
    if item.asname is not None:
        span = value.start, draft.positions.of(item.asname.name)[1]
        assign(draft, item.asname.name, value, scope, span)
    return value


def _call_of_manager(
    draft: Draft, manager: Expr, name: str, scope: Scope, at: tuple[int, int]
) -> None:
    method = Member(manager, name, manager.start, manager.end)
    draft.calls.append(Call(scope.function, scope.branch, "call", method, (), *at))


def _handler(draft: Draft, node: cst.ExceptHandler | cst.ExceptStarHandler, scope: Scope) -> None:
    start, end = draft.positions.of(node)
    unknown = Unknown(start, end)
    inner = enter(draft, scope, unknown, holds=True, span=(start, end))
    if node.type is not None:
        expression(draft, node.type, inner)
        if node.name is None and _is_python2(node.type):
            draft.python2 = True
    if node.name is not None:
        assign(draft, node.name.name, unknown, inner, draft.positions.of(node.name.name))
    _block(draft, node.body, inner)


def _is_python2(caught: cst.BaseExpression) -> bool:
    """Whether ``except A, b:`` means ``except A as b:``.

    Since 3.14 it may mean ``except (A, b):``, so the case of the second name decides.
    """
    match caught:
        case cst.Tuple(elements=[_, cst.Element(value=cst.Name(name))], lpar=[]):
            return name[:1].islower() or name[:1] == "_"
        case _:
            return False


def _case(draft: Draft, node: cst.MatchCase, subject: Expr, scope: Scope) -> None:
    span = draft.positions.of(node)
    condition = _pattern(draft, node.pattern, subject, scope)
    scope = enter(draft, scope, condition, holds=True, span=span)
    if node.guard is not None:
        guard = expression(draft, node.guard, scope)
        scope = enter(draft, scope, guard, holds=True, span=span)
    _block(draft, node.body, scope)


def _pattern(draft: Draft, node: cst.MatchPattern, subject: Expr, scope: Scope) -> Expr:
    """What must be so for a pattern to match, as far as that is a comparison with values."""
    start, end = subject.start, subject.end
    match node:
        case cst.MatchValue(value=value) | cst.MatchSingleton(value=value):
            return Operation("==", (subject, expression(draft, value, scope)), start, end)
        case cst.MatchOr(patterns=patterns):
            options = [_pattern(draft, option.pattern, subject, scope) for option in patterns]
            return Operation("||", tuple(options), start, end)
        case _:
            _capture(draft, node, scope)
            return Unknown(start, end)


def _capture(draft: Draft, node: cst.CSTNode, scope: Scope) -> None:
    """Bind each name that a pattern captures to something unknown."""
    if isinstance(node, cst.MatchAs | cst.MatchStar) and node.name is not None:
        span = draft.positions.of(node.name)
        assign(draft, node.name, Unknown(*span), scope, span)
    for child in node.children:
        if not isinstance(child, cst.BaseExpression):
            _capture(draft, child, scope)


# --- Definitions ---


def _function(draft: Draft, node: cst.FunctionDef, scope: Scope) -> None:
    decorators = tuple(expression(draft, item.decorator, scope) for item in node.decorators)
    described = parameters(draft, node.params, scope)
    number = len(draft.functions)
    draft.functions.append(
        Function(
            node.name.value,
            scope.owner,
            scope.function,
            "function",
            described,
            annotation_text(draft, node.returns),
            tuple(_traits(node)),
            decorators,
            *draft.positions.of(node.name),
            *draft.positions.of(node),
        )
    )
    _block(draft, node.body, Scope(number))


def _traits(node: cst.FunctionDef) -> Iterator[str]:
    if node.asynchronous is not None:
        yield "async"
    for item in node.decorators:
        trait = _TRAITS.get(_dotted(item.decorator).rpartition(".")[2])
        if trait is not None:
            yield trait


def _class(draft: Draft, node: cst.ClassDef, scope: Scope) -> None:
    for item in node.decorators:
        expression(draft, item.decorator, scope)
    bases = tuple(argument(draft, base, scope).value for base in node.bases)
    for keyword in node.keywords:
        argument(draft, keyword, scope)
    name = node.name.value
    owner = f"{scope.owner}.{name}" if scope.owner else name
    before = draft.fields.pop(owner, None)  # of a class of the same name
    _block(draft, node.body, replace(scope, owner=owner))
    fields = tuple(draft.fields.pop(owner, ()))
    if before is not None:
        draft.fields[owner] = before
    span = draft.positions.of(node)
    draft.classes.append(Class(name, scope.owner, bases, fields, *span))
