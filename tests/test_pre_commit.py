"""The hooks in the real pre-commit and in prek, which build them from PyPI."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from commands import PYTHON_SERVICE, SERVICE, write
from programs import ROOT
from repositories import CLEAN, Repository
from sessionzero.sources.files import _TEMPLATES, BUILD_NAMES, BUILD_SUFFIXES, SUFFIXES, language_of

TAG = "v0.0.1"
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
PARTS = ("analyzer", "rules", "pyproject.toml", "README.md", "LICENSE", MANIFEST.name)
BOX = '    MessageBoxW(NULL, L"Backup failed", L"Backup", MB_OK);\n'
CLEAN_SERVICE = SERVICE.replace(BOX, "")
OLDER = "Not shown: 1 older finding outside of the change."


# --- which files ---


def patterns() -> list[re.Pattern[str]]:
    """The `files` of each hook, as pre-commit reads them."""
    from pre_commit.clientlib import load_manifest  # type: ignore[import-untyped]

    return [re.compile(hook["files"]) for hook in load_manifest(MANIFEST)]


NAMES = [
    *(f"src/x{suffix}" for suffix in (*SUFFIXES, *BUILD_SUFFIXES)),
    *(f"x{suffix}{end}" for suffix in _TEMPLATES for end in (".in", ".cmake", ".in.cmake")),
    *(f"src/{name}" for name in BUILD_NAMES),
    *BUILD_NAMES,
    *("wrapper.conf", "src/wrapper.conf", "wrapper-agent.conf.in", "agent.wrapper.conf"),
]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_hook_runs_for_all_that_is_read(name: str) -> None:
    assert language_of(name.rpartition("/")[2])
    assert all(it.search(name) and it.search(name.upper()) for it in patterns())


@pytest.mark.parametrize("name", ["sessionzero.toml", ".sessionzero-baseline.json"])
def test_a_hook_runs_for_its_settings(name: str) -> None:
    assert all(it.search(name) and it.search(f"agent/{name}") for it in patterns())


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "x.c.in",
        "x.pyc",
        "Makefile.PL",
        "x.cs",
        "c",
        "src.c/x",
        "xmakefile",
        "x.json",
        "x.conf",
        "xwrapper.conf",
    ],
)
def test_a_hook_does_not_run_for_anything_else(name: str) -> None:
    assert language_of(name) is None
    assert not any(it.search(name) for it in patterns())


# --- the real programs ---


class Hooked(NamedTuple):
    """A user's repository with the hooks of a tagged clone of this one."""

    repository: Repository
    tool: Path
    environment: dict[str, str]

    def run(self, *command: str) -> tuple[int, str]:
        """Run a program of the test's environment there: its exit code, and all it says."""
        done = subprocess.run(
            (str(Path(sys.executable).parent / command[0]), *command[1:])
            if command[0] in ("pre-commit", "prek")
            else command,
            cwd=self.repository.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.returncode, done.stdout.decode()

    def hook(self, *arguments: str) -> tuple[int, str]:
        """Run the hooks; their output is shown also if they pass."""
        return self.run("pre-commit", "run", "--verbose", *arguments)

    def configure(self, *hooks: str) -> None:
        """Ask for hooks, each in YAML."""
        listed = "".join(f"  - {hook}\n" for hook in hooks)
        text = f"repos:\n- repo: file://{self.tool}\n  rev: {TAG}\n  hooks:\n{listed}"
        write(self.repository.folder / ".pre-commit-config.yaml", text)


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project as a repository with a tag."""
    folder = tmp_path_factory.mktemp("tool")
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=unwanted)
        else:
            shutil.copy(ROOT / part, folder / part)
    repository = Repository(folder)
    repository.commit()
    repository.git("tag", TAG)
    return folder


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the programs keep what they build, and the hooks their cache."""
    names = ("PRE_COMMIT_HOME", "PREK_HOME", "SESSIONZERO_CACHE_DIR")
    return {name: str(tmp_path_factory.mktemp(name)) for name in names}


@pytest.fixture
def hooked(tool: Path, homes: dict[str, str], tmp_path: Path) -> Hooked:
    """A service without a defect, committed, with the hook that looks at what is staged."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    hooked = Hooked(Repository(tmp_path / "user"), tool, {**CLEAN, **homes, "PATH": path})
    hooked.configure("{id: sessionzero}")
    hooked.repository.commit(service_c=CLEAN_SERVICE)
    return hooked


def add(hooked: Hooked) -> None:
    hooked.repository.git("add", "--all")


def test_the_manifest_is_valid(hooked: Hooked) -> None:
    assert hooked.run("pre-commit", "validate-manifest", str(MANIFEST)) == (0, "")


def test_a_hook_can_be_tried_without_a_configuration(hooked: Hooked) -> None:
    hooked.repository.commit(service_c=SERVICE)
    code, out = hooked.run("pre-commit", "try-repo", str(hooked.tool), "sessionzero", "--all-files")
    assert code == 1
    assert "service.c:8:5: error:" in out


def test_a_commit_with_a_defect_is_refused_and_one_without_is_made(hooked: Hooked) -> None:
    user = hooked.repository
    assert hooked.run("pre-commit", "install")[0] == 0
    before = user.git("rev-parse", "HEAD")
    user.write(service_c=SERVICE)
    code, out = hooked.run("git", "commit", "-am", "a defect")
    assert (code, user.git("rev-parse", "HEAD")) == (1, before)
    assert "service.c:8:5: error: `MessageBoxW`" in out
    user.write(service_c=CLEAN_SERVICE.replace("Backup", "Restore"))
    code, out = hooked.run("git", "commit", "-am", "none")
    assert (code, user.git("rev-parse", "HEAD~")) == (0, before), out
    assert "Passed" in out


def test_unstaged_edits_and_unknown_files_do_not_count(hooked: Hooked) -> None:
    user = hooked.repository
    hooked.run("pre-commit", "install")
    user.write(other_c="int one;\n", service_c=SERVICE)
    user.git("add", "other.c")
    user.write(unknown_py=PYTHON_SERVICE)
    code, out = hooked.run("git", "commit", "-m", "another file")
    assert code == 0, out
    assert (user.folder / "service.c").read_text() == SERVICE
    user.git("add", "service.c")
    user.write(service_c=CLEAN_SERVICE)
    code, out = hooked.run("git", "commit", "-m", "staged, but mended since")
    assert code == 1
    assert "service.c:8:5: error:" in out
    assert "unknown.py" not in out


def test_older_findings_are_counted_in_a_line(hooked: Hooked) -> None:
    hooked.repository.commit(service_py=PYTHON_SERVICE)
    hooked.repository.write(service_c=CLEAN_SERVICE.replace("Backup", "Restore"))
    add(hooked)
    code, out = hooked.hook()
    assert code == 0
    assert OLDER in out
    assert "service.py" not in out


def test_a_step_of_the_path_in_a_staged_file_is_enough(hooked: Hooked) -> None:
    hooked.repository.commit(worker_c=f"void work(void)\n{{\n{BOX}}}\n")
    hooked.repository.write(service_c=SERVICE.replace(BOX, "    work();\n"))
    add(hooked)
    code, out = hooked.hook()
    assert code == 1
    assert "worker.c:3:5: error:" in out


def test_renames_are_followed_and_deletions_pass(hooked: Hooked) -> None:
    user = hooked.repository
    user.commit(service_c=SERVICE)
    user.git("mv", "service.c", "agent.c")
    code, out = hooked.hook()
    assert code == 1
    assert "agent.c:8:5: error:" in out
    user.commit()
    user.git("rm", "-q", "agent.c")
    code, out = hooked.hook()
    assert code == 0
    assert "no files to check" in out


def test_what_is_not_read_starts_no_hook(hooked: Hooked) -> None:
    hooked.repository.commit(service_c=SERVICE)
    hooked.repository.write(README_md="# A service\n")
    add(hooked)
    code, out = hooked.hook()
    assert code == 0
    assert "Skipped" in out


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_encodings_of_windows_are_read(encoding: str, hooked: Hooked) -> None:
    hooked.repository.write(service_c=SERVICE.encode(encoding))
    add(hooked)
    code, out = hooked.hook()
    assert code == 1
    assert "service.c:8:5: error:" in out


def test_two_revisions_are_compared_as_ci_does(hooked: Hooked) -> None:
    first = hooked.repository.commit(service_py=PYTHON_SERVICE)
    second = hooked.repository.commit(service_c=CLEAN_SERVICE.replace("Backup", "Restore"))
    code, out = hooked.hook("--from-ref", first, "--to-ref", second)
    assert (code, OLDER in out) == (0, True)
    code, out = hooked.hook("--from-ref", f"{first}~", "--to-ref", second)
    assert code == 1
    assert "service.py:7:9: error:" in out


def test_all_files_means_all_findings(hooked: Hooked) -> None:
    hooked.repository.commit(service_c=SERVICE)
    code, out = hooked.hook("--all-files")
    assert code == 1
    assert "service.c:8:5: error:" in out


def test_the_other_hook_reports_all_there_is(hooked: Hooked) -> None:
    hooked.configure("{id: sessionzero-all}")
    hooked.repository.commit(service_py=PYTHON_SERVICE)
    hooked.repository.write(service_c=CLEAN_SERVICE.replace("Backup", "Restore"))
    add(hooked)
    code, out = hooked.hook()
    assert code == 1
    assert "service.py:7:9: error:" in out


def test_of_a_repository_of_several_projects_each_can_have_its_hook(hooked: Hooked) -> None:
    hooked.configure(
        "{id: sessionzero, alias: a, args: [a], files: ^a/}",
        "{id: sessionzero, alias: b, args: [b, --fail-on, never], files: ^b/}",
    )
    folder = hooked.repository.folder
    write(folder / "a" / "service.c", CLEAN_SERVICE)
    write(folder / "b" / "service.c", SERVICE)
    add(hooked)
    code, out = hooked.hook()
    assert code == 0
    assert "b/service.c:8:5: error:" in out
    write(folder / "a" / "service.c", SERVICE)
    add(hooked)
    code, out = hooked.hook("a")
    assert code == 1
    assert "a/service.c:8:5: error:" in out


def test_a_baseline_can_be_given(hooked: Hooked) -> None:
    hooked.configure("{id: sessionzero-all, args: [--baseline, .sessionzero-baseline.json]}")
    write(hooked.repository.folder / "service.c", SERVICE)
    create = (sys.executable, "-m", "sessionzero", "baseline", "create")
    hooked.environment["PYTHONPATH"] = str(ROOT / "analyzer")
    assert hooked.run(*create)[0] == 0
    add(hooked)
    code, out = hooked.hook()
    assert code == 0
    assert "Not shown: 1 older finding in the baseline." in out


def test_prek_reads_the_same_hooks(hooked: Hooked) -> None:
    user = hooked.repository
    user.write(service_c=SERVICE.encode("utf-16"))
    add(hooked)
    code, out = hooked.run("prek", "run", "--verbose")
    assert code == 1
    assert "service.c:8:5: error:" in out
    first, second = user.commit(), user.commit(service_py=PYTHON_SERVICE)
    code, out = hooked.run("prek", "run", "--from-ref", first, "--to-ref", second)
    assert code == 1
    assert "service.py:7:9: error:" in out
    assert OLDER in out
    code, out = hooked.run("prek", "run", "--all-files")
    assert code == 1
    assert "service.py:7:9: error:" in out
    assert "service.c:8:5: error:" in out
