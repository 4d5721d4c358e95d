"""The commands ``rules`` and ``test-rules``: what is looked for, and whether pages are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sessionzero.cli.output import print_text
from sessionzero.errors import SessionZeroError
from sessionzero.invocation import config_of, own_rules

if TYPE_CHECKING:
    from sessionzero.knowledge.examples import Example
    from sessionzero.knowledge.own_rules import Own
    from sessionzero.knowledge.rules import Rule

_FOUND = 1


@click.command("rules")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
@own_rules
def list_rules(form: str, own: tuple[Path, ...]) -> None:
    """List all rules: those of the configuration, too.

    \b
    sessionzero rules
    sessionzero rules --format json
    sessionzero rules --rules lint/rules
    """
    rules = known_rules(own)
    if form == "json":
        import msgspec

        fields = ("id", "name", "level", "trust", "title", "roles")
        shown = [{field: getattr(rule, field) for field in fields} for rule in rules]
        print_text(msgspec.json.format(msgspec.json.encode(shown)).decode() + "\n")
        return
    width = max(len(rule.name) for rule in rules)
    lines = (f"{rule.id:<10} {rule.name:<{width}}  {rule.level:<8} {rule.title}" for rule in rules)
    print_text("".join(f"{line}\n" for line in lines))


@click.command("test-rules")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[DIR]...")
def test_rules(folders: tuple[Path, ...]) -> None:
    """Run the examples of the pages in each DIR (default: those that the configuration names).

    Each example must give the findings that its comments want (`// want ACME001`, in Python `#`)
    and no other. The exit code is 1 if one does not.

    \b
    sessionzero test-rules lint/rules
    """
    from sessionzero.knowledge.own_rules import read_own

    root = Path.cwd()
    folders = folders or config_of(None, (root,), root, isolated=False).rule_folders
    if not folders:
        raise SessionZeroError("no folder of rules is named; write 'sessionzero test-rules DIR'")
    own = read_own(folders)
    wrong = [line for rule in own.rules for line in _differences(rule, own)]
    for line in wrong:
        print_text(f"{line}\n")
    number = sum(len(_examples(rule)) for rule in own.rules)
    print_text(
        f"{len(own.rules)} {'page' if len(own.rules) == 1 else 'pages'}, "
        f"{number} {'example' if number == 1 else 'examples'}: "
        f"{'all as they say' if not wrong else f'{len(wrong)} differences'}.\n"
    )
    if wrong:
        raise click.exceptions.Exit(_FOUND)


def known_rules(own: Sequence[Path]) -> tuple[Rule, ...]:
    """Our rules and users' own: those in ``own`` and those that the configuration names."""
    from sessionzero.knowledge.own_rules import read_own
    from sessionzero.knowledge.pages import load_rules
    from sessionzero.knowledge.rules import distinct

    root = Path.cwd()
    folders = (*own, *config_of(None, (root,), root, isolated=False).rule_folders)
    return distinct((*load_rules(), *read_own(folders).rules))


def _differences(rule: Rule, own: Own) -> Iterator[str]:
    """Where the examples of a page give something else than they want."""
    from sessionzero.engine import check_sources
    from sessionzero.knowledge.rules import page_name
    from sessionzero.knowledge.wants import found, wants

    examples = _examples(rule)
    for silent in (False, True):
        if not any(example.silent == silent for example in examples):
            kind = "Silent" if silent else "Found"
            yield f"{page_name(rule)}: no example '### {kind}: …'; show at least one"
    for example in examples:
        files = {file.name: file.text for file in example.files}
        try:
            wanted = wants(files, own.rules)
        except ValueError as error:
            yield f"{page_name(rule)}: '{example.title}': {error}"
            continue
        given = found(check_sources(files, extra=own.extras, own=own.rules), files)
        for word, mine, other in (("missing", wanted, given), ("not wanted", given, wanted)):
            for it in mine:
                if it not in other:
                    at = f"{it.path}:{it.line}: {it.rule} ({it.level})"
                    yield f"{page_name(rule)}: '{example.title}': {word}: {at}"


def _examples(rule: Rule) -> tuple[Example, ...]:
    from sessionzero.knowledge.examples import examples

    return examples(rule)
