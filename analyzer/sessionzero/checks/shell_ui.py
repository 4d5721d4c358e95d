"""Tray icons, notifications and windows of the shell in service code."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import finding, words_of
from sessionzero.checks.uses import first_uses, in_each_function
from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Value
from sessionzero.program import Program

_FILES = "file-operation"


def shell_ui_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """The first use of the shell's user interface in each function that the service runs, and each
    file operation that asks the user."""
    sites = [site for site in program.service_sites(*rule.roles) if _shows(program, rule, site)]
    yield from first_uses(program, rule, _without_members(program, sites))
    for use in in_each_function(program, (s for s in sites if s.api.kind == _FILES)):
        yield finding(program, rule, use.site, proof=use.proof, level="warning", related=use.others)


def _without_members(program: Program, sites: list[Site]) -> list[Site]:
    """The sites but for file operations, and for methods of objects that are reported where they
    are made."""
    made = {
        site.api.name
        for site in sites
        if site.api.form == "class" and program.service_proof(site) is not None
    }
    return [site for site in sites if site.api.kind != _FILES and site.api.owner not in made]


def _shows(program: Program, rule: Rule, site: Site) -> bool:
    """Whether a call shows something: not one that only takes an icon away."""
    if site.api.kind == _FILES:
        return _asks(program, site)
    if program.argument(site, "action") is None:
        return True
    return not _is_only(program, program.value(site, "action"), words_of(rule, "exclude-flags"))


def _is_only(program: Program, value: Value, flags: tuple[str, ...]) -> bool:
    """Whether a value is known, and has one of the flags whatever it is."""
    bits = [program.catalog.constants[flag] for flag in flags]
    return (
        bool(value.known)
        and not value.open
        and all(
            known.kind == "number" and any(known.number & bit for bit in bits)
            for known in value.known
        )
    )


# What keeps a file operation from asking (SHFILEOPSTRUCT, SHEmptyRecycleBin; shellapi.h). The
# progress window that FOF_SILENT takes away asks nothing.
_QUIET = ("FOF_NOCONFIRMATION", "FOF_NOERRORUI")
_QUIET_BIN = ("SHERB_NOCONFIRMATION",)


def _asks(program: Program, site: Site) -> bool:
    """Whether a file operation is known to lack a flag that keeps it quiet."""
    if program.argument(site, "flags") is not None:
        return _lacks(program, program.value(site, "flags"), _QUIET_BIN)
    return _lacks(program, program.field(site, "data", "fFlags"), _QUIET)


def _lacks(program: Program, value: Value, flags: tuple[str, ...]) -> bool:
    """Whether a value is known, and can be without one of the flags."""
    bits = [program.catalog.constants[flag] for flag in flags]
    return not value.open and any(
        known.kind == "number" and known.exact and known.number & bit == 0
        for known in value.known
        for bit in bits
    )
