"""The JSON report: the findings for scripts, columns in characters."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from sessionzero.findings import Confidence, Edit, Finding, Fix, Level, Note, Notice
from sessionzero.fingerprints import fingerprints_of
from sessionzero.report import Report, Sources, count, locate, well_formed

VERSION = 1  # rises when a field changes its meaning or goes away; new fields may come


class Step(Struct, frozen=True):
    """A step of a path, or a related place."""

    path: str
    line: int
    column: int
    message: str


class Change(Struct, frozen=True):
    """A range of a file and the text that is to stand there instead."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Repair(Struct, frozen=True):
    """A fix: ``safe`` ones are those that ``--fix`` makes. All its edits belong together."""

    title: str
    safe: bool
    edits: tuple[Change, ...]


class Result(Struct, frozen=True):
    """A finding; lines and columns are 1-based, the end is exclusive. ``suppressed`` is the reason
    of the comment that suppresses it, null if none does."""

    rule: str
    name: str
    level: Level
    confidence: Confidence
    message: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    symbol: str
    steps: tuple[Step, ...]
    related: tuple[Step, ...]
    fingerprint: str
    suppressed: str | None
    fixes: tuple[Repair, ...]


class Trouble(Struct, frozen=True):
    """What could not be analysed; ``line`` is null where it concerns a whole file or run."""

    path: str
    line: int | None
    message: str
    level: Level


class Summary(Struct, frozen=True):
    """The totals of the run: of what is reported, and of what is not for three reasons."""

    files: int
    services: int
    errors: int
    warnings: int
    notes: int
    suppressed: int
    in_baseline: int
    outside_change: int


class Document(Struct, frozen=True):
    """The whole report."""

    version: int
    findings: tuple[Result, ...]
    notices: tuple[Trouble, ...]
    summary: Summary


def render(report: Report) -> str:
    """The report as one JSON document."""
    fingerprints = fingerprints_of(report)
    suppressed = report.suppressed()
    document = Document(
        version=VERSION,
        findings=tuple(
            _result(report, finding, fingerprints[finding], suppressed.get(finding))
            for finding in report.shown()
        ),
        notices=tuple(_trouble(report.sources, notice) for notice in report.notices),
        summary=_summary(report),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _result(report: Report, finding: Finding, fingerprint: str, suppressed: str | None) -> Result:
    region = locate(report.sources, finding.place, unit="characters")
    return Result(
        rule=finding.rule,
        name=report.rules[finding.rule].name,
        level=finding.level,
        confidence=finding.confidence,
        message=well_formed(finding.message),
        path=well_formed(finding.place.path),
        line=region.start_line,
        column=region.start_column,
        end_line=region.end_line,
        end_column=region.end_column,
        symbol=well_formed(finding.symbol),
        steps=tuple(_step(report.sources, note) for note in finding.path),
        related=tuple(_step(report.sources, note) for note in finding.related),
        fingerprint=fingerprint,
        suppressed=None if suppressed is None else well_formed(suppressed),
        fixes=tuple(_repair(report.sources, fix) for fix in report.fixes(finding)),
    )


def _repair(sources: Sources, fix: Fix) -> Repair:
    return Repair(
        well_formed(fix.title), fix.safe, tuple(_change(sources, edit) for edit in fix.edits)
    )


def _change(sources: Sources, edit: Edit) -> Change:
    region = locate(sources, edit.place, unit="characters")
    return Change(
        path=well_formed(edit.place.path),
        line=region.start_line,
        column=region.start_column,
        end_line=region.end_line,
        end_column=region.end_column,
        text=well_formed(edit.text),
    )


def _step(sources: Sources, note: Note) -> Step:
    region = locate(sources, note.place, unit="characters")
    return Step(
        path=well_formed(note.place.path),
        line=region.start_line,
        column=region.start_column,
        message=well_formed(note.message),
    )


def _trouble(sources: Sources, notice: Notice) -> Trouble:
    place = notice.place
    line = None if place is None else locate(sources, place, unit="characters").start_line
    return Trouble(
        path=well_formed(notice.path),
        line=line,
        message=well_formed(notice.message),
        level=notice.level,
    )


def _summary(report: Report) -> Summary:
    counts = count(report.findings)
    aside = [it.why for it in report.set_aside]
    return Summary(
        files=report.files,
        services=report.services,
        errors=counts.errors,
        warnings=counts.warnings,
        notes=counts.notes,
        suppressed=aside.count("suppressed"),
        in_baseline=aside.count("known"),
        outside_change=aside.count("untouched"),
    )
