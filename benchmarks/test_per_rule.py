"""The table of findings by rule."""

from __future__ import annotations

from analyzer_runs import Finding
from per_rule import table

from sessionzero.findings import Level


def a_finding(rule: str, level: Level) -> Finding:
    return Finding(rule, level, "", "a.c", 1, 1)


def test_findings_are_counted_by_level_and_repository() -> None:
    found = {
        "one": [a_finding("SZUI001", "error"), a_finding("SZUI001", "error")],
        "two": [a_finding("SZUI001", "note"), a_finding("SZNAME001", "warning")],
        "three": [],
    }
    assert table(["SZNAME001", "SZUI001", "SZUI003"], found)[2:] == [
        "| SZNAME001 | 0 | 1 | 0 | 1 |",
        "| SZUI001 | 2 | 0 | 1 | 2 |",
        "",
        "Not found: SZUI003.",
    ]
