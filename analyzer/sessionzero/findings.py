"""A finding and its proof."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Level = Literal["error", "warning", "note"]
Confidence = Literal["high", "medium", "low"]

LEVELS: tuple[Level, ...] = ("note", "warning", "error")  # rising


class Place(Struct, frozen=True, order=True):
    """A range of a file: path relative to the root of the run, UTF-8 byte offsets."""

    path: str
    start: int
    end: int


class Note(Struct, frozen=True):
    """A place with a word on it: a step of a path, or a related place."""

    place: Place
    message: str


class Edit(Struct, frozen=True, order=True):
    """What stands at a place, replaced by ``text``."""

    place: Place
    text: str


class Fix(Struct, frozen=True):
    """A way to mend a finding: edits of one or several files that belong together.

    ``safe``: it can't change what the program does but for the defect, so ``--fix`` applies it;
    else a person has to choose it. ``title`` says what it does, as a command: "Remove the flag".
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


class Finding(Struct, frozen=True):
    """One defect: where, what, how sure, and the proof.

    ``path`` leads from the service entry to ``place``, both included, and is empty where no path
    is needed. ``symbol`` names the enclosing function, for fingerprints that survive moves.
    ``related`` holds where a constant was written, the other end, and the like. ``subject`` is
    what the finding is about, whatever the code calls it: the object's name, the function of
    Windows; it too is for fingerprints. ``fixes`` are the ways to mend it, the best first.
    """

    rule: str
    level: Level
    confidence: Confidence
    message: str
    place: Place
    symbol: str
    path: tuple[Note, ...] = ()
    related: tuple[Note, ...] = ()
    subject: str = ""
    fixes: tuple[Fix, ...] = ()


class Notice(Struct, frozen=True):
    """What could not be analysed, and the mend. ``place`` is None for a whole run or folder."""

    message: str
    path: str
    place: Place | None = None
    level: Level = "warning"
