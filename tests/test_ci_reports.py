"""The reports for machines that build: annotations of GitHub, Code Quality of GitLab, Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import reports
from conftest import Expect
from sessionzero.findings import LEVELS, Level, Note, Notice, Place
from sessionzero.report import Report
from sessionzero.reporters import github, gitlab, markdown
from sessionzero.reporters.terminal import visible

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::([^\r\n]*)")


def boxes(count: int, *, level: Level = "error") -> Report:
    """So many findings of a level, each on a line of its own."""
    tree = {"a.c": "MessageBoxW();\n" * count}
    places = (
        reports.place(tree, "a.c", "MessageBoxW", occurrence=number) for number in range(count)
    )
    return reports.report(*(reports.finding(it, level=level) for it in places), tree=tree)


def strange() -> Report:
    """A file, a function and a message that hold what the formats are made of."""
    path = "::error,a=b|c`d%0A<i>[x](y).c"
    tree = {path: "MessageBoxW();\n"}
    where = reports.place(tree, path, "MessageBoxW")
    said = "`a|b` <b>bold</b> [x](http://y) ![p](q)\nnext @user 100%\r::error::x __f__ www.x.y"
    steps = (Note(where, "| <i> |"), Note(where, "calls\n`x`"))
    return reports.report(
        reports.finding(where, message=said, symbol="f`|<x>", path=steps), tree=tree
    )


def long_path() -> Report:
    """A path of a hundred steps."""
    tree = {"a.c": "f();\n" * 100}
    steps = tuple(Note(Place("a.c", 5 * at, 5 * at + 1), f"step {at}") for at in range(100))
    return reports.report(reports.finding(steps[-1].place, path=steps), tree=tree)


CASES: dict[str, Callable[[], Report]] = {
    **reports.CASES,
    "strange": strange,
    "long-path": long_path,
    "three-hundred": lambda: boxes(300),
}


# --- GitHub ---


def commands(report: Report) -> list[tuple[str, dict[str, str], str]]:
    """The commands of a report as the runner of GitHub takes them apart."""
    *lines, _ = github.render(report).splitlines()
    found = []
    for line in lines:
        command = COMMAND.fullmatch(line)
        assert command is not None, line
        given = dict(pair.split("=", 1) for pair in command[2].split(","))
        found.append(
            (command[1], {name: plain(text) for name, text in given.items()}, plain(command[3]))
        )
    return found


def plain(text: str) -> str:
    """What the runner makes of an escaped text."""
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


@pytest.mark.parametrize("case", CASES)
def test_each_finding_and_notice_is_a_command(case: str) -> None:
    report = CASES[case]()
    levels = [
        *(finding.level for finding in report.findings),
        *(notice.level for notice in report.notices),
    ]
    shown = [level.replace("notice", "note") for level, _, _ in commands(report)]
    assert sorted(shown) == sorted(levels)


@pytest.mark.parametrize("case", CASES)
def test_nothing_but_our_commands_drives_a_runner(case: str) -> None:
    *_, last = lines = github.render(CASES[case]()).splitlines()
    assert all(line.isprintable() for line in lines)
    assert not last.startswith("::")
    assert "##[" not in last


def test_github_report_is_the_expected_one(expect: Expect) -> None:
    expect("github/many.txt", github.render(reports.many()))


def test_the_gravest_and_surest_come_first() -> None:
    found = [(level, "confidence" in text) for level, _, text in commands(reports.many())]
    assert found == [
        ("error", False),
        ("error", True),
        ("warning", False),
        ("notice", True),
        ("warning", False),  # what could not be analysed
    ]


def test_special_characters_come_through() -> None:
    ((level, given, text),) = commands(strange())
    assert (level, given["file"], given["line"]) == ("error", strange().findings[0].place.path, "1")
    assert "100%" in text
    assert text.splitlines()[0].startswith("`a|b` <b>bold</b>")


def test_columns_are_given_only_within_a_line() -> None:
    one, several, *_ = (given for _, given, _ in commands(reports.many()))
    assert (one["col"], one["endColumn"], one["line"], one["endLine"]) == ("3", "14", "7", "7")
    assert (several["line"], several["endLine"]) == ("8", "9")
    assert not {"col", "endColumn"} & several.keys()


def test_the_path_stands_in_the_annotation() -> None:
    ((_, given, text),) = commands(reports.with_path())
    assert given["title"] == "SZUI001 message-box-in-service"
    assert text.splitlines()[1:] == [
        "path from the service entry:",
        "  src/service.c:3:20  `ServiceMain` is the service entry",
        "  src/service.c:6:24  starts `Worker` as a thread",
        "  src/worker.c:7:3  calls `MessageBoxW`",
        "help: sessionzero explain SZUI001",
    ]


def test_of_a_long_path_both_ends_are_shown() -> None:
    ((_, _, text),) = commands(long_path())
    lines = text.splitlines()[2:-1]
    assert lines[9:12] == ["  a.c:10:1  step 9", "  ... 80 more steps ...", "  a.c:91:1  step 90"]
    assert (len(lines), lines[0], lines[-1]) == (21, "  a.c:1:1  step 0", "  a.c:100:1  step 99")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        pytest.param({"error": 10, "warning": 10, "note": 10}, "", id="all are shown"),
        pytest.param(
            {"error": 11},
            "GitHub shows 10 annotations of a level for each step: 1 error not shown there, only in this log.",
            id="one more",
        ),
        pytest.param(
            {"error": 13, "warning": 25},
            "GitHub shows 10 annotations of a level for each step: 15 warnings and 3 errors "
            "not shown there, only in this log.",
            id="two levels",
        ),
    ],
)
def test_the_last_line_says_what_github_leaves_out(counts: dict[Level, int], said: str) -> None:
    tree = {"a.c": "MessageBoxW();\n" * 25}
    findings = [
        reports.finding(reports.place(tree, "a.c", "MessageBoxW", occurrence=number), level=level)
        for level in LEVELS
        for number in range(counts.get(level, 0))
    ]
    last = github.render(reports.report(*findings, tree=tree)).splitlines()[-1]
    assert last.partition("1 service entry point.")[2].strip() == said


def test_notices_count_among_the_annotations() -> None:
    report = reports.report(notices=(reports.notice("src/names.h"),) * 12)
    assert "2 warnings not shown there, only in this log." in github.render(report)


# --- GitLab ---


@pytest.mark.parametrize("case", CASES)
def test_gitlab_gets_the_fields_that_it_asks_for(case: str) -> None:
    report = CASES[case]()
    issues = json.loads(gitlab.render(report))
    assert len(issues) == len(report.findings) + sum(1 for it in report.notices if it.path)
    for issue in issues:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"].keys() == {"path", "lines"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert not issue["location"]["path"].startswith("./")
        assert all(
            isinstance(issue[key], str) and issue[key] for key in ("description", "fingerprint")
        )


@pytest.mark.parametrize("case", CASES)
def test_fingerprints_are_unique(case: str) -> None:
    issues = json.loads(gitlab.render(CASES[case]()))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def test_equal_notices_have_fingerprints_of_their_own() -> None:
    report = reports.report(notices=(Notice("Odd.", "a.c"),) * 3)
    issues = json.loads(gitlab.render(report))
    assert len({issue["fingerprint"] for issue in issues}) == 3


def test_fingerprints_stay_when_lines_are_added_above() -> None:
    tree = {**reports.TREE, "src/worker.c": "int unrelated;\n\n" + reports.WORKER}
    later = reports.finding(reports.place(tree, "src/worker.c", "MessageBoxW"))
    (before,) = json.loads(gitlab.render(reports.with_path()))
    (after,) = json.loads(gitlab.render(reports.report(later, tree=tree)))
    assert before["fingerprint"] == after["fingerprint"]
    assert after["location"]["lines"]["begin"] == before["location"]["lines"]["begin"] + 2


def test_gitlab_report_is_the_expected_one(expect: Expect) -> None:
    expect("gitlab/many.json", gitlab.render(reports.many()))


# --- Markdown ---


def rows(report: Report) -> list[str]:
    """The rows of the table of findings."""
    return re.findall(r"^\| (?!level).+\|$", markdown.render(report), re.MULTILINE)


def test_markdown_report_is_the_expected_one(expect: Expect) -> None:
    expect("markdown/many.md", markdown.render(reports.many()))


@pytest.mark.parametrize("case", CASES)
def test_each_finding_is_a_row_of_four_cells(case: str) -> None:
    report = CASES[case]()
    shown = rows(report)
    assert len(shown) == min(len(report.findings), markdown.ROWS)
    assert {row.count("|") for row in shown} <= {5}


class Page(HTMLParser):
    """The cells of a page's table, as a reader sees them, and all tags and links of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.feed(MarkdownIt("commonmark").enable("table").render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links.update(value or "" for name, value in attrs if name in ("href", "src"))
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


