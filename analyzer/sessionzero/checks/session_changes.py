"""Changes of sessions that a service waits for and never hears of; events that come to a window.

Sources: SERVICE_STATUS, LPHANDLER_FUNCTION_EX, WTSRegisterSessionNotification
(learn.microsoft.com/windows/win32): session changes come to a HandlerEx that accepts them.
pywin32's GetAcceptedControls accepts what the class has methods for, and session changes never.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.checks.certainty import every, is_number
from sessionzero.checks.reporting import fill, finding
from sessionzero.facts import Binding, Expr, Member, Name, Operation, Sequence
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import item_named, last_name, walk
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import CallSite, Func, Spot, Unit
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Value
from sessionzero.program import Program

_ACCEPT = 0x80  # SERVICE_ACCEPT_SESSIONCHANGE; winsvc.h
_FIELD = "dwControlsAccepted"
_POSITION = 2  # of the field in SERVICE_STATUS
_CONTROL = "SERVICE_CONTROL_SESSIONCHANGE"
_ASKED = "GetAcceptedControls"
_RECIPIENT = 0x3  # bits of DEVICE_NOTIFY_… that say who is told; none of them: a window


def session_change_lost(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each place that counts on session changes where none can come."""
    yield from _plain_handler(program, rule)
    yield from _never_accepted(program, rule)
    yield from _not_in_python(program, rule)
    yield from _own_session_only(program, rule)


class Mask(Struct, frozen=True):
    """A value of the controls that a service accepts, and where it is written."""

    spot: Spot
    value: Value


def accepted_controls(program: Program) -> Iterator[Mask]:
    """Each value of the controls that the project's services accept, in C and C++."""
    for name, writes in program.index.typed.items():
        if "SERVICE_STATUS" in name and "HANDLE" not in name:
            for write in writes:
                unit, binding = program.index.unit(write), program.index.binding(write)
                expr = _initial(binding)
                if expr is not None:
                    yield _mask(program, unit, binding, expr)
    for write in program.index.writes.get(_FIELD, ()):
        unit, binding = program.index.unit(write), program.index.binding(write)
        if binding.operator in ("=", "|="):
            yield _mask(program, unit, binding, binding.value)


def _initial(binding: Binding) -> Expr | None:
    """The accepted controls in an initialiser of SERVICE_STATUS."""
    if not isinstance(binding.value, Sequence):
        return None
    items = binding.value.items
    named = item_named(items, _FIELD)
    plain = [item.value for item in items if not item.name]
    return named or (plain[_POSITION] if len(plain) > _POSITION else None)


def _mask(program: Program, unit: Unit, binding: Binding, expr: Expr) -> Mask:
    at = Scope(unit, binding.function, binding.branch, binding.start)
    spot = Spot(unit.index, binding.function, expr.start, expr.end)
    return Mask(spot, program.values.fold(expr, at))


def hears_of_sessions(program: Program, func: Func) -> bool:
    """Whether something may tell the service that runs a function of session changes: a status that
    accepts them, or isn't known or in sight; code that asks for the control; a notification for a
    window. What other programs of the project do says nothing."""

    def mine(unit: int) -> bool:
        return not program.linkage.apart(unit, func.unit)

    masks = [mask for mask in accepted_controls(program) if mine(mask.spot.unit)]
    return (
        not masks
        or not all(every(mask.value, is_number) for mask in masks)
        or any(mask.value.has_bits(_ACCEPT) is not None for mask in masks)
        or any(mine(unit.index) for unit, _ in program.index.asked(_CONTROL))
        or any(
            site.api.kind == "notify" and mine(site.call.unit)
            for site in program.sites("session-api")
        )
    )


# --- accepted, but not by a HandlerEx ---


def _plain_handler(program: Program, rule: Rule) -> Iterator[Finding]:
    extended = set(_extended(program))
    plain = [site for site in program.sites("service-handler") if site.api.kind == "plain"]
    apart = program.linkage.apart
    for mask in accepted_controls(program) if plain else ():
        known = mask.value.has_bits(_ACCEPT)
        unit = mask.spot.unit
        if known is None or any(not apart(unit, other) for other in extended):
            continue
        site = next((s for s in plain if _of_one_service(program, mask, s)), None)
        proof = program.service_proof(site) if site is not None else None
        if site is None or proof is None:
            continue
        note = Note(program.place(site.spot), f"`{program.written(site)}` registers the handler")
        words = {
            "text": "SERVICE_ACCEPT_SESSIONCHANGE",
            "reason": f"`{program.written(site)}` registers a handler that can't get them",
        }
        yield finding(
            program, rule, site, spot=mask.spot, proof=proof, related=(note,), words=words
        )


