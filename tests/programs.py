"""The rule pages of this repository, their examples, and the fixture programs."""

from __future__ import annotations

from pathlib import Path

from sessionzero.checks import AUDITS
from sessionzero.knowledge.examples import Example, examples
from sessionzero.knowledge.pages import load_rules
from sessionzero.sources.files import language_of

ROOT = Path(__file__).resolve().parent.parent


def read_examples() -> dict[str, Example]:
    """All examples of all pages by a name that says where they stand."""
    return {
        f"{rule.id}-{number:02}-{example.title.replace(' ', '-')}": example
        for rule in PAGES
        for number, example in enumerate(examples(rule), start=1)
    }


def read_programs() -> dict[str, dict[str, str]]:
    """The fixtures: name of the program → path in it → text."""
    return {
        f"{kind}/{directory.name}": {
            path.relative_to(directory).as_posix(): path.read_text("utf-8")
            for path in sorted(directory.rglob("*"))
            if language_of(path.name) is not None
        }
        for kind in ("programs", "silent")
        for directory in sorted((ROOT / "fixtures" / kind).iterdir())
    }


PAGES = load_rules()
RULES = tuple(rule for rule in PAGES if rule.check not in AUDITS)  # what looks for defects
EXAMPLES = read_examples()
PROGRAMS = read_programs()
