"""The audit for people: which service runs where, who may open what, and what crosses the wall."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from sessionzero.findings import Finding, Place
from sessionzero.inventory import Child, End, EndSide, Inventory, Service, Shared, Verdict
from sessionzero.report import Report, locate
from sessionzero.reporters.crossings import SYMBOLS, Row, rows_of, summary_of
from sessionzero.reporters.terminal import Style, Terminal, cells, paint, visible

_PLACES = 4  # of one kind; a person reads no more
_LABEL = 12  # cells before a value
_SIDES: dict[EndSide, str] = {
    "service": "the service",
    "client": "a user's program",
    "unknown": "not known who",
}
_STYLES: dict[Verdict, Style] = {
    "passes": "help",
    "weak": "warning",
    "stops": "error",
    "unknown": "faint",
}
_ASCII = {"passes": "+", "weak": "!", "stops": "x", "unknown": "?"}

Pairs = Iterable[tuple[str, str]]


def render(report: Report, terminal: Terminal) -> str:
    """The three tables, and the totals."""
    inventory = report.inventory or Inventory((), (), (), ())
    blocks = [
        _heading("Services: which program runs in session 0", terminal),
        *(_service(report, it, terminal) for it in inventory.services),
        *_nothing(inventory.services, "No service was found here; 'sessionzero components'"),
        _heading("Shared names: who may open what", terminal),
        *(_shared(report, it, terminal) for it in inventory.shared),
        *_nothing(inventory.shared, "No name was found that programs could share."),
        *_children(report, inventory.children, terminal),
        _heading("Crossings: what passes the wall between the sessions", terminal),
        _crossings(rows_of(report), terminal),
        *([[visible(f"{it.path}: {it.message}") for it in report.notices]] * bool(report.notices)),
        [summary_of(rows_of(report))],
    ]
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks if block)


def _heading(text: str, terminal: Terminal) -> list[str]:
    return [paint(terminal, "strong", text), ("─" if terminal.unicode else "-") * len(text)]


def _nothing(found: Sequence[object], words: str) -> Iterator[list[str]]:
    if not found:
        more = " shows what was understood." if words.endswith("'") else ""
        yield [f"{words}{more}"]


# --- services ---


def _service(report: Report, service: Service, terminal: Terminal) -> list[str]:
    account = service.account or "not known: no installer in view says it"
    integrity = f", at {service.integrity} integrity" if service.integrity else ""
    entries = [f"{_where(report, it.place)}  {it.message}" for it in service.entries]
    pairs = (
        ("why", service.why),
        ("names", ", ".join(service.names)),
        ("runs in", service.session),
        ("account", f"{account}{integrity}"),
        ("type", service.type),
        ("starts", service.start),
        *_listed("entries", entries),
        *_listed("installed", [_where(report, it) for it in service.installed]),
        *_listed("findings", [_finding(report, it) for it in service.findings]),
    )
    return [paint(terminal, "strong", visible(service.program)), *_lines(pairs, terminal)]


# --- names ---


def _shared(report: Report, shared: Shared, terminal: Terminal) -> list[str]:
    title = f"{shared.kind} {paint(terminal, 'strong', visible(shared.name))}"
    pairs = (
        *(pair for end in shared.ends[: 2 * _PLACES] for pair in _end(report, end)),
        ("access", shared.access),
        *_listed("findings", [_finding(report, it) for it in shared.findings]),
    )
    left = len(shared.ends) - 2 * _PLACES
    more = [f"  {'':<{_LABEL}}and {left} more"] if left > 0 else []
    return [title, *_lines(pairs, terminal), *more]


def _end(report: Report, end: End) -> Iterator[tuple[str, str]]:
    """Who says the name and how, and the name of the object that Windows then means."""
    program = f"{end.program}, " if end.program else ""
    where = f"{_where(report, end.place)}, {end.function}"
    meant = f" → {end.directory}" if end.directory else ""
    yield end.verb, f"{program}{_SIDES[end.side]}: {where}"
    yield "", f"{end.written}{meant}"


def _children(report: Report, children: Sequence[Child], terminal: Terminal) -> Iterator[list[str]]:
    if children:
        yield _heading("Child processes: what services start", terminal)
        yield [
            line
            for child in children
            for line in _lines(((child.name or "?", _child(report, child)),), terminal, width=24)
        ]


def _child(report: Report, child: Child) -> str:
    rules = "".join(f" [{it.rule}]" for it in child.findings)
    return f"in {child.session}: {_where(report, child.end.place)}, {child.end.function}{rules}"


# --- crossings ---


def _crossings(rows: Sequence[Row], terminal: Terminal) -> list[str]:
    """A line for each: what stands on both sides of the wall, and why it passes or stops."""
    lines: list[str] = []
    for row in rows:
        symbols = SYMBOLS if terminal.unicode else _ASCII
        symbol = paint(terminal, _STYLES[row.verdict], symbols[row.verdict])
        arrow = "→" if terminal.unicode else "->"
        sides = f"{row.left.program} {arrow} {row.right.program}"
        lines.append(f"{symbol} {row.kind} {paint(terminal, 'strong', row.name)}  {sides}")
        lines += _wrapped(row.reason, terminal.width, " " * 4)
        lines += [
            f"    {paint(terminal, _STYLES[row.verdict], it.rule)} {it.where}"
            for it in row.standing
        ]
    return lines


# --- lines ---


def _listed(label: str, values: Sequence[str]) -> Pairs:
    shown = values[:_PLACES]
    if len(values) > _PLACES:
        shown = (*shown, f"and {len(values) - _PLACES} more")
    return [(label if number == 0 else "", value) for number, value in enumerate(shown)]


def _lines(pairs: Pairs, terminal: Terminal, *, width: int = _LABEL) -> Iterator[str]:
    """A label and its value in each line; a long value goes on below itself."""
    for label, value in pairs:
        if not value:
            continue
        first, *others = _wrapped(value, terminal.width - width - 2, "") or [""]
        name = visible(label)
        padded = name + " " * max(1, width - cells(name))
        yield f"  {paint(terminal, 'faint', padded)}{first}"
        yield from (f"  {'':<{width}}{line}" for line in others)


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    room = max(width - len(indent), 30)
    lines = textwrap.wrap(visible(text), room, break_long_words=False, break_on_hyphens=False)
    return [f"{indent}{line}" for line in lines]


def _where(report: Report, place: Place) -> str:
    region = locate(report.sources, place, unit="characters")
    return f"{place.path}:{region.start_line}"


def _finding(report: Report, finding: Finding) -> str:
    return f"{finding.rule} {finding.level} {_where(report, finding.place)}"
