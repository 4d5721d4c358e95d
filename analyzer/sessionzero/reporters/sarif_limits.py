"""What GitHub takes of a SARIF log, what is left out beyond it, and the words that say so.

The numbers are from the table in GitHub's document "SARIF results exceed one or more limits": the
first is what it refuses, the second what it shows. We keep to the second.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from sessionzero.findings import Finding
from sessionzero.report import gravity
from sessionzero.reporters import sarif_model as model

RESULTS = 5_000  # of a run (25,000 refused); GitHub cuts by an order of its own: we choose before
STEPS = 1_000  # of the thread flows of a result (10,000 refused)
RELATED = 100  # locations of a result (1,000 refused)
TAGS = 10  # of a rule (20 refused); the tests hold the rules to it
BYTES = 10_000_000  # of the log as it is sent, in gzip

_SHALLOW = 1  # the fastest compression: no sender's is worse


def fits(text: str, size: int) -> bool:
    """Whether a log has at most ``size`` bytes when it is sent."""
    if len(text) * 4 <= size:  # no character has more bytes
        return True
    data = text.encode()
    return len(data) <= size or len(zlib.compress(data, _SHALLOW)) <= size


def gravest(findings: Sequence[Finding], limit: int) -> Sequence[Finding]:
    """The ``limit`` findings of the highest level and confidence, in their order."""
    ranked = sorted(range(len(findings)), key=lambda index: gravity(findings[index]), reverse=True)
    return [findings[index] for index in sorted(ranked[:limit])]


def left_out(findings: Sequence[Finding], kept: Sequence[Finding]) -> Iterator[model.Notification]:
    """What a log with the ``kept`` of the findings doesn't say, a sentence for each limit."""
    total, missing = len(findings), len(findings) - len(kept)
    if missing:
        yield _notification(
            f"{missing} of {total} findings are not in this report, which holds those of the "
            "highest level and confidence. Analyse a part of the tree, or fewer rules, to see the "
            "others."
        )
    long = sum(len(finding.path) > STEPS for finding in kept)
    if long:
        yield _notification(
            f"{long} of the paths have more than {STEPS:,} steps; the middle of them is left out."
        )
    wide = sum(_places(finding) > RELATED for finding in kept)
    if wide:
        yield _notification(
            f"{wide} of the findings have more than {RELATED} related places; the others are left "
            "out."
        )


def _places(finding: Finding) -> int:
    """How many places belong to a finding, but for its own."""
    return len(finding.path[:-1]) + len(finding.related)


def _notification(text: str) -> model.Notification:
    return model.Notification(level="warning", message=model.Message(text=text))
