"""Threads that are none of the service's own, and messages to them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.checks.foreign_windows import looked_up
from sessionzero.facts import Call, Expr, Index, Member, Name, Result
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.implied import mentions
from sessionzero.link.files.units import CallSite, Spot
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.uses.launches import LAUNCH

_ROLES = ("thread", "other_thread")


class ThreadMessage(Struct, frozen=True):
    """A message to a foreign thread; ``origin`` is the call that gave its identifier, ``lookup``
    the look-up of the window that it owns, if it was found by that."""

    site: Site
    origin: Spot
    lookup: CallSite | None


def foreign_thread_messages(program: Program, roles: tuple[str, ...]) -> Iterator[ThreadMessage]:
    """Each message, or sharing of input, to a thread that is known to be in a user's session."""
    for site in program.service_sites(*roles):
        for role in _ROLES:
            found = _foreign(program, site, role)
            if found is not None:
                yield found
                break


def _foreign(program: Program, site: Site, role: str) -> ThreadMessage | None:
    written = program.argument(site, role)
    if written is None:
        return None
    calls = [known.site for known in program.value(site, role).known]
    for expr in (written, *_stored(program, site, written)):
        calls.extend((_gave(program, site, expr), _filled_in(program, site, expr)))
    for call in calls:
        origin = _site(program, call) if call is not None else None
        if origin is None:
            continue
        lookup = looked_up(program, program.value(origin, "hwnd"))
        if lookup is not None or origin.api.role == LAUNCH:
            return ThreadMessage(site, origin.spot, lookup)
    return None


def _site(program: Program, call: CallSite) -> Site | None:
    """The call, if it gives the thread of a window or of a program in a user's session."""
    return next(
        (
            site
            for site in program.sites("window-parent", LAUNCH)
            if site.call == call
            and (site.api.kind == "as-user" or site.api.name == "GetWindowThreadProcessId")
        ),
        None,
    )


def _stored(program: Program, site: Site, expr: Expr) -> list[Expr]:
    """What the same function stores in a variable."""
    if not isinstance(expr, Name):
        return []
    unit = program.index.unit(site.call)
    bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(site.func.index, ()))
    return [b.value for b in bindings if last_name(b.target) == expr.name]


def _gave(program: Program, site: Site, expr: Expr) -> CallSite | None:
    """The call of which an expression is the result or, in Python, a part of it."""
    if isinstance(expr, Index):
        parts = [expr.object, *_stored(program, site, expr.object)]
        return next((found for part in parts if (found := _gave(program, site, part))), None)
    return CallSite(site.call.unit, expr.call) if isinstance(expr, Result) else None


def _filled_in(program: Program, site: Site, expr: Expr) -> CallSite | None:
    """The launch that fills in the PROCESS_INFORMATION of which this is ``dwThreadId``."""
    if not isinstance(expr, Member) or not _is_thread_field(program, expr.name):
        return None
    unit = program.index.unit(site.call)
    names = frozenset({last_name(expr.object)})

    def fills(call: Call) -> bool:
        return any(mentions(passed.value, names, unit) for passed in call.arguments)

    return next(
        (
            launch.call
            for launch in program.sites(LAUNCH)
            if launch.func == site.func and fills(program.index.call(launch.call))
        ),
        None,
    )


def _is_thread_field(program: Program, name: str) -> bool:
    return any(
        field.keyword == name and field.role == "other_thread"
        for structure in program.catalog.with_role("structure")
        if structure.kind == "process-information"
        for field in structure.parameters
    )
