"""Secrets that one account keeps and another one wants to read."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import finding, words_of
from sessionzero.facts import Sequence
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import item_named
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.program import Program
from sessionzero.uses.sides import End, end_at


def user_secret(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each secret that one end protects for its own account and the other end, which is another
    account's, reads: data protected without the flags ``exclude-flags``, and credentials of one
    name."""
    yield from _protected(program, rule)
    yield from _credentials(program, rule)


def _protected(program: Program, rule: Rule) -> Iterator[Finding]:
    sites = [site for site in program.sites(*rule.roles) if site.api.kind == "unprotect"]
    ends = [end_at(program, site) for site in sites]
    constants = program.catalog.constants
    machine = sum(constants[flag] for flag in words_of(rule, "exclude-flags"))
    for site in program.sites(*rule.roles):
        if site.api.kind != "protect" or program.value(site, "flags").has_bits(machine):
            continue
        mine = end_at(program, site)
        readers = [end for end in ends if _opposite(mine, end)]
        if readers and not any(_same_account(mine, end) for end in ends):
            words = {"text": "CryptUnprotectData"}
            yield _secret(program, rule, site, mine, readers, words)


def _same_account(mine: End, other: End) -> bool:
    return mine.side == other.side


def _opposite(mine: End, other: End) -> bool:
    """One end in the service alone, the other only where a user runs it, and not as that user."""
    if any(end.context.runs_as_user(end.func) for end in (mine, other)):
        return False
    return {mine.side, other.side} == {"service", "client"} and not (mine.by_hand and other.by_hand)


def _credentials(program: Program, rule: Rule) -> Iterator[Finding]:
    sites = program.sites(*rule.roles)
    written = [
        (known.text, end_at(program, site))
        for site in sites
        if site.api.kind == "credential-write"
        for known in _target(program, site)
    ]
    for site in sites:
        if site.api.kind != "credential-read":
            continue
        mine = end_at(program, site)
        for known in _target(program, site):
            writers = [end for text, end in written if text == known.text]
            others = [end for end in writers if _opposite(mine, end)]
            if others and not any(_same_account(mine, end) for end in writers):
                yield _secret(program, rule, site, mine, others, {"text": known.text})


def _target(program: Program, site: Site) -> tuple[Known, ...]:
    """The name of a credential: an argument, or the field TargetName of what is written."""
    if program.argument(site, "name") is not None:
        return program.value(site, "name").texts
    data = program.argument(site, "data")
    if isinstance(data, Sequence):  # a dictionary of Python
        name = item_named(data.items, "TargetName")
        return program.values.fold(name, program.scope(site)).texts if name is not None else ()
    return program.field(site, "data", "TargetName").texts


def _secret(
    program: Program, rule: Rule, site: Site, mine: End, others: list[End], words: dict[str, str]
) -> Finding:
    what = "a program of the user" if mine.in_service else "the service"
    related = tuple(Note(program.place(end.spot), f"{what} is the other end") for end in others)
    return finding(program, rule, site, proof=mine.proof, related=related, words=words)
