"""What a service does to reach the user, other than by a name, in the ways that are meant for it;
and the programs that it starts.

Sources: "Interactive Services", WTSSendMessage, CreateProcessAsUser and "Interprocess
Communications" (learn.microsoft.com).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from msgspec import Struct

from sessionzero.findings import Finding, Place
from sessionzero.inventory import Child, End
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.survey.programs import Programs
from sessionzero.survey.standing import Standing


class Way(Struct, frozen=True):
    """How a service reaches the user, in words. ``target`` is what it reaches, ``reason`` why it
    gets there."""

    kind: str
    verb: str
    target: str
    reason: str


# What passes, by role and kind.
_OPEN: Mapping[tuple[str, str], Way] = {
    ("session-api", "message"): Way(
        *("message", "sends", "the user's screen"),
        "Windows itself shows the box, in the session that is named.",
    ),
    ("process-launch", "as-user"): Way(
        *("process", "starts", "a program of the user"),
        "The program runs in the session of its token.",
    ),
    ("ipc-ok", "rpc"): Way(
        *("RPC", "serves", "callers in any session"),
        "RPC knows no sessions.",
    ),
    ("ipc-ok", "installer"): Way(
        *("message", "sends", "the installer's window"),
        "The installer shows the message in the user's session.",
    ),
    ("ipc-ok", "spooler"): Way(
        *("message", "sends", "the user's screen"),
        "The spooler shows the box in the user's session.",
    ),
}
# The program of a command line: what ends with ".exe" or the like, else the first word.
_EXECUTABLE = re.compile(
    r"\s*\"?(?:[^\"]*?[\\/])?([^\\/\":*?<>|]+?\.(?:exe|com|cmd|bat))(?=[\"\s]|$)", re.IGNORECASE
)
_FIRST_WORD = re.compile(r"\s*\"?(?:[^\"\s]*[\\/])?([^\\/\s\"]+)(?=[\"\s])")


class Reach(Struct, frozen=True):
    """A way over the wall: its calls, those that look alike in one; ``others`` are the ends on the
    other side."""

    way: Way
    name: str
    ends: tuple[End, ...]
    findings: tuple[Finding, ...]
    others: tuple[End, ...] = ()


def open_ways(program: Program, programs: Programs, standing: Standing) -> Iterator[Reach]:
    """The documented ways that services take, one for each service and function."""
    groups: dict[tuple[str, Way, str], list[tuple[End, Place]]] = defaultdict(list)
    for site in program.service_sites("session-api", "process-launch", "ipc-ok"):
        way = _OPEN.get((site.api.role, site.api.kind))
        end = programs.end_at(site, way.verb) if way else None
        if way and end and end.side == "service":
            name = _started(program, site) or program.written(site)
            groups[end.program, way, name].append((end, program.place(site.spot)))
    for (_, way, name), uses in groups.items():
        ends, places = zip(*uses, strict=True)
        yield Reach(way, name, ends, standing.on(places))


def children_of(program: Program, programs: Programs, standing: Standing) -> tuple[Child, ...]:
    """The programs that services start."""
    found = []
    for site in program.service_sites("process-launch"):
        end = programs.end_at(site, "starts")
        if end.side == "service":
            as_user = site.api.kind == "as-user"
            session = "the session of the token" if as_user else "session 0, as the service itself"
            name = _started(program, site)
            found.append(Child(name, session, end, standing.on((program.place(site.spot),))))
    return tuple(sorted(found, key=lambda child: (child.end.program, child.end.place)))


def _started(program: Program, site: Site) -> str:
    """The file name of the program that a call starts; empty if that isn't known."""
    for role in ("application", "command_line"):
        for known in program.value(site, role).texts:
            whole = f"{known.text} " if known.exact else known.text
            match = _EXECUTABLE.match(whole) or _FIRST_WORD.match(whole)
            if match:
                return match[1]
    return ""
