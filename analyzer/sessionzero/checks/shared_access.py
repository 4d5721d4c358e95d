"""Shared objects that the other end may not open, or not as it asks, or that somebody else made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sessionzero.access import OBJECT, Grant, grants, specific, whole, writing
from sessionzero.checks.access_lists import standing
from sessionzero.checks.object_names import shown, with_confidence, wrapper_note
from sessionzero.checks.reporting import callee_spot, finding, supposed, words_of
from sessionzero.findings import Confidence, Finding, Level, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.units import Spot
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.sddl import Acl
from sessionzero.uses.objects import Objects, ObjectUse, objects_of, tests_single_instance
from sessionzero.uses.secured import Secured, secured_later, secured_of

_STANDARD = 0xF0000  # STANDARD_RIGHTS_REQUIRED; winnt.h
_OF_SESSION = ("bare", "local")  # namespaces in which a service and a user name two objects
_LOW_SIDS = frozenset(("S-1-16-4096", "LW"))


# --- the default list ---


def default_dacl(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each object with the default descriptor that a service makes for others: a program of users
    opens it, or it is named ``Global\\`` and the other end is out of sight (then a note)."""
    for made in secured_of(program):
        use = made.use
        if use is None or made.descriptor.kind != "default" or secured_later(program, made.site):
            continue
        judged = _default_level(program, made, use)
        if judged is None:
            continue
        level, confidence, others = judged
        item = finding(
            program,
            rule if use.in_service else supposed(rule),
            made.site,
            spot=use.spot,
            proof=made.end.proof,
            level=level,
            related=(
                *wrapper_note(program, use),
                *(_opened(program, other) for other in others[:8]),
            ),
            words={"name": shown(made.name), "kind": made.kind},
        )
        yield with_confidence(item, confidence)


_Judgement = tuple[Level | None, Confidence, tuple[ObjectUse, ...]]


def _default_level(program: Program, made: Secured, use: ObjectUse) -> _Judgement | None:
    everywhere = use.name.namespace == "global"
    elsewhere = program.for_other_projects(use.end.func)
    if not (everywhere or elsewhere or made.end.in_service):
        return None  # whoever makes it: asked first, for that takes longer
    judged = standing(program, made, of_libraries=True)
    if judged is None:
        return None
    objects = objects_of(program)
    alike = objects.alike(use)
    if use.in_service and (others := _of_users(objects, alike, use)):
        return ("note" if _starts_as_system(program) else judged[0], "high", others)
    if "\\" in use.name.base or tests_single_instance(program, use):
        return None
    if elsewhere:
        return ("note", "low", ()) if use.known.exact else None
    if not everywhere:
        return None
    if any(not other.creates for other in alike) or program.context.by_hand.has_programs():
        return None  # the other ends are in view: services, or none at all
    return ("note", "medium" if use.in_service else "low", ())


def _of_users(
    objects: Objects, alike: Iterable[ObjectUse], use: ObjectUse
) -> tuple[ObjectUse, ...]:
    """The uses by programs of users that mean the same object, or shall mean it: where both ends
    leave out ``Global\\``, SZNAME001 or SZNAME002 has the names mended."""
    found = [other for other in alike if other.meant == use.meant]
    if use.name.namespace in _OF_SESSION:
        found += [o for o in objects.others(use) if o.name.namespace in _OF_SESSION]
    return tuple(other for other in found if other.side == "client")


def _starts_as_system(program: Program) -> bool:
    """Whether the project starts a program with a token of the system, which the default list lets
    in: one that is moved into the session of a user, or copied from a process there, and none that
    the user's session was asked for."""
    tokens = program.sites("token")
    if any(_sets(program, site, "TokenSessionId") for site in tokens):
        return True
    return any(
        site.api.kind in ("as-user", "with-token") and _copies_token(program, site.call.unit)
        for site in program.sites("process-launch")
    )


def _copies_token(program: Program, unit: int) -> bool:
    """Whether a file copies the token of a process, and asks no session for its user's."""
    kinds = {s.api.kind for s in program.sites("token", "session-api") if s.call.unit == unit}
    return {"open", "duplicate"} <= kinds and "user-token" not in kinds


def _opened(program: Program, other: ObjectUse) -> Note:
    verb = "creates" if other.creates else "opens"
    name = program.function_name(other.end.func)
    return Note(program.place(other.spot), f"a program in the user's session {verb} it, in {name}")


# --- what the client asks for ---


