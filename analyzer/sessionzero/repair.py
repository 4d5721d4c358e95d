"""Round after round of fixes, each looked at before it counts; files are written at the very end.

A fix counts if what it mends isn't found any more. One that doesn't help is left out, and the round
is made again without it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from sessionzero.errors import SessionZeroError
from sessionzero.facts import Language
from sessionzero.findings import Edit, Finding, Fix
from sessionzero.fixes.making import by_path, chosen
from sessionzero.fixes.rewriting import encoded
from sessionzero.memory import Memory
from sessionzero.report import Report
from sessionzero.sources.decoding import decode
from sessionzero.sources.files import SourceFile, language_of
from sessionzero.sources.text import SourceText

_ROUNDS = 12  # one fix may uncover the next: a repaired prefix, then the other end

_Key = tuple[str, str, str]


class Repair(Struct, frozen=True):
    """What came of it: the ``report`` of the mended files, how many findings are ``mended``, the
    bytes of each changed file before and after, and why some fixes were left out."""

    report: Report
    mended: int
    files: Mapping[str, tuple[bytes, bytes]]
    refusals: tuple[str, ...]


def repaired(
    check: Callable[[Memory], Report],
    *,
    root: Path,
    paths: Sequence[str | Path] = (".",),
    unsafe: bool = False,
) -> Repair:
    """Make the safe fixes of what ``check`` finds, or (``unsafe``) all; nothing is written. Only
    what lies in ``paths``, links followed, is changed."""
    memory, mended = Memory(), 0
    inside = [os.path.realpath(root / path) for path in paths]
    first: dict[str, SourceText] = {}
    changed: dict[str, SourceText] = {}
    idle: set[Fix] = set()  # those that don't help
    report = check(memory)
    refusals = {reason for finding in report.findings for reason in report.refusals(finding)}
    for _ in range(_ROUNDS):
        offered = [(it, _left(report.fixes(it), idle, root, inside)) for it in report.findings]
        fixes = chosen(offered, unsafe=unsafe)
        if not fixes:
            break
        sources = {path: source for path in by_path(fixes) if (source := report.sources(path))}
        made = {path: _edited(sources[path], by_path(fixes)[path]) for path in sources}
        for source in made.values():
            memory.hold(_file(source.path, root), source)
        after = check(memory)
        useless = _useless(offered, fixes, report, after)
        if useless:
            idle |= useless
            refusals |= {f"{it.edits[0].place.path}: '{it.title}' didn't help" for it in useless}
            for source in sources.values():
                memory.hold(_file(source.path, root), source)
            continue
        first = {**sources, **first}
        changed |= made
        mended += sum(fixes.values())
        report = after
    files = {path: (first[path].data, changed[path].data) for path in sorted(changed)}
    return Repair(report, mended, files, tuple(sorted(refusals)))


def _left(
    fixes: tuple[Fix, ...], idle: set[Fix], root: Path, inside: Sequence[str]
) -> tuple[Fix, ...]:
    return tuple(
        fix
        for fix in fixes
        if fix not in idle
        and all(_is_inside(os.path.realpath(root / e.place.path), inside) for e in fix.edits)
    )


def _is_inside(location: str, places: Sequence[str]) -> bool:
    return any(location == it or location.startswith(os.path.join(it, "")) for it in places)


def _edited(source: SourceText, edits: tuple[Edit, ...]) -> SourceText:
    data = encoded(source, edits)
    assert data is not None, "the fixer has tried it"
    decoded = decode(data, _language(source.path))
    assert decoded is not None, "it was text before"
    return SourceText(source.path, *decoded, data)


def _useless(
    offered: Iterable[tuple[Finding, tuple[Fix, ...]]],
    fixes: Mapping[Fix, int],
    before: Report,
    after: Report,
) -> set[Fix]:
    """The fixes of findings of which there are as many as before in a function."""
    mended: dict[_Key, list[Fix]] = {}
    for finding, those in offered:
        for fix in those:
            if fix in fixes:
                mended.setdefault(_key(finding), []).append(fix)
                break
    old, new = Counter(map(_key, before.findings)), Counter(map(_key, after.findings))
    return {
        fix for key, those in mended.items() if new[key] > old[key] - len(those) for fix in those
    }


def _key(finding: Finding) -> _Key:
    return (finding.rule, finding.place.path, finding.symbol)


def _file(path: str, root: Path) -> SourceFile:
    return SourceFile(path, Path(os.path.realpath(root / path)), _language(path))


def _language(path: str) -> Language:
    language = language_of(path.rpartition("/")[2])
    assert language is not None, "a file without a language has no findings"
    return language


def write(repair: Repair, root: Path) -> None:
    """Write the mended files. Raises :class:`SessionZeroError` for one that can't be written, or
    that somebody has changed meanwhile."""
    for path, (before, after) in repair.files.items():
        try:
            with open(root / path, "r+b") as file:  # the file itself: links and rights stay
                if file.read() != before:
                    raise SessionZeroError(f"{path}: it was changed during the run; run again")
                file.seek(0)
                file.write(after)
                file.truncate()
        except OSError as error:
            raise SessionZeroError(f"{path}: can't be written: {error.strerror}") from error
