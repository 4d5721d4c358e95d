"""The baseline: what it knows, what it survives, and what leaves it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from commands import SERVICE, call, write

FILE = ".sessionzero-baseline.json"
BOX = '    MessageBoxW(NULL, L"Backup failed", L"Backup", MB_OK);\n'
EVENT = '    CreateEventW(NULL, TRUE, FALSE, L"Ready");\n'
CHECK = ("check", "--baseline", FILE)
NEW = re.compile(r"\[(SZ\w+)\]")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A service with one defect, which is in the baseline."""
    write(tmp_path / "service.c", SERVICE)
    assert call(tmp_path, "baseline", "create") == (
        0,
        f"{FILE}: 1 finding, 1 added, 0 removed.\n",
        "",
    )
    return tmp_path


def entries(project: Path) -> list[dict[str, str]]:
    found = json.loads((project / FILE).read_text("utf-8"))["findings"]
    assert isinstance(found, list)
    return found


def test_what_is_known_is_only_counted(project: Path) -> None:
    code, out, _ = call(project, *CHECK)
    assert code == 0
    assert out == (
        "No findings in 1 file, 2 service entry points.\nNot shown: 1 older finding in the baseline.\n"
    )


SURVIVED = {
    "lines-move": SERVICE.replace("#include <windows.h>", "#include <windows.h>\n\n/* Backup */\n"),
    "functions-move": SERVICE.replace("int wmain", "static int unrelated;\n\nint wmain"),
    "blanks-change": SERVICE.replace("NULL, L", "NULL,\n        L"),
    "another-function-is-renamed": SERVICE.replace("control", "handle_control"),
    "a-variable-is-renamed": SERVICE.replace("table", "services"),
    "line-ends-change": SERVICE.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("case", SURVIVED)
def test_an_old_finding_stays_known_when(case: str, project: Path) -> None:
    assert SURVIVED[case] != SERVICE
    write(project / "service.c", SURVIVED[case])
    assert call(project, *CHECK).code == 0


REPORTED = {
    "another-rule": (SERVICE.replace(BOX, BOX + EVENT), ["SZNAME001"]),
    "the-same-once-more": (SERVICE.replace(BOX, BOX + BOX), ["SZUI001"]),
    "the-same-twice-more": (SERVICE.replace(BOX, BOX * 3), ["SZUI001", "SZUI001"]),
    "the-same-elsewhere": (
        SERVICE.replace("{ (void)code; }", "{\n" + BOX + "}"),
        ["SZUI001"],
    ),
}


@pytest.mark.parametrize("case", REPORTED)
def test_what_is_new_is_reported(case: str, project: Path) -> None:
    source, rules = REPORTED[case]
    write(project / "service.c", source)
    code, out, _ = call(project, *CHECK)
    assert (code, NEW.findall(out)) == (1, rules)
    assert "Not shown: 1 older finding in the baseline.\n" in out


def test_of_two_equal_findings_one_that_is_mended_leaves_the_other_known(project: Path) -> None:
    write(project / "service.c", SERVICE.replace(BOX, BOX + BOX))
    assert "2 findings, 1 added, 0 removed" in call(project, "baseline", "update").out
    write(project / "service.c", SERVICE)
    assert call(project, *CHECK).code == 0
    assert "1 finding, 0 added, 1 removed" in call(project, "baseline", "prune").out
    write(project / "service.c", SERVICE.replace(BOX, BOX + BOX))
    assert call(project, *CHECK).code == 1


def test_update_takes_new_findings_in_and_mended_ones_out(project: Path) -> None:
    write(project / "service.c", SERVICE.replace(BOX, EVENT))
    assert call(project, "baseline", "update").out == f"{FILE}: 1 finding, 1 added, 1 removed.\n"
    assert [it["rule"] for it in entries(project)] == ["SZNAME001"]
    assert call(project, *CHECK).code == 0


def test_prune_takes_nothing_in(project: Path) -> None:
    write(project / "service.c", SERVICE.replace(BOX, EVENT))
    assert call(project, "baseline", "prune").out == f"{FILE}: 0 findings, 0 added, 1 removed.\n"
    assert (project / FILE).read_text("utf-8") == '{"version": 1, "findings": []}\n'
    assert call(project, *CHECK).code == 1


@pytest.mark.parametrize("command", ["update", "prune"])
def test_entries_of_folders_that_are_not_looked_at_stay(command: str, tmp_path: Path) -> None:
    write(tmp_path / "a" / "service.c", SERVICE)
    write(tmp_path / "ab" / "service.c", SERVICE)
    call(tmp_path, "baseline", "create")
    write(tmp_path / "a" / "service.c", SERVICE.replace(BOX, ""))
    write(tmp_path / "ab" / "service.c", SERVICE.replace(BOX, ""))
    assert "1 finding, 0 added, 1 removed" in call(tmp_path, "baseline", command, "a").out
    assert [it["path"] for it in entries(tmp_path)] == ["ab/service.c"]


def test_the_file_is_sorted_with_an_entry_a_line(tmp_path: Path) -> None:
    write(tmp_path / "b.c", SERVICE.replace(BOX, BOX + EVENT))
    write(tmp_path / "a.c", SERVICE)
    call(tmp_path, "baseline", "create", "--file", "ci/base.json")
    first, *lines, last = (tmp_path / "ci" / "base.json").read_text("utf-8").splitlines()
    assert (first, last) == ('{"version": 1, "findings": [', "]}")
    told = [json.loads(line.removesuffix(",")) for line in lines]
    assert [(it["path"], it["rule"]) for it in told] == [
        ("a.c", "SZUI001"),
        ("b.c", "SZNAME001"),
        ("b.c", "SZUI001"),
    ]
    assert all(it["message"] for it in told)


def test_a_suppressed_finding_is_no_entry(tmp_path: Path) -> None:
    write(tmp_path / "service.c", SERVICE.replace(BOX, f"// sessionzero: ignore[SZUI] why\n{BOX}"))
    assert "0 findings" in call(tmp_path, "baseline", "create").out


def test_create_overwrites_nothing(project: Path) -> None:
    code, _, err = call(project, "baseline", "create")
    assert code == 2
    assert f"{FILE}: is there already; 'sessionzero baseline update' renews it" in err


BAD = {
    "nothing": (None, "cannot be read: No such file or directory; 'sessionzero baseline create'"),
    "no-json": ("{", "is no baseline: "),
    "other-json": ('{"findings": 1}', "is no baseline: "),
    "bytes": (b"\xff\xfe", "is no baseline: "),
    "later-version": ('{"version": 2, "findings": []}', "is a baseline of version 2, and this"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("command", [CHECK, ("baseline", "update"), ("baseline", "prune")])
def test_a_bad_file_is_wrong_use(case: str, command: tuple[str, ...], tmp_path: Path) -> None:
    content, complaint = BAD[case]
    write(tmp_path / "service.c", SERVICE)
    if content is not None:
        write(tmp_path / FILE, content)
    code, out, err = call(tmp_path, *command)
    assert (code, out) == (2, "")
    assert f"{FILE}: {complaint}" in err


def test_sarif_says_which_results_are_new(project: Path) -> None:
    write(project / "service.c", SERVICE.replace(BOX, BOX + EVENT))
    results = json.loads(call(project, *CHECK, "--format", "sarif").out)["runs"][0]["results"]
    assert [(it["ruleId"], it["baselineState"]) for it in results] == [
        ("SZUI001", "unchanged"),
        ("SZNAME001", "new"),
    ]
    without = json.loads(call(project, "check", "--format", "sarif").out)["runs"][0]["results"]
    assert not any("baselineState" in it for it in without)
    assert [it["partialFingerprints"] for it in without] == [
        it["partialFingerprints"] for it in results
    ]


def test_json_counts_what_is_in_the_baseline(project: Path) -> None:
    report = json.loads(call(project, *CHECK, "--format", "json").out)
    assert (report["findings"], report["summary"]["in_baseline"]) == ([], 1)


def test_what_no_service_entry_reaches_is_known_as_it_was_assumed(tmp_path: Path) -> None:
    write(tmp_path / "library.c", f"void tell(void)\n{{\n{BOX}}}\n")
    call(tmp_path, "baseline", "create", "--assume-service")
    assert call(tmp_path, *CHECK, "--assume-service").code == 0
    assert call(tmp_path, "check", "--assume-service").code == 1
