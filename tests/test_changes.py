"""``--diff`` and ``--staged``: the whole project is analysed, what the change touches reported."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import PYTHON_SERVICE, SERVICE, Outcome, call, spawn, write
from repositories import Repository

BOX = '    MessageBoxW(NULL, L"Backup failed", L"Backup", MB_OK);\n'
CLEAN_SERVICE = SERVICE.replace(BOX, "")
WORKER = 'void work(void)\n{\n    int n = 0;\n    MessageBoxW(NULL, L"w", L"Backup", MB_OK);\n}\n'
CALLS_WORKER = SERVICE.replace(BOX, "    work();\n").replace(
    "static", "void work(void);\nstatic", 1
)
NAME = '#define READY L"Ready"\n'
NAMES_EVENT = '#include "name.h"\n' + SERVICE.replace(BOX, "    CreateEventW(0, 0, 0, READY);\n")
FINDING = re.compile(r"^(.+?):\d+:\d+: \w+: .* \[(SZ\w+)\]$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("GIT_", "PRE_COMMIT")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A service without a defect in ``service.c``, committed; the cache is ignored."""
    repository = Repository(tmp_path / "project")
    repository.commit(service_c=CLEAN_SERVICE, _gitignore=".cache\n")
    return repository


def check(repository: Repository, *arguments: str) -> Outcome:
    return call(repository.folder, "check", *arguments)


def found(outcome: Outcome) -> list[tuple[str, str]]:
    return FINDING.findall(outcome.out)


def since(repository: Repository, revision: str = "HEAD") -> list[tuple[str, str]]:
    return found(check(repository, "--diff", revision))


def staged(repository: Repository) -> list[tuple[str, str]]:
    repository.git("add", "--all")
    return found(check(repository, "--staged"))


Look = Callable[[Repository], list[tuple[str, str]]]
either = pytest.mark.parametrize("look", [since, staged])
IN_SERVICE = [("service.c", "SZUI001")]


# --- both ---


@either
def test_a_new_defect_is_reported(look: Look, repository: Repository) -> None:
    repository.write(service_c=SERVICE)
    assert look(repository) == IN_SERVICE


@either
def test_an_older_defect_is_only_counted(look: Look, repository: Repository) -> None:
    repository.commit(service_py=PYTHON_SERVICE)
    repository.write(service_c=SERVICE)
    assert look(repository) == IN_SERVICE
    option = ["--diff", "HEAD"] if look is since else ["--staged"]
    assert "Not shown: 1 older finding outside of the change.\n" in check(repository, *option).out
    repository.write(service_c=CLEAN_SERVICE.replace("Backup", "Restore"))
    assert look(repository) == []
    assert check(repository, *option).code == 0


@either
def test_a_new_step_of_the_path_is_enough(look: Look, repository: Repository) -> None:
    repository.commit(worker_c=WORKER)
    repository.write(service_c=CALLS_WORKER)
    assert look(repository) == [("worker.c", "SZUI001")]


@either
def test_a_related_place_is_enough(look: Look, repository: Repository) -> None:
    repository.commit(name_h='#define READY L"Global\\\\Ready"\n', service_c=NAMES_EVENT)
    repository.write(name_h=NAME)
    assert look(repository) == [("service.c", "SZNAME001")]


@either
def test_a_renamed_file_is_known_by_its_new_name(look: Look, repository: Repository) -> None:
    repository.git("mv", "service.c", "agent.c")
    repository.write(agent_c=SERVICE)
    assert look(repository) == [("agent.c", "SZUI001")]


@either
def test_a_deleted_file_disturbs_nothing(look: Look, repository: Repository) -> None:
    repository.commit(worker_c=WORKER)
    (repository.folder / "worker.c").unlink()
    assert look(repository) == []
    (repository.folder / "service.c").unlink()
    assert look(repository) == []