def _extended(program: Program) -> Iterator[int]:
    """The files that register a HandlerEx, or call something of that name by a pointer."""
    for site in program.sites("service-handler"):
        if site.api.kind != "plain":
            yield site.call.unit
    for name, calls in program.index.calls_named.items():
        if "ctrlhandlerex" in name.lower():
            yield from (call.unit for call in calls)


def _of_one_service(program: Program, mask: Mask, site: Site) -> bool:
    """Whether a status is that of the service which registers the handler: build files put both
    into one program, or the same file starts both."""
    programs = program.linkage.programs
    if programs(mask.spot.unit) & programs(site.call.unit):
        return True
    status = Func(mask.spot.unit, mask.spot.function)
    return not _homes(program, status).isdisjoint(_homes(program, site.func))


def _homes(program: Program, func: Func) -> set[int]:
    """The file of a function, and that of the entry from which the service comes to it."""
    entry = program.context.entry(func)
    return {func.unit} if entry is None else {func.unit, entry.func.unit}


# --- waited for, but not accepted ---


class _Wait(Struct, frozen=True):
    """A condition that asks for the control of a session change."""

    func: Func
    branch: int
    spot: Spot


def _waits(program: Program, *, python: bool) -> Iterator[_Wait]:
    seen = set()
    functions: dict[int, dict[int, int]] = {}
    for unit, number in program.index.asked(_CONTROL):
        branch = unit.facts.branches[number]
        if unit.is_python != python or not branch.holds:
            continue
        if unit.index not in functions:
            functions[unit.index] = _functions_of_branches(unit)
        for part in walk(branch.condition):
            asked = _control_in(part)
            function = functions[unit.index].get(number)
            if asked is None or function is None or (unit.index, asked.start) in seen:
                continue
            seen.add((unit.index, asked.start))
            spot = Spot(unit.index, function, asked.start, asked.end)
            yield _Wait(Func(unit.index, function), branch.parent, spot)


def _control_in(part: Expr) -> Name | Member | None:
    if isinstance(part, Operation) and part.operator == "==":
        for operand in part.operands:
            if isinstance(operand, Name | Member) and operand.name == _CONTROL:
                return operand
    return None


def _functions_of_branches(unit: Unit) -> dict[int, int]:
    """Branch → the function that something in the branch stands in."""
    facts = unit.facts
    places = [(call.branch, call.function) for call in facts.calls]
    places += ((binding.branch, binding.function) for binding in facts.bindings)
    places += ((item.branch, item.function) for item in facts.returns)
    return {number: function for inner, function in places for number in unit.branch_chain(inner)}


def _never_accepted(program: Program, rule: Rule) -> Iterator[Finding]:
    masks = tuple(accepted_controls(program))
    for wait in _waits(program, python=False) if masks else ():
        mine = [m for m in masks if not program.linkage.apart(m.spot.unit, wait.func.unit)]
        if not mine or not all(every(mask.value, is_number) for mask in mine):
            continue
        accepted = {known.number for mask in mine for known in mask.value.known}
        if accepted == {0} or any(number & _ACCEPT for number in accepted):
            continue  # all zero: the status of the running service is made elsewhere
        related = tuple(
            Note(program.place(mask.spot), "the accepted controls are written here")
            for mask in mine[:4]
        )
        reason = "it doesn't accept `SERVICE_ACCEPT_SESSIONCHANGE`"
        yield from _waiting(program, rule, wait, reason, related)


