"""The programs of the project that its scripts and installers have run in session 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, takewhile

from msgspec import Struct

from sessionzero.installation.handed import Handed
from sessionzero.installation.linked import Linked
from sessionzero.installation.scheduled import scheduled_commands
from sessionzero.installation.wrapped import wrapped_commands
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import closeness
from sessionzero.link.files.units import Func, Spot, Unit
from sessionzero.link.ways.entries import Account
from sessionzero.link.ways.programs import Programs, is_loaded, names_in


class Installed(Struct, frozen=True):
    """The start of a program, why it runs in session 0, and the place of the words that say so.
    ``loaded``: a server loads it as a module."""

    start: Func
    reason: str
    loaded: bool
    spot: Spot
    account: Account


def installed_programs(linked: Linked, programs: Programs) -> Iterator[Installed]:
    """The programs that a wrapper runs as services, or the Task Scheduler where no user is."""
    if programs:
        for handed in chain(wrapped_commands(linked), scheduled_commands(linked)):
            yield from _installed(handed, linked.index, programs)


def _installed(handed: Handed, index: ProgramIndex, programs: Programs) -> Iterator[Installed]:
    for end in range(1, len(handed.words) + 1):  # behind an interpreter stands what it runs
        texts = handed.words[:end]
        names = {*names_in(texts), *programs.of_word(texts[-1])}
        starts = {start: name for name in sorted(names) for start in programs.named(name)}
        if starts:
            line = " ".join(texts)
            for start in _meant(line, index.units[handed.spot.unit], index, starts):
                program = starts[start]
                reason = f"`{handed.called}` runs {program} {handed.how}"
                loaded = is_loaded(program)
                yield Installed(start, reason, loaded, handed.spot, handed.account)
            return


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
