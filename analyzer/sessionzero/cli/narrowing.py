"""The options of ``check`` that leave findings out: a baseline, a change; and what to show."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import replace

from sessionzero.errors import SessionZeroError

if TYPE_CHECKING:
    from sessionzero.baseline import Entry
    from sessionzero.changes import Changes
    from sessionzero.report import Report


class Narrowing(Struct, frozen=True):
    """Which findings are to be reported: those that the baseline doesn't know and the change
    touches; None: there is no baseline, all counts."""

    baseline: tuple[Entry, ...] | None
    changes: Changes | None
    show_suppressed: bool

    @property
    def only(self) -> frozenset[str] | None:
        """The files that are part of the run; None if all are."""
        return self.changes.tracked if self.changes else None

    def apply(self, report: Report, root: Path) -> Report:
        """The report with what isn't wanted set aside."""
        report = replace(report, show_suppressed=self.show_suppressed)
        if self.baseline is not None:
            from sessionzero.baseline import compare

            report = compare(report, self.baseline)
        if self.changes is not None:
            from sessionzero.changes import touched

            report = touched(report, self.changes, root)
        return report


def narrowing(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options to a command, which gets them as one ``narrowed``."""

    @functools.wraps(command)
    def with_narrowing(
        *, baseline: Path | None, diff: str | None, staged: bool, show_suppressed: bool, **rest: Any
    ) -> None:
        if diff is not None and staged:
            raise SessionZeroError("--diff and --staged name two different changes; give one")
        narrowed = Narrowing(_entries(baseline), _changes(diff, staged=staged), show_suppressed)
        command(narrowed=narrowed, **rest)

    for option in reversed(_OPTIONS):
        with_narrowing = option(with_narrowing)
    return with_narrowing


_OPTIONS = (
    click.option(
        "--baseline",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Count what this file knows, and report the rest; see 'sessionzero baseline'.",
    ),
    click.option(
        "--diff",
        metavar="REV",
        help="Analyse all, report what touches a line that changed since the branch left REV.",
    ),
    click.option(
        "--staged", is_flag=True, help="Analyse all, report what touches a file that is staged."
    ),
    click.option(
        "--show-suppressed",
        is_flag=True,
        help="Show also what comments suppress; it never makes the exit code 1.",
    ),
)


def _entries(file: Path | None) -> tuple[Entry, ...] | None:
    if file is None:
        return None
    from sessionzero.cli.baselines import read_baseline

    return read_baseline(file)


def _changes(revision: str | None, *, staged: bool) -> Changes | None:
    if revision is None and not staged:
        return None
    from sessionzero.changes import changes_since, staged_changes

    root = Path.cwd()
    return staged_changes(root) if revision is None else changes_since(root, revision)