NAMES = ["ä ö.c", "-x.c", 'a"b.c', "tab\t.c", "line\nend.c", "b\\c.c", "a -> b.c", "sub folder/x.c"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", [*NAMES, os.fsdecode(b"\xff.c")])
@either
def test_odd_names_are_understood(look: Look, name: str, repository: Repository) -> None:
    write(repository.folder / name, CLEAN_SERVICE)
    repository.commit()
    write(repository.folder / name, SERVICE)
    repository.git("mv", "service.c", "zz.c")
    assert [rule for _, rule in look(repository)] == ["SZUI001"]


@either
def test_a_file_in_utf_16_has_changed_as_a_whole(look: Look, repository: Repository) -> None:
    repository.commit(service_c=CLEAN_SERVICE.encode("utf-16"))
    repository.write(service_c=SERVICE.encode("utf-16"))
    assert look(repository) == IN_SERVICE


@either
def test_a_subfolder_of_a_repository_is_enough(look: Look, repository: Repository) -> None:
    write(repository.folder / "agent" / "service.c", CLEAN_SERVICE)
    repository.commit()
    write(repository.folder / "agent" / "service.c", SERVICE)
    repository.git("add", "--all")
    option = ["--diff", "HEAD"] if look is since else ["--staged"]
    assert found(call(repository.folder / "agent", "check", *option)) == IN_SERVICE
    assert found(check(repository, *option, "agent")) == [("agent/service.c", "SZUI001")]


@either
def test_settings_of_the_repository_change_nothing(look: Look, repository: Repository) -> None:
    settings = {
        "color.ui": "always",
        "core.quotePath": "true",
        "diff.external": "false",
        "diff.interHunkContext": "99",
        "diff.context": "9",
        "diff.mnemonicPrefix": "true",
        "diff.noprefix": "true",
        "diff.relative": "true",
        "diff.renames": "false",
        "diff.x.textconv": "false",
    }
    for name, value in settings.items():
        repository.git("config", name, value)
    write(repository.folder / ".gitattributes", "*.c diff=x\n")
    repository.write(service_c=SERVICE)
    assert look(repository) == IN_SERVICE


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
@pytest.mark.parametrize("option", [["--staged"], ["--diff", "HEAD"]])
def test_nothing_that_the_repository_configures_is_run(
    option: list[str], repository: Repository, tmp_path: Path
) -> None:
    repository.write(service_c=SERVICE)
    repository.git("add", "--all")
    (tmp_path / "run").write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
    (tmp_path / "run").chmod(0o755)
    write(repository.folder / ".gitattributes", "*.c diff=x\n")
    for name in ("core.fsmonitor", "diff.external", "diff.x.command", "diff.x.textconv"):
        repository.git("config", name, str(tmp_path / "run"))
    assert found(check(repository, *option)) == IN_SERVICE
    assert not (tmp_path / "was-run").exists()


@either
def test_only_notices_of_the_change_are_shown(look: Look, repository: Repository) -> None:
    comment = "// sessionzero: ignore[SZUI001] why\n"
    repository.commit(old_c=comment)
    repository.write(new_c=comment)
    repository.git("add", "--all")
    option = ["--diff", "HEAD"] if look is since else ["--staged"]
    out = check(repository, *option).out
    assert "new.c:1: note: " in out
    assert "old.c" not in out


# --- since a revision ---


def test_of_a_changed_file_only_the_changed_lines_count(repository: Repository) -> None:
    base = repository.commit(service_c=SERVICE)
    repository.write(service_c=SERVICE + "\nint unrelated;\n")
    assert since(repository, base) == []
    repository.write(service_c=SERVICE.replace(BOX, BOX + BOX))
    assert since(repository, base) == IN_SERVICE


def test_lines_around_a_deletion_count(repository: Repository) -> None:
    guarded = SERVICE.replace(BOX, f"    if (argc > 99)\n{BOX}")
    repository.commit(service_c=guarded)
    repository.write(service_c=SERVICE)
    assert since(repository) == IN_SERVICE


def test_a_file_that_git_does_not_know_yet_counts(repository: Repository) -> None:
    repository.write(service_py=PYTHON_SERVICE)
    assert since(repository) == [("service.py", "SZUI001")]


def test_commits_of_the_branch_count_and_those_of_the_other_do_not(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit(service_py=PYTHON_SERVICE)
    repository.git("checkout", "-q", "main")
    repository.commit(service_c=CLEAN_SERVICE.replace("Backup", "Restore"))
    repository.git("checkout", "-q", "topic")
    assert since(repository, "main") == [("service.py", "SZUI001")]
    assert since(repository, "HEAD") == []


def test_a_revision_without_a_common_ancestor_is_compared_itself(repository: Repository) -> None:
    repository.git("checkout", "-q", "--orphan", "other")
    repository.commit(service_c=SERVICE)
    assert since(repository, "main") == IN_SERVICE


def test_a_baseline_and_a_change_add_up(repository: Repository) -> None:
    base = repository.commit(service_c=SERVICE)
    call(repository.folder, "baseline", "create")
    repository.write(service_c=SERVICE.replace(BOX, f"\n{BOX}").replace("MB_OK", "MB_OK "))
    arguments = ("--baseline", ".sessionzero-baseline.json", "--diff", base)
    code, out, _ = check(repository, *arguments)
    assert (code, found(Outcome(code, out, ""))) == (0, [])


def test_sarif_leaves_out_what_the_change_does_not_touch(repository: Repository) -> None:
    repository.commit(service_c=SERVICE, service_py=PYTHON_SERVICE)
    call(repository.folder, "baseline", "create", "--file", "base.json")
    base = repository.commit()
    repository.write(service_c=SERVICE.replace("MB_OK);", "MB_OK );"))
    arguments = ("--baseline", "base.json", "--diff", base, "--format", "sarif")
    results = json.loads(check(repository, *arguments).out)["runs"][0]["results"]
    assert [(it["ruleId"], it["baselineState"]) for it in results] == [("SZUI001", "unchanged")]
    assert "service.c" in json.dumps(results)
    assert "service.py" not in json.dumps(results)


# --- what is staged ---


def test_what_is_not_staged_is_not_reported(repository: Repository) -> None:
    repository.write(service_c=SERVICE)
    outcome = check(repository, "--staged")
    assert (outcome.code, found(outcome)) == (0, [])
    assert "Not shown: 1 older finding outside of the change." in outcome.out


def test_what_git_does_not_know_is_not_part_of_the_project(repository: Repository) -> None:
    repository.commit(worker_c=WORKER)
    repository.write(worker_c=WORKER.replace("int n", "long n"))
    repository.git("add", "--all")
    repository.write(caller_c=CALLS_WORKER)
    assert found(check(repository, "--staged")) == []


def test_files_of_a_submodule_are_part_of_the_project(
    repository: Repository, tmp_path: Path
) -> None:
    library = Repository(tmp_path / "library")
    library.commit(worker_c=WORKER)
    allowed = ("-c", "protocol.file.allow=always")
    repository.git(*allowed, "submodule", "--quiet", "add", str(library.folder), "library")
    repository.commit()
    repository.write(service_c=CALLS_WORKER)
    assert staged(repository) == [("library/worker.c", "SZUI001")]


def test_the_first_commit_of_a_repository_is_checked(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "new")
    repository.write(service_c=SERVICE)
    assert staged(repository) == IN_SERVICE


def test_pre_commit_with_nothing_staged_means_all_files(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(service_c=SERVICE)
    assert found(check(repository, "--staged")) == []
    monkeypatch.setenv("PRE_COMMIT", "1")
    assert found(check(repository, "--staged")) == IN_SERVICE


def test_two_revisions_of_pre_commit_are_the_change(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = repository.commit(service_c=SERVICE)
    second = repository.commit(service_py=PYTHON_SERVICE)
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", first)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", second)
    assert found(check(repository, "--staged")) == [("service.py", "SZUI001")]
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "nothing")
    outcome = check(repository, "--staged")
    assert outcome.code == 2
    assert "sessionzero: git diff failed: " in outcome.err


# --- wrong use ---


@pytest.mark.parametrize("option", [["--staged"], ["--diff", "HEAD"]])
def test_outside_of_a_repository_it_is_wrong_use(option: list[str], tmp_path: Path) -> None:
    write(tmp_path / "service.c", SERVICE)
    code, out, err = call(tmp_path, "check", *option)
    assert (code, out) == (2, "")
    assert "git sees no work tree here (not a git repository" in err


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "", "HEAD:service.c"])
def test_a_revision_that_is_none_is_wrong_use(revision: str, repository: Repository) -> None:
    code, out, err = check(repository, f"--diff={revision}")
    assert (code, out) == (2, "")
    assert f"--diff: '{revision}' names no commit of this repository" in err


def test_two_changes_at_once_are_wrong_use(repository: Repository) -> None:
    code, _, err = check(repository, "--staged", "--diff", "HEAD")
    assert code == 2
    assert "--diff and --staged name two different changes; give one" in err


def test_without_git_it_says_so(repository: Repository, tmp_path: Path) -> None:
    outcome = spawn(repository.folder, "check", "--staged", PATH=str(tmp_path))
    assert outcome.code == 2
    assert "git isn't installed; --staged and --diff need it" in outcome.err
