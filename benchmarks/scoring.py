"""Scores: which labelled lines a run found, missed, or raised a false alarm at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from analyzer_runs import Finding
from labels import Label, answers
from msgspec import Struct

from sessionzero.findings import LEVELS, Level

FOUND_WITHIN = 3  # lines: the label may stand at the call, the finding at its argument
ALARM_WITHIN = 1
FIRM: frozenset[Level] = frozenset(("error", "warning"))


class Outcome(Struct, frozen=True):
    """A label and the highest finding that stands at it, if any."""

    label: Label
    finding: Finding | None

    @property
    def firm(self) -> bool:
        """Whether an error or a warning stands there."""
        return self.finding is not None and self.finding.level in FIRM


class Tally(Struct, frozen=True):
    """Counts over labels; ``firm`` is found as error or warning, ``found`` at any level."""

    true: int
    firm: int
    found: int
    benign: int
    alarms: int

    @property
    def missed(self) -> int:
        """True defects that nothing was said of."""
        return self.true - self.found

    @property
    def recall(self) -> float | None:
        """Share of the true defects found as error or warning."""
        return share(self.firm, self.true)

    @property
    def recall_any(self) -> float | None:
        """Share of the true defects found at any level."""
        return share(self.found, self.true)

    @property
    def precision(self) -> float | None:
        """Share of true defects among the labelled lines that got an error or a warning."""
        return share(self.firm, self.firm + self.alarms)


def score(labels: Sequence[Label], findings: Sequence[Finding]) -> tuple[Outcome, ...]:
    """What became of each label of one repository; unclear ones get no outcome."""
    return tuple(
        Outcome(label=label, finding=highest(standing_at(label, labels, findings)))
        for label in labels
        if label.verdict != "unclear"
    )


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """The counts of these outcomes."""
    kept = tuple(outcomes)
    true = [outcome for outcome in kept if outcome.label.verdict == "true-defect"]
    benign = [outcome for outcome in kept if outcome.label.verdict == "benign"]
    return Tally(
        true=len(true),
        firm=sum(outcome.firm for outcome in true),
        found=sum(outcome.finding is not None for outcome in true),
        benign=len(benign),
        alarms=sum(outcome.firm for outcome in benign),
    )


def unlabelled(labels: Sequence[Label], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The errors and warnings that stand near no label of their category: still to be read."""
    return tuple(
        finding
        for finding in findings
        if finding.level in FIRM
        and not any(
            answers(finding.rule, label.category) and _touches(finding, label) for label in labels
        )
    )


def standing_at(
    label: Label, labels: Sequence[Label], findings: Sequence[Finding]
) -> Iterator[Finding]:
    """The findings, of any level, that find this true defect or are at this other line."""
    for finding in findings:
        if not answers(finding.rule, label.category):
            continue
        if label.verdict == "true-defect":
            hit = _touches(finding, label)
        else:
            hit = _distance(finding, label) <= ALARM_WITHIN and not _accounted(finding, labels)
        if hit:
            yield finding


def _accounted(finding: Finding, labels: Sequence[Label]) -> bool:
    """Whether the finding stands on the very line of a true defect, so next to a benign line."""
    return any(
        label.verdict == "true-defect"
        and answers(finding.rule, label.category)
        and _distance(finding, label) == 0
        for label in labels
    )


def _touches(finding: Finding, label: Label) -> bool:
    """Whether the finding, a step of its path or a related place stands near the label."""
    return _distance(finding, label) <= FOUND_WITHIN or any(
        spot.path == label.path and abs(spot.line - label.line) <= FOUND_WITHIN
        for spot in (*finding.steps, *finding.related)
    )


def _distance(finding: Finding, label: Label) -> float:
    """Lines between the finding's own range and the label; 0 inside, infinite in other files."""
    if finding.path != label.path:
        return float("inf")
    return max(finding.line - label.line, label.line - finding.end_line, 0)


def highest(findings: Iterable[Finding]) -> Finding | None:
    """The first of those findings that have the highest level."""
    return max(findings, key=lambda finding: LEVELS.index(finding.level), default=None)


def share(part: int, whole: int) -> float | None:
    """A part of a whole between 0 and 1, unknown where there is no whole."""
    return part / whole if whole else None
