"""The services of a project: which program runs in session 0, as whom, since when.

Sources: CreateService, "Service User Accounts", "Per-user services in Windows" and "Mandatory
Integrity Control" (learn.microsoft.com): without an account a service runs as LocalSystem; the
three accounts that Windows has for services run at system integrity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from sessionzero.facts import Sequence
from sessionzero.findings import Finding
from sessionzero.inventory import Service
from sessionzero.link.files.scopes import Scope
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Value
from sessionzero.overview import Component
from sessionzero.program import Program
from sessionzero.survey.programs import Programs
from sessionzero.survey.standing import Standing

_HOME = "session 0"
_PER_USER = "the session of the user who signs in: a per-user service"
_USER_SERVICE = 0x40  # SERVICE_USER_SERVICE

_TYPES: Mapping[int, str] = {0x10: "a process of its own", 0x20: "a process that services share"}
_INTERACTIVE = 0x100  # SERVICE_INTERACTIVE_PROCESS
_STARTS: Mapping[int, str] = {
    2: "when Windows starts",
    3: "when something asks for it",
    4: "disabled",
}
_BUILT_IN: Mapping[str, str] = {
    "localsystem": "LocalSystem",
    "nt authority\\system": "LocalSystem",
    "nt authority\\localservice": "LocalService",
    "nt authority\\networkservice": "NetworkService",
}
_SYSTEM, _HIGHER = "system", "high for an administrator, else medium"


class _Install(Struct, frozen=True):
    """A call that installs a service, and the names that it can give it."""

    site: Site
    names: frozenset[str]


def services_of(program: Program, programs: Programs, standing: Standing) -> tuple[Service, ...]:
    """The services of a project, by the names of their programs."""
    components = [it for it in programs.components if it.kind == "service"]
    installs = [
        _Install(site, _texts(program.value(site, "name")))
        for site in program.sites("service-create")
    ]
    return tuple(
        _service(
            program, standing, it, _installing(program, it, installs, alone=len(components) == 1)
        )
        for it in components
    )


def _service(
    program: Program, standing: Standing, component: Component, installs: list[_Install]
) -> Service:
    files = frozenset(component.files)
    types = _numbers(program, installs, "type")
    account, integrity = _account(program, installs, files)
    called = _names_in(program, files) | frozenset().union(*(it.names for it in installs))
    return Service(
        program=component.name,
        why=component.why,
        names=tuple(sorted(called)),
        session=_PER_USER if any(it & _USER_SERVICE for it in types) else _HOME,
        type=", or ".join(dict.fromkeys(map(_type_words, types))),
        start=", or ".join(
            _STARTS[it] for it in _numbers(program, installs, "start") if it in _STARTS
        ),
        account=account,
        integrity=integrity,
        entries=component.entries,
        installed=tuple(program.place(it.site.spot) for it in installs),
        findings=_findings(program, standing, files, installs),
    )


def _type_words(number: int) -> str:
    own = next((words for bit, words in _TYPES.items() if number & bit), "a driver")
    return f"{own}, interactive" if number & _INTERACTIVE else own


def _installing(
    program: Program, component: Component, installs: Iterable[_Install], *, alone: bool
) -> list[_Install]:
    """The calls that install a service: those that say its name, else those in its own files, else
    all if nothing else could be meant."""
    files = frozenset(component.files)
    names = _names_in(program, files)
    tests: tuple[Callable[[_Install], bool], ...] = (
        lambda it: bool(it.names & names),
        lambda it: program.index.units[it.site.spot.unit].path in files,
        lambda it: alone and not (names and it.names),
    )
    for test in tests:
        if found := [it for it in installs if test(it)]:
            return found
    return []


def _findings(
    program: Program, standing: Standing, files: frozenset[str], installs: list[_Install]
) -> tuple[Finding, ...]:
    sites = [*(it.site for it in installs), *_own(program, files, "service-status")]
    return standing.on(program.place(site.spot) for site in sites)


# --- names ---


def _names_in(program: Program, files: frozenset[str]) -> frozenset[str]:
    """The names that a service's own files say: to the control manager, and to pywin32."""
    said = [program.value(site, "name") for site in _own(program, files, "service-handler")]
    written = (*_class_attributes(program, files), *_table_names(program, files))
    return frozenset().union(*map(_texts, (*said, *written)))


def _own(program: Program, files: frozenset[str], role: str) -> Iterator[Site]:
    units = program.index.units
    return (site for site in program.sites(role) if units[site.spot.unit].path in files)


def _class_attributes(program: Program, files: frozenset[str]) -> Iterator[Value]:
    """``_svc_name_`` of win32serviceutil.ServiceFramework."""
    for write in program.index.writes.get("_svc_name_", ()):
        unit, binding = program.index.unit(write), program.index.binding(write)
        if unit.path in files:
            scope = Scope(unit, binding.function, binding.branch, binding.start)
            yield program.values.fold(binding.value, scope)


def _table_names(program: Program, files: frozenset[str]) -> Iterator[Value]:
    """The names in a table of SERVICE_TABLE_ENTRY."""
    index = program.index
    tables = [
        it.name for it in program.catalog.with_role("structure") if it.kind == "service-table"
    ]
    typed = [group for type_, group in index.typed.items() if any(name in type_ for name in tables)]
    for write in (it for group in typed for it in group):
        unit, binding = index.unit(write), index.binding(write)
        if unit.path in files and isinstance(binding.value, Sequence):
            scope = Scope(unit, binding.function, binding.branch, binding.start)
            for item in binding.value.items:
                row = item.value.items if isinstance(item.value, Sequence) else ()
                if row:
                    yield program.values.fold(row[0].value, scope)


def _texts(value: Value) -> frozenset[str]:
    return frozenset(known.text for known in value.texts if known.exact and known.text)


# --- how it is installed ---


def _numbers(program: Program, installs: list[_Install], role: str) -> list[int]:
    values = (program.value(it.site, role) for it in installs)
    return sorted({k.number for value in values for k in value.known if k.kind == "number"})


def _account(program: Program, installs: list[_Install], files: frozenset[str]) -> tuple[str, str]:
    """As whom it runs and at which integrity; empty where that isn't known."""
    found: dict[tuple[str, str], None] = {}
    for entry in program.entries.found.values():
        if entry.account and program.index.unit(entry.func).path in files:
            user = entry.account == "user"
            found[("a user", _HIGHER) if user else (entry.account, _SYSTEM)] = None
    for install in installs:
        value = program.value(install.site, "account")
        if value.is_null:
            found["LocalSystem", _SYSTEM] = None
        for text in sorted(_texts(value)):
            known = _BUILT_IN.get(text.casefold())
            found[(known, _SYSTEM) if known else (text, _HIGHER)] = None
    accounts, levels = zip(*found, strict=True) if found else ((), ())
    return ", or ".join(accounts), ", or ".join(dict.fromkeys(levels))
