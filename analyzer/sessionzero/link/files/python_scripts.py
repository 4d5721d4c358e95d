"""Which Python files are programs that somebody runs by name."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.facts import Branch, Name
from sessionzero.link.files.expressions import walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.units import Unit


def scripts(index: ProgramIndex, modules: Modules) -> Iterator[Unit]:
    """Python files that are run by name: with a main guard, or with code that no other file
    imports."""
    imported = {
        number for unit in index.units if unit.is_python for number in modules.imported(unit)
    }
    for unit in index.units:
        if not unit.is_python:
            continue
        guarded = any(_asks_name(branch) for branch in unit.facts.branches)
        if guarded or (unit.index not in imported and unit.calls_of.get(0)):
            yield unit


def run_by_name(unit: Unit, branch: int) -> bool:
    """True for the branch that a file takes when it is run, and not when it is imported:
    ``if __name__ == "__main__":``."""
    described = unit.facts.branches[branch]
    return described.holds and _asks_name(described)


def _asks_name(branch: Branch) -> bool:
    return any(
        isinstance(part, Name) and part.name == "__name__" for part in walk(branch.condition)
    )
