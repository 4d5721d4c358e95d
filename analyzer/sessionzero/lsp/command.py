"""The command that an editor starts."""

from __future__ import annotations

import click

from sessionzero.errors import SessionZeroError

_OF_SERVER = ("pygls", "lsprotocol")


@click.command()
@click.option("--stdio", is_flag=True, help="Talk over standard input and output, as always.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache of parsed files.")
def lsp(stdio: bool, no_cache: bool) -> None:
    """Serve an editor that speaks the Language Server Protocol.

    \b
    sessionzero lsp                what the settings of an editor name
    """
    del stdio  # editors pass it to any server
    from sessionzero.engine import Options

    try:
        from sessionzero.lsp.serving import serve
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in _OF_SERVER:
            raise
        raise SessionZeroError(
            "the language server needs pygls, which is not installed; "
            "install it by: pip install 'sessionzero[lsp]'"
        ) from error
    serve(Options(cache=not no_cache, beside_threads=True))
