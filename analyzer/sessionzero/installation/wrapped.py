"""Command lines that a wrapper runs as a service: NSSM, WinSW, Servy, srvany, procrun, shawl …

Nothing in the source of such a program says that it runs in session 0. What hands it to the
wrapper does: ``nssm install Agent "C:\\Python\\python.exe" agent.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sessionzero.installation.actions import Action, Given
from sessionzero.installation.handed import Handed
from sessionzero.installation.installing import actions_of
from sessionzero.installation.linked import Linked
from sessionzero.installation.registry_keys import value_of, wrapped_service_of

_WRAPPERS = ("wrapper", "case")  # the kinds of the commands of wrappers
# What wrappers keep below the key of the service: srvany's documentation, and NSSM's, which took
# the names over. <https://nssm.cc/usage>
_VALUES = ("application", "appparameters")


def wrapped_commands(linked: Linked) -> Iterator[Handed]:
    """What the scripts and installers of the project hand to a wrapper, by file and place."""
    for action in actions_of(linked):
        called, words = _command_of(action)
        if words:
            texts = tuple(word.text for word in words)
            yield Handed(called, "as a service", texts, action.spot)


def _command_of(action: Action) -> tuple[str, Sequence[Given]]:
    """The words of the command that a wrapper runs as a service, and what says so; no words if it
    is no such action."""
    if action.kind in _WRAPPERS:
        return action.called, action.all("binary")
    if action.role == "registry-write":
        key, name = value_of(action)
        service = wrapped_service_of(key)
        if service and name.lower() in _VALUES:
            return f"{service}\\Parameters", action.all("data")
    return "", ()
