"""Consoles in service code: somebody is asked for a key or a line."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import words_of
from sessionzero.checks.uses import first_uses
from sessionzero.facts import Member, Name
from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.implied import mentions
from sessionzero.link.files.units import CallSite, Spot
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.uses.launches import LAUNCH, commands_of


def console_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """The first call, in each function, that reads from the console, waits for a key, or makes a
    console for somebody; no reading where the program puts something else in the console's place,
    which is called one of ``quiet-words``."""
    commands = frozenset(words_of(rule, "any-of"))
    redirected = _redirects(program, frozenset(words_of(rule, "quiet-words")))
    sites = [*program.service_sites(*rule.roles), *_streams(program)]
    wanted = (
        site
        for site in sorted(sites, key=lambda site: (site.spot, site.call))
        if _needs_somebody(program, site, commands, redirected=redirected)
    )
    yield from first_uses(program, rule, wanted)


def _needs_somebody(
    program: Program, site: Site, commands: frozenset[str], *, redirected: bool
) -> bool:
    if site.api.role == LAUNCH:
        return any(it.program in commands and not it.started for it in commands_of(program, site))
    if site.api.kind == "allocate":
        return _opens_console(program, site) and not _hides_window(program, site)
    stream = program.argument(site, "stream")
    elsewhere = stream is not None and last_name(stream) != "stdin"
    return site.api.kind == "read" and site.api.effect != "ok" and not redirected and not elsewhere


# The names by which a program opens the console that it has ("CreateFileW: Consoles",
# learn.microsoft.com). Without them a console is for child processes, or for signals to them.
_CONSOLE = frozenset(("CONIN$", "CONOUT$"))


def _opens_console(program: Program, site: Site) -> bool:
    """Whether the function that allocates a console goes on to read it or write to it."""
    return any(
        known.text.upper() in _CONSOLE
        for call in program.index.calls_of(site.func)
        for passed in program.index.call(call).arguments
        for known in program.values.argument(call, passed.value).texts
    )


def _hides_window(program: Program, site: Site) -> bool:
    """Whether the same function hides a window: then the console isn't there for anybody."""
    return any(
        other.func == site.func and program.value(other, "show").is_null
        for other in program.sites("window-show")
        if program.argument(other, "show") is not None
    )


def _redirects(program: Program, names: frozenset[str]) -> bool:
    """Whether the program gives itself another standard input."""
    calls = (site for site in program.sites("console-io") if site.api.kind == "redirect")
    return any(
        mentions(passed.value, names, program.index.unit(site.call))
        for site in calls
        for passed in program.index.call(site.call).arguments
    ) or any(program.index.writes.get(name) for name in names)


def _streams(program: Program) -> Iterator[Site]:
    """Calls with an object of the catalogue that stands for the console: ``std::cin.get()``,
    ``std::getline(std::cin, line)``."""
    objects = {
        name: api
        for api in program.catalog.with_role("console-io")
        if api.form == "class" and api.language == "c++"
        for name in (api.name, api.name.rpartition("::")[2])
    }
    for unit in program.index.units:
        for number, call in enumerate(unit.facts.calls if unit.facts.language == "c++" else ()):
            callee = call.callee
            stream = callee.object if isinstance(callee, Member) else None
            if not isinstance(stream, Name):
                stream = call.arguments[0].value if call.arguments else None
            if not isinstance(stream, Name) or stream.name not in objects:
                continue
            if stream.name not in unit.types_of.get(call.function, {}):
                at = CallSite(unit.index, number)
                spot = Spot(unit.index, call.function, call.start, call.end)
                yield Site(at, objects[stream.name], spot, call.branch, at)
