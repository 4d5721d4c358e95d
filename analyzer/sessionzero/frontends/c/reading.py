"""The state of reading one C or C++ file: what was found so far, and what is still to be walked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionzero.facts import (
    Argument,
    Binding,
    Branch,
    Call,
    CallKind,
    Class,
    Declaration,
    Expr,
    Function,
    Macro,
    Result,
    Return,
    TypeName,
)
from sessionzero.frontends.c.directives import Define

if TYPE_CHECKING:
    from tree_sitter import Node

ERROR = 0xFFFF  # the kind of ERROR nodes in every grammar


class Scope(Struct, frozen=True, gc=False):
    """Where a node stands: indexes of its function and branch, the class or namespace around it,
    and whether it is directly in a class body."""

    function: int
    branch: int
    owner: str
    in_class: bool


class Frame(Struct, frozen=True):
    """Siblings still to be walked. ``scope`` is that of the next one; ``base`` the branch at the
    beginning of the block and ``end`` the end of the block (-1: no block)."""

    nodes: Iterator[Node]
    scope: Scope
    base: int
    end: int


Builder = Callable[["Reading", "Node", Scope, int], Expr]
Action = Callable[["Reading", "Node", Scope], None]


class Reading(Struct):
    """``latin`` is what was parsed, a character for each byte; ``source`` the file's own bytes.
    ``of_file`` is false for what is parsed apart: the bodies of macros. ``aliases``: the namespaces
    that have another name in the file."""

    latin: str
    source: bytes
    builders: Mapping[int, Builder]
    leaves: frozenset[int]
    identifiers: frozenset[int]
    exports: Sequence[int]
    defines: Sequence[Define]
    cplusplus: bool
    of_file: bool = True
    stack: list[Frame] = []
    functions: list[Function] = []
    classes: list[Class] = []
    calls: list[Call] = []
    bindings: list[Binding] = []
    declarations: list[Declaration] = []
    returns: list[Return] = []
    macros: list[Macro] = []
    branches: list[Branch] = []
    type_names: list[TypeName] = []
    error_bytes: int = 0
    error_end: int = 0
    too_deep: Node | None = None
    aliases: dict[str, str] = {}


def text_of(reading: Reading, node: Node) -> str:
    """The source of a node."""
    text = reading.latin[node.start_byte : node.end_byte]
    # A slice of text is twice as fast as decoding bytes, and nearly all of it is ASCII.
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")


def name_of(reading: Reading, node: Node) -> str:
    """The source of a node that names something, with no blanks but single ones between words, and
    by the namespace's own name."""
    text = reading.latin[node.start_byte : node.end_byte]
    if text.isascii() and text.isidentifier():
        return text
    name = " ".join(text_of(reading, node).split()).replace(" ::", "::").replace(":: ", "::")
    name = _SIGNS.sub(lambda found: found[0].replace(" ", ""), name)
    head, colons, rest = name.partition("::")
    return f"{reading.aliases[head]}::{rest}" if colons and head in reading.aliases else name


_SIGNS = re.compile(r"\boperator [^\w\s].*+")  # `operator ()`

_ALIAS = re.compile(r"\bnamespace\s+(\w+)\s*=\s*(?:::)?([\w:]+)\s*;")


def aliases_in(latin: str) -> dict[str, str]:
    """The other names of namespaces: ``namespace ipc = boost::interprocess;``. Two of one name
    stand in two functions, or in branches of the preprocessor; nobody tells them apart."""
    found: dict[str, str] = {}
    for name, meant in _ALIAS.findall(latin) if "namespace" in latin else ():
        found[name] = "" if name in found and found[name] != meant else meant
    return {name: meant for name, meant in found.items() if meant}


def first_of(node: Node) -> Node | None:
    """The first named child, if there is one."""
    return node.named_child(0) if node.named_child_count else None


# Lists of children also hold the brackets and signs; for one or two it pays to go without.


def only_of(node: Node) -> Node | None:
    """The named child of a node that has just one."""
    return node.named_child(0) if node.named_child_count == 1 else None


def last_of(node: Node) -> Node | None:
    """The last named child, if there is one."""
    count = node.named_child_count
    return node.named_child(count - 1) if count else None


def walk_later(reading: Reading, nodes: Sequence[Node], scope: Scope) -> None:
    """Walk nodes, in their order, before anything else that waits."""
    reading.stack.append(Frame(iter(nodes), scope, scope.branch, -1))


def walk_block(reading: Reading, node: Node, scope: Scope) -> None:
    """Walk the children of a node, before anything else that waits."""
    frame = Frame(iter(node.named_children), scope, scope.branch, node.end_byte)
    reading.stack.append(frame)


def block_end(reading: Reading) -> int:
    """The end of the innermost block that is being walked; 0 if there is none."""
    return next((frame.end for frame in reversed(reading.stack) if frame.end >= 0), 0)


def in_branch(
    reading: Reading, scope: Scope, condition: Expr, start: int, end: int, *, holds: bool
) -> Scope:
    """The scope of code that only runs if the condition is so."""
    reading.branches.append(Branch(scope.branch, condition, holds, start, end))
    return Scope(scope.function, len(reading.branches) - 1, scope.owner, scope.in_class)


def record_call(
    reading: Reading,
    scope: Scope,
    kind: CallKind,
    callee: Expr,
    arguments: tuple[Argument, ...],
    start: int,
    end: int,
) -> Result:
    """Add a call; gives its value."""
    reading.calls.append(Call(scope.function, scope.branch, kind, callee, arguments, start, end))
    return Result(len(reading.calls) - 1, start, end)


def record_binding(
    reading: Reading,
    scope: Scope,
    target: Expr,
    operator: str,
    value: Expr,
    type: str,
    start: int,
    end: int,
) -> None:
    """Add a binding."""
    reading.bindings.append(
        Binding(scope.function, scope.branch, target, operator, value, type, start, end)
    )
