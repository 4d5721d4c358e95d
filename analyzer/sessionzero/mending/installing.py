"""How the interactive flag is taken out of what a script, a setting or a command says."""

from __future__ import annotations

from collections.abc import Sequence

from sessionzero.facts import Text
from sessionzero.findings import Change, Holder, Mend, Place
from sessionzero.installation.actions import Action, Given
from sessionzero.installation.service_types import INTERACTIVE, is_yes, type_in
from sessionzero.installation.spelling import spelt_like, without_interactive
from sessionzero.link.files.expressions import walk
from sessionzero.link.files.units import Spot
from sessionzero.mending.expressions import written_at
from sessionzero.mending.flags import holders, said_by
from sessionzero.program import Program

# What stands for "no" where the flag has an argument or a property of its own, which stays.
_PROPERTIES = ("form", "wmi", "wrapper")
_NO = {"dfm": "False", "powershell": "$false", "vbscript": "False", "wrapper": "false"}
_OWN = "SERVICE_WIN32_OWN_PROCESS"  # the type that NSSM has for a service that isn't interactive


def not_interactive(
    program: Program, title: str, action: Action, flags: Sequence[Given]
) -> tuple[Mend, ...]:
    """The mend that takes all its flags out of an action; none if what is left would be nothing, or
    isn't known."""
    found = [_without(program, action, flag) for flag in flags]
    changes = tuple(change for change in found if change is not None)
    if not title or len(changes) < len(found):
        return ()
    return _mend(program, title, action, changes, safe=all(map(_is_written, flags)))


def with_number(
    program: Program, title: str, action: Action, given: Given, number: int
) -> tuple[Mend, ...]:
    """The mend that gives a registry value another number; a person has to look at it."""
    written = _bare(given)
    text = spelt_like(written, number)
    if not title or not text:
        return ()
    change = Change("word", _place(program, action, given), text, written)
    return _mend(program, title, action, (change,), safe=False)


def _mend(
    program: Program, title: str, action: Action, changes: tuple[Change, ...], *, safe: bool
) -> tuple[Mend, ...]:
    origin = action.origin
    held: list[Holder] | None = []
    if origin is not None and any(it.place == program.place(origin) for it in changes):
        held = _holders(program, origin)
    return (Mend(title, changes, safe and held is not None, tuple(held or ())),)


def _holders(program: Program, origin: Spot) -> list[Holder] | None:
    """The constants through which a command line comes to where it is run."""
    unit = program.index.units[origin.unit]
    written = written_at(unit, origin.start, origin.end)
    if written is None:
        return None
    lines = said_by(program, program.sites("process-launch"), "command_line")
    return holders(program, unit, written, lines)


def _place(program: Program, action: Action, given: Given) -> Place:
    """Where something is written: in the call of a command line, or where that begins."""
    spot = given.spot
    written = written_at(program.index.units[spot.unit], spot.start, spot.end)
    parts = walk(written.chain[-1]) if written is not None else ()
    here = any(isinstance(part, Text) and _bare(given) in part.value for part in parts)
    return program.place(spot if here or action.origin is None else action.origin)


def _without(program: Program, action: Action, flag: Given) -> Change | None:
    """The change that takes one flag out; None if nothing would be left, or it isn't known how."""
    place, written = _place(program, action, flag), _bare(flag)
    if flag.role == "interactive":
        if action.language == "xml":
            return None  # for WinSW 2 the element alone says yes, whatever is in it
        if action.kind in _PROPERTIES:
            no = _NO[action.language]
            return Change("word", place, no.upper() if written == "TRUE" else no, written)
        return _option(action, flag, place)
    # Where more than the type stands, it may be part of that just as its text is.
    for said in (written, flag.text):
        rest = without_interactive(said, flag.text, program.catalog)
        if rest:
            return Change("word", place, rest, said)
    kind = type_in([flag.text], program.catalog)
    if kind.bits != INTERACTIVE or action.role == "registry-write":
        return None
    if action.kind == "wrapper" and not flag.option:
        return Change("word", place, _OWN, written)
    is_option = flag.option.endswith("=") or flag.option.startswith("-")
    others = any(it.option for it in action.given if it is not flag)  # without any, sc does nothing
    useful = others or action.kind == "wrapper" or action.role == "service-create"
    return _option(action, flag, place) if is_option and useful and action.kind != "wmi" else None


def _option(action: Action, flag: Given, place: Place) -> Change:
    if action.listed:
        return Change("entry", place)
    return Change("option", place, _bare(flag), flag.option)


def _is_written(flag: Given) -> bool:
    """Whether the place itself says that the service is interactive: a variable that does may have
    been meant to say something else in another build."""
    written = _bare(flag)
    return flag.role != "interactive" or written.startswith("-") or is_yes(written)


def _bare(given: Given) -> str:
    return given.raw.strip("\"'`")
