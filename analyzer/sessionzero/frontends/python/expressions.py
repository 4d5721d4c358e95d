"""Python expressions as facts, with the calls, lambdas and bindings that stand in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Sequence as Series
from itertools import chain

import libcst as cst

from sessionzero.facts import (
    Argument,
    Call,
    Choice,
    Expr,
    Function,
    Index,
    Item,
    Join,
    Lambda,
    Member,
    Name,
    Null,
    Number,
    Operation,
    Parameter,
    Result,
    Return,
    Sequence,
    Text,
    Unknown,
)
from sessionzero.frontends.python.draft import Draft, Scope, bind, enter
from sessionzero.frontends.python.literals import (
    content_value,
    integer_value,
    string_prefix,
    string_value,
)

_SYMBOLS: dict[type[cst.CSTNode], str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.BitOr: "|",
    cst.BitAnd: "&",
    cst.BitXor: "^",
    cst.Not: "!",
    cst.Minus: "-",
    cst.Plus: "+",
    cst.BitInvert: "~",
    cst.And: "&&",
    cst.Or: "||",
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Is: "==",
    cst.IsNot: "!=",
    cst.In: "in",
    cst.NotIn: "in",
}
_CONSTANTS = {"True": 1, "False": 0}


def expression(draft: Draft, node: cst.BaseExpression, scope: Scope) -> Expr:
    """The value of an expression; what is called or bound in it goes into the draft."""
    return _READERS.get(type(node), _special)(draft, node, scope)


def _atom(draft: Draft, node: cst.BaseExpression, _: Scope) -> Expr:
    start, end = draft.positions.of(node)
    match node:
        case cst.Name("None"):
            return Null(start, end)
        case cst.Name(value) if value in _CONSTANTS:
            return Number(_CONSTANTS[value], start, end)
        case cst.Name(value):
            return Name(value, start, end)
        case cst.SimpleString(raw):
            decoded = string_value(raw)
            return Unknown(start, end) if decoded is None else Text(decoded, raw, start, end)
        case cst.Integer(raw):
            number = integer_value(raw)
            return Unknown(start, end) if number is None else Number(number, start, end)
        case _:
            return Unknown(start, end)


def _access(draft: Draft, node: cst.BaseExpression, scope: Scope) -> Expr:
    match node:
        case cst.Attribute(value=value, attr=attr):
            outer = expression(draft, value, scope)
            return Member(outer, attr.value, *draft.positions.of(node))
        case cst.Call():
            return _call(draft, node, scope)
        case cst.Subscript(value=value):
            outer, key = expression(draft, value, scope), _subscript_key(draft, node, scope)
            return Index(outer, key, *draft.positions.of(node))
        case _:
            return draft.unknown(node)


def _collection(draft: Draft, node: cst.BaseExpression, scope: Scope) -> Expr:
    match node:
        case cst.Tuple(elements) | cst.List(elements) | cst.Set(elements):
            return Sequence(_elements(draft, elements, scope), *draft.positions.of(node))
        case cst.Dict(elements):
            return Sequence(_entries(draft, elements, scope), *draft.positions.of(node))
        case _:
            return Join(_parts(draft, node, scope), *draft.positions.of(node))


def _operation(draft: Draft, node: cst.BaseExpression, scope: Scope) -> Expr:
    start, end = draft.positions.of(node)
    match node:
        case cst.BinaryOperation(left=left, operator=operator, right=right):
            operands = expression(draft, left, scope), expression(draft, right, scope)
            return Operation(_SYMBOLS[type(operator)], operands, start, end)
        case cst.BooleanOperation(left=left, operator=operator, right=right):
            first = expression(draft, left, scope)
            symbol = _SYMBOLS[type(operator)]
            second = _under(draft, right, scope, first, holds=symbol == "&&")
            return Operation(symbol, (first, second), start, end)
        case cst.UnaryOperation(operator=operator, expression=operand):
            value = expression(draft, operand, scope)
            symbol = _SYMBOLS[type(operator)]
            return value if symbol == "+" else Operation(symbol, (value,), start, end)
        case cst.Comparison():
            return _comparison(draft, node, scope)
        case cst.IfExp(test=test, body=body, orelse=orelse):
            condition = expression(draft, test, scope)
            yes = _under(draft, body, scope, condition, holds=True)
            no = _under(draft, orelse, scope, condition, holds=False)
            return Choice(condition, yes, no, start, end)
        case _:
            return Unknown(start, end)


def _special(draft: Draft, node: cst.BaseExpression, scope: Scope) -> Expr:
    start, end = draft.positions.of(node)
    match node:
        case cst.Lambda():
            return Lambda(_lambda(draft, node, scope), start, end)
        case cst.NamedExpr(target=target, value=value):
            found = expression(draft, value, scope)
            assign(draft, target, found, scope, (start, end))
            return found
        case cst.Await(expression=awaited):
            return expression(draft, awaited, scope)
        case cst.GeneratorExp(elt=element) | cst.ListComp(elt=element) | cst.SetComp(elt=element):
            _comprehension(draft, node.for_in, (element,), scope)
        case cst.DictComp(key=key, value=value):
            _comprehension(draft, node.for_in, (key, value), scope)
        case _:  # yield, a template string: nothing to say of it, something to say of its parts
            walk(draft, node, scope)
    return Unknown(start, end)


def walk(draft: Draft, node: cst.CSTNode, scope: Scope) -> None:
    """Gather the facts of all expressions inside a node that is none of those we describe."""
    for child in node.children:
        if isinstance(child, cst.BaseExpression):
            expression(draft, child, scope)
        else:
            walk(draft, child, scope)


def _under(
    draft: Draft, node: cst.BaseExpression, scope: Scope, condition: Expr, *, holds: bool
) -> Expr:
    """The value of an expression that is evaluated only if a condition holds, or doesn't."""
    before = len(draft.branches), len(draft.calls), len(draft.bindings)
    inner = enter(draft, scope, condition, holds=holds, span=draft.positions.of(node))
    value = expression(draft, node, inner)
    if (len(draft.branches) - 1, len(draft.calls), len(draft.bindings)) == before:
        draft.branches.pop()  # nothing happens in it
    return value


