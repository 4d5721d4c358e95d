"""Rules of scoring: what counts as found, and what as a false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest
from analyzer_runs import Finding, Spot
from labels import Label, Verdict, answers, read_labels
from scoring import score, tally, unlabelled

from sessionzero.findings import Level


def label(line: int, verdict: Verdict = "true-defect", category: str = "ui") -> Label:
    return Label(
        repo="owner/name",
        path="src/a.c",
        line=line,
        api="MessageBox",
        category=category,
        verdict=verdict,
        confidence="high",
        in_service_context="yes",
        reason="a box",
    )


def finding(
    line: int,
    *,
    end_line: int = 0,
    rule: str = "SZUI001",
    level: Level = "error",
    path: str = "src/a.c",
    related: tuple[Spot, ...] = (),
) -> Finding:
    return Finding(
        rule=rule,
        level=level,
        message="A box.",
        path=path,
        line=line,
        end_line=end_line or line,
        related=related,
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(finding(10), True, id="same line"),
        pytest.param(finding(13), True, id="three lines below"),
        pytest.param(finding(7), True, id="three lines above"),
        pytest.param(finding(14), False, id="four lines below"),
        pytest.param(finding(2, end_line=30), True, id="spans the line"),
        pytest.param(finding(10, path="src/b.c"), False, id="another file"),
        pytest.param(finding(10, rule="SZNAME001"), False, id="another category"),
        pytest.param(
            finding(90, path="src/b.c", related=(Spot(path="src/a.c", line=11),)),
            True,
            id="a related place",
        ),
    ],
)
def test_a_true_defect_is_found_near_its_line(found: Finding, expected: bool) -> None:
    (outcome,) = score([label(10)], [found])
    assert (outcome.finding is not None) is expected


def test_the_highest_level_at_a_label_counts() -> None:
    (outcome,) = score([label(10)], [finding(10, level="note"), finding(11, level="warning")])
    assert outcome.firm


@pytest.mark.parametrize(
    ("found", "alarms"),
    [
        pytest.param(finding(10), 1, id="same line"),
        pytest.param(finding(11, level="warning"), 1, id="next line"),
        pytest.param(finding(12), 0, id="two lines away"),
        pytest.param(finding(10, level="note"), 0, id="a note"),
        pytest.param(
            finding(90, related=(Spot(path="src/a.c", line=10),)), 0, id="a related place only"
        ),
    ],
)
def test_a_false_alarm_is_an_error_or_warning_at_a_benign_line(found: Finding, alarms: int) -> None:
    assert tally(score([label(10, "benign")], [found])).alarms == alarms


def test_a_finding_on_a_true_defect_is_no_alarm_for_the_benign_line_beside_it() -> None:
    counts = tally(score([label(10), label(11, "benign")], [finding(10)]))
    assert (counts.firm, counts.alarms) == (1, 0)


def test_unclear_labels_count_neither_way_and_account_for_a_finding() -> None:
    labels = [label(10, "unclear")]
    assert score(labels, [finding(10)]) == ()
    assert unlabelled(labels, [finding(10), finding(50)]) == (finding(50),)


def test_recall_counts_warnings_and_precision_false_alarms() -> None:
    labels = [label(10), label(30), label(50), label(70, "benign")]
    counts = tally(score(labels, [finding(10), finding(30, level="note"), finding(70)]))
    assert (counts.recall, counts.recall_any, counts.missed) == (1 / 3, 2 / 3, 1)
    assert counts.precision == 1 / 2


def test_shares_of_nothing_are_unknown() -> None:
    counts = tally(())
    assert (counts.recall, counts.precision) == (None, None)


@pytest.mark.parametrize(
    ("rule", "category", "expected"),
    [
        ("SZUI001", "ui", True),
        ("SZIO002", "ui", True),
        ("SZIO002", "session-context", True),
        ("SZPIPE001", "object-security", True),
        ("SZNAME001", "ui", False),
        ("SZPROC001", "other", True),
        ("SZUI001", "no such category", False),
    ],
)
def test_a_category_is_answered_by_the_groups_of_its_rules(
    rule: str, category: str, expected: bool
) -> None:
    assert answers(rule, category) is expected


def test_labels_are_read_for_the_named_repositories(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(
        "repo,commit,path,line,api,rule-category,verdict,confidence,in_service_context,reason\n"
        'owner/name,1f,src/a.c,10,MessageBox,ui,true-defect,high,yes,"a box"\n'
        "owner/other,2f,src/a.c,10,MessageBox,ui,benign,high,no,a tray program\n",
        encoding="utf-8",
    )
    (only,) = read_labels(file, repos=["owner/name"])
    assert only == Label(
        repo="owner/name",
        path="src/a.c",
        line=10,
        api="MessageBox",
        category="ui",
        verdict="true-defect",
        confidence="high",
        in_service_context="yes",
        reason="a box",
    )
