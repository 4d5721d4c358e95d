"""How often each rule speaks on real repositories: a table in Markdown, by level.

``python benchmarks/per_rule.py repos/*``: a directory that is analysed as a whole each.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from analyzer_runs import Finding, RunError, check, known_rules


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. The exit code is 2 if a repository could not be analysed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--cache", action="store_true", help="use the cache of parsed files")
    given = parser.parse_args(arguments)
    rules = [rule.id for rule in known_rules()]
    found: dict[str, tuple[Finding, ...]] = {}
    failed = 0
    for folder in given.folders:
        try:
            found[folder.name] = check(folder, rules=frozenset(rules), cache=given.cache)
        except RunError as error:
            failed += 1
            print(f"{folder}: {error}", file=sys.stderr)
    print(f"{len(found)} repositories, {sum(map(len, found.values()))} findings\n")
    print("\n".join(table(rules, found)))
    return 2 if failed else 0


def table(rules: Sequence[str], found: Mapping[str, Sequence[Finding]]) -> list[str]:
    """The lines of the table: each rule that was found, its findings by level, and in how many
    repositories; and a last line with the rules that were not."""
    levels = Counter((it.rule, it.level) for items in found.values() for it in items)
    spread = Counter(rule for items in found.values() for rule in {it.rule for it in items})
    lines = ["| rule | errors | warnings | notes | repositories |", "|---|---|---|---|---|"]
    for rule in rules:
        if spread[rule]:
            counts = (levels[rule, level] for level in ("error", "warning", "note"))
            lines.append(f"| {rule} | {' | '.join(map(str, counts))} | {spread[rule]} |")
    silent = [rule for rule in rules if not spread[rule]]
    return [*lines, "", f"Not found: {', '.join(silent) or 'none'}."]


if __name__ == "__main__":
    sys.exit(main())
