"""Changes to C and C++ as edits of the text."""

from __future__ import annotations

import re

from sessionzero.c_numbers import number
from sessionzero.findings import Change, Edit, Place
from sessionzero.fixes import words
from sessionzero.frontends.c.literals import string
from sessionzero.frontends.c.mask import shape_of
from sessionzero.sources.text import SourceText

_OPENING = re.compile(r'(?:u8|[uUL])?(?:R"[^(\s]{0,16}\(|")')
_LETTERS = re.compile(r'(?:\b(?P<macro>_?_?TEXT|_T)\s*\(\s*)?\b(?P<letters>u8|[uUL])?R?"')
_PIECE = re.compile(
    r"\\(?:\r?\n|x[0-9a-fA-F]+|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|[^\\]", re.DOTALL
)
_REST_OF_LINE = re.compile(rb"[ \t]*(?://[^\r\n]*|/\*[^\r\n*]*\*/[ \t]*)?(?:\r\n?|\n)")
_BLANKS = re.compile(rb"(?:\s|\\(?=\r?\n))*")
_NUMBER = re.compile(
    r"(?P<sign>0[xXbB]|0(?=[0-7]))?(?P<digits>[0-9a-fA-F']+)(?P<suffix>[uUlLzZiI0-9]*)"
)


def edits(source: SourceText, changes: tuple[Change, ...]) -> tuple[Edit, ...] | None:
    """The edits that make the changes; None if one of them can't be made."""
    made = [_edit(source, change) for change in changes]
    return tuple(it for it in made if it is not None) if all(made) else None


def _edit(source: SourceText, change: Change) -> Edit | None:
    written = source.snippet(change.place.start, change.place.end)
    match change.kind:
        case "prefix":
            return _prefixed(source, change, written)
        case "reword":
            return _reworded(source, change, written)
        case "escape":
            opening, at = _OPENING.match(written), written.find("\\")
            if not opening or opening[0].endswith("(") or at < 0:
                return None
            return _at(source, change.place.start, written[:at], "", "\\")
        case "keep":
            return _kept(source, change)
        case "clear":
            text = _cleared(written, change.number)
            return Edit(change.place, text) if text else None
        case "replace":
            return Edit(change.place, change.text)
        case "scale":
            whole = f"({written})" if change.old else written
            return Edit(change.place, f"{whole} * {change.text}")
        case "statement":
            return _removed(source, change.place)
        case "word" | "option":
            return words.edit(source, change)
        case _:
            return None


def _at(source: SourceText, start: int, before: str, old: str, new: str) -> Edit:
    """``new`` in place of ``old``, which stands behind ``before``."""
    start += len(before.encode("utf-8", "surrogatepass"))
    end = start + len(old.encode("utf-8", "surrogatepass"))
    return Edit(Place(source.path, start, end), new)


# --- literals ---


def _prefixed(source: SourceText, change: Change, written: str) -> Edit | None:
    opening = _OPENING.match(written)
    if opening:
        return _at(source, change.place.start, opening[0], "", _spelt(change.text, opening[0]))
    like = _LETTERS.search(written)
    if not like:
        return None
    literal = f'{like["letters"] or ""}"{_spelt(change.text, "")}"'
    if like["macro"]:
        literal = f"{like['macro']}({literal})"
    return _at(source, change.place.start, "", "", f"{literal} {change.old}".rstrip() + " ")


def _reworded(source: SourceText, change: Change, written: str) -> Edit | None:
    """The pieces of a literal that mean ``old``, replaced by what means ``text``."""
    opening = _OPENING.match(written)
    if not opening:
        return None
    raw, body = opening[0].endswith("("), written[opening.end() :]
    said, end = "", 0
    while len(said) < len(change.old) and end < len(body) and (raw or body[end] != '"'):
        piece = body[end] if raw else _piece(body, end)
        said += piece if raw else string(f'"{piece}"')
        end += len(piece)
    if said != change.old:
        return None
    text = _spelt(change.text, opening[0])
    return _at(source, change.place.start, opening[0], body[:end], text)


def _piece(body: str, at: int) -> str:
    match = _PIECE.match(body, at)
    return match[0] if match else body[at:]


def _spelt(text: str, opening: str) -> str:
    """A text as it stands in a literal that begins so."""
    if opening.endswith("("):
        return text
    return text.replace("\\", "\\\\").replace('"', '\\"')


# --- numbers and operations ---


def _cleared(written: str, bits: int) -> str:
    """A number in the same spelling without some bits; empty if it isn't understood."""
    value, match = number(written), _NUMBER.fullmatch(written)
    if value is None or match is None:
        return ""
    sign = match["sign"] or ""
    digits = match["digits"].rstrip("uU" if not sign.lower().startswith("0x") else "")
    form = {"0x": "x", "0b": "b", "0": "o"}.get(sign.lower(), "d")
    width = len(digits) if digits.startswith("0") else 0
    text = format(value & ~bits, f"0{width}{form}" if width else form)
    text = text.upper() if digits != digits.lower() else text
    made = sign + text + match["suffix"]
    return made if number(made) == value & ~bits else ""


def _kept(source: SourceText, change: Change) -> Edit | None:
    """Only an operand, or a side of a choice, of what stood there."""
    place, kept = change.place, change.kept
    if kept is None:
        return None
    if not change.old:
        return Edit(place, source.snippet(kept.start, kept.end))
    shape = source.once("shape", shape_of)
    operator = change.old.encode()
    head = shape.rfind(operator, place.start, kept.start)
    if head >= 0:
        blanks = _BLANKS.match(shape, head + 1, kept.start)
        start, end = place.start, blanks.end() if blanks else head + 1
    else:
        bar = shape.find(operator, kept.end, place.end)
        start, end = len(source.utf8[:bar].rstrip(b" \t\r\n\\")), place.end
        if bar < 0 or start < kept.end:
            return None
    if b"#" in shape[start:end]:  # a directive stands between the operands
        return None
    return Edit(Place(place.path, start, end), "")


def _removed(source: SourceText, place: Place) -> Edit | None:
    """Without a statement, and without its line if that holds nothing else. None if it may be all
    that an ``if`` is followed by."""
    shape = source.once("shape", shape_of)
    end = place.end + len(shape[place.end :]) - len(shape[place.end :].lstrip())
    if shape[end : end + 1] != b";" or shape[: place.start].rstrip()[-1:] not in (b";", b"{", b"}"):
        return None
    start, end, data = place.start, end + 1, source.utf8
    first = max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1
    following = _REST_OF_LINE.match(data, end)
    if following and not data[first:start].strip():
        start, end = first, following.end()
    return Edit(Place(place.path, start, end), "")
