"""``sessionzero init``: shows what it would write for a project, and writes it if it may."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sessionzero.errors import SessionZeroError

if TYPE_CHECKING:
    from sessionzero.cli.proposals import Proposal

_LARGEST = 1 << 20  # bytes read of a file that is there already


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Write nothing, and don't ask.")
def init(folder: Path, write: bool, dry_run: bool) -> None:
    """Set a project up: show a configuration with what was understood of it, an entry for
    pre-commit and a workflow for GitHub, and write them after a yes. No file is ever overwritten.

    FOLDER is the project, by default the current one; the files go to the root of its repository.

    \b
    sessionzero init
    sessionzero init --dry-run
    sessionzero init --write
    """
    if write and dry_run:
        raise SessionZeroError("--write writes and --dry-run doesn't; give one")
    if not folder.is_dir():
        raise SessionZeroError(f"{folder}: there is no such folder")
    root = _root(folder)
    proposed = _proposed(root)
    for proposal in proposed:
        _say(_shown(proposal, root))
    wanted = [proposal for proposal in proposed if not proposal.instead]
    if not wanted:
        _say("There is nothing to write.")
    elif write or (not dry_run and _yes()):
        for proposal in wanted:
            _create(root / proposal.path, proposal.content)
        _say(f"Written: {', '.join(proposal.path for proposal in wanted)}.")
        _say("Next: sessionzero check")
    else:
        _say("Nothing is written. To write it: sessionzero init --write")


def _root(folder: Path) -> Path:
    """The root of the repository that a folder is in, or the folder."""
    start = Path(os.path.abspath(folder))
    above = (start, *start.parents)
    return next((at for at in above if os.path.lexists(at / ".git")), start)


def _proposed(root: Path) -> tuple[Proposal, ...]:
    from sessionzero.cli.proposals import proposals
    from sessionzero.config import find_config
    from sessionzero.engine import Options
    from sessionzero.stocktaking import understand_paths

    options = Options(config=find_config([root], root=root))
    overview = understand_paths([root], root=root, options=options)
    return proposals(overview, dict(_there(root)))


def _there(root: Path) -> Iterator[tuple[str, str]]:
    from sessionzero.cli.proposals import LOOKED_FOR

    for name in LOOKED_FOR:
        file = root / name
        if os.path.lexists(file):
            yield name, _text(file)


def _text(file: Path) -> str:
    if not file.is_file():
        return ""
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""  # it is there, and so it is not written


def _shown(proposal: Proposal, root: Path) -> str:
    said = proposal.instead or f"will be written in {root}"
    lines = proposal.content.splitlines()
    body = "".join(f"  | {line}".rstrip() + "\n" for line in lines)
    return f"{proposal.path} {said}{':' if lines else '.'}\n{body}"


def _yes() -> bool:
    """Whether a person at a terminal says so; nobody else is asked."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return click.confirm("Write this?", default=False)


def _say(text: str) -> None:
    """Print a text as far as standard output has its letters."""
    encoding = sys.stdout.encoding or "ascii"
    click.echo(text.encode(encoding, "replace").decode(encoding))


def _create(file: Path, content: str) -> None:
    """Make a file that isn't there: one that came in between is left as it is."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(content)
    except FileExistsError as error:
        raise SessionZeroError(f"{file}: is there already, and is left as it is") from error
    except OSError as error:
        raise SessionZeroError(f"{file}: can't be written: {error.strerror}") from error
