"""The baseline: findings that were there before, so that only new ones are reported.

A finding is known by its stable fingerprint, which moved lines don't change. Equal findings are
counted: a third one beside two that are known is new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from sessionzero.errors import SessionZeroError
from sessionzero.fingerprints import fingerprints_of
from sessionzero.report import Aside, Report, well_formed

VERSION = 1


class Entry(Struct, frozen=True):
    """A finding that is known. Only the fingerprint decides; the rest is for readers."""

    path: str
    rule: str
    message: str
    fingerprint: str


class _Document(Struct, frozen=True):
    version: int
    findings: tuple[Entry, ...]


def parse(data: bytes, name: str) -> tuple[Entry, ...]:
    """The entries of a file called ``name``. Raises SessionZeroError if it is no baseline."""
    try:
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SessionZeroError(
            f"{name}: is no baseline: {error}. Write it anew by 'sessionzero baseline create'."
        ) from error
    if document.version != VERSION:
        raise SessionZeroError(
            f"{name}: is a baseline of version {document.version}, and this sessionzero reads "
            f"version {VERSION}. Write it anew by 'sessionzero baseline create'."
        )
    return document.findings


def render(entries: Iterable[Entry]) -> str:
    """The file: sorted, an entry a line, so that a difference reads well."""
    lines = [
        f"  {msgspec.json.encode(it).decode()}"
        for it in sorted(entries, key=lambda it: (it.path, it.rule, it.fingerprint))
    ]
    body = ",\n".join(lines)
    findings = f"[\n{body}\n]" if lines else "[]"
    return f'{{"version": {VERSION}, "findings": {findings}}}\n'


def entries_of(report: Report) -> tuple[Entry, ...]:
    """An entry for each finding that is reported."""
    fingerprints = fingerprints_of(report)
    return tuple(
        Entry(
            path=well_formed(it.place.path),
            rule=it.rule,
            message=well_formed(it.message),
            fingerprint=fingerprints[it],
        )
        for it in report.findings
    )


def compare(report: Report, entries: Collection[Entry]) -> Report:
    """The report with what the entries know set aside."""
    fingerprints = fingerprints_of(report)
    marks = _known(entries, [fingerprints[it] for it in report.findings])
    known = frozenset(it for it, mark in zip(report.findings, marks, strict=True) if mark)
    return replace(
        report,
        findings=tuple(it for it in report.findings if it not in known),
        set_aside=(
            *report.set_aside,
            *(Aside(it, "known") for it in report.findings if it in known),
        ),
        known=known,
    )


def still_found(entries: Collection[Entry], found: Collection[Entry]) -> tuple[Entry, ...]:
    """Those of the entries that are found, as they are found now."""
    marks = _known(entries, [entry.fingerprint for entry in found])
    return tuple(entry for entry, mark in zip(found, marks, strict=True) if mark)


def _known(entries: Iterable[Entry], fingerprints: Iterable[str]) -> list[bool]:
    """Of each fingerprint, whether the entries know it; equal ones as often as they have it."""
    left = Counter(_digest(entry.fingerprint) for entry in entries)
    marks = []
    for digest in map(_digest, fingerprints):
        marks.append(left[digest] > 0)
        left[digest] -= 1
    return marks


def _digest(fingerprint: str) -> str:
    """The fingerprint without its number among equal ones."""
    return fingerprint.partition(":")[0]
