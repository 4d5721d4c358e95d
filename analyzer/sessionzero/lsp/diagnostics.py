"""A report as an editor shows it: diagnostics by path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from lsprotocol import types
from msgspec import Struct

from sessionzero.findings import Finding, Level, Note, Notice, Place
from sessionzero.fingerprints import stable_fingerprints
from sessionzero.lsp.client import Client
from sessionzero.report import Report, RuleInfo, locate, well_formed

SOURCE = "sessionzero"
_SEVERITIES: Mapping[Level, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}

UriOf = Callable[[str], str]


class Shown(Struct, frozen=True):
    """A diagnostic, and the finding with its rule; both None for what could not be analysed."""

    diagnostic: types.Diagnostic
    finding: Finding | None = None
    rule: RuleInfo | None = None


def shown(
    report: Report, client: Client, uri_of: UriOf, opened: Collection[str]
) -> dict[str, tuple[Shown, ...]]:
    """What to show in each file. Of what could not be analysed only that in ``opened`` files: in
    the others nobody waits for an answer."""
    found: dict[str, list[Shown]] = defaultdict(list)
    prints = stable_fingerprints(report.findings, report.sources)
    for finding, fingerprint in zip(report.findings, prints, strict=True):
        diagnostic = _of_finding(finding, fingerprint, report, client, uri_of)
        rule = report.rules[finding.rule]
        found[finding.place.path].append(Shown(diagnostic, finding, rule))
    for notice in report.notices:
        if notice.path in opened:
            found[notice.path].append(Shown(_of_notice(notice, report, client)))
    return {path: tuple(those) for path, those in found.items()}


def _of_finding(
    finding: Finding, fingerprint: str, report: Report, client: Client, uri_of: UriOf
) -> types.Diagnostic:
    rule = report.rules[finding.rule]
    related = list(_related(finding, report, client, uri_of)) if client.related else None
    doubt = "" if finding.confidence == "high" else f" ({finding.confidence} confidence)"
    return types.Diagnostic(
        range=range_of(finding.place, report, client),
        message=well_formed(finding.message) + doubt,
        severity=_SEVERITIES[finding.level],
        code=finding.rule,
        code_description=types.CodeDescription(rule.help_uri)
        if client.links and rule.help_uri
        else None,
        source=SOURCE,
        related_information=related,
        data={"fingerprint": fingerprint} if client.data else None,
    )


def _of_notice(notice: Notice, report: Report, client: Client) -> types.Diagnostic:
    place = notice.place or Place(notice.path, 0, 0)
    return types.Diagnostic(
        range=range_of(place, report, client),
        message=well_formed(notice.message),
        severity=types.DiagnosticSeverity.Information,
        source=SOURCE,
    )


def _related(
    finding: Finding, report: Report, client: Client, uri_of: UriOf
) -> Iterator[types.DiagnosticRelatedInformation]:
    """The steps of the path with their numbers, then the other places."""
    steps = [
        Note(step.place, f"{number}. {step.message}")
        for number, step in enumerate(finding.path, start=1)
    ]
    for note in (*steps, *finding.related):
        location = types.Location(uri_of(note.place.path), range_of(note.place, report, client))
        yield types.DiagnosticRelatedInformation(location, well_formed(note.message))


def range_of(place: Place, report: Report, client: Client) -> types.Range:
    """A place as the editor counts: lines and columns from 0."""
    region = locate(report.sources, place, unit=client.unit)
    return types.Range(
        types.Position(region.start_line - 1, region.start_column - 1),
        types.Position(region.end_line - 1, region.end_column - 1),
    )


def at(those: Sequence[Shown], position: types.Position) -> tuple[Shown, ...]:
    """What is shown at a position, its end included: a cursor stands between characters."""
    here = (position.line, position.character)
    return tuple(
        it
        for it in those
        if _pair(it.diagnostic.range.start) <= here <= _pair(it.diagnostic.range.end)
    )


def _pair(position: types.Position) -> tuple[int, int]:
    return position.line, position.character
