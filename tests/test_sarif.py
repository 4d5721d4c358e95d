"""Tests of the SARIF report: valid for every judge, and what it says is right."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

import reports
from conftest import Expect
from programs import RULES
from sarif_validator import Json, multitool_problems, schema_problems, unseen_problems
from sessionzero import __version__
from sessionzero.describe import describe
from sessionzero.findings import Note, Notice, Place
from sessionzero.report import Report
from sessionzero.reporters import sarif
from sessionzero.reporters.sarif_limits import RELATED, RESULTS, STEPS, TAGS


def run_of(report: Report, *, limit: int = RESULTS) -> Json:
    """The one run of a report's log."""
    (run,) = json.loads(sarif.render(report, limit=limit))["runs"]
    return dict(run)


def only_result(report: Report) -> Json:
    """The one result of a report."""
    (result,) = run_of(report)["results"]
    return dict(result)


# --- Valid for every judge --------------------------------------------------------------------


def braces() -> Report:
    """A message with braces, which are placeholders where a message has arguments."""
    tree = {"a.c": 'CreateEventW(0, 0, 0, L"{0}");'}
    name = "The name `{0}{12345678-ABCD}` of this event is bare"
    return reports.report(
        reports.finding(reports.place(tree, "a.c", 'L"{0}"'), message=name), tree=tree
    )


def outside() -> Report:
    """A file that was named by an absolute path."""
    tree = {"/opt/my tree/a.c": "MessageBoxW();"}
    return reports.report(
        reports.finding(reports.place(tree, "/opt/my tree/a.c", "MessageBoxW")), tree=tree
    )


def cut_short() -> Report:
    """A path and related places beyond every limit."""
    tree = {"a.c": "f();\n" * (STEPS + 50)}
    notes = tuple(
        Note(Place("a.c", at, at + 1), f"step {at}") for at in range(0, 5 * STEPS + 50, 5)
    )
    return reports.report(
        reports.finding(notes[-1].place, path=notes, related=notes[:RELATED]), tree=tree
    )


JUDGED = {**reports.CASES, "braces": braces, "outside": outside, "cut-short": cut_short}


@pytest.fixture(scope="module")
def logs() -> dict[str, str]:
    """All logs, each rendered once."""
    return {name: sarif.render(case()) for name, case in JUDGED.items()}


