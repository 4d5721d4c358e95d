"""The front-end of build files: which format a name means; a text in, its targets out."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from sessionzero.facts import FileFacts
from sessionzero.frontends.builds.draft import Refused, facts

# By the whole name, else by its suffix, in lower case; all other names are those of makefiles.
_BY_NAME = {
    "cmakelists.txt": "builds.cmake",
    "compile_commands.json": "builds.compile_commands",
    "meson.build": "builds.meson",
    "pyproject.toml": "builds.python_metadata",
    "setup.cfg": "builds.python_metadata",
}
_BY_SUFFIX = {
    ".cmake": "builds.cmake",
    ".spec": "python.pyinstaller",
    ".vcproj": "builds.msbuild",
    ".vcxproj": "builds.msbuild",
}


MAX_TEXT = 1 << 21  # characters; the longest of 44 real projects has a sixth of that


class Reader(Protocol):
    """What the module of a format offers."""

    def read(self, text: str, name: str) -> FileFacts: ...


def extract(text: str, name: str) -> FileFacts:
    """The targets of a build file. ``name`` is that of the file, without folder: it says what the
    format is, and in some formats what the product is called. Never raises on a bad file."""
    if len(text) > MAX_TEXT and name.lower() != "compile_commands.json":
        return facts(text, (), Refused("no build file is that long", 0, "partial"))
    lower = name.lower()
    module = _BY_NAME.get(lower) or _BY_SUFFIX.get(lower[lower.rfind(".") :], "builds.make")
    reader = cast(Reader, import_module(f"sessionzero.frontends.{module}"))
    try:
        return reader.read(text, name)
    except Refused as refused:
        return facts(text, (), refused)
