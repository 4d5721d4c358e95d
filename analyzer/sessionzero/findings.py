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
    """A way to mend a finding: edits of one or several files that belong together, sorted.

    ``safe``: it can't change what the program does but for the defect, so ``--fix`` applies it;
    else a person has to choose it. ``title`` says what it does, as a command: "Remove the flag".
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


ChangeKind = Literal[
    "prefix",
    "reword",
    "escape",
    "keep",
    "clear",
    "replace",
    "scale",
    "statement",
    "entry",
    "word",
    "option",
]


class Change(Struct, frozen=True, order=True):
    """What has to change at a place, for one who knows what it means but sees no text.

    ``prefix``: the string begins with ``text`` as well. ``reword``: the beginning ``old`` of the
    string becomes ``text``. ``escape``: its first backslash is doubled. ``keep``: of an expression
    only the part ``kept`` stays; ``old`` is the operator, empty for a choice. ``clear``: the bits
    ``number`` go out of a number. ``replace``: ``text`` stands there. ``scale``: the expression
    times ``text``; ``old`` is a parenthesis if it needs some. ``statement``: it goes. ``entry``:
    an element of a list or an argument goes, or all that stand in the place. Of a command line or a
    setting, which may be part of what stands there: ``word``: ``old`` becomes ``text``; ``option``:
    what is called ``old`` goes with its value ``text``; one of the two may be empty.
    """

    kind: ChangeKind
    place: Place
    text: str = ""
    old: str = ""
    number: int = 0
    kept: Place | None = None


class Holder(Struct, frozen=True):
    """A constant or variable that a change gives another value: right only if its name stands
    nowhere but within ``places``. ``scope`` is the function of a local one; ``definition`` where it
    gets its value."""

    name: str
    places: tuple[Place, ...]
    definition: Place
    scope: Place | None = None


class Mend(Struct, frozen=True):
    """A way to mend a finding as a check knows it; :mod:`sessionzero.fixes` makes a :class:`Fix` of
    it, which is safe if ``safe`` says so and all the ``holders`` are used for nothing else."""

    title: str
    changes: tuple[Change, ...]
    safe: bool = False
    holders: tuple[Holder, ...] = ()


class Finding(Struct, frozen=True):
    """One defect: where, what, how sure, and the proof.

    ``path`` leads from the service entry to ``place``, both included, and is empty where no path
    is needed. ``symbol`` names the enclosing function, for fingerprints that survive moves.
    ``related`` holds where a constant was written, the other end, and the like. ``subject`` is
    what the finding is about, whatever the code calls it: the object's name, the function of
    Windows; it too is for fingerprints. ``mends`` are the ways to mend it, the best first.
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
    mends: tuple[Mend, ...] = ()


class Notice(Struct, frozen=True):
    """What could not be analysed, and the mend. ``place`` is None for a whole run or folder."""

    message: str
    path: str
    place: Place | None = None
    level: Level = "warning"