def _call(draft: Draft, node: cst.Call, scope: Scope) -> Result:
    callee = expression(draft, node.func, scope)
    arguments = tuple(argument(draft, passed, scope) for passed in node.args)
    start, end = draft.positions.of(node)
    draft.calls.append(Call(scope.function, scope.branch, "call", callee, arguments, start, end))
    return Result(len(draft.calls) - 1, start, end)


def argument(draft: Draft, node: cst.Arg, scope: Scope) -> Argument:
    """An argument of a call or of a class statement."""
    name = node.keyword.value if node.keyword else node.star
    return Argument(name, expression(draft, node.value, scope))


def _elements(draft: Draft, nodes: Series[cst.BaseElement], scope: Scope) -> tuple[Item, ...]:
    return tuple(
        Item(
            "*" if isinstance(node, cst.StarredElement) else "",
            expression(draft, node.value, scope),
        )
        for node in nodes
    )


def _entries(draft: Draft, nodes: Series[cst.BaseDictElement], scope: Scope) -> tuple[Item, ...]:
    items = []
    for node in nodes:
        name = "**"
        if isinstance(node, cst.DictElement):
            key = expression(draft, node.key, scope)
            name = str(key.value) if isinstance(key, Text | Number) else "?"
        items.append(Item(name, expression(draft, node.value, scope)))
    return tuple(items)


def _subscript_key(draft: Draft, node: cst.Subscript, scope: Scope) -> Expr:
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=key, star=None))]:
            return expression(draft, key, scope)
        case _:
            for element in node.slice:
                walk(draft, element, scope)
            return Unknown(*draft.positions.of(node))


def _comparison(draft: Draft, node: cst.Comparison, scope: Scope) -> Expr:
    """``a < b < c`` is ``a < b && b < c``."""
    left = expression(draft, node.left, scope)
    whole: Expr | None = None
    for target in node.comparisons:
        right = expression(draft, target.comparator, scope)
        start, end = left.start, right.end
        pair = Operation(_SYMBOLS[type(target.operator)], (left, right), start, end)
        if isinstance(target.operator, cst.NotIn):
            pair = Operation("!", (pair,), start, end)
        whole = pair if whole is None else Operation("&&", (whole, pair), whole.start, end)
        left = right
    return whole if whole is not None else left


def _parts(draft: Draft, node: cst.BaseExpression, scope: Scope) -> tuple[Expr, ...]:
    """The pieces of adjacent literals and f-strings, in order."""
    match node:
        case cst.ConcatenatedString(left=left, right=right):
            return *_parts(draft, left, scope), *_parts(draft, right, scope)
        case cst.FormattedString(parts=parts, start=start):
            prefix = string_prefix(start)
            return tuple(chain.from_iterable(_piece(draft, p, prefix, scope) for p in parts))
        case _:
            return (expression(draft, node, scope),)


