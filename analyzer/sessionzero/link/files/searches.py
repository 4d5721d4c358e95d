"""What functions reach, found out no further than it is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from sessionzero.link.files.units import Func

Following = Callable[[Func], Iterable[Func]]
"""The functions to which one leads."""


class Search:
    """What is reached from some functions, followed no further than it is asked for: to look at
    each function of a large program takes longer than all checks. The roots come in groups, from
    each of which the same functions may lead elsewhere."""

    def __init__(self, *groups: tuple[Iterable[Func], Following]) -> None:
        self._groups = deque((deque(roots), set(roots), following) for roots, following in groups)
        self._found = {root for roots, _ in groups for root in roots}

    def reaches(self, func: Func) -> bool:
        """Whether the roots lead to the function."""
        found, groups = self._found, self._groups
        while func not in found and groups:
            pending, seen, following = groups[0]
            if not pending:
                groups.popleft()
                continue
            fresh = {target: None for target in following(pending.popleft()) if target not in seen}
            seen.update(fresh)
            found.update(fresh)
            pending.extend(fresh)
        return func in found
