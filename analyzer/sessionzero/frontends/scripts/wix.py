"""The front-end of WiX sources (``.wxs``, ``.wxi``): a record for each element with attributes.

Names are compared without their namespace, which each version of WiX has changed. ``<?define?>``
gives a value to ``$(var.X)`` and, since WiX 4, ``$(X)``, if the file defines it only once; other
variables stay as they are written. <https://docs.firegiant.com/wix/tools/preprocessor/>.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sessionzero.frontends.scripts.draft import Draft, Word
from sessionzero.frontends.scripts.markup import Element, ignore, read_elements

_DEFINE = re.compile(r"\s*([\w.]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(.*?))\s*\Z", re.DOTALL)
_VARIABLE = re.compile(r"\$\((?:var\.)?([\w.]+)\)")


@dataclass(slots=True)
class _Document:
    draft: Draft
    defined: dict[str, str | None] = field(default_factory=dict)  # None: more than one value

    def define(self, target: str, data: str) -> None:
        match = _DEFINE.match(data) if target == "define" else None
        if match is not None:
            value = match[2] or match[3] or match[4] or ""
            same = self.defined.get(match[1], value) == value
            self.defined[match[1]] = value if same else None

    def add(self, around: Sequence[Element], element: Element) -> None:
        parent = around[-1].record if around else -1
        element.record = parent
        if element.attributes:
            fields = ((name, self.expanded(word)) for name, word in element.attributes.items())
            element.record = self.draft.add_record(
                element.name, fields, element.start, element.end, parent
            )

    def expanded(self, word: Word) -> Word:
        text = _VARIABLE.sub(lambda match: self.defined.get(match[1]) or match[0], word.text)
        return Word(text, word.start, word.end)


def read(draft: Draft) -> None:
    """Note the elements of a WiX source."""
    document = _Document(draft)
    read_elements(draft, document.add, ignore, document.define)
