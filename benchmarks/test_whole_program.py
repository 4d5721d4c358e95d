"""Cases of the whole program: a service whose defect stands in another file, and real runs."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
from analyzer_runs import Finding, Spot
from whole_program import Case, Result, judge

from sessionzero.findings import Level

SCRIPT = Path(__file__).with_name("whole_program.py")

SERVICE = """\
#include <windows.h>
#include "report.h"

static void WINAPI service_main(DWORD argc, LPSTR *argv)
{
    (void)argc;
    (void)argv;
    report("The disk is full.");
}

int main(void)
{
    SERVICE_TABLE_ENTRYA table[] = {{"backup", service_main}, {NULL, NULL}};
    return !StartServiceCtrlDispatcherA(table);
}
"""
HEADER = "void report(const char *text);\n"
REPORT = """\
#include <windows.h>
#include "report.h"

void report(const char *text)
{
    MessageBoxA(NULL, text, "Backup", MB_OK);
}
"""
FILES = {"service.c": SERVICE, "report.h": HEADER, "report.c": REPORT}
CHAIN = "service.c:8 [report] -> report.c:6 [MessageBoxA]"


def row(**others: str) -> dict[str, str]:
    """A case: the box behind the helper, if nothing else is said."""
    return {
        "id": "X1",
        "repo": "owner/backup",
        "commit": "1f",
        "kind": "helper in another file",
        "sink_path": "report.c",
        "sink_line": "6",
        "api": "MessageBox",
        "rule-category": "ui",
        "verdict": "true-defect",
        "why": "the service waits for ever",
        "chain": CHAIN,
        **others,
    }


def case(**others: str) -> Case:
    return msgspec.convert(row(**others), type=Case, strict=False)


def run(folder: Path, rows: Sequence[Mapping[str, str]]) -> tuple[int, str, list[Result]]:
    """The exit code of the script, what it printed, and its results."""
    for project in (folder / "owner+backup", folder / "owner+copy"):
        project.mkdir()
        for name, text in FILES.items():
            (project / name).write_text(text, encoding="utf-8")
    table, results = folder / "cases.csv", folder / "results.json"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    arguments = ("--cases", str(table), "--repos", str(folder), "--json", str(results))
    command = (sys.executable, str(SCRIPT), *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert results.exists(), done.stderr
    return (
        done.returncode,
        done.stdout,
        msgspec.json.decode(results.read_bytes(), type=list[Result]),
    )


def test_the_table_says_what_became_of_each_case(tmp_path: Path) -> None:
    rows = [
        row(),
        row(id="X2", chain=f"client.c:1 [main] -> {CHAIN}"),
        row(id="X3", sink_path="service.c", sink_line="14", chain="service.c:14 [main]"),
        row(id="X4", verdict="benign", sink_path="service.c", sink_line="14"),
        row(id="X5", api="fork", **{"rule-category": "process-launch"}),
        row(id="X6", verdict="benign", repo="owner/copy"),
    ]
    code, output, results = run(tmp_path, rows)
    assert code == 0
    assert [(it.case.id, it.result) for it in results if it.in_scope] == [
        ("X1", "right"),
        ("X2", "unproved"),
        ("X3", "missed"),
        ("X4", "silent"),
        ("X6", "false alarm"),
    ]
    assert "right                      2 of   5  0.400" in output
    assert "  true-defect              1 of   3  0.333" in output
    assert "  benign                   1 of   2  0.500" in output


def test_a_repository_that_is_not_there_is_said(tmp_path: Path) -> None:
    code, output, (result,) = run(tmp_path, [row(repo="owner/other")])
    assert (code, result.result) == (2, "not analysed")
    assert "there is no such file or folder" in output


def box(level: Level, *steps: Spot) -> Finding:
    return Finding("SZUI001", level, "A box.", "report.c", 6, 6, steps)


ENTRY = Spot("service.c", 40)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param([box("error", ENTRY)], "right", id="the path shows the first file"),
        pytest.param([box("error")], "unproved", id="no path"),
        pytest.param([box("note", ENTRY)], "note", id="only a note"),
        pytest.param([box("note", ENTRY), box("error")], "unproved", id="the note has the path"),
        pytest.param([box("error"), box("warning", ENTRY)], "right", id="the second has the path"),
        pytest.param([], "missed", id="nothing"),
    ],
)
def test_a_defect_needs_an_error_or_warning_with_the_file_where_the_chain_begins(
    findings: list[Finding], expected: str
) -> None:
    assert judge(case(), findings, in_scope=True).result == expected


def test_the_files_of_the_chain_that_a_finding_shows_are_counted() -> None:
    chain = f"client.c:1 [main] -> {CHAIN}"
    result = judge(case(chain=chain), [box("error", ENTRY)], in_scope=True)
    assert (result.visited, result.files) == (2, 3)


def test_a_chain_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="X1: not a chain"):
        _ = case(chain="service.c [report]").links
