"""Macros of C and C++: the values and calls in the bodies of ``#define`` lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from sessionzero.c_numbers import number
from sessionzero.facts import (
    Expr,
    Function,
    Join,
    Macro,
    Name,
    Null,
    Number,
    Parameter,
    Text,
    Unknown,
)
from sessionzero.frontends.c.directives import Define
from sessionzero.frontends.c.expressions import expression
from sessionzero.frontends.c.literals import string
from sessionzero.frontends.c.preprocess import Prepared
from sessionzero.frontends.c.reading import Reading, Scope, walk_later

if TYPE_CHECKING:
    from tree_sitter import Node

Parse = Callable[[bytes, list[tuple[int, int]]], "Node"]
Drain = Callable[[], None]

_SIMPLE = re.compile(
    rb'(?P<number>\d[\w\']*)|(?P<string>(?:u8|[uUL])?"[\x01]*")|(?P<name>[A-Za-z_]\w*(?:::\w+)*)'
)
_PIECE = re.compile(rb'(?P<string>(?:u8|[uUL])?"[\x01]*")|(?P<name>[A-Za-z_]\w*)')
# The "+" stands where the pre-pass has joined a literal and a name for the grammar of C++.
_SERIES = re.compile(rb'(?:(?:u8|[uUL])?"[\x01]*"\+?\s*|[A-Za-z_]\w*(?:\s+|(?=")|$)){2,}')
_PASTED = re.compile(rb"[A-Za-z_]\w*(?:[ \t]*##[ \t]*\w+)+|#[ \t]*[A-Za-z_]\w*")
_STATEMENT = re.compile(rb"\s*(?:do|if|for|while|switch|return|goto|throw|else|case)\b|[^;{]*[;{]")
_CALL = re.compile(rb"\w\s*\(")
_WIDENING = re.compile(rb"\bL[ \t]*##[ \t]*")
_PASTING = re.compile(rb"[ \t]*##[ \t]*|#[ \t]+")
# An item of a list: `[id] = name,`, and `{id, name},` without a statement in it.
_DESIGNATED = re.compile(rb"[\s\\]*(?:\[[^][{}]*\]|\.[A-Za-z_]\w*)[\s\\]*=(?!=)")
_LIST = re.compile(rb"[\s\\]*\{[^;]*\}")
_HEAD = re.compile(rb"[\s\\]*[A-Za-z_]\w*[ \t]*\(")
_BRACKETS = re.compile(rb"[][{}()]")
_OPENING = {b")": b"(", b"]": b"[", b"}": b"{"}

# What is written over the characters before a body, of which `#define X ` leaves ten at least,
# and after it: its line end and the `#` of a next definition.
_AS_VALUE = b"int f=("
_AS_LIST = b" int f="
_AS_STATEMENTS = b"int f(){"


def read_macros(reading: Reading, prepared: Prepared, parse: Parse, drain: Drain) -> None:
    """Record every live macro.

    Most bodies are one literal or name. The others are parsed all at once, each as a declaration
    of its own at its own place in a text that is blank otherwise.
    """
    functions = {d.start: _function(reading, prepared, d) for d in prepared.defines}
    bodies: dict[int, Expr] = {}
    complicated: list[Define] = []
    for define in prepared.defines:
        value = _simple(prepared, define)
        if value is None:
            complicated.append(define)
        else:
            bodies[define.start] = value
    if complicated:
        bodies |= _parsed(reading, prepared, complicated, functions, parse, drain)
    for d in prepared.defines:
        body = bodies.get(d.start) or Unknown(d.body, d.end)
        macro = Macro(d.name, d.parameters, body, functions[d.start], d.start, d.end)
        reading.macros.append(macro)


def _function(reading: Reading, prepared: Prepared, define: Define) -> int:
    """The index of a macro's own Function; -1 if it has no parameters and calls nothing."""
    calls = _CALL.search(prepared.shape, define.body, define.end)
    if define.parameters is None and not calls:
        return -1
    parameters = tuple(Parameter(name, "", None) for name in define.parameters or ())
    reading.functions.append(
        Function(
            define.name,
            "",
            0,
            "macro",
            parameters,
            "",
            (),
            (),
            define.name_start,
            define.name_start + len(define.name),
            define.start,
            define.end,
        )
    )
    return len(reading.functions) - 1


def _simple(prepared: Prepared, define: Define) -> Expr | None:
    """The value of a body that is one literal or name, or nothing."""
    shape = prepared.shape[define.body : define.end]
    stripped = shape.strip().rstrip(b" \t,")
    start = define.body + shape.find(stripped)
    end = start + len(stripped)
    if not stripped:
        return Unknown(start, start)
    match = _SIMPLE.fullmatch(stripped)
    if not match and _PASTED.fullmatch(stripped) and not _WIDENING.match(stripped):
        return Name(stripped.decode(), start, end)
    if not match:
        return _series(prepared, define) if _SERIES.fullmatch(stripped) else None
    raw = prepared.text[start:end].decode("utf-8", "replace")
    if match["string"]:
        return Text(string(raw), raw, start, end)
    if match["number"]:
        value = number(raw)
        return Unknown(start, end) if value is None else Number(value, start, end)
    return Null(start, end) if raw in ("NULL", "nullptr") else Name(raw, start, end)


