"""Which files hold the start of a program, and which files can't share one with them."""

from __future__ import annotations

import re

from sessionzero.facts import Function
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Func, Unit

# Where a Windows program starts: the C run-time's names, plain and through <tchar.h>, and MFC's.
GRAPHICAL_NAMES = frozenset(("WinMain", "wWinMain", "_tWinMain", "InitInstance"))
MAIN_NAMES = GRAPHICAL_NAMES | {"main", "wmain", "_tmain"}

_MACRO = re.compile(r"(?:[A-Z][A-Z0-9]*_)+[TW]?MAIN")  # ACE_TMAIN, AGENT_MAIN
_WORDS = frozenset(("argc", "argv"))


def mains_of(unit: Unit, index: ProgramIndex) -> tuple[Func, ...]:
    """The functions of a C or C++ file where a program starts. Not one that a macro renames
    (``#define main RealMain``), if the project knows it by its new name."""
    if unit.is_python:
        return ()
    return tuple(
        func
        for i, function in enumerate(unit.facts.functions)
        if function.kind == "function"
        and (function.name in MAIN_NAMES or _is_macro(function))
        and (not function.owner or function.name == "InitInstance")
        and index.renamed.get(func := Func(unit.index, i), "") not in index.prototypes
    )


def _is_macro(function: Function) -> bool:
    """True for ``int AGENT_MAIN(argc, argv)``: a macro stands for the ``main`` of each system."""
    return (
        _MACRO.fullmatch(function.name) is not None
        # with types, or as the macro gives them
        and {parameter.name or parameter.type for parameter in function.parameters} >= _WORDS
    )


class Mains:
    """The program starts of all units."""

    def __init__(self, index: ProgramIndex) -> None:
        self.of_unit = {unit.index: mains_of(unit, index) for unit in index.units}
        self._programs = frozenset(
            unit.index for unit in index.units if _always_a_program(unit, self.of_unit[unit.index])
        )

    def is_certain(self, unit: int) -> bool:
        """True if a file is the start of a program in each build, not only in a test of its own."""
        return unit in self._programs

    def other_program(self, caller: int, callee: int) -> bool:
        """True if the two units can't be linked into one executable: each has its own main."""
        return caller != callee and caller in self._programs and callee in self._programs


def _always_a_program(unit: Unit, mains: tuple[Func, ...]) -> bool:
    """False for a file whose only main stands under an ``#ifdef TEST`` or the like: another build
    makes it a part of another program."""
    functions = unit.facts.functions
    conditional = sum(
        any(c.start <= functions[main.index].start < c.end for c in unit.facts.conditionals)
        for main in mains
    )
    return len(mains) > min(conditional, 1)
