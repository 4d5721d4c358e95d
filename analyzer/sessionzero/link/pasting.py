"""Names that a macro pastes together: by ``#define FN(x) x##A``, ``FN(f)`` is ``fA``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sessionzero.facts import Call, Macro, Name, Operation


def pasted_name(
    call: Call, macros: Mapping[str, Sequence[tuple[int, Macro]]], seen: Collection[int]
) -> str:
    """The name that a call of a macro stands for, by the macros of the files in ``seen``; empty if
    it is no such macro."""
    name = call.callee.name if isinstance(call.callee, Name) else ""
    for unit, macro in reversed(macros.get(name, ())):
        body = macro.body
        if unit in seen and isinstance(body, Operation) and body.operator == "##":
            values = [argument.value for argument in call.arguments]
            given = {
                parameter: value.name
                for parameter, value in zip(macro.parameters or (), values, strict=False)
                if isinstance(value, Name)
            }
            words = [part.name for part in body.operands if isinstance(part, Name)]
            return "".join(given.get(word, word) for word in words)
    return ""
