r"""Names of pipes that lead to no pipe.

Source: "Pipe names" (learn.microsoft.com/windows/win32/ipc): a server creates ``\\.\pipe\name``, a
client opens that or ``\\server\pipe\name``. Win32 takes slashes for backslashes, and several for
one, in what follows ``\\.\``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import structs

from sessionzero.checks.object_names import shown
from sessionzero.checks.reporting import finding, origin_notes, title_of
from sessionzero.facts import Text
from sessionzero.findings import Finding, Mend, Note
from sessionzero.knowledge.catalog import Api, position
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.mending.flags import said_by
from sessionzero.mending.literals import begun_anew, literal_of
from sessionzero.program import Program
from sessionzero.uses.sides import end_of

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
        name = program.value(site, "name")
        right = name.open or any(not _what_is_wrong(known, site.api) for known in name.texts)
        for known in name.texts:
            if known.sometimes and right and not _LEFT_OVER.match(known.text):
                continue  # such as what a function that makes names gives back where it fails
            reason = _what_is_wrong(known, site.api)
            if not reason:
                continue
            end = end_of(program, site, "name", known)
            notes = origin_notes(program, known, end.spot, "the name")
            if known.passed and site.inside is None:
                there = program.place(site.spot)
                notes = (*notes, Note(there, f"the name reaches `{program.written(site)}` here"))
            words = {"name": shown(known.text), "reason": reason}
            found = finding(
                program, rule, site, spot=end.spot, proof=end.proof, related=notes, words=words
            )
            yield structs.replace(found, mends=_mends(program, rule, site, known))


def _what_is_wrong(known: Known, api: Api) -> str:
    """What the message says of a name; empty if it is well formed, or may be."""
    text = known.text
    pipes_only = _takes_pipes_only(api)
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


def _takes_pipes_only(api: Api) -> bool:
    """CreateNamedPipe, CallNamedPipe and WaitNamedPipe have a timeout; CreateFile opens files."""
    return position(api, "timeout") is not None


def _has_control(text: str) -> bool:
    return any(ord(character) < 32 for character in text)


def _is_beginning(known: Known) -> bool:
    return not known.exact and _BEGINNING.startswith(known.text.casefold())


# --- how it is mended ---

_LITERAL = re.compile(r"""(?P<letters>\w*)(?P<quote>["'])(?P<content>[^"']*)(?P=quote)""")
_SPELT = re.compile(r"\\{1,4}\.\\{1,2}(?P<pipe>pipe)\\{1,2}(?P<name>.*)", re.IGNORECASE | re.DOTALL)
_NUMBERED = re.compile(r"(?<!\\)(?:\\\\)*\\[xuUN0-7]")  # a character by its number or its name
_PARTLY = re.compile(r"\\{0,2}\.?\\{0,2}pipe\\(?=[^\\/])|(?=[^\\/:.]+\Z)", re.IGNORECASE)


def _mends(program: Program, rule: Rule, site: Site, known: Known) -> tuple[Mend, ...]:
    """What was meant, in the literal that says it."""
    literal = literal_of(program, known)
    if literal is None:
        return ()
    meant = _meant(literal)
    if not meant:
        return _completed(program, rule, site, known, literal)
    title = title_of(rule, {"suggestion": shown(meant)})
    # Where only a control character is wrong, another name may have been meant.
    safe = _LOCAL.match(known.text) is None
    return begun_anew(program, title, known, (literal.value, meant), safe=safe)


def _meant(literal: Text) -> str:
    """The name of a literal that has too few backslashes, or too many; empty if that isn't sure."""
    match = _LITERAL.fullmatch(literal.raw)
    if match is None:
        return ""
    raw = "r" in match["letters"].lower()
    written = literal.value if raw else match["content"]
    spelt = _SPELT.fullmatch(written)
    if spelt is None or (not raw and _NUMBERED.search(written)):
        return ""
    name = spelt["name"].replace("\\\\", "\\")
    meant = f"\\\\.\\{spelt['pipe']}\\{name}"
    return meant if meant != literal.value else ""


def _completed(
    program: Program, rule: Rule, site: Site, known: Known, literal: Text
) -> tuple[Mend, ...]:
    """What is missing of the beginning, before a name that is whole."""
    match = _PARTLY.match(known.text)
    if match is None or not known.exact or literal.value != known.text:
        return ()
    name = known.text[match.end() :]
    title = title_of(rule, {"suggestion": shown(_BEGINNING + name)})
    said = said_by(program, program.sites(*rule.roles), "name")
    beginning = (match[0], _BEGINNING)
    safe = _takes_pipes_only(site.api)
    return begun_anew(program, title, known, beginning, safe=safe, said=said)
