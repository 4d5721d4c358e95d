"""Programs that a service starts in the session at the console, and that stay behind in it.

Sources: "Fast User Switching", SERVICE_STATUS, WTSGetActiveConsoleSessionId
(learn.microsoft.com/windows/win32): another session comes to the console without any session
ending, and a service hears of it if it accepts SERVICE_CONTROL_SESSIONCHANGE.
"""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import callee_spot, finding
from sessionzero.checks.session_changes import accepted_controls, hears_of_sessions
from sessionzero.checks.session_numbers import Use, uses_of_console
from sessionzero.checks.user_programs import AS_USER, call_note, token_sources
from sessionzero.facts import Expr, Member
from sessionzero.findings import Finding, Note
from sessionzero.launches import LAUNCH
from sessionzero.link.expressions import path_of, walk
from sessionzero.link.units import CallSite
from sessionzero.program import Program, Site
from sessionzero.rules import Rule

_INFINITE = 0xFFFFFFFF  # winbase.h
_PROCESS = "hProcess"  # of PROCESS_INFORMATION


def console_not_followed(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each program that a service starts in the console's session and then waits for as long as it
    runs, if nothing tells the service of changes of sessions."""
    used = uses_of_console(program)
    if not used or hears_of_sessions(program):
        return
    for site in program.service_sites(LAUNCH):
        console = _console_of(program, site, used) if site.api.kind in AS_USER else None
        wait = _wait_for_its_end(program, site) if console is not None else None
        proof = program.service_proof(site) if wait is not None else None
        if console is None or wait is None or proof is None:
            continue
        here = program.place(callee_spot(program, wait))
        related = (
            call_note(program, console, "it runs in the session that is at the console here"),
            Note(here, "the service waits here until the program ends"),
            *(
                Note(program.place(mask.spot), "the service accepts no session changes")
                for mask in accepted_controls(program)
            ),
        )
        yield finding(program, rule, site, proof=proof, related=related[:8])


def _console_of(program: Program, site: Site, used: dict[CallSite, list[Use]]) -> CallSite | None:
    """The call that has asked for the console's session, of which a launch gets the token."""
    sources = frozenset(token_sources(program, site))
    for console, uses in used.items():
        for use, _ in uses:
            made = {use.call} if use.api.kind == "user-token" else token_sources(program, use)
            if sources.intersection(made):
                return console
    return None


def _wait_for_its_end(program: Program, site: Site) -> Site | None:
    """The call behind a launch, in the same function, that waits for the process without end."""
    for wait in program.sites("object-wait"):
        if wait.func != site.func or wait.spot.start < site.spot.end:
            continue
        timeout = program.value(wait, "timeout").known
        endless = len(timeout) == 1 and timeout[0].number == _INFINITE
        handle = program.argument(wait, "handle")
        if endless and handle is not None and _is_process(program, wait, handle):
            return wait
    return None


def _is_process(program: Program, wait: Site, handle: Expr) -> bool:
    """Whether what is waited for is the handle of a process, or a list with one."""
    unit, path = program.index.unit(wait.func), path_of(handle)
    bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(wait.func.index, ()))
    written = (it.value for it in bindings if path and path_of(it.target).partition("[")[0] == path)
    return any(
        isinstance(part, Member) and part.name == _PROCESS
        for expr in (handle, *written)
        for part in walk(expr)
    )
