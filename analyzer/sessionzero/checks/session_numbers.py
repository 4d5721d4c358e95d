"""Guesses of the number of a session: the console's, or the one that the first user often has.

Sources: WTSGetActiveConsoleSessionId, WTSQueryUserToken (learn.microsoft.com/windows/win32): the
session at the physical console, 0xFFFFFFFF while none is attached to it, and no token where nobody
has logged on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sessionzero.checks.certainty import (
    certain,
    every,
    filled_by_address,
    is_counter,
    is_number,
)
from sessionzero.checks.conditions import comparisons, conditions, is_caught, is_ignored
from sessionzero.checks.reporting import finding, origin_notes
from sessionzero.facts import Expr, Operation, Result
from sessionzero.findings import Finding, Level, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import path_of, walk
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import CallSite, Func, Spot
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.program import Program
from sessionzero.uses.sides import call_around, end_of

_NO_SESSION = 0xFFFFFFFF
_LARGEST = 0xFFFF  # numbers that somebody writes; larger ones have a meaning of their own
_ACTING = ("message", "user-token", "end")


def session_uses(program: Program, *kinds: str) -> Iterator[tuple[Site, str]]:
    """The service's calls that do something in a session, with the role of the session's number."""
    for site in program.service_sites("session-api"):
        if site.api.kind in kinds:
            yield site, "session"
    number = program.catalog.constants["TokenSessionId"]
    for site in program.service_sites("token"):
        if site.api.kind == "change" and program.value(site, "info_class").known:
            asked = program.value(site, "info_class")
            if every(asked, lambda known: is_number(known) and known.number == number):
                yield site, "data"


# --- the console's ---


def console_session_assumption(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each session of the console that is used without a look at whether there is one; a note where
    at least the failure of the use is noticed."""
    aware = _knows_other_sessions(program)
    used = uses_of_console(program)
    for site in program.service_sites(*rule.roles):
        uses = used.get(site.call, ())
        if site.api.kind != "console-session" or not uses or _is_compared(program, site, uses):
            continue
        noticed = all(_is_noticed(program, use) for use, _ in uses)
        proof = None if noticed and aware else program.service_proof(site)
        if proof is not None:
            level: Level = "note" if noticed or aware else rule.level
            related = tuple(
                Note(program.place(use.spot), f"`{program.written(use)}` takes it for the user's")
                for use, _ in uses[:4]
            )
            yield finding(program, rule, site, proof=proof, level=level, related=related)


Use = tuple[Site, Known]  # of a number of a session


def uses_of_console(program: Program) -> dict[CallSite, list[Use]]:
    """Call that asks for the console's session → the calls that act in nothing but that one."""
    found: dict[CallSite, list[Use]] = defaultdict(list)
    for use, role in session_uses(program, *_ACTING):
        value = program.value(use, role)
        for known in certain(program, value, lambda known: _is_console(program, known)):
            assert known.site is not None
            found[known.site].append((use, known))
    return found


def _is_console(program: Program, known: Known) -> bool:
    api = program.callees.of(known.site).api if known.site is not None else None
    return api is not None and api.kind == "console-session"


def _is_noticed(program: Program, use: Site) -> bool:
    """Whether the failure of a call is noticed. A message to no session goes to session 0, and
    succeeds."""
    if use.api.kind == "message":
        return False
    if program.index.unit(use.call).is_python and use.api.language == "python":
        return is_caught(program, use.call)
    return not is_ignored(program, use.call)


def _is_compared(program: Program, site: Site, uses: list[Use]) -> bool:
    """Whether a function that the number passes through compares it with 0xFFFFFFFF, or asks some
    function about it."""
    through = {site.func}
    for use, known in uses:
        through.add(use.func)
        through |= {Func(spot.unit, spot.function) for spot in known.passed}
    acting = {use.call for use, _ in uses}
    for _, known in uses:
        acting |= {call for spot in known.passed if (call := call_around(program, spot))}
    return any(
        _compares(program, site.call, func) or _asks(program, site.call, func, acting)
        for func in through
    )


