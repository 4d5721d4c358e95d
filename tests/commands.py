"""Runs the command, in this process or in one of its own, on a small service with one defect."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

import sessionzero
from sessionzero.cli.commands import run

PACKAGE = Path(sessionzero.__file__).parent

SERVICE = """\
#include <windows.h>

static void WINAPI control(DWORD code) { (void)code; }

static void WINAPI service_main(DWORD argc, LPWSTR *argv)
{
    RegisterServiceCtrlHandlerW(L"Backup", control);
    MessageBoxW(NULL, L"Backup failed", L"Backup", MB_OK);
}

int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Backup", service_main}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""
DEFECT = ":8:5: error: `MessageBoxW`"  # how the headline of its one finding goes on

PYTHON_SERVICE = """\
import win32api
import win32serviceutil


class Service(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        win32api.MessageBox(0, "Backup failed", "Backup")
"""
PYTHON_DEFECT = ":7:9: error: `win32api.MessageBox`"
PATIENCE = 30  # seconds; the slowest run takes two
INTERNAL = 3  # the exit code for what only we can mend


class Outcome(NamedTuple):
    """How the command ended, and what it said."""

    code: int
    out: str
    err: str


def write(path: Path, content: str | bytes) -> None:
    """Make a file and the folders it stands in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What the command sees: an own cache in the folder, and nothing that changes its looks."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    paths = {"PYTHONPATH": str(PACKAGE.parent), "SESSIONZERO_CACHE_DIR": str(folder / ".cache")}
    return {**kept, **paths, "PYTHONIOENCODING": "utf-8", "TERM": "xterm", **more}


def call(folder: Path, *arguments: str) -> Outcome:
    """Run the command in this process, as if it were started in the folder."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", newline=""), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setenv("SESSIONZERO_CACHE_DIR", str(folder / ".cache"))
        with pytest.raises(SystemExit) as leaving:
            run(arguments)
    out.seek(0)
    assert isinstance(leaving.value.code, int)
    assert leaving.value.code != INTERNAL, err.getvalue()
    return Outcome(leaving.value.code, out.read(), err.getvalue())


def command(*arguments: str) -> list[str]:
    """The words that start the command in a process of its own."""
    return [sys.executable, "-m", "sessionzero", *arguments]


def start(
    folder: Path, *arguments: str, prefix: Sequence[str] = (), **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, started in the folder.

    ``prefix`` is a command that starts it, ``more`` are further environment variables.
    """
    return subprocess.run(
        [*prefix, *command(*arguments)],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        timeout=PATIENCE,
    )


def spawn(folder: Path, *arguments: str, prefix: Sequence[str] = (), **more: str) -> Outcome:
    """As :func:`start`, for runs that must not fail by a fault of ours."""
    done = start(folder, *arguments, prefix=prefix, **more)
    outcome = Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in outcome.err, outcome.err
    assert outcome.code != INTERNAL, outcome.err
    return outcome


def found_all_the_same(outcome: Outcome) -> bool:
    """Whether a run went on to its end and found the defect of the service in ``good.c``."""
    return outcome.code == 1 and f"good.c{DEFECT}" in outcome.out
