"""The name of a kernel object: which namespace it asks for, and whether it is well formed.

Source: "Kernel object namespaces" (learn.microsoft.com/windows/win32/termserv). The prefixes
``Global\\``, ``Local\\`` and ``Session\\`` are case sensitive, one backslash follows, and the rest
of the name holds no backslash.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

Namespace = Literal[
    "bare", "global", "local", "session", "malformed", "directory", "native", "empty"
]


class ObjectName(Struct, frozen=True):
    """A name taken apart. ``base`` is what follows the prefix, ``intended`` the well-formed
    prefix (``Global\\`` or ``Local\\``) that a malformed one was meant to be."""

    namespace: Namespace
    base: str
    intended: str = ""


_EXACT = re.compile(r"(Global|Local|Session)\\(?!\\)(.*)", re.DOTALL)
_MALFORMED = re.compile(
    r"\\{0,2}(?P<word>global|local)(?:(?P<separator>\s*[\\/:]+\s*|\s+\\+)(?P<base>.*)|$)",
    re.IGNORECASE | re.DOTALL,
)
_MISSPELT = re.compile(
    r"(?P<word>Globa|Globl|Gloabl|Golbal|Glabal|Globals|Locals|Loca|Lcoal|Locl)\\+(?P<base>.+)",
    re.IGNORECASE | re.DOTALL,
)


def parse(text: str, *, whole: bool) -> ObjectName:
    """Take a name apart; ``whole`` is false if only its beginning is known."""
    if not text:
        return ObjectName("empty", "")
    exact = _EXACT.match(text)
    if exact:
        return _prefixed(exact.group(1), exact.group(2), whole=whole)
    if text.startswith(("\\BaseNamedObjects\\", "\\Sessions\\", "\\\\.\\", "\\??\\")):
        return ObjectName("native", text)
    malformed = _MALFORMED.match(text)
    if malformed and (malformed["separator"] or whole):
        return _malformed(text, malformed)
    misspelt = _MISSPELT.match(text)
    if misspelt:
        return ObjectName("malformed", misspelt["base"], _intended(misspelt["word"]))
    if "\\" in text:
        return ObjectName("directory", text)
    return ObjectName("bare", text)


def _prefixed(prefix: str, base: str, *, whole: bool) -> ObjectName:
    if prefix == "Session":
        return ObjectName("session", base)
    if not base and whole:  # what follows is put behind it where it isn't seen
        return ObjectName("empty", "")
    return ObjectName("global" if prefix == "Global" else "local", base)


def _malformed(text: str, match: re.Match[str]) -> ObjectName:
    if not match["separator"]:
        return ObjectName("bare", text)  # an object that is called "Global" or "local"
    if match["word"] in ("Global", "Local") and match["separator"] == "\\\\":
        # Two backslashes: the second begins the rest of the name, which may hold none.
        return ObjectName("directory", match["base"], _intended(match["word"]))
    return ObjectName("malformed", match["base"], _intended(match["word"]))


def _intended(word: str) -> str:
    return "Local\\" if word.lower().startswith("l") else "Global\\"


_DESTROYED = re.compile(r"(?P<word>Global|Local)\\(?P<escape>[^\\\s].*)", re.DOTALL)


def destroyed_prefix(raw: str, value: str) -> str:
    """The prefix that a literal's spelling shows and its value has lost by an escape, else empty.

    ``raw`` is the spelling with prefix letters and quotes. ``L"Global\\tray"`` with one backslash
    is ``Global``, a tab, ``ray``; ``"Global\\My"`` in C is ``GlobalMy`` (MSVC warning C4129).
    """
    letters, quote, body = raw.partition('"' if '"' in raw else "'")
    if not quote or "r" in letters.lower():
        return ""
    match = _DESTROYED.match(body.rstrip("\"'"))
    if not match or _EXACT.match(value):
        return ""
    return f"{match['word']}\\"


def relies_on_unknown_escape(raw: str, value: str) -> bool:
    """True for a Python literal such as ``"Global\\My"`` with one backslash: ``\\M`` is no escape,
    so the backslash survives, with a warning since Python 3.12."""
    letters, quote, body = raw.partition('"' if '"' in raw else "'")
    if not quote or "r" in letters.lower():
        return False
    return bool(_DESTROYED.match(body.rstrip("\"'"))) and bool(_EXACT.match(value))
