"""The examples of a rule page: little programs, each found or silent as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from msgspec import Struct

from sessionzero.errors import SessionZeroError
from sessionzero.facts import Language
from sessionzero.knowledge.rules import Rule, fences, section

_KINDS: Mapping[str, bool] = {"### Found: ": False, "### Silent: ": True}
_NAMES: Mapping[str, str] = {
    "batch": "example.bat",
    "c": "example.c",
    "c++": "example.cpp",
    "dfm": "example.dfm",
    "inf": "example.inf",
    "inno": "example.iss",
    "msi": "example.idt",
    "nsis": "example.nsi",
    "powershell": "example.ps1",
    "python": "example.py",
    "reg": "example.reg",
    "vbscript": "example.vbs",
    "wix": "example.wxs",
    "wrapper": "wrapper.conf",
    "xml": "example.xml",
}

_BUILD = "cmake"  # what a build file of a program of several files is marked as


class ExampleFile(Struct, frozen=True):
    """One file of an example: a path relative to the example, and its text."""

    name: str
    text: str


class Example(Struct, frozen=True):
    """A program of one or more files; ``silent`` ones must give no finding at all."""

    title: str
    silent: bool
    language: Language
    files: tuple[ExampleFile, ...]


class _Block(Struct, frozen=True):
    """A fenced block as written: its language, its file name if it has one, its text."""

    language: Language
    name: str
    text: str


def examples(rule: Rule) -> tuple[Example, ...]:
    """The examples of the page, in its order.

    A block without a file name is a program of its own; the blocks with file names under one
    heading are one program. Raises :class:`SessionZeroError` for a heading that says neither
    ``Found:`` nor ``Silent:``, and for a block in another language.
    """
    return tuple(
        Example(title=title, silent=silent, language=group[0].language, files=_files(group))
        for title, silent, blocks in _headings(rule)
        for group in _programs(blocks)
    )


def _headings(rule: Rule) -> Iterator[tuple[str, bool, tuple[_Block, ...]]]:
    """Each ``###`` heading of the examples: its title, whether it is silent, its blocks."""
    heading, lines, fenced = "", list[str](), False
    for line in (*section(rule, "Examples"), "### "):
        fenced ^= fences(line)
        if line.startswith("### ") and not fenced:
            if heading:
                title, silent = _title(rule, heading)
                yield title, silent, tuple(_blocks(rule, lines))
            heading, lines = line, []
        else:
            lines.append(line)


def _title(rule: Rule, heading: str) -> tuple[str, bool]:
    for start, silent in _KINDS.items():
        if heading.startswith(start):
            return heading.removeprefix(start), silent
    raise SessionZeroError(
        f"{rule.id}: '{heading}' must begin with '### Found: ' or '### Silent: '"
    )


def _blocks(rule: Rule, lines: list[str]) -> Iterator[_Block]:
    language, name, text = "", "", list[str]()
    for line in lines:
        if not fences(line):
            text.append(line)
        elif language:
            yield _Block(cast(Language, language), name, "\n".join(text) + "\n")
            language = ""
        else:
            language, _, name = line.removeprefix("```").strip().partition(" ")
            text = []
            if language == _BUILD and name:
                language = "build"
            elif language not in rule.languages:
                known = ", ".join(rule.languages)
                raise SessionZeroError(f"{rule.id}: example in '{language}'; there are {known}")


def _programs(blocks: tuple[_Block, ...]) -> Iterator[tuple[_Block, ...]]:
    named = tuple(block for block in blocks if block.name)
    if named:
        yield named
    yield from ((block,) for block in blocks if not block.name)


def _files(blocks: tuple[_Block, ...]) -> tuple[ExampleFile, ...]:
    return tuple(
        ExampleFile(name=block.name or _NAMES[block.language], text=block.text) for block in blocks
    )
