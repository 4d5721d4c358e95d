"""Calls and commands that mean the session they are made in, or a service that is gone.

Sources: WTSQuerySessionInformationW, WTSQueryUserToken, ProcessIdToSessionId
(learn.microsoft.com/windows/win32): WTS_CURRENT_SESSION is the session of the caller; a session
where nobody has logged on has no user's token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import structs

from sessionzero.checks.certainty import certain, every, filled_by_address, is_counter, is_number
from sessionzero.checks.reporting import finding, origin_notes, words_of
from sessionzero.facts import Expr, Member, Number, Operation, Result, Sequence, Text
from sessionzero.findings import Finding, Level
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.units import CallSite, Spot
from sessionzero.link.names.sites import Site
from sessionzero.link.values.answers import OWN_PROCESS
from sessionzero.link.values.lattice import Known
from sessionzero.program import Program, spelling
from sessionzero.uses.sides import begun_here, end_of

_COMMAND_ROLES = ("command_line", "application")
_CURRENT_SESSION = 0xFFFFFFFF  # WTS_CURRENT_SESSION; wtsapi32.h. In a service that is 0


# --- the number of the own session, where a user's is wanted ---


def own_session_asked(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each question after one of the properties ``any-of`` of the service's own session, which has
    no user, and after the token of its user: that one always fails. A question of code that users
    run too is a note: there the answer is right."""
    constants = program.catalog.constants
    names = {constants[name]: name for name in words_of(rule, "any-of")}
    for site in program.service_sites(*rule.roles):
        level: Level = rule.level
        what = ""
        if site.api.kind == "user-token":
            what, level = "the user's token", "error"
        elif site.api.kind == "query":
            asked = program.value(site, "info_class")
            if every(asked, lambda known: is_number(known) and known.number in names):
                what = f"`{names[asked.known[0].number]}`"
                level = "note" if program.context.also_by_hand(site.func) else rule.level
        if what:
            yield from naming_own_session(program, rule, site, level=level, words={"kind": what})


def naming_own_session(
    program: Program,
    rule: Rule,
    site: Site,
    *,
    level: Level | None = None,
    words: dict[str, str] | None = None,
) -> Iterator[Finding]:
    """The findings of a call that is told session 0: by its number, WTS_CURRENT_SESSION, or as that
    of the process; one for each caller of a wrapper that passes it."""
    expr = program.argument(site, "session")
    varies = filled_by_address(program, site, "session") or is_counter(program, site, "session")
    found = certain(program, program.value(site, "session"), lambda known: _is_own(program, known))
    for known in found if not varies else ():
        if _is_first(program, known):
            continue
        end = end_of(program, site, "session", known)
        if end.proof is not None:
            said = {**(words or {}), "text": _said(known)}
            notes = origin_notes(program, known, end.spot, "the session")
            yield finding(
                *(program, rule, site),
                spot=end.spot,
                proof=end.proof,
                level=level,
                related=notes,
                words=said,
            )
    proof = program.service_proof(site)
    if expr is not None and proof is not None and _asked_for_itself(program, site, expr):
        spot = Spot(site.spot.unit, site.spot.function, expr.start, expr.end)
        said = {**(words or {}), "text": spelling(expr, program.index.unit(site.call))}
        yield finding(program, rule, site, spot=spot, proof=proof, level=level, words=said)


def _said(known: Known) -> str:
    return known.raw or ("0" if known.number == 0 else "WTS_CURRENT_SESSION")


def _is_own(program: Program, known: Known) -> bool:
    """Session 0, the current one, or (Python) what ``ProcessIdToSessionId(os.getpid())`` gave."""
    if known.site is not None:
        return _asks_for_own_process(program, known.site)
    number = known.kind == "number" and known.exact
    return number and known.number & 0xFFFFFFFF in (0, _CURRENT_SESSION)


def _asks_for_own_process(program: Program, call: CallSite) -> bool:
    """Whether a call asks for the session of the process that it runs in."""
    api = program.callees.of(call).api
    if api is None or api.kind != "session-number":
        return False
    unit = program.index.unit(call)
    return any(
        isinstance(argument.value, Result)
        and last_name(unit.facts.calls[argument.value.call].callee) in OWN_PROCESS
        for argument in program.index.call(call).arguments
    )


def _asked_for_itself(program: Program, site: Site, expr: Expr) -> bool:
    """Whether a local variable got its only value by ``ProcessIdToSessionId(…, &session)``."""
    path, unit, func = path_of(expr), program.index.unit(site.call), site.func
    if not path or unit.is_python or site.inside is not None:
        return False
    bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(func.index, ()))
    writes = [binding.value for binding in bindings if path_of(binding.target) == path]
    if not all(isinstance(value, Number) and value.value == 0 for value in writes):
        return False
    fillers = [
        call
        for call in program.index.calls_of(func)
        for argument in program.index.call(call).arguments
        if isinstance(argument.value, Operation)
        and argument.value.operator == "&"
        and path_of(argument.value) == path
    ]
    return len(fillers) == 1 and _asks_for_own_process(program, fillers[0])


def _is_first(program: Program, known: Known) -> bool:
    """Whether a zero is what a field or global holds at first: something that isn't understood may
    set it before it is used."""
    unit, function = program.index.units[known.origin.unit], known.origin.function
    bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(function, ()))
    return known.number == 0 and any(
        binding.value.start == known.origin.start
        and (isinstance(binding.target, Member) or function == 0)
        for binding in bindings
    )


# --- what acts in the session that it is called in ---


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
            end = end_of(program, site, role, begun_here(site, known))
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
