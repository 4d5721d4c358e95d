"""What the commands that analyse have in common: which paths, which configuration, progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sessionzero.errors import SessionZeroError

if TYPE_CHECKING:
    from sessionzero.config import Config

_MANY_FILES = 200  # progress is only worth a line when a run takes a while


def configuration(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which configuration counts."""
    isolated = click.option("--isolated", is_flag=True, help="Read no configuration.")
    config = click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The configuration; by default the nearest sessionzero.toml or pyproject.toml.",
    )
    return config(isolated(command))


def own_rules(command: Callable[..., None]) -> Callable[..., None]:
    """The option that names folders of rules that users have written."""
    option = click.option(
        "--rules",
        "own",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Rules of your own, too: pages as in our rules/, and apis/*.toml.",
    )
    return option(command)


def places(paths: tuple[str, ...]) -> tuple[Path, tuple[str | Path, ...]]:
    """The root of the run, and what to analyse. Raises SessionZeroError for an empty path."""
    if "" in paths:  # an empty variable of a script, which must not become the current directory
        raise SessionZeroError("an empty path names nothing; leave it out, or write '.'")
    root = Path.cwd()
    return root, paths or (root,)


def config_of(
    file: Path | None, paths: Sequence[str | Path], root: Path, *, isolated: bool
) -> Config:
    """The configuration that counts. Raises SessionZeroError if it can't be used."""
    from sessionzero.config import NONE, find_config, load_config

    if file is not None and isolated:
        raise SessionZeroError("--config names a configuration and --isolated forbids it; give one")
    if file is not None:
        return load_config(file)
    return NONE if isolated else find_config(paths, root=root)


class Progress:
    """A line on standard error while a long run goes on; nothing if that is no terminal."""

    def __init__(self) -> None:
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def show(self, done: int, total: int) -> None:
        """Say how many of the files are parsed."""
        if total >= _MANY_FILES and sys.stderr.isatty():
            self._shown = True
            click.echo(f"\rparsing {done} of {total} files", nl=False, err=True)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            click.echo("\r" + " " * 40 + "\r", nl=False, err=True)
