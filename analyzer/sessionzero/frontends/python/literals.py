"""The values of Python's string, bytes and integer literals."""

from __future__ import annotations

import re
import unicodedata

_PREFIX = re.compile(r"[A-Za-z]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BYTES_ESCAPE = r"(?P<simple>[\n\\'\"abfnrtv])|(?P<octal>[0-7]{1,3})|x(?P<x>[0-9a-fA-F]{2})"
_TEXT_ESCAPE = (
    rf"{_BYTES_ESCAPE}|u(?P<u>[0-9a-fA-F]{{4}})|U(?P<U>[0-9a-fA-F]{{8}})"
    r"|N\{(?P<name>[^}]{0,100})\}|(?P<broken>[uUN])"
)
_ESCAPES_OF_BYTES = re.compile(rf"\\(?:{_BYTES_ESCAPE}|(?P<broken>x))")
_ESCAPES_OF_TEXT = re.compile(rf"\\(?:{_TEXT_ESCAPE}|(?P<broken_x>x))")
_SIMPLE = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True)) | {"\n": ""}


def string_value(raw: str) -> str | None:
    """The value of a string or bytes literal with prefix and quotes (bytes as Latin-1).

    None if it has none: an escape that isn't one (``"\\x"``, ``"D:\\Users"`` in Python 2), or
    half of a surrogate pair, which no encoding could carry on.
    """
    start = len(string_prefix(raw))
    quotes = 3 if raw[start : start + 3] in ('"""', "'''") else 1
    return content_value(raw[start + quotes : -quotes], raw[:start])


def string_prefix(raw: str) -> str:
    """The letters before the opening quote."""
    match = _PREFIX.match(raw)
    return match[0] if match else ""


def content_value(content: str, prefix: str) -> str | None:
    """The value of what stands between the quotes of a literal with that prefix, or None."""
    if "\r" in content:  # Python reads every line end in a literal as \n
        content = content.replace("\r\n", "\n").replace("\r", "\n")
    prefix = prefix.lower()
    if "\\" in content and "r" not in prefix:
        escapes = _ESCAPES_OF_BYTES if "b" in prefix else _ESCAPES_OF_TEXT
        try:
            content = escapes.sub(_unescaped, content)
        except (ValueError, KeyError, OverflowError):
            return None
    return None if _SURROGATE.search(content) else content


def _unescaped(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    spelled = match[kind]
    match kind:
        case "simple":
            return _SIMPLE.get(spelled, spelled)
        case "octal":
            return chr(int(spelled, 8))
        case "name":
            return unicodedata.lookup(spelled)
        case "x" | "u" | "U":
            return chr(int(spelled, 16))
        case _:
            raise ValueError(spelled)


def integer_value(raw: str) -> int | None:
    """The value of an integer literal, or None if it is wider than 64 bits.

    Those hold every constant that means something to Windows, and serialised facts carry no more.
    """
    try:
        value = int(raw, 0)
    except ValueError:  # more digits than Python converts
        return None
    return value if value < 1 << 64 else None
