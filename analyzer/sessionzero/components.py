"""Which files make one executable or library, and what each of them is.

Build files say it best. Where they are silent a program is what its start reaches: a ``main``, a
Python script, or the entry of a service that no start leads to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

from msgspec import Struct

from sessionzero.facts import Subsystem
from sessionzero.findings import Note, Notice
from sessionzero.link.files.mains import GRAPHICAL_NAMES
from sessionzero.link.files.units import CallSite, Func, Spot, Unit
from sessionzero.link.ways.entries import Entry
from sessionzero.overview import Component, ComponentKind, Overview, in_order
from sessionzero.program import Program
from sessionzero.report import Sources

# What a test includes or imports; the folder that it stands in says nothing.
_TEST_FRAMEWORK = re.compile(
    r"(gtest|gmock|catch2?|doctest|cppunit|cmocka|CppUnitTest|UnitTest\+\+|QtTest|boost/test)\b.*"
    r"|QTest|check\.h|CUnit/.*|unity\.h|unittest|pytest|nose|twisted\.trial\b.*",
    re.IGNORECASE,
)
_NO_NAMES = frozenset(("main", "__main__", "winmain", "__init__", "wmain"))


class _Part(Struct, frozen=True):
    """A component before it is judged: its sources, the same with headers, the same with libraries,
    and the functions where it starts."""

    name: str
    subsystem: Subsystem
    is_library: bool
    is_shared: bool
    sources: frozenset[int]
    files: frozenset[int]
    linked: frozenset[int]
    starts: tuple[Func, ...]
    uses: tuple[str, ...]
    made_by: tuple[Note, ...]


def components_of(program: Program) -> tuple[Component, ...]:
    """The components of a program, services first, then by name."""
    built = tuple(_built(program))
    claimed = frozenset().union(*(part.sources for part in built))
    started = tuple(_started(program, claimed))
    found = [_judged(program, part) for part in (*built, *started)]
    return in_order(found)


# --- from build files ---


def _built(program: Program) -> Iterator[_Part]:
    linkage = program.linkage
    for number, product in enumerate(linkage.products):
        linked = linkage.files(number)
        starts = _mains(program, product.sources) or _mains(program, linked)
        yield _Part(
            name=product.name,
            subsystem=product.subsystem,
            is_library=product.is_library,
            is_shared=product.kind == "shared",
            sources=product.sources,
            files=linkage.own(number),
            linked=linked,
            starts=() if product.is_library else starts,
            uses=tuple(sorted({linkage.products[use].name for use in product.uses})),
            made_by=tuple(_note(program, spot, "builds it") for spot in product.where),
        )


def _mains(program: Program, units: Iterable[int]) -> tuple[Func, ...]:
    found: list[Func] = []
    for number in sorted(units):
        python = program.index.units[number].is_python
        found.extend([Func(number, 0)] if python else program.mains.of_unit[number])
    return tuple(found)


# --- from starts ---


def _started(program: Program, claimed: frozenset[int]) -> Iterator[_Part]:
    """The programs of the starts that no build file claims, and what only entries begin."""
    reached: set[Func] = set()
    begun: set[int] = set()  # files in which a program starts: their entries are those of it
    for starts in _free_starts(program, claimed):
        functions = program.context.leads_to(starts)
        reached |= functions
        begun.update(func.unit for func in starts)
        yield _part_of(program, starts, functions, claimed)
    left: dict[int, list[Func]] = {}
    entered = program.entries.found.keys() - program.entries.served - reached
    for func in sorted(entered, key=partial(_rank, program)):
        if func.unit not in claimed and func.unit not in begun:
            left.setdefault(func.unit, []).append(func)
    for group in left.values():
        yield _part_of(program, tuple(group), program.context.leads_to(group), claimed)


def _rank(program: Program, func: Func) -> tuple[bool, Func]:
    """First what Windows or a framework enters, then what clients call, or only does what a
    service does."""
    return (func in program.entries.also_called | program.entries.served, func)


def _free_starts(program: Program, claimed: frozenset[int]) -> Iterator[tuple[Func, ...]]:
    scripts = {unit.index for unit in program.context.scripts}
    for unit in program.index.units:
        if unit.index not in claimed:
            own = [f for f in program.entries.found if f.unit == unit.index and unit.is_python]
            script = [Func(unit.index, 0)] if unit.index in scripts else []
            starts = (*script, *program.mains.of_unit[unit.index], *(own if script else ()))
            if starts:
                yield starts


def _part_of(
    program: Program, starts: tuple[Func, ...], functions: Iterable[Func], claimed: frozenset[int]
) -> _Part:
    index = program.index
    sources = {func.unit for func in functions} - claimed | {func.unit for func in starts}
    files = frozenset[int]().union(*(program.modules.reachable(index.units[n]) for n in sources))
    unit = index.unit(starts[0])
    places = [program.defined(func) for func in starts]
    return _Part(
        name=_name(unit),
        subsystem="",
        is_library=False,
        is_shared=False,
        sources=frozenset(sources),
        files=files,
        linked=files,
        starts=starts,
        uses=(),
        made_by=tuple(
            Note(place, f"{program.function_name(func)} starts it")
            for func, place in zip(starts, places, strict=True)
        )[:1],
    )


def _name(unit: Unit) -> str:
    stem = unit.path.rpartition("/")[2].partition(".")[0]
    folder = unit.directory.rpartition("/")[2]
    return folder if stem.lower() in _NO_NAMES and folder not in ("", "..") else stem


# --- what it is ---


def _judged(program: Program, part: _Part) -> Component:
    kind, why = _kind(program, part)
    entries = _entries(program, part, part.sources)
    if kind == "service" and not entries:
        entries = _entries(program, part, part.linked)
    also: tuple[ComponentKind, ...] = ()
    if kind not in ("installer", "test") and _creates(program, part):
        also = ("installer",)
    return Component(
        name=part.name,
        kind=kind,
        why=why,
        also=also,
        made_by=part.made_by,
        files=tuple(sorted(program.index.units[number].path for number in part.files)),
        uses=part.uses,
        entries=tuple(program.entry_note(entry) for entry in entries),
    )


def _entries(program: Program, part: _Part, units: frozenset[int]) -> list[Entry]:
    """The entries in some files; that a wrapper runs another program, which a part has code in
    common with, makes no service of the part."""
    return sorted(
        entry
        for entry in program.entries.found.values()
        if entry.func.unit in units
        and (entry.said_by != "installer" or entry.func in part.starts or part.is_library)
    )


def _kind(program: Program, part: _Part) -> tuple[ComponentKind, str]:
    said = _said(program, part)
    if said is not None:
        return said
    tested = _tests(program, part)
    service = _service(program, part)
    if tested and not any(start in program.context.starters for start in part.starts):
        return ("test", f"includes {tested}")
    if service and not (part.is_library and not part.is_shared):
        return ("service", service)
    if part.is_library:
        users = "its service entries are those of the programs that use it"
        return ("library", users if service else "")
    for site in _creates(program, part):
        return ("installer", f"calls {_called(program, site)} and has no service entry")
    return ("client", _start_words(program, part))


def _said(program: Program, part: _Part) -> tuple[ComponentKind, str] | None:
    """What the configuration says of the files where it starts, else of all of them."""
    decisive = {start.unit for start in part.starts} or part.sources
    if not part.is_library:
        if decisive & program.context.said_services:
            return ("service", "the configuration says so")
        if decisive <= program.context.said_clients:
            return ("client", "the configuration says so")
    return None


def _service(program: Program, part: _Part) -> str:
    """Why it is a service; empty if nothing says so."""
    for site in program.entries.dispatchers:
        if site.unit in part.sources:
            return f"calls {_called(program, site)}"
    for start in part.starts:
        if start in program.context.starters:
            return f"{program.function_name(start)} leads to the service control dispatcher"
    for start in part.starts:
        if program.context.is_started(start) and (path := program.context.path(start)):
            return f"{program.function_name(path[-1].func)}, which is service code, starts it"
    if part.subsystem == "service":
        return "is built as a service"
    entries = _entries(program, part, part.sources)
    if entries:
        entry = min(entries, key=lambda entry: _rank(program, entry.func))
        return program.entry_note(entry).message
    return ""


def _tests(program: Program, part: _Part) -> str:
    """The test framework that the file of a start includes, or any file where a framework brings
    the start."""
    units = program.index.units
    files = {start.unit for start in part.starts} or part.files
    found = (_framework(units[number]) for number in sorted(files))
    return next(filter(None, found), "") if not part.is_library else ""


def _framework(unit: Unit) -> str:
    modules = (item.module.replace("\\", "/") for item in unit.facts.imports)
    return next((module for module in modules if _TEST_FRAMEWORK.match(module)), "")


def _creates(program: Program, part: _Part) -> list[CallSite]:
    sites = program.sites("service-create", "python-service-install")
    return [site.call for site in sites if site.call.unit in part.sources]


def _called(program: Program, site: CallSite) -> str:
    api = program.callees.of(site).api
    return api.name if api is not None else "the service control dispatcher"


def _start_words(program: Program, part: _Part) -> str:
    names = {program.index.function(start).name for start in part.starts}
    graphical = part.subsystem == "windows" or names & GRAPHICAL_NAMES
    what = "a graphical program" if graphical else "a program"
    if not part.starts:
        return f"{what} without a service entry"
    start = part.starts[0]
    return f"{what} that starts at {program.function_name(start)}, without a service entry"


def _holds_code(unit: Unit) -> bool:
    facts = unit.facts
    of_language = facts.language in ("c", "c++", "python")
    return of_language and bool(len(facts.functions) > 1 or facts.calls)


# --- places ---


def _note(program: Program, spot: Spot, message: str) -> Note:
    return Note(program.place(spot), message)


def overview(
    program: Program, sources: Sources, config: str, notices: tuple[Notice, ...]
) -> Overview:
    """What was understood of a program, for the reporters."""
    components = components_of(program)
    belonging = {path for component in components for path in component.files}
    files = [unit.path for unit in program.index.units if _holds_code(unit)]
    unassigned = tuple(sorted(path for path in files if path not in belonging))
    return Overview(components, unassigned, config, notices, sources)
