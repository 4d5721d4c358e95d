"""A project that is analysed again and again says what a single run of the same files would say."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from commands import PYTHON_SERVICE, SERVICE, write
from sessionzero.engine import DEFAULTS, Options, check_paths
from sessionzero.errors import SessionZeroError
from sessionzero.findings import Finding
from sessionzero.program import Program
from sessionzero.workspace import Workspace

CALM = SERVICE.replace("MessageBoxW(", "LogEventW(")
NO_CACHE = Options(cache=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    write(folder / "service.c", SERVICE)
    return folder


def workspace(root: Path) -> Workspace:
    return Workspace(root, options=NO_CACHE)


def places(found: Workspace) -> list[tuple[str, str]]:
    return [(it.place.path, it.rule) for it in found.check().findings]


def alone(root: Path) -> tuple[Finding, ...]:
    return check_paths((root,), root=root, options=NO_CACHE).findings


def test_an_open_text_counts_and_not_the_file(root: Path) -> None:
    project = workspace(root)
    assert places(project) == [("service.c", "SZUI001")]
    project.update(root / "service.c", CALM)
    assert places(project) == []
    project.update(root / "service.c", None)
    assert places(project) == [("service.c", "SZUI001")]


def test_an_edit_in_one_file_changes_what_is_found_in_another(root: Path) -> None:
    write(root / "box.c", "#include <windows.h>\nvoid box(void) { MessageBoxA(0, 0, 0, 0); }\n")
    project = workspace(root)
    assert places(project) == [("service.c", "SZUI001")]
    project.update(root / "service.c", SERVICE.replace('MessageBoxW(NULL, L"B', 'box(); f(L"B'))
    assert places(project) == [("box.c", "SZUI001")]


def test_a_new_text_gives_the_findings_of_a_run_on_the_disk(root: Path) -> None:
    project = workspace(root)
    text = "\n\n/* \N{SLIGHTLY SMILING FACE} */ " + SERVICE
    project.update(root / "service.c", text)
    open_in_editor = project.check().findings
    write(root / "service.c", text)
    assert open_in_editor == alone(root)


def test_files_that_come_change_and_go_are_seen_when_it_looks_again(root: Path) -> None:
    project = workspace(root)
    project.check()
    write(root / "other.py", PYTHON_SERVICE)
    write(root / "service.c", CALM)
    project.look_again()
    assert places(project) == [("other.py", "SZUI001")]
    (root / "other.py").unlink()
    project.look_again()
    assert places(project) == []


def test_nothing_is_read_again_without_need(root: Path) -> None:
    project = workspace(root)
    project.check()
    (root / "service.c").unlink()
    assert places(project) == [("service.c", "SZUI001")]


def test_a_file_that_was_never_saved_counts(root: Path) -> None:
    project = workspace(root)
    project.update(root / "new" / "second.py", PYTHON_SERVICE)
    assert places(project) == [("new/second.py", "SZUI001"), ("service.c", "SZUI001")]
    assert project.check().findings[0].place.path == "new/second.py"


def test_a_file_that_git_ignores_does_not_count_because_it_is_open(root: Path) -> None:
    write(root / ".gitignore", "old/\n")
    write(root / "old" / "service.c", SERVICE)
    project = workspace(root)
    project.update(root / "old" / "service.c", SERVICE)
    assert places(project) == [("service.c", "SZUI001")]


def test_the_configuration_is_read_anew(root: Path) -> None:
    project = workspace(root)
    project.check()
    write(root / "sessionzero.toml", 'exclude = ["service.c"]\n')
    assert places(project) == []
    write(root / "sessionzero.toml", 'ignore = ["SZUI"]\n')
    assert places(project) == []
    write(root / "sessionzero.toml", "ignore = 1\n")
    with pytest.raises(SessionZeroError, match=r"sessionzero\.toml: 'ignore' must be"):
        project.check()
    (root / "sessionzero.toml").unlink()
    assert places(project) == [("service.c", "SZUI001")]


def test_without_a_folder_the_open_files_are_the_project(root: Path) -> None:
    write(root / "second.c", SERVICE)
    project = Workspace(root, options=NO_CACHE, walked=False)
    project.update(root / "service.c", SERVICE)
    assert places(project) == [("service.c", "SZUI001")]
    project.update(root / "unsaved.c", SERVICE)
    assert places(project) == [("service.c", "SZUI001"), ("unsaved.c", "SZUI001")]
    project.update(root / "service.c", None)
    assert places(project) == [("unsaved.c", "SZUI001")]


def test_a_file_opened_through_a_link_is_the_file(root: Path, tmp_path: Path) -> None:
    os.symlink(root, tmp_path / "link")
    project = Workspace(tmp_path / "link", options=NO_CACHE)
    assert places(project) == [("service.c", "SZUI001")]
    project.update(tmp_path / "link" / "service.c", CALM)
    assert places(project) == []


def test_a_cookie_does_not_change_what_an_editor_shows(root: Path) -> None:
    """The bytes of this text, read as its cookie says, would be another text."""
    text = f"# coding: latin-1\n# é\n{PYTHON_SERVICE}"
    project = workspace(root)
    project.update(root / "other.py", text)
    report = project.check()
    source = report.sources("other.py")
    place = next(it.place for it in report.findings if it.place.path == "other.py")
    assert source is not None
    assert source.text == text
    assert source.snippet(place.start, place.end) == "win32api.MessageBox"


def test_open_texts_leave_nothing_in_the_cache_on_the_disk(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESSIONZERO_CACHE_DIR", str(tmp_path / "cache"))
    project = Workspace(root, options=DEFAULTS)
    project.check()
    stored = tmp_path / "cache" / "facts.sqlite3"
    before = stored.read_bytes()
    for number in range(3):
        project.update(root / "service.c", "\n" * number + CALM)
        assert places(project) == []
    assert stored.read_bytes() == before


def test_a_run_can_be_ended_between_its_steps(root: Path) -> None:
    class Enough(Exception):
        pass

    def proceed() -> None:
        raise Enough

    project = workspace(root)
    with pytest.raises(Enough):
        project.check(proceed=proceed)
    assert places(project) == [("service.c", "SZUI001")]


def test_programs_of_earlier_texts_are_given_back(root: Path) -> None:
    write(root / "setup.bat", "sc create Backup type= own type= interact\n")
    write(root / "event.c", '#include <windows.h>\nvoid f(void) { CreateEventA(0, 0, 0, "A"); }\n')
    project = workspace(root)
    before = _programs()
    for number in range(3):
        project.update(root / "service.c", SERVICE + "\n" * number)
        assert project.check().findings
    assert _programs() == before


def _programs() -> int:
    gc.collect()
    return sum(isinstance(it, Program) for it in gc.get_objects())
