"""Reads the pages of the rules from ``rules/``."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from sessionzero.errors import SessionZeroError
from sessionzero.knowledge import rules
from sessionzero.knowledge.compiled import BesideByteCode
from sessionzero.knowledge.packs import content_key, files_of, recall, rules_directory
from sessionzero.knowledge.rules import Rule, collect


class Rules(Struct, frozen=True):
    """The rules, as they are kept."""

    all: tuple[Rule, ...]


@cache
def load_rules() -> tuple[Rule, ...]:
    """All rules, sorted by id. Raises :class:`SessionZeroError` for a page that is wrong."""
    directory = str(rules_directory())
    try:
        pages = files_of(directory, "SZ", ".md")
    except OSError as error:
        raise SessionZeroError(f"{directory}: can't be read: {error}") from error
    key = content_key(pages, (__file__, rules.__file__), (Rule,))
    return recall(BesideByteCode("rules"), key, lambda: _collected(pages), Rules).all


def _collected(pages: list[tuple[str, bytes]]) -> Rules:
    texts = []
    for name, data in pages:
        try:
            texts.append((name, data.decode().replace("\r\n", "\n")))
        except UnicodeDecodeError as error:
            raise SessionZeroError(f"{name}: can't be read: {error}") from error
    return Rules(collect(texts))