@pytest.fixture(scope="module")
def multitool(
    logs: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """What the multitool says of all logs; it takes a second to start."""
    return multitool_problems(logs, tmp_path_factory.mktemp("logs"))


@pytest.mark.parametrize("case", JUDGED)
def test_the_multitool_finds_neither_error_nor_warning(
    case: str, multitool: dict[str, list[str]]
) -> None:
    assert multitool[case] == []


def test_logs_are_valid_by_the_official_schema(logs: dict[str, str], tmp_path: Path) -> None:
    assert schema_problems(logs, tmp_path) == []


@pytest.mark.parametrize("case", JUDGED)
def test_nothing_is_wrong_that_the_judges_do_not_see(case: str, logs: dict[str, str]) -> None:
    assert unseen_problems(json.loads(logs[case])) == []


# --- The judges judge -------------------------------------------------------------------------


def spoiled(spoil: Callable[[Json], object]) -> Json:
    """The log of ``many`` after ``spoil`` changed its run."""
    log: Json = json.loads(sarif.render(reports.many()))
    spoil(log["runs"][0])
    return log


def first_rule(run: Json) -> Json:
    """The properties of a run's first rule."""
    properties: Json = run["tool"]["driver"]["rules"][0]["properties"]
    return properties


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        pytest.param(
            lambda run: run["results"][0].pop("partialFingerprints"),
            "no fingerprint of our own",
            id="no fingerprints",
        ),
        pytest.param(
            lambda run: run["results"][0].update(ruleId="SZOTHER001"),
            "SZOTHER001 is not the rule at its ruleIndex",
            id="unknown rule",
        ),
        pytest.param(
            lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].pop(
                "endColumn"
            ),
            "the region has no endColumn",
            id="no end column",
        ),
        pytest.param(
            lambda run: first_rule(run).update({"security-severity": 4.3}),
            "SZNAME001: security-severity is no string",
            id="severity as a number",
        ),
        pytest.param(
            lambda run: first_rule(run).update({"security-severity": "high"}),
            "SZNAME001: security-severity high is no number in (0, 10]",
            id="severity as a word",
        ),
        pytest.param(
            lambda run: first_rule(run).update(tags=[f"t{number}" for number in range(21)]),
            "SZNAME001: GitHub keeps 10 tags",
            id="many tags",
        ),
        pytest.param(
            lambda run: run["results"][0]["message"].update(text="See [it](7)."),
            "the message links to 7, which is no related location",
            id="broken link",
        ),
        pytest.param(
            lambda run: run["results"][0]["message"].update(text="No stop"),
            "the message does not end with a full stop: No stop",
            id="no full stop",
        ),
        pytest.param(
            lambda run: run["originalUriBaseIds"].clear(),
            "uriBaseId SRCROOT is not declared",
            id="undeclared base",
        ),
        pytest.param(
            lambda run: run["results"][0]["locations"][0]["physicalLocation"][
                "artifactLocation"
            ].update(uri="/tmp/a.c"),
            "/tmp/a.c is absolute and has a uriBaseId",
            id="absolute",
        ),
        pytest.param(
            lambda run: first_rule(run).update(precision=""), "precision is empty", id="empty"
        ),
    ],
)
def test_our_own_check_sees(spoil: Callable[[Json], object], problem: str) -> None:
    assert problem in unseen_problems(spoiled(spoil))


def test_our_own_check_sees_two_runs() -> None:
    log: Json = json.loads(sarif.render(reports.many()))
    log["runs"] *= 2
    assert unseen_problems(log) == ["2 runs: GitHub rejects two of one category"]


def test_the_multitool_sees_a_result_without_location(tmp_path: Path) -> None:
    log = json.dumps(spoiled(lambda run: run["results"][0]["locations"].clear()))
    (problems,) = multitool_problems({"bad": log}, tmp_path).values()
    assert any("GH1015" in problem for problem in problems)


def test_the_schema_sees_an_unknown_property(tmp_path: Path) -> None:
    log = json.dumps(spoiled(lambda run: run.update(colour="red")))
    (problem,) = schema_problems({"bad": log}, tmp_path)
    assert "colour" in problem


# --- What it says is right --------------------------------------------------------------------


def test_sarif_report_is_the_expected_one(expect: Expect) -> None:
    expect("sarif/many.sarif", sarif.render(reports.many()).replace(__version__, "VERSION"))


def test_columns_count_utf16_units() -> None:
    region = only_result(reports.wide())["locations"][0]["physicalLocation"]["region"]
    units = reports.wide().sources("wide.cpp")
    assert units is not None
    raw = units.text.encode("utf-16-le")
    found = raw[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)]
    assert found.decode("utf-16-le") == "MessageBoxW" == region["snippet"]["text"]


def test_a_link_leads_to_the_service_entry() -> None:
    result = only_result(reports.with_path())
    assert result["message"]["text"].endswith("It is reached from the [service entry](1).")
    entry = result["relatedLocations"][0]
    assert entry["id"] == 1
    assert entry["physicalLocation"]["region"]["snippet"]["text"] == "ServiceMain"


def test_the_code_flow_is_the_whole_path() -> None:
    (flow,) = only_result(reports.with_path())["codeFlows"]
    (thread,) = flow["threadFlows"]
    steps = thread["locations"]
    places = [step["location"]["physicalLocation"] for step in steps]
    assert [place["region"]["snippet"]["text"] for place in places] == [
        "ServiceMain",
        "Worker",
        "MessageBoxW",
    ]
    assert [step["nestingLevel"] for step in steps] == [0, 1, 2]
    assert [step["importance"] for step in steps] == ["essential", "important", "essential"]


