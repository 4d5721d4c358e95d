"""What a run found, ready for the reporters: findings, notices, rules and the source texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from sessionzero.findings import LEVELS, Confidence, Finding, Fix, Level, Notice, Place
from sessionzero.inventory import Inventory, all_of
from sessionzero.sources.text import Region, SourceText, Unit

Precision = Literal["very-high", "high", "medium", "low"]
Sources = Callable[[str], SourceText | None]

_CONFIDENCE: tuple[Confidence, ...] = ("low", "medium", "high")  # rising


class RuleInfo(Struct, frozen=True):
    """How a rule presents itself.

    ``title`` is one sentence, ``summary`` one paragraph of at most 1,024 characters, ``remedy``
    one paragraph, ``markdown`` the page without its examples. ``security_severity`` is a decimal
    number above 0.0 and up to 10.0, or empty where the defect is no weakness; ``cwe`` holds
    ``CWE-440``.
    """

    id: str
    name: str
    title: str
    summary: str
    markdown: str
    remedy: str
    level: Level
    precision: Precision
    security_severity: str
    cwe: tuple[str, ...]
    tags: tuple[str, ...]
    help_uri: str


class Aside(Struct, frozen=True):
    """A finding that isn't reported: a comment suppresses it (and says the ``reason``), the
    baseline knows it, or the change that was asked about doesn't touch it."""

    finding: Finding
    why: Literal["suppressed", "known", "untouched"]
    reason: str = ""


def _none(_finding: Finding) -> tuple[()]:
    return ()


class Report(Struct, frozen=True):
    """All that a reporter needs; the same report gives the same bytes everywhere.

    ``findings`` are sorted, ``rules`` holds every rule of the run by its id, ``sources`` gives the
    text of a path that a place names. ``files`` counts the files analysed, ``services`` the
    service entries found among them. ``set_aside`` are the findings that are only counted;
    with ``show_suppressed``, the suppressed ones among them are shown and marked. ``known`` are
    the findings that a baseline holds, None if there is no baseline. ``category`` tells several
    analyses of one commit apart. ``fixes`` makes the fixes of a finding when they are asked for,
    ``refusals`` says why others can't be made. ``inventory`` is there for the formats that draw
    the map.
    """

    findings: tuple[Finding, ...]
    notices: tuple[Notice, ...]
    rules: Mapping[str, RuleInfo]
    sources: Sources
    files: int
    services: int
    assumed: bool = False
    set_aside: tuple[Aside, ...] = ()
    show_suppressed: bool = False
    known: frozenset[Finding] | None = None
    category: str = "sessionzero"
    fixes: Callable[[Finding], tuple[Fix, ...]] = _none
    refusals: Callable[[Finding], tuple[str, ...]] = _none
    inventory: Inventory | None = None

    def everything(self) -> tuple[Finding, ...]:
        """All findings of the run, reported or not, sorted."""
        return _sorted((*self.findings, *(it.finding for it in self.set_aside)))

    def suppressed(self) -> Mapping[Finding, str]:
        """The suppressed findings that are to be shown, each with its reason."""
        aside = self.set_aside if self.show_suppressed else ()
        return {it.finding: it.reason for it in aside if it.why == "suppressed"}

    def shown(self) -> tuple[Finding, ...]:
        """The findings that a reader sees, sorted: with the suppressed ones if they are wanted."""
        return _sorted((*self.findings, *self.suppressed()))


def joined(reports: Sequence[Report]) -> Report:
    """The report of a run of one project or several, from theirs."""
    if len(reports) == 1:
        return reports[0]
    holders = {it: report for report in reports for it in report.everything()}
    inventories = [it.inventory for it in reports if it.inventory is not None]
    return replace(
        reports[0],
        findings=_sorted(it for report in reports for it in report.findings),
        set_aside=tuple(it for report in reports for it in report.set_aside),
        notices=tuple(it for report in reports for it in report.notices),
        sources=first_known([it.sources for it in reports if it.everything() or it.notices]),
        files=sum(it.files for it in reports),
        services=sum(it.services for it in reports),
        fixes=lambda finding: holders[finding].fixes(finding),
        refusals=lambda finding: holders[finding].refusals(finding),
        inventory=all_of(inventories) if inventories else None,
    )


def first_known(parts: Sequence[Sources]) -> Sources:
    """The texts of several projects."""
    return lambda path: next((it for part in parts if (it := part(path)) is not None), None)


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.place, finding.rule)))


class Counts(Struct, frozen=True):
    """How many findings of each level there are, and in how many files."""

    errors: int
    warnings: int
    notes: int
    files: int


def count(findings: Iterable[Finding]) -> Counts:
    """How many findings there are of each level."""
    kept = tuple(findings)
    levels = [finding.level for finding in kept]
    return Counts(
        errors=levels.count("error"),
        warnings=levels.count("warning"),
        notes=levels.count("note"),
        files=len({finding.place.path for finding in kept}),
    )


def gravity(finding: Finding) -> tuple[int, int]:
    """What sorts findings by their weight, the gravest and surest last."""
    return LEVELS.index(finding.level), _CONFIDENCE.index(finding.confidence)


def locate(sources: Sources, place: Place, *, unit: Unit) -> Region:
    """Lines and columns of a place; the start of the file where its text is not at hand."""
    source = sources(place.path)
    if source is None:
        return Region(start_line=1, start_column=1, end_line=1, end_column=1)
    return source.locate(place.start, place.end, unit=unit)


def well_formed(text: str) -> str:
    """``text`` with lone surrogates replaced by U+FFFD, so that it can be written as UTF-8.

    They come from damaged UTF-16 files and from file names that are not UTF-8.
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
