"""Where a reader sees what stands in the body of a macro: at each use of it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Frame, bind
from sessionzero.link.files.units import CallSite, Func, Spot
from sessionzero.link.names.callees import Callees

_DEPTH = 4  # macros in macros


class Use(Struct, frozen=True):
    """A use of a macro in a function, by the macros around it: its place and branch, the call that
    it is (None where a list is included), and what the macro's own parameters stand for. ``entry``:
    a list runs the macro on that one."""

    spot: Spot
    branch: int
    call: CallSite | None
    frame: Frame
    entry: CallSite | None = None


def uses_of(
    index: ProgramIndex, callees: Callees, macro: Func, depth: int = _DEPTH
) -> Iterator[Use]:
    """The uses of a macro."""
    for caller in callees.callers(macro) if depth > 0 else ():
        if macro not in callees.of(caller).functions:
            continue  # the entry of a list
        call = index.call(caller)
        around = Func(caller.unit, call.function)
        if index.function(around).kind == "macro":
            for use in uses_of(index, callees, around, depth - 1):
                frame = Frame(macro, bind(index, macro, caller, use.frame))
                yield Use(use.spot, use.branch, use.call, frame, use.entry)
        else:
            spot = Spot(caller.unit, call.function, call.start, call.end)
            yield Use(spot, call.branch, caller, Frame(macro, bind(index, macro, caller)))
    for item in callees.lists.applied(macro) if depth > 0 else ():
        frame = Frame(macro, bind(index, macro, item.entry))
        around = Func(item.spot.unit, item.spot.function)
        if index.function(around).kind == "macro":
            for use in uses_of(index, callees, around, depth - 1):
                yield Use(use.spot, use.branch, use.call, frame, item.entry)
        else:
            yield Use(item.spot, item.branch, item.given, frame, item.entry)