def all_access(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each use by a program of users that asks for more than the service's descriptor gives."""
    services = [made for made in secured_of(program) if made.end.in_service and made.use]
    for use in objects_of(program).uses if services else ():
        if use.side != "client" or program.context.installs(use.end.func):
            continue
        asked = _asked(program, use)
        made = next((it for it in services if _meets(use, it)), None)
        if asked is None or made is None or not _gives_less(program, made, asked):
            continue
        if _falls_back(program, use):
            continue
        notes = (Note(program.place(made.end.spot), _gives(program, made)),)
        words = {"name": shown(use.known.text), "kind": made.kind}
        spot = callee_spot(program, use.site)
        item = finding(program, rule, use.site, spot=spot, related=notes, words=words)
        yield with_confidence(item, "high" if use.known.exact else "low")


def _meets(use: ObjectUse, made: Secured) -> bool:
    other = made.use
    return other is not None and (other.key, other.meant) == (use.key, use.meant)


def _gives(program: Program, made: Secured) -> str:
    said = made.descriptor.words(made.kind, program.catalog.sddl)
    return f"the service creates it so: {said}"


def _asked(program: Program, use: ObjectUse) -> int | None:
    """The rights that a call asks for; what creates without an access asks for all, if the object
    is there already. None if it isn't known."""
    words, kind = program.catalog.sddl, use.site.api.kind
    if any(parameter.role == "access" for parameter in use.site.api.parameters):
        value = program.value(use.site, "access")
        known = value.known[0] if len(value.known) == 1 and not value.open else None
        number = known.number if known and known.kind == "number" and known.exact else None
        return None if number is None else specific(number, kind, words)
    if not use.creates:
        return None
    # CreateFileMapping asks for the standard rights and for views, but not for executable ones.
    return _STANDARD | 0x5 if kind == "section" else whole(kind, words)


def _gives_less(program: Program, made: Secured, asked: int) -> bool:
    """Whether every descriptor that the object can get lets users in, and none gives them that."""
    if made.descriptor.kind not in ("sddl", "built") or not made.descriptor.forms:
        return False
    return all(
        form.security.dacl is not None and _less(program, made, form.security.dacl, asked)
        for form in made.descriptor.forms
    )


def _less(program: Program, made: Secured, dacl: Acl, asked: int) -> bool:
    if dacl.null or not dacl.whole:
        return False
    given = grants(dacl, made.kind, program.catalog.sddl)
    if any(g.sid.trust in ("", "group", "creator") and not asked & ~g.rights for g in given):
        return False  # that may be the account of the client
    broad = _together(g for g in given if g.sid.trust == "broad")
    return bool(broad) and bool(asked & ~broad)


def _together(given: Iterator[Grant]) -> int:
    rights = 0
    for grant in given:
        rights |= grant.rights
    return rights


def _falls_back(program: Program, use: ObjectUse) -> bool:
    """Whether the same function then opens the object with less."""
    return any(
        other.end.func == use.end.func and not other.creates and other.spot > use.spot
        for other in objects_of(program).alike(use)
    )


# --- somebody else's object ---


def squatted_object(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each ``Global\\`` object of a service that may have been made by somebody else before: what
    the call has found isn't asked."""
    for made in secured_of(program):
        use = made.use
        if use is None or not use.in_service or use.name.namespace != "global":
            continue
        if made.kind in words_of(rule, "quiet-words") or tests_single_instance(program, use):
            continue
        words = {"name": shown(made.name), "kind": made.kind}
        yield finding(program, rule, made.site, spot=use.spot, proof=made.end.proof, words=words)


# --- sandboxed clients ---


def missing_label(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each object of a service that users may write to and sandboxed programs may not, though the
    project makes such programs."""
    sandbox = _sandbox(program)
    for made in secured_of(program) if sandbox is not None else ():
        if not made.end.in_service or not _only_for_others(program, made):
            continue
        assert sandbox is not None
        notes = (Note(program.place(sandbox), "the project makes a sandboxed program here"),)
        spot = (*made.descriptor.places, made.site.spot)[0]
        words = {"name": shown(made.name) or program.written(made.site), "kind": made.kind}
        yield finding(
            program, rule, made.site, spot=spot, proof=made.end.proof, related=notes, words=words
        )


def _only_for_others(program: Program, made: Secured) -> bool:
    """Whether users may write to the object, and a program of low integrity may not."""
    words = program.catalog.sddl
    for form in made.descriptor.forms:
        dacl = form.security.dacl
        if dacl is None or dacl.null or form.security.label is not None:
            return False
        given = grants(dacl, made.kind, words)
        writers = [g for g in given if g.rights & writing(made.kind or OBJECT, words)]
        if any(g.sid.sid.startswith("S-1-15-2-") for g in writers):
            return False
        if not any(g.sid.trust == "broad" for g in writers):
            return False
    return bool(made.descriptor.forms)


def _sandbox(program: Program) -> Spot | None:
    """Where the project makes an app container, or a token of low integrity."""
    for site in program.sites("sandbox"):
        return site.spot
    tokens = [site for site in program.sites("token") if _lowers(program, site)]
    for site in program.sites("security-descriptor") if tokens else ():
        texts = {known.text.upper() for known in program.value(site, "sid_text").texts}
        named = program.value(site, "well_known").has_bits(program.catalog.constants[_LOW_LABEL])
        if texts & _LOW_SIDS or named is not None:
            return tokens[0].spot
    return None


_LOW_LABEL = "WinLowLabelSid"


def _lowers(program: Program, site: Site) -> bool:
    """``SetTokenInformation(token, TokenIntegrityLevel, …)``."""
    return _sets(program, site, "TokenIntegrityLevel")


def _sets(program: Program, site: Site, what: str) -> bool:
    """Whether a call changes this information of a token."""
    number = program.catalog.constants[what]
    known = program.value(site, "info_class").known if site.api.kind == "change" else ()
    return any(it.kind == "number" and it.number == number for it in known)
