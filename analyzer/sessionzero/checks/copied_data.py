"""WM_COPYDATA between a service and the programs of users."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.foreign_windows import copies_data, foreign_sends, lookup_note
from sessionzero.checks.reporting import fill, finding
from sessionzero.facts import Name, Operation
from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.units import CallSite, Func, Spot, Unit
from sessionzero.program import Program

_MESSAGE = "WM_COPYDATA"


def copied_data_as_ipc(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each WM_COPYDATA that a service sends to a window it has looked up, and each that a window
    procedure waits for which only the service runs, if the service sends itself none."""
    foreign = [s for s in foreign_sends(program, rule.roles) if copies_data(program, s.site)]
    for send in foreign:
        proof = program.service_proof(send.site)
        if proof is not None:
            note = lookup_note(program, send)
            yield finding(program, rule, send.site, proof=proof, related=note)
    elsewhere = {send.site.call for send in foreign}
    own = [
        site
        for site in program.service_sites(*rule.roles)
        if site.call not in elsewhere and copies_data(program, site)
    ]
    if program.has_service and not own:
        yield from _awaited(program, rule)


def _awaited(program: Program, rule: Rule) -> Iterator[Finding]:
    for unit, number in program.index.asked(_MESSAGE):
        branch = unit.facts.branches[number]
        if branch.holds and (compared := _compared(branch.condition)) is not None:
            yield from _handler(program, rule, unit, number, compared)


def _compared(condition: object) -> Name | None:
    """The name of the message in ``message == WM_COPYDATA``, or in a case of it."""
    if not isinstance(condition, Operation) or condition.operator != "==":
        return None
    names = (part for part in condition.operands if isinstance(part, Name))
    return next((name for name in names if name.name == _MESSAGE), None)


def _handler(
    program: Program, rule: Rule, unit: Unit, branch: int, compared: Name
) -> Iterator[Finding]:
    """The finding for a window procedure, where it does something with the data."""
    call = _first_call(unit, branch)
    if call is None:
        return
    func = Func(unit.index, unit.facts.calls[call].function)
    spot = Spot(unit.index, func.index, compared.start, compared.end)
    context = program.context
    if not context.runs_as_service(func) or context.also_by_hand(func):
        return
    outside = unit.facts.branches[branch].parent
    site = CallSite(unit.index, call)
    proof = program.proof_at(func, outside, spot, site, f"what handles {_MESSAGE}")
    if proof is None:
        return
    name = program.function_name(func)
    yield Finding(
        rule=rule.id,
        level="note" if proof.debug_only else "warning",
        confidence="medium",
        message=fill(rule.message, {"call": name}),
        place=program.place(spot),
        symbol=name,
        path=proof.path,
        related=(),
        subject=_MESSAGE,
    )


def _first_call(unit: Unit, branch: int) -> int | None:
    """The first call that stands in a branch."""
    described = unit.facts.branches[branch]
    inside = (
        (call.start, number)
        for number, call in enumerate(unit.facts.calls)
        if described.start <= call.start < described.end
    )
    return min(inside, default=(0, None))[1]
