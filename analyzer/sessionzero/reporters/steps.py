"""The path of a finding for reports that are no terminal: its places and words, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from sessionzero.findings import Finding, Note, Place
from sessionzero.report import Report, locate
from sessionzero.reporters.terminal import visible

_STEPS = 20  # of a longer path these are shown: people read both ends


class Step(Struct, frozen=True):
    """What happens at a place; ``where`` is empty for a line on the steps that are left out."""

    where: str
    message: str


def where(report: Report, place: Place) -> str:
    """A place as compilers print it, with nothing in it that acts on a terminal."""
    region = locate(report.sources, place, unit="characters")
    return f"{visible(place.path)}:{region.start_line}:{region.start_column}"


def steps(report: Report, finding: Finding) -> tuple[Step, ...]:
    """The path of a finding; the middle of a long one is counted in a line."""
    kept = ends(finding.path, _STEPS)
    shown = [Step(where(report, note.place), visible(note.message)) for note in kept]
    if left := len(finding.path) - len(kept):
        shown.insert(_STEPS // 2, Step("", f"{left} more steps"))
    return tuple(shown)


def ends(notes: Sequence[Note], limit: int) -> Sequence[Note]:
    """At most ``limit`` notes: the first and the last, which matter most."""
    if len(notes) <= limit:
        return notes
    head = limit // 2
    return (*notes[:head], *notes[head - limit :])


def doubt(finding: Finding) -> str:
    """How sure we are of a finding, empty if we are."""
    return "" if finding.confidence == "high" else f"{finding.confidence} confidence"
