"""Heads of C and C++ functions that the grammars can't read, found by their text.

A body at file scope whose head is no declaration belongs to a macro that makes the head
(``THREAD_FUNCTION(run) {…}``), to a function without a return type or with parameters of the old
style, or to one whose head an unknown macro has broken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionzero.facts import Function, Parameter
from sessionzero.frontends.c_reading import Reading, Scope, walk_block

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST = 1500  # bytes of a head
_OLD_PARAMETERS = re.compile(
    r"(?<![\w.>])[A-Za-z_]\w{0,80}\s{0,20}\(([\w\s,]{0,400})\)"
    r"(?P<types>\s*(?:\w[\w\s*,()\[\]]{0,200};\s*){1,40})\Z"
)
_SUFFIXES = re.compile(r"(?:\s*\b(?:const|volatile|override|final|noexcept))*\s*\Z")
_NAME = re.compile(r"((?:[A-Za-z_]\w*(?:<[\w ,]*>)?\s*::\s*)*)(~?[A-Za-z_]\w*)\s*\Z")
_BEFORE = re.compile(r"(?:\A|[\w*&>};:)])\s*\Z")
_NEW_STATEMENT = re.compile(r"(?:\A|[};])\s*\Z")
_WORD = re.compile(r"[A-Za-z_]\w*")
_LAST_NAME = re.compile(r"([\w#]+(?:\s*##\s*\w+)*)\s*\([^()]*\)\s*\Z")
_NO_FUNCTIONS = frozenset(
    "if for while switch catch return sizeof do else defined __except __attribute__ alignas "
    "requires decltype noexcept throw".split()
)


class Head(Struct, frozen=True):
    """``start`` is where it begins, ``name_start`` where the name (or the macro) stands."""

    name: str
    owner: str
    parameters: tuple[Parameter, ...]
    start: int
    name_start: int
    name_end: int


def lost_function(reading: Reading, body: Node, scope: Scope) -> bool:
    """Record the function that a block at file scope is the body of, and walk it. False if no
    head stands before the block."""
    head = _head_before(reading, body.start_byte)
    if head is None:
        return False
    _forget_head(reading, head)
    owner = "::".join(part for part in (scope.owner, head.owner) if part)
    if head.owner and scope.owner.rpartition("::")[2] == head.owner:
        owner = scope.owner  # `class A { int A::f() {…} };`
    reading.functions.append(
        Function(
            head.name,
            owner,
            scope.function,
            "function",
            head.parameters,
            "",
            ("static",) if "static" in reading.latin[head.start : head.name_start].split() else (),
            (),
            head.name_start,
            head.name_end,
            head.start,
            body.end_byte,
        )
    )
    walk_block(reading, body, Scope(len(reading.functions) - 1, -1, owner, in_class=False))
    return True


def macro_head_name(reading: Reading, macro: str, arguments: tuple[str, ...]) -> str:
    """The name of the function whose head a macro makes; the macro's own if it isn't known.

    If the file doesn't define the macro, its only argument is the name.
    """
    define = next((d for d in reversed(reading.defines) if d.name == macro), None)
    if define is None or define.parameters is None:
        return arguments[0] if len(arguments) == 1 and arguments[0] != "void" else macro
    body = reading.source[define.body : define.end].decode("utf-8", "replace")
    match = _LAST_NAME.search(body.replace("\\\n", " ").replace("\\\r\n", " ").rstrip())
    if match is None:
        return macro
    given = dict(zip(define.parameters, arguments, strict=False))
    return "".join(given.get(word, word) for word in _WORD.findall(match[1]))


def _head_before(reading: Reading, end: int) -> Head | None:
    """The head that ends at a place."""
    start = max(0, end - _LONGEST)
    text = reading.latin[start:end].rstrip()
    old = None if reading.cplusplus else _OLD_PARAMETERS.search(text)
    if old:
        text = text[: old.start("types")]
    text = _SUFFIXES.sub("", text)
    opening = _opening(text)
    name = _NAME.search(text, 0, opening) if opening > 0 else None
    if name is None or name[2] in _NO_FUNCTIONS or not _BEFORE.search(text, 0, name.start()):
        return None
    inside = text[opening + 1 : -1]
    written = tuple(part.strip() for part in inside.split(",")) if inside.strip() else ()
    simple = name[2]
    is_macro = simple.isupper() and not old and _NEW_STATEMENT.search(text, 0, name.start())
    if is_macro:
        simple = macro_head_name(reading, simple, written)
    owner = re.sub(r"<[^<>]*>|\s", "", name[1]).removesuffix("::")
    before = max(text.rfind(mark, 0, name.start()) for mark in ";{}") + 1
    before += len(text[before:]) - len(text[before:].lstrip())
    name_start, name_end = start + name.start(2), start + name.end(2)
    parameters = () if is_macro else _parameters(written)
    return Head(simple, owner, parameters, start + before, name_start, name_end)


def _opening(text: str) -> int:
    """The place of the bracket that the last one closes; -1 if the text ends with none."""
    if not text.endswith(")"):
        return -1
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        depth += (text[position] == ")") - (text[position] == "(")
        if not depth:
            return position
    return -1


def _parameters(written: tuple[str, ...]) -> tuple[Parameter, ...]:
    """Parameters by name; of an old-style head their types stand elsewhere."""
    if written == ("void",):
        return ()
    names = [_WORD.findall(part) for part in written]
    return tuple(Parameter(words[-1] if words else "", "", None) for words in names)


def _forget_head(reading: Reading, head: Head) -> None:
    """The grammar took the head for a call, and old-style parameters for variables of the file."""
    for found in (reading.calls, reading.bindings, reading.declarations):
        while found and found[-1].start >= head.start:
            found.pop()
