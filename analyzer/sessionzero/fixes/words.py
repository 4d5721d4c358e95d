"""Changes to scripts, to settings and to command lines in code, as edits of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.findings import Change, Edit, Place
from sessionzero.sources.text import SourceText

# Between two words: blanks, also where a caret, a backtick or a backslash continues the line.
_GAP = r"(?:[ \t]|[\^`\\]\r?\n)"
_GAP_BEFORE = re.compile(rf"{_GAP}+\Z")
_GAP_BEHIND = re.compile(rf"{_GAP}+")
# Between the items of a list.
_DIVIDED = re.compile(r"\s*[,;]\s*\Z")
_DIVIDING = re.compile(r"\s*[,;]\s*")
_GOING_ON = re.compile(rb"[ \t]+(?![\s/>])")
_QUOTES = "\"'`"
_NEAR = 4096  # bytes before a place in which a gap or the name of an attribute begins


def edits(source: SourceText, changes: tuple[Change, ...]) -> tuple[Edit, ...] | None:
    """The edits that make the changes; None if one of them can't be made."""
    made = [edit(source, change) for change in changes]
    return tuple(it for it in made if it is not None) if all(made) else None


def edit(source: SourceText, change: Change) -> Edit | None:
    """The edit that makes a change of a word or an option; None if it isn't written just so, or
    more than once."""
    match change.kind:
        case "word":
            return _word(source, change)
        case "option":
            return _attribute(source, change) or _option(source, change)
        case _:
            return None


def _word(source: SourceText, change: Change) -> Edit | None:
    pattern = rf"(?<![\w.#$&-]){re.escape(change.old)}(?![\w.])"
    found = list(re.finditer(pattern, source.snippet(change.place.start, change.place.end)))
    return _at(source, change.place, *found[0].span(), change.text) if len(found) == 1 else None


def _at(source: SourceText, place: Place, start: int, end: int, text: str) -> Edit:
    """``text`` for some characters of what stands at a place."""
    written = source.snippet(place.start, place.end)
    first = place.start + _size(written[:start])
    return Edit(Place(source.path, first, first + _size(written[start:end])), text)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _attribute(source: SourceText, change: Change) -> Edit | None:
    """Without an attribute of XML, of which the place is the quoted value, with the blanks before;
    or those behind, if it begins a line that goes on."""
    name = rf"(\s+)(?:[\w.-]+:)?{re.escape(change.old)}\s*=\s*\Z"
    start, end = change.place.start, change.place.end
    before = re.search(name, _before(source, start)) if change.old else None
    if before is None or source.snippet(start, end)[:1] not in _QUOTES:
        return None
    start -= _size(before[0])
    behind = _GOING_ON.match(source.utf8, end)
    if behind is not None and "\n" in before[1].replace("\r", "\n"):
        start, end = start + _size(before[1]), behind.end()
    return Edit(Place(source.path, start, end), "")


def _before(source: SourceText, end: int) -> str:
    return source.utf8[max(0, end - _NEAR) : end].decode("utf-8", "ignore")


def _option(source: SourceText, change: Change) -> Edit | None:
    """Without an option and its value, and without what divides it from the option before; or from
    the next one, if it is the first."""
    written = source.snippet(change.place.start, change.place.end)
    found = [match.span() for pattern in _patterns(change) for match in pattern.finditer(written)]
    if len(found) != 1:
        return None
    start, end = found[0]
    whole = _at(source, change.place, start, end, "").place
    before = written[:start] or _before(source, change.place.start)
    divided = _DIVIDED.search(before) or _GAP_BEFORE.search(before)
    if divided is not None:
        return Edit(Place(source.path, whole.start - _size(divided[0]), whole.end), "")
    divided = _DIVIDING.match(written[end:]) or _GAP_BEHIND.match(written[end:])
    behind = _size(divided[0]) if divided is not None else 0
    return Edit(Place(source.path, whole.start, whole.end + behind), "")


def _patterns(change: Change) -> Iterator[re.Pattern[str]]:
    """How an option may be written: with blanks or a sign before its value, or as two words that
    are quoted, in a list or not."""
    name, value = re.escape(change.old.rstrip("=")), re.escape(change.text.strip())
    if not name:
        yield re.compile(rf"(?<![\w=-]){value}(?![\w=-])")
        return
    sign = rf"={_GAP}*" if change.old.endswith("=") else rf"(?:[=:]|{_GAP}+)"
    yield re.compile(rf"(?<![\w=-]){name}{sign}{value}(?![\w=-])", re.IGNORECASE)
    words = rf"([\"']){re.escape(change.old)}\1(?:\s*,\s*|{_GAP}+)([\"']){value}\2"
    yield re.compile(words, re.IGNORECASE)
