"""How long a commit waits: the hook on a project of 200 files, beside ruff and semgrep."""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from analyzer_runs import CLEAN, COMMAND, FINDINGS
from made_repository import Repository
from msgspec import Struct

import sessionzero
from sessionzero.errors import SessionZeroError
from sessionzero.sources.discovery import discover

LIMIT = 1.0  # seconds; people leave slow hooks
_PROGRAMS = Path(sys.executable).parent


class Contender(Struct, frozen=True):
    """A command to measure; exit codes 0 and 1 are both a finished run."""

    name: str
    command: tuple[str, ...]


def main() -> int:
    """Print medians and ratios; 1 where the hook takes longer than its limit."""
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch, "project")
        files = _project(options.directory, project, options.files)
        python = [name for name in files if name.endswith(".py")]
        size = sum(project.joinpath(name).stat().st_size for name in files)
        print(f"{len(files)} files, {len(python)} of them Python, {size / 1e6:.1f} MB")
        contenders = _contenders(options, project, python)
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(sessionzero.__file__).parent.parent),  # however it was found
            # An installed package has its byte code; a folder that is never written to hasn't.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(Path(scratch, "bytecode")),
            "SESSIONZERO_CACHE_DIR": str(Path(scratch, "cache")),
            "PRE_COMMIT_HOME": str(Path(scratch, "pre-commit")),
        }
        for contender in contenders.values():  # fills the caches
            _seconds(contender, project, environment)
        medians = _medians(contenders, project, environment, rounds=options.rounds)
    for key, seconds in medians.items():
        print(f"{seconds:8.2f} s  {contenders[key].name}")
    for key, other in (("hook", "ruff hook"), ("alone", "ruff"), ("alone", "semgrep")):
        if other in medians:
            print(f"{key + ' / ' + other:20} {medians[key] / medians[other]:6.2f}")
    word = "within" if medians["hook"] <= LIMIT else "ABOVE"
    print(f"{'hook':20} {medians['hook']:6.2f}  {word} the limit of {LIMIT} s")
    return int(medians["hook"] > LIMIT)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--files", type=int, default=200, help="so many of its sources")
    parser.add_argument("--rounds", type=int, default=7, help="medians are of so many runs")
    parser.add_argument("--semgrep-rules", type=Path, help="rules for semgrep")
    parser.add_argument("--semgrep", default="semgrep", help="the program")
    return parser.parse_args()


def _project(source: Path, project: Path, count: int) -> Sequence[str]:
    """A repository with the first sources of a directory, one of which is staged."""
    try:
        found = discover((source,), root=source).files[:count]
    except SessionZeroError as error:
        raise SystemExit(str(error)) from error
    changed = next((file for file in found if file.language in ("c", "c++", "python")), None)
    if changed is None:
        raise SystemExit(f"{source}: there is no C, C++ or Python source")
    repository = Repository(project)
    for file in found:
        target = project / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file.location, target)
    repository.git("add", "--all", "--force")
    repository.git("commit", "-q", "-m", "the project")
    with project.joinpath(changed.path).open("ab") as stream:
        stream.write(b"\n")
    repository.git("add", "--all")
    return [file.path for file in found]


def _contenders(
    options: argparse.Namespace, project: Path, python: Sequence[str]
) -> dict[str, Contender]:
    pre_commit = str(_PROGRAMS / "pre-commit")
    check = (*COMMAND, "check", "--staged")
    found = {
        "hook": Contender(
            "pre-commit run: sessionzero check --staged",
            (pre_commit, "run", "-c", _configuration(project, "sessionzero", check)),
        ),
        "alone": Contender("sessionzero check --staged", check),
    }
    program = _PROGRAMS / "ruff"
    if python and program.exists():
        ruff = (str(program), "check", "--quiet", ".")
        configuration = _configuration(project, "ruff", ruff)
        found["ruff hook"] = Contender(
            "pre-commit run: ruff check", (pre_commit, "run", "-c", configuration)
        )
        found["ruff"] = Contender("ruff check", ruff)
    if options.semgrep_rules:
        rules = str(options.semgrep_rules.resolve())
        quiet = ("--metrics=off", "--disable-version-check", "--quiet")
        scan = (options.semgrep, "scan", "--config", rules, *quiet, "--json", ".")
        found["semgrep"] = Contender("semgrep scan", scan)
    return found


def _configuration(project: Path, name: str, command: Sequence[str]) -> str:
    """A configuration of pre-commit with one hook, which is installed already."""
    entry = " ".join(command)
    file = project.parent / f"{name}.yaml"
    file.write_text(
        "repos:\n- repo: local\n  hooks:\n"
        f"  - {{id: {name}, name: {name}, entry: {entry}, language: system, "
        "pass_filenames: false}\n",
        encoding="utf-8",
    )
    return str(file)


def _medians(
    contenders: Mapping[str, Contender],
    project: Path,
    environment: Mapping[str, str],
    *,
    rounds: int,
) -> dict[str, float]:
    """Median seconds of each; the runs are interleaved, so that other load hits all alike."""
    seconds: dict[str, list[float]] = {key: [] for key in contenders}
    for _ in range(rounds):
        for key, contender in contenders.items():
            seconds[key].append(_seconds(contender, project, environment))
    return {key: statistics.median(times) for key, times in seconds.items()}


def _seconds(contender: Contender, project: Path, environment: Mapping[str, str]) -> float:
    """How long a run takes, from the start of the process to its end."""
    begin = time.perf_counter()
    done = subprocess.run(contender.command, cwd=project, env=environment, capture_output=True)
    seconds = time.perf_counter() - begin
    if done.returncode not in (CLEAN, FINDINGS):
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise SystemExit(f"{contender.name}: exit {done.returncode}\n{said}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
