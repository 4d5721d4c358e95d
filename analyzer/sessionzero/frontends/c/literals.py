"""The values of C and C++ literals, as the Microsoft compiler reads them."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\(?:(\r?\n)|x([0-9a-fA-F]+)|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL
)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def string(raw: str) -> str:
    """The value of one string literal with its prefix (``L"a\\\\b"``, ``LR"(a\\b)"``)."""
    prefix, _, rest = raw.partition('"')
    if prefix.endswith("R"):
        delimiter, _, content = rest.partition("(")
        return content.removesuffix(f'){delimiter}"')
    content = rest.removesuffix('"')
    return _ESCAPE.sub(_unescape, content) if "\\" in content else content


def character(raw: str) -> int | None:
    """The value of a character literal; several characters count as bytes, the first highest."""
    content = raw[raw.find("'") + 1 : -1]
    characters = _ESCAPE.sub(_unescape, content) if "\\" in content else content
    if len(characters) == 1:
        return ord(characters)
    if not 2 <= len(characters) <= 4 or not characters.isascii():
        return None
    return int.from_bytes(characters.encode(), "big")


def _unescape(match: re.Match[str]) -> str:
    line, hexadecimal, octal, short, long, other = match.groups()
    if line:
        return ""
    if other:
        # An escape that C doesn't know stands for its character: "Global\MyEvent" is GlobalMyEvent.
        return _SIMPLE.get(other, other)
    code = int(octal, 8) if octal else int(hexadecimal or short or long, 16)
    # Half a surrogate pair or a too large number is no text that could be stored.
    return "\N{REPLACEMENT CHARACTER}" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)
