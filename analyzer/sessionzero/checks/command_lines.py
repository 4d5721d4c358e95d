"""Command lines that start another program than is meant, or that can't be written to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import structs

from sessionzero.checks.reporting import finding, origin_notes, title_of
from sessionzero.facts import Name, Text
from sessionzero.findings import Finding, Mend
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.mending.flags import said_by
from sessionzero.mending.literals import begun_anew, literal_of
from sessionzero.program import Program
from sessionzero.uses.launches import LAUNCH
from sessionzero.uses.sides import begun_here, end_at, end_of

_KINDS = ("own-token", "as-user", "with-logon", "with-token")
# A path without quotes whose first blank stands inside it: what follows goes on with a directory,
# and is neither an option nor another path.
_UNQUOTED = re.compile(
    r"(?:[a-z]:|\\)\\[^\s\"]*(?<!\.exe)(?<!\.com)(?<!\.bat)(?<!\.cmd) +(?![-/\"%]|[a-z]:)"
    r"(?P<behind>[^\"]*)",
    re.IGNORECASE,
)
_EXECUTABLE = re.compile(r"[^\"/]*\\[^\"/\\]*\.(?:exe|com|bat|cmd)\b", re.IGNORECASE)
# A path up to the only program in the text, of which it is sure where it ends.
_PATH = re.compile(
    r"(?:[a-z]:|\\)\\(?:(?!\.(?:exe|com|bat|cmd)\b)[^\"/])*\.(?:exe|com|bat|cmd)(?![^ ])"
    r"(?!.*\.(?:exe|com|bat|cmd)\b)",
    re.IGNORECASE | re.DOTALL,
)


def fragile_command_line(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each command line without an application whose path has a blank and no quotes, and each
    constant that a function may write to."""
    for site in program.service_sites(LAUNCH):
        if site.api.kind not in _KINDS or not _has_command_line_only(program, site):
            continue
        found = list(_unquoted(program, rule, site))
        yield from found or _constant(program, rule, site)


def _has_command_line_only(program: Program, site: Site) -> bool:
    given = program.argument(site, "application") is not None
    shell = program.argument(site, "shell") is not None
    return not shell and (not given or program.value(site, "application").is_null)


def _unquoted(program: Program, rule: Rule, site: Site) -> Iterator[Finding]:
    for text in program.value(site, "command_line").texts:
        known = begun_here(site, text)
        if not is_unquoted(known.text, whole=known.exact):
            continue
        end = end_of(program, site, "command_line", known)
        if end.in_service:
            words = {"text": f"`{known.text}` without quotes around its path"}
            notes = origin_notes(program, known, end.spot, "the command line")
            found = finding(
                program,
                rule,
                site,
                spot=end.spot,
                proof=end.proof,
                related=notes,
                words=words,
            )
            yield structs.replace(found, mends=_quoted(program, rule, site, known))
            return


def is_unquoted(text: str, *, whole: bool) -> bool:
    """Whether a command line begins with a path that has a blank in it and no quotes around it.
    ``whole``: it is known to its end."""
    match = _UNQUOTED.match(text.strip())
    if match is None:
        return False
    behind = match["behind"]
    return _EXECUTABLE.match(behind) is not None or (not whole and "\\" in behind)


def _quoted(program: Program, rule: Rule, site: Site, known: Known) -> tuple[Mend, ...]:
    """Quotes around a path that stands whole in one literal; none where that is also a constant
    which Windows may write to: an array is needed there."""
    literal = literal_of(program, known)
    path = _PATH.match(literal.value) if literal is not None else None
    if path is None or any(_constant(program, rule, site)):
        return ()
    said = said_by(program, program.sites(LAUNCH), "command_line")
    beginning = (path[0], f'"{path[0]}"')
    return begun_anew(program, title_of(rule, {}), known, beginning, safe=True, said=said)


def _constant(program: Program, rule: Rule, site: Site) -> Iterator[Finding]:
    """``CreateProcessW(NULL, L"…", …)``: the functions with W write into the command line."""
    expr = program.argument(site, "command_line")
    if program.index.unit(site.call).is_python or site.api.library == "ucrt" or expr is None:
        return
    literal = isinstance(expr, Text) and (site.api.name.endswith("W") or expr.raw.startswith("L"))
    macro = isinstance(expr, Name) and expr.name in program.index.macros
    texts = program.value(site, "command_line").texts
    wide = bool(texts) and site.api.name.endswith("W")
    end = end_at(program, site) if literal or (macro and wide) else None
    if end is not None and end.in_service:
        written = expr.raw if isinstance(expr, Text) else getattr(expr, "name", "")
        words = {"text": f"`{written}`, a constant that it may write to"}
        yield finding(program, rule, site, proof=end.proof, words=words)
