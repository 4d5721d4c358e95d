"""Which finding stands where: findings by the places that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sessionzero.findings import LEVELS, Finding, Place


class Standing:
    """The findings of a run, to be asked for by place."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._by_path: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            self._by_path[finding.place.path].append(finding)

    def on(self, places: Iterable[Place]) -> tuple[Finding, ...]:
        """The findings that stand on or in one of the places, the gravest first."""
        found = {
            finding: None
            for place in places
            for finding in self._by_path.get(place.path, ())
            if place.start <= finding.place.start and finding.place.end <= place.end
        }
        return gravest_first(found)


def gravest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors before warnings before notes; those of one level by place."""
    return tuple(sorted(findings, key=lambda it: (-LEVELS.index(it.level), it.place, it.rule)))
