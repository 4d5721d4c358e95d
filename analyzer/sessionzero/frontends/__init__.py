"""The front-ends by language: source text in, facts out. They know syntax and no Windows API."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from sessionzero.facts import SCRIPTS, FileFacts, Language, Script

if TYPE_CHECKING:
    from sessionzero.frontends.scripts.draft import Draft

VERSION = "31"
"""Part of every cache key: raise it whenever the same source gives different facts."""

FRONTENDS: dict[Language, str] = {
    "c": "c.front_end",
    "c++": "c.front_end",
    "python": "python.front_end",
    "batch": "scripts.batch",
    "build": "builds.front_end",
    "dfm": "scripts.dfm",
    "inf": "scripts.inf",
    "inno": "scripts.inno",
    "msi": "scripts.msi",
    "nsis": "scripts.nsis",
    "powershell": "scripts.powershell",
    "reg": "scripts.registry_file",
    "vbscript": "scripts.vbscript",
    "wix": "scripts.wix",
    "wrapper": "scripts.wrapper_settings",
    "xml": "scripts.xml_settings",
}


class FrontEnd(Protocol):
    """What the modules for program code offer. That of build files gets a name, since nothing in a
    text says surely whether it is a makefile."""

    def extract(self, text: str, language: Language) -> FileFacts: ...


class BuildFrontEnd(Protocol):
    """What the front-end of build files offers."""

    def extract(self, text: str, name: str) -> FileFacts: ...


class ScriptFrontEnd(Protocol):
    """What the modules for scripts and files of settings offer."""

    def read(self, draft: Draft) -> None: ...


def extract(text: str, language: Language, path: str = "") -> FileFacts:
    """The facts of a source text. Never raises on bad source: what isn't understood is a Problem.

    Of the path only the name of the file counts, and only of a build file (:func:`dialect`). The
    front-end is imported on first use, since a parser costs more than a small scan.
    """
    module = import_module(f"{__name__}.{FRONTENDS[language]}")
    if language == "build":
        return cast(BuildFrontEnd, module).extract(text, path.rpartition("/")[2])
    if language in SCRIPTS:
        from sessionzero.frontends.scripts.draft import read_script

        script = cast(Script, language)
        return read_script(text, script, cast(ScriptFrontEnd, module).read)
    return cast(FrontEnd, module).extract(text, language)


def dialect(language: Language, path: str) -> str:
    """What decides, beside the text, on the facts of a file: part of its cache key."""
    return f"build {path.rpartition('/')[2]}" if language == "build" else language
