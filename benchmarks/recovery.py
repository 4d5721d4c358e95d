"""Recovery: the share of ctags' functions of C and C++ sources that the front-end finds."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import msgspec
from msgspec import Struct

from sessionzero.facts import Language
from sessionzero.findings import Notice
from sessionzero.frontends import extract
from sessionzero.frontends.c.directives import linearise
from sessionzero.frontends.c.mask import mask
from sessionzero.predefined import predefined
from sessionzero.sources.discovery import discover
from sessionzero.sources.files import SourceFile, read
from sessionzero.sources.text import SourceText

GOAL = 0.99
_NEAR = 2  # lines: the two disagree on where a head of several lines begins
_CTAGS = ("ctags", "--output-format=json", "--fields=+n", "--quiet", "-L", "-", "-f", "-")
_WORD = re.compile(rb"[^\W\d]\w*")
_HEAD = 4000  # bytes in which the body of a function begins
_ANOTHER = re.compile(rb"\b(?!(?:noexcept|throw|requires|decltype|__attribute__)\b)\w+\s*\(")


class Tag(Struct, frozen=True):
    """A function definition of ctags' list; the line counts from 1."""

    name: str
    path: str
    line: int


class Score(Struct, frozen=True):
    """What was found of a directory; ``missing`` are the functions that were not."""

    found: int
    missing: tuple[Tag, ...]

    @property
    def share(self) -> float:
        return self.found / max(1, self.found + len(self.missing))


def main() -> int:
    """Print the share for each directory; 1 if one is below the goal."""
    options = _options()
    low = 0
    for directory in options.directories:
        score = measure(directory)
        low += score.share < GOAL
        total = score.found + len(score.missing)
        print(f"{score.share:7.4f}  {score.found:6} of {total:6}  {directory.name}", flush=True)
        if options.missing:
            for tag in score.missing:
                print(f"    {tag.path}:{tag.line}: {tag.name}")
    return int(low > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--missing", action="store_true", help="list what was not found")
    return parser.parse_args()


def measure(directory: Path) -> Score:
    """Compare the two lists for the C and C++ files of a directory."""
    files = [f for f in discover([directory], root=directory).files if f.language != "python"]
    tags = _tags(files)
    found = 0
    missing: list[Tag] = []
    for file in files:
        source = read(file)
        if isinstance(source, Notice) or not tags[str(file.location)]:
            continue
        lines = _lines_of_functions(source, file.language)
        for tag in _compiled(tags[str(file.location)], source, file.language):
            if any(tag.line + d in lines[_simple(tag.name)] for d in range(-_NEAR, _NEAR + 1)):
                found += 1
            else:
                missing.append(msgspec.structs.replace(tag, path=file.path))
    return Score(found, tuple(missing))


def _tags(files: Sequence[SourceFile]) -> dict[str, list[Tag]]:
    """The function definitions of each file, by ctags. Raises SystemExit if there is no ctags."""
    tags: dict[str, list[Tag]] = defaultdict(list)
    for language, name in (("c", "C"), ("c++", "C++")):
        paths = "".join(f"{f.location}\n" for f in files if f.language == language)
        kinds = (f"--language-force={name}", f"--kinds-{name}=f")
        try:
            run = subprocess.run(
                (*_CTAGS, *kinds), input=paths.encode(), capture_output=True, check=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"Universal Ctags is needed: {error}") from error
        for line in run.stdout.splitlines():
            tag = msgspec.json.decode(line.decode("utf-8", "replace"), type=Tag)
            tags[tag.path].append(tag)
    return tags


def _lines_of_functions(source: SourceText, language: Language) -> defaultdict[str, set[int]]:
    """The lines of the functions that the front-end finds, by simple name; where a macro makes the
    head, also by the macro, for that is what ctags calls the function."""
    lines: defaultdict[str, set[int]] = defaultdict(set)
    for function in extract(source.text, language).functions:
        if function.kind == "function":
            line = source.locate(function.name_start, function.name_end).start_line
            lines[_simple(function.name)].add(line)
            lines[_simple(source.snippet(function.name_start, function.name_end))].add(line)
    return lines


def _simple(name: str) -> str:
    """A name without template arguments and blanks: ``operator ==`` is ``operator==``."""
    return re.sub(r"\s+|<.*>$", "", name)


def _compiled(tags: Sequence[Tag], source: SourceText, language: Language) -> Iterator[Tag]:
    """The functions that have a name, that Windows compiles, and that are what ctags takes them
    for."""
    masked = mask(source.utf8)
    linear = linearise(masked, predefined(cplusplus=language != "c"))
    for start, end in linear.dropped:
        linear.code[start:end] = masked.code[start:end]
    lines = linear.code.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, lines))]
    for tag in tags:
        words = _WORD.findall(tag.name.encode())
        line = lines[tag.line - 1] if tag.line <= len(lines) else b""
        if tag.name.startswith("__anon") or not set(words) <= set(_WORD.findall(line)):
            continue
        place = starts[tag.line - 1] + line.index(words[0])
        if _has_body(bytes(linear.code[place : place + _HEAD]), language):
            yield tag


def _has_body(text: bytes, language: Language) -> bool:
    """False if another name with brackets stands between the name that begins the text and the
    body: ctags then took a macro before the function for it (``BEGIN_MESSAGE_MAP(A, B)``)."""
    end = depth = 0
    for bracket in re.finditer(rb"[()]", text):
        depth += 1 if bracket[0] == b"(" else -1
        end = bracket.end()
        if depth == 0:
            break
    rest = text[end:].partition(b"{")[0]
    if b";" in rest:
        return language == "c" and text[:end].count(b"(") == 1  # parameters of the old style
    return not _ANOTHER.search(rest.partition(b":")[0])


if __name__ == "__main__":
    sys.exit(main())
