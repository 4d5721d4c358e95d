"""XML files: those with settings by which programs are installed are read, and no others."""

from __future__ import annotations

import re

from sessionzero.facts import Language
from sessionzero.findings import Notice
from sessionzero.sources.text import SourceText

# WinSW takes whatever the root is called; it is one of these.
_ROOT = re.compile(r"<(?:service|configuration)[\s>]")
_EXECUTABLE = re.compile(r"<executable[\s>]")
_TASK = "schemas.microsoft.com/windows/2004/02/mit/task"


def is_of_concern(source: SourceText | Notice, language: Language) -> bool:
    """Whether a file counts. One of which it isn't known, since it can't be read, doesn't."""
    if language != "xml":
        return True
    return isinstance(source, SourceText) and source.once(_ROOT, _installs)


def _installs(text: str) -> bool:
    """Whether a text is the settings of a service of WinSW, or a task of the Task Scheduler."""
    if _TASK in text:
        return True
    root = _ROOT.search(text)
    return root is not None and _EXECUTABLE.search(text, root.end()) is not None
