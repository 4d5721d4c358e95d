"""Blanking annotations and calling conventions in C and C++."""

from __future__ import annotations

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

_UNDERSCORE = ord("_")
_WORD_BYTES = bytes(c if is_word(bytes([c])) else 32 for c in range(256))


def words_of(canvas: Canvas) -> frozenset[bytes]:
    """Every word of the code: one cheap pass that tells which edits are needed at all."""
    return frozenset(bytes(canvas.shape).translate(_WORD_BYTES).split())


def annotate(canvas: Canvas, words: frozenset[bytes]) -> None:
    """Blank, or replace with the same length, the words that the grammars can't read."""
    for word in sorted(words & header_words.BLANKED):
        for start in places(canvas, word):
            erase(canvas, start, start + len(word))
    for word in sorted(words & header_words.SAME_MEANING.keys()):
        for start in places(canvas, word):
            write(canvas, start, header_words.SAME_MEANING[word])
    annotations = {w for w in words if w[0] == _UNDERSCORE and header_words.ANNOTATION.fullmatch(w)}
    for word in sorted(annotations | words & header_words.WITH_ARGUMENTS):
        for start in places(canvas, word):
            _erase_with_arguments(canvas, start, start + len(word))
    for word in sorted(words & header_words.BARE_ANNOTATIONS):
        for start in places(canvas, word):
            _erase_between_names(canvas, start, start + len(word))
    canvas.exports.sort()


def _erase_with_arguments(canvas: Canvas, start: int, end: int) -> None:
    opening = skip_blanks(canvas, end) if byte_at(canvas, start) == b"_" else end
    exported = False
    # In `_In_ (*callback)(int)` the bracket belongs to the declarator.
    declarator = opening > end and byte_at(canvas, opening + 1) == b"*"
    if byte_at(canvas, opening) == b"(" and not declarator:
        end = max(end, closing(canvas, opening) + 1)
        exported = b"dllexport" in canvas.shape[opening:end]
    erase(canvas, start, end)
    if exported:
        canvas.exports.append(skip_blanks(canvas, end))


def _erase_between_names(canvas: Canvas, start: int, end: int) -> None:
    """Erase ``IN`` and the like, but not constants that are called so."""
    following = byte_at(canvas, skip_blanks(canvas, end))
    before = byte_before(canvas, start)
    leads = before in (b"(", b",") and is_word(following)
    trails = (is_word(before) or before == b"]") and following in (b",", b")")
    if leads or trails:
        erase(canvas, start, end)
