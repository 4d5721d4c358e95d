"""What functions reach, found out no further than it is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from sessionzero.link.units import Func


class Search:
    """What is reached from some functions, followed no further than it is asked for: to look at
    each function of a large program takes longer than all checks."""

    def __init__(self, roots: Iterable[Func], following: Callable[[Func], Iterable[Func]]) -> None:
        self._pending = deque(roots)
        self._seen = set(self._pending)
        self._following = following

    def reaches(self, func: Func) -> bool:
        """Whether the roots lead to the function."""
        while func not in self._seen and self._pending:
            for target in self._following(self._pending.popleft()):
                if target not in self._seen:
                    self._seen.add(target)
                    self._pending.append(target)
        return func in self._seen
