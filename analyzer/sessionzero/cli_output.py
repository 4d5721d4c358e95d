"""What a command prints."""

from __future__ import annotations

import os
import sys

import click

from sessionzero.errors import SessionZeroError


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
