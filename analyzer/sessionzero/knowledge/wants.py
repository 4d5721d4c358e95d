"""What an example wants: `// want SZUI001 SZNAME001:note` at the end of a line.

Scripts have the comments of their languages. Where a comment can only stand alone, it says
`want-below`, and speaks of the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule

_COMMENT = re.compile(r"(?://|#|;|'|<!--|\brem)\s*(wants?\b.*?)(?:\s*-->|')?$")
_WANT = re.compile(r"want(?:-below)?( [A-Z]{2,}\d{3}(:(error|warning|note))?)+")


class Want(Struct, frozen=True, order=True):
    """A finding at a place, wanted or found: path, 1-based line, rule and level."""

    path: str
    line: int
    rule: str
    level: str


def wants(files: Mapping[str, str], rules: Iterable[Rule]) -> list[Want]:
    """All that the comments of ``files`` (path → text) want, sorted.

    A want without a level wants the level of its rule's page. Raises ``ValueError`` for a comment
    that begins like a want and is none, so that a slip of the pen can't switch a test off.
    """
    levels = {rule.id: rule.level for rule in rules}
    return sorted(
        Want(path=path, line=number + below, rule=rule, level=level or levels[rule])
        for path, text in files.items()
        for number, line in enumerate(text.split("\n"), start=1)
        for below, rule, level in _wanted(f"{path}:{number}", line)
    )


def named(files: Mapping[str, str], rules: Iterable[Rule]) -> frozenset[str]:
    """The ids of the rules that the comments of ``files`` name: the pedantic ones among them are
    looked for, as if a user had named them."""
    return frozenset(want.rule for want in wants(files, rules))


def found(findings: Iterable[Finding], files: Mapping[str, str]) -> list[Want]:
    """The findings in the form of wants, sorted: the line is the one where the place starts."""
    return sorted(
        Want(
            path=finding.place.path,
            line=files[finding.place.path].encode()[: finding.place.start].count(b"\n") + 1,
            rule=finding.rule,
            level=finding.level,
        )
        for finding in findings
    )


def _wanted(where: str, line: str) -> list[tuple[int, str, str]]:
    """What one line wants: how many lines below it, the rule, and the level (or empty)."""
    comment = _COMMENT.search(line)
    if comment is None:
        return []
    if not _WANT.fullmatch(comment[1]):
        raise ValueError(
            f"{where}: '{comment[1]}' should read 'want SZUI001' or 'want SZUI001:note'"
        )
    word, *items = comment[1].split()
    below = int(word == "want-below")
    return [(below, rule, level) for rule, _, level in (it.partition(":") for it in items)]
