"""Which text of a source is comment and which is code, in each language that has comments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from sessionzero.facts import Language
from sessionzero.frontends.c.mask import blank, mask

_LONE_CR = re.compile(rb"\r(?!\n)")  # the mask for C ends a comment only at a line feed

# Strings stand before comments, so that what looks like a comment in a string is none. A backslash
# protects a quote in raw strings too.
_PYTHON = (
    rb'"""(?:[^\\"]++|\\.|"[^\\"]|"\\.|""[^\\"]|""\\.)*+(?:"{3}|"{0,2}\Z)'
    rb"|'''(?:[^\\']++|\\.|'[^\\']|'\\.|''[^\\']|''\\.)*+(?:'{3}|'{0,2}\Z)"
    rb'|"(?:[^\\"\r\n]++|\\\r\n|\\.)*+"?'
    rb"|'(?:[^\\'\r\n]++|\\\r\n|\\.)*+'?"
    rb"|(?P<comment>\#[^\r\n]*)",
    re.DOTALL,
)
# ``rem`` is a command: it stands where one can begin. ``::`` is a label that nobody can jump to.
_BATCH = (
    rb"(?P<comment>(?:^|(?<=[\r&|(]))[ \t@]*(?:rem(?![^\s])|::)[^\r\n]*)"
    rb'|"[^"\r\n]*"?',
    re.IGNORECASE | re.MULTILINE,
)
_XML = (rb"(?P<comment><!--.*?(?:-->|\Z))", re.DOTALL)
_POWERSHELL = (
    rb"(?P<comment><\#.*?(?:\#>|\Z)|(?:^|(?<=[\s;{}()|]))\#[^\r\n]*)"
    rb'|"(?:`.|[^`"])*+"?'
    rb"|'[^']*+'?",
    re.DOTALL | re.MULTILINE,
)
_NSIS = (
    rb"(?P<comment>/\*.*?(?:\*/|\Z)|[;\#][^\r\n]*)"
    rb'|"(?:\$\\.|[^"\r\n])*+"?'
    rb"|'(?:\$\\.|[^'\r\n])*+'?"
    rb"|`(?:\$\\.|[^`\r\n])*+`?",
    re.DOTALL,
)
_VBSCRIPT = (
    rb"(?P<comment>'[^\r\n]*|(?:^|(?<=[\r:]))[ \t]*rem(?![^\s])[^\r\n]*)" rb'|"[^"\r\n]*"?',
    re.IGNORECASE | re.MULTILINE,
)
# A comment of Inno Setup, of registry files and of wrapper.conf stands alone; the code of Inno
# Setup is Pascal, whose comments may stand anywhere.
_INNO = (
    rb"(?P<comment>^[ \t]*(?:;|//)[^\r\n]*|//[^\r\n]*$)" rb'|"[^"\r\n]*"?' rb"|'[^'\r\n]*'?",
    re.MULTILINE,
)
_INF = (rb"(?P<comment>;[^\r\n]*)" rb'|"[^"\r\n]*"?', re.NOFLAG)
_HASH = (rb"(?P<comment>^[ \t]*\#[^\r\n]*)", re.MULTILINE)

_WRITTEN: Mapping[Language, tuple[bytes, re.RegexFlag]] = MappingProxyType(
    {
        "python": _PYTHON,
        "batch": _BATCH,
        "inf": _INF,
        "inno": _INNO,
        "msi": _XML,
        "nsis": _NSIS,
        "powershell": _POWERSHELL,
        "reg": _INF,
        "vbscript": _VBSCRIPT,
        "wix": _XML,
        "wrapper": _HASH,
        "xml": _XML,
    }
)


@cache
def _pattern(language: Language) -> re.Pattern[bytes] | None:
    """What finds comments and strings; none for a language that has no comments. Compiled on first
    use: a run meets few of the languages."""
    written = _WRITTEN.get(language)
    return None if written is None else re.compile(*written)


def without_comments(data: bytes, language: Language) -> bytes:
    """The source in UTF-8 with a blank for each byte of a comment: same length, same lines."""
    if language in ("c", "c++"):
        return mask(_LONE_CR.sub(b"\n", data)).code
    pattern = _pattern(language)
    return data if pattern is None else pattern.sub(_blank_comment, data)


def _blank_comment(match: re.Match[bytes]) -> bytes:
    return match[0] if match["comment"] is None else blank(match[0])
