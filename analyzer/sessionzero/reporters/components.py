"""What was understood of a project, for people and for scripts."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from sessionzero.findings import Note
from sessionzero.overview import KINDS, Component, ComponentKind, Overview
from sessionzero.report import locate, well_formed
from sessionzero.reporters.terminal import Terminal, paint, visible

VERSION = 1  # rises when a field changes its meaning or goes away; new fields may come
_SHOWN = 5  # entries and places of one component, and folders without one, that a person reads
_PLURALS = {
    **{kind: f"{kind}s" for kind in KINDS},
    "library": "libraries",
}
_ALSO = {"installer": "installs services"}

_HINT = (
    "Is something wrong? Say what is right in sessionzero.toml, or in pyproject.toml under "
    '[tool.sessionzero]: services = ["folder/**"], clients = ["folder/**"], exclude = ["folder/"].'
)


def render_text(overview: Overview, terminal: Terminal) -> str:
    """The components for people."""
    blocks = [_component(overview, component, terminal) for component in overview.components]
    if overview.notices:
        blocks.append([f"{visible(it.path)}: {visible(it.message)}" for it in overview.notices])
    blocks.append(_summary(overview, terminal))
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def _component(overview: Overview, component: Component, terminal: Terminal) -> list[str]:
    name = paint(terminal, "strong", visible(component.name))
    also = "".join(f", {_ALSO[kind]} too" for kind in component.also)
    rows: list[tuple[str, Iterable[str]]] = [
        ("why", [visible(component.why)] if component.why else []),
        ("made by", _places(overview, component.made_by)),
        ("files", [str(len(component.files))]),
        ("uses", [visible(", ".join(component.uses))] if component.uses else []),
        ("entries", _places(overview, component.entries)),
    ]
    lines = [f"{name}: {component.kind}{also}"]
    for title, words in rows:
        for number, text in enumerate(words):
            label = f"{title}:" if number == 0 else ""
            lines.append(f"  {paint(terminal, 'faint', f'{label:<9}')} {text}")
    return lines


def _places(overview: Overview, notes: tuple[Note, ...]) -> Iterator[str]:
    for note in notes[:_SHOWN]:
        yield f"{visible(_where(overview, note))}  {visible(note.message)}"
    if len(notes) > _SHOWN:
        yield f"and {len(notes) - _SHOWN} more"


def _where(overview: Overview, note: Note) -> str:
    region = locate(overview.sources, note.place, unit="characters")
    return f"{note.place.path}:{region.start_line}"


def _summary(overview: Overview, terminal: Terminal) -> list[str]:
    kinds = Counter(component.kind for component in overview.components)
    counts = ", ".join(
        f"{kinds[kind]} {kind if kinds[kind] == 1 else _PLURALS[kind]}"
        for kind in KINDS
        if kinds[kind]
    )
    lines = [f"{counts}." if counts else "No program and no library was found here."]
    if overview.unassigned:
        lines += textwrap.wrap(_left_over(overview.unassigned), terminal.width)
    if overview.config:
        lines.append(f"Corrected by {visible(overview.config)}.")
    return [*lines, *textwrap.wrap(_HINT, terminal.width)]


def _left_over(paths: tuple[str, ...]) -> str:
    folders = Counter(path.rpartition("/")[0] or "." for path in paths)
    most = sorted(folders, key=lambda folder: (-folders[folder], folder))
    named = ", ".join(f"{visible(folder)} ({folders[folder]})" for folder in most[:_SHOWN])
    more = f" and {len(most) - _SHOWN} more folders" if len(most) > _SHOWN else ""
    files = "1 file belongs" if len(paths) == 1 else f"{len(paths)} files belong"
    return f"{files} to none: {named}{more}."


# --- JSON ---


class Spot(Struct, frozen=True):
    """A place and what is there; the line is 1-based."""

    path: str
    line: int
    message: str


class Entry(Struct, frozen=True):
    """A component, as scripts see it."""

    name: str
    kind: ComponentKind
    why: str
    also: tuple[ComponentKind, ...]
    made_by: tuple[Spot, ...]
    files: tuple[str, ...]
    uses: tuple[str, ...]
    entries: tuple[Spot, ...]


class Document(Struct, frozen=True):
    """The whole report; ``config`` is null if no configuration was found."""

    version: int
    components: tuple[Entry, ...]
    unassigned: tuple[str, ...]
    config: str | None
    notices: tuple[str, ...]


def render_json(overview: Overview, terminal: Terminal) -> str:
    """The components as one JSON document."""
    del terminal  # JSON looks the same everywhere
    document = Document(
        version=VERSION,
        components=tuple(_entry(overview, component) for component in overview.components),
        unassigned=tuple(map(well_formed, overview.unassigned)),
        config=well_formed(overview.config) or None,
        notices=tuple(well_formed(f"{it.path}: {it.message}") for it in overview.notices),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _entry(overview: Overview, component: Component) -> Entry:
    return Entry(
        name=well_formed(component.name),
        kind=component.kind,
        why=well_formed(component.why),
        also=component.also,
        made_by=_spots(overview, component.made_by),
        files=tuple(map(well_formed, component.files)),
        uses=tuple(map(well_formed, component.uses)),
        entries=_spots(overview, component.entries),
    )


def _spots(overview: Overview, notes: tuple[Note, ...]) -> tuple[Spot, ...]:
    return tuple(
        Spot(
            path=well_formed(note.place.path),
            line=locate(overview.sources, note.place, unit="characters").start_line,
            message=well_formed(note.message),
        )
        for note in notes
    )
