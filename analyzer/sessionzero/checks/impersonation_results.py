"""Impersonation that may have failed."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.conditions import is_ignored
from sessionzero.checks.reporting import finding
from sessionzero.findings import Finding
from sessionzero.program import Program
from sessionzero.rules import Rule


def unchecked_impersonation(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each call after which the thread may be the client or may not, and nobody looks which.
    pywin32's functions raise an exception instead."""
    for site in program.service_sites(*rule.roles):
        if site.api.kind != "impersonate" or site.api.language == "python" or site.handed:
            continue
        if program.value(site, "token").is_null:
            continue  # SetThreadToken(NULL, NULL) takes the client's token off again
        if program.argument(site, "token") is not None and program.token_origins(site) == {"own"}:
            continue  # the service's own token: it goes on as itself anyway
        proof = program.service_proof(site) if is_ignored(program, site.call) else None
        if proof is not None:
            yield finding(program, rule, site, proof=proof)
