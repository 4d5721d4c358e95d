"""The Code Quality report of GitLab, which merge requests show.

Its fields are those of "Code Quality report format" in GitLab's document on Code Quality: of
issues with one fingerprint GitLab shows only one, and all fields here are required.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from sessionzero.findings import Finding, Level, Notice, Place
from sessionzero.fingerprints import fingerprints_of
from sessionzero.report import Report, locate, well_formed
from sessionzero.reporters.steps import doubt

_SEVERITY: Mapping[Level, str] = {"error": "critical", "warning": "major", "note": "info"}
_NOTICE = "not-analysed"


class Lines(Struct, frozen=True):
    """The line, from 1, where an issue begins."""

    begin: int


class Location(Struct, frozen=True):
    """A file, relative to the root of the repository, and a line of it."""

    path: str
    lines: Lines


class Issue(Struct, frozen=True):
    """One entry of the report."""

    description: str
    check_name: str
    fingerprint: str
    severity: str
    location: Location


def render(report: Report) -> str:
    """The findings, and what could not be analysed of which file, as one JSON array.

    A notice on the whole run has no place in it: GitLab wants a file for each issue.
    """
    fingerprints = fingerprints_of(report)
    issues = [_issue(report, finding, fingerprints[finding]) for finding in report.findings]
    issues.extend(_notices(report))
    return msgspec.json.format(msgspec.json.encode(issues), indent=2).decode() + "\n"


def _issue(report: Report, finding: Finding, fingerprint: str) -> Issue:
    unsure = doubt(finding)
    return Issue(
        description=well_formed(finding.message) + (f" ({unsure})" if unsure else ""),
        check_name=finding.rule,
        fingerprint=fingerprint,
        severity=_SEVERITY[finding.level],
        location=_location(report, finding.place),
    )


def _notices(report: Report) -> Iterator[Issue]:
    seen: Counter[str] = Counter()
    for notice in report.notices:
        if notice.path:
            digest = _digest(notice)
            seen[digest] += 1
            yield Issue(
                description=well_formed(notice.message),
                check_name=_NOTICE,
                fingerprint=f"{digest}:{seen[digest]}",
                severity="info",  # nothing is wrong with the code
                location=_location(report, notice.place or Place(notice.path, 0, 0)),
            )


def _digest(notice: Notice) -> str:
    identity = "\0".join((_NOTICE, notice.path, notice.message))
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _location(report: Report, place: Place) -> Location:
    line = locate(report.sources, place, unit="characters").start_line
    return Location(path=well_formed(place.path), lines=Lines(begin=line))