def _series(prepared: Prepared, define: Define) -> Expr:
    """Literals and names side by side (``PREFIX "Ready" NAME``): all are literals, or will be once
    they are replaced."""
    pieces: list[Expr] = []
    for match in _PIECE.finditer(prepared.shape[define.body : define.end]):
        start, end = define.body + match.start(), define.body + match.end()
        raw = prepared.text[start:end].decode("utf-8", "replace")
        pieces.append(
            Text(string(raw), raw, start, end) if match["string"] else Name(raw, start, end)
        )
    return Join(tuple(pieces), pieces[0].start, pieces[-1].end)


def _parsed(
    reading: Reading,
    prepared: Prepared,
    defines: list[Define],
    functions: dict[int, int],
    parse: Parse,
    drain: Drain,
) -> dict[int, Expr]:
    code, ranges = _macro_text(prepared, defines)
    reading.latin = code.decode("latin-1")
    bodies: dict[int, Expr] = {}
    starts = [define.body for define in defines]
    # The grammars take `$` for a letter: what `#` makes of words is one word.
    for node in parse(code.replace(b"#", b"$"), ranges).named_children:
        # A declaration begins before its body, what error recovery cut off behind it.
        define = defines[max(0, bisect_right(starts, node.start_byte + len(_AS_STATEMENTS)) - 1)]
        scope = Scope(max(0, functions[define.start]), -1, "", in_class=False)
        value = _value_in(node)
        if value is not None:
            bodies[define.start] = expression(reading, value, scope)
        else:
            walk_later(reading, [node.child_by_field_name("body") or node], scope)
        drain()
    return bodies


def _value_in(node: Node) -> Node | None:
    """The value in ``int f=(…);``; None for statements and for what isn't read as such."""
    declarator = node.child_by_field_name("declarator")
    if declarator is None or declarator.type != "init_declarator" or node.has_error:
        return None
    return declarator.child_by_field_name("value")


def _macro_text(prepared: Prepared, defines: list[Define]) -> tuple[bytes, list[tuple[int, int]]]:
    """A text with the bodies at their places, each made whole, and the ranges to be parsed."""
    ranges: list[tuple[int, int]] = []
    text = bytearray(b" " * len(prepared.text) + b"   ")
    for define in defines:
        shape = prepared.shape[define.body : define.end]
        if not _is_balanced(shape):
            continue
        body = _unpasted(prepared.text[define.body : define.end], shape)
        opening, closing = _made_whole(body, shape, applies=bool(define.parameters))
        text[define.body - len(opening) : define.body] = opening
        text[define.body : define.end] = body
        text[define.end : define.end + 2] = closing
        ranges.append((define.body - len(opening), define.end + 2))
    return bytes(text), ranges


def _made_whole(body: bytearray, shape: bytes, *, applies: bool) -> tuple[bytes, bytes]:
    """What stands before and after a body that is to be parsed. Edits it, if it is a row of calls
    (``X(Stop) X(Start)``, which a macro with parameters ``applies``) or an item of a list."""
    ends = _row(shape) if applies else []
    for end in ends:
        body[end] = ord(";")
    if designator := _DESIGNATED.match(shape):
        body[: designator.end()] = b" " * designator.end()
    trailing = len(shape.rstrip(b" \t\r\n\\,"))
    if b"," in shape[trailing:]:
        body[trailing:] = b" " * (len(body) - trailing)
    if _LIST.fullmatch(shape, designator.end() if designator else 0, trailing):
        return _AS_LIST, b"; "
    if ends or _STATEMENT.match(shape):
        return _AS_STATEMENTS, b";}"
    return _AS_VALUE, b");"


def _row(shape: bytes) -> list[int]:
    """Where the calls of a row of calls end, but for the last; nothing of another body."""
    ends: list[int] = []
    at = 0
    while head := _HEAD.match(shape, at):
        depth = 0
        for bracket in _BRACKETS.finditer(shape, head.end() - 1):
            depth += 1 if bracket[0] in b"([{" else -1
            if not depth:
                break
        at = bracket.end()
        ends.append(at)
    whole = not shape[at:].strip(b" \t\r\n\\")
    return ends[:-1] if whole and all(shape[end : end + 1] in b" \t\\" for end in ends[:-1]) else []


def _unpasted(body: bytes, shape: bytes) -> bytearray:
    """A body without line continuations, as long as it was. ``L ## x`` is x; other words that are
    pasted, or turned into a text, are one word with signs ``#`` in it."""
    if b"\\" in body:
        body = body.replace(b"\\\r\n", b" \r\n").replace(b"\\\n", b" \n")
    made = bytearray(body)
    if b"#" in shape:
        for match in _WIDENING.finditer(shape):
            made[match.start() : match.end()] = b" " * len(match[0])
        for match in _PASTING.finditer(_WIDENING.sub(lambda m: b" " * len(m[0]), shape)):
            made[match.start() : match.end()] = b"#" * len(match[0])
    return made


def _is_balanced(shape: bytes) -> bool:
    """True if every bracket in a body has its partner; half a statement would break the others."""
    open_brackets: list[bytes] = []
    for bracket in _BRACKETS.findall(shape):
        opening = _OPENING.get(bracket)
        if opening is None:
            open_brackets.append(bracket)
        elif not open_brackets or open_brackets.pop() != opening:
            return False
    return not open_brackets
