"""``try`` where the grammars of C and C++ don't expect it, rewritten with the same length."""

from __future__ import annotations

import re

from sessionzero.frontends.c.canvas import (
    Canvas,
    byte_at,
    byte_before,
    closing,
    erase,
    places,
    skip_blanks,
    write,
)

_BRACES = re.compile(rb"[{}]")
_HANDLING_MACRO = re.compile(rb"\s*([A-Z_][A-Z0-9_]*)\s*(?=\()")
_CATCHING = re.compile(rb"\b((?:AND_)?CATCH\s*\()\s*[A-Za-z_]\w*\s*(,)\s*[A-Za-z_]\w*\s*(\))\s*\{")
_LONGEST_INITIALISERS = 4000  # bytes


def rewrite_tries(canvas: Canvas, words: frozenset[bytes], *, cplusplus: bool) -> None:
    """Rewrite the blocks of macros, and the functions of C++ that a macro handles errors of."""
    if b"TRY" in canvas.shape or b"FINALLY" in canvas.shape:
        _macro_blocks(canvas, words)
    if cplusplus and b"CATCH" in words:
        _caught_by_macro(canvas)
    if cplusplus and b"try" in words:
        for start in places(canvas, b"try"):
            if byte_before(canvas, start) not in b";{}:":
                _function_body(canvas, start)


def _macro_blocks(canvas: Canvas, words: frozenset[bytes]) -> None:
    """``TRY {`` and ``FINALLY {`` of a project or of MFC: the C grammar may take the word for a
    type and lose the first call in the block. Without it, the block is one."""
    for word in sorted(w for w in words if w.endswith((b"TRY", b"FINALLY")) and w.isupper()):
        for start in places(canvas, word):
            end = start + len(word)
            if byte_at(canvas, skip_blanks(canvas, end)) == b"{":
                erase(canvas, start, end)


def _caught_by_macro(canvas: Canvas) -> None:
    """``CATCH(CFileException, e) {`` and ``AND_CATCH`` of MFC declare a variable."""
    for match in _CATCHING.finditer(canvas.shape):
        erase(canvas, match.start(1), match.end(1))
        write(canvas, match.start(2), b"*")
        write(canvas, match.start(3), b";")


def _function_body(canvas: Canvas, start: int) -> None:
    """``void f() try {a} CATCH_LOG()``, as WIL has it, becomes ``void f() {a}``: the handler is in
    a macro, and the grammar would wait for a ``catch``. So it may stand behind the initialisers of
    a constructor, ``C::C() try : a(1) {b} CATCH_LOG()``."""
    word = (start, start + len(b"try"))
    opening = canvas.shape.find(b"{", word[1], word[1] + _LONGEST_INITIALISERS)
    between = canvas.shape[word[1] : opening].strip() if opening > 0 else b"?"
    if between and not between.startswith(b":"):
        return
    end = _closing_brace(canvas, opening)
    macro = _HANDLING_MACRO.match(canvas.shape, end + 1) if end > 0 else None
    after = closing(canvas, macro.end()) if macro is not None else -1
    if macro is not None and after > 0:
        erase(canvas, *word)
        erase(canvas, macro.start(1), after + 1)


def _closing_brace(canvas: Canvas, opening: int) -> int:
    """The place of the brace that closes the one at ``opening``; -1 if there is none."""
    if byte_at(canvas, opening) != b"{":
        return -1
    depth = 0
    for match in _BRACES.finditer(canvas.shape, opening):
        depth += 1 if match[0] == b"{" else -1
        if depth == 0:
            return match.start()
    return -1
