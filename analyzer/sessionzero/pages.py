"""Reads the pages of the rules from ``rules/``."""

from __future__ import annotations

from functools import cache

from sessionzero.errors import SessionZeroError
from sessionzero.packs import rules_directory
from sessionzero.rules import Rule, collect


@cache
def load_rules() -> tuple[Rule, ...]:
    """All rules, sorted by id. Raises :class:`SessionZeroError` for a page that is wrong."""
    pages = []
    for file in sorted(rules_directory().glob("SZ*.md")):
        try:
            pages.append((file.name, file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise SessionZeroError(f"{file.name}: can't be read: {error}") from error
    return collect(pages)
