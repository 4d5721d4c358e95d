"""Rewriting macro idioms of C and C++, with the same length, into something the grammars read."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from sessionzero.frontends.c import header_words
from sessionzero.frontends.c.canvas import (
    Canvas,
    byte_at,
    byte_before,
    closing,
    erase,
    is_word,
    places,
    skip_blanks,
    write,
)
from sessionzero.frontends.c.parsing import Span
from sessionzero.frontends.c.try_blocks import rewrite_tries

_LITERALS_AND_NAMES = re.compile(rb"""(?:[\s\w]|"\x01*"|'\x01*')*""")
_EXPORTED_CLASS = re.compile(
    rb"class[ \t\r\n]+([A-Z][A-Z0-9_]+)[ \t\r\n]+[A-Za-z_][\w:]*(?:[ \t\r\n]+final)?[ \t\r\n]*[:{]"
)
_EXPORTED_STRUCT = re.compile(
    rb"struct[ \t\r\n]+([A-Z0-9_]{0,60}(?:API|EXPORT|DLL|IMPORT|DECL|EXTERN|PUBLIC)[A-Z0-9_]{0,60})"
    rb"[ \t\r\n]+[A-Za-z_][\w:]*(?:[ \t\r\n]+final)?[ \t\r\n]*[:{]"
)
# Two patterns that begin with a letter of their own are found five times faster than one.
_MACRO_LINES = tuple(
    re.compile(begin + rb"([ \t]*+)([A-Z][A-Z0-9_]++)[ \t]*+(?:(\()|\r?(?=\n))")
    for begin in (rb"\n", rb"\{")
)
_NAME_AND_BRACKET = re.compile(rb"\w*[a-z]\w*[ \t]*\(")
_LOOP_MACRO = re.compile(rb"for[ \t]*\([ \t]*[A-Za-z_]\w*[ \t]*\(")
_DECLARING = (b"DECLARE_", b"IMPLEMENT_", b"Q_")
_NO_NAME = re.compile(rb"""["']|(?<!\w)\d""")
_CLASS_HEAD = re.compile(rb"(?<![\w#])(?:class|struct)(?!\w)[^;{}]*\Z")
_LONGEST_CLASS = 20_000  # bytes of one before a line that is told to be its member
_LONGEST_HEAD = 2000  # bytes of its name and bases
_LITERAL_THEN_NAME = re.compile(rb'"[ \t\r\n]*([ \t])(?=#?[A-Za-z_]\w*([^\w]|\Z))')
_NOT_A_STRING = re.compile(rb'(?:extern|operator)\s*"\x01*"\Z')
_OF_HRESULT = (b"STDMETHOD", b"IFACEMETHOD")
_COM_METHODS = (
    *_OF_HRESULT,
    *(b"STDMETHOD_", b"IFACEMETHOD_", b"STDMETHODIMP_", b"IFACEMETHODIMP_", b"STDAPI_"),
)
_SIGNATURE = re.compile(rb"\s*\(\s*[A-Za-z_]\w*\s*(\([^()]*+\))\s*\)")
_METHOD_ARGUMENTS = re.compile(rb"[ \t]*(\()\s*(?:([^(),]{1,200}),\s*)?([A-Za-z_]\w*)\s*\)")


def rewrite(
    canvas: Canvas, words: frozenset[bytes], defines: Sequence[Span], *, cplusplus: bool
) -> None:
    """Rewrite whatever idioms occur. ``words`` are the words of the file; ``defines`` its live
    definitions of macros, whose bodies have nothing to do with what stands around them."""
    for word in header_words.LITERAL_WRAPPERS:
        if word in words:
            for start in places(canvas, word):
                _unwrap_literal(canvas, start, start + len(word))
    _com_interfaces(canvas, words)
    if cplusplus:
        _exported_classes(canvas, words)
        _qt_sections(canvas, words)
        _join_literals(canvas, [place for define in defines for place in define])
    rewrite_tries(canvas, words, cplusplus=cplusplus)
    if b"for" in words:
        _loop_macros(canvas)
    _macro_lines(canvas, defines)


