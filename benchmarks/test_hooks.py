"""The benchmark of the hook, on a tiny project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOOKS = Path(__file__).with_name("hooks.py")


def test_the_hook_is_measured_and_the_original_left_alone(tmp_path: Path) -> None:
    sources = {"service.c": "int x;\n", "tool.py": "x = 1\n", "notes.txt": ""}
    for name, text in sources.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        (sys.executable, str(HOOKS), str(tmp_path), "--rounds", "1"),
        capture_output=True,
        text=True,
    )
    assert "2 files, 1 of them Python" in done.stdout, done.stderr
    assert " s  pre-commit run: sessionzero check --staged\n" in done.stdout
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == sources


def test_a_folder_without_sources_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        (sys.executable, str(HOOKS), str(tmp_path)), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "there is no C, C++ or Python source" in done.stderr
