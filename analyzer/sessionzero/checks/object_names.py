"""Names of kernel objects that the other end looks for elsewhere, or that no end can use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import structs

from sessionzero.checks.object_mends import (
    as_the_service_says,
    at_all_ends,
    escaped,
    spelt_right,
)
from sessionzero.checks.reporting import finding, origin_notes, words_of
from sessionzero.findings import Confidence, Finding, Level, Mend, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.values.object_names import destroyed_prefix, relies_on_unknown_escape
from sessionzero.program import Program
from sessionzero.uses.objects import (
    Objects,
    ObjectUse,
    has_own_id,
    is_label,
    is_lock,
    objects_of,
    tests_single_instance,
    users_program_at,
)
from sessionzero.uses.secured import lets_users_in


def private_name(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each bare name, at the level that its other end decides (see ``_bare_level``)."""
    objects = objects_of(program)
    quiet = frozenset(words_of(rule, "quiet-words"))
    for use in objects.uses:
        if use.name.namespace != "bare" or use.known.text in quiet or lost_its_prefix(use):
            continue
        if use.creates and use.side != "unknown" and is_label(objects, use):
            continue  # a name that isn't meant as one: SZNAME013
        judged = _bare_level(program, objects, use)
        if judged is not None:
            level, confidence, others = judged
            mends = at_all_ends(program, rule, objects, use, both=bool(others))
            yield _for_both(
                program, use, reported(program, rule, use, level, confidence, others, mends=mends)
            )


_Judgement = tuple[Level, Confidence, tuple[ObjectUse, ...]]


def _bare_level(program: Program, objects: Objects, use: ObjectUse) -> _Judgement | None:
    """The ladder: error when a program on the other side uses the same bare name; nothing when
    the other side says ``Global\\``, or the name has the id of the process; note when the name is
    evidently private; else warning, also for what may not be a service's and is evidently not
    private."""
    others = objects.others(use)
    opposite = tuple(other for other in others if _opposite(use, other))
    if not opposite and has_own_id(program, use) and not lets_users_in(program, use):
        return None  # another process can't know it, unless somebody tells, and may not open it
    bare = tuple(other for other in opposite if other.name.namespace in ("bare", "local"))
    if use.in_service:
        if bare:
            return ("error", "high", bare)
        if any(other.name.namespace == "global" for other in opposite):
            return None
        private = _evidently_private(program, use, others)
        return ("note" if private else "warning", "medium", ())
    if bare and use.side == "client":
        return ("error", "high", bare)
    if program.has_service and use.creates and _is_for_others(program, use):
        return ("warning", "low", ())
    if program.for_other_projects(use.end.func):
        return ("note", "low", ())
    if use.side == "client" or program.only_clients:
        return None
    return ("note", "low", ())


def _is_for_others(program: Program, use: ObjectUse) -> bool:
    """Whether a library or console program, which a service may run, lets other users use the
    object: they have sessions of their own, where the bare name means another one."""
    context, func = program.context, use.end.func
    if context.by_hand.certainly_runs(func) or context.installs(func):
        return False
    return lets_users_in(program, use)


def _opposite(use: ObjectUse, other: ObjectUse) -> bool:
    """One end in the service, the other where a user runs it."""
    if use.in_service:
        return other.side == "client"
    return use.side == "client" and other.in_service


def _evidently_private(program: Program, use: ObjectUse, others: tuple[ObjectUse, ...]) -> bool:
    """A lock that nothing else takes; single-instance idiom of a program that only the service
    control manager starts; opened by services only; made of a process id; or the project's own
    client programs are all in view and none of them uses the name."""
    if not others and is_lock(program, use):
        return True
    if tests_single_instance(program, use):
        # In a program that users start too, its instances in two sessions don't see each other.
        return not (use.end.by_hand and use.site.api.kind in ("mutex", "semaphore"))
    ends = [it for it in others if not it.creates or (it.in_service and not use.creates)]
    if ends or not use.creates:
        return bool(ends) and not any(other.end.by_hand for other in (use, *ends))
    if not use.known.exact:
        return True
    return program.context.by_hand.has_programs() and users_program_at(program, use) is None


def lost_its_prefix(use: ObjectUse) -> bool:
    """Whether an escape took the prefix: reported as that, not a second time as a bare name."""
    return bool(destroyed_prefix(use.known.raw, use.known.text))