@pytest.mark.parametrize("case", CASES)
def test_a_page_shows_what_was_found_and_nothing_of_the_users_acts(case: str) -> None:
    report = CASES[case]()
    page = Page(markdown.render(report))
    ours = {"h2", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert page.tags <= {*ours, "a", "code", "details", "summary", "br"}
    assert page.links <= {rule.help_uri for rule in reports.RULES.values()}
    assert len(page.cells) == 4 * min(len(report.findings), markdown.ROWS)
    for finding in report.findings[: markdown.ROWS]:
        message = visible(finding.message).replace("`", "")
        assert any(message in cell.replace("`", "") for cell in page.cells)


@given(
    st.text("aZ_ :/.`|\\*[]()<>&#;'\"!~@-\u00e9\n", max_size=30),
    st.sampled_from(["{}", "www.{}", "http://{}"]),
)
def test_any_text_is_shown_as_it_stands(text: str, form: str) -> None:
    said = form.format(text)
    where = Place("src/worker.c", 0, 1)
    page = Page(markdown.render(reports.report(reports.finding(where, message=said))))
    plain = " ".join(visible(said).replace("`", "").split())
    assert plain in " ".join(page.cells[2].replace("`", "").split())
    assert page.links == {reports.MESSAGE_BOX.help_uri}


def test_beyond_the_rows_the_others_are_counted() -> None:
    shown = markdown.render(boxes(markdown.ROWS + 7))
    assert "\n7 more findings are not in this table.\n" in shown
    assert len(rows(boxes(markdown.ROWS + 7))) == markdown.ROWS
    assert "more findings" not in markdown.render(boxes(markdown.ROWS))


def test_a_summary_is_never_too_long_for_github() -> None:
    tree = {"d" * 3_000 + ".c": "MessageBoxW();\n" * 150}
    (path,) = tree
    places = [reports.place(tree, path, "MessageBoxW", occurrence=at) for at in range(150)]
    findings = (
        reports.finding(it, path=tuple(Note(it, "step") for _ in range(20))) for it in places
    )
    notices = (Notice("m" * 9_000, "a.c"),) * 150
    shown = markdown.render(reports.report(*findings, tree=tree, notices=notices))
    assert 400_000 < len(shown.encode()) < 1 << 20
    assert "more findings are not in this table." in shown
    assert "more parts were not analysed." in shown


def test_a_tree_without_service_says_so() -> None:
    assert "--assume-service" in markdown.render(reports.report(services=0))
    assert "No C, C++ or Python" in markdown.render(
        msgspec.structs.replace(reports.nothing(), files=0)
    )
