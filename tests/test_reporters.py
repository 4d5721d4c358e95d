"""Tests of the text and JSON reports, and of what all reports promise."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reports
from conftest import Expect
from sessionzero.reporters import REPORTERS, text
from sessionzero.reporters.frame import fit
from sessionzero.reporters.terminal import Terminal, cells, visible

TERMINAL = Terminal()
HEADLINE = re.compile(r"(?P<path>.+?):(\d+):(\d+): (error|warning|note): .+ \[SZ[A-Z]+\d{3}\]")
SGR = re.compile(r"\x1b\[[0-9;]*m")

# Letters of one, two and no cells, a tab, and what must not reach a terminal.
LETTERS = "aé\u0301日😀\t\x1b\u202e "


@pytest.mark.parametrize("case", reports.CASES)
def test_text_report_is_the_expected_one(case: str, expect: Expect) -> None:
    expect(f"text/{case}.txt", text.render(reports.CASES[case]()))


def test_text_report_without_line_drawing_is_the_expected_one(expect: Expect) -> None:
    drawn = text.render(reports.many(), unicode=False)
    assert drawn.isascii()
    expect("text/many-ascii.txt", drawn)


def test_text_report_in_colour_is_the_expected_one(expect: Expect) -> None:
    expect("text/many-colour.txt", text.render(reports.many(), colour=True))


@pytest.mark.parametrize("case", reports.CASES)
def test_colour_changes_nothing_but_the_colour(case: str) -> None:
    report = reports.CASES[case]()
    assert SGR.sub("", text.render(report, colour=True)) == text.render(report)


@pytest.mark.parametrize("case", reports.CASES)
def test_text_report_never_drives_the_terminal(case: str) -> None:
    unprintable = {it for it in text.render(reports.CASES[case]()) if not it.isprintable()}
    assert unprintable == {"\n"}


@pytest.mark.parametrize("case", ["with-path", "many", "odd-names", "wide", "long-line"])
def test_each_finding_begins_with_a_line_that_editors_parse(case: str) -> None:
    report = reports.CASES[case]()
    lines = [
        line for line in text.render(report).splitlines() if HEADLINE.fullmatch(line) is not None
    ]
    assert len(lines) == len(report.findings)


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_a_long_line_is_cut_to_the_width(width: int) -> None:
    rendered = text.render(reports.long_line(), width=width).splitlines()
    (code,) = (line for line in rendered if " 1 │" in line)
    assert "MessageBoxW" in code
    assert width - 8 <= cells(code) <= width


@given(st.text(LETTERS, max_size=80), st.data())
def test_the_underline_stands_below_the_range(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    terminal = Terminal(width=data.draw(st.sampled_from([20, 40, 1000])))
    shown = fit(line, start, end, terminal)
    below = in_cells(shown.text, shown.column, shown.length)
    wanted = spelled_out(line[start:end])
    assert cells(shown.text) <= terminal.width
    if wanted and "\t" not in line:
        assert below.rstrip("…")
        assert wanted.startswith(below.rstrip("…"))
        assert terminal.width < 1000 or below == wanted


def spelled_out(text: str) -> str:
    """``text`` as it is shown, without the marks that take no cell of their own."""
    return visible(text).replace("\u0301", "")


def in_cells(shown: str, column: int, length: int) -> str:
    """The characters of ``shown`` that begin in ``length`` cells from ``column``."""
    kept = []
    at = 0
    for character in shown:
        width = cells(character)
        if width and column <= at < column + length:
            kept.append(character)
        at += width
    return "".join(kept)


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        pytest.param("plain é 日本 😀", "plain é 日本 😀", id="letters stay"),
        pytest.param("\x1b[31m\x07\x00", "␛[31m␇␀", id="C0 controls"),
        pytest.param("\x7f", "␡", id="delete"),
        pytest.param("\x9b", "<U+009B>", id="C1 controls"),
        pytest.param("\u202e\u2066\u200f", "<U+202E><U+2066><U+200F>", id="bidirectional"),
        pytest.param("\u200b\ufeff", "<U+200B><U+FEFF>", id="no width"),
        pytest.param("\u2028\u2029", "<U+2028><U+2029>", id="line separators"),
        pytest.param("\ud800", "<U+D800>", id="lone surrogate"),
    ],
)
def test_what_acts_on_a_terminal_is_spelled_out(given_text: str, shown: str) -> None:
    assert visible(given_text) == shown


def test_the_remedy_of_a_rule_is_printed_once() -> None:
    rendered = text.render(reports.many())
    assert rendered.count("[SZUI001]") == 2
    assert rendered.count("Write to the event log") == 1
    assert rendered.count("sessionzero explain SZUI001") == 1


def test_a_tree_without_sources_says_so() -> None:
    assert text.render(reports.report(tree={}, services=0)) == (
        "No C, C++ or Python source file was found here.\n"
    )


def test_a_tree_without_service_entry_names_the_option() -> None:
    assert "--assume-service" in text.render(reports.report(services=0))
    assert "--assume-service" not in text.render(reports.report(services=1))


def test_json_report_is_the_expected_one(expect: Expect) -> None:
    expect("json/many.json", REPORTERS["json"](reports.many(), TERMINAL))


def test_json_columns_count_characters() -> None:
    (found,) = json.loads(REPORTERS["json"](reports.wide(), TERMINAL))["findings"]
    line = reports.wide().sources("wide.cpp")
    assert line is not None
    assert line.text[found["column"] - 1 : found["end_column"] - 1] == "MessageBoxW"


def test_json_puts_a_notice_of_the_whole_run_nowhere() -> None:
    notices = json.loads(REPORTERS["json"](reports.notices_only(), TERMINAL))["notices"]
    assert [(notice["path"], notice["line"]) for notice in notices] == [
        ("", None),
        ("src/blob.c", None),
        ("src/names.h", 1),
    ]


@pytest.mark.parametrize("name", ["json", "sarif"])
def test_lone_surrogates_become_replacement_characters(name: str) -> None:
    tree = {"a.c": "f(\ud800);"}
    where = reports.place(tree, "a.c", "f(\ud800)")
    broken = reports.finding(where, message="Calls `f(\ud83d\ude00\ud800)`.", symbol="s\udc80")
    rendered = REPORTERS[name](reports.report(broken, tree=tree), TERMINAL)
    assert "Calls `f(😀\ufffd)`." in rendered
    assert "s\ufffd" in rendered


@pytest.mark.parametrize("name", REPORTERS)
def test_a_report_is_the_same_in_every_process_and_directory(name: str, tmp_path: Path) -> None:
    program = (
        "import sys, reports\n"
        "from sessionzero.reporters import REPORTERS\n"
        "from sessionzero.reporters.terminal import Terminal\n"
        f"printed = REPORTERS[{name!r}](reports.many(), Terminal())\n"
        "sys.stdout.buffer.write(printed.encode())\n"
    )
    path = os.pathsep.join(map(os.path.abspath, [str(Path(__file__).parent), *sys.path]))
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
            cwd=directory,
            capture_output=True,
            check=True,
        ).stdout
        for seed, directory in (("1", tmp_path), ("2", Path(__file__).parent))
    }
    assert outputs == {REPORTERS[name](reports.many(), TERMINAL).encode()}
