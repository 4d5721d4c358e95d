"""The map as a Mermaid flowchart, for pages that draw one: the summary of a CI job, a README."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sessionzero.inventory import Verdict
from sessionzero.report import Report
from sessionzero.reporters.crossings import SYMBOLS, Row, rows_of
from sessionzero.reporters.map_svg import cut

# Mermaid draws no text above 50,000 characters and no more than 500 edges.
ROWS = 100
SIZE = 40_000
_NAME, _PLACE = 60, 50  # characters of a label
# All but letters, digits and what has no meaning in a label: Mermaid knows "#35;" as a character.
_MARKS = re.compile(r"[^\w .,:/()+?!✓✕-]|_", re.ASCII)
_STYLES: tuple[tuple[Verdict, str], ...] = (
    ("passes", "fill:#eef8f1,stroke:#18733a,color:#18202c"),
    ("weak", "fill:#fdf5e6,stroke:#8f5300,color:#18202c"),
    ("stops", "fill:#fdf0ef,stroke:#b3261e,color:#18202c,stroke-dasharray:5 4"),
    ("unknown", "fill:#f4f5f7,stroke:#55606f,color:#18202c"),
)


def render(report: Report) -> str:
    """The flowchart of a report with an inventory."""
    return draw(rows_of(report))


def draw(rows: Sequence[Row], *, most: int = ROWS, size: int = SIZE) -> str:
    """The flowchart of as many crossings as are read and fit; the others are counted."""
    kept = list(rows[:most])
    text = _flowchart(kept, len(rows) - len(kept))
    while kept and len(text) > size:
        del kept[len(kept) // 2 :]
        text = _flowchart(kept, len(rows) - len(kept))
    return text


def _flowchart(rows: Sequence[Row], left: int) -> str:
    ours = {name: f"s{number}" for number, name in enumerate(_names(rows, ours=True))}
    theirs = {name: f"u{number}" for number, name in enumerate(_names(rows, ours=False))}
    lines = (
        "flowchart LR",
        *_session("session0", "Session 0: services", ours),
        '  subgraph wall["the wall"]',
        "    direction TB",
        *(f"    c{number}{_crossing(row)}" for number, row in enumerate(rows)),
        *([f'    more["{left} more"]'] if left else []),
        "  end",
        *_session("session1", "Session 1: the user", theirs),
        *(line for number, row in enumerate(rows) for line in _edges(row, number, ours, theirs)),
        *(f"  classDef {verdict} {style}" for verdict, style in _STYLES),
    )
    return "".join(f"{line}\n" for line in lines)


def _names(rows: Sequence[Row], *, ours: bool) -> Iterator[str]:
    yield from dict.fromkeys((row.left if ours else row.right).program for row in rows)


def _session(name: str, title: str, nodes: dict[str, str]) -> Iterator[str]:
    if nodes:
        yield f'  subgraph {name}["{title}"]'
        for label, node in nodes.items():
            yield f'    {node}["{quoted(cut(label, _NAME))}"]'
        yield "  end"


def _crossing(row: Row) -> str:
    lines = [f"{SYMBOLS[row.verdict]} {row.kind} {cut(row.name, _NAME)}"]
    lines += [f"{it.rule} {_end_of(it.where)}" for it in row.standing[:1]]
    return f'["{"<br/>".join(map(quoted, lines))}"]:::{row.verdict}'


def _end_of(place: str) -> str:
    return place if len(place) <= _PLACE else f"…{place[-_PLACE:]}"


def _edges(row: Row, number: int, ours: dict[str, str], theirs: dict[str, str]) -> Iterator[str]:
    stops = row.verdict in ("stops", "unknown")
    line = "-.->" if stops else "-->"
    if row.left.verb or row.left.vague:
        label = f'|"{quoted(row.left.verb)}"|' if row.left.verb else ""
        yield f"  {ours[row.left.program]} {line}{label} c{number}"
    if row.right.verb:
        label = f'|"{quoted(row.right.verb)}"|'
        yield f"  c{number} {'-.-' if stops else '---'}{label} {theirs[row.right.program]}"
    else:
        arrow = "-.-x" if stops else "-->"
        yield f"  c{number} {arrow} {theirs[row.right.program]}"


def quoted(text: str) -> str:
    """A label between quotes: what Mermaid, Markdown or HTML could read is a character code."""
    return _MARKS.sub(lambda mark: f"#{ord(mark[0])};", text)
