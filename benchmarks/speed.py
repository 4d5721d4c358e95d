"""Speed: CPU time of sessionzero against raw tree-sitter parsing and against ast-grep."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from analyzer_runs import CLEAN, COMMAND, FINDINGS
from msgspec import Struct
from peer_runs import ast_grep, usable_config

from sessionzero.errors import SessionZeroError
from sessionzero.sources.discovery import discover
from sessionzero.sources.files import SourceFile

PARSE_LIMIT = 3.0
AST_GREP_LIMIT = 2.0
# Everything in one process: two busy cores of a machine slow each other down, which would count as
# CPU time of those that use both.
_ALONE = ("--jobs", "1")
PARSER = Path(__file__).with_name("raw_parse.py")


class Contender(Struct, frozen=True):
    """A command to measure; exit codes 0 and 1 are both a finished run."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


def main() -> int:
    """Print medians and ratios; 1 where a ratio is above its limit."""
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        files = _c_and_cpp(options.directories)
        size = sum(file.location.stat().st_size for file in files)
        print(f"{len(files)} C and C++ files, {size / 1e6:.1f} MB")
        contenders = _contenders(options, files, Path(scratch))
        for contender in contenders.values():  # fills the caches, of byte code too
            _cpu_seconds(contender)
        medians = _medians(contenders, rounds=options.rounds)
    for key, seconds in medians.items():
        print(f"{seconds:8.2f} s CPU  {contenders[key].name}")
    within = _judge("cold / parse", medians["cold"] / medians["parse"], PARSE_LIMIT)
    if "ast-grep" in medians:
        ratio = medians["cold"] / medians["ast-grep"]
        within = _judge("cold / ast-grep", ratio, AST_GREP_LIMIT) and within
    print(f"{'warm / cold':16} {medians['warm'] / medians['cold']:6.2f}")
    return 0 if within else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--ast-grep-config", type=Path, help="directory with sgconfig.yml")
    parser.add_argument("--rounds", type=int, default=3, help="medians are of so many runs")
    return parser.parse_args()


def _c_and_cpp(directories: Sequence[Path]) -> tuple[SourceFile, ...]:
    """The C and C++ files that the analyzer reads, so that both sides work on the same bytes."""
    try:
        found = discover(directories, root=Path.cwd())
    except SessionZeroError as error:
        raise SystemExit(str(error)) from error
    return tuple(file for file in found.files if file.language in ("c", "c++"))


def _contenders(
    options: argparse.Namespace, files: Sequence[SourceFile], scratch: Path
) -> dict[str, Contender]:
    file_list = scratch / "files"
    lines = (f"{file.language}\t{file.location}\n" for file in files)
    file_list.write_text("".join(lines), "utf-8", "surrogateescape")
    paths = tuple(str(path) for path in options.directories)
    check = (*COMMAND, "check", *paths, "--format", "json", "--fail-on", "never")
    # An installed package has its byte code; a checkout whose folder is never written to hasn't.
    python = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(scratch / "bytecode")}
    cached = {**python, "SESSIONZERO_CACHE_DIR": str(scratch / "cache")}
    raw = (sys.executable, str(PARSER), str(file_list))
    found = {
        "cold": Contender("sessionzero check --no-cache", (*check, "--no-cache", *_ALONE), python),
        "parse": Contender("tree-sitter alone", raw, python),
        "warm": Contender("sessionzero check, warm cache", check, cached),
    }
    if options.ast_grep_config:
        config = usable_config(options.ast_grep_config, scratch / "ast-grep")
        scan = (ast_grep(), "scan", "-c", str(config), "--json=stream", "--threads", "1", *paths)
        found["ast-grep"] = Contender("ast-grep scan", scan, {})
    return found


def _medians(contenders: Mapping[str, Contender], *, rounds: int) -> dict[str, float]:
    """Median CPU seconds of each; the runs are interleaved, so that other load hits all alike."""
    seconds: dict[str, list[float]] = {key: [] for key in contenders}
    for _ in range(rounds):
        for key, contender in contenders.items():
            seconds[key].append(_cpu_seconds(contender))
    return {key: statistics.median(times) for key, times in seconds.items()}


def _cpu_seconds(contender: Contender) -> float:
    """User and system time of a run, its worker processes included."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            contender.command,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, **contender.environment},
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (CLEAN, FINDINGS):
            errors.seek(0)
            said = errors.read().decode(errors="replace")
            raise SystemExit(f"{contender.name}: exit {process.returncode}\n{said}")
    return usage.ru_utime + usage.ru_stime


def _judge(name: str, ratio: float, limit: float) -> bool:
    word = "within" if ratio <= limit else "ABOVE"
    print(f"{name:16} {ratio:6.2f}  {word} the limit of {limit}")
    return ratio <= limit


if __name__ == "__main__":
    sys.exit(main())