def _compares(program: Program, console: CallSite, func: Func) -> bool:
    return any(
        _is_no_session(program, other, scope) and _holds(program, one, scope, console)
        for one, other, _, scope in comparisons(program, func)
    )


def _is_no_session(program: Program, expr: Expr, scope: Scope) -> bool:
    return any(
        known.kind == "number" and known.number & _NO_SESSION == _NO_SESSION
        for known in program.values.fold(expr, scope).known
    )


def _holds(program: Program, expr: Expr, scope: Scope, console: CallSite) -> bool:
    return any(known.site == console for known in program.values.fold(expr, scope).known)


def _asks(program: Program, console: CallSite, func: Func, acting: set[CallSite]) -> bool:
    """Whether a condition calls something else with the number: ``if (IsLoggedOn(session))``."""
    unit = program.index.unit(func)
    for condition, scope in conditions(program, func):
        for part in walk(condition):
            call = CallSite(unit.index, part.call) if isinstance(part, Result) else None
            if call is None or call in acting or call == console:
                continue
            arguments = program.index.call(call).arguments
            if any(_holds(program, argument.value, scope, console) for argument in arguments):
                return True
    return False


def _knows_other_sessions(program: Program) -> bool:
    """Whether the service looks for other sessions too, or is told when one changes."""
    enumerates = any(
        site.api.kind == "query" and "Enumerate" in site.api.name
        for site in program.service_sites("session-api")
    )
    return enumerates or any(program.index.asked("SERVICE_CONTROL_SESSIONCHANGE"))


# --- one that is written down ---


def hard_coded_session(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each call in a session of a written number, and each comparison of a session with one; 0 is
    the services' own, and the largest numbers have a meaning."""
    for site, role in session_uses(program, *_ACTING, "query"):
        if filled_by_address(program, site, role) or is_counter(program, site, role):
            continue
        for known in certain(program, program.value(site, role), _is_some_session):
            end = end_of(program, site, role, known)
            if end.proof is not None:
                notes = origin_notes(program, known, end.spot, "the number")
                words = {"text": known.raw or str(known.number)}
                yield finding(
                    program, rule, site, spot=end.spot, proof=end.proof, related=notes, words=words
                )
    yield from _compared_sessions(program, rule)


def _is_some_session(known: Known) -> bool:
    return known.kind == "number" and known.exact and 0 < known.number <= _LARGEST


def _compared_sessions(program: Program, rule: Rule) -> Iterator[Finding]:
    """``ProcessIdToSessionId(…, &session)``, and then ``session == 1``."""
    for site in program.service_sites(*rule.roles, "guard"):
        if site.api.kind not in ("session-number", "console-session"):
            continue
        for one, other, whole, scope in comparisons(program, site.func):
            if whole.operator not in ("==", "!=") or not _is_session(program, site, one, scope):
                continue
            numbers = program.values.fold(other, scope)
            if not every(numbers, _is_some_session):
                continue
            spot = Spot(site.spot.unit, site.spot.function, other.start, other.end)
            proof = program.proof_at(
                site.func, scope.branch, spot, site.outer, f"{program.written(site)} and compares"
            )
            if proof is not None:
                words = {"text": numbers.known[0].raw or str(numbers.known[0].number)}
                yield finding(program, rule, site, spot=spot, proof=proof, words=words)


def _is_session(program: Program, site: Site, expr: Expr, scope: Scope) -> bool:
    """Whether an operand is what a call has found out: its result, or a variable that it filled."""
    if any(known.site == site.call for known in program.values.fold(expr, scope).known):
        return True
    filled = program.argument(site, "session")
    return (
        isinstance(filled, Operation)
        and filled.operator == "&"
        and bool(path_of(expr))
        and path_of(filled) == path_of(expr)
    )
