"""The README tells the truth about rules and options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands import call
from sessionzero.cli.commands import check
from sessionzero.config import WANTED, load_config
from sessionzero.knowledge.pages import load_rules

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def test_every_group_of_rules_is_named_and_no_other() -> None:
    shown = re.findall(r"^\| `(SZ[A-Z]+)` \|", README, re.MULTILINE)
    assert sorted(shown) == sorted({rule.id[:-3] for rule in load_rules()})


def test_every_option_is_explained_and_no_other() -> None:
    _, _, chapter = README.partition("\n## Options\n")
    table, _, _ = chapter.partition("\n## ")
    left = "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))
    known = {
        option
        for parameter in check.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }
    assert set(re.findall(r"--[a-z][a-z-]+", left)) == known


def test_every_key_of_the_configuration_is_explained_and_no_other() -> None:
    _, _, chapter = README.partition("\n| key | |\n")
    table, _, _ = chapter.partition("\n\n")
    left = [line.split("|")[1] for line in table.splitlines()]
    assert sorted(re.findall(r"`([a-z-]+)`", "".join(left))) == sorted(WANTED)


def test_the_shown_components_are_those_of_the_fixture() -> None:
    _, _, chapter = README.partition("\n## What it understood\n")
    shown = chapter.split("```\n")[1]
    out = call(
        CHECKOUT / "fixtures" / "programs" / "three-files-away", "components", "--no-cache"
    ).out
    assert out.startswith(shown)


def test_the_shown_configuration_is_one(tmp_path: Path) -> None:
    _, _, chapter = README.partition("\n```toml\n")
    (tmp_path / "sessionzero.toml").write_text(chapter.partition("```")[0], encoding="utf-8")
    assert load_config(tmp_path / "sessionzero.toml").settings.services == ("agent/**",)


@pytest.mark.parametrize(
    "document", ["README.md", "rules/README.md", "docs/editors.md", "docs/set-ups.md"]
)
def test_links_lead_to_files(document: str) -> None:
    page = CHECKOUT / document
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
