"""The documentation as a site: built by the real MkDocs, complete, and loading nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from runpy import run_path

import pytest

from programs import PAGES, ROOT, RULES
from sessionzero import SITE
from sessionzero.describe import describe
from sessionzero.knowledge.rules import Rule
from test_action import PINNED, zizmor

WORKFLOW = ROOT / ".github" / "workflows" / "site.yml"

OUTSIDE = re.compile(r"<(?:script|img|link rel=\"stylesheet\")[^>]*(?:src|href)=\"(?:https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; a link or an anchor that leads nowhere makes the building fail."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    assert "does not contain an anchor" not in made.stderr
    return folder


def test_every_rule_has_a_page(site: Path) -> None:
    pages = {f"{rule.id}-{rule.name}.html" for rule in RULES}
    assert pages <= {page.name for page in (site / "rules").glob("SZ*.html")}
    text = (site / "rules" / f"{RULES[0].id}-{RULES[0].name}.html").read_text(encoding="utf-8")
    assert RULES[0].id in text
    assert "security-severity" not in text


@pytest.mark.parametrize("rule", PAGES, ids=[rule.id for rule in PAGES])
def test_the_link_of_a_report_leads_to_the_page_of_the_rule(site: Path, rule: Rule) -> None:
    link = describe(rule).help_uri
    assert link.startswith(SITE)
    page = (site / link.removeprefix(SITE)).read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{link}">' in page
    assert rule.title in unescape(page)


def test_the_workflow_that_publishes_the_site_is_valid_and_safe() -> None:
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "github-workflows")
    done = subprocess.run((*command, str(WORKFLOW)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert zizmor(WORKFLOW) == []
    uses = re.findall(r"uses: .*", WORKFLOW.read_text(encoding="utf-8"))
    assert [line for line in uses if not PINNED.fullmatch(line)] == []


def test_index_of_rules_and_start_lead_to_pages(site: Path) -> None:
    index = (site / "rules" / "index.html").read_text(encoding="utf-8")
    assert f'href="{RULES[0].id}-{RULES[0].name}.html"' in index
    start = (site / "index.html").read_text(encoding="utf-8")
    assert 'href="rules/index.html"' in start
    assert 'src="check.svg"' in start


def test_pages_load_nothing_from_the_network(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(RULES)
    assert [str(p) for p in pages if OUTSIDE.search(p.read_text(encoding="utf-8"))] == []


def test_every_chapter_of_the_readme_stands_on_a_page() -> None:
    made = run_path(str(ROOT / "scripts" / "site_pages.py"))
    shown = {h for file, hs in made["CHAPTERS"].values() if file == "README.md" for h in hs}
    with_pages_of_their_own = {"In the editor", "Visual Studio Code"}
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(made["chapters"](text)) - with_pages_of_their_own == shown


def test_every_rule_stands_in_the_index_by_symptom(site: Path) -> None:
    page = (site / "symptoms.html").read_text(encoding="utf-8")
    shown = set(re.findall(r'href="rules/(SZ[A-Z]+\d{3})-', page))
    assert {rule.id for rule in RULES if not rule.id.startswith("SZAUDIT")} == shown
