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
from sessionzero.frontends.c.reading import Reading, Scope, walk_block

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST = 1500  # bytes of a head
_LONGEST_NAME = 120
_OLD_PARAMETERS = re.compile(r"(?:[A-Za-z_][\w\s*,()\[\]]*;\s*)+")
_AFTER_BRACKET = re.compile(r"\)\s*(?=[A-Za-z_])")
_SUFFIX = re.compile(r"\b(?:const|volatile|override|final|noexcept)\Z")
_NAME = re.compile(r"((?:[A-Za-z_]\w*(?:<[\w ,]*>)?\s*::\s*)*)(~?[A-Za-z_]\w*)\s*\Z")
_PASTED = re.compile(r"[\w#]+\Z")
_TEMPLATE = re.compile(r"<[^<>]*>|\s")
_WORD = re.compile(r"[A-Za-z_]\w*")
_NO_FUNCTIONS = frozenset(
    (
        *("if", "for", "while", "switch", "catch", "return", "sizeof", "do", "else", "defined"),
        *("__except", "__attribute__", "alignas", "requires", "decltype", "noexcept", "throw"),
    )
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
    head = _head_before(reading, body.start_byte) if reading.of_file else None
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
    body = "##".join(part.strip() for part in body.replace("\\", " ").rstrip().split("##"))
    match = _PASTED.search(body[: max(0, _opening(body))].rstrip()[-_LONGEST_NAME:])
    if match is None:
        return macro
    given = dict(zip(define.parameters, arguments, strict=False))
    return "".join(given.get(word, word) for word in _WORD.findall(match[0]))


def _head_before(reading: Reading, end: int) -> Head | None:
    """The head that ends at a place."""
    text = reading.latin[max(0, end - _LONGEST) : end]
    text = text[max(text.rfind("{"), text.rfind("}")) + 1 :]
    start = end - len(text)
    text, old = _without_suffixes(text.rstrip(), old_style=not reading.cplusplus)
    opening = _opening(text)
    name = _NAME.search(text, max(0, opening - _LONGEST_NAME), max(0, opening))
    if name is None or name[2] in _NO_FUNCTIONS:
        return None
    before = text[: name.start()].rstrip()
    if before and not (before[-1].isalnum() or before[-1] in "_*&>;:)"):
        return None
    inside = text[opening + 1 : -1]
    written = tuple(part.strip() for part in inside.split(",")) if inside.strip() else ()
    simple = name[2]
    is_macro = simple.isupper() and not old and before[-1:] in ("", ";")
    if is_macro:
        simple = macro_head_name(reading, simple, written)
    first = text.rfind(";", 0, name.start()) + 1
    first += len(text[first:]) - len(text[first:].lstrip())
    owner = _TEMPLATE.sub("", name[1]).removesuffix("::")
    parameters = () if is_macro else _parameters(written)
    name_start, name_end = start + name.start(2), start + name.end(2)
    return Head(simple, owner, parameters, start + first, name_start, name_end)


def _without_suffixes(text: str, *, old_style: bool) -> tuple[str, bool]:
    """A head up to its last bracket, and whether declarations of parameters followed."""
    if old_style and text.endswith(";"):
        for bracket in _AFTER_BRACKET.finditer(text):
            if _OLD_PARAMETERS.fullmatch(text, bracket.end()):
                return text[: bracket.start() + 1], True
    while suffix := _SUFFIX.search(text, max(0, len(text) - 10)):
        text = text[: suffix.start()].rstrip()
    return text, False


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
