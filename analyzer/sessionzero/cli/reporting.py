"""The options of ``check`` for what a build wants: several reports of one run, and its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

FORMATS = ("text", "sarif", "json", "github", "gitlab", "markdown", "html")


def reporting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options ``--also`` and ``--category``."""
    also = click.option(
        "--also",
        multiple=True,
        metavar="FORMAT=FILE",
        callback=_also,
        help="Write a further report of the same run, such as sarif=sessionzero.sarif.",
    )
    category = click.option(
        "--category",
        default="sessionzero",
        show_default=True,
        callback=_category,
        help="The name of this analysis in SARIF; several of one commit need a name each.",
    )
    return also(category(command))


def _also(
    _context: click.Context, _option: click.Parameter, words: tuple[str, ...]
) -> tuple[tuple[str, Path], ...]:
    """The format and the file of each further report."""
    pairs = [(form, Path(file)) for form, _, file in (word.partition("=") for word in words)]
    for word, (form, file) in zip(words, pairs, strict=True):
        if form not in FORMATS or not file.name:
            known = ", ".join(FORMATS)
            raise click.BadParameter(
                f"'{word}' is not of the form FORMAT=FILE, such as sarif=sessionzero.sarif; "
                f"the formats are {known}."
            )
    return tuple(pairs)


def _category(_context: click.Context, _option: click.Parameter, name: str) -> str:
    """GitHub takes what stands after the last slash for the number of a run."""
    bare = name.strip().strip("/")
    if not bare:
        raise click.BadParameter("it is empty; give a name, such as sessionzero.")
    return bare
