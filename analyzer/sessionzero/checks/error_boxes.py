"""Boxes that the run-time library shows on its own."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import finding
from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule
from sessionzero.program import Program


def error_box_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """The first assertion that a service in a graphical program makes, if nothing in the project
    says where the messages of the run-time library should go."""
    sites = program.sites(*rule.roles)
    if any(site.api.effect == "ok" for site in sites) or not _has_graphical_service(program):
        return
    for site in sites:
        proof = program.service_proof(site)
        if proof is not None:
            yield finding(program, rule, site, proof=proof)
            return


def _has_graphical_service(program: Program) -> bool:
    """Whether a graphical program, which begins at WinMain, becomes a service: one for the console
    writes the message of an assertion to stderr ("_set_error_mode", learn.microsoft.com)."""
    graphical = {
        api.name for api in program.catalog.with_role("client-entry") if api.kind == "main"
    }
    return any(
        program.index.function(func).name in graphical and program.context.starts_service(func)
        for mains in program.mains.of_unit.values()
        for func in mains
    )
