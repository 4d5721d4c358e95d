"""An action: what a script or a file of settings has done, with what it is given by role."""

from __future__ import annotations

from msgspec import Struct

from sessionzero.link.files.units import Spot

_MOST_SHOWN = 60  # characters of what is written


class Given(Struct, frozen=True):
    """One thing that an action is given: its ``role``, its text, the ``option`` before it as the
    catalogue has it, how it is written, and where."""

    role: str
    text: str
    option: str
    raw: str
    spot: Spot

    @property
    def written(self) -> str:
        """As a reader sees it, with its option: ``type= interact``, ``Interactive="yes"``."""
        raw = self.raw if len(self.raw) <= _MOST_SHOWN else self.text
        if not self.option:
            return raw
        gap = " " if self.option[:1] in "-/" or self.option.endswith("=") else "="
        return f"{self.option}{gap}{raw}"

    @property
    def is_quoted(self) -> bool:
        """Whether it is written as a string."""
        return self.raw[:1] in ("'", '"', "`")


class Action(Struct, frozen=True):
    """Something that is done: a role of the catalogue and a kind of it, what it is called, where it
    stands, and what it is given. ``in_code``: a program does it, by a command line, or (``listed``)
    by a list of words; ``origin`` is where that is written, if it is elsewhere."""

    role: str
    kind: str
    called: str
    language: str
    spot: Spot
    given: tuple[Given, ...]
    in_code: bool = False
    listed: bool = False
    origin: Spot | None = None

    def all(self, role: str) -> tuple[Given, ...]:
        """What is given in a role."""
        return tuple(given for given in self.given if given.role == role)

    def first(self, role: str) -> Given | None:
        """The first of :meth:`all`."""
        return next(iter(self.all(role)), None)

    def text(self, role: str) -> str:
        """The text of :meth:`first`; empty if nothing is given."""
        found = self.first(role)
        return found.text if found is not None else ""
