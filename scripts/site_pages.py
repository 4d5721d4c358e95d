"""Makes the pages of the site of README.md and ``rules/``: a hook of MkDocs (see ``mkdocs.yml``).

A text stands in one place of the repository, and its links are right there; here they are turned
into links of the site, or to the repository for what is no page.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sessionzero import HOMEPAGE, SITE
from sessionzero.knowledge.pages import load_rules
from sessionzero.knowledge.rules import Rule, page_name

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent

# Page of the site → the file and the chapters that it is made of; an empty one is the beginning.
CHAPTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "index.md": ("README.md", ("", "Try it", "What it finds")),
    "command-line.md": ("README.md", ("Options", "Levels and exit codes")),
    "pre-commit.md": ("README.md", ("pre-commit",)),
    "code-scanning.md": ("README.md", ("GitHub code scanning",)),
    "adoption.md": ("README.md", ("On an old code base",)),
    "fixes.md": ("README.md", ("Fixes",)),
    "who-runs-a-line.md": ("README.md", ("How it decides who runs a line",)),
    "configuration.md": ("README.md", ("What it understood",)),
    "installers.md": ("README.md", ("Installers and scripts",)),
    "map.md": ("README.md", ("The wall, as a picture",)),
    "limits.md": ("README.md", ("Limits", "Accuracy and speed")),
    "own-rules.md": ("rules/README.md", ("Rules of your own", "How to write a page")),
    "rules/index.md": ("rules/README.md", ("",)),
}
_LINK = re.compile(r"(\]\()([^)#:\s]*)(#[^)\s]*)?(\))")
_CHAPTER = re.compile(r"^## (.+)$", re.MULTILINE)


def chapters(text: str) -> Mapping[str, str]:
    """The chapters of a text by their headings; what stands before the first, under ``""``."""
    parts = _CHAPTER.split(text)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def page_of_chapters(file: str, headings: tuple[str, ...]) -> str:
    """A page made of chapters, the first of which gives it its title."""
    found = chapters((ROOT / file).read_text(encoding="utf-8"))
    first, *others = headings
    title = f"# {first}\n" if first else ""
    rest = (f"\n## {heading}\n{found[heading]}" for heading in others)
    return title + found[first] + "".join(rest)


def page_of_rule(rule: Rule) -> str:
    """The page of a rule, its block of data turned into a line for people."""
    title, _, rest = rule.markdown.partition("```toml\n")
    prose = rest.partition("\n```\n")[2]
    weaknesses = "".join(
        f" · [{name}](https://cwe.mitre.org/data/definitions/{name.removeprefix('CWE-')}.html)"
        for name in rule.cwe
    )
    facts = (
        f"**{rule.id}** `{rule.name}` · {rule.level} · {rule.trust} · {', '.join(rule.languages)}"
    )
    return f"{title}{facts}{weaknesses}\n{prose}"


def made_pages() -> Iterator[tuple[str, str, str]]:
    """Each page that is made: its place in the site, the file it comes from, its text."""
    for page, (file, headings) in CHAPTERS.items():
        yield page, file, page_of_chapters(file, headings)
    for rule in load_rules():
        name = f"rules/{page_name(rule)}"
        yield name, name, page_of_rule(rule)


def targets() -> Mapping[str, str]:
    """File of the repository, with a chapter's anchor if it has one → page of the site."""
    found = {f"docs/{file.name}": file.name for file in (ROOT / "docs").iterdir()}
    found |= {file: page for page, file, _ in made_pages() if page == file}
    for page, (file, headings) in CHAPTERS.items():
        for heading in headings:
            found[f"{file}#{_anchor(heading)}" if heading else file] = page
    return found


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def relinked(text: str, page: str, file: str, known: Mapping[str, str]) -> str:
    """The text of ``page`` with links that lead on within the site, or to the repository."""

    def turned(match: re.Match[str]) -> str:
        begin, target, anchor, end = match.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
        if not target:
            path = file
        meant = known.get(path + (anchor or ""))
        if meant is not None:
            anchor = ""
        else:
            meant = known.get(path)
        if meant is None:
            return f"{begin}{HOMEPAGE}/blob/main/{path}{anchor or ''}{end}"
        return (
            f"{begin}{posixpath.relpath(meant, posixpath.dirname(page) or '.')}{anchor or ''}{end}"
        )

    return _LINK.sub(turned, text)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Tell where the site stands: the links of reports lead to the same address."""
    config.site_url = SITE
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    from mkdocs.structure.files import File

    known = targets()
    for page, file, text in made_pages():
        files.append(File.generated(config, page, content=relinked(text, page, file, known)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn the links of the pages that stand in ``docs/`` as they are."""
    del config, files
    name = page.file.src_uri
    is_made = page.file.generated_by is not None
    return markdown if is_made else relinked(markdown, name, f"docs/{name}", targets())
