"""The command ``explain``: the page of a rule, or a security descriptor in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sessionzero.cli.output import print_text
from sessionzero.errors import SessionZeroError
from sessionzero.invocation import own_rules

if TYPE_CHECKING:
    from sessionzero.knowledge.rules import Rule
    from sessionzero.sddl import Security, Vocabulary


@click.command()
@click.argument("rule", required=False)
@click.option("--page", is_flag=True, help="The page as it is written, to copy it.")
@own_rules
@click.option("--sddl", metavar="TEXT", help="Say a security descriptor in words instead.")
@click.option(
    "--kind",
    metavar="KIND",
    help="The kind of object that the descriptor is for (event, mutex, section, pipe, file, key, "
    "service …): its rights have names of their own.",
)
def explain(
    rule: str | None, page: bool, own: tuple[Path, ...], sddl: str | None, kind: str | None
) -> None:
    """Print the page of a RULE, given by id or name, or what a security descriptor says.

    \b
    sessionzero explain SZUI001
    sessionzero explain message-box-in-service
    sessionzero explain --sddl 'D:(A;;GA;;;WD)'
    sessionzero explain --page SZUI001 >lint/rules/ACME001-alert-in-service.md
    sessionzero explain --sddl 'D:(A;;0x12019b;;;IU)' --kind pipe
    """
    if (rule is None) == (sddl is None):
        raise click.UsageError("Missing argument 'RULE', or '--sddl'; give one of the two.")
    if kind is not None and sddl is None:
        raise click.UsageError("--kind says what --sddl is for; give --sddl too.")
    if rule is None:
        print_text(_said(sddl or "", kind))
        return
    known = _meant(rule, own)
    print_text(known.markdown if page else _page(known))


def _meant(word: str, own: tuple[Path, ...]) -> Rule:
    from sessionzero.cli.rules import known_rules
    from sessionzero.selection import names

    rules = known_rules(own)
    for known in rules:
        if word == known.name or word.upper() == known.id:
            return known
    near = [known.id for known in rules if names(word, known)]
    hint = f"; did you mean {', '.join(near)}?" if near else "; 'sessionzero rules' lists them"
    raise SessionZeroError(f"no rule is called '{word}'{hint}")


def _page(rule: Rule) -> str:
    """A rule's page for people: its block of data shortened to a line."""
    title, _, rest = rule.markdown.partition("```toml\n")
    prose = rest.partition("\n```\n")[2]
    facts = f"{rule.id} {rule.name} · {rule.level} · {', '.join(rule.languages)}"
    return f"{title}{facts} · {', '.join(rule.cwe)}\n{prose}"


def _said(text: str, kind: str | None) -> str:
    """A descriptor in words: all of it in a line, then entry by entry."""
    from sessionzero.access import OBJECT, in_words
    from sessionzero.knowledge.packs import load_catalog
    from sessionzero.sddl import Fault, decode

    words = load_catalog().sddl
    if kind is not None and kind not in words.kinds:
        raise SessionZeroError(f"no kind of object is '{kind}'; there are {', '.join(words.kinds)}")
    found = decode(text, words)
    if isinstance(found, Fault):
        marked = f"  {text}\n  {' ' * found.start}{'^' * max(1, found.end - found.start)}"
        raise SessionZeroError(f"{found.message}, so Windows refuses the descriptor\n{marked}")
    said = in_words(found, kind or OBJECT, words)
    rows = [*_owners(found), *_entries(found, text, kind or OBJECT, words)]
    width = max((len(left) for left, _ in rows), default=0)
    lines = "".join(f"  {left:<{width}}  {right}\n" for left, right in rows)
    return f"{said[:1].upper()}{said[1:]}.\n" + (f"\n{lines}" if rows else "")


def _owners(security: Security) -> list[tuple[str, str]]:
    owners = (("O", "owner", security.owner), ("G", "group", security.group))
    return [(f"{letter}:{sid.text}", f"{what}: {sid.name}") for letter, what, sid in owners if sid]


def _entries(security: Security, text: str, kind: str, words: Vocabulary) -> list[tuple[str, str]]:
    from sessionzero.access import entry_in_words

    rows = []
    for letter, acl in (("D", security.dacl), ("S", security.sacl)):
        for number, ace in enumerate(acl.aces if acl is not None else ()):
            said = entry_in_words(ace, kind, words) or _OTHER.get(ace.effect, "")
            if not ace.applies:
                said += " (only with what is created inside)"
            begin = f"{letter}:" if not number else "  "
            rows.append((f"{begin}{text[ace.start : ace.end]}", said))
    return rows


_OTHER = {
    "audit": "uses are logged",
    "label": "no program is kept out for its integrity",
    "trust": "programs of less trust are kept out",
    "attribute": "a claim about the object",
    "policy": "a central access policy",
    "filter": "a filter of accesses",
}
