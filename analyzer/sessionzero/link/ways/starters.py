"""The functions that lead to the service control dispatcher."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.mains import Mains
from sessionzero.link.files.regions import Regions
from sessionzero.link.files.units import Func
from sessionzero.link.ways.edges import Edge, Ways
from sessionzero.link.ways.entries import Entries
from sessionzero.link.ways.python_edges import IMPORTS


def find_starters(
    index: ProgramIndex, entries: Entries, mains: Mains, linkage: Linkage, ways: Ways
) -> dict[Func, Edge]:
    """The functions that call the dispatcher, and those on the shortest way there from a
    ``main``, each with the place where it goes on."""
    goals: dict[Func, Edge] = {}
    for site in entries.dispatchers:
        call = index.call(site)
        if call.function > 0 or index.unit(site).is_python:
            func = Func(site.unit, call.function)
            goals.setdefault(func, Edge(func, "calls", call.start, call.end, call.branch))
    found, left = dict(goals), dict(goals)

    def lead(main: Func) -> Func | None:
        """The dispatcher's caller to which a start leads, if it leads to any."""
        way = _way_to_dispatcher(main, left, linkage.programs(main.unit), ways, entries)
        for func, edge in way:
            found.setdefault(func, edge)
        return way[0][1].target if way else main if main in left else None

    for func in goals:
        if index.unit(func).is_python:
            lead(Func(func.unit, 0))
    for near in _mains_by_distance(index, mains, goals):
        if not left:
            break
        leading = {main: goal for main in near if (goal := lead(main)) is not None}
        for main, goal in leading.items():
            if mains.is_certain(main.unit):
                left.pop(goal, None)  # programs farther away have a dispatcher of their own
    return found


def service_programs(
    index: ProgramIndex,
    entries: Entries,
    starters: Mapping[Func, Edge],
    mains: Mains,
    linkage: Linkage,
    regions: Regions,
    ways: Ways,
) -> frozenset[int]:
    """The programs that a service's code is compiled for, but for those that never become one."""
    places = [
        *((func, index.function(func).start) for func in entries.found),
        *((func, edge.start) for func, edge in starters.items()),
    ]

    def leading(program: int) -> dict[Func, Edge]:
        """The starters, as they are compiled for a program."""
        return {
            func: edge
            for func, edge in starters.items()
            if not regions.left_out(index.unit(func), edge.start, (program,))
        }

    programs = frozenset(
        program
        for func, start in places
        for program in linkage.programs(func.unit)
        if not regions.left_out(index.unit(func), start, (program,))
    )
    return programs - _idle_programs(programs, leading, entries, mains, linkage, ways)


def _idle_programs(
    programs: frozenset[int],
    leading: Callable[[int], Mapping[Func, Edge]],
    entries: Entries,
    mains: Mains,
    linkage: Linkage,
    ways: Ways,
) -> frozenset[int]:
    """Of the programs that a service's code goes into, those that never become a service: they are
    linked with the same library, but their own start doesn't lead to the dispatcher, as that of
    another does."""
    started: dict[int, list[Func]] = defaultdict(list)
    for unit, found in mains.of_unit.items():
        for number in linkage.programs(unit) & programs if found else ():
            started[number].extend(found)
    starters = {number: leading(number) for number in started}
    awake = {n for n, found in started.items() if any(func in starters[n] for func in found)}
    return frozenset(
        number
        for number, found in started.items()
        if awake
        and number not in awake
        and not any(map(entries.is_installed, found))
        and not any(
            # as build files mostly say
            not {goal.unit for goal in starters[number]} <= linkage.elsewhere(frozenset((number,)))
            and _way_to_dispatcher(main, starters[number], frozenset((number,)), ways, entries)
            for main in found
        )
    )


def _mains_by_distance(
    index: ProgramIndex, mains: Mains, goals: Mapping[Func, Edge]
) -> list[list[Func]]:
    """The program starts in the files that call the dispatcher, in their directories, and
    elsewhere."""
    units = {func.unit for func in goals}
    directories = {index.units[unit].directory for unit in units}
    groups: list[list[Func]] = [[], [], []]
    for unit, found in mains.of_unit.items() if goals else ():
        beside = index.units[unit].directory in directories
        groups[0 if unit in units else 1 if beside else 2].extend(found)
    return groups


def _way_to_dispatcher(
    main: Func,
    goals: Mapping[Func, Edge],
    programs: frozenset[int],
    ways: Ways,
    entries: Entries,
) -> list[tuple[Func, Edge]]:
    """The functions on the shortest way, each with the edge by which it goes on; empty if there is
    none, or nothing between."""
    came: dict[Func, tuple[Func, Edge] | None] = {main: None}
    pending = deque([main])
    while pending:
        func = pending.popleft()
        if func in goals:
            way: list[tuple[Func, Edge]] = []
            back = came[func]
            while back is not None:
                way.append(back)
                back = came[back[0]]
            return way
        for edge in ways(func, programs):
            if edge.how == IMPORTS:  # leads to no dispatcher that stands behind a main guard
                continue
            if edge.target not in came and edge.target not in entries.found:
                came[edge.target] = (func, edge)
                pending.append(edge.target)
    return []
