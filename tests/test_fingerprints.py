"""Tests of the fingerprints: GitHub's to the letter, our own through moves and edits."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reports
from sarif_validator import multitool_line_hashes
from sessionzero.findings import Place
from sessionzero.fingerprints import line_hashes, primary_line_hashes, stable_fingerprints
from sessionzero.report import Report
from sessionzero.reporters import sarif
from sessionzero.sources.text import SourceText

EMPTY_LINE_AT_END = "c129715d7a2bc9a3:1"

# Pieces that the algorithm treats specially, in every neighbourhood.
PIECES = [b" ", b"\t", b"\r", b"\n", b"\r\n", b"ab", b"\xe4", b"\xf0\x9f\x98\x80", b"x" * 70]


def by_definition(data: bytes) -> dict[int, str]:
    """All line hashes as the published description has them, with no thought of speed."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(it for it in text if it not in " \t") + "\uffff"
    raw = text.encode("utf-16-be")
    units = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
    starts = [at for at in range(len(units)) if at == 0 or units[at - 1] == 10]
    hashes: dict[int, str] = {}
    seen: list[int] = []
    for line, start in enumerate(starts, start=1):
        window = (units[start:] + [0] * 100)[:100]
        value = sum(unit * 37 ** (99 - at) for at, unit in enumerate(window)) % 2**64
        seen.append(value)
        hashes[line] = f"{value:x}:{seen.count(value)}"
    return hashes


@given(st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join))
def test_line_hashes_are_those_of_the_definition(data: bytes) -> None:
    expected = by_definition(data)
    assert line_hashes(data, range(1, len(expected) + 3)) == expected


@pytest.mark.parametrize(
    ("data", "line", "expected"),
    [
        pytest.param(b"", 1, EMPTY_LINE_AT_END, id="empty file"),
        pytest.param(b"int x;\n", 2, EMPTY_LINE_AT_END, id="line after the last line end"),
        pytest.param(b"int x;\r\n", 2, EMPTY_LINE_AT_END, id="CRLF"),
        pytest.param(b"same\n" * 40, 1, "6468d5768bad9560:1", id="first of equal lines"),
        pytest.param(b"same\n" * 40, 3, "6468d5768bad9560:3", id="third of equal lines"),
    ],
)
def test_line_hash_is_the_known_one(data: bytes, line: int, expected: str) -> None:
    assert line_hashes(data, {line}) == {line: expected}


def test_a_line_that_the_file_lacks_has_no_hash() -> None:
    assert line_hashes(b"one\ntwo", {2, 3, 0}).keys() == {2}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(b"a b\n\tc\n", b"ab\n  c\n", id="blanks and tabs"),
        pytest.param(b"a\nb\n", b"a\r\nb\r", id="line ends"),
        pytest.param(b"\xe4\n", "\ufffd\n".encode(), id="bytes that are not UTF-8"),
    ],
)
def test_line_hash_ignores(one: bytes, other: bytes) -> None:
    assert line_hashes(one, {1, 2}) == line_hashes(other, {1, 2})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(reports.WORKER, id="LF"),
        pytest.param(reports.WORKER.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(reports.WORKER.replace("\n", "\r"), id="CR"),
        pytest.param("\tBeep();\n" * 30 + reports.WORKER, id="repeated lines"),
        pytest.param("// Dienst für 日本 😀\n" + reports.WORKER, id="beyond ASCII"),
    ],
)
def test_microsofts_multitool_computes_the_same_line_hashes(text: str, tmp_path: Path) -> None:
    report = boxes(text)
    (tmp_path / "worker.c").write_bytes(text.encode())
    ours = list(primary_line_hashes(report.findings, report.sources))
    assert ours == multitool_line_hashes(sarif.render(report), tmp_path)


def test_line_hash_is_of_the_original_bytes_not_of_the_decoded_text() -> None:
    text = "// für\n"
    data = text.encode("cp1252")
    source = SourceText("a.c", text, "cp1252", data)
    finding = reports.finding(Place("a.c", 3, 7))
    (found,) = primary_line_hashes([finding], {"a.c": source}.get)
    assert found == line_hashes(data, {1})[1]
    assert found != line_hashes(text.encode(), {1})[1]


def test_a_finding_without_text_has_no_line_hash() -> None:
    report = reports.without_text()
    assert primary_line_hashes(report.findings, report.sources) == (None,)


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param("int unrelated;\n\n" + reports.WORKER, id="lines added above"),
        pytest.param(reports.WORKER.replace("\t", "    "), id="another indentation"),
        pytest.param(reports.WORKER.replace("\n", "\r\n"), id="other line ends"),
        pytest.param(reports.WORKER.replace("No event", "Sorry"), id="edited beside the range"),
    ],
)
def test_our_fingerprint_survives(edited: str) -> None:
    before, after = boxes(reports.WORKER), boxes(edited)
    assert ours(before) == ours(after)


def test_our_fingerprint_tells_rule_path_symbol_and_text_apart() -> None:
    tree = {"a.c": "Box(); Beep();", "b.c": "Box();"}
    box = reports.place(tree, "a.c", "Box")
    report = reports.report(
        reports.finding(box),
        reports.finding(box, symbol="Other"),
        reports.finding(box, rule="SZNAME001"),
        reports.finding(reports.place(tree, "a.c", "Beep")),
        reports.finding(reports.place(tree, "b.c", "Box")),
        tree=tree,
    )
    assert len({fingerprint.split(":")[0] for fingerprint in ours(report)}) == 5


def test_equal_findings_are_numbered_in_order() -> None:
    first, second = ours(boxes("MessageBoxW(); MessageBoxW();"))
    assert first.removesuffix(":1") == second.removesuffix(":2")


def boxes(text: str) -> Report:
    """A report on each ``MessageBoxW`` of a file."""
    tree = {"worker.c": text}
    places = [
        reports.place(tree, "worker.c", "MessageBoxW", occurrence=number)
        for number in range(text.count("MessageBoxW"))
    ]
    return reports.report(*map(reports.finding, places), tree=tree)


def ours(report: Report) -> tuple[str, ...]:
    """Our fingerprints of a report's findings."""
    return stable_fingerprints(report.findings, report.sources)
