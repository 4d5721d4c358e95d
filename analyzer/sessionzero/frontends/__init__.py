"""The front-ends by language: source text in, facts out. They know syntax and no Windows API."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from sessionzero.facts import FileFacts, Language

VERSION = "7"
"""Part of every cache key: raise it whenever the same source gives different facts."""

FRONTENDS: dict[Language, str] = {
    "c": "c_family",
    "c++": "c_family",
    "python": "python",
    "batch": "batch",
    "build": "build",
}


class FrontEnd(Protocol):
    """What each module of the table offers, but that of build files: its second argument is a
    name, since nothing in a text says surely whether it is a makefile."""

    def extract(self, text: str, language: Language) -> FileFacts: ...


class BuildFrontEnd(Protocol):
    """What the front-end of build files offers."""

    def extract(self, text: str, name: str) -> FileFacts: ...


def extract(text: str, language: Language, path: str = "") -> FileFacts:
    """The facts of a source text. Never raises on bad source: what isn't understood is a Problem.

    Of the path only the name of the file counts, and only of a build file (:func:`dialect`). The
    front-end is imported on first use, since a parser costs more than a small scan.
    """
    module = import_module(f"{__name__}.{FRONTENDS[language]}")
    if language == "build":
        return cast(BuildFrontEnd, module).extract(text, path.rpartition("/")[2])
    return cast(FrontEnd, module).extract(text, language)


def dialect(language: Language, path: str) -> str:
    """What decides, beside the text, on the facts of a file: part of its cache key."""
    return f"build {path.rpartition('/')[2]}" if language == "build" else language
