"""What is asked on the way to the value of an expression: how far it leads, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from sessionzero.link.values.lattice import Value

_STEPS = 2000  # fields that are set from one another make more ways than anyone can follow


class Questions:
    """Counts the steps of a question, sees it come to itself, and keeps answers."""

    def __init__(self) -> None:
        self.active: set[Hashable] = set()
        self._cycles = 0  # so often a question came to itself
        self._steps = 0  # of the question that is being answered
        self._answers: dict[Hashable, tuple[Value, int]] = {}  # with the steps behind them

    @property
    def are_open(self) -> bool:
        """Whether a question is being answered, so that the next one is a part of it."""
        return self._steps > 0

    @property
    def lead_too_far(self) -> bool:
        """Whether the question that is being answered may take no more steps."""
        return self._steps >= _STEPS

    def come_back(self, key: Hashable) -> bool:
        """Whether something is asked on the way to its own answer."""
        back = key in self.active
        self._cycles += back
        return back

    def answer(self, key: Hashable | None, find: Callable[[], Value]) -> Value:
        """What ``find`` finds, which is kept under ``key`` if there is one.

        Several checks ask the same, and the ways of one question come to the same places over and
        over. A part of an answer is kept if it would be found again wherever it is asked for: not
        if it isn't whole for want of steps, or led back to what was being asked already.
        """
        begins = self._steps == 0
        known = self._answers.get(key) if key is not None else None
        if known is not None and begins:
            return known[0]
        if known is not None and self._steps + known[1] < _STEPS:
            self._steps += 1 + known[1]
            return known[0]
        self._steps += 1
        steps, cycles = self._steps, self._cycles
        try:
            found = find()
            if key is not None and known is None:
                whole = self._cycles == cycles and self._steps < _STEPS
                if whole or begins:
                    self._answers[key] = found, self._steps - steps if whole else _STEPS
        finally:
            if begins:
                self._steps = 0
        return found
