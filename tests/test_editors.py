"""Real editors show what the language server finds. Skipped where an editor is not installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands import SERVICE, environment, write
from test_fixes import CHANGE, in_c, spelt

HERE = Path(__file__).parent
SERVER = "\n".join((sys.executable, "-P", "-m", "sessionzero", "lsp"))
PATIENCE = 120  # seconds
MISSING = 77  # the exit code of an editor's script that lacks a part of the editor


def edit(folder: Path, *command: str, text: str = SERVICE) -> str:
    """What an editor prints that has the service open. Fails if it ends with an error."""
    program = shutil.which(command[0])
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    write(folder / "project" / "service.c", text)
    done = subprocess.run(
        (program, *command[1:]),
        cwd=folder / "project",
        env=environment(
            folder,
            SERVER=SERVER,
            HOME=str(folder),
            XDG_STATE_HOME=str(folder),
            PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        ),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if done.returncode == MISSING:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_neovim_shows_a_diagnostic_until_it_is_suppressed(tmp_path: Path) -> None:
    said = edit(tmp_path, "nvim", "--headless", "-u", "NONE", "-c", f"luafile {HERE / 'nvim.lua'}")
    assert "7 4 1 sessionzero `MessageBoxW` shows a message box in session 0" in said
    assert "    // sessionzero: ignore[SZUI001] " in said


def test_neovim_applies_the_preferred_fix(tmp_path: Path) -> None:
    text = in_c(spelt(CHANGE % "OWN | FLAG"))
    script = f"luafile {HERE / 'nvim_fix.lua'}"
    said = edit(tmp_path, "nvim", "--headless", "-u", "NONE", "-c", script, text=text)
    assert spelt(CHANGE % "OWN") in said


def test_neovim_works_with_the_set_up_of_the_documentation(tmp_path: Path) -> None:
    write(tmp_path / "init.lua", set_up_for_neovim())
    write(tmp_path / "project" / ".git" / "HEAD", "")
    script = f"luafile {HERE / 'nvim_set_up.lua'}"
    said = edit(tmp_path, "nvim", "--headless", "-u", "../init.lua", "service.c", "-c", script)
    assert "service.c:8:5: `MessageBoxW` shows a message box in session 0" in said


def set_up_for_neovim() -> str:
    """What ``docs/editors.md`` gives for the version of Neovim that is installed."""
    program = shutil.which("nvim")
    if program is None:
        pytest.skip("nvim is not installed")
    said = subprocess.run((program, "--version"), capture_output=True, text=True, check=True)
    version = re.match(r"NVIM v0\.(\d+)", said.stdout)
    assert version is not None, said.stdout
    text = (HERE.parent / "docs" / "editors.md").read_text(encoding="utf-8")
    newest, older, oldest = re.findall(r"```lua\n(.*?)```", text, re.DOTALL)
    minor = int(version[1])
    return str(newest if minor >= 11 else older if minor >= 8 else oldest)


def test_emacs_shows_a_diagnostic_until_the_call_is_gone(tmp_path: Path) -> None:
    said = edit(tmp_path, "emacs", "--batch", "-Q", "-l", str(HERE / "eglot.el"))
    assert "8 sessionzero [SZUI001]: `MessageBoxW` shows a message box in session 0" in said
