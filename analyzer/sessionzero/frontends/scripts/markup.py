"""Elements of XML with exact places, from expat, which is part of Python.

Entities are not read: a document that declares one is refused, for a few of them can make a small
file a giant, or name another file. What comes before an error counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from sessionzero.frontends.scripts.draft import Draft, Word

MAX_DEPTH = 500
MAX_CONTENT = 1 << 16  # characters of the text of one element

_ATTRIBUTE = re.compile(rb"""\s*([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_NAME = re.compile(rb"""<[^\s/>]+""")
_TAG_END = re.compile(rb"""\s*/?>""")


@dataclass(slots=True)
class Element:
    """An element: its name without prefix, its attributes by name without prefix, each with the
    place of the quoted value, and the place of its tag. ``close`` is where its end tag begins;
    ``record`` is for the reader."""

    name: str
    attributes: dict[str, Word]
    start: int
    end: int
    close: int = 0
    record: int = -1
    text: list[str] = field(default_factory=list)
    size: int = 0

    def content(self) -> Word:
        """The text directly in a closed element, at the place of all that is in it."""
        return Word("".join(self.text), self.end, max(self.close, self.end)).stripped()


Step = Callable[[Sequence[Element], Element], None]
"""Is told an element, and those around it, the outermost first."""
Instruction = Callable[[str, str], None]


class _Stop(Exception):
    """The document is left."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at


@dataclass(slots=True)
class _Reader:
    draft: Draft
    data: bytes
    opened: Step
    closed: Step
    parser: expat.XMLParserType
    offset: int
    open: list[Element] = field(default_factory=list)

    def here(self) -> int:
        """The byte at which the parser is."""
        return self.parser.CurrentByteIndex

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise _Stop("its elements are nested too deeply", self.character(self.here()))
        element = self.element(name, attributes)
        self.opened(self.open, element)
        self.open.append(element)

    def element(self, name: str, attributes: dict[str, str]) -> Element:
        start = self.here()
        head = _NAME.match(self.data, start)
        at = head.end() if head else start
        found: dict[str, Word] = {}
        while (match := _ATTRIBUTE.match(self.data, at)) is not None:
            at = match.end()
            written = match[1].decode("utf-8", "replace")
            place = (self.character(match.start(2)), self.character(match.end(2)))
            found[_local(written)] = Word(attributes.get(written, ""), *place)
        tag = _TAG_END.match(self.data, at)
        end = self.character(tag.end() if tag else at)
        return Element(_local(name), found, self.character(start), end)

    def end(self, _name: str) -> None:
        element = self.open.pop()
        element.close = self.character(self.here())
        self.closed(self.open, element)

    def characters(self, text: str) -> None:
        if self.open and self.open[-1].size < MAX_CONTENT:
            self.open[-1].text.append(text)
            self.open[-1].size += len(text)

    def refuse_entity(self, *_: object) -> None:
        raise _Stop("it declares an entity, and entities are not read", self.character(self.here()))

    def character(self, byte: int) -> int:
        return self.draft.places.character(byte + self.offset)


def read_elements(
    draft: Draft, opened: Step, closed: Step, instruction: Instruction | None = None
) -> None:
    """Tell a reader the elements of a document as they open and close, and the processing
    instructions. Notes a problem where the document can't be read further."""
    # The text is decoded already, whatever its declaration says.
    parser = expat.ParserCreate("utf-8")
    text = draft.text.lstrip()
    skipped = draft.place(len(draft.text) - len(text))
    data = text.encode("utf-8", "replace")
    reader = _Reader(draft, data, opened, closed, parser, skipped)
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.EntityDeclHandler = reader.refuse_entity
    parser.ProcessingInstructionHandler = instruction
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        at = reader.character(min(max(parser.ErrorByteIndex, 0), len(data)))
        reason = f"it is not well-formed XML ({expat.ErrorString(error.code)})"
        draft.add_problem("syntax", reason, at)
    except _Stop as stop:
        draft.add_problem("partial", stop.reason, stop.at)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def ignore(_around: Sequence[Element], _element: Element) -> None:
    """What a reader does at an end that it doesn't need."""
