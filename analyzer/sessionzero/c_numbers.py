"""Integer literals of C and C++."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|(?P<dec>[1-9][0-9]*)|(?P<oct>0[0-7]*))"
    r"(?:[uUlLzZ]{0,3}|[uU]?[iI](?:8|16|32|64|128))"
)
_BASES = {"hex": 16, "bin": 2, "dec": 10, "oct": 8}
_LARGEST = 1 << 64  # facts hold 64-bit integers
_MAXIMUM_DIGITS = 80


def number(raw: str) -> int | None:
    """The value of an integer literal; None for a floating one and for what isn't a number."""
    if raw.isdecimal() and (raw[0] != "0" or raw == "0") and len(raw) < 19:
        return int(raw)
    if raw > ":":  # it begins with a letter, as most macros do
        return None
    match = _NUMBER.fullmatch(raw.replace("'", ""))
    if not match or len(raw) > _MAXIMUM_DIGITS or match.lastgroup is None:
        return None
    value = int(match[match.lastgroup], _BASES[match.lastgroup])
    return value if value < _LARGEST else None
