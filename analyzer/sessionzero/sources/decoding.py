"""The bytes of a source file as text: marks, cookies, UTF-16, and code pages by their letters.

A wrong code page isn't only a matter of looks. In the East Asian ones the second byte of a
character may be a backslash, which read as Latin-1 continues a comment or quotes a quote; and
read the other way round, ``é"`` loses its quote. So a file is taken for East Asian only if the
common characters of that page explain it better than Western or Cyrillic letters do. General
detectors are made for prose: of 293 files of real services that aren't UTF-8, nearly all hold a
lone ``©`` or ``’``, and charset-normalizer 3.5 calls more than half of them Japanese.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

from sessionzero.facts import Language

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins as that one does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII = bytes(range(0x80))
_SAMPLE = 1 << 16  # bytes that a guess looks at
_CONTROLS = re.compile(r"[\0-\x08\x0e-\x19\x1b-\x1f]")  # ^Z ended files of CP/M and DOS

_COOKIE = re.compile(
    rb"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n))??[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)"
)
# What a file means must not depend on the machine: these are "the code page of this computer".
_LOCAL_CODECS = frozenset({"ansi", "dbcs", "mbcs", "oem"})
_ASCII_PROBE = b"\t\n\r !\"#$%&'()*+,-./09:;<=>?@AZ[\\n]^_`az{|}~"

# Characters of two bytes: the ones that make up most of a text, then any of the page.
_EAST_ASIAN: Mapping[str, re.Pattern[bytes]] = {
    name: re.compile(rb"(%s)|(%s|[\x80-\xff])" % (common, others), re.DOTALL)
    for name, common, others in (
        (  # Hangul syllables
            "cp949",
            rb"[\xa1-\xa3\xb0-\xc8][\xa1-\xfe]",
            rb"[\x81-\xfe][\x41-\x5a\x61-\x7a\x81-\xfe]",
        ),
        (  # kana, and kanji of level 1
            "cp932",
            rb"\x81[\x40-\xac]|\x82[\x4f-\xf1]|\x83[\x40-\x96]|[\x88-\x97][\x40-\x7e\x80-\xfc]",
            rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]",
        ),
        (  # simplified characters of level 1
            "gbk",
            rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]",
            rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]",
        ),
        (  # traditional characters of level 1
            "big5",
            rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]",
            rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]",
        ),
    )
}
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_CYRILLIC_WORD = re.compile(rb"[\xa8\xb8\xc0-\xff]{3,}")


def decode(data: bytes, language: Language) -> tuple[str, str] | None:
    """The text, without its byte order mark, and the name of the encoding; None if it is binary.

    Bytes that the encoding doesn't know become U+FFFD: they never lose the rest of the file.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            return None if "\0" in text else (text, encoding)
    if b"\0" in data:
        return _unmarked_utf16(data)
    if language == "python" and (declared := _by_cookie(data)):
        return declared
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _guess(data)
        return data.decode(encoding, "replace"), encoding


def _unmarked_utf16(data: bytes) -> tuple[str, str] | None:
    """Text whose every second byte is mostly NUL, as ASCII letters are in UTF-16."""
    sample = data[:_SAMPLE]
    for encoding, letters in (("utf-16-le", 0), ("utf-16-be", 1)):
        zeros = sample[1 - letters :: 2].count(0)
        if zeros >= len(sample) / 4 and not sample[letters::2].count(0):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                return None
            return None if _CONTROLS.search(text) else (text, encoding)
    return None


def _by_cookie(data: bytes) -> tuple[str, str] | None:
    """The text as its PEP 263 cookie has it; None if there is no cookie, or a wrong one."""
    match = _COOKIE.match(data)
    name = match[1].decode("ascii").lower() if match else ""
    if not name or name in _LOCAL_CODECS:
        return None
    try:
        codec = codecs.lookup(name).name
        # A codec that changes ASCII (utf-7, unicode_escape, rot13) would move every offset.
        if _ASCII_PROBE.decode(codec) != _ASCII_PROBE.decode("ascii"):
            return None
        return data.decode(codec), codec
    except (LookupError, ValueError):
        return None


def _guess(data: bytes) -> str:
    """The encoding of text that isn't UTF-8 throughout."""
    lines = b"\n".join(line for line in data.splitlines() if not line.isascii())[:_SAMPLE]
    high_bytes = _count_high_bytes(lines)
    # A few spoilt bytes, or a line pasted from elsewhere, in a text that is UTF-8 else.
    if _count_high_bytes(lines.decode("utf-8", "ignore").encode()) >= 0.75 * high_bytes:
        return "utf-8"
    # The first of equals wins: a page of single bytes can't swallow a quote or a backslash.
    scores = {
        "cp1252": len(_ALONE.findall(lines)) / high_bytes,
        "cp1251": sum(map(len, _CYRILLIC_WORD.findall(lines))) / high_bytes,
        **{name: _share_of_common(pattern, lines) for name, pattern in _EAST_ASIAN.items()},
    }
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= 0.7 else "cp1252"


def _count_high_bytes(lines: bytes) -> int:
    return len(lines.translate(None, _ASCII))


def _share_of_common(pattern: re.Pattern[bytes], lines: bytes) -> float:
    """Of the characters beyond ASCII, how many are among the common ones of the page."""
    characters = pattern.findall(lines)
    return sum(1 for common, _ in characters if common) / len(characters)
