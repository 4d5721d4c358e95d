"""The front-end of forms of Delphi and C++Builder in text (``.dfm``): a record for the form.

Its fields are the simple properties, ``Name = value``, its kind is the word ``object`` or
``inherited``; the type is the field without a name. Objects inside the form are left out, and so
are forms in binary, which are no text.
"""

from __future__ import annotations

import re

from sessionzero.frontends.scripts.draft import Draft, Word, lines_of

_OBJECT = re.compile(r"\s*+(object|inherited|inline)\s++(?:\w++\s*+:\s*+)?(\w++)", re.IGNORECASE)
_ITEM = re.compile(r"\s*+item\s*+\Z", re.IGNORECASE)  # of a list `<…>`; it has an end as well
_END = re.compile(r"\s*+end\b", re.IGNORECASE)
_PROPERTY = re.compile(r"\s*+([\w.]++)\s*+=\s*+('(?:[^']|'')*+'|\w++)\s*+\Z")


def read(draft: Draft) -> None:
    """Note the form and its properties."""
    depth = 0
    kind: Word | None = None
    fields: list[tuple[str, Word]] = []
    for line in lines_of(draft.text):
        if opened := _OBJECT.match(line.text):
            depth += 1
            if kind is None:
                kind = Word(opened[1].lower(), line.start + opened.start(1), line.end)
                place = (line.start + opened.start(2), line.start + opened.end(2))
                fields.append(("", Word(opened[2], *place)))
        elif _ITEM.match(line.text):
            depth += 1
        elif _END.match(line.text):
            depth -= 1
        elif depth == 1 and (found := _PROPERTY.match(line.text)):
            place = (line.start + found.start(2), line.start + found.end(2))
            fields.append((found[1], Word(found[2].strip("'"), *place)))
    if kind is not None:
        draft.add_record(kind.text, fields, kind.start, kind.end)
