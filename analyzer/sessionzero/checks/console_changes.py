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
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import NAMED, last_name, path_of, walk
from sessionzero.link.files.units import CallSite, walk_into_calls
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.uses.launches import LAUNCH

_INFINITE = 0xFFFFFFFF  # winbase.h
_PROCESS = "hProcess"  # of PROCESS_INFORMATION


def console_not_followed(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each program that a service starts in the console's session and then waits for as long as it
    runs, if nothing tells the service of changes of sessions."""
    used = uses_of_console(program)
    for site in program.service_sites(LAUNCH) if used else ():
        console = _console_of(program, site, used) if site.api.kind in AS_USER else None
        wait = _wait_for_its_end(program, site) if console is not None else None
        proof = program.service_proof(site) if wait is not None else None
        if console is None or wait is None or proof is None:
            continue
        if hears_of_sessions(program, site.func) or _looks_elsewhere(program, site, wait):
            continue
        here = program.place(callee_spot(program, wait))
        related = (
            call_note(program, console, "it runs in the session that is at the console here"),
            Note(here, "the service waits here until the program ends"),
            *(
                Note(program.place(mask.spot), "the service accepts no session changes")
                for mask in accepted_controls(program)
                if not program.linkage.apart(mask.spot.unit, site.func.unit)
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
    """The call that waits for the process without end: behind the launch in the same function, or
    in another one of the service, for what the launch leaves the process's handle in."""
    kept = _keepers(program, site)
    for wait in program.sites("object-wait"):
        own = wait.func == site.func
        if not _is_endless(program, wait) or (own and wait.spot.start < site.spot.end):
            continue
        handle = program.argument(wait, "handle")
        if handle is None:
            continue
        told = tuple(_told(program, wait, handle))
        beside = not own and kept and program.context.runs_as_service(wait.func)
        if (own and any(isinstance(it, Member) and it.name == _PROCESS for it in told)) or (
            beside and any(last_name(it) in kept for it in told)
        ):
            return wait
    return None


def _looks_elsewhere(program: Program, site: Site, wait: Site) -> bool:
    """Whether a third function asks for the console's session, beside one that starts the program
    and one that waits for it: it may end the program."""
    consoles = {
        it.func
        for it in program.sites("session-api")
        if it.api.kind == "console-session"
        and not program.linkage.apart(it.func.unit, wait.func.unit)
    }
    return wait.func != site.func and bool(consoles - {site.func, wait.func})


def _is_endless(program: Program, wait: Site) -> bool:
    """Whether a wait goes on until what it waits for is there, at least where it has something."""
    timeout = program.value(wait, "timeout")
    return not timeout.open and any(it.number == _INFINITE for it in timeout.known)


def _told(program: Program, wait: Site, handle: Expr) -> Iterator[Expr]:
    """The parts of what is waited for: a handle, or a list that holds it."""
    unit, path = program.index.unit(wait.func), path_of(handle)
    bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(wait.func.index, ()))
    written = (it.value for it in bindings if path and path_of(it.target).partition("[")[0] == path)
    for expr in (handle, *written):
        yield from (it for it in walk_into_calls(expr, unit) if isinstance(it, NAMED))


def _keepers(program: Program, site: Site) -> frozenset[str]:
    """What outlasts the function of a launch and gets the handle of the process there: globals and
    fields, also by a method, as ``process.Attach(started.hProcess)``."""
    unit = program.index.unit(site.func)
    found = set()
    for i in unit.bindings_of.get(site.func.index, ()):
        binding = unit.facts.bindings[i]
        if _holds_process(binding.value):
            found.add(binding.target)
    for call in (unit.facts.calls[i] for i in unit.calls_of.get(site.func.index, ())):
        if isinstance(call.callee, Member) and any(_holds_process(a.value) for a in call.arguments):
            found.add(call.callee.object)
    mine = unit.types_of.get(site.func.index, {})
    return frozenset(last_name(it) for it in found if path_of(it).partition(".")[0] not in mine) - {
        ""
    }


def _holds_process(expr: Expr) -> bool:
    return any(isinstance(part, Member) and part.name == _PROCESS for part in walk(expr))
