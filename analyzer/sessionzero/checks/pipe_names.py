r"""Names of pipes that lead to no pipe.

Source: "Pipe names" (learn.microsoft.com/windows/win32/ipc): a server creates ``\\.\pipe\name``, a
client opens that or ``\\server\pipe\name``. Win32 takes slashes for backslashes, and several for
one, in what follows ``\\.\``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.catalog import Api
from sessionzero.checks.object_names import shown
from sessionzero.checks.reporting import finding, origin_notes
from sessionzero.findings import Finding
from sessionzero.link.lattice import Known
from sessionzero.program import Program
from sessionzero.rules import Rule
from sessionzero.sides import end_of

_LOCAL = re.compile(r"[\\/]{2}[.?][\\/]+pipe[\\/]+[^\\/]", re.IGNORECASE)
_REMOTE = re.compile(r"[\\/]{2}[^\\/.?][^\\/]*[\\/]+pipe[\\/]+[^\\/]", re.IGNORECASE)
_BEGINNING = "\\\\.\\pipe\\"
# What is left of ``\\.\pipe\name`` where backslashes are lost, doubled or forgotten. A name that
# another function than those for pipes gets may be that of a file; these can't be.
_LEFT_OVER = re.compile(
    r"\\\.\\*pipe|\\\\\.pipe|\\\\pipe\\|\\pipe\\|\\{3,}\.\\+pipe\\", re.IGNORECASE
)


def malformed_pipe_name(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each name of a pipe, at either end of a service, that has lost its form."""
    if not (program.has_service or program.assume_service):
        return
    for site in program.sites(*rule.roles):
        if site.api.kind not in ("server", "client") or site.api.framework == "qt":
            continue
        for known in program.value(site, "name").texts:
            reason = _what_is_wrong(known, site.api)
            if not reason:
                continue
            end = end_of(program, site, "name", known)
            notes = origin_notes(program, known, end.spot, "the name")
            words = {"name": shown(known.text), "reason": reason}
            yield finding(
                program, rule, site, spot=end.spot, proof=end.proof, related=notes, words=words
            )


def _what_is_wrong(known: Known, api: Api) -> str:
    """What the message says of a name; empty if it is well formed, or may be."""
    text = known.text
    # CreateNamedPipe, CallNamedPipe and WaitNamedPipe have a timeout, and take pipes only.
    pipes_only = any(parameter.role == "timeout" for parameter in api.parameters)
    local = _LOCAL.match(text) is not None
    if local or (api.kind == "client" and _REMOTE.match(text)):
        return "holds a control character" if _has_control(text) else ""
    if _REMOTE.match(text) and pipes_only:
        return "is one of another machine, where no pipe can be created"
    left_over = _LEFT_OVER.match(text) is not None
    if pipes_only and (known.exact or left_over):
        # What stands before a name alone: the name is not known yet.
        begun = text.casefold() in ("", _BEGINNING) or _is_beginning(known)
        return "" if begun else _FORM
    return _FORM if left_over and not _is_beginning(known) else ""


_FORM = r"hasn't the form `\\.\pipe\name`"


def _has_control(text: str) -> bool:
    return any(ord(character) < 32 for character in text)


def _is_beginning(known: Known) -> bool:
    return not known.exact and _BEGINNING.startswith(known.text.casefold())