def test_every_step_and_related_place_is_a_related_location() -> None:
    locations = only_result(reports.with_path())["relatedLocations"]
    assert [location["physicalLocation"]["region"]["startLine"] for location in locations] == [3, 6]


def test_text_of_the_user_forges_no_link() -> None:
    text = only_result(reports.hostile())["message"]["text"]
    assert "handlers[0] (1)" in text
    assert "](" not in text


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        pytest.param("src/a.c", "src/a.c", id="plain"),
        pytest.param("a b/#1 100%.c", "a%20b/%231%20100%25.c", id="reserved"),
        pytest.param("häß.c", "h%C3%A4%C3%9F.c", id="not ASCII"),
        pytest.param("a:b.c", "a%3Ab.c", id="no scheme"),
        pytest.param("../lib/a.c", "../lib/a.c", id="above the root"),
        pytest.param("h\udce4.c", "h%E4.c", id="not UTF-8"),
    ],
)
def test_paths_become_relative_uris(path: str, uri: str) -> None:
    location = only_result(reports.report(reports.finding(Place(path, 0, 1))))["locations"][0]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": uri, "uriBaseId": "SRCROOT"}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        pytest.param("/opt/my tree/a.c", "file:///opt/my%20tree/a.c", id="POSIX"),
        pytest.param("C:/my tree/a.c", "file:///C:/my%20tree/a.c", id="Windows"),
    ],
)
def test_a_path_outside_the_root_becomes_a_file_uri(path: str, uri: str) -> None:
    location = only_result(reports.report(reports.finding(Place(path, 0, 1))))["locations"][0]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_uris_lead_back_to_the_paths() -> None:
    report = reports.odd_names()
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in run_of(report)["results"]
    ]
    assert [unquote(uri) for uri in uris] == [finding.place.path for finding in report.findings]


def test_the_context_is_the_lines_around() -> None:
    context = only_result(reports.with_path())["locations"][0]["physicalLocation"]["contextRegion"]
    lines = reports.WORKER.splitlines()[context["startLine"] - 1 : context["endLine"]]
    assert (context["startLine"], context["endLine"]) == (5, 9)
    assert context["snippet"]["text"] == "\n".join(lines)


def test_a_huge_line_is_not_copied_into_the_log() -> None:
    tree = {"gen.c": "x" * 100_000 + "MessageBoxW();"}
    report = reports.report(reports.finding(reports.place(tree, "gen.c", "MessageBoxW")), tree=tree)
    assert len(sarif.render(report)) < 10_000


def test_a_rule_has_what_github_reads() -> None:
    name, box = run_of(reports.many())["tool"]["driver"]["rules"]
    assert name["properties"] == {
        "tags": ["security", "correctness", "external/cwe/cwe-706", "external/cwe/cwe-022"],
        "precision": "medium",
        "problem.severity": "warning",
        "security-severity": "4.3",
    }
    assert box["name"] == "MessageBoxInService"
    assert box["help"]["markdown"] == reports.MESSAGE_BOX.markdown
    assert "security" not in box["properties"]["tags"]
    assert "security-severity" not in box["properties"]


