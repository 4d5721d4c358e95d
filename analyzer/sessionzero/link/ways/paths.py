"""The ways by which a service comes to its functions, from its entries on."""

from __future__ import annotations

from msgspec import Struct

from sessionzero.link.files.units import Func
from sessionzero.link.ways.beforehand import Beforehand
from sessionzero.link.ways.entries import Entry


class Step(Struct, frozen=True):
    """A step of a path: the function that is left, and the place and branch where it goes on."""

    func: Func
    how: str
    start: int
    end: int
    branch: int = -1


class Paths:
    """What is reached, each function with the last step to it: None for an entry."""

    def __init__(self, beforehand: Beforehand) -> None:
        """``beforehand``: what runs before the dispatcher, by steps of its own."""
        self.reached: dict[Func, Step | None] = {}
        self._beforehand = beforehand
        self._entries: dict[Func, Entry] = {}
        self._first: dict[Func, Func] = {}  # where the path to a function begins, once asked

    def clear(self) -> None:
        """Nothing is reached."""
        for found in (self.reached, self._entries, self._first):
            found.clear()

    def begin(self, entry: Entry) -> None:
        """An entry is reached, by no step."""
        self.reached[entry.func] = None
        self._entries[entry.func] = entry

    def begin_beforehand(self, entry: Entry) -> None:
        """Paths begin in the start of a service, of which only part runs as the service, or in a
        file, whose objects are made before."""
        self._entries.setdefault(entry.func, entry)

    def go_on(self) -> None:
        """More will be reached, or by other steps."""
        self._first.clear()

    def to(self, func: Func) -> tuple[Step, ...]:
        """The steps from the service entry to a function; the last one's place is in its caller."""
        steps: list[Step] = []
        current: Func | None = func
        while current is not None:
            step = self._step_to(current)
            if step is None:
                break
            steps.append(step)
            current = step.func
        return tuple(reversed(steps))

    def entry(self, func: Func) -> Entry | None:
        """The entry from which a function is reached."""
        passed: list[Func] = []
        current = func
        while current not in self._first:
            step = self._step_to(current)
            if step is None:
                self._first[current] = current
                break
            passed.append(current)
            current = step.func
        first = self._first[current]
        self._first.update(dict.fromkeys(passed, first))
        return self._entries.get(first)

    def _step_to(self, func: Func) -> Step | None:
        if func in self.reached or func not in self._beforehand.came:
            return self.reached.get(func)
        caller, edge = self._beforehand.came[func]
        return Step(caller, edge.how, edge.start, edge.end, edge.branch)
