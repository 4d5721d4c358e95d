"""What ends at the wall: the calls that mean to reach the other side, and of which some finding
says that they don't."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sessionzero.findings import Finding, Place
from sessionzero.inventory import End, EndSide
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.survey.programs import Programs
from sessionzero.survey.ways import Reach, Way
from sessionzero.uses.sides import end_at
from sessionzero.uses.windows import Made, windows_made

_BEHIND = "a program of the user"
_SCREEN = "the user's screen"
_SETTINGS = "the user's own settings"

# What a finding is about, by the role of the call on which it stands: the kind of thing, the verb,
# and what the service means to reach.
_MEANT: Mapping[str, tuple[str, str, str]] = {
    "atom": ("atom", "uses", _BEHIND),
    "audio": ("sound", "plays", "the user's speakers"),
    "broadcast": ("window message", "broadcasts", "the user's windows"),
    "clipboard": ("clipboard", "uses", "the user's clipboard"),
    "com-activation": ("COM object", "asks for", _BEHIND),
    "console-io": ("console", "uses", _SCREEN),
    "dde": ("DDE", "talks to", _BEHIND),
    "dialog": ("dialog", "shows", _SCREEN),
    "dialog-class": ("dialog", "shows", _SCREEN),
    "gui-application": ("graphical program", "starts", _SCREEN),
    "input-hook": ("hook", "sets", "the user's keyboard and mouse"),
    "input-inject": ("input", "makes", "the user's windows"),
    "input-query": ("input", "reads", "the user's keyboard and mouse"),
    "message-box": ("message box", "shows", _SCREEN),
    "message-filter": ("window message", "lets through", _BEHIND),
    "messenger": ("message", "sends", _SCREEN),
    "notification": ("notification", "waits for", "the user's session"),
    "per-user": ("settings", "uses", _SETTINGS),
    "process-launch": ("process", "starts", _SCREEN),
    "registry-key": ("settings", "uses", _SETTINGS),
    "screen": ("screen", "uses", _SCREEN),
    "send-message": ("window message", "sends", "a window of the user"),
    "service-config": ("interactive service", "asks for", _SCREEN),
    "service-create": ("interactive service", "asks for", _SCREEN),
    "service-status": ("interactive service", "reports", _SCREEN),
    "python-service-install": ("interactive service", "asks for", _SCREEN),
    "registry-write": ("interactive service", "asks for", _SCREEN),
    "session-api": ("session", "asks about", "the user's session"),
    "shell-ui": ("notification", "shows", "the user's taskbar"),
    "thread-message": ("window message", "posts", _BEHIND),
    "token": ("token", "uses", "the user's session"),
    "window-create": ("window", "creates", _SCREEN),
    "window-lookup": ("window", "looks for", "a window of the user"),
    "window-parent": ("window", "looks for", "a window of the user"),
    "window-show": ("window", "shows", _SCREEN),
    "winsta-desktop": ("desktop", "uses", "the user's desktop"),
}

_SPEAKS_FOR_SERVICE = frozenset(
    role for role, (kind, _, _) in _MEANT.items() if kind == "interactive service"
)


_Key = tuple[str, str, str, str, str, str]  # program, rule, kind, verb, target, name


def shut_ways(
    program: Program,
    programs: Programs,
    findings: Iterable[Finding],
    rules: Mapping[str, Rule],
) -> Iterator[tuple[EndSide, Reach]]:
    """What findings say of calls that mean to reach over the wall, and from which side; those of
    one program, rule and name in one."""
    sites, windows = _Sites(program, _MEANT), _Windows(program, programs)
    groups: dict[_Key, list[Finding]] = defaultdict(list)
    sides: dict[_Key, EndSide] = {}
    for finding in findings:
        site = sites.at(finding.place)
        side = _side(finding, site, sites)
        if finding.level != "note" and side != "unknown":
            meant = _meant(site, rules[finding.rule])
            name = windows.name(finding, sites) or finding.subject or finding.rule
            key: _Key = (_program(programs, finding, side), finding.rule, *meant, name)
            groups[key].append(finding)
            sides[key] = side
    for key, those in groups.items():
        program_name, _, kind, verb, target, name = key
        ends = tuple(End(sides[key], program_name, verb, it.place, it.symbol) for it in those)
        way = Way(kind, verb, target, those[0].message)
        others = windows.on_the_other_side(name, sides[key])
        yield sides[key], Reach(way, name, ends, tuple(those), others)


def _meant(site: Site | None, rule: Rule) -> tuple[str, str, str]:
    roles = (site.api.role,) if site is not None else rule.roles
    return next((_MEANT[role] for role in roles if role in _MEANT), ("call", "calls", _BEHIND))


def _program(programs: Programs, finding: Finding, side: EndSide) -> str:
    """The program of the entry that leads to a finding, else that of its file."""
    entry = programs.name(finding.path[0].place.path, side) if finding.path else ""
    return entry or programs.name(finding.place.path, side)


def _side(finding: Finding, site: Site | None, sites: _Sites) -> EndSide:
    """Who runs the place of a finding: a path leads there from a service's entry. What installs a
    service speaks for it."""
    if finding.path or site is None or site.api.role in _SPEAKS_FOR_SERVICE:
        return "service"
    return sites.side(site)


class _Sites:
    """The calls of some roles, to be found by a place in them."""

    def __init__(self, program: Program, roles: Iterable[str]) -> None:
        self._program = program
        self._by_path: dict[str, list[tuple[Place, Site]]] = defaultdict(list)
        for site in program.sites(*roles):
            place = program.place(site.spot)
            self._by_path[place.path].append((place, site))

    def at(self, place: Place) -> Site | None:
        """The innermost call that holds a place."""
        around = [
            (it.end - it.start, number, site)
            for number, (it, site) in enumerate(self._by_path.get(place.path, ()))
            if it.start <= place.start and place.end <= it.end
        ]
        return min(around)[2] if around else None

    def side(self, site: Site) -> EndSide:
        """Who runs a call."""
        return end_at(self._program, site).side


class _Windows:
    """The windows that programs make, to be found by their class or title."""

    def __init__(self, program: Program, programs: Programs) -> None:
        self._program = program
        self._programs = programs
        self._made: tuple[Made, ...] | None = None

    def name(self, finding: Finding, sites: _Sites) -> str:
        """The class or title of the window that a finding is about: the one that was looked for;
        empty if it isn't known."""
        for place in (finding.place, *(note.place for note in finding.related)):
            site = sites.at(place)
            if site is not None and site.api.role == "window-lookup":
                for role in ("class_name", "title"):
                    for known in self._program.value(site, role).texts:
                        if known.exact and known.text:
                            return known.text
        return ""

    def on_the_other_side(self, name: str, side: EndSide) -> tuple[End, ...]:
        """Who makes a window of that class or title on the side that isn't ``side``."""
        if self._made is None:
            self._made = windows_made(self._program)
        wanted = name.casefold()
        fitting = (it for it in self._made if wanted in it.classes | it.titles)
        return tuple(end for it in fitting if (end := self._end(it)).side not in (side, "unknown"))

    def _end(self, made: Made) -> End:
        program, func = self._program, made.func
        context = program.context
        side: EndSide = "unknown"
        if context.also_by_hand(func):
            side = "client"
        elif context.runs_as_service(func):
            side = "service"
        place = program.place(made.spot)
        name = self._programs.name(place.path, side)
        return End(side, name, "makes", place, program.function_name(func))
