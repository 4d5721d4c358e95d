"""The front-ends by language: source text in, facts out. They know syntax and no Windows API."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from sessionzero.facts import FileFacts, Language

VERSION = "5"
"""Part of every cache key: raise it whenever the same source gives different facts."""

FRONTENDS: dict[Language, str] = {
    "c": "c_family",
    "c++": "c_family",
    "python": "python",
    "batch": "batch",
}


class FrontEnd(Protocol):
    """What each module of the table offers."""

    def extract(self, text: str, language: Language) -> FileFacts: ...


def extract(text: str, language: Language) -> FileFacts:
    """The facts of a source text. Never raises on bad source: what isn't understood is a Problem.

    The front-end is imported on first use, since a parser costs more than a small scan.
    """
    module = import_module(f"{__name__}.{FRONTENDS[language]}")
    return cast(FrontEnd, module).extract(text, language)
