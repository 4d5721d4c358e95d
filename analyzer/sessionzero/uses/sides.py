"""The two ends of a name: where a program says it, and who runs that place."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, structs

from sessionzero.link.files.units import CallSite, Func, Spot
from sessionzero.link.names.lists import Applied
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.link.ways.context import Context
from sessionzero.program import Program, Proof

Side = Literal["service", "client", "unknown"]


class End(Struct, frozen=True):
    """A place that says a name. ``spot`` is where a reader looks: the argument of a call, or the
    argument of a wrapper's outermost caller; ``func`` is what runs it. ``proof`` is there if a
    service does."""

    spot: Spot
    func: Func
    proof: Proof | None
    context: Context

    @property
    def in_service(self) -> bool:
        """True if a service runs it. Quick, where :attr:`side` may have to search."""
        return self.proof is not None

    @property
    def by_hand(self) -> bool:
        """True if a program that a user starts runs it."""
        return self.context.also_by_hand(self.func)

    @property
    def side(self) -> Side:
        """Who runs it; the service, if both do."""
        if self.in_service:
            return "service"
        return "client" if self.by_hand else "unknown"


def begun_here(site: Site, known: Known) -> Known:
    """A text that begins in the function of a call is said there, whatever callers add to it."""
    origin = known.origin
    here = (origin.unit, origin.function) == (site.spot.unit, site.spot.function)
    return structs.replace(known, passed=()) if here else known


def end_at(program: Program, site: Site) -> End:
    """Who runs a call, for a reader who looks at all of it."""
    return End(site.spot, site.func, program.service_proof(site), program.context)


def end_of(program: Program, site: Site, role: str, known: Known) -> End:
    """Who says ``known`` as the argument of a call that plays ``role``."""
    spot = _spot(program, site, role, known)
    func = site.func if site.entry is not None else Func(spot.unit, spot.function)
    if func == site.func:
        return End(spot, func, program.service_proof(site), program.context)
    inner = program.index.units[site.spot.unit]
    if program.context.branches.never_taken(inner, site.branch, site.func):
        return End(spot, func, None, program.context)  # in a wrapper, but never for the service
    # A wrapper that service and client share: what counts is who passes this name to it.
    call = call_around(program, spot)
    branch = -1 if call is None else program.index.call(call).branch
    what = f"a wrapper of {program.written(site)}"
    ends = [
        End(spot, user, program.proof_at(user, it.branch, it.spot, it.given, what), program.context)
        for it in _uses_of_list(program, known, call)
        if (user := Func(it.spot.unit, it.spot.function))
    ]
    if ends:
        return next((end for end in ends if end.in_service), ends[0])
    proof = program.proof_at(func, branch, spot, call or site.outer, what)
    return End(spot, func, proof, program.context)


def _uses_of_list(program: Program, known: Known, entry: CallSite | None) -> list[Applied]:
    """Where lists are used that pass a name, from an entry, to the macro that hands it on."""
    if len(known.passed) < 2 or entry is None:
        return []
    macro = Func(known.passed[1].unit, known.passed[1].function)
    if program.index.function(macro).kind != "macro":
        return []
    return [item for item in program.callees.lists.applied(macro) if item.entry == entry]


def _spot(program: Program, site: Site, role: str, known: Known) -> Spot:
    """The argument itself; for a wrapper, the argument of its outermost caller; for a macro, its
    use; for what a list makes, what the list or the macro says."""
    if site.entry is not None:
        return known.passed[0] if known.passed else known.origin
    if known.passed and site.inside is None:
        return known.passed[0]
    expr = program.argument(site, role)
    if expr is None or site.inside is not None:
        return site.spot
    return Spot(site.spot.unit, site.spot.function, expr.start, expr.end)


def call_around(program: Program, spot: Spot) -> CallSite | None:
    """The innermost call that holds the place; none for the default of a parameter."""
    unit = program.index.units[spot.unit]
    around = [
        (call.end - call.start, number)
        for number in unit.calls_of.get(spot.function, ())
        if (call := unit.facts.calls[number]).start <= spot.start < spot.end <= call.end
        and (call.start, call.end) != (spot.start, spot.end)
    ]
    return CallSite(spot.unit, min(around)[1]) if around else None