def test_all_rules_are_listed_whether_they_found_something_or_not() -> None:
    driver = run_of(reports.nothing())["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == ["SZNAME001", "SZUI001"]


def test_the_taxonomy_has_each_weakness_once() -> None:
    (cwe,) = run_of(reports.many())["taxonomies"]
    assert [taxon["id"] for taxon in cwe["taxa"]] == ["CWE-22", "CWE-440", "CWE-706"]


def test_rules_without_weaknesses_need_no_taxonomy() -> None:
    assert "taxonomies" not in run_of(reports.report(rules={}))


def test_notices_are_notifications_of_a_run_that_went_well() -> None:
    (invocation,) = run_of(reports.notices_only())["invocations"]
    nowhere, file, part = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] is True
    assert nowhere == {
        "level": "note",
        "message": {"text": "The cache could not be written."},
    }
    assert file["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/blob.c"
    assert part["locations"][0]["physicalLocation"]["region"]["startLine"] == 1


def test_beyond_the_limit_the_gravest_findings_stay_in_order() -> None:
    report = reports.many()
    whole, cut = run_of(report), run_of(report, limit=2)
    assert cut["results"] == [it for it in whole["results"] if it["level"] == "error"]
    *_, last = cut["invocations"][0]["toolExecutionNotifications"]
    assert last["message"]["text"].startswith("2 of 4 findings are not in this report")


def test_of_equal_level_the_surer_finding_stays() -> None:
    tree = {"a.c": "Box(); Box();"}
    doubtful = reports.finding(reports.place(tree, "a.c", "Box"), confidence="low")
    sure = reports.finding(reports.place(tree, "a.c", "Box", occurrence=1))
    (kept,) = run_of(reports.report(doubtful, sure, tree=tree), limit=1)["results"]
    assert kept["properties"]["confidence"] == "high"
    assert kept["partialFingerprints"]["sessionzero/v1"].endswith(":2")


def test_a_path_beyond_the_limit_keeps_both_ends() -> None:
    result = only_result(cut_short())
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    lines = [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps]
    assert (len(steps), lines[0], lines[-1]) == (STEPS, 1, STEPS + 10)
    assert len(result["relatedLocations"]) == RELATED


def notifications(run: Json) -> list[str]:
    """What the run says beside its results."""
    (invocation,) = run["invocations"]
    return [said["message"]["text"] for said in invocation.get("toolExecutionNotifications", [])]


def test_what_is_left_of_a_finding_is_told() -> None:
    assert notifications(run_of(cut_short())) == [
        "1 of the paths have more than 1,000 steps; the middle of them is left out.",
        "1 of the findings have more than 100 related places; the others are left out.",
    ]
    assert notifications(run_of(reports.with_path())) == []


def test_a_log_too_large_for_github_is_cut_until_it_fits() -> None:
    report = reports.many()
    whole = sarif.render(report)
    size = len(zlib.compress(whole.encode(), 1))
    assert sarif.render(report, size=size) == whole
    text = sarif.render(report, size=size - 1)
    assert len(zlib.compress(text.encode(), 1)) < size
    (cut,) = json.loads(text)["runs"]
    assert [result["level"] for result in cut["results"]] == ["error", "error"]
    assert notifications(cut)[-1].startswith("2 of 4 findings are not in this report")


def test_a_log_that_can_never_fit_still_says_what_it_lacks() -> None:
    (run,) = json.loads(sarif.render(reports.many(), size=1))["runs"]
    assert run["results"] == []
    assert notifications(run)[-1].startswith("4 of 4 findings are not in this report")


def test_no_rule_has_more_tags_than_github_keeps() -> None:
    described = {rule.id: describe(rule) for rule in RULES}
    (run,) = json.loads(sarif.render(reports.report(rules=described)))["runs"]
    assert unseen_problems({"runs": [run]}) == []
    counts = [len(rule["properties"]["tags"]) for rule in run["tool"]["driver"]["rules"]]
    assert len(counts) == len(RULES)
    assert max(counts) <= TAGS


def test_the_category_is_well_formed() -> None:
    named = msgspec.structs.replace(reports.nothing(), category="a\udc80b")
    assert run_of(named)["automationDetails"] == {"id": "a\ufffdb/"}


def test_a_notice_gets_its_full_stop() -> None:
    (invocation,) = run_of(reports.report(notices=(Notice("Odd", "a.c"),)))["invocations"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "Odd."
