"""Window messages and look-ups that stay in the service's own session."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.conditions import is_asked
from sessionzero.checks.foreign_threads import foreign_thread_messages
from sessionzero.checks.foreign_windows import (
    copies_data,
    foreign_sends,
    is_broadcast,
    lookup_note,
    searches_other_windows,
)
from sessionzero.checks.reporting import finding
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.program import Program


def message_to_foreign_window(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each message to a window that was looked up, not created, by the service."""
    for send in foreign_sends(program, rule.roles):
        if copies_data(program, send.site):
            continue  # a rule of its own
        proof = program.service_proof(send.site)
        if proof is not None:
            yield finding(program, rule, send.site, proof=proof, related=lookup_note(program, send))


def window_lookup_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each look-up of a window by the service, unless a message to its result is reported."""
    sent = [(it.site, it.lookup) for it in foreign_sends(program, ("send-message",))]
    sent += [(it.site, it.lookup) for it in foreign_thread_messages(program, ("thread-message",))]
    reported = {lookup for site, lookup in sent if program.service_proof(site) is not None}
    for site in program.service_sites(*rule.roles):
        if site.call in reported or not searches_other_windows(program, site):
            continue
        if site.api.kind == "shell-window" and is_asked(program, site.call):
            continue  # whether there is a user's shell: the answer is right
        proof = program.service_proof(site)
        if proof is not None:
            yield finding(program, rule, site, proof=proof)


def broadcast_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each broadcast, by a function made for it or by sending to HWND_BROADCAST."""
    for site in program.service_sites(*rule.roles):
        if site.api.role == "send-message" and not is_broadcast(program.value(site, "hwnd")):
            continue
        proof = program.service_proof(site)
        if proof is not None:
            yield finding(program, rule, site, proof=proof)


def message_to_foreign_thread(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each message to a thread of a program that a user sees, and each attempt to share its input:
    the owner of a window that was looked up, or what the service started for the user."""
    for message in foreign_thread_messages(program, rule.roles):
        proof = program.service_proof(message.site)
        if proof is not None:
            note = Note(program.place(message.origin), "the thread comes from here")
            yield finding(program, rule, message.site, proof=proof, related=(note,))
