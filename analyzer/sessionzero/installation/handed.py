"""A command line that something of the tree has run in session 0, where no user is."""

from __future__ import annotations

from msgspec import Struct

from sessionzero.link.files.units import Spot
from sessionzero.link.ways.entries import Account


class Handed(Struct, frozen=True):
    """The ``words`` of a command line, what has it run (``nssm install``), as what it does (``as a
    service``), where that is said, and in which account it runs, if that is known."""

    called: str
    how: str
    words: tuple[str, ...]
    spot: Spot
    account: Account = ""
