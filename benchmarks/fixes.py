"""What the fixes do to real repositories: every claim of the README about them, looked at again.

    python benchmarks/fixes.py REPO… [--unsafe] [--patch FILE]

Nothing is written into the repositories. For each one it prints how many findings there are, of how
many a fix is offered, how many are mended in how many files, how many fixes were left out, and how
many of the promises are broken (aim: none), each of which is told below the table:

- a mended file parses as well as before;
- its encoding and its line ends are the same;
- no line differs but those in which a fix has an edit;
- a second run changes nothing.

That the findings are gone is what makes a fix count in the first place.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from msgspec import Struct

from sessionzero.config import find_config
from sessionzero.engine import Options, check_paths
from sessionzero.fixes.patches import difference
from sessionzero.frontends.soundness import faults
from sessionzero.memory import Memory
from sessionzero.repair import Repair, repaired
from sessionzero.report import Report
from sessionzero.sources.decoding import decode
from sessionzero.sources.files import SourceFile, language_of
from sessionzero.sources.text import SourceText

_LINE_END = re.compile(r"\r\n?|\n")
Line = tuple[str, str]
"""The path of a file, and what stands in a line of it."""
HEADINGS = ("findings", "offered", "mended", "files", "left out", "broken")


class Outcome(Struct, frozen=True):
    """What came of one repository; ``broken`` are the promises that were not kept."""

    numbers: tuple[int, ...]
    broken: tuple[str, ...]
    patch: bytes


def outcome_of(repository: Path, *, unsafe: bool) -> Outcome:
    """Mend a repository in memory, and look at the result."""
    options = Options(config=find_config((repository,), root=repository))

    def check(memory: Memory) -> Report:
        return check_paths([repository], root=repository, options=options, memory=memory)

    touched: set[Line] = set()

    def watched(memory: Memory) -> Report:
        report = check(memory)
        touched.update(_lines_with_edits(report))
        return report

    before = check(Memory())
    offered = sum(bool(before.fixes(finding)) for finding in before.findings)
    repair = repaired(watched, root=repository, unsafe=unsafe)
    again = repaired(
        lambda memory: check(holding(memory, repair, repository)), root=repository, unsafe=unsafe
    )
    broken = (
        *broken_promises(repair, touched),
        *(f"{path}: changed again" for path in again.files),
    )
    patch = b"".join(difference(path, *versions) for path, versions in repair.files.items())
    numbers = (len(before.findings), offered, repair.mended, len(repair.files))
    return Outcome((*numbers, len(repair.refusals), len(broken)), broken, patch)


def holding(memory: Memory, repair: Repair, root: Path) -> Memory:
    """A memory in which the mended files are as if they were written, unless it knows better."""
    for path, (_, data) in repair.files.items():
        source = _source(path, data)
        if not memory.is_open(path):
            language = language_of(path.rpartition("/")[2]) or "c"
            memory.hold(SourceFile(path, (root / path).resolve(), language), source)
    return memory


def _source(path: str, data: bytes) -> SourceText:
    text, encoding = decode(data, language_of(path.rpartition("/")[2]) or "c") or ("", "utf-8")
    return SourceText(path, text, encoding, data)


def _lines_with_edits(report: Report) -> Iterator[Line]:
    """The lines of a round that some fix changes."""
    edits = (e for it in report.findings for fix in report.fixes(it) for e in fix.edits)
    for edit in edits:
        source = report.sources(edit.place.path)
        if source is not None:
            region = source.locate(edit.place.start, edit.place.end)
            for number in range(region.start_line, region.end_line + 1):
                yield edit.place.path, source.line(number)


def _others(path: str, old: SourceText, new: SourceText, touched: Collection[Line]) -> int:
    """How many lines have changed in which no fix of any round has an edit."""
    before, after = (_LINE_END.split(text) for text in (old.text, new.text))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changed = (
        line
        for tag, start, end, _, _ in matcher.get_opcodes()
        if tag in ("replace", "delete")
        for line in before[start:end]
    )
    return sum((path, line) not in touched for line in changed)


def broken_promises(repair: Repair, touched: Collection[Line]) -> Iterator[str]:
    """The promises that a repair has not kept, each with its file; ``touched`` are the lines that
    fixes of any round change."""
    for path, (old, new) in repair.files.items():
        language = language_of(path.rpartition("/")[2]) or "c"
        before, after = _source(path, old), _source(path, new)
        if faults(after.text, language) > faults(before.text, language):
            yield f"{path}: parses no more"
        if before.encoding != after.encoding:
            yield f"{path}: {before.encoding} became {after.encoding}"
        if others := _others(path, before, after, touched):
            yield f"{path}: {others} other lines changed"
        if _line_ends(old) != _line_ends(new) and old.count(b"\n") == new.count(b"\n"):
            yield f"{path}: line ends changed"


def _line_ends(data: bytes) -> Mapping[bytes, int]:
    return Counter({end: data.count(end) for end in (b"\r\n", b"\r", b"\n")})


def main() -> int:
    """Print the table; 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--unsafe", action="store_true", help="make also the unsafe fixes")
    parser.add_argument("--patch", type=Path, help="write all changes into this file")
    given = parser.parse_args()
    width = max(len(path.name) for path in given.repositories)
    print(f"{'repository':{width}}", *(f"{heading:>9}" for heading in HEADINGS))
    broken, patches = list[str](), list[bytes]()
    for repository in given.repositories:
        outcome = outcome_of(repository.resolve(), unsafe=given.unsafe)
        print(f"{repository.name:{width}}", *(f"{number:9}" for number in outcome.numbers))
        sys.stdout.flush()
        broken += [f"{repository.name}/{what}" for what in outcome.broken]
        patches += [f"# {repository.name}\n".encode(), outcome.patch]
    if given.patch:
        given.patch.write_bytes(b"".join(patches))
    print(*broken, sep="\n", end="\n" if broken else "")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
