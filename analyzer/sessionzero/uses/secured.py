"""Every object that others can open by name, or by number as a process, with the security
descriptor that it gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, structs

from sessionzero.access import grants
from sessionzero.facts import Result
from sessionzero.link.files.expressions import last_name, walk
from sessionzero.link.files.implied import mentions
from sessionzero.link.files.scopes import Frame, bind
from sessionzero.link.files.units import CallSite, Func
from sessionzero.link.names.sites import Site
from sessionzero.link.security.made_descriptors import Descriptor
from sessionzero.link.values.lattice import Known
from sessionzero.program import Program
from sessionzero.uses.objects import ObjectUse, objects_of
from sessionzero.uses.sides import End, call_around, end_at, end_of

# What else has a name and a descriptor: role and kind in the catalogue → the kind of the object.
_OTHERS = {("pipe", "server"): "pipe", ("ipc-ok", "mailslot"): "mailslot"}


class Secured(Struct, frozen=True):
    """A call that creates an object, and what is known of it.

    ``known`` is its name, None if that can't be told; ``use`` what is known of the name of a kernel
    object. ``end``: who creates it.
    """

    site: Site
    kind: str
    known: Known | None
    end: End
    descriptor: Descriptor
    use: ObjectUse | None = None

    @property
    def name(self) -> str:
        """The name as it is shown; empty if it isn't known."""
        if self.known is None:
            return ""
        return self.known.text + ("" if self.known.exact else "…")


def secured_of(program: Program) -> tuple[Secured, ...]:
    """The objects of a program that have a name, or may have one, and the processes that it
    starts, but for those of unit tests; found once."""
    return program.once(_secured)


def _secured(program: Program) -> tuple[Secured, ...]:
    return tuple(
        made
        for made in _find(program)
        if made.end.in_service or not program.unit_tests.hold(made.end.func)
    )


def lets_users_in(program: Program, use: ObjectUse) -> bool:
    """Whether a call gives the object that it creates a security descriptor which lets ordinary
    users in: somebody has thought of programs of other accounts than the creator's."""
    words, kind = program.catalog.sddl, use.site.api.kind
    forms = descriptor_with(program, use.site, use.known).forms if use.creates else ()
    lists = [form.security.dacl for form in forms]
    return any(
        dacl is not None
        and (dacl.null or any(it.sid.trust == "broad" for it in grants(dacl, kind, words)))
        for dacl in lists
    )


def secured_later(program: Program, site: Site) -> bool:
    """Whether the file of a call sets descriptors of objects that are there already, or a function
    that is handed the new object does, in the function of the call or one that calls that."""
    applying = [it for it in program.sites("security-descriptor") if it.api.kind == "apply"]
    if any(other.call.unit == site.call.unit for other in applying):
        return True
    calls = (site.call, *program.callees.callers(site.func)) if applying else ()
    handed = {func for call in calls for func in _handed(program, call)}
    return any(other.func in handed for other in applying)


def _handed(program: Program, site: CallSite) -> Iterator[Func]:
    """The functions that get what a call returns, from the same function."""
    unit = program.index.unit(site)
    func = Func(site.unit, program.index.call(site).function)
    bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(func.index, ()))
    names = frozenset(
        last_name(binding.target)
        for binding in bindings
        if any(isinstance(it, Result) and it.call == site.index for it in walk(binding.value))
    )
    for other in program.index.calls_of(func):
        if any(mentions(it.value, names, unit) for it in program.index.call(other).arguments):
            yield from program.callees.of(other).functions


def _find(program: Program) -> Iterator[Secured]:
    named = set()
    for use in objects_of(program).uses:
        named.add(use.site)
        if use.creates and use.site.api.effect != "info":
            descriptor = descriptor_with(program, use.site, use.known)
            yield Secured(use.site, use.site.api.kind, use.known, use.end, descriptor, use)
    for site in program.sites("object-create"):
        if (
            site not in named
            and site.api.effect not in ("ok", "info")
            and _may_have_name(program, site)
        ):
            end = end_at(program, site)
            yield Secured(site, site.api.kind, None, end, program.descriptor(site))
    for site in program.sites(*{role for role, _ in _OTHERS}):
        kind = _OTHERS.get((site.api.role, site.api.kind))
        if kind is not None:
            yield from _other(program, site, kind)
    for site in program.sites("process-launch"):
        if program.argument(site, "security") is not None:
            yield Secured(site, "process", None, end_at(program, site), program.descriptor(site))


def _other(program: Program, site: Site, kind: str) -> Iterator[Secured]:
    name = program.value(site, "name")
    # What a function gives back on some ways only, as where it fails, names no object if that is
    # all that is known.
    texts = [known for known in name.texts if not (name.open and known.sometimes)]
    found = [
        Secured(
            site,
            kind,
            known,
            end_of(program, site, "name", known),
            descriptor_with(program, site, known),
        )
        for known in texts
    ]
    yield from found
    if not texts or _gets_an_unknown_name(program, site, found, also=name.open):
        yield Secured(site, kind, None, end_at(program, site), program.descriptor(site))


def _gets_an_unknown_name(
    program: Program, site: Site, found: Sequence[Secured], *, also: bool
) -> bool:
    """Whether somebody gives a wrapper a name that isn't known, beside those that are: only unit
    tests say these, or ``also`` others give names, and a service comes to the call though none of
    the known ones is its own."""
    if all(program.unit_tests.hold(made.end.func) for made in found):
        return not program.unit_tests.hold(site.func)
    in_service = any(made.end.in_service for made in found)
    return also and not in_service and program.service_proof(site) is not None


def descriptor_with(program: Program, site: Site, name: Known) -> Descriptor:
    """Which security descriptor the object of that name gets: a wrapper that gets names from its
    callers gets the descriptor of each from the same one."""
    given = dict(_through(program, name))
    descriptor = program.descriptor(site, _frame(program, site.func, given))
    forms = tuple(form for form in descriptor.forms if _may_meet(program, form.text, name))
    if len(forms) == len(descriptor.forms):
        return descriptor
    texts = tuple(text for text in descriptor.sddl if _may_meet(program, text, name))
    return structs.replace(descriptor, forms=forms, sddl=texts)


def _frame(
    program: Program, func: Func, given: Mapping[tuple[Func, ...], CallSite]
) -> Frame | None:
    """A function as one of the calls calls it, and that one's function likewise."""
    for functions, call in given.items():
        if func in functions:
            others = {key: value for key, value in given.items() if key != functions}
            caller = Func(call.unit, program.index.call(call).function)
            outer = _frame(program, caller, others)
            return Frame(func, bind(program.index, func, call, outer))
    return None


def _may_meet(program: Program, text: Known | None, name: Known) -> bool:
    """False if two callers of one function pass the text and the name."""
    if text is None:
        return True
    given = dict(_through(program, name))
    return all(given.get(functions, call) == call for functions, call in _through(program, text))


def _through(program: Program, known: Known) -> Iterator[tuple[tuple[Func, ...], CallSite]]:
    """The calls by which something came, with what they call."""
    for spot in known.passed:
        call = call_around(program, spot)
        functions = program.callees.of(call).functions if call is not None else ()
        if call is not None and functions:
            yield functions, call


def _may_have_name(program: Program, site: Site) -> bool:
    """Whether the name is given, and known neither to be NULL always nor to be something else."""
    if program.argument(site, "name") is None:
        return False
    value = program.value(site, "name")
    kinds = {known.kind for known in value.known}
    return not kinds & {"text", "number"} and (value.open or "null" not in kinds)
