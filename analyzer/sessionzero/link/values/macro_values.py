"""What stands in the bodies of macros, by what their uses give: words, and rows of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sessionzero.facts import Expr, Name
from sessionzero.facts import Sequence as Items
from sessionzero.link.files import pasting
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Bound, Frame, Scope, bind, spot_of
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.lattice import UNKNOWN, Known, Value, either, just

CALLERS = 24
"""A function called from more places than this is no wrapper of one name."""

Fold = Callable[[Expr, Scope, int], Value]


class MacroValues:
    """Answers about the bodies of macros; ``fold`` says what an expression is."""

    def __init__(self, index: ProgramIndex, callees: Callees, fold: Fold) -> None:
        self._index = index
        self._callees = callees
        self._fold = fold

    def rows(self, items: Items, scope: Scope) -> Iterator[tuple[Expr, Scope]]:
        """The items of a table; for lists of macros among them, what they make."""
        yield from ((item.value, scope) for item in items.items)
        for macro, entries in self._callees.lists.in_table(items, scope.unit):
            at = self._index.unit(macro)
            for body in (m.body for m in at.facts.macros if m.function == macro.index):
                for entry in entries:
                    frame = Frame(macro, bind(self._index, macro, entry))
                    yield body, Scope(at, macro.index, frame=frame)

    def made_of_words(self, expr: Name, scope: Scope, depth: int) -> Value:
        """``#id`` and ``NAME_##id`` in the body of a macro, by its use, or by all its uses."""
        func, frame = scope.func, scope.frame
        here = frame is not None and frame.func == func
        uses = [bind(self._index, func, s) for s in (() if here else self._callees.callers(func))]
        if frame is not None and here:
            uses = [frame.arguments]
        values = [self._word(expr, bound, scope, depth) for bound in uses[:CALLERS]]
        return either(*values) if 0 < len(uses) <= CALLERS else UNKNOWN

    def _word(self, expr: Name, bound: Bound, scope: Scope, depth: int) -> Value:
        words = pasting.words_of(bound)
        parameter = pasting.stringised(expr.name)
        if not parameter:
            name = pasting.pasted(expr.name, words)
            return self._fold(Name(name, expr.start, expr.end), scope, depth)
        if parameter not in words or self._is_handed_on(*bound[parameter]):
            return UNKNOWN  # what a macro hands on to another one is replaced before
        return just(Known("text", spot_of(*bound[parameter]), text=words[parameter]))

    def _is_handed_on(self, expr: Expr, at: Scope) -> bool:
        described = self._index.function(at.func)
        names = {p.name for p in described.parameters if described.kind == "macro"}
        return isinstance(expr, Name) and expr.name in names
