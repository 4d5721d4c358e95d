"""Window stations and desktops of users, opened or shown by a service."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import words_of
from sessionzero.checks.uses import first_uses_unless_shared
from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.program import Program


def desktop_of_user_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """The first call, in each function, that opens the window station or desktop of a user by one
    of the names ``any-of``, opens the desktop that gets the input, or puts a desktop on show."""
    names = frozenset(name.casefold() for name in words_of(rule, "any-of"))
    sites = (s for s in program.service_sites(*rule.roles) if _means_users(program, s, names))
    yield from first_uses_unless_shared(program, rule, sites)


def _means_users(program: Program, site: Site, names: frozenset[str]) -> bool:
    if site.api.kind != "open":
        return site.api.kind == "show"
    if all(parameter.role != "name" for parameter in site.api.parameters):
        return True
    texts = program.value(site, "name").texts
    return any(known.exact and known.text.casefold() in names for known in texts)
