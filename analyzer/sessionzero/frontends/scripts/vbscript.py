"""The front-end of VBScript (``.vbs``): calls of methods and functions as instructions.

Both forms count, ``shell.Run("app", 0)`` and ``shell.Run "app", 0``; only the name of the method is
noted. Variables that get a text or a number only once stand for it.
<https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/scripting-articles/d1wf56tt(v=vs.84)>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sessionzero.frontends.scripts.call_syntax import Expression, Token, calls_of, folded, tokens_of
from sessionzero.frontends.scripts.draft import Draft, Word

_TOKEN = re.compile(
    r"(?P<comment>(?:'|\brem\b)[^\r\n]*+|_[ \t]*+(?:\r\n?|\n))"
    r'|(?P<text>"(?:[^"\r\n]|"")*+"?)|(?P<number>&h[0-9a-f]++&?|\d++)'
    r"|(?P<name>[a-z_]\w*+)|(?P<end>[\r\n:]++)|(?P<sign><>|[^\s\w])",
    re.IGNORECASE,
)
_JOINS = frozenset(("&", "+"))
_DIVIDING = frozenset(("then", "else"))  # another statement may follow in the line
_WORDS = frozenset(
    (
        *("and", "call", "const", "dim", "do", "else", "elseif", "end", "exit", "for", "function"),
        *("if", "in", "loop", "next", "not", "on", "or", "set", "sub", "then", "to", "until"),
        "while",
    )
)


def read(draft: Draft) -> None:
    """Note the calls of a script."""
    tokens = [_unquoted(t) for t in tokens_of(_TOKEN, draft.text, 0, len(draft.text))]
    constants = _constants(tokens)
    bracketed = set[int]()
    for call in calls_of([replace(t, kind="sign") if t.kind == "end" else t for t in tokens]):
        bracketed.add(call.name)
        _add(draft, tokens[call.name], call.arguments, call.end, constants)
    for line in _statements(tokens):
        _add_statement(draft, tokens, line, bracketed, constants)


def _add(
    draft: Draft,
    name: Token,
    arguments: Sequence[Sequence[Token]],
    end: int,
    constants: dict[str, str | None],
) -> None:
    words = (folded(Expression(part, constants, _JOINS)) for part in arguments)
    callee = Word(name.value, name.start, name.end)
    draft.add_call("instruction", callee, (("", word) for word in words), end)


def _unquoted(token: Token) -> Token:
    if token.kind != "text":
        return token
    return replace(token, value=token.value[1:].removesuffix('"').replace('""', '"'))


def _statements(tokens: Sequence[Token]) -> Iterator[range]:
    """The numbers of the tokens of each statement."""
    first = 0
    for number, token in enumerate(tokens):
        if token.kind == "end" or (token.kind == "name" and token.value.lower() in _DIVIDING):
            yield range(first, number)
            first = number + 1
    yield range(first, len(tokens))


def _add_statement(
    draft: Draft,
    tokens: Sequence[Token],
    line: range,
    bracketed: set[int],
    constants: dict[str, str | None],
) -> None:
    """A call without brackets: a name, which may have objects before it, and then a value."""
    at = _last_object(tokens, line)
    if at + 1 >= line.stop or at in bracketed:
        return
    name, following = tokens[at], tokens[at + 1]
    of_object = at > line.start
    is_call = name.kind == "name" and (of_object or name.value.lower() not in _WORDS)
    left_out = of_object and following.value == ","  # `service.Change , , , , , True`
    if is_call and (left_out or following.kind in ("text", "number", "name")):
        arguments = _split(tokens, range(at + 1, line.stop))
        _add(draft, name, arguments, tokens[line.stop - 1].end, constants)


def _last_object(tokens: Sequence[Token], line: range) -> int:
    """The number of the token behind the objects that a statement begins with: ``a.b(1).c`` → c."""
    at = line.start
    while at + 2 < line.stop and tokens[at].kind == "name":
        after = at + 1
        if tokens[after].value == "(" and tokens[after].kind == "sign":
            closing = (n for n in range(after, line.stop) if tokens[n].value == ")")
            after = next(closing, line.stop - 1) + 1
        if after + 1 >= line.stop or tokens[after].value != ".":
            break
        at = after + 1
    return at


def _split(tokens: Sequence[Token], line: range) -> list[Sequence[Token]]:
    arguments: list[Sequence[Token]] = []
    first, depth = line.start, 0
    for number in line:
        value = tokens[number].value if tokens[number].kind == "sign" else ""
        depth += (value == "(") - (value == ")")
        if value == "," and depth == 0:
            arguments.append(tokens[first:number])
            first = number + 1
    arguments.append(tokens[first : line.stop])
    return arguments


def _constants(tokens: Sequence[Token]) -> dict[str, str | None]:
    """Names that get one text or number; None for those that get another value too."""
    found: dict[str, str | None] = {}
    for line in _statements(tokens):
        words = [tokens[number] for number in line[:5]]
        if words and words[0].value.lower() == "const":
            words = words[1:]
        if len(words) >= 3 and words[0].kind == "name" and words[1].value == "=":
            single = len(words) == 3 and words[2].kind in ("text", "number")
            # `True` and `False` are names.
            single |= len(words) == 3 and words[2].value.lower() in ("true", "false")
            text = words[2].value if single else None
            key = words[0].value.lower()
            found[key] = text if found.get(key, text) == text else None
    return found
