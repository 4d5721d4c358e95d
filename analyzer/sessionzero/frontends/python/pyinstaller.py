"""A ``.spec`` file as targets, if it is one of PyInstaller's, which are Python; others, as those of
RPM, have none."""

from __future__ import annotations

import re

from sessionzero.facts import FileFacts
from sessionzero.frontends.builds.draft import facts

_ANALYSIS = re.compile(r"^\s*\w+\s*=\s*Analysis\(", re.MULTILINE)


def read(text: str, _name: str) -> FileFacts:
    """The programs of a spec file. Its code runs when it is packaged, never in a program, so none
    of its calls are facts."""
    if not _ANALYSIS.search(text):
        return facts(text, ())
    # libcst costs more than a whole small project
    from sessionzero.frontends.python.front_end import extract

    found = extract(text)
    return FileFacts("build", found.functions[:1], *((),) * 9, found.problems, found.targets)