def _waiting(
    program: Program, rule: Rule, wait: _Wait, reason: str, related: tuple[Note, ...]
) -> Iterator[Finding]:
    site = CallSite(wait.func.unit, -1)
    proof = None
    if program.context.runs_as_service(wait.func):
        proof = program.proof_at(wait.func, wait.branch, wait.spot, site, _CONTROL)
    if proof is None:
        return
    function = program.function_name(wait.func)
    last = Note(program.place(wait.spot), f"{function} waits for {_CONTROL}")
    yield Finding(
        rule=rule.id,
        level="note" if proof.debug_only else rule.level,
        confidence=min(rule.confidence, proof.confidence, key=("low", "medium", "high").index),
        message=fill(rule.message, {"text": _CONTROL, "reason": reason}),
        place=program.place(wait.spot),
        symbol=function,
        path=(*proof.path[:-1], last),
        related=related,
        subject=_CONTROL,
    )


# --- pywin32 ---


def _not_in_python(program: Program, rule: Rule) -> Iterator[Finding]:
    """A class of pywin32 whose ``GetAcceptedControls`` is pywin32's own, or adds other controls."""
    if any(program.index.unit(s.call).is_python for s in program.sites("service-status")):
        return  # the service reports its status by itself
    for wait in _waits(program, python=True):
        if program.index.function(wait.func).owner and not _accepts(program, wait.func):
            reason = "`GetAcceptedControls` doesn't add `SERVICE_ACCEPT_SESSIONCHANGE`"
            yield from _waiting(program, rule, wait, reason, ())


def _accepts(program: Program, method: Func) -> bool:
    """Whether a ``GetAcceptedControls`` of the class with the method, of its bases or of what
    derives from it, adds session changes or what isn't understood."""
    classes = program.callees.python_classes
    ref = classes.owner_of(method)
    if ref is None:
        return True
    family = {base for each in (ref, *classes.descendants(ref)) for base in classes.lineage(each)}
    return any(
        _adds_unknown(program, func)
        for func in program.index.definitions.get(_ASKED, ())
        if program.index.unit(func).is_python
        if (owner := classes.owner_of(func)) is None or owner in family
    )


def _adds_unknown(program: Program, func: Func) -> bool:
    unit, facts = program.index.unit(func), program.index.unit(func).facts
    if any(
        last_name(program.index.call(site).callee) not in (_ASKED, "super")
        for site in program.index.calls_of(func)
    ):
        return True
    bindings = [facts.bindings[i] for i in unit.bindings_of.get(func.index, ())]
    own = {last_name(binding.target) for binding in bindings} | {"self", "super"}
    values = [(b.value, b.branch, b.start) for b in bindings]
    returns = [facts.returns[i] for i in unit.returns_of.get(func.index, ())]
    values += [(r.value, r.branch, r.value.start) for r in returns]
    for value, branch, start in values:
        for part in walk(value):
            if isinstance(part, Name | Member) and last_name(part) not in own:
                known = program.values.fold(part, Scope(unit, func.index, branch, start))
                module = isinstance(part, Name) and any(
                    part.name in (item.alias, item.module) for item in facts.imports
                )
                if not module and (not every(known, is_number) or known.has_bits(_ACCEPT)):
                    return True
    return False


# --- by a window ---


def _own_session_only(program: Program, rule: Rule) -> Iterator[Finding]:
    """``WTSRegisterSessionNotification(window, NOTIFY_FOR_THIS_SESSION)``: no one comes there."""
    for site in program.service_sites("session-api"):
        expr = program.argument(site, "flags")
        if site.api.kind != "notify" or expr is None or program.argument(site, "hwnd") is None:
            continue
        proof = program.service_proof(site) if program.value(site, "flags").is_null else None
        if proof is not None:
            reason = "it means session 0, where nobody logs on"
            words = {"text": "NOTIFY_FOR_THIS_SESSION", "reason": reason}
            spot = _spot(site, expr)
            yield finding(program, rule, site, spot=spot, proof=proof, words=words)


def _spot(site: Site, expr: Expr) -> Spot:
    if site.inside is not None:
        return site.spot
    return Spot(site.spot.unit, site.spot.function, expr.start, expr.end)


def window_bound_notification(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each registration of a service for events of devices or power that are sent to a window."""
    for site in program.service_sites(*rule.roles):
        expr = program.argument(site, "flags")
        if site.api.kind != "device" or expr is None:
            continue
        flags = program.value(site, "flags")
        if not every(flags, lambda known: is_number(known) and not known.number & _RECIPIENT):
            continue
        proof = program.service_proof(site)
        if proof is not None:
            yield finding(program, rule, site, spot=_spot(site, expr), proof=proof)
