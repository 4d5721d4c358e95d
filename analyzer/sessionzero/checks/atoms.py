"""Global atoms, which are global to a window station only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sessionzero.checks.reporting import finding
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.uses.sides import End, end_of


def atom_across_sessions(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each global atom that a service adds or looks for, and a user's program too."""
    uses: dict[str, list[tuple[Site, End, str]]] = defaultdict(list)
    for site in program.sites(*rule.roles) if program.has_service else ():
        for known in program.value(site, "name").texts:
            if known.exact and known.text:  # names of atoms have no case: "GlobalAddAtomW"
                end = end_of(program, site, "name", known)
                uses[known.text.casefold()].append((site, end, known.text))
    for same in uses.values():
        elsewhere = tuple(
            Note(program.place(end.spot), f"a user's program uses it too, by `{site.api.name}`")
            for site, end, _ in same
            if end.side == "client"
        )
        for site, end, name in same if elsewhere else ():
            if end.in_service:
                words = {"name": name}
                yield finding(
                    program, rule, site, proof=end.proof, related=elsewhere[:4], words=words
                )
