"""What ``##`` and ``#`` make of words in the body of a macro (see :class:`facts.Name`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from sessionzero.facts import Call, Expr, Macro, Name, Number
from sessionzero.link.files.scopes import Bound, Scope

_SIGNS = re.compile(r"\s*#+\s*")
_STRINGISED = re.compile(r"(?:(?:L|u8|u|U)#(?!#)|#+)(\w+)")


def stringised(name: str) -> str:
    """The parameter that ``#id`` or ``L#id`` turns into a text; empty if words are pasted."""
    match = _STRINGISED.fullmatch(name)
    return match[1] if match else ""


def pasted(name: str, words: Mapping[str, str]) -> str:
    """The name that ``g_##id`` is, by the ``words`` given for the parameters."""
    return "".join(words.get(word, word) for word in _SIGNS.split(name))


def words_of(bound: Bound) -> dict[str, str]:
    """The words that are given for parameters; what is no word is left out."""
    found = {name: word_of(expr, at) for name, (expr, at) in bound.items()}
    return {name: word for name, word in found.items() if word}


def word_of(expr: Expr, at: Scope) -> str:
    """A name or number as written, a parameter of the macro around it as what is given for it;
    empty for the rest."""
    match expr:
        case Name(name):
            frame = at.frame
            inside = frame is not None and frame.func == at.func and name in frame.arguments
            return word_of(*frame.arguments[name]) if frame is not None and inside else name
        case Number(value):
            return str(value)
        case _:
            return ""


def pasted_name(
    call: Call, macros: Mapping[str, Sequence[tuple[int, Macro]]], seen: Collection[int]
) -> str:
    """The name that a call of a macro stands for (by ``#define FN(x) x##A``, ``FN(f)`` is ``fA``),
    by the macros of the files in ``seen``; empty if it is no such macro."""
    name = call.callee.name if isinstance(call.callee, Name) else ""
    for unit, macro in reversed(macros.get(name, ())):
        body = macro.body
        if unit in seen and isinstance(body, Name) and "##" in body.name:
            values = [argument.value for argument in call.arguments]
            given = {
                parameter: value.name
                for parameter, value in zip(macro.parameters or (), values, strict=False)
                if isinstance(value, Name)
            }
            return pasted(body.name, given)
    return ""
