"""Text for HTML and SVG: escaped, and without characters that XML can't hold."""

from __future__ import annotations

import re

from sessionzero.reporters.terminal import visible

_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
        "\ufffe": "�",
        "\uffff": "�",
    }
)
_QUOTED = re.compile(r"`([^`]+)`")


def escaped(text: str) -> str:
    """``text`` as it stands, in an element or an attribute, with nothing that acts on a reader."""
    return visible(text).translate(_ESCAPES)


def message(text: str) -> str:
    """A message, in which back quotes enclose what the user wrote, as HTML."""
    parts = _QUOTED.split(text)
    return "".join(
        f"<code>{escaped(part)}</code>" if number % 2 else escaped(part)
        for number, part in enumerate(parts)
    )


def link(address: str, text: str) -> str:
    """A link, or only its text where there is no page; rules of users have none."""
    shown = escaped(text)
    return f'<a href="{escaped(address)}">{shown}</a>' if address else shown
