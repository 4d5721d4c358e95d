"""Programs that a wrapper runs as a service: NSSM, srvany, procrun, shawl, cygrunsrv.

Nothing in the source of such a program says that it runs in session 0. What hands it to the
wrapper does: ``nssm install Agent "C:\\Python\\python.exe" agent.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from msgspec import Struct

from sessionzero.installation.actions import Action, Given
from sessionzero.installation.installing import Linked, actions_of
from sessionzero.installation.registry_keys import value_of, wrapped_service_of
from sessionzero.link.index import ProgramIndex
from sessionzero.link.modules import closeness
from sessionzero.link.programs import Programs, is_loaded, names_in
from sessionzero.link.units import Func, Spot, Unit

_WRAPPERS = ("wrapper", "case")  # the kinds of the commands of wrappers
# What wrappers keep below the key of the service: srvany's documentation, and NSSM's, which took
# the names over. <https://nssm.cc/usage>
_VALUES = ("application", "appparameters")


class Wrapped(Struct, frozen=True):
    """The start of a program, why it is a service, and the place of the words that say so.
    ``loaded``: a server loads it as a module."""

    start: Func
    reason: str
    loaded: bool
    spot: Spot


def wrapped_programs(linked: Linked, programs: Programs) -> Iterator[Wrapped]:
    """The programs of the project that its scripts and installers hand to a wrapper, by file and
    place."""
    for action in actions_of(linked) if programs else ():
        yield from _wrapped(action, linked.index, programs)


def _wrapped(action: Action, index: ProgramIndex, programs: Programs) -> Iterator[Wrapped]:
    called, words = _command_of(action)
    for end in range(1, len(words) + 1):  # behind an interpreter stands what it runs
        texts = [word.text for word in words[:end]]
        names = {*names_in(texts), *programs.of_word(texts[-1])}
        starts = {start: name for name in sorted(names) for start in programs.named(name)}
        if starts:
            line = " ".join(texts)
            for start in _meant(line, index.units[action.spot.unit], index, starts):
                program = starts[start]
                reason = f"`{called}` runs {program} as a service"
                yield Wrapped(start, reason, is_loaded(program), action.spot)
            return


def _command_of(action: Action) -> tuple[str, Sequence[Given]]:
    """The words of the command that a wrapper runs as a service, and what says so; no words if it
    is no such action."""
    if action.kind in _WRAPPERS:
        return action.called, action.all("binary")
    if action.role == "registry-write":
        key, name = value_of(action)
        service = wrapped_service_of(key)
        if service and name.lower() in _VALUES:
            return f"{service}\\Parameters", action.all("data")
    return "", ()


def _meant(line: str, unit: Unit, index: ProgramIndex, starts: Mapping[Func, str]) -> list[Func]:
    """The starts in the one file that a command line of a script means: of those of a name the one
    in the folders that it says, then the nearest to the script; none if several are."""
    rated = {
        start: (
            _folders_said(line, name, index.unit(start)),
            closeness(unit, index.unit(start)),
            -index.unit(start).path.count("/"),
        )
        for start, name in starts.items()
    }
    best = max(rated.values())
    found = [start for start, rating in rated.items() if rating == best]
    return found if len({start.unit for start in found}) == 1 else []


def _folders_said(line: str, name: str, unit: Unit) -> int:
    """How many folders before a program's name in a command line are those of a file."""
    before, found, _ = line.lower().replace("\\", "/").partition(f"/{name}")
    said = before.rsplit(" ", 1)[-1].split("/") if found else []
    pairs = zip(reversed(said), reversed(unit.folders), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1].lower(), pairs))
