"""The calls in the Pascal code of an Inno Setup script: instructions with their arguments.

Constants and variables that get a text or a number only once stand for it.
<https://jrsoftware.org/ishelp/topic_scriptintro.htm>.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sessionzero.frontends.scripts.call_syntax import Expression, Token, calls_of, folded, tokens_of
from sessionzero.frontends.scripts.draft import Draft, Word

_TOKEN = re.compile(
    r"(?P<comment>//[^\r\n]*+|\{[^}]*+\}?|\(\*.*?(?:\*\)|\Z))"
    r"|(?P<text>(?:'(?:[^'\r\n]|'')*+'?|\#\$?[0-9A-Fa-f]+)+)"
    r"|(?P<name>[A-Za-z_]\w*+)|(?P<number>\$[0-9A-Fa-f]++|\d++)|(?P<sign>:=|[^\s\w])",
    re.DOTALL,
)
_PIECE = re.compile(r"'((?:[^'\r\n]|'')*+)'?|#(\$?)([0-9A-Fa-f]+)")
_JOINS = frozenset(("+",))
_GIVING = frozenset((":=", "="))
_TRANSPARENT = frozenset(("expandconstant",))
_ENDS = frozenset((";", ")"))


def add_calls(draft: Draft, start: int, end: int) -> None:
    """Note the calls between two characters of the text."""
    tokens = _bare([_unquoted(token) for token in tokens_of(_TOKEN, draft.text, start, end)])
    constants = _constants(tokens)
    for call in calls_of(tokens):
        name = tokens[call.name]
        words = (folded(Expression(part, constants, _JOINS)) for part in call.arguments)
        arguments = (("", word) for word in words)
        draft.add_call("instruction", Word(name.value, name.start, name.end), arguments, call.end)


def _bare(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with ``'x'`` for ``ExpandConstant('x')``."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        name, *others = tokens[at : at + 4]
        if name.value.lower() in _TRANSPARENT and [t.kind for t in others] == [
            "sign",
            "text",
            "sign",
        ]:
            found.append(others[1])
            at += 4
        else:
            found.append(name)
            at += 1
    return found


def _unquoted(token: Token) -> Token:
    if token.kind != "text":
        return token
    return replace(token, value=_PIECE.sub(_piece, token.value))


def _piece(match: re.Match[str]) -> str:
    if match[3]:
        code = int(match[3], 16) if match[2] else int(match[3]) if match[3].isdigit() else 0
        return chr(code) if code < 0x110000 else ""
    return match[1].replace("''", "'")


def _constants(tokens: Sequence[Token]) -> dict[str, str | None]:
    """Names that get one text or number; None for those that get another value too."""
    found: dict[str, str | None] = {}
    for name, sign, value, after in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if name.kind == "name" and sign.value in _GIVING:
            single = value.kind in ("text", "number") and after.value in _ENDS
            text = value.value if single else None
            key = name.value.lower()
            found[key] = text if found.get(key, text) == text else None
    return found