def local_prefix(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each ``Local\\`` name that both sides use, in two places or by one line that both run; a note
    where only the service uses it."""
    objects = objects_of(program)
    for use in objects.uses:
        if use.name.namespace != "local":
            continue
        opposite = tuple(other for other in objects.others(use) if _opposite(use, other))
        if _mismatched(program, objects, use):
            continue
        mends = at_all_ends(program, rule, objects, use, both=bool(opposite))
        if opposite:
            yield reported(program, rule, use, "error", "high", opposite, mends=mends)
        elif use.in_service:
            shared = use.known.exact and users_program_at(program, use) is not None
            level: Level = "warning" if shared else "note"
            found = reported(program, rule, use, level, "medium", (), mends=mends)
            yield _for_both(program, use, found)


def _for_both(program: Program, use: ObjectUse, item: Finding) -> Finding:
    """The finding with the program of the user's that runs the same line, if one does."""
    start = users_program_at(program, use) if item.level != "note" else None
    if start is None:
        return item
    text = (
        f"a program in the user's session starts here, and runs `{program.written(use.site)}` too"
    )
    note = Note(program.defined(start), text)
    return structs.replace(item, related=(*item.related, note))


def mismatched_name(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each name of a user's program that is a service's name but for prefix, case or slash."""
    objects = objects_of(program)
    for use in objects.uses:
        others = _mismatched(program, objects, use)
        if others:
            words = {"difference": _difference(use, others[0])}
            made = reported(program, rule, use, rule.level, rule.confidence, others, words)
            mends = as_the_service_says(program, rule, objects, use, others)
            yield structs.replace(made, mends=mends)


def _mismatched(program: Program, objects: Objects, use: ObjectUse) -> tuple[ObjectUse, ...]:
    """The uses by services that a client's use was meant to meet and misses, all ``Global\\`` if
    the prefix is what differs: a bare name at both ends is ``private_name``'s."""
    if use.side != "client" or use.name.namespace not in ("bare", "local", "global"):
        return ()
    if not use.known.exact or lost_its_prefix(use):
        return ()
    alike = objects.alike(use)
    services = tuple(other for other in alike if other.in_service)
    if any(other.meant == use.meant for other in services):
        return ()
    if any(o.name.base == use.name.base and o.name.namespace != "global" for o in services):
        return ()
    if not any(end.creates for end in (use, *services)) or _of_clients(program, use, alike):
        return ()
    return services


def _of_clients(program: Program, use: ObjectUse, alike: tuple[ObjectUse, ...]) -> bool:
    """Whether a client's name is meant as it is: it guards against a second instance, another file
    of the clients shares it, or it is the fallback of a file that tries the service's name too."""
    if tests_single_instance(program, use):
        return True
    for other in alike:
        if other.side == "client":
            beside = other.end.func.unit == use.end.func.unit
            if other.meant == use.meant:
                if not beside and (other.creates or use.creates):
                    return True
            elif beside and other.name.namespace == "global":
                return True
    return False


def _difference(use: ObjectUse, other: ObjectUse) -> str:
    """In what two names differ that are alike."""
    mine, theirs = use.name.base, other.name.base
    if mine == theirs:
        return "prefix"
    return "slash" if mine.casefold() != theirs.casefold() else "case"


def malformed_prefix(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each prefix that Windows doesn't recognise: wrong case, slash, colon, blank, misspelt."""
    objects = objects_of(program)
    for use in objects.uses:
        if use.name.namespace == "malformed" and not lost_its_prefix(use):
            level: Level = "note" if _never_a_service(program, use) else rule.level
            others = tuple(o for o in objects.alike(use) if _opposite(use, o))
            words = {"suggestion": f"{use.name.intended}{use.name.base}"}
            made = reported(program, rule, use, level, rule.confidence, others, words)
            yield structs.replace(made, mends=spelt_right(program, rule, objects, use))


def destroyed_prefix_in_literal(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each literal whose spelling shows ``Global\\`` and whose value has lost it."""
    objects = objects_of(program)
    for use in objects.uses:
        raw, text = use.known.raw, use.known.text
        destroyed = bool(destroyed_prefix(raw, text))
        if destroyed or relies_on_unknown_escape(raw, text):
            level, confidence = (rule.level, rule.confidence) if destroyed else _ONLY_LUCKY
            mends = escaped(program, rule, objects, use)
            yield reported(program, rule, use, level, confidence, (), mends=mends)


_ONLY_LUCKY: tuple[Level, Confidence] = ("note", "high")


def _never_a_service(program: Program, use: ObjectUse) -> bool:
    """All users of the name are programs of one session, and nothing here is a service."""
    return use.side == "client" and not program.has_service


def reported(
    program: Program,
    rule: Rule,
    use: ObjectUse,
    level: Level,
    confidence: Confidence,
    others: tuple[ObjectUse, ...],
    words: Mapping[str, str] = {},
    mends: tuple[Mend, ...] = (),
) -> Finding:
    """A finding at the name, with where it was written and the other ends; ``words`` are what the
    message needs beyond the name itself."""
    related = (
        *(wrapper_note(program, use)),
        *origin_notes(program, use.known, use.spot, f'the name "{shown(use.known.text)}"'),
        *(_end_note(program, use, other) for other in others[:8]),
    )
    named = {
        "name": shown(use.known.text) + ("" if use.known.exact else "…"),
        "text": use.known.raw or shown(use.known.text),
        "other": shown(others[0].known.text) if others else "",
    }
    made = finding(
        program,
        rule,
        use.site,
        spot=use.spot,
        proof=use.end.proof if use.in_service else None,
        level=level,
        related=related,
        words={**named, **{key: shown(word) for key, word in words.items()}},
    )
    return structs.replace(with_confidence(made, confidence), mends=mends)


def with_confidence(item: Finding, confidence: Confidence) -> Finding:
    """The same finding, no surer than ``confidence``."""
    order = ("low", "medium", "high")
    lower = min(item.confidence, confidence, key=order.index)
    return structs.replace(item, confidence=lower)


def shown(text: str) -> str:
    """A name as a reader can see it: control characters as escapes."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def wrapper_note(program: Program, use: ObjectUse) -> tuple[Note, ...]:
    """Where the name goes on to the function of Windows, if a wrapper is called with it."""
    if not use.known.passed or use.site.inside is not None:
        return ()
    place = program.place(use.site.spot)
    return (Note(place, f"the name reaches `{program.written(use.site)}` here"),)


def _end_note(program: Program, use: ObjectUse, other: ObjectUse) -> Note:
    verb = "creates" if other.creates else "opens"
    who = "the service" if other.in_service else "a program in the user's session"
    what = "it" if other.known.text == use.known.text else f"`{shown(other.known.text)}`"
    name = program.function_name(other.end.func)
    spot = other.site.spot if other.site.entry is not None else other.spot
    return Note(program.place(spot), f"{who} {verb} {what} here, in {name}")
