"""The map as one SVG: session 0 on the left, the user's session on the right, the wall between, a
row for each crossing. It holds no script and needs nothing from elsewhere; the reader's colour
scheme decides whether it is light or dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from sessionzero.report import Report
from sessionzero.reporters.crossings import (
    NOTHING,
    SESSION_0,
    SESSION_1,
    SYMBOLS,
    WORDS,
    Row,
    Side,
    counted,
    rows_of,
    spans,
    summary_of,
)
from sessionzero.reporters.markup import escaped
from sessionzero.reporters.palette import FONT, MONO, SVG_STYLE
from sessionzero.reporters.terminal import cells

# Pixels.
_WIDTH = 1120
_MIDDLE = _WIDTH / 2
_BOX, _BOX_LEFT, _BOX_RIGHT = 190, 24, _WIDTH - 24 - 190
_CARD, _CARD_LEFT = 452, _MIDDLE - 226
_CARD_RIGHT = _CARD_LEFT + _CARD
_TOP, _GAP, _LINE, _FOOT = 78, 12, 17, 46
_PAD = 14
_WALL = 18
_SCREEN = 700

_LINES = 3  # of a reason; the rest is in the tooltip
_WIDE, _MONO_WIDE = 0.535, 0.605  # mean width of a letter, in sizes of the font


class _Block(Struct, frozen=True):
    """A row and where it stands."""

    row: Row
    reason: tuple[str, ...]
    top: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def render(report: Report) -> str:
    """The map of a report with an inventory."""
    return draw(rows_of(report))


def draw(rows: Sequence[Row]) -> str:
    """The SVG of some crossings."""
    blocks = _placed(rows)
    bottom = blocks[-1].top + blocks[-1].height if blocks else _TOP + 60
    height = bottom + _GAP + _FOOT
    title, words = "What crosses the wall between the sessions", escaped(summary_of(rows))
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" '
        f'width="{_WIDTH}" height="{height:g}" role="img" aria-labelledby="t d" '
        f'font-family="{FONT}">',
        f'<title id="t">{title}</title>',
        f'<desc id="d">{words}</desc>',
        f"<style>{SVG_STYLE}</style>",
        _DEFINITIONS,
        *_ground(height),
        *_boxes(blocks, left=True),
        *_boxes(blocks, left=False),
        *(piece for block in blocks for piece in _row(block)),
        *_footer(rows, height),
        "</svg>",
    )
    return "".join(f"{line}\n" for line in drawn)


def _placed(rows: Sequence[Row]) -> list[_Block]:
    blocks: list[_Block] = []
    top = float(_TOP)
    for row in rows:
        reason = tuple(wrapped(row.reason, _CARD - 62, 12.5, _LINES))
        height = 2 * _PAD + 23 + _LINE * (len(reason) + (1 if row.standing else 0))
        blocks.append(_Block(row, reason, top, height))
        top += height + _GAP
    return blocks


_HEAD = (
    '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" '
    'markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
    '<path d="M0 1 9 5 0 9z" class="head"/></marker>'
)
_BRICKS = (
    '<pattern id="bricks" width="18" height="16" patternUnits="userSpaceOnUse" '
    f'x="{_MIDDLE - _WALL / 2:g}"><rect width="18" height="16" class="brick"/>'
    '<path d="M0 .5H18M0 8.5H18M9 0V8M0 8V16M18 8V16" class="mortar"/></pattern>'
)
_DEFINITIONS = "<defs>{}{}</defs>".format(
    "".join(
        _HEAD.replace('"head"', f'"head-{verdict}"', 1).replace('"head"', f'"fill {verdict}"')
        for verdict in SYMBOLS
    ),
    _BRICKS,
)


def _ground(height: float) -> Iterator[str]:
    """Both sessions with their names, and the wall."""
    bottom = height - _FOOT
    yield f'<rect width="{_WIDTH}" height="{height:g}" rx="14" class="paper"/>'
    yield f'<path d="M{_MIDDLE:g} 0H14a14 14 0 0 0-14 14V{bottom:g}H{_MIDDLE:g}z" class="ours"/>'
    right = f"M{_MIDDLE:g} 0H{_WIDTH - 14}a14 14 0 0 1 14 14V{bottom:g}H{_MIDDLE:g}z"
    yield f'<path d="{right}" class="theirs"/>'
    wall = f'x="{_MIDDLE - _WALL / 2:g}" width="{_WALL}" height="{bottom:g}"'
    yield f'<rect {wall} fill="url(#bricks)"/>'
    for (name, words), x, anchor in (
        (SESSION_0, _BOX_LEFT, "start"),
        (SESSION_1, _WIDTH - _BOX_LEFT, "end"),
    ):
        yield f'<text x="{x}" y="34" text-anchor="{anchor}" class="session">{name}</text>'
        yield f'<text x="{x}" y="54" text-anchor="{anchor}" class="faint">{escaped(words)}</text>'


# --- programs ---


def _boxes(blocks: Sequence[_Block], *, left: bool) -> Iterator[str]:
    """The programs of one side; neighbours of one program are one box."""
    keys = [_key(block.row, left=left) for block in blocks]
    for first, count in spans(keys):
        top, last = blocks[first].top, blocks[first + count - 1]
        side = blocks[first].row.left if left else blocks[first].row.right
        yield from _box(side, _BOX_LEFT if left else _BOX_RIGHT, top, last.top + last.height - top)


def _key(row: Row, *, left: bool) -> str:
    """What makes neighbours one box: on the right side also the program on the left."""
    return row.left.program if left else f"{row.left.program}\n{row.right.program}"


def _box(side: Side, x: float, top: float, height: float) -> Iterator[str]:
    kind = "box vague" if side.vague else "box"
    yield f'<rect x="{x:g}" y="{top:g}" width="{_BOX}" height="{height:g}" rx="8" class="{kind}"/>'
    style, size = ("faint", 12.5) if side.vague else ("program", 15)
    lines = wrapped(side.program, _BOX - 20, size, 2)
    times = max(1, round(height / _SCREEN))  # of a tall box one part or the other is in sight
    for time in range(times):
        first = top + height * (time + 0.5) / times + 5 - 9 * (len(lines) - 1)
        for number, line in enumerate(lines):
            at = f'x="{x + _BOX / 2:g}" y="{first + 18 * number:g}"'
            yield f'<text {at} text-anchor="middle" class="{style}">{escaped(line)}</text>'


# --- crossings ---


def _row(block: _Block) -> Iterator[str]:
    row = block.row
    yield f"<g><title>{escaped(_tooltip(row))}</title>"
    yield from _lines(block)
    yield from _card(block)
    yield "</g>"


def _tooltip(row: Row) -> str:
    places = "; ".join((*row.left.places, *row.right.places))
    return f"{row.kind} {row.name} {WORDS[row.verdict]}: {row.reason} ({places})"


def _lines(block: _Block) -> Iterator[str]:
    row = block.row
    style = f"line {row.verdict}"
    here, there = _BOX_LEFT + _BOX, _CARD_LEFT - 2
    if row.left.verb:
        yield _line(here, there, block.middle, style, row)
        yield from _labels(row.left, (here + there) / 2, block.middle)
    here, there = _BOX_RIGHT, _CARD_RIGHT + 2
    if row.right.verb:
        yield _line(here, there, block.middle, style, row)
        yield from _labels(row.right, (here + there) / 2, block.middle)
    elif row.verdict == "passes" and row.right.vague:
        yield _line(there, here, block.middle, style, row)


def _line(start: float, end: float, y: float, style: str, row: Row) -> str:
    return (
        f'<path d="M{start:g} {y:g}H{end:g}" class="{style}" '
        f'marker-end="url(#head-{row.verdict})"/>'
    )


def _labels(side: Side, x: float, y: float) -> Iterator[str]:
    """The verb above the line, and below it the first place."""
    verb = cut(side.verb, 17)
    yield f'<text x="{x:g}" y="{y - 8:g}" text-anchor="middle" class="verb">{escaped(verb)}</text>'
    if side.places:
        more = f" +{len(side.places) - 1}" if len(side.places) > 1 else ""
        place = file_name(side.places[0], 18 - len(more)) + more
        at = f'x="{x:g}" y="{y + 17:g}" text-anchor="middle"'
        yield f'<text {at} class="place">{escaped(place)}</text>'


def _card(block: _Block) -> Iterator[str]:
    row, x = block.row, _CARD_LEFT
    size = f'width="{_CARD}" height="{block.height:g}" rx="9"'
    yield f'<rect x="{x:g}" y="{block.top:g}" {size} class="card {row.verdict}"/>'
    yield f'<circle cx="{x + 26:g}" cy="{block.top + 25:g}" r="11" class="fill {row.verdict}"/>'
    at = f'x="{x + 26:g}" y="{block.top + 30:g}"'
    yield f'<text {at} text-anchor="middle" class="symbol">{SYMBOLS[row.verdict]}</text>'
    left, y = x + 48, block.top + _PAD + 15
    room = int((_CARD - 66 - 7.2 * cells(row.kind)) / (14 * _MONO_WIDE))
    name = escaped(cut(row.name, room))
    yield (
        f'<text x="{left:g}" y="{y:g}" class="kind">{escaped(row.kind)} '
        f'<tspan class="name" font-family="{MONO}">{name}</tspan></text>'
    )
    y += 3
    for line in block.reason:
        y += _LINE
        yield f'<text x="{left:g}" y="{y:g}" class="reason">{escaped(line)}</text>'
    if row.standing:
        first = row.standing[0]
        more = f" and {len(row.standing) - 1} more" if len(row.standing) > 1 else ""
        place = file_name(first.where, 34)
        at = f'x="{left:g}" y="{y + _LINE:g}"'
        yield (
            f'<text {at} class="rule text {row.verdict}">{first.rule}{more}'
            f'<tspan class="place" dx="10">{escaped(place)}</tspan></text>'
        )


def _footer(rows: Sequence[Row], height: float) -> Iterator[str]:
    """What the symbols mean, with their numbers."""
    y, x = height - _FOOT / 2 + 5, float(_BOX_LEFT)
    if not rows:
        yield f'<text x="{x:g}" y="{y:g}" class="faint">{NOTHING}</text>'
    for verdict, number in counted(rows):
        yield f'<circle cx="{x + 9:g}" cy="{y - 5:g}" r="9" class="fill {verdict}"/>'
        yield (
            f'<text x="{x + 9:g}" y="{y - 0.5:g}" text-anchor="middle" class="small symbol">'
            f"{SYMBOLS[verdict]}</text>"
        )
        words = f"{number} {WORDS[verdict]}"
        yield f'<text x="{x + 25:g}" y="{y:g}" class="faint">{escaped(words)}</text>'
        x += 52 + 6.6 * len(words)


# --- text that fits ---


def wrapped(text: str, width: float, size: float, most: int) -> list[str]:
    """``text`` in at most so many lines of about that width; a longer one ends with ``…``."""
    room = max(int(width / (size * _WIDE)), 4)
    lines, line = list[str](), ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if cells(joined) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        line = cut(word, room)
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], cut(f"{lines[most - 1]} …", room)]
        lines[-1] = lines[-1] if lines[-1].endswith("…") else f"{lines[-1]}…"
    return lines


def cut(text: str, room: int) -> str:
    """``text`` in at most ``room`` cells; of a longer one the beginning."""
    if cells(text) <= room:
        return text
    kept = text[: max(room - 1, 1)]
    while cells(kept) > max(room - 1, 1) and len(kept) > 1:
        kept = kept[:-1]
    return f"{kept}…"


def file_name(place: str, room: int) -> str:
    """A place in at most ``room`` cells: the end of its path, which tells most."""
    name = place
    while cells(name) > room and "/" in name:
        name = name.partition("/")[2]
    return cut(name, room) if cells(name) <= room else f"…{name[-max(room - 1, 1) :]}"
