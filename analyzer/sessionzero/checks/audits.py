"""What only takes stock: the services, and the things that programs share. No defects."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import fill
from sessionzero.findings import Finding, Note, Place
from sessionzero.inventory import End, Service
from sessionzero.knowledge.rules import Rule
from sessionzero.program import Program
from sessionzero.survey.objects import things_of
from sessionzero.survey.programs import Programs
from sessionzero.survey.services import services_of
from sessionzero.survey.standing import Standing


def service_inventory(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each service: where it runs and as whom."""
    for service in services_of(program, Programs(program), Standing(())):
        entries = service.entries
        if entries:
            words = {"program": service.program, "who": _who(service)}
            related = (
                *entries[1:],
                *(Note(it, "it is installed here") for it in service.installed),
            )
            yield _note(rule, words, entries[0].place, related, service.program)


def _who(service: Service) -> str:
    account = service.account or "an account that the source doesn't name"
    integrity = f" at {service.integrity} integrity" if service.integrity else ""
    return f"{service.session} as {account}{integrity}"


def shared_object_table(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each thing with a name: who may open it, and who does."""
    for thing in things_of(program, Programs(program), Standing(())):
        shared = thing.shared
        words = {
            "kind": shared.kind,
            "name": shared.name,
            "rights": shared.access or "nobody in view creates it",
        }
        first, *others = shared.ends
        related = tuple(Note(end.place, _end_words(end)) for end in (first, *others))
        yield _note(rule, words, first.place, related, shared.name)


def _end_words(end: End) -> str:
    who = {"service": "a service", "client": "a user's program", "unknown": "a program"}[end.side]
    name = f", `{end.program}`," if end.program else ""
    meaning = f"; Windows looks for `{end.directory}`" if end.directory else ""
    return f"{who}{name} {end.verb} `{end.written}` here{meaning}"


def _note(
    rule: Rule, words: dict[str, str], place: Place, related: tuple[Note, ...], subject: str
) -> Finding:
    message = fill(rule.message, words)
    return Finding(rule.id, "note", "high", message, place, "", (), related, subject)