def _unwrap_literal(canvas: Canvas, start: int, end: int) -> None:
    """``TEXT("a")`` becomes the literal, so that it joins its neighbours; ``TEXT(f(x))`` keeps its
    brackets."""
    opening = skip_blanks(canvas, end)
    if byte_at(canvas, opening) != b"(":
        return
    end = closing(canvas, opening)
    erase(canvas, start, opening)
    if end > 0 and _LITERALS_AND_NAMES.fullmatch(canvas.shape, opening + 1, end):
        erase(canvas, opening, opening + 1)
        erase(canvas, end, end + 1)


def _com_interfaces(canvas: Canvas, words: frozenset[bytes]) -> None:
    """The macros of combaseapi.h that declare interfaces and their methods."""
    if b"interface" in words:
        for start in places(canvas, b"interface"):
            end = start + len(b"interface")
            if byte_at(canvas, skip_blanks(canvas, end)).isalpha():
                write(canvas, start, b"struct   ")
    if b"MIDL_INTERFACE" in words:
        for start in places(canvas, b"MIDL_INTERFACE"):
            end = closing(canvas, start)
            if end > 0:
                erase(canvas, start, end + 1)
                write(canvas, start, b"struct")
    for word in _COM_METHODS:
        if word in words:
            for start in places(canvas, word):
                _com_method(canvas, start, start + len(word))
    if b"STDMETHOD" in words or b"STDMETHOD_" in words:
        for word, meaning in ((b"PURE", b"= 0 "), (b"THIS_", b"     "), (b"THIS", b"    ")):
            for start in places(canvas, word):
                write(canvas, start, meaning)


def _com_method(canvas: Canvas, start: int, end: int) -> None:
    """``STDMETHOD(f)`` is ``HRESULT f``; ``STDMETHOD_(T, f)`` and ``STDMETHODIMP_(T)`` name T."""
    match = _METHOD_ARGUMENTS.match(canvas.shape, end)
    if not match:
        return
    erase(canvas, *match.span(1))
    erase(canvas, match.end() - 1, match.end())
    if match[2]:
        erase(canvas, match.end(2), match.start(3))
    word = bytes(canvas.shape[start:end])
    erase(canvas, start, end)
    if word in _OF_HRESULT:
        write(canvas, start, b"HRESULT")


def _loop_macros(canvas: Canvas) -> None:
    """``for (EACH(list, item))``: the macro holds the semicolons. Without its brackets, and with
    a semicolon for the first of them and for the first comma, it is a loop."""
    for match in _LOOP_MACRO.finditer(bytes(canvas.shape)):
        opening = match.end() - 1
        end = closing(canvas, opening)
        if end < 0 or byte_at(canvas, skip_blanks(canvas, end + 1)) != b")":
            continue
        if is_word(canvas.shape[match.start() - 1 : match.start()]):
            continue
        comma = canvas.shape.find(b",", opening, end)
        if b";" not in canvas.shape[opening:end]:
            write(canvas, end, b" ")
            write(canvas, opening, b";")
            write(canvas, comma if comma > 0 else end, b";")


def _exported_classes(canvas: Canvas, words: frozenset[bytes]) -> None:
    """``class EXPORT Foo :`` loses the macro: the grammar would take Foo for a function."""
    for word, pattern in ((b"class", _EXPORTED_CLASS), (b"struct", _EXPORTED_STRUCT)):
        if word in words:
            for match in pattern.finditer(bytes(canvas.shape)):
                erase(canvas, *match.span(1))


def _qt_sections(canvas: Canvas, words: frozenset[bytes]) -> None:
    """``signals:``, ``public slots:`` and ``emit f()``; ``SLOT(f(int))`` names f."""
    for word in (b"SIGNAL", b"SLOT"):
        if word in words:
            for start in places(canvas, word):
                if match := _SIGNATURE.match(canvas.shape, start + len(word)):
                    erase(canvas, *match.span(1))
    if b"signals" in words:
        for start in places(canvas, b"signals"):
            if byte_at(canvas, skip_blanks(canvas, start + 7)) == b":":
                write(canvas, start, b"public ")
    for word in (b"slots", b"Q_SLOTS"):
        if word in words:
            for start in places(canvas, word):
                if byte_at(canvas, skip_blanks(canvas, start + len(word))) == b":":
                    erase(canvas, start, start + len(word))
    if b"emit" in words:
        for start in places(canvas, b"emit"):
            after = skip_blanks(canvas, start + 4)
            before = byte_before(canvas, start)
            if after > start + 4 and byte_at(canvas, after).isalpha() and before in b";{}:)":
                erase(canvas, start, start + 4)


