"""What an editor shows at a security descriptor that is written as text: who may do what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from sessionzero.access import OBJECT, in_words
from sessionzero.sddl import Fault, Vocabulary, decode, looks_like_sddl
from sessionzero.sources.text import Unit

# One literal of C, C++ or Python; its text never holds quotes or escapes if it is a descriptor.
_LITERAL = re.compile(r"""\"([^\"\\\n]*)\"|'([^'\\\n]*)'""")
# What may stand between two literals that are one text.
_BETWEEN = re.compile(
    r"""(?:\s|\)|\\|//[^\n]*|\#[^\n]*|/\*.*?\*/|\b(?:_T|_?TEXT)\(|\b(?:u8|[LuUrRbBfF])(?=["']))*""",
    re.DOTALL,
)
_AROUND = 4000  # characters before and behind the cursor in which a text is looked for


def descriptor_hover(
    text: str, position: types.Position, unit: Unit, words: Vocabulary, *, markdown: bool
) -> types.Hover | None:
    """Who may do what by the SDDL that stands at the position; None if none does."""
    at = _offset(text, position, unit)
    if at is None:
        return None
    sddl = next((said for start, end, said in _texts(text, at) if start <= at <= end), "")
    if not looks_like_sddl(sddl):
        return None
    found = decode(sddl, words)
    if isinstance(found, Fault):
        said = f"{found.message}, so Windows refuses it"
    else:
        said = in_words(found, OBJECT, words)
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    title = "**Security descriptor**" if markdown else "Security descriptor"
    listed = "".join(f"\n- {part}" for part in said.split("; "))
    return types.Hover(types.MarkupContent(kind, f"{title}\n{listed}"))


def _texts(text: str, at: int) -> Iterator[tuple[int, int, str]]:
    """The texts near a place, adjacent literals as one: start, end, value."""
    first = text.rfind("\n", 0, max(0, at - _AROUND)) + 1
    start = end = -1
    value = ""
    for match in _LITERAL.finditer(text, first, min(len(text), at + _AROUND)):
        literal = next(group for group in match.groups() if group is not None)
        if end >= 0 and _BETWEEN.fullmatch(text, end, match.start()):
            value += literal
        else:
            if end >= 0:
                yield start, end, value
            start, value = match.start(), literal
        end = match.end()
    if end >= 0:
        yield start, end, value


def _offset(text: str, position: types.Position, unit: Unit) -> int | None:
    """Where a position of the editor is in the text; None if there is no such line."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    if position.line >= len(starts):
        return None
    start = starts[position.line]
    line = re.split(r"[\r\n]", text[start : start + _AROUND], maxsplit=1)[0]
    if unit == "characters":
        return start + min(position.character, len(line))
    encoding, size = ("utf-8", 1) if unit == "utf8" else ("utf-16-le", 2)
    before = line.encode(encoding, "surrogatepass")[: position.character * size]
    return start + len(before.decode(encoding, "replace"))
