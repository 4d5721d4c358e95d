"""Edits of a text as bytes of its file: encoding, mark and line ends stay as they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from sessionzero.findings import Edit
from sessionzero.sources.text import SourceText

_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


def with_edits(source: SourceText, edits: Sequence[Edit]) -> str | None:
    """The text with the edits made; None if they overlap or stand in the middle of a character."""
    pieces, at, data = list[bytes](), 0, source.utf8
    for edit in sorted(edits):
        if edit.place.start < at or edit.place.end > len(data):
            return None
        pieces += [data[at : edit.place.start], edit.text.encode("utf-8", "surrogatepass")]
        at = edit.place.end
    try:
        return b"".join((*pieces, data[at:])).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None


def encoded(source: SourceText, edits: Sequence[Edit]) -> bytes | None:
    """The bytes of the file with the edits made, all others as they were; None if a line that
    changes can't be written in the file's encoding just as it stands there."""
    if source.encoding in _WIDE:
        return _encoded_whole(source, edits)
    starts, at = [0], 0
    for line in source.utf8.split(b"\n"):
        at += len(line) + 1
        starts.append(at)
    mark = b"\xef\xbb\xbf" if source.data.startswith(b"\xef\xbb\xbf") else b""
    lines = source.data[len(mark) :].split(b"\n")
    if len(lines) != len(starts) - 1:
        return None
    for number, group in reversed(_by_lines(starts, edits).items()):
        first, last = number
        made = _encoded_lines(
            source, starts[first], starts[last + 1] - 1, lines[first : last + 1], group
        )
        if made is None:
            return None
        lines[first : last + 1] = [made]
    return mark + b"\n".join(lines)


def _encoded_whole(source: SourceText, edits: Sequence[Edit]) -> bytes | None:
    plain, text = source.text.encode(source.encoding, "surrogatepass"), with_edits(source, edits)
    if text is None or not source.data.endswith(plain):
        return None
    mark = source.data[: len(source.data) - len(plain)]
    return mark + text.encode(source.encoding, "surrogatepass")


def _by_lines(starts: list[int], edits: Sequence[Edit]) -> dict[tuple[int, int], list[Edit]]:
    """The edits by the first and last line that they touch; such ranges don't overlap."""
    groups: dict[tuple[int, int], list[Edit]] = {}
    for edit in sorted(edits):
        first = bisect_right(starts, edit.place.start) - 1
        last = max(first, bisect_right(starts, edit.place.end) - 1)
        last = min(last, len(starts) - 2)
        before = next(reversed(groups), None)
        if before is not None and first <= before[1]:
            group = groups.pop(before)
            groups[before[0], max(before[1], last)] = [*group, edit]
        else:
            groups[first, last] = [edit]
    return groups


def _encoded_lines(
    source: SourceText, start: int, end: int, lines: Sequence[bytes], edits: Sequence[Edit]
) -> bytes | None:
    """Some lines with their edits, in the file's encoding."""
    text = source.snippet(start, end)
    old = b"\n".join(lines)
    pieces, at = list[str](), start
    for edit in edits:
        pieces += [source.snippet(at, edit.place.start), edit.text]
        at = edit.place.end
    try:
        if text.encode(source.encoding) != old:
            return None
        return "".join((*pieces, source.snippet(at, end))).encode(source.encoding)
    except UnicodeError:
        return None
