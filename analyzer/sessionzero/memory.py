"""What one run of a project leaves to the next in the same process: the files as they were found
and read, what is open in an editor, the facts with what each tells by itself, the catalogue."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from sessionzero.facts import FileFacts
from sessionzero.findings import Notice
from sessionzero.knowledge.catalog import Catalog
from sessionzero.knowledge.packs import Extra
from sessionzero.link.files.units import Unit
from sessionzero.sources.decoding import decode
from sessionzero.sources.discovery import Discovery
from sessionzero.sources.files import SourceFile, read
from sessionzero.sources.text import SourceText

_MARK = b"\xef\xbb\xbf"

Facts = Mapping[bytes, FileFacts]
_Stamp = tuple[int, int, int]


class Memory:
    """The files of one run, as the disk and an editor have them. Not for several threads.

    ``lasts`` is false where no other run follows: then nothing is kept that a later one would need.
    """

    def __init__(self, *, lasts: bool = True) -> None:
        self.facts: Facts = {}
        self.units: Mapping[str, Unit] = {}
        self._lasts = lasts
        self._used: set[bytes | str] = set()
        self._catalogs: dict[tuple[Extra, ...], Catalog] = {}
        self._found: Discovery | None = None
        self._read: dict[Path, tuple[_Stamp | None, SourceText | Notice]] = {}
        self._doubted: set[Path] = set()
        self._open: dict[Path, tuple[SourceFile, SourceText]] = {}

    # --- what happens between runs ---

    def open(self, file: SourceFile, text: str) -> None:
        """From now on a file holds that text, whatever the disk says."""
        self._open[file.location] = (file, _source(file, text))

    def hold(self, file: SourceFile, source: SourceText) -> None:
        """From now on a file holds those bytes, which nobody has written to the disk yet."""
        self._open[file.location] = (file, source)

    def close(self, location: Path) -> None:
        """A file is again what the disk says."""
        self._open.pop(location, None)

    def is_open(self, path: str) -> bool:
        """Whether an editor says what the file holds."""
        return any(file.path == path for file, _ in self._open.values())

    def saved(self) -> tuple[Path, ...]:
        """Which of the open files the disk has."""
        return tuple(sorted(location for location in self._open if location.exists()))

    def look_again(self) -> None:
        """Files may have come, gone or changed on the disk."""
        self._found = None
        self._doubted = set(self._read)

    # --- what a run asks ---

    def files(self, find: Callable[[], Discovery]) -> Discovery:
        """The files of the project: as ``find`` found them, with new ones that were never saved."""
        if self._found is None:
            self._found = find()
            there = {file.location for file in self._found.files}
            self._read = {place: it for place, it in self._read.items() if place in there}
        known = {file.location for file in self._found.files}
        new = [
            file
            for location, (file, _) in self._open.items()
            if location not in known and not location.exists()  # else a walk leaves it out
        ]
        if not new:
            return self._found
        return replace(self._found, files=tuple(sorted((*self._found.files, *new))))

    def read(self, file: SourceFile) -> SourceText | Notice:
        """The text of a file, or why there is none; from the disk only if it may have changed."""
        location = file.location
        if location in self._open:
            text = self._open[location][1]
            return text if text.path == file.path else replace(text, path=file.path)
        known = self._read.get(location)
        if known is not None and location not in self._doubted:
            return known[1]
        if not self._lasts:
            return read(file)
        stamp = _stamp(location)
        self._doubted.discard(location)
        if known is None or stamp is None or stamp != known[0]:
            known = self._read[location] = (stamp, read(file))
        return known[1]

    def keep_facts(self, facts: Facts) -> None:
        """Remember the facts of some files for the next run."""
        if self._lasts:
            self.facts = {**self.facts, **facts}
            self._used.update(facts)

    def keep_units(self, units: Mapping[str, Unit]) -> None:
        """Remember for the next run what some files tell by themselves."""
        if self._lasts:
            self.units = {**self.units, **units}
            self._used.update(units)

    def settle(self) -> None:
        """A run is over: forget what it has not had to do with."""
        self.facts = {key: it for key, it in self.facts.items() if key in self._used}
        self.units = {path: it for path, it in self.units.items() if path in self._used}
        self._used = set()

    def catalog(self, extra: tuple[Extra, ...], load: Callable[[], Catalog]) -> Catalog:
        """The catalogue with what the user adds, from ``load`` if it wasn't asked for yet."""
        known = self._catalogs.get(extra)
        if known is None:
            self._catalogs.clear()
            known = self._catalogs[extra] = load()
        return known


def _source(file: SourceFile, text: str) -> SourceText:
    """A text of an editor, with bytes that a reader of files would take for that text."""
    text = text.removeprefix("\ufeff")
    data = text.encode("utf-8", "surrogatepass")
    if decode(data, file.language) != (text, "utf-8"):  # a cookie says another encoding
        data = _MARK + data
    return SourceText(file.path, text, "utf-8", data)


def _stamp(location: Path) -> _Stamp | None:
    """What changes when a file is written; None if there is no telling."""
    try:
        status = os.stat(location)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
