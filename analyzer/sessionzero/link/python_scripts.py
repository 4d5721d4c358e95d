"""Which Python files are programs that somebody runs by name."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.facts import Name
from sessionzero.link.expressions import walk
from sessionzero.link.index import ProgramIndex
from sessionzero.link.modules import Modules
from sessionzero.link.units import Unit


def scripts(index: ProgramIndex, modules: Modules) -> Iterator[Unit]:
    """Python files that are run by name: with a main guard, or with code that no other file
    imports."""
    imported = {
        number for unit in index.units if unit.is_python for number in modules.imported(unit)
    }
    for unit in index.units:
        if not unit.is_python:
            continue
        guarded = any(
            isinstance(part, Name) and part.name == "__name__"
            for branch in unit.facts.branches
            for part in walk(branch.condition)
        )
        if guarded or (unit.index not in imported and unit.calls_of.get(0)):
            yield unit
