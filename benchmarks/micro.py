"""The micro corpus: small programs whose comments say which lines must be found."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from analyzer_runs import Finding, check
from labels import answers
from msgspec import Struct

CATEGORIES = {
    "ui": "ui",
    "msg": "window-message",
    "name": "object-name",
    "flag": "interactive-flag",
}
# In these directories each file is a program of its own; any other directory is one program.
ONE_FILE_PROGRAMS = ("c", "cpp", "py")

_MARK = re.compile(r"(?P<word>EXPECT|ALT|OK)(?::(?P<kind>[a-z]+)(?P<up>-\d+)?)? id=(?P<id>[\w-]+)")

Result = Literal["found", "note", "missed", "silent", "false"]


class Case(Struct, frozen=True):
    """One case: what must be found at one of ``places`` (file name, 1-based line).

    ``program`` is relative to the corpus. ``category`` is empty where the line must stay silent.
    """

    id: str
    program: str
    category: str
    places: tuple[tuple[str, int], ...]


class Scored(Struct, frozen=True):
    """A case and its result; ``note`` is a defect found, but below a warning."""

    case: Case
    result: Result


def score_micro(root: Path, *, rules: Sequence[str]) -> tuple[Scored, ...]:
    """The result of every case below ``root`` that one of the rules answers."""
    scored = []
    for program in _programs(root):
        findings = check(program, rules=rules)
        for case in _cases(program, root):
            if not case.category or any(answers(rule, case.category) for rule in rules):
                scored.append(Scored(case=case, result=_result(case, findings)))
    return tuple(scored)


def _programs(root: Path) -> Iterator[Path]:
    for directory in sorted(path for path in root.iterdir() if path.is_dir()):
        if directory.name in ONE_FILE_PROGRAMS:
            yield from sorted(directory.iterdir())
        else:
            yield directory


def _result(case: Case, findings: Sequence[Finding]) -> Result:
    levels = {
        finding.level
        for finding in findings
        if not case.category or answers(finding.rule, case.category)
        if any(_covers(finding, place) for place in case.places)
    }
    firm = bool(levels - {"note"})
    if not case.category:
        return "false" if firm else "silent"
    if firm:
        return "found"
    return "note" if levels else "missed"


def _covers(finding: Finding, place: tuple[str, int]) -> bool:
    name, line = place
    return finding.path == name and finding.line <= line <= finding.end_line


def _cases(program: Path, root: Path) -> tuple[Case, ...]:
    """The cases of a program in the order in which their ids appear."""
    categories: dict[str, str] = {}
    places: dict[str, list[tuple[str, int]]] = {}
    for file in (program,) if program.is_file() else sorted(program.iterdir()):
        for number, line in enumerate(_lines(file), start=1):
            for mark in _MARK.finditer(line):
                place = (file.name, number + int(mark["up"] or 0))
                places.setdefault(mark["id"], []).append(place)
                if mark["word"] == "EXPECT":
                    categories[mark["id"]] = CATEGORIES[mark["kind"]]
    return tuple(
        Case(
            id=id,
            program=program.relative_to(root).as_posix(),
            category=categories.get(id, ""),
            places=tuple(found),
        )
        for id, found in places.items()
    )


def _lines(file: Path) -> list[str]:
    data = file.read_bytes()
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # The marks are ASCII, so any 8-bit code page reads them.
    return re.split(r"\r\n|\r|\n", data.decode("utf-16" if utf16 else "latin-1"))
