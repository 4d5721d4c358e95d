"""The answer to what a call calls."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from sessionzero.knowledge.catalog import Api
from sessionzero.link.files.units import ClassRef, Func


class Given(Struct, frozen=True, gc=False):
    """A function that may be in a pointer, the function that names it, and where it does.

    ``started``: what keeps it in the pointer also starts what calls it, as ``NewThread(f)`` does.
    """

    target: Func
    giver: Func
    start: int
    started: bool = False


class Callee(Struct, frozen=True):
    """What a call may run: project functions, a catalogued function, or (both empty) something
    unknown. ``dotted`` is the name of a Python callee outside the project, ``constructs`` the
    class of the project of which an object is made, ``makes`` those of which a loop makes objects
    in turn. ``given``: of a call through a pointer, each of its functions with the place that names
    it: only who has been there can have put it there."""

    functions: tuple[Func, ...] = ()
    api: Api | None = None
    dotted: str = ""
    constructs: ClassRef | None = None
    given: tuple[Given, ...] = ()
    makes: tuple[ClassRef, ...] = ()


NOTHING = Callee()


def through_pointer(given: Iterable[Given]) -> Callee:
    """What a call through a pointer runs, by the functions that may be in it and who names them."""
    found = tuple(given)
    functions = tuple(dict.fromkeys(item.target for item in found))
    return Callee(functions, given=found) if functions else NOTHING
