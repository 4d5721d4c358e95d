"""``sessionzero baseline``: the commands that write the file, and reading it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from sessionzero.errors import SessionZeroError
from sessionzero.invocation import Progress, config_of, configuration, places

if TYPE_CHECKING:
    from sessionzero.baseline import Entry

_FILE = ".sessionzero-baseline.json"


class Job(Struct, frozen=True):
    """What one of the commands is given: the file, the paths, and a search of them."""

    file: Path
    paths: tuple[str, ...]
    search: Callable[[], tuple[Entry, ...]]


def read_baseline(file: Path) -> tuple[Entry, ...]:
    """The entries in a file. Raises SessionZeroError if it isn't there or is no baseline."""
    from sessionzero.baseline import parse

    try:
        data = file.read_bytes()
    except OSError as error:
        hint = "'sessionzero baseline create' writes one"
        raise SessionZeroError(f"{file}: cannot be read: {error.strerror}; {hint}") from error
    return parse(data, str(file))


@click.group()
def baseline() -> None:
    """Accept what is found today, to see only what is new.

    The file holds the findings of an old code base. It survives moved lines; commit it.

    \b
    sessionzero baseline create
    sessionzero check --baseline .sessionzero-baseline.json
    sessionzero baseline prune
    """


def _searching(command: Callable[[Job], None]) -> Callable[..., None]:
    """Adds the arguments and options that the three commands have in common."""

    @functools.wraps(command)
    def with_search(*, paths: tuple[str, ...], file: Path, **rest: Any) -> None:
        command(Job(file, paths, lambda: _found(paths, **rest)))

    result: Callable[..., None] = with_search
    for option in (
        configuration,
        click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
        click.option(
            "--assume-service/--no-assume-service",
            default=None,
            help="Take all code for service code, as in 'sessionzero check'.",
        ),
        click.option(
            "--file",
            type=click.Path(path_type=Path, dir_okay=False),
            default=_FILE,
            show_default=True,
            help="The baseline.",
        ),
        click.argument("paths", nargs=-1, type=click.Path(readable=False)),
    ):
        result = option(result)
    return result


@baseline.command()
@_searching
def create(job: Job) -> None:
    """Write what is found in PATHS (default: the current directory) to a new baseline.

    \b
    sessionzero baseline create
    sessionzero baseline create src --file ci/baseline.json
    """
    if job.file.exists():
        raise SessionZeroError(
            f"{job.file}: is there already; 'sessionzero baseline update' renews it"
        )
    _write(job.file, (), job.search())


@baseline.command()
@_searching
def update(job: Job) -> None:
    """Take into the baseline what is new in PATHS, and out of it what is mended.

    \b
    sessionzero baseline update
    """
    before = read_baseline(job.file)
    _write(job.file, before, (*_elsewhere(before, job.paths), *job.search()))


@baseline.command()
@_searching
def prune(job: Job) -> None:
    """Take out of the baseline what is mended in PATHS, and nothing into it.

    \b
    sessionzero baseline prune
    """
    from sessionzero.baseline import still_found

    before = read_baseline(job.file)
    _write(job.file, before, (*_elsewhere(before, job.paths), *still_found(before, job.search())))


def _found(
    paths: tuple[str, ...],
    *,
    assume_service: bool | None,
    no_cache: bool,
    config: Path | None,
    isolated: bool,
) -> tuple[Entry, ...]:
    """What a check of the paths finds."""
    from sessionzero.baseline import entries_of
    from sessionzero.engine import Options, check_paths

    root, named = places(paths)
    known = config_of(config, named, root, isolated=isolated)
    said = known.settings
    options = Options(
        assume_service=said.assume_service if assume_service is None else assume_service,
        select=said.select,
        ignore=said.ignore,
        cache=not no_cache,
        config=known,
    )
    with Progress() as progress:
        return entries_of(check_paths(named, root=root, options=options, progress=progress.show))


def _elsewhere(entries: Sequence[Entry], paths: tuple[str, ...]) -> tuple[Entry, ...]:
    """The entries of files that are not below the paths, of which a run says nothing."""
    shown = [os.path.relpath(path).replace(os.sep, "/") for path in paths] or ["."]
    if "." in shown:
        return ()
    return tuple(
        it for it in entries if not any(it.path == p or it.path.startswith(f"{p}/") for p in shown)
    )


def _write(file: Path, before: Sequence[Entry], after: Sequence[Entry]) -> None:
    from sessionzero.baseline import render, still_found

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(render(after), encoding="utf-8", newline="\n")
    except OSError as error:
        raise SessionZeroError(f"{file}: can't be written: {error.strerror}") from error
    stayed = len(still_found(before, after))
    click.echo(
        f"{file}: {len(after)} finding{'' if len(after) == 1 else 's'}, "
        f"{len(after) - stayed} added, {len(before) - stayed} removed."
    )