def _join_literals(canvas: Canvas, borders: list[int]) -> None:
    """Put a ``+`` between a literal and a macro after it: the C++ grammar can't join the two.

    The expression builder sees by the source that there was none, and makes a Join.
    """
    for match in _LITERAL_THEN_NAME.finditer(bytes(canvas.shape)):
        border = bisect_right(borders, match.start())
        if border < len(borders) and borders[border] <= match.start(1):
            continue
        before = canvas.shape[max(0, match.start() - 40) : match.start() + 1]
        if match[2] != b'"' and not _NOT_A_STRING.search(before):
            write(canvas, match.start(1), b"+")


def _macro_lines(canvas: Canvas, defines: Sequence[Span]) -> None:
    """End macro calls that stand on lines of their own without a semicolon."""
    if b";" not in canvas.shape and b"{" not in canvas.shape:
        return  # nothing but the entries of a list
    ends = sorted(end for _, end in defines)
    shape = bytes(canvas.shape)
    matches = [match for pattern in _MACRO_LINES for match in pattern.finditer(shape)]
    for match in sorted(matches, key=re.Match.start):
        if match[3] is None:
            if header_words.STATEMENT_BREAKS.fullmatch(match[2]):
                erase(canvas, *match.span(2))
            continue
        start, end = match.start(2), closing(canvas, match.start(3)) + 1
        before = _behind_what(canvas, start, ends) if end else b")"
        if before in b";{}:" and (match[0][:1] == b"\n" or before == b"}"):
            last = before in b";}"  # what the brackets around hold are statements
            _end_macro_line(canvas, start, end, match[2], indented=bool(match[1]), last=last)


def _behind_what(canvas: Canvas, start: int, ends: Sequence[int]) -> bytes:
    """The byte before a line; ``}`` for the one that begins a block of statements, empty behind the
    definition of a macro (``ends`` are where those end)."""
    number = bisect_right(ends, start) - 1
    if number >= 0 and not canvas.shape[ends[number] : start].strip():
        return b""
    before = byte_before(canvas, start)
    if before == b"{":
        bracket = canvas.shape.rfind(b"{", 0, start)
        return b"}" if byte_before(canvas, bracket) == b")" else before
    return before


def _end_macro_line(
    canvas: Canvas, start: int, end: int, name: bytes, *, indented: bool, last: bool
) -> None:
    following = skip_blanks(canvas, end)
    gap = bytes(canvas.shape[end:following])
    after = byte_at(canvas, following)
    if after != b"}" and (b"\n" not in gap or not (after.isalnum() or after in b"_~")):
        return
    declares = name.startswith(b"DECLARE_") and _NO_NAME.search(canvas.shape, start, end)
    if declares and _is_in_class(canvas, start):
        erase(canvas, start, end)
        return
    room = max(gap.rfind(b" "), gap.rfind(b"\t"))
    is_declaration = name.startswith(_DECLARING) or header_words.STATEMENT_BREAKS.fullmatch(name)
    if after == b"}" and not last and not is_declaration:
        return
    if room < 0 and indented and after == b"}" and not is_declaration:
        write(canvas, start - 1, b";")  # now the grammars don't need one behind it
    elif room >= 0 and (indented or is_declaration):
        write(canvas, end + room, b";")
    elif is_declaration or (not indented and after != b"}"):
        # At the left margin stands a declaration, or what a function returns. A last member
        # without a semicolon would take the whole class with it.
        erase(canvas, start, end)
        if (
            not is_declaration
            and end - start > 3
            and _NAME_AND_BRACKET.match(canvas.shape, following)
        ):
            write(canvas, start, b"int")


def _is_in_class(canvas: Canvas, start: int) -> bool:
    """Whether a line is a member of a class. The grammar reads one such as ``DECLARE_LIBID(name)``
    as a method, and loses the whole class by ``DECLARE_REGISTRY_APPID_RESOURCEID(IDR, "{…}")``."""
    depth, place, first = 1, start, max(0, start - _LONGEST_CLASS)
    while depth and place > first:
        opening, end = (canvas.shape.rfind(bracket, first, place) for bracket in (b"{", b"}"))
        place = max(opening, end)
        depth += 1 if end > opening else -1
    head = canvas.shape[max(0, place - _LONGEST_HEAD) : place] if place > first else b""
    return _CLASS_HEAD.search(head) is not None
