"""What a command prints."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sessionzero.errors import SessionZeroError

if TYPE_CHECKING:
    from sessionzero.reporters.terminal import Terminal


def print_text(text: str) -> None:
    """Put a text on standard output: UTF-8 in a pipe or file, what it can show on a terminal."""
    try:
        if sys.stdout.isatty():
            encoding = sys.stdout.encoding
            shown = text.encode(encoding, "replace").decode(encoding)
            click.echo(shown, nl=False, color=True)  # teaches old Windows consoles the colours
        else:
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
            sys.stdout.flush()
    except OSError as error:
        # What is still in the buffer would be tried again, and fail again, when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # the reader has what it wanted: all is well
            raise SessionZeroError(f"standard output: {error.strerror}") from error


def write_text(text: str, output: Path) -> None:
    """Put a report into a file. Raises SessionZeroError if that can't be done."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SessionZeroError(f"{output}: can't write the report: {error.strerror}") from error


def terminal(colour: bool | None, *, to_file: bool) -> Terminal:
    """What standard output can show; a file gets colours only if asked, and no narrow width."""
    from sessionzero.reporters.terminal import Terminal

    if to_file:
        return Terminal(colour=bool(colour))
    interactive = sys.stdout.isatty()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return Terminal(
        colour=interactive and not plain if colour is None else colour,
        width=_width() if interactive else 100,
        unicode=encoding.startswith("utf"),
    )


def _width() -> int:
    from shutil import get_terminal_size

    return get_terminal_size((100, 24)).columns
