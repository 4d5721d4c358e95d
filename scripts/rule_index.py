"""Writes the table of rules in ``rules/README.md`` from the pages."""

from __future__ import annotations

import re
from pathlib import Path

from sessionzero.knowledge.pages import load_rules
from sessionzero.knowledge.rules import Rule

INDEX = Path(__file__).parent.parent / "rules" / "README.md"
_TABLE = re.compile(r"\| rule \|.*\n\|[-|]+\|\n(\| \[SZ.*\n)*")


def table(rules: tuple[Rule, ...]) -> str:
    """The rules as a table in Markdown, with links to their pages beside it."""
    rows = (
        f"| [{rule.id}]({rule.id}-{rule.name}.md) | {rule.title} | {rule.level} | {rule.trust} |\n"
        for rule in rules
    )
    return "".join(("| rule | what is wrong | level | trust |\n|---|---|---|---|\n", *rows))


def with_table(text: str, rules: tuple[Rule, ...]) -> str:
    """The text of the index with its table as it should be."""
    return _TABLE.sub(lambda _: table(rules), text, count=1)


def main() -> None:
    """Write the index anew."""
    text = with_table(INDEX.read_text(encoding="utf-8"), load_rules())
    INDEX.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
