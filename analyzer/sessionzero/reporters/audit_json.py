"""The audit for scripts: the inventory as one JSON document, with lines instead of offsets."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from sessionzero.findings import Finding, Note, Place
from sessionzero.inventory import Child, Crossing, End, Inventory, Service, Shared
from sessionzero.report import Report, locate, well_formed

VERSION = 1  # rises when a field changes its meaning or goes away; new fields may come


class Spot(Struct, frozen=True):
    """A place; the line is 1-based."""

    path: str
    line: int
    message: str


class Stand(Struct, frozen=True):
    """A finding, by its rule and place."""

    rule: str
    level: str
    path: str
    line: int


class EndEntry(Struct, frozen=True):
    """Where a program uses a thing; ``directory`` is the object's full name, empty where nobody can
    say."""

    side: str
    program: str
    verb: str
    written: str
    directory: str
    function: str
    path: str
    line: int


class ServiceEntry(Struct, frozen=True):
    """A service; what isn't known is empty."""

    program: str
    why: str
    names: tuple[str, ...]
    session: str
    account: str
    integrity: str
    type: str
    start: str
    entries: tuple[Spot, ...]
    installed: tuple[Spot, ...]
    findings: tuple[Stand, ...]


class SharedEntry(Struct, frozen=True):
    """A name that programs share."""

    kind: str
    name: str
    access: str
    ends: tuple[EndEntry, ...]
    findings: tuple[Stand, ...]


class ChildEntry(Struct, frozen=True):
    """A program that a service starts."""

    name: str
    session: str
    end: EndEntry
    findings: tuple[Stand, ...]


class CrossingEntry(Struct, frozen=True):
    """What crosses the wall, or stops at it."""

    verdict: str
    kind: str
    name: str
    reason: str
    service: tuple[EndEntry, ...]
    client: tuple[EndEntry, ...]
    service_words: str
    client_words: str
    findings: tuple[Stand, ...]


class Document(Struct, frozen=True):
    """The whole audit."""

    version: int
    services: tuple[ServiceEntry, ...]
    shared: tuple[SharedEntry, ...]
    children: tuple[ChildEntry, ...]
    crossings: tuple[CrossingEntry, ...]
    notices: tuple[str, ...]


def render(report: Report) -> str:
    """The audit as one JSON document."""
    inventory = report.inventory or Inventory((), (), (), ())
    document = Document(
        version=VERSION,
        services=tuple(_service(report, it) for it in inventory.services),
        shared=tuple(_shared(report, it) for it in inventory.shared),
        children=tuple(_child(report, it) for it in inventory.children),
        crossings=tuple(_crossing(report, it) for it in inventory.crossings),
        notices=tuple(well_formed(f"{it.path}: {it.message}") for it in report.notices),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _service(report: Report, service: Service) -> ServiceEntry:
    return ServiceEntry(
        program=well_formed(service.program),
        why=well_formed(service.why),
        names=tuple(map(well_formed, service.names)),
        session=service.session,
        account=well_formed(service.account),
        integrity=service.integrity,
        type=service.type,
        start=service.start,
        entries=tuple(_note(report, note) for note in service.entries),
        installed=tuple(_spot(report, place, "") for place in service.installed),
        findings=_stands(report, service.findings),
    )


def _shared(report: Report, shared: Shared) -> SharedEntry:
    return SharedEntry(
        kind=shared.kind,
        name=well_formed(shared.name),
        access=well_formed(shared.access),
        ends=_ends(report, shared.ends),
        findings=_stands(report, shared.findings),
    )


def _child(report: Report, child: Child) -> ChildEntry:
    return ChildEntry(
        name=well_formed(child.name),
        session=child.session,
        end=_end(report, child.end),
        findings=_stands(report, child.findings),
    )


def _crossing(report: Report, crossing: Crossing) -> CrossingEntry:
    return CrossingEntry(
        verdict=crossing.verdict,
        kind=crossing.kind,
        name=well_formed(crossing.name),
        reason=well_formed(crossing.reason),
        service=_ends(report, crossing.service),
        client=_ends(report, crossing.client),
        service_words=crossing.service_words,
        client_words=crossing.client_words,
        findings=_stands(report, crossing.findings),
    )


def _ends(report: Report, ends: Iterable[End]) -> tuple[EndEntry, ...]:
    return tuple(_end(report, end) for end in ends)


def _end(report: Report, end: End) -> EndEntry:
    spot = _spot(report, end.place, "")
    return EndEntry(
        side=end.side,
        program=well_formed(end.program),
        verb=end.verb,
        written=well_formed(end.written),
        directory=well_formed(end.directory),
        function=well_formed(end.function),
        path=spot.path,
        line=spot.line,
    )


def _stands(report: Report, findings: Iterable[Finding]) -> tuple[Stand, ...]:
    spots = ((it, _spot(report, it.place, "")) for it in findings)
    return tuple(Stand(it.rule, it.level, spot.path, spot.line) for it, spot in spots)


def _note(report: Report, note: Note) -> Spot:
    return _spot(report, note.place, note.message)


def _spot(report: Report, place: Place, message: str) -> Spot:
    line = locate(report.sources, place, unit="characters").start_line
    return Spot(well_formed(place.path), line, well_formed(message))
