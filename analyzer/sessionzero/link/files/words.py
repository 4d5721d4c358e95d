"""The words that an identifier is made of."""

from __future__ import annotations

import re
from functools import lru_cache

MANY = 1 << 14
"""How many identifiers are kept, with what their words say: programs use the same again and
again."""

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


@lru_cache(MANY)
def words(identifier: str) -> tuple[str, ...]:
    """``g_bRunAsService`` → g, b, run, as, service."""
    return tuple([word.lower() for word in _WORDS.findall(identifier)])
