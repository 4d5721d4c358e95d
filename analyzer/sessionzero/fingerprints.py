"""Fingerprints: what makes a finding the same finding in the next run.

Two kinds, both pure functions. :func:`line_hashes` is the ``primaryLocationLineHash`` of GitHub
code scanning, which must be equal to what GitHub's upload action computes from the file, or the
action warns about every result. :func:`stable_fingerprints` is our own: it does not look at the
lines around the finding, so it survives edits and moves in the rest of the file.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat

from sessionzero.findings import Finding
from sessionzero.report import Report, Sources, locate

_WINDOW = 100  # characters that a line's hash covers
_BASE = 37
_MASK = (1 << 64) - 1
_LEAVING = pow(_BASE, _WINDOW, 1 << 64)  # the weight of the character that leaves the window
_LINE_FEED = 0x0A
_END_OF_FILE = 0xFFFF


def line_hashes(data: bytes, lines: Collection[int]) -> dict[int, str]:
    """GitHub's hash of each of the 1-based ``lines`` of a file's original bytes.

    The bytes are read as UTF-8, whatever their encoding is, each invalid sequence as U+FFFD.
    Blanks and tabs are dropped, CR and CRLF become LF, U+FFFF is appended. A line's hash is the
    polynomial, to base 37 modulo 2**64, of the 100 UTF-16 units from its start (zeros after the
    end), in hexadecimal, and after a colon how often that hash occurred up to this line.
    A line that the file does not have so read is absent from the answer.
    """
    if not lines:
        return {}
    last = max(lines)
    seen: Counter[int] = Counter()
    found = {}
    for number, value in enumerate(_hashes_of_lines(_units(data)), start=1):
        seen[value] += 1
        if number in lines:
            found[number] = f"{value:x}:{seen[value]}"
        if number >= last:
            break
    return found


def primary_line_hashes(findings: Sequence[Finding], sources: Sources) -> tuple[str | None, ...]:
    """GitHub's hash of the line where each finding starts, None where there is no such line."""
    lines = [locate(sources, finding.place, unit="characters").start_line for finding in findings]
    wanted: dict[str, set[int]] = defaultdict(set)
    for finding, line in zip(findings, lines, strict=True):
        wanted[finding.place.path].add(line)
    hashes = {path: _hashes_of_file(path, numbers, sources) for path, numbers in wanted.items()}
    return tuple(
        hashes[finding.place.path].get(line) for finding, line in zip(findings, lines, strict=True)
    )


def stable_fingerprints(findings: Sequence[Finding], sources: Sources) -> tuple[str, ...]:
    """A fingerprint of each finding: a digest, and how often it occurred up to this finding.

    The digest covers the rule, the path, the enclosing function and what the finding is about: its
    subject, so that a renamed variable or macro changes nothing, or else the text found without
    its blanks. Equal ones are numbered in the order given, so that a baseline can count them.
    """
    seen: Counter[str] = Counter()
    fingerprints = []
    for finding in findings:
        digest = _digest(finding, sources)
        seen[digest] += 1
        fingerprints.append(f"{digest}:{seen[digest]}")
    return tuple(fingerprints)


def fingerprints_of(report: Report) -> Mapping[Finding, str]:
    """The stable fingerprint of each finding of a run. All are counted, also those that are not
    reported: what is left out changes no fingerprint of what is shown."""
    findings = report.everything()
    return dict(zip(findings, stable_fingerprints(findings, report.sources), strict=True))


def _digest(finding: Finding, sources: Sources) -> str:
    place = finding.place
    source = sources(place.path)
    snippet = source.snippet(place.start, place.end) if source else ""
    subject = finding.subject or "".join(snippet.split())
    parts = (finding.rule, place.path, finding.symbol, subject)
    identity = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(identity).hexdigest()[:32]


def _hashes_of_file(path: str, lines: Collection[int], sources: Sources) -> dict[int, str]:
    source = sources(path)
    return line_hashes(source.data, lines) if source else {}


def _units(data: bytes) -> memoryview:
    """The UTF-16 units that GitHub's action hashes."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    kept = text.replace(" ", "").replace("\t", "") + chr(_END_OF_FILE)
    order = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
    return memoryview(kept.encode(order)).cast("H")


def _hashes_of_lines(units: memoryview) -> Iterator[int]:
    """The hash of the window at the start of each line, in order."""
    before = chain((_LINE_FEED,), units)
    windows = islice(_rolling(units), _WINDOW - 1, None)
    return (value for unit, value in zip(before, windows, strict=False) if unit == _LINE_FEED)


def _rolling(units: memoryview) -> Iterator[int]:
    """The hash of the window that ends at each unit, and at the zeros after the last."""
    entering = chain(units, repeat(0, _WINDOW - 1))
    leaving = chain(repeat(0, _WINDOW), units)
    value = 0
    for new, old in zip(entering, leaving, strict=False):
        value = (value * _BASE + new - old * _LEAVING) & _MASK
        yield value
