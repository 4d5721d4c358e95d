"""How broken a source text is, so that an edit can be told from a good one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionzero.facts import Language
from sessionzero.frontends import extract

if TYPE_CHECKING:
    from tree_sitter import Node


def faults(text: str, language: Language) -> int:
    """How many places of a text aren't understood. Of Python, which libcst reads or doesn't, and of
    scripts and settings it is at most one for the whole file."""
    if language in ("c", "c++"):
        from sessionzero.frontends.c.front_end import syntax_tree

        return _errors(syntax_tree(text, language))
    return len(extract(text, language).problems)


def _errors(root: Node) -> int:
    """The ERROR nodes, and what the parser had to think of."""
    found, pending = 0, [root]
    while pending:
        node = pending.pop()
        found += node.is_error or node.is_missing
        pending += [child for child in node.children if child.has_error]
    return found
