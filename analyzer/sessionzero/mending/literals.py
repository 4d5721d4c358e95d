"""How a text is changed in the one literal that says it, or says how it begins."""

from __future__ import annotations

from collections.abc import Sequence

from sessionzero.facts import Text
from sessionzero.findings import Change, Mend
from sessionzero.link.values.lattice import Known
from sessionzero.mending.expressions import written_at
from sessionzero.mending.flags import Said, holders
from sessionzero.program import Program


def literal_of(program: Program, known: Known) -> Text | None:
    """The literal that a known text is from; None if it isn't one, or more than one."""
    unit = program.index.units[known.origin.unit]
    written = written_at(unit, known.origin.start, known.origin.end)
    literal = written.chain[-1] if written is not None else None
    return literal if isinstance(literal, Text) else None


def begun_anew(
    program: Program,
    title: str,
    known: Known,
    beginning: tuple[str, str],
    *,
    safe: bool,
    said: Sequence[Said] | None = None,
) -> tuple[Mend, ...]:
    """The mend that gives the literal of a text another ``beginning``: what it is, what it becomes.

    ``said`` are all that such a text is wanted for: a constant may stand there and nowhere else.
    Without them the literal is wrong whatever else it is used for.
    """
    old, new = beginning
    unit = program.index.units[known.origin.unit]
    written = written_at(unit, known.origin.start, known.origin.end)
    if not title or written is None or old == new:
        return ()
    change = Change("reword" if old else "prefix", program.place(known.origin), new, old)
    held = holders(program, unit, written, said) if said is not None else []
    return (Mend(title, (change,), safe and held is not None, tuple(held or ())),)
