"""What the functions of the project give back for one call of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sessionzero.facts import Expr
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Frame, Scope
from sessionzero.link.files.units import CallSite, Func
from sessionzero.link.values import lattice
from sessionzero.link.values.chosen import Chosen
from sessionzero.link.values.frames import Frames
from sessionzero.link.values.lattice import UNKNOWN, Value, either
from sessionzero.link.values.python_platform import PythonPlatform
from sessionzero.link.values.windows_version import only_before_vista

_MEANT = 4  # functions that a call may mean, of which each is looked into
_RETURNS = 24  # a function with more of them makes no constant

Fold = Callable[[Expr, Scope, int], Value]


class Returns:
    """Folds the values that functions return, each function once at a time."""

    def __init__(
        self, index: ProgramIndex, platform: PythonPlatform, chosen: Chosen, fold: Fold
    ) -> None:
        self._index = index
        self._platform = platform
        self._chosen = chosen
        self._fold = fold
        self.active: frozenset[Func] = frozenset()

    def of(
        self,
        functions: Sequence[Func],
        site: CallSite,
        frame: Frame | None,
        frames: Frames,
        depth: int,
    ) -> Value:
        """What a call in ``frame`` gives that means one of the functions."""
        values = []
        for func in functions[:_MEANT]:
            if func in self.active:
                continue
            outer, self.active = self.active, self.active | {func}
            try:
                one = either(*self.of_one(func, frames.of(func, site, frame), depth))
                several = one.texts and (one.open or len(one.known) > 1)
                values.append(lattice.occasionally(one) if several else one)
            finally:
                self.active = outer
        return either(*values) if values else UNKNOWN

    def of_one(self, func: Func, frame: Frame, depth: int) -> list[Value]:
        """What a function gives back, return by return, as far as the call leaves them."""
        unit, described = self._index.unit(func), self._index.function(func)
        if described.kind == "macro":
            return [
                self._fold(macro.body, Scope(unit, func.index, frame=frame), depth)
                for macro in unit.facts.macros
                if macro.function == func.index
            ]
        numbers = unit.returns_of.get(func.index, [])
        if len(numbers) > _RETURNS:
            return [UNKNOWN]
        scopes = [
            (item.value, Scope(unit, func.index, item.branch, item.value.start, frame))
            for item in (unit.facts.returns[i] for i in numbers)
            if not only_before_vista(unit, item.branch)
            and not self._platform.elsewhere(unit, item.branch, func.index)
        ]
        return [
            self._fold(value, scope, depth)
            for value, scope in scopes
            if not self._chosen.never(scope.branch, scope)
        ]
