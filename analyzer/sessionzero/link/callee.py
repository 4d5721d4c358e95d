"""The answer to what a call calls."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from sessionzero.catalog import Api
from sessionzero.link.units import ClassRef, Func


class Callee(Struct, frozen=True):
    """What a call may run: project functions, a catalogued function, or (both empty) something
    unknown. ``dotted`` is the name of a Python callee outside the project, ``constructs`` the
    class of the project of which an object is made. ``given``: of a call through a pointer, each
    of its functions with one that names it: only who has run that can have put it there."""

    functions: tuple[Func, ...] = ()
    api: Api | None = None
    dotted: str = ""
    constructs: ClassRef | None = None
    given: tuple[tuple[Func, Func], ...] = ()


NOTHING = Callee()


def through_pointer(given: Iterable[tuple[Func, Func]]) -> Callee:
    """What a call through a pointer runs, by the functions that may be in it and who names them."""
    functions = tuple(dict.fromkeys(func for func, _ in given))
    return Callee(functions, given=tuple(given)) if functions else NOTHING
