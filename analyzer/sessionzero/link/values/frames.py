"""The calls that are looked into, each bound once however often its value is asked for."""

from __future__ import annotations

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Frame, Unpack, bind
from sessionzero.link.files.units import CallSite, Func


class Frames:
    """Binds the parameters of functions to what calls pass."""

    def __init__(self, index: ProgramIndex, unpack: Unpack) -> None:
        self._index = index
        self._unpack = unpack
        self._known: dict[tuple[Func, CallSite, int], Frame] = {}

    def of(self, func: Func, site: CallSite, outer: Frame | None) -> Frame:
        """What a call that stands in ``outer`` binds; the same one whenever it is asked for, if
        ``outer`` is."""
        if outer is not None and not outer.number:
            return Frame(func, bind(self._index, func, site, outer, self._unpack))
        key = (func, site, 0 if outer is None else outer.number)
        known = self._known.get(key)
        if known is None:
            bound = bind(self._index, func, site, outer, self._unpack)
            known = self._known[key] = Frame(func, bound, len(self._known) + 1)
        return known
