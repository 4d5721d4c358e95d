"""``sessionzero audit`` and ``sessionzero map``: what stands on either side of the wall between the
sessions, in tables and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sessionzero.cli.output import print_text, terminal, write_text
from sessionzero.errors import SessionZeroError
from sessionzero.invocation import Progress, config_of, configuration, places

if TYPE_CHECKING:
    from sessionzero.report import Report

_STANDARD_OUTPUT = "-"
_PICTURES = ("html", "svg", "mmd")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "sarif")),
    default="text",
    show_default=True,
    help="How to report.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=_STANDARD_OUTPUT,
    help="Write the report to a file.",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache of parsed files.")
@configuration
def audit(
    paths: tuple[str, ...],
    form: str,
    output: Path,
    no_cache: bool,
    config: Path | None,
    isolated: bool,
) -> None:
    """Print what PATHS (default: the current directory) have on either side of the wall: which
    services run where and as whom, which names they share with users' programs, who may open
    those, and what crosses or stops. It never fails a build.

    \b
    sessionzero audit
    sessionzero audit --format json --output audit.json
    """
    from sessionzero.reporters import AUDIT_REPORTERS

    report = _stock(paths, no_cache, config, isolated)
    to_file = str(output) != _STANDARD_OUTPUT
    text = AUDIT_REPORTERS[form](report, terminal(None, to_file=to_file))
    _put(text, output)


@click.command("map")
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The picture to write: a name that ends with .html, .svg or .mmd (Mermaid).",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache of parsed files.")
@configuration
def session_map(
    paths: tuple[str, ...], output: Path, no_cache: bool, config: Path | None, isolated: bool
) -> None:
    """Draw the wall between session 0 and the user's session, and what of PATHS (default: the
    current directory) crosses it or stops at it.

    \b
    sessionzero map --output map.html
    sessionzero map src --output docs/map.svg
    """
    from sessionzero.reporters import PICTURES

    form = output.suffix[1:].lower()
    if form not in PICTURES:
        known = ", ".join(f".{it}" for it in _PICTURES)
        raise SessionZeroError(f"{output}: a map is written to a file that ends with {known}")
    report = _stock(paths, no_cache, config, isolated)
    write_text(PICTURES[form](report), output)


def _stock(paths: tuple[str, ...], no_cache: bool, config: Path | None, isolated: bool) -> Report:
    """The report of the audit."""
    from sessionzero.engine import Options
    from sessionzero.stocktaking import audit_paths

    root, named = places(paths)
    known = config_of(config, named, root, isolated=isolated)
    options = Options(
        assume_service=known.settings.assume_service, cache=not no_cache, config=known
    )
    with Progress() as progress:
        return audit_paths(named, root=root, options=options, progress=progress.show)


def _put(text: str, output: Path) -> None:
    if str(output) == _STANDARD_OUTPUT:
        print_text(text)
    else:
        write_text(text, output)