def _piece(
    draft: Draft, part: cst.BaseFormattedStringContent, prefix: str, scope: Scope
) -> Iterator[Expr]:
    if isinstance(part, cst.FormattedStringText):
        start, end = draft.positions.of(part)
        text = content_value(part.value.replace("{{", "{").replace("}}", "}"), prefix)
        yield Unknown(start, end) if text is None else Text(text, part.value, start, end)
    elif isinstance(part, cst.FormattedStringExpression):
        value = expression(draft, part.expression, scope)
        for inner in part.format_spec or ():
            tuple(_piece(draft, inner, prefix, scope))
        plain = part.conversion in (None, "s") and not part.format_spec and not part.equal
        yield value if plain else Unknown(value.start, value.end)


def _comprehension(
    draft: Draft, clause: cst.CompFor, elements: Series[cst.BaseExpression], scope: Scope
) -> None:
    loop(draft, clause.target, clause.iter, scope)
    span = draft.positions.of(elements[0])[0], draft.positions.of(elements[-1])[1]
    for test in clause.ifs:
        condition = expression(draft, test.test, scope)
        scope = enter(draft, scope, condition, holds=True, span=span)
    if clause.inner_for_in is not None:
        _comprehension(draft, clause.inner_for_in, elements, scope)
        return
    for element in elements:
        expression(draft, element, scope)


def loop(
    draft: Draft, target: cst.BaseExpression, iterable: cst.BaseExpression, scope: Scope
) -> None:
    """Bind what a ``for`` binds."""
    series = expression(draft, iterable, scope)
    span = draft.positions.of(target)
    each = Operation("each", (series,), series.start, series.end)
    assign(draft, target, each, scope, (span[0], max(span[1], series.end)))


def assign(
    draft: Draft,
    target: cst.BaseExpression,
    value: Expr,
    scope: Scope,
    span: tuple[int, int],
    *,
    annotation: str = "",
) -> None:
    """Bind a target, or each target in a tuple of them, to a value."""
    if not isinstance(target, cst.Tuple | cst.List):
        found = expression(draft, target, scope)
        bind(draft, scope, found, value, span, annotation=annotation)
        return
    starred = any(isinstance(element, cst.StarredElement) for element in target.elements)
    for i, element in enumerate(target.elements):
        part: Expr = Index(value, Number(i, value.start, value.end), value.start, value.end)
        if starred:
            part = Unknown(value.start, value.end)
        elif isinstance(value, Sequence) and _pairs_with(value, len(target.elements)):
            part = value.items[i].value
        assign(draft, element.value, part, scope, span)


def _pairs_with(value: Sequence, length: int) -> bool:
    return len(value.items) == length and not any(item.name for item in value.items)


def _lambda(draft: Draft, node: cst.Lambda, scope: Scope) -> int:
    described = parameters(draft, node.params, scope)
    start, end = draft.positions.of(node)
    number = len(draft.functions)
    draft.functions.append(
        Function("", "", scope.function, "lambda", described, "", (), (), start, start, start, end)
    )
    inner = Scope(number)
    value = expression(draft, node.body, inner)
    draft.returns.append(Return(number, inner.branch, value))
    return number


def parameters(draft: Draft, node: cst.Parameters, scope: Scope) -> tuple[Parameter, ...]:
    """Parameters in order; the names of those that collect the rest begin with ``*`` or ``**``."""
    star = (node.star_arg,) if isinstance(node.star_arg, cst.Param) else ()
    rest = (node.star_kwarg,) if node.star_kwarg else ()
    return tuple(
        Parameter(
            (parameter.star if isinstance(parameter.star, str) else "") + parameter.name.value,
            annotation_text(draft, parameter.annotation),
            expression(draft, parameter.default, scope) if parameter.default else None,
        )
        for parameter in (*node.posonly_params, *node.params, *star, *node.kwonly_params, *rest)
    )


def annotation_text(draft: Draft, node: cst.Annotation | None) -> str:
    """A type as written, without the quotes of a forward reference."""
    if node is None:
        return ""
    if isinstance(node.annotation, cst.SimpleString):
        return string_value(node.annotation.value) or ""
    return draft.positions.written(node.annotation)


_READERS: dict[type[cst.CSTNode], Callable[[Draft, cst.BaseExpression, Scope], Expr]] = {
    cst.Name: _atom,
    cst.SimpleString: _atom,
    cst.Integer: _atom,
    cst.Float: _atom,
    cst.Imaginary: _atom,
    cst.Ellipsis: _atom,
    cst.Attribute: _access,
    cst.Call: _access,
    cst.Subscript: _access,
    cst.Tuple: _collection,
    cst.List: _collection,
    cst.Set: _collection,
    cst.Dict: _collection,
    cst.ConcatenatedString: _collection,
    cst.FormattedString: _collection,
    cst.BinaryOperation: _operation,
    cst.BooleanOperation: _operation,
    cst.UnaryOperation: _operation,
    cst.Comparison: _operation,
    cst.IfExp: _operation,
}
