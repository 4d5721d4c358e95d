"""Small walks over expressions, and the names in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from sessionzero.facts import (
    Cast,
    Choice,
    Expr,
    Index,
    Item,
    Join,
    Member,
    Name,
    Null,
    Number,
    Operation,
    Result,
    Text,
    Unknown,
)
from sessionzero.facts import Sequence as Items

NAMED = (Name, Member)  # a tuple is quicker to ask than a union that is made each time


def last_name(expr: Expr) -> str:
    """The rightmost name of a target: ``x`` of ``x``, ``a.x``, ``p->x[0]``; else empty."""
    while not isinstance(expr, NAMED):
        match expr:
            case Index(inner) | Operation("*" | "&", (inner,)):
                expr = inner
            case _:
                return ""
    name = expr.name
    return name.rpartition("::")[2] if ":" in name else name


def path_of(expr: Expr) -> str:
    """An access path as text (``self.x``, ``status.dwServiceType``); empty if it has none."""
    match expr:
        case Name(name):
            return name
        case Member(inner, name):
            outer = path_of(inner)
            return f"{outer}.{name}" if outer else ""
        case Index(inner) | Operation("*" | "&", (inner,)) | Cast(_, inner):
            return path_of(inner)
        case _:
            return ""


def _items(expr: Items) -> tuple[Expr, ...]:
    return tuple([item.value for item in expr.items])


# By the type: most expressions are names and literals, which a `match` would try all cases for.
PARTS: dict[type[Expr], Callable[[Any], tuple[Expr, ...]]] = {
    Member: lambda expr: (expr.object,),
    Index: lambda expr: (expr.object, expr.key),
    Operation: attrgetter("operands"),
    Join: attrgetter("parts"),
    Choice: attrgetter("condition", "yes", "no"),
    Items: _items,
    Cast: lambda expr: (expr.value,),
}

_PLAIN = frozenset((Text, Number, Null, Unknown, Result))  # hold no name


def naming(value: Expr, wanted: tuple[type[Expr], ...]) -> Sequence[Expr]:
    """The parts of a value that can name something: expressions of the ``wanted`` types."""
    kind = type(value)
    if kind is Name:
        return (value,)
    if kind in _PLAIN:
        return ()
    return [part for part in walk(value) if isinstance(part, wanted)]


ADDRESSING = (Operation, Items)  # few values are: the others aren't asked


def names_addressed(expr: Expr) -> list[str]:
    """The names of which an expression, or a table, takes the address."""
    parts = walk(expr) if isinstance(expr, Items) else (expr,)
    return [
        last_name(part.operands[0])
        for part in parts
        if isinstance(part, Operation) and part.operator == "&" and len(part.operands) == 1
    ]


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside an expression (not those of a call's result)."""
    parts = PARTS.get(type(expr))
    return () if parts is None else parts(expr)


def walk(expr: Expr) -> list[Expr]:
    """The expression and all inside it, results of calls not entered."""
    if type(expr) not in PARTS:
        return [expr]
    found: list[Expr] = []
    pending = [expr]
    while pending:
        current = pending.pop()
        found.append(current)
        parts = PARTS.get(type(current))
        if parts is not None:
            pending += reversed(parts(current))
    return found


def item_named(items: Sequence[Item], name: str) -> Expr | None:
    """The value of the item with that designated name or key."""
    return next((item.value for item in items if item.name == name), None)
