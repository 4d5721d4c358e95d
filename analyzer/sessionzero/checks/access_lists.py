"""Security descriptors that let in too many, or that Windows refuses."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.access import (
    Grant,
    everything,
    grants,
    listed,
    rights_in_words,
    useless_denials,
    writing,
)
from sessionzero.checks.object_names import shown, with_confidence
from sessionzero.checks.reporting import callee_spot, finding, origin_notes, words_of
from sessionzero.facts import Member
from sessionzero.findings import Confidence, Finding, Level, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.units import Spot
from sessionzero.link.names.sites import Site
from sessionzero.link.security.made_descriptors import Descriptor, Form
from sessionzero.link.values.lattice import Known
from sessionzero.program import Program, spelling
from sessionzero.sddl import Fault, decode
from sessionzero.uses.secured import Secured, secured_of
from sessionzero.uses.sides import end_at, end_of

_DACL = 0x4  # DACL_SECURITY_INFORMATION; winnt.h
_MOST_NOTES = 8  # of objects beside the one that is reported
_CONTROL = 0x40000 | 0x80000  # WRITE_DAC, WRITE_OWNER; winnt.h
_APP_PACKAGES = ("S-1-15-2-1", "S-1-15-2-2")  # all of them; all restricted ones
_LOW = ("untrusted", "low-integrity")


# --- a NULL DACL ---


def null_dacl(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each NULL DACL that an object of a service gets, at the call that makes it one; what else
    gets it by the same call stands beside it."""
    for at, open_to_all in _with_null(program, rule).items():
        gets = dict.fromkeys(_gets_it(program, made) for made, _ in open_to_all)
        for made, notes in sorted(open_to_all, key=_interest):
            alike = [note for note in gets if note != _gets_it(program, made)]
            found = list(_null(program, rule, made, at, (*notes, *alike[:_MOST_NOTES])))
            if found:
                yield from found
                break


_Noted = tuple[Secured, tuple[Note, ...]]


def _with_null(program: Program, rule: Rule) -> dict[Spot, list[_Noted]]:
    """Where a NULL DACL is made → the objects that get it, with the places that lead there."""
    quiet = frozenset(words_of(rule, "quiet-words"))
    found: dict[Spot, list[_Noted]] = {}
    for made in secured_of(program):
        for form in made.descriptor.forms:
            dacl = form.security.dacl
            if dacl is not None and dacl.null and made.name not in quiet:
                first = (*made.descriptor.places, callee_spot(program, made.site))[0]
                at, notes = _where(program, form, first)
                found.setdefault(at, []).append((made, notes))
    for site in program.sites("security-descriptor"):
        applied = site.api.kind == "apply" and _applies_null(program, site)
        if applied or site.api.kind == "null-dacl":
            places = _of_argument(program, site).places or (callee_spot(program, site),)
            made = Secured(site, "object", None, end_at(program, site), Descriptor("null-dacl"))
            found.setdefault(places[0], []).append((made, ()))
    return found


def _interest(noted: _Noted) -> tuple[int, bool]:
    """A service's object is what a reader wants to hear of first, then one with a name."""
    made, _ = noted
    return (("service", "unknown", "client").index(made.end.side), made.known is None)


def _applies_null(program: Program, site: Site) -> bool:
    """``SetSecurityInfo(…, DACL_SECURITY_INFORMATION, …, NULL, …)``, or a descriptor that has a
    NULL DACL given to ``SetKernelObjectSecurity``."""
    if program.value(site, "info").has_bits(_DACL) is None or _has_no_name(program, site):
        return False
    if program.argument(site, "dacl") is not None:
        return program.value(site, "dacl").is_null
    return _of_argument(program, site).kind == "null-dacl"


def _has_no_name(program: Program, site: Site) -> bool:
    """Whether the object that gets a descriptor was made without a name, whoever made it: then
    nobody else can open it."""
    if program.argument(site, "handle") is None:
        return False
    handle = program.value(site, "handle")
    names = [
        program.value(made, "name")
        for known in handle.known
        for made in program.sites("object-create")
        if known.site == made.call and program.argument(made, "name") is not None
    ]
    every_one = len(names) == len(handle.known) and not handle.open
    return bool(names) and every_one and all(it.is_null for it in names)


