"""Field defects: a git repository of a few commits, and real runs of the analyzer on it."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
from defects import Result
from made_repository import Repository

SCRIPT = Path(__file__).with_name("defects.py")

SERVICE = """\
#include <windows.h>

static void WINAPI service_main(DWORD argc, LPSTR *argv)
{
    (void)argc;
    (void)argv;
    MessageBoxA(NULL, "The disk is full.", "Backup", MB_OK);
}

int main(void)
{
    SERVICE_TABLE_ENTRYA table[] = {{"backup", service_main}, {NULL, NULL}};
    return !StartServiceCtrlDispatcherA(table);
}
"""
BOX = '    MessageBoxA(NULL, "The disk is full.", "Backup", MB_OK);\n'
MENDED = SERVICE.replace(BOX, '    OutputDebugStringA("The disk is full.");\n')
MOVED = f"/* A comment\n   of two lines. */\n{SERVICE}"
LIBRARY = """\
#include <windows.h>

HANDLE open_lock(void)
{
    return CreateMutexA(NULL, FALSE, "BackupLock");
}
"""


class Project:
    """The commits of a project, and a folder of bare clones as the script wants it."""

    def __init__(self, folder: Path) -> None:
        repository = Repository(folder / "work")
        self.git = folder / "git"
        self.defective = repository.commit({"service.c": SERVICE, "README": "Backup\n"})
        self.moved = repository.commit({"service.c": MOVED, "README": "Backup\n"})
        self.mended = repository.commit({"src/backup.c": MENDED, "README": "Backup\n"})
        self.library = repository.commit({"lock.c": LIBRARY})
        self.global_name = repository.commit(
            {"lock.c": LIBRARY.replace('"BackupLock"', '"Global\\\\BackupLock"')}
        )
        repository.bare(self.git / "owner+backup")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("project"))


def row(before: str, after: str, **others: str) -> dict[str, str]:
    """A defect: the box in the service, if nothing else is said."""
    return {
        "id": "D1",
        "repo": "owner/backup",
        "fix_commit": after,
        "before_commit": before,
        "path": "service.c",
        "line_before": "7",
        "api": "MessageBoxA",
        "category": "ui",
        "language": "C",
        "evidence": "the service waits for ever",
        "fixed_after": "yes",
        "service_marker_at": "same-file",
        **others,
    }


def run(
    project: Project, folder: Path, rows: Sequence[Mapping[str, str]], *options: str
) -> tuple[int, str, list[Result]]:
    """The exit code of the script, what it printed, and its results."""
    table, results = folder / "defects.csv", folder / "results.json"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    arguments = ("--defects", str(table), "--git", str(project.git), "--json", str(results))
    command = (sys.executable, str(SCRIPT), *arguments, *options)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert results.exists(), done.stderr
    return (
        done.returncode,
        done.stdout,
        msgspec.json.decode(results.read_bytes(), type=list[Result]),
    )


def test_a_defect_is_found_before_and_silent_after_its_fix(
    project: Project, tmp_path: Path
) -> None:
    rows = [row(project.moved, project.mended, line_before="9")]
    code, output, (result,) = run(project, tmp_path, rows)
    assert (code, result.in_scope, result.found, result.silent) == (0, True, True, True)
    assert "found                      1 of   1  1.000  (aim: 0.85)" in output
    assert "silent after the fix       1 of   1  1.000  (aim: 0.95)" in output


def test_a_report_that_only_moved_is_not_silent(project: Project, tmp_path: Path) -> None:
    _, output, (result,) = run(project, tmp_path, [row(project.defective, project.moved)])
    assert result.found
    assert not result.silent
    assert result.after is not None
    assert result.after.line == 9
    assert "error   error   found, still reported" in output


def test_a_wrong_fix_asks_for_no_silence(project: Project, tmp_path: Path) -> None:
    rows = [row(project.defective, project.moved, fixed_after="no")]
    _, output, (result,) = run(project, tmp_path, rows)
    assert (result.found, result.after) == (True, None)
    assert "silent after the fix       0 of   0  -" in output


def test_a_defect_without_a_fix_is_only_looked_for(project: Project, tmp_path: Path) -> None:
    rows = [row(project.defective, "", fixed_after="no")]
    code, output, (result,) = run(project, tmp_path, rows)
    assert (code, result.found) == (0, True)
    assert "error   no fix  found" in output


def test_a_line_without_a_finding_is_missed(project: Project, tmp_path: Path) -> None:
    rows = [row(project.defective, project.mended, line_before="12")]
    _, output, (result,) = run(project, tmp_path, rows)
    assert not result.found
    assert "Missed: 1\n  D1 owner/backup service.c:12  MessageBoxA" in output


@pytest.mark.parametrize(("marker", "found"), [("none", True), ("elsewhere", False)])
def test_a_note_counts_where_there_is_no_service(
    project: Project, tmp_path: Path, marker: str, found: bool
) -> None:
    place = {"path": "lock.c", "line_before": "5", "api": "CreateMutexA", "category": "object-name"}
    rows = [row(project.library, project.global_name, service_marker_at=marker, **place)]
    _, _, (result,) = run(project, tmp_path, rows)
    assert result.before is not None
    assert result.before.level == "note"
    assert (result.found, result.silent) == (found, True)


@pytest.mark.parametrize(
    ("api", "category"),
    [("NoSuchFunction", "ui"), ("MessageBoxA", "installer-flag"), ("CreateMutexA", "ui")],
)
def test_what_no_rule_reads_is_out_of_scope_and_not_run(
    project: Project, tmp_path: Path, api: str, category: str
) -> None:
    rows = [row("0" * 40, "0" * 40, api=api, category=category)]
    code, output, (result,) = run(project, tmp_path, rows)
    assert (code, result.in_scope) == (0, False)
    assert "0 of 1 defects in scope of the rules" in output


def test_a_commit_that_is_not_there_is_said_and_counts_as_missed(
    project: Project, tmp_path: Path
) -> None:
    code, output, (result,) = run(project, tmp_path, [row("0" * 40, project.mended)])
    assert (code, result.found, result.silent) == (2, False, False)
    assert "NOT ANALYSED" in output


def test_only_the_named_defects_are_run(project: Project, tmp_path: Path) -> None:
    rows = [row("0" * 40, ""), row(project.defective, project.mended, id="D2")]
    code, _, (result,) = run(project, tmp_path, rows, "--only", "D2")
    assert (code, result.defect.id, result.found) == (0, "D2", True)
