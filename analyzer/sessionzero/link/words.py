"""The words that an identifier is made of."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def words(identifier: str) -> list[str]:
    """``g_bRunAsService`` → g, b, run, as, service."""
    return [word.lower() for word in _WORDS.findall(identifier)]