def _of_argument(program: Program, site: Site) -> Descriptor:
    expr = program.argument(site, "descriptor")
    if expr is None:
        return Descriptor("unknown")
    return program.descriptors.itself(site.call, expr, site.frame)


def _null(
    program: Program, rule: Rule, made: Secured, at: Spot, notes: tuple[Note, ...]
) -> Iterator[Finding]:
    """A NULL DACL is right nowhere: where nothing shows that the service creates the object, it is
    a warning if the project has one, but for a program that only has a user and his session."""
    context, func = program.context, made.end.func
    if made.end.in_service or not program.has_service:
        yield from _reported(program, rule, made, at, notes=notes)
        return
    script = made.end.side == "client" and program.index.unit(func).is_python
    if not script and not context.by_hand.certainly_runs(func) and not context.installs(func):
        yield from _made(program, rule, made, at, ("warning", "low"), notes=notes)


# --- entries ---


def over_broad_entry(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each entry that gives ordinary users all rights, or that of changing the list or the owner;
    those of pipes are :func:`sessionzero.checks.pipe_access.pipe_open_to_everyone`'s."""
    for made, form, grant, spot in granted(program):
        if made.kind != "pipe" and grant.sid.trust == "broad":
            all_rights = everything(grant.rights, made.kind, program.catalog.sddl)
            if all_rights or grant.rights & _CONTROL:
                yield from reported_grant(program, rule, made, form, grant, spot)


def granted(program: Program) -> Iterator[tuple[Secured, Form, Grant, Spot]]:
    """What the entries of each object's descriptor give to whom, and where they are written."""
    words = program.catalog.sddl
    for made in secured_of(program):
        for form in made.descriptor.forms:
            dacl = form.security.dacl
            if dacl is None or dacl.null:
                continue
            for grant in grants(dacl, made.kind, words):
                yield made, form, grant, form.spots[grant.number]


def reported_grant(
    program: Program,
    rule: Rule,
    made: Secured,
    form: Form,
    grant: Grant,
    spot: Spot,
    level: Level | None = None,
) -> Iterator[Finding]:
    """A finding at an entry: the message says whom it lets do what."""
    words = {
        "who": grant.sid.name,
        "rights": rights_in_words(grant.rights, made.kind, program.catalog.sddl),
    }
    at, notes = _where(program, form, spot)
    yield from _reported(program, rule, made, at, words, notes, level)


def _where(program: Program, form: Form, spot: Spot) -> tuple[Spot, tuple[Note, ...]]:
    """The call that adds the entry, or what is converted: the narrowest place that is wrong."""
    known = form.text
    if known is None:
        return spot, ()
    at = known.passed[0] if known.passed else known.origin
    inside = at.unit == spot.unit and spot.start <= at.start and at.end <= spot.end
    converted = Note(program.place(spot), "the descriptor is made of it here")
    notes = origin_notes(program, known, at, f"the descriptor `{shown(known.text)}`")
    return at, (*notes, *(() if inside else (converted,)))


def low_integrity_writers(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each object of a service that sandboxed programs may write to: by its integrity label, or
    because all app packages may."""
    words = program.catalog.sddl
    for made in secured_of(program):
        for form in made.descriptor.forms:
            dacl = form.security.dacl
            if dacl is None or dacl.null:
                continue
            writers = [
                grant
                for grant in grants(dacl, made.kind, words)
                if grant.rights & writing(made.kind, words) and grant.sid.trust != "admin"
            ]
            packages = [g for g in writers if g.sid.sid in _APP_PACKAGES]
            label = form.security.label
            low = label is not None and label.sid.name in _LOW
            who = (
                packages[0].sid.name if packages else f"{label.sid.name if label else ''} programs"
            )
            if packages or (low and writers):
                spot = (*made.descriptor.places, made.site.spot)[0]
                at, notes = _where(program, form, spot)
                yield from _reported(program, rule, made, at, {"who": who}, notes)


# --- what every one of them says ---


def _reported(
    program: Program,
    rule: Rule,
    made: Secured,
    spot: Spot,
    words: dict[str, str] | None = None,
    notes: tuple[Note, ...] = (),
    level: Level | None = None,
) -> Iterator[Finding]:
    """A finding at ``spot`` if a service creates the object; a note where nothing shows who does;
    none where a program of users does."""
    judged = standing(program, made)
    if judged is not None:
        lowered, confidence = judged
        yield from _made(program, rule, made, spot, (lowered or level, confidence), words, notes)


def _made(
    program: Program,
    rule: Rule,
    made: Secured,
    spot: Spot,
    judged: tuple[Level | None, Confidence],
    words: dict[str, str] | None = None,
    notes: tuple[Note, ...] = (),
) -> Iterator[Finding]:
    """A finding at ``spot`` of that level, the page's if it is None, and no surer than that."""
    level, confidence = judged
    created = callee_spot(program, made.site)
    here = _gets_it(program, made)
    inside = created.unit == spot.unit and spot.start <= created.start and created.end <= spot.end
    related = (*notes, *(() if inside else (here,)))
    named = {"kind": made.kind, "name": name_of(program, made)}
    item = finding(
        program,
        rule,
        made.site,
        spot=spot,
        proof=made.end.proof,
        level=level,
        related=related,
        words={**named, **(words or {})},
    )
    yield with_confidence(item, confidence)


def standing(
    program: Program, made: Secured, *, of_libraries: bool = False
) -> tuple[Level | None, Confidence] | None:
    """How sure it is that a service creates the object: the level if it isn't the page's, and the
    most that the confidence can be. None: it doesn't. ``of_libraries``: a service of another
    project may, where that project uses a library of this one."""
    if made.end.in_service:
        return (None, "high" if made.known is not None else "medium")
    if of_libraries and program.for_other_projects(made.site.func):
        return ("note", "low")
    if made.end.side == "client" or program.only_clients:
        return None
    return ("note", "low")


def _gets_it(program: Program, made: Secured) -> Note:
    place = program.place(callee_spot(program, made.site))
    return Note(place, f"the {made.kind} gets it here, by {_call(program, made)}")


def _call(program: Program, made: Secured) -> str:
    return f"`{program.written(made.site)}`"


def name_of(program: Program, made: Secured) -> str:
    """The name as a reader can see it: what is known of it, or the user's expression."""
    return shown(made.name) or _spelt(program, made.site)


def _spelt(program: Program, site: Site) -> str:
    """The name as an expression of the user, a process's program; what the call is about if it has
    neither."""
    callee = program.index.call(site.call).callee
    receiver = callee.object if isinstance(callee, Member) else None
    said_by = ("name", "handle", "application", "command_line")
    for expr in (*(program.argument(site, role) for role in said_by), receiver):
        said = spelling(expr, program.index.unit(site.call)) if expr is not None else ""
        if said:
            return said
    return program.written(site)


# --- what is wrong with the text itself ---


def invalid_sddl(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each text that is converted to a descriptor and is none, that lets nobody in, or that denies
    what it has allowed before."""
    for site in program.sites(*rule.roles):
        for known in program.value(site, "sddl").texts:
            problem, level = _problem(program, known) if known.exact else ("", None)
            if problem:
                end = end_of(program, site, "sddl", known)
                words = {"text": shown(known.text), "problem": problem}
                notes = origin_notes(program, known, end.spot, "the text")
                yield finding(
                    program, rule, site, spot=end.spot, level=level, related=notes, words=words
                )


def _problem(program: Program, known: Known) -> tuple[str, Level | None]:
    words = program.catalog.sddl
    found = decode(known.text, words)
    if isinstance(found, Fault):
        template = any(sign in known.text for sign in "%{")  # its parts are filled in elsewhere
        return ("" if template else f"is refused, since {found.message}", None)
    if found.dacl is None:
        return "", None
    inherits = bool({"AI", "AR"} & set(found.dacl.controls))  # entries of the folder or key above
    if not found.dacl.aces and not found.dacl.null and not inherits:
        return "lets nobody in, since it has no entry", None
    useless = useless_denials(found.dacl, "object", words)
    who = listed(tuple(dict.fromkeys(ace.sid.name for ace in useless)))
    return (f"denies {who} in vain what an entry before allows" if who else "", "warning")
