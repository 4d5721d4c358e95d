"""The screen, copied, measured or changed by a service."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import finding, words_of
from sessionzero.checks.uses import in_each_function
from sessionzero.findings import Finding, Level
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.units import CallSite
from sessionzero.link.names.sites import Site
from sessionzero.program import Program


def screen_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """The first call, in each function, that copies the screen, changes it or, failing those, asks
    for its size; of functions that do many things, those that are told one of ``any-of``.

    A question is a note, and so is all that a program which users start does by the same function.
    """
    devices = {site.call: site for site in program.sites(*rule.roles) if _gives_screen(site)}
    sites = (
        site
        for site in program.service_sites(*rule.roles)
        if site.api.effect != "info" and _uses_screen(program, rule, site, devices)
    )
    for use in in_each_function(program, sorted(sites, key=_asks)):
        shared = program.context.also_by_hand(use.site.func)
        level: Level = "note" if shared or _asks(use.site) else rule.level
        yield finding(program, rule, use.site, proof=use.proof, level=level, related=use.others)


def _asks(site: Site) -> bool:
    """Whether a call only wants to know how large the screen is."""
    return site.api.kind in ("metrics", "monitors")


def _gives_screen(site: Site) -> bool:
    return site.api.kind == "device-context"


# Functions that do many things: the parameter that says what, and how its constants begin.
_MANY = {"metrics": ("index", "SM_"), "settings": ("action", "SPI_")}


def _uses_screen(program: Program, rule: Rule, site: Site, devices: dict[CallSite, Site]) -> bool:
    match site.api.kind:
        case "metrics" | "settings" as kind:
            role, prefix = _MANY[kind]
            names = (name for name in words_of(rule, "any-of") if name.startswith(prefix))
            wanted = {program.catalog.constants[name] for name in names}
            known = program.value(site, role).known
            return any(it.kind == "number" and it.exact and it.number in wanted for it in known)
        case "copy":
            known = program.value(site, "source").known
            sources = (devices.get(it.site) for it in known if it.site is not None)
            return any(made is not None and _is_whole_screen(program, made) for made in sources)
        case "device-context":
            # In C a device context of the screen serves memory bitmaps too; Python copies from it.
            python = site.api.language == "python"
            return site.api.form == "class" or (python and _is_whole_screen(program, site))
        case _:
            return True


def _is_whole_screen(program: Program, site: Site) -> bool:
    """Whether a device context is one of the screen: of no window, of the desktop's, or by name."""
    if program.argument(site, "driver") is not None:
        drivers = program.value(site, "driver").texts
        return any(known.text.upper() == "DISPLAY" for known in drivers)
    window = program.value(site, "hwnd")
    desktop = (program.callees.of(it.site).api for it in window.known if it.site is not None)
    return window.is_null or any(a is not None and a.name == "GetDesktopWindow" for a in desktop)
