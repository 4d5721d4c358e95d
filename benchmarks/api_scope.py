"""Which Windows names the rules know: the functions of their roles and constants of their pages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from analyzer_runs import Rule
from labels import Label, answers

RULES = Path(__file__).parent.parent / "rules"

_CONSTANT = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_SIGNATURE_LISTS = ("functions", "methods", "classes")


def in_scope(labels: Iterable[Label], rules: Collection[Rule]) -> tuple[Label, ...]:
    """The labels whose API a rule of their category reads.

    That is a function under one of the rule's roles in ``rules/apis``, with or without the suffix
    A or W, or a constant that the rule's page names.
    """
    by_rule = {rule.id: _names(rule) for rule in rules}
    return tuple(
        label
        for label in labels
        if any(
            answers(rule, label.category) and _plain(label.api) in names
            for rule, names in by_rule.items()
        )
    )


def _names(rule: Rule) -> frozenset[str]:
    pages = RULES.glob(f"{rule.id}-*.md")
    constants = (name for page in pages for name in _CONSTANT.findall(page.read_text("utf-8")))
    return frozenset((*constants, *(_plain(name) for name in _functions(rule.roles))))


def _functions(roles: Collection[str]) -> Iterator[str]:
    """The last words of the signatures under these roles: ``CWnd::MessageBox(…)``: MessageBox."""
    for file in sorted((RULES / "apis").glob("*.toml")):
        for group in tomllib.loads(file.read_text("utf-8")).get("group", ()):
            if group.get("role") in roles:
                for key in _SIGNATURE_LISTS:
                    for signature in group.get(key, ()):
                        yield re.split(r"::|\.", signature.partition("(")[0])[-1]


def _plain(name: str) -> str:
    """A name without the suffix of its variants: ``CreateEvent*`` and ``CreateEventW`` agree."""
    return re.sub(r"(?<=[a-z])[AW]$|\*$", "", name)
