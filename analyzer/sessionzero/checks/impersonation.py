"""What a service does while its thread impersonates a client: the programs that it starts."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.checks.reporting import finding
from sessionzero.facts import Expr, Operation, Result
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.implied import implies
from sessionzero.link.files.units import CallSite, Func
from sessionzero.link.names.sites import Site
from sessionzero.link.values.flow import excluded
from sessionzero.link.ways.lifetimes import end_of_object
from sessionzero.program import Program
from sessionzero.uses.launches import LAUNCH

_OWN_TOKEN = frozenset(("own-token", "shell-command", "captured", "open-document"))
_ROLES = ("token", "pipe")
_CALLERS = 8


class _Change(Struct, frozen=True):
    """A call that begins or ends an impersonation; ``site`` is the one that begins it."""

    call: CallSite
    start: int
    branch: int
    site: Site | None


def child_while_impersonating(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each launch with the service's own token between an impersonation and its end, in one
    function or one that it calls."""
    for site in program.service_sites(LAUNCH):
        begun = _impersonated_by(program, site) if site.api.kind in _OWN_TOKEN else None
        proof = program.service_proof(site) if begun is not None else None
        if begun is not None and proof is not None:
            related = (Note(program.place(begun.spot), "the thread impersonates from here on"),)
            words = {"other": program.written(begun)}
            yield finding(program, rule, site, proof=proof, related=related, words=words)


def may_impersonate(program: Program, site: Site) -> bool:
    """Whether a function on the way to a call, or the one that holds it, impersonates somebody."""
    on_the_way = {site.func, *(step.func for step in program.context.path(site.func))}
    return not on_the_way.isdisjoint(program.once(_begins))


def _impersonated_by(program: Program, site: Site) -> Site | None:
    begins = program.once(_begins)
    return _impersonating(program, site.outer, begins, program.once(_ends)) if begins else None


def _begins(program: Program) -> dict[Func, list[Site]]:
    return _functions_with(program, "impersonate")


def _ends(program: Program) -> dict[Func, list[Site]]:
    return _functions_with(program, "revert")


def _functions_with(program: Program, kind: str) -> dict[Func, list[Site]]:
    found: dict[Func, list[Site]] = {}
    for site in program.sites(*_ROLES):
        if site.api.kind in ("impersonate", "revert") and _kind_of(program, site) == kind:
            found.setdefault(site.func, []).append(site)
    return found


def _kind_of(program: Program, site: Site) -> str:
    """``SetThreadToken(NULL, NULL)`` ends an impersonation; for another thread, and with the
    service's own token, it is none."""
    if site.api.kind == "revert":
        return "revert"
    thread = program.argument(site, "thread")
    if thread is not None:
        if isinstance(thread, Operation) or not program.value(site, "thread").is_null:
            return ""  # `&other` is an address, whatever the handle there is
        if program.value(site, "token").is_null:
            return "revert"
    own = program.argument(site, "token") is not None and program.token_origins(site) == {"own"}
    return "" if own else site.api.kind


def _impersonating(
    program: Program,
    launch: CallSite,
    begins: dict[Func, list[Site]],
    ends: dict[Func, list[Site]],
) -> Site | None:
    """The call by which the thread impersonates at a launch; None if it doesn't for certain."""
    func = Func(launch.unit, program.index.call(launch).function)
    begun = _at(program, launch, begins, ends)
    if begun is not None or func in begins or func in ends:
        return begun
    callers = program.callees.callers(func)
    found = [_at(program, caller, begins, ends) for caller in callers[:_CALLERS]]
    return found[0] if found and all(site is not None for site in found) else None


def _at(
    program: Program,
    call: CallSite,
    begins: dict[Func, list[Site]],
    ends: dict[Func, list[Site]],
) -> Site | None:
    described, unit = program.index.call(call), program.index.unit(call)
    func = Func(call.unit, described.function)
    begun: Site | None = None
    for change in _changes(program, func, begins, ends):
        if change.start >= described.start or change.call == call:
            break
        if excluded(unit, change.branch, described.branch) or _failed(program, change, call):
            continue
        if change.site is None:
            begun = None
        elif unit.branch_chain(change.branch) <= unit.branch_chain(described.branch):
            begun = change.site
    return begun


def _failed(program: Program, change: _Change, call: CallSite) -> bool:
    """Whether a branch around a call is taken only if the impersonation failed."""
    unit = program.index.unit(call)

    def is_change(expr: Expr, holds: bool) -> bool:
        return not holds and isinstance(expr, Result) and expr.call == change.call.index

    branches = unit.branches(program.index.call(call).branch)
    return any(implies(b.condition, b.holds, unit, is_change) for b in branches)


def _changes(
    program: Program,
    func: Func,
    begins: dict[Func, list[Site]],
    ends: dict[Func, list[Site]],
) -> list[_Change]:
    """What begins and ends impersonations in a function, in order; a function of the project that
    may end one ends it, one that only begins one begins it, and so does a manager of ``with`` until
    its end. An object begins one by its constructor and ends it by its destructor."""
    found: list[_Change] = []
    direct = {s.outer: s for s in begins.get(func, ())}
    over = {s.outer for s in ends.get(func, ())}
    for site in program.index.calls_of(func):
        call = program.index.call(site)
        targets = program.callees.of(site).functions
        certain = (s for target in targets for s in begins.get(target, ()))
        begun = direct.get(site) or next((s for s in certain if _is_certain(program, s)), None)
        if site in over or any(target in ends for target in targets):
            managed = any(_is_manager(program, target) for target in targets)
            begun = begun if managed and site not in over else None
            found.append(_Change(site, call.start, call.branch, begun))
        elif begun is not None:
            found.append(_Change(site, call.start, call.branch, begun))
        end = end_of_object(program.index, program.callees, site) if begun is not None else None
        if end is not None and (not end.functions or any(f in ends for f in end.functions)):
            found.append(_Change(site, end.position, call.branch, None))
    return sorted(found, key=lambda change: change.start)


def _is_manager(program: Program, func: Func) -> bool:
    """Whether a function is a generator of Python that goes on at the end of a ``with``."""
    decorators = program.index.function(func).decorators
    return any(last_name(it) in ("contextmanager", "asynccontextmanager") for it in decorators)


def _is_certain(program: Program, site: Site) -> bool:
    """Whether a function always comes to a call, but for exits before it."""
    return not any(branch.holds for branch in program.index.unit(site.func).branches(site.branch))
