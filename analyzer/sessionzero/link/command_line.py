"""What of a function depends on the command line."""

from __future__ import annotations

from sessionzero.facts import Function, Name
from sessionzero.link.guards import mentions_command_line
from sessionzero.link.index import Func, ProgramIndex, walk_into_calls


def arguments_of_command(function: Function) -> frozenset[str]:
    """The parameters of a function that are the words of a command line, and their number."""
    names = (parameter.name for parameter in function.parameters)
    return frozenset(name for name in names if name.lower().endswith(("argc", "argv")))


def command_line_names(index: ProgramIndex, func: Func) -> frozenset[str]:
    """Names in a function that hold something of the command line, or were set by it."""
    unit = index.unit(func)
    names = {p.name for p in index.function(func).parameters if p.name}
    if unit.is_python and func.index:
        names |= command_line_names(index, Func(func.unit, 0))  # what the module has kept of it
    bindings = [unit.facts.bindings[i] for i in unit.bindings_of.get(func.index, ())]
    size = -1
    while size != len(names):
        size = len(names)
        known = frozenset(names)
        for binding in bindings:
            chosen = any(
                mentions_command_line(b.condition, known, unit)
                for b in unit.branches(binding.branch)
            )
            if chosen or mentions_command_line(binding.value, known, unit):
                names.update(
                    part.name
                    for part in walk_into_calls(binding.target, unit)
                    if isinstance(part, Name)
                )
    return frozenset(names)
