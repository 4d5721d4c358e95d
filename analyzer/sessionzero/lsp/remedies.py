"""How a finding is mended where no edit can do it: the remedy of its rule, sketched in code."""

from __future__ import annotations

import re

from lsprotocol import types

from sessionzero.knowledge.rules import by_heading, fences
from sessionzero.report import RuleInfo

REMEDY = "sessionzero.lsp.remedy"
"""The command that shows how findings of a rule are mended, and gives it back as Markdown."""

_HEADING = "Remedy"
_CODE = re.compile(r"^```.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^(?=.)", re.MULTILINE)


def remedy(rule: RuleInfo) -> str:
    """The remedy of a rule as its page has it: what to do, and code that shows it."""
    return "\n".join(by_heading(rule.markdown.split("\n"))[_HEADING]).strip()


def plain(markdown: str) -> str:
    """The same for who shows no Markdown: code is indented instead of fenced."""
    return _CODE.sub(lambda code: _LINE.sub("    ", code[1]).rstrip("\n"), markdown)


def place_in_page(page: str) -> types.Range:
    """Where the remedy stands in the text of a page, from its heading to the end of the section."""
    fenced, first, lines = False, 0, page.splitlines()
    for number, line in enumerate(lines):
        fenced ^= fences(line)
        if line.startswith("## ") and not fenced:
            if first:
                return _lines(first, number - 1)
            first = number if line == f"## {_HEADING}" else 0
    return _lines(first, len(lines))


def _lines(first: int, last: int) -> types.Range:
    return types.Range(types.Position(first, 0), types.Position(last, 0))
