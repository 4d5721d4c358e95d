"""What a session has once (input, clipboard, screen, atoms …), used by a service: one finding for
each function, however many calls it makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct

from sessionzero.checks.reporting import finding
from sessionzero.findings import Finding, Level, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.units import Func
from sessionzero.link.names.sites import Site
from sessionzero.program import Program, Proof

_SHOWN = 4  # further calls that a finding names


class Use(Struct, frozen=True):
    """The first of a function's calls that a service runs, the proof, and where the others are."""

    site: Site
    proof: Proof
    others: tuple[Note, ...]


def use_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """The first call, in each function, of something with one of the rule's roles."""
    sites = (s for s in program.service_sites(*rule.roles) if not s.api.effect.startswith("ok"))
    yield from first_uses(program, rule, sites)


def first_uses(program: Program, rule: Rule, sites: Iterable[Site]) -> Iterator[Finding]:
    """A finding for the first of the sites in each function, those that the service runs."""
    for use in in_each_function(program, sites):
        yield finding(program, rule, use.site, proof=use.proof, related=use.others)


def first_uses_unless_shared(
    program: Program, rule: Rule, sites: Iterable[Site]
) -> Iterator[Finding]:
    """As :func:`first_uses`; but where a program that users start runs the same function, the call
    is right there, and the service may know to do without: a note."""
    for use in in_each_function(program, sites):
        shared = program.context.also_by_hand(use.site.func)
        level: Level = "note" if shared else rule.level
        yield finding(program, rule, use.site, proof=use.proof, level=level, related=use.others)


def in_each_function(program: Program, sites: Iterable[Site]) -> Iterator[Use]:
    """The sites that the service runs, put together by function; the first stands for all."""
    found: dict[Func, list[tuple[Site, Proof]]] = defaultdict(list)
    for site in sites:
        proof = program.service_proof(site)
        if proof is not None:
            found[site.func].append((site, proof))
    for (first, proof), *others in found.values():
        notes = (
            Note(program.place(site.spot), f"`{program.written(site)}` is called too")
            for site, _ in others[:_SHOWN]
        )
        yield Use(first, proof, tuple(notes))
