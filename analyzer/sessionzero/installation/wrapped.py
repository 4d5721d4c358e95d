"""Programs that a wrapper runs as a service: NSSM, srvany, procrun, shawl, cygrunsrv.

Nothing in the source of such a program says that it runs in session 0. What hands it to the
wrapper does: ``nssm install Agent "C:\\Python\\python.exe" agent.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from sessionzero.installation.actions import Action, Given
from sessionzero.installation.installing import Linked, actions_of
from sessionzero.installation.registry_keys import value_of, wrapped_service_of
from sessionzero.link.index import ProgramIndex
from sessionzero.link.lattice import Spot
from sessionzero.link.modules import closeness
from sessionzero.link.programs import Programs, names_in
from sessionzero.link.units import Func, Unit

_WRAPPERS = ("wrapper", "case")  # the kinds of the commands of wrappers
# What wrappers keep below the key of the service: srvany's documentation, and NSSM's, which took
# the names over. <https://nssm.cc/usage>
_VALUES = ("application", "appparameters")


class Wrapped(Struct, frozen=True):
    """The start of a program, what it is called, and the words that have it run as a service, with
    their place."""

    start: Func
    program: str
    called: str
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
        starts = {start: name for name in names for start in programs.named(name)}
        if starts:
            for start in _nearest(index.units[action.spot.unit], index, starts):
                yield Wrapped(start, starts[start], called, action.spot)
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


def _nearest(unit: Unit, index: ProgramIndex, starts: Iterable[Func]) -> list[Func]:
    """The starts in the file that is nearest to the script; none if several are."""
    by_distance = {start: closeness(unit, index.unit(start)) for start in starts}
    best = max(by_distance.values())
    near = [start for start, shared in by_distance.items() if shared == best]
    return near if len({start.unit for start in near}) == 1 else []
