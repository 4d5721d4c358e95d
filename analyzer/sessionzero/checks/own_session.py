"""Calls and commands that mean the session they are made in, or a service that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import structs

from sessionzero.checks.certainty import certain, is_number
from sessionzero.checks.reporting import finding, words_of
from sessionzero.facts import Sequence, Text
from sessionzero.findings import Finding
from sessionzero.link.lattice import Known
from sessionzero.link.sites import Site
from sessionzero.program import Program
from sessionzero.rules import Rule
from sessionzero.sides import end_of

_COMMAND_ROLES = ("command_line", "application")


def own_session_call(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each lock of the workstation, and each end of a session that doesn't shut Windows down; and
    the ``commands`` that do it."""
    for site in program.service_sites(*rule.roles):
        if site.api.role == "process-launch":
            continue
        if site.api.kind == "logoff" and not _logs_off(program, rule, site):
            continue
        proof = program.service_proof(site)
        if proof is not None:
            yield finding(program, rule, site, proof=proof, words={"text": program.written(site)})
    yield from _commands(program, rule)


def _logs_off(program: Program, rule: Rule, site: Site) -> bool:
    """ExitWindowsEx logs off where none of the flags says to shut down (winuser.h)."""
    constants = program.catalog.constants
    others = 0
    for flag in words_of(rule, "exclude-flags"):
        others |= constants[flag]
    flags = program.value(site, "flags")
    return any(
        certain(program, flags, lambda known: is_number(known) and not known.number & others)
    )


def retired_messenger(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each call of the Messenger service, and the ``commands`` that call it."""
    for site in program.service_sites(*rule.roles):
        if site.api.role != "process-launch":
            proof = program.service_proof(site)
            if proof is not None:
                words = {"text": program.written(site)}
                yield finding(program, rule, site, proof=proof, words=words)
    yield from _commands(program, rule)


def _commands(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each program that the service starts in its own session with one of the ``commands``."""
    wanted = words_of(rule, "commands")
    for site in program.service_sites("process-launch"):
        if any(parameter.role in ("token", "account") for parameter in site.api.parameters):
            continue  # started as a user, in the user's session
        for role, known in _command_lines(program, site):
            command = next((w for w in wanted if _runs(known.text, w)), "")
            here = known.origin.unit == site.spot.unit and known.origin.function == site.func.index
            said = structs.replace(known, passed=()) if here else known  # only the rest is passed
            end = end_of(program, site, role, said)
            if command and end.proof is not None:
                words = {"text": command}
                yield finding(program, rule, site, spot=end.spot, proof=end.proof, words=words)
                break


def _command_lines(program: Program, site: Site) -> Iterator[tuple[str, Known]]:
    """The command lines of a call as far as they are known; a list of Python as one line."""
    for role in _COMMAND_ROLES:
        expr = program.argument(site, role)
        if isinstance(expr, Sequence):
            words = [
                item.value.value if isinstance(item.value, Text) else "…" for item in expr.items
            ]
            for known in program.values.fold(expr.items[0].value, program.scope(site)).texts:
                yield role, _with_text(known, " ".join(words))
        else:
            for known in program.value(site, role).texts:
                yield role, known


def _runs(line: str, command: str) -> bool:
    """Whether a command line has the words of a command one after the other, ``.exe`` or not."""
    plain = re.sub(r"\.exe\b|\"", "", line, flags=re.IGNORECASE)
    pattern = r"\s+".join(re.escape(word) for word in command.split())
    return re.search(rf"(?<![\w.-]){pattern}(?![\w-])", plain, re.IGNORECASE) is not None


def _with_text(known: Known, text: str) -> Known:
    return structs.replace(known, text=text)
