"""Source lines in HTML, with the range of a finding marked."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.findings import Place
from sessionzero.report import Report, locate
from sessionzero.reporters.markup import escaped
from sessionzero.sources.text import Region, SourceText

_AROUND = 2  # lines before and after
_MARKED = 6  # lines of a range
_ROOM = 300  # characters of a line: a generated one can have millions


def frame(report: Report, place: Place) -> str:
    """The lines of a place and a few around it; empty where the text isn't at hand."""
    return _frame(report, place, _AROUND)


def line(report: Report, place: Place) -> str:
    """The first line of a place; empty where the text isn't at hand."""
    return _frame(report, place, 0)


def _frame(report: Report, place: Place, around: int) -> str:
    source = report.sources(place.path)
    if source is None:
        return ""
    region = locate(report.sources, place, unit="characters")
    last = min(region.end_line, region.start_line + (_MARKED if around else 0))
    lines = _lines(source, region, region.start_line - around, last + around)
    return f"<pre>{''.join(lines)}</pre>"


def _lines(source: SourceText, region: Region, first: int, last: int) -> Iterator[str]:
    for number in range(max(first, 1), last + 1):
        try:
            text = source.line(number)
        except IndexError:
            return
        here = region.start_line <= number <= region.end_line
        code = _marked(text, region, number) if here else escaped_code(text[:_ROOM])
        style = ' class="here"' if here else ""
        yield f"<span{style}><i>{number}</i>{code}</span>"


def _marked(text: str, region: Region, number: int) -> str:
    """A line with its part of the range marked, cut around it."""
    start = region.start_column - 1 if number == region.start_line else _indent(text)
    end = region.end_column - 1 if number == region.end_line else len(text.rstrip())
    end = max(end, start)
    begin = max(0, start - _ROOM // 3) if len(text) > _ROOM else 0
    stop = begin + _ROOM
    marked = escaped_code(text[start : min(end, stop)])
    return "".join(
        (
            "…" if begin else "",
            escaped_code(text[begin:start]),
            f"<mark>{marked}</mark>" if marked else "",
            escaped_code(text[end:stop]),
            "…" if len(text) > stop else "",
        )
    )


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def escaped_code(text: str) -> str:
    """Source text; tabs stay."""
    return "\t".join(map(escaped, text.split("\t")))
