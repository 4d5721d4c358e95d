"""The front-end of settings in XML (``.xml``): a record for the document.

Its kind is the root element, its fields are the texts of the elements that hold no others, by their
path below the root (``Actions/Exec/Command``), in their order; an empty element is an empty text.
The place of a text is that of its element.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sessionzero.frontends.scripts.draft import Draft, Word
from sessionzero.frontends.scripts.markup import Element, read_elements


@dataclass(slots=True)
class _Document:
    draft: Draft
    inner: list[bool] = field(default_factory=list)  # whether the open elements hold others
    fields: list[tuple[str, Word]] = field(default_factory=list)

    def opened(self, _around: Sequence[Element], _element: Element) -> None:
        if self.inner:
            self.inner[-1] = True
        self.inner.append(False)

    def closed(self, around: Sequence[Element], element: Element) -> None:
        if not self.inner.pop() and around:
            path = "/".join(it.name for it in (*around[1:], element))
            text = "".join(element.text).strip()
            self.fields.append((path, Word(text, element.start, self.end_of(element))))
        elif not around:
            self.draft.add_record(element.name, self.fields, element.start, element.end)

    def end_of(self, element: Element) -> int:
        """Where the end tag of a closed element ends; its tag if that is the end, too."""
        text = self.draft.text
        closed = text.startswith("</", element.close)
        return text.index(">", element.close) + 1 if closed else element.end


def read(draft: Draft) -> None:
    """Note the settings of a document."""
    document = _Document(draft)
    read_elements(draft, document.opened, document.closed)
