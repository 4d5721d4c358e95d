"""What the readers of scripts and of files of settings share: records and calls while they are
gathered, places, limits, problems.

Readers count in characters of the text; the facts count in bytes.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from sessionzero.facts import (
    Argument,
    Call,
    CallKind,
    Expr,
    FileFacts,
    Function,
    Item,
    Problem,
    ProblemKind,
    Record,
    Script,
    Text,
)
from sessionzero.facts import Sequence as Items

MAX_ITEMS = 200_000  # records, fields and words of a file; the longest of 44 projects has 30,000
MAX_TEXT = 1 << 22  # characters
_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text and where it is written, in characters."""

    text: str
    start: int
    end: int

    def stripped(self) -> Word:
        """Without the blanks around it, if it is as long as what is written."""
        if len(self.text) != self.end - self.start:
            return Word(self.text.strip(), self.start, self.end)
        left = len(self.text) - len(self.text.lstrip())
        text = self.text.strip()
        return Word(text, self.start + left, self.start + left + len(text))


Value = Word | tuple[Word, ...]


class Places:
    """Offsets of characters to those of bytes in UTF-8, and back."""

    def __init__(self, text: str) -> None:
        self._bytes: array[int] | None = None
        if not text.isascii():
            self._bytes = array("I", accumulate(map(_size, text), initial=0))

    def byte(self, character: int) -> int:
        return character if self._bytes is None else self._bytes[character]

    def character(self, byte: int) -> int:
        return byte if self._bytes is None else bisect_left(self._bytes, byte)


def _size(character: str) -> int:
    code = ord(character)
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


@dataclass(slots=True)
class Draft:
    """The facts of a script while they are gathered."""

    text: str
    language: Script
    records: list[Record] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    places: Places = field(init=False)
    items: int = 0

    def __post_init__(self) -> None:
        self.places = Places(self.text)

    def place(self, at: int) -> int:
        """The byte at which a character stands."""
        return self.places.byte(at)

    def add_record(
        self, kind: str, fields: Iterable[tuple[str, Value]], start: int, end: int, parent: int = -1
    ) -> int:
        """Note a record; returns its number. Raises :class:`TooMuch` beyond the limit."""
        items = tuple(Item(name, self._value(value)) for name, value in fields)
        self._count(1 + len(items), start)
        place = self.place
        self.records.append(Record(kind, parent, items, place(start), place(end)))
        return len(self.records) - 1

    def add_call(
        self, kind: CallKind, name: Word, arguments: Iterable[tuple[str, Value]], end: int
    ) -> None:
        """Note a command or an instruction. Raises :class:`TooMuch` beyond the limit."""
        found = tuple(Argument(keyword, self._value(value)) for keyword, value in arguments)
        self._count(1 + len(found), name.start)
        callee = self._value(name)
        self.calls.append(Call(0, -1, kind, callee, found, callee.start, self.place(end)))

    def add_problem(self, kind: ProblemKind, reason: str, at: int) -> None:
        """Note what could not be read: a reason without a full stop, and where."""
        line = len(re.findall(r"\r\n?|\n", self.text[:at])) + 1
        message = f"line {line}: {reason}; this file was not read to its end"
        self.problems.append(Problem(kind, message, self.place(at), self.place(at)))

    def facts(self) -> FileFacts:
        size = self.place(len(self.text))
        file = Function("", "", -1, "file", (), "", (), (), 0, 0, 0, size)
        return FileFacts(
            self.language,
            (file,),
            (),
            tuple(self.calls),
            *((),) * 7,
            tuple(self.problems),
            (),
            tuple(self.records),
        )

    def _value(self, value: Value) -> Expr:
        if isinstance(value, Word):
            place = self.place
            raw = self.text[value.start : value.end]
            return Text(value.text, raw, place(value.start), place(value.end))
        items = tuple(Item("", self._value(word)) for word in value)
        start, end = (items[0].value.start, items[-1].value.end) if items else (0, 0)
        return Items(items, start, end)

    def _count(self, items: int, at: int) -> None:
        self.items += items
        if self.items > MAX_ITEMS:
            raise TooMuch(at)


class TooMuch(Exception):
    """A file says more than any real one; ``at`` is the character where it was left."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


def read_script(text: str, language: Script, read: Callable[[Draft], None]) -> FileFacts:
    """The facts that a reader gathers of a text, within the limits."""
    draft = Draft(text, language)
    if len(text) > MAX_TEXT:
        draft.add_problem("partial", "no such file is that long", 0)
        return draft.facts()
    try:
        read(draft)
    except TooMuch as stop:
        draft.add_problem("partial", "it says too much", stop.at)
    return draft.facts()


def lines_of(text: str) -> Iterator[Word]:
    """The lines that are not empty, without their ends."""
    return (Word(match[0], match.start(), match.end()) for match in _LINE.finditer(text))
