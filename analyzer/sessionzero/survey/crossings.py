"""What crosses the wall between session 0 and the user's session, or fails to: from the shared
things, the services' ways to the user, and the findings on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sessionzero.findings import Finding, Place
from sessionzero.inventory import VERDICTS, Crossing, Verdict
from sessionzero.knowledge.rules import Rule
from sessionzero.link.security.made_descriptors import Descriptor
from sessionzero.survey.objects import Thing
from sessionzero.survey.standing import gravest_first
from sessionzero.survey.ways import Reach

# Weaknesses that let too many through: who is meant to pass does.
_TOO_OPEN = frozenset(
    (
        *("CWE-250", "CWE-252", "CWE-272", "CWE-273", "CWE-283", "CWE-412", "CWE-421", "CWE-428"),
        *("CWE-668", "CWE-732", "CWE-923", "CWE-1088"),
    )
)
_NOBODY = "no program in view opens it"
_SOMEONE = "who runs this is not known"
_SOMEBODY = "no service in view uses it"


def crossings_of(
    things: Iterable[Thing],
    ways: Iterable[Reach],
    shut: Iterable[tuple[str, Reach]],
    rules: Mapping[str, Rule],
) -> tuple[Crossing, ...]:
    """All crossings, those of one service and one client together, what stops first."""
    found = [
        *_shared(things, rules),
        *(_open(way, rules) for way in ways),
        *(_shut(side, way, rules) for side, way in shut),
    ]
    return tuple(sorted(found, key=_order))


def _order(crossing: Crossing) -> tuple[str, bool, str, str, int, str, str, Place]:
    left = crossing.service[0].program if crossing.service else ""
    right = "" if crossing.client_words else crossing.client[0].program
    first = (*crossing.service, *crossing.client)[0].place
    verdict = VERDICTS.index(crossing.verdict)
    words = crossing.client_words
    return (left, not right, right, words, verdict, crossing.kind, crossing.name, first)


# --- names ---


def _shared(things: Iterable[Thing], rules: Mapping[str, Rule]) -> Iterator[Crossing]:
    for thing in things:
        shared = thing.shared
        service, client = shared.on("service"), shared.on("client")
        if not (service or client) or not _crosses(thing):
            continue
        someone = shared.on("unknown") if service and not client else ()
        verdict, reason = _judged(thing, rules)
        yield Crossing(
            verdict=verdict,
            kind=shared.kind,
            name=next((end.written for end in (*service, *client) if end.written), shared.name),
            reason=reason,
            service=service,
            client=client or someone,
            findings=shared.findings,
            service_words="" if service else _SOMEBODY,
            client_words="" if client else _SOMEONE if someone else _NOBODY,
        )


def _crosses(thing: Thing) -> bool:
    """Whether a thing has ends on both sides, or is meant to have: by its name, by what it is, or
    by what a finding says."""
    shared = thing.shared
    service, client = shared.on("service"), shared.on("client")
    if service and client:
        return True
    if any(finding.level != "note" for finding in shared.findings):
        return True
    if not service:
        return False
    if shared.kind in ("pipe", "mailslot"):
        return any(end.verb in ("serves", "reads") for end in service)
    among_services = any(end.verb == "opens" for end in service) and len(service) == len(
        shared.ends
    )
    return not among_services and any(
        use.side == "service" and use.name.namespace == "global" for use in thing.uses
    )


def _judged(thing: Thing, rules: Mapping[str, Rule]) -> tuple[Verdict, str]:
    grave = [finding for finding in thing.shared.findings if finding.level != "note"]
    stopping = [finding for finding in grave if not _too_open(finding, rules)]
    if stopping:
        return "stops", stopping[0].message
    if _apart(thing):
        return "stops", "The two sides mean different objects: each looks in its own session."
    if grave:
        return "weak", grave[0].message
    return _by_descriptor(thing)


def _too_open(finding: Finding, rules: Mapping[str, Rule]) -> bool:
    weaknesses = frozenset(rules[finding.rule].cwe)
    return bool(weaknesses) and weaknesses <= _TOO_OPEN


def _apart(thing: Thing) -> bool:
    """Whether no user's program says a name that means the machine's object."""
    theirs = [use for use in thing.uses if use.side == "client"]
    ours = [use for use in thing.uses if use.side == "service"]
    return bool(ours and theirs) and not any(use.name.namespace == "global" for use in theirs)


def _by_descriptor(thing: Thing) -> tuple[Verdict, str]:
    """Who may open it decides, where both sides mean the same."""
    same = "One object for all sessions" if thing.uses else "Its name is one of the whole machine"
    access = thing.shared.access
    descriptors = _of_service(thing)
    kinds = {descriptor.kind for descriptor in descriptors}
    if not kinds:
        return "passes", f"{same}, made by the user's program."
    if kinds & {"null-dacl"}:
        return "weak", f"{same}; {access}."
    if kinds <= {"sddl", "built"} and not all(map(_keeps_users_out, descriptors)):
        return "passes", f"{same}; {access}."
    if kinds & {"unknown", "built"}:
        return "unknown", f"{same}; the source doesn't show who may open it."
    return "unknown", f"{same}; {access}."


def _keeps_users_out(descriptor: Descriptor) -> bool:
    """Whether only services and administrators are let in, as far as that is known."""
    lists = [form.security.dacl for form in descriptor.forms]
    return bool(lists) and all(
        acl is not None
        and acl.whole
        and all(ace.sid.trust in ("admin", "service") for ace in acl.aces if ace.effect == "allow")
        for acl in lists
    )


def _of_service(thing: Thing) -> tuple[Descriptor, ...]:
    made = any(end.verb in ("creates", "serves", "reads") for end in thing.shared.on("service"))
    return thing.descriptors if made else ()


# --- ways ---


def _open(way: Reach, rules: Mapping[str, Rule]) -> Crossing:
    grave = [finding for finding in way.findings if finding.level != "note"]
    verdict: Verdict = "passes"
    if grave:
        verdict = "weak" if all(_too_open(it, rules) for it in grave) else "stops"
    return Crossing(
        verdict=verdict,
        kind=way.way.kind,
        name=way.name,
        reason=grave[0].message if grave else way.way.reason,
        service=way.ends,
        client=(),
        findings=way.findings,
        client_words=way.way.target,
    )


def _shut(side: str, way: Reach, rules: Mapping[str, Rule]) -> Crossing:
    worst = gravest_first(way.findings)
    of_client = side == "client"
    return Crossing(
        verdict="weak" if all(_too_open(it, rules) for it in worst) else "stops",
        kind=way.way.kind,
        name=way.name,
        reason=worst[0].message,
        service=way.others if of_client else way.ends,
        client=way.ends if of_client else way.others,
        findings=worst,
        service_words="a service" if of_client and not way.others else "",
        client_words="" if of_client or way.others else way.way.target,
    )
