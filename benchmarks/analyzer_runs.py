"""Runs of ``sessionzero``: what it reports of a directory, and which rules it has."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

import sessionzero
from sessionzero.findings import Level

# -P: the working directory is a scanned repository, whose modules must never be imported.
COMMAND = (sys.executable, "-P", "-m", "sessionzero")
CLEAN, FINDINGS = 0, 1


class RunError(Exception):
    """The analyzer ended with an exit code that is neither clean nor findings."""


class Spot(Struct, frozen=True):
    """A step of a path or a related place; the line is 1-based."""

    path: str
    line: int


class Finding(Struct, frozen=True):
    """A finding as the JSON report gives it; fields that no score needs are left out."""

    rule: str
    level: Level
    message: str
    path: str
    line: int
    end_line: int
    steps: tuple[Spot, ...] = ()
    related: tuple[Spot, ...] = ()


class Rule(Struct, frozen=True):
    """A rule as ``sessionzero rules`` lists it, with the roles of functions that it reads."""

    id: str
    roles: tuple[str, ...] = ()


class _Report(Struct, frozen=True):
    findings: tuple[Finding, ...]


def known_rules() -> tuple[Rule, ...]:
    """Every rule that the installed analyzer has."""
    return msgspec.json.decode(
        _output(("rules", "--format", "json"), folder=Path.cwd()), type=tuple[Rule, ...]
    )


def check(path: Path, *, rules: Collection[str], cache: bool = False) -> tuple[Finding, ...]:
    """What these rules find in a file or directory, in a run of all rules.

    Paths are relative to the directory. The cache is off unless asked for: a score that counts
    must not depend on an earlier run. Raises :class:`RunError`.
    """
    folder, name = (path, ".") if path.is_dir() else (path.parent, path.name)
    fresh = () if cache else ("--no-cache",)
    arguments = ("check", name, "--format", "json", "--fail-on", "never", *fresh)
    report = msgspec.json.decode(_output(arguments, folder=folder), type=_Report)
    return tuple(finding for finding in report.findings if finding.rule in rules)


def _output(arguments: Sequence[str], *, folder: Path) -> bytes:
    """What the command prints when it runs in ``folder``."""
    if not folder.is_dir():
        raise RunError(f"{folder}: there is no such folder")
    # A relative entry of PYTHONPATH would mean something else there.
    environment = {**os.environ, "PYTHONPATH": str(Path(sessionzero.__path__[0]).resolve().parent)}
    run = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, check=False, cwd=folder, env=environment
    )
    if run.returncode not in (CLEAN, FINDINGS):
        said = run.stderr.decode(errors="replace").strip()
        raise RunError(f"{folder}: exit code {run.returncode}: {said}")
    return run.stdout
