"""What a project has on either side of the wall between the sessions, ready for the reporters:
its services, the named things that programs share, and all that crosses the wall or fails to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from sessionzero.findings import Finding, Note, Place

EndSide = Literal["service", "client", "unknown"]
Verdict = Literal["stops", "weak", "unknown", "passes"]
VERDICTS: tuple[Verdict, ...] = ("stops", "weak", "unknown", "passes")


class Setting(Struct, frozen=True):
    """A property of a service in words, and where the installer says so."""

    words: str
    place: Place


class Service(Struct, frozen=True):
    """A program that the service control manager starts.

    ``names`` are those it is installed or registered under. ``type``, ``start``, ``account`` and
    ``integrity`` are words, empty where no installer in view says it; ``session`` says where it
    runs. ``findings`` are those about how it is installed.
    """

    program: str
    why: str
    names: tuple[str, ...]
    session: str
    type: str
    start: str
    account: str
    integrity: str
    entries: tuple[Note, ...]
    installed: tuple[Place, ...]
    findings: tuple[Finding, ...]


class End(Struct, frozen=True):
    """Where a program uses something. ``program`` is the component's name, empty if it belongs to
    none; ``verb`` is what the program does, such as ``creates``; ``written`` is how it spells the
    name; ``directory`` where Windows looks for it, empty where that isn't known."""

    side: EndSide
    program: str
    verb: str
    place: Place
    function: str
    written: str = ""
    directory: str = ""


class Shared(Struct, frozen=True):
    """A named thing that programs can share: a kernel object, a pipe, a mailslot.

    ``name`` is the base name that all ends agree on but for prefix, case and slash; a name that
    is only known in part ends with ``…``. ``access`` says in words who may open it, empty where
    nobody in view creates it. ``findings`` stand on its ends or its descriptor.
    """

    kind: str
    name: str
    ends: tuple[End, ...]
    access: str
    findings: tuple[Finding, ...]

    def on(self, side: EndSide) -> tuple[End, ...]:
        """The ends on one side."""
        return tuple(end for end in self.ends if end.side == side)


class Child(Struct, frozen=True):
    """A program that a service starts; ``session`` says in words where it runs."""

    name: str
    session: str
    end: End
    findings: tuple[Finding, ...]


class Crossing(Struct, frozen=True):
    """What a service and a user's program share, or what a service does to reach the user.

    ``reason`` says in a sentence why it passes or stops. ``service`` and ``client`` are the ends;
    where a side has none that is known to be its own, ``client_words`` or ``service_words`` says
    what is there.
    """

    verdict: Verdict
    kind: str
    name: str
    reason: str
    service: tuple[End, ...]
    client: tuple[End, ...]
    findings: tuple[Finding, ...]
    service_words: str = ""
    client_words: str = ""


class Inventory(Struct, frozen=True):
    """All of it, each list in an order that depends on nothing but the project."""

    services: tuple[Service, ...]
    shared: tuple[Shared, ...]
    children: tuple[Child, ...]
    crossings: tuple[Crossing, ...]


def all_of(inventories: Iterable[Inventory]) -> Inventory:
    """What several projects have, one after the other."""
    parts = tuple(inventories)
    return Inventory(
        services=tuple(it for part in parts for it in part.services),
        shared=tuple(it for part in parts for it in part.shared),
        children=tuple(it for part in parts for it in part.children),
        crossings=tuple(it for part in parts for it in part.crossings),
    )
