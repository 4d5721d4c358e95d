"""Runs of other analyzers, their results as findings of our groups of rules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from analyzer_runs import CLEAN, FINDINGS, Finding, RunError
from msgspec import Struct

from sessionzero.findings import Level

# A rule of a peer says by a word of its id what it is about: s0-py-name-audit.
_GROUPS = {"ui": "SZUI", "msg": "SZMSG", "name": "SZNAME", "flag": "SZFLAG"}
_LEVELS: dict[str, Level] = {"error": "error", "warning": "warning"}


class _Place(Struct, frozen=True):
    line: int


class _Details(Struct, frozen=True):
    severity: str
    message: str


class _SemgrepResult(Struct, frozen=True):
    check_id: str
    path: str
    start: _Place
    end: _Place
    extra: _Details


class _SemgrepReport(Struct, frozen=True):
    results: tuple[_SemgrepResult, ...]


class _Range(Struct, frozen=True):
    start: _Place
    end: _Place


class _AstGrepResult(Struct, frozen=True):
    rule: str = msgspec.field(name="ruleId")
    file: str
    severity: str
    message: str
    range: _Range


def semgrep(program: str, rules: Path, files: Sequence[str], *, folder: Path) -> Iterator[Finding]:
    """What semgrep finds in these files of a folder. Raises :class:`RunError`."""
    options = ("--metrics=off", "--disable-version-check", "--quiet", "--json", "--jobs=1")
    # No limit of time: what it finds must not depend on the load of the machine.
    unlimited = ("--timeout=0", "--max-target-bytes=0", "--no-git-ignore")
    command = (program, "scan", f"--config={rules.resolve()}", *options, *unlimited, *files)
    output = _output(command, folder)
    for it in msgspec.json.decode(output, type=_SemgrepReport).results:
        place = (it.path, it.start.line, it.end.line)
        yield from _finding(it.check_id, it.extra.severity, it.extra.message, place)


def ast_grep_scan(config: Path, files: Sequence[str], *, folder: Path) -> Iterator[Finding]:
    """What ast-grep finds in these files of a folder, by the rules of the directory ``config``,
    which holds ``sgconfig.yml``. Raises :class:`RunError`."""
    with tempfile.TemporaryDirectory() as scratch:
        usable = usable_config(config, Path(scratch, "config"))
        command = (ast_grep(), "scan", "-c", str(usable), "--json=stream", *files)
        output = _output(command, folder)
    for line in output.splitlines():
        it = msgspec.json.decode(line, type=_AstGrepResult)
        place = (it.file, it.range.start.line + 1, it.range.end.line + 1)
        yield from _finding(it.rule, it.severity, it.message, place)


def ast_grep() -> str:
    """The program: beside this Python (a virtual environment), else on the path."""
    beside = Path(sys.executable).with_name("ast-grep")
    return str(beside) if beside.exists() else "ast-grep"


def usable_config(directory: Path, copy: Path) -> Path:
    """The configuration file of a copy of the directory that ast-grep accepts."""
    # ast-grep refuses a configuration whose utility directory is missing, and git keeps no
    # empty directories.
    shutil.copytree(directory, copy)
    (copy / "utils").mkdir(exist_ok=True)
    return copy / "sgconfig.yml"


def _finding(
    rule: str, severity: str, message: str, place: tuple[str, int, int]
) -> Iterator[Finding]:
    """A result as a finding; nothing where the rule is about something else."""
    words = rule.rpartition(".")[2].split("-")
    group = next((_GROUPS[word] for word in words if word in _GROUPS), None)
    if group is not None:
        path, line, end_line = place
        level = _LEVELS.get(severity.lower(), "note")
        yield Finding(f"{group}000", level, message, path, line, end_line)


def _output(command: Sequence[str], folder: Path) -> bytes:
    try:
        run = subprocess.run(
            command,
            capture_output=True,
            check=False,
            cwd=folder,
            env={**os.environ, "SEMGREP_ENABLE_VERSION_CHECK": "0"},
        )
    except FileNotFoundError as error:
        raise RunError(f"{command[0]}: there is no such program") from error
    if run.returncode not in (CLEAN, FINDINGS):
        said = run.stderr.decode(errors="replace").strip()
        raise RunError(f"{command[0]}: exit code {run.returncode}: {said}")
    return run.stdout
