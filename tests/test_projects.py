"""Repositories that lie side by side in a folder are programs of their own; one in another isn't."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from commands import SERVICE, call, write
from programs import ROOT

LOCK = """\
#include <windows.h>

int WINAPI wWinMain(HINSTANCE self, HINSTANCE none, LPWSTR line, int show)
{
    return OpenEventW(SYNCHRONIZE, FALSE, L"ShelterReady") != NULL;
}
"""
OWNER = SERVICE.replace("MessageBoxW(", 'CreateEventW(NULL, TRUE, FALSE, L"ShelterReady"); f(')


def levels(out: str) -> dict[str, str]:
    return {it["path"]: it["level"] for it in json.loads(out)["findings"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "owner/service.c", OWNER)
    write(tmp_path / "other/tray.c", LOCK)
    return tmp_path


def test_names_meet_in_a_folder_without_repositories(folder: Path) -> None:
    found = levels(call(folder, "check", "--format", "json").out)
    assert found == {"owner/service.c": "error", "other/tray.c": "error"}


@pytest.mark.parametrize("mark", ["folder", "file"])
def test_names_of_two_repositories_do_not_meet(folder: Path, mark: str) -> None:
    for name in ("owner", "other"):
        if mark == "folder":
            (folder / name / ".git").mkdir()
        else:
            write(folder / name / ".git", "gitdir: elsewhere\n")
    found = levels(call(folder, "check", "--format", "json").out)
    assert found == levels(
        call(folder / "owner", "check", "--format", "json").out.replace(
            '"service.c"', '"owner/service.c"'
        )
    )
    assert "error" not in found.values()


def test_a_repository_inside_another_is_part_of_it(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / "other/.git").mkdir()
    for start in (folder, folder / "."):
        found = levels(call(start, "check", "--format", "json").out)
        assert found == {"owner/service.c": "error", "other/tray.c": "error"}


def test_what_is_beside_repositories_is_a_program_too(folder: Path) -> None:
    (folder / "owner/.git").mkdir()
    write(folder / "alone.c", SERVICE)
    _, out, _ = call(folder, "check", "--format", "json")
    assert levels(out)["alone.c"] == "error"
    assert (
        json.loads(out)["summary"]["services"]
        == 2
        * json.loads(call(folder / "owner", "check", "--format", "json").out)["summary"]["services"]
    )


def test_all_commands_show_all_of_them(tmp_path: Path) -> None:
    programs = ROOT / "fixtures" / "programs"
    for name in ("both-sides-of-the-wall", "flags-in-variables"):
        shutil.copytree(programs / name, tmp_path / name)
        (tmp_path / name / ".git").mkdir()
    (tmp_path / "empty/.git").mkdir(parents=True)
    for command in (["components"], ["audit"], ["check", "--fail-on", "never"]):
        whole = json.loads(call(tmp_path, *command, "--format", "json").out)
        parts = [
            json.loads(call(tmp_path / name, *command, "--format", "json").out)
            for name in ("both-sides-of-the-wall", "flags-in-variables")
        ]
        for key, value in whole.items():
            if isinstance(value, list):
                assert len(value) == sum(len(part[key]) for part in parts), (command, key)
    patch = call(tmp_path, "check", "--patch").out
    assert "flags-in-variables/" in patch
