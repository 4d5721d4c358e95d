"""Impersonation that may have failed."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.conditions import is_ignored
from sessionzero.checks.reporting import finding
from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import path_of
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.uses.launches import LAUNCH

_AS_USER = "as-user"


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
        if _only_starts_programs(program, site):
            continue
        proof = program.service_proof(site) if is_ignored(program, site.call) else None
        if proof is not None:
            yield finding(program, rule, site, proof=proof)


def _only_starts_programs(program: Program, site: Site) -> bool:
    """Whether all that a function does until it ends the impersonation is to start programs with
    the same token: they have its rights, whoever the thread is."""
    token = program.argument(site, "token")
    started = {it.outer: it for it in program.sites(LAUNCH) if it.api.kind == _AS_USER}
    begun = program.index.call(site.call).end
    found = False
    for call in program.index.calls_of(site.func):
        if program.index.call(call).start < begun:
            continue
        api = program.callees.of(call).api
        if api is not None and api.kind == "revert":
            return found
        launch = started.get(call)
        if launch is not None:
            given = program.argument(launch, "token")
            if token is None or given is None or path_of(given) != path_of(token):
                return False
            found = True
        elif (api is not None and api.role) or program.callees.of(call).functions:
            return False
    return False
