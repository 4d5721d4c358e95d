"""Executables that scripts make of Python files, under a name of their own.

``pyinstaller --name Watcher agent.py`` makes ``Watcher.exe``; what installs it says that name.
<https://pyinstaller.org/en/stable/usage.html>
"""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.installation.command_lines import name_of
from sessionzero.installation.installing import actions_of
from sessionzero.installation.linked import Linked

_SCRIPTS = (".py", ".pyw")


def frozen_programs(linked: Linked) -> Iterator[tuple[str, str]]:
    """The small names of executables, each with that of the script it is made of."""
    for action in actions_of(linked):
        if action.role == "program-freeze" and (name := action.text("name")):
            for given in action.all("binary"):
                script = name_of(given.text).lower()
                if script.endswith(_SCRIPTS):
                    yield f"{name.lower().removesuffix('.exe')}.exe", script
