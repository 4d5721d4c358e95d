"""What is true of every fix, on all examples and fixtures, however their files are written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from commands import write
from programs import EXAMPLES, PROGRAMS, RULES
from sessionzero.engine import Options, check_paths
from sessionzero.frontends.soundness import faults
from sessionzero.memory import Memory
from sessionzero.repair import Repair, repaired
from sessionzero.report import Report
from sessionzero.sources.files import language_of

FIXABLE = frozenset(rule.id for rule in RULES if "fix" in rule.blanks)
Files = Mapping[str, str]


def is_mended(files: Files) -> bool:
    """Whether a line wants a finding that has a fix."""
    return any(f"want {rule}" in text for text in files.values() for rule in FIXABLE)


CASES: dict[str, Files] = {
    **{name: {it.name: it.text for it in each.files} for name, each in EXAMPLES.items()},
    **PROGRAMS,
}
CASES = {name: files for name, files in CASES.items() if is_mended(files)}


class Style(Struct, frozen=True):
    """How a text is written as bytes."""

    line_end: str
    encoding: str
    mark: bool
    tabs: bool
    open_end: bool

    def write(self, text: str) -> bytes:
        if self.open_end:
            text = text.rstrip("\n")
        if self.tabs:
            text = text.replace("    ", "\t")
        text = ("\ufeff" if self.mark else "") + text.replace("\n", self.line_end)
        return text.encode(self.encoding)


PLAIN = Style("\n", "utf-8", mark=False, tabs=False, open_end=False)
STYLES = st.builds(
    Style,
    line_end=st.sampled_from(("\n", "\r\n", "\r")),
    encoding=st.sampled_from(("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")),
    mark=st.just(value=True),
    tabs=st.booleans(),
    open_end=st.booleans(),
) | st.builds(
    Style,
    line_end=st.sampled_from(("\n", "\r\n", "\r")),
    encoding=st.just("utf-8"),
    mark=st.just(value=False),
    tabs=st.booleans(),
    open_end=st.booleans(),
)


def mended(files: Mapping[str, bytes], *, unsafe: bool) -> Repair:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name, data in files.items():
            write(root / name, data)

        def check(memory: Memory) -> Report:
            options = Options(cache=False, jobs=1)
            return check_paths([root], root=root, options=options, memory=memory)

        return repaired(check, root=root, unsafe=unsafe)


@cache
def mended_plainly(name: str, *, unsafe: bool) -> Repair:
    return mended({path: text.encode() for path, text in CASES[name].items()}, unsafe=unsafe)


def after(repair: Repair, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {**files, **{path: new for path, (_, new) in repair.files.items()}}


@pytest.mark.parametrize("name", CASES)
def test_a_mended_program_parses_and_needs_no_second_run(name: str) -> None:
    files = {path: text.encode() for path, text in CASES[name].items()}
    repair = mended_plainly(name, unsafe=True)
    for path, (old, new) in repair.files.items():
        language = language_of(path.rpartition("/")[2])
        assert language is not None
        assert faults(new.decode(), language) <= faults(old.decode(), language)
    again = mended(after(repair, files), unsafe=True)
    assert not again.files
    assert again.report.findings == repair.report.findings


@pytest.mark.parametrize("name", CASES)
def test_each_finding_with_a_fix_is_gone(name: str) -> None:
    repair = mended_plainly(name, unsafe=True)
    left = [it for it in repair.report.findings if repair.report.fixes(it)]
    assert not left


@settings(max_examples=40)
@given(name=st.sampled_from(sorted(CASES)), style=STYLES, unsafe=st.booleans())
def test_only_the_edits_differ_however_a_file_is_written(
    name: str, style: Style, *, unsafe: bool
) -> None:
    if style.line_end == "\r" and any(path.endswith(".py") for path in CASES[name]):
        style = replace(style, line_end="\r\n")  # libcst doesn't give lone ones back
    files = {path: style.write(text) for path, text in CASES[name].items()}
    plain = mended_plainly(name, unsafe=unsafe)
    wanted = {path: style.write(new.decode()) for path, (_, new) in plain.files.items()}
    assert {path: new for path, (_, new) in mended(files, unsafe=unsafe).files.items()} == wanted
