"""What was understood of a project, ready for the reporters: its programs and libraries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from sessionzero.findings import Note, Notice
from sessionzero.report import Sources, first_known

ComponentKind = Literal["service", "client", "installer", "test", "library"]
KINDS: tuple[ComponentKind, ...] = ("service", "client", "installer", "test", "library")


class Component(Struct, frozen=True):
    """One executable, DLL or static library.

    ``why`` is the reason for its kind, a phrase, empty for a plain library; ``also`` what it does
    besides (a service that installs itself). ``made_by`` are the places that make it one: in a
    build file, or its start. ``files`` are its own, headers included; ``uses`` the names of
    libraries that go into it.
    """

    name: str
    kind: ComponentKind
    why: str
    also: tuple[ComponentKind, ...]
    made_by: tuple[Note, ...]
    files: tuple[str, ...]
    uses: tuple[str, ...]
    entries: tuple[Note, ...]


class Overview(Struct, frozen=True):
    """All components, services first, then by name; the files that belong to none; the path of the
    configuration, empty if there is none."""

    components: tuple[Component, ...]
    unassigned: tuple[str, ...]
    config: str
    notices: tuple[Notice, ...]
    sources: Sources


def in_order(components: Iterable[Component]) -> tuple[Component, ...]:
    """Services first, then by name."""
    return tuple(sorted(components, key=_order))


def _order(component: Component) -> tuple[int, str, tuple[str, ...]]:
    return (KINDS.index(component.kind), component.name.casefold(), component.files)


def all_of(overviews: Sequence[Overview]) -> Overview:
    """What was understood of several projects."""
    first = overviews[0]
    return Overview(
        components=in_order(it for one in overviews for it in one.components),
        unassigned=tuple(it for one in overviews for it in one.unassigned),
        config=first.config,
        notices=tuple(it for one in overviews for it in one.notices),
        sources=first_known([one.sources for one in overviews]),
    )
