"""Pieces of sources: ``.inc`` and ``.def`` are C or C++ if a source includes them; else they are of
PHP, an assembler, a linker, or anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sessionzero.facts import Language
from sessionzero.findings import Notice
from sessionzero.sources.files import SourceFile
from sessionzero.sources.text import SourceText

_SUFFIXES = (".inc", ".def")
_INCLUDES = re.compile(
    r"^[ \t]*#[ \t]*include[ \t]*[\"<]([^\">\n]*\.(?:inc|def))[\">]", re.M | re.I
)
_NATIVE: tuple[Language, ...] = ("c", "c++")


def is_piece(file: SourceFile) -> bool:
    """Whether a file only counts if another one includes it."""
    return file.path.lower().endswith(_SUFFIXES) and file.language in _NATIVE


def wanted(
    pieces: Sequence[SourceFile], sources: Iterable[SourceText | Notice]
) -> list[SourceFile]:
    """The pieces that some of the sources include, by the names of their files."""
    texts = [source for source in sources if isinstance(source, SourceText)] if pieces else []
    named = {name for text in texts for name in text.once(_names, _names)}
    return [file for file in pieces if _simple(file.path) in named]


def _names(text: str) -> frozenset[str]:
    return frozenset(_simple(path) for path in _included(text))


def _included(text: str) -> Iterator[str]:
    small = text.lower()
    if any(suffix in small for suffix in _SUFFIXES):
        yield from _INCLUDES.findall(text)


def _simple(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].lower()
