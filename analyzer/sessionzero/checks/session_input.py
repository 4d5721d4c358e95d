"""Keyboard and mouse of a session, watched or asked for by a service."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.uses import first_uses, first_uses_unless_shared
from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.program import Program

_WHOSE = ("thread", "process_id")  # a hook of one thread or process may be for the service's own


def hook_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """The first call, in each function, that watches the whole desktop."""
    sites = (s for s in program.service_sites(*rule.roles) if _watches_all(program, s))
    yield from first_uses(program, rule, sites)


def _watches_all(program: Program, site: Site) -> bool:
    """Whether a hook is known to be for no thread and no process alone."""
    return site.api.effect != "ok" and all(
        program.value(site, role).is_null
        for role in _WHOSE
        if program.argument(site, role) is not None
    )


def input_state_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """The first question, in each function, for the state of keyboard or mouse."""
    yield from first_uses_unless_shared(program, rule, program.service_sites(*rule.roles))
