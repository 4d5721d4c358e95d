"""What a terminal can show: its width, colours, line-drawing characters, and safe text."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Style = Literal["error", "warning", "note", "strong", "faint", "help"]

_SGR: Mapping[Style, str] = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "strong": "1",
    "faint": "90",
    "help": "1;32",
}
# Controls, format characters (the bidirectional ones reorder what is read), line and paragraph
# separators, surrogates: what a hostile file could use to drive or deceive a terminal.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Terminal(Struct, frozen=True):
    """Where the text goes: ``width`` in cells, ``unicode`` if it can show line drawing."""

    colour: bool = False
    width: int = 100
    unicode: bool = True


class Glyphs(Struct, frozen=True):
    """The characters that draw a frame."""

    rail: str
    top: str
    branch: str
    corner: str
    underline: str
    ellipsis: str


_UNICODE = Glyphs(rail="│", top="╭─", branch="├─", corner="╰─", underline="━", ellipsis="…")
_ASCII = Glyphs(rail="|", top=".-", branch="|-", corner="`-", underline="^", ellipsis="...")


def glyphs(terminal: Terminal) -> Glyphs:
    """The line-drawing characters that the terminal can show."""
    return _UNICODE if terminal.unicode else _ASCII


def paint(terminal: Terminal, style: Style, text: str) -> str:
    """``text`` in a style, unchanged where the terminal has no colours."""
    return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if terminal.colour and text else text


def visible(text: str) -> str:
    """``text`` with each character that would act on a terminal spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible_character, text))


def cells(text: str) -> int:
    """How many cells of a terminal ``text`` takes; it holds no control characters."""
    if text.isascii():
        return len(text)
    return sum(map(_character_cells, text))


def _visible_character(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # control pictures: ESC becomes ␛
    return "␡" if code == 0x7F else f"<U+{code:04X}>"


def _character_cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0  # combining marks; vowels and finals that join a Hangul syllable
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
