"""The map as a piece of HTML: session 0 on the left, the user's session on the right, the wall
between; on a narrow page a card for each crossing with its two ends below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sessionzero.reporters.crossings import (
    NOTHING,
    SESSION_0,
    SESSION_1,
    SYMBOLS,
    WORDS,
    Row,
    Side,
    Standing,
    counted,
    spans,
    summary_of,
)
from sessionzero.reporters.markup import escaped, link
from sessionzero.reporters.text import plural

_PLACES = 40  # that are listed of one crossing


def map_of(rows: Sequence[Row]) -> str:
    """The section with the map."""
    if not rows:
        return f'<section class="map"><p class="nothing">{NOTHING}</p></section>'
    pieces = (
        f'<section class="map" aria-label="{escaped(summary_of(rows))}">',
        f'<div class="sessions">{_session(*SESSION_0)}{_session(*SESSION_1)}</div>',
        '<div class="rows" role="list">',
        *_boxes(rows, left=True),
        *_boxes(rows, left=False),
        *(_row(row, number) for number, row in enumerate(rows, start=1)),
        "</div>",
        _legend(rows),
        "</section>",
    )
    return "\n".join(pieces)


def _session(name: str, words: str) -> str:
    return f"<div><b>{name}</b> <span>{escaped(words)}</span></div>"


def _boxes(rows: Sequence[Row], *, left: bool) -> Iterator[str]:
    """The programs of one side; neighbours of one program are one box."""
    keys = [
        row.left.program if left else f"{row.left.program}\n{row.right.program}" for row in rows
    ]
    for first, count in spans(keys):
        side = rows[first].left if left else rows[first].right
        style = f"box {'left' if left else 'right'}{' vague' if side.vague else ''}"
        yield (
            f'<div class="{style}" style="grid-row:{first + 1}/span {count}" aria-hidden="true">'
            f"<span>{escaped(side.program)}</span></div>"
        )


def _row(row: Row, number: int) -> str:
    """A crossing: its card, and the lines to it from both sides."""
    return "".join(
        (
            f'<div class="row {row.verdict}" role="listitem" style="--row:{number}">',
            _line(row, row.left, "left"),
            _card(row),
            _line(row, row.right, "right"),
            "</div>",
        )
    )


def _line(row: Row, side: Side, where: str) -> str:
    if not side.verb and not (row.verdict == "passes" and where == "right"):
        return f'<div class="line {where} none" aria-hidden="true"></div>'
    out = "" if side.verb else " out"
    verb = f"<b>{escaped(side.verb)}</b>" if side.verb else ""
    return (
        f'<div class="line {where}{out}" aria-hidden="true">{verb}<i></i>{_first_place(side)}</div>'
    )


def _first_place(side: Side) -> str:
    if not side.places:
        return ""
    more = f" +{len(side.places) - 1}" if len(side.places) > 1 else ""
    name, _, number = side.places[0].rpartition("/")[2].rpartition(":")
    title = escaped(side.places[0])
    return f'<span title="{title}"><em>{escaped(name)}</em>:{number}{more}</span>'


def _card(row: Row) -> str:
    return "".join(
        (
            '<div class="card"><span class="symbol" aria-hidden="true">',
            f'{SYMBOLS[row.verdict]}</span><p class="title">',
            f'<span class="hidden">{WORDS[row.verdict]}: </span>',
            f'<span class="kind">{escaped(row.kind)}</span> <code>{escaped(row.name)}</code></p>',
            f'<p class="reason">{escaped(row.reason)}</p>',
            *map(_standing, row.standing),
            f'<div class="ends">{_end(row.left, "session 0")}{_end(row.right, "session 1")}</div>',
            _places(row),
            "</div>",
        )
    )


def _standing(standing: Standing) -> str:
    return (
        f'<p class="rule">{link(standing.page, standing.rule)} '
        f"<code>{escaped(standing.where)}</code></p>"
    )


def _end(side: Side, where: str) -> str:
    """An end in words, for narrow pages and for those who listen."""
    verb = f" {escaped(side.verb)}" if side.verb else ""
    place = f" <code>{escaped(side.places[0])}</code>" if side.places else ""
    return (
        f'<p><span class="hidden">{where}: </span><b>{escaped(side.program)}</b>{verb}{place}</p>'
    )


def _places(row: Row) -> str:
    places = tuple(dict.fromkeys((*row.left.places, *row.right.places)))
    if len(row.left.places) < 2 and len(row.right.places) < 2:
        return ""
    items = "".join(f"<li><code>{escaped(place)}</code></li>" for place in places[:_PLACES])
    left = len(places) - _PLACES
    more = f"<li>and {left} more</li>" if left > 0 else ""
    title = f"<summary>{plural(len(places), 'place')}</summary>"
    return f"<details>{title}<ul>{items}{more}</ul></details>"


def _legend(rows: Sequence[Row]) -> str:
    items = (
        f'<li class="{verdict}"><span class="symbol" aria-hidden="true">{SYMBOLS[verdict]}</span>'
        f"{number} {WORDS[verdict]}</li>"
        for verdict, number in counted(rows)
    )
    return f'<ul class="legend">{"".join(items)}</ul>'
