"""The front-end of PowerShell (``.ps1``, ``.psm1``): commands with their words, calls of methods.

A word that is a list holds the words of it; an entry of a hash table is a named argument.
Variables that get a text or a number only once stand for it, in strings too; it may be put together
by ``+`` and ``Join-Path``.
<https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_parsing>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sessionzero.frontends.script_draft import Draft, Value, Word

MAX_DEPTH = 200
_MOST = 4096  # characters of a word with the values of its variables

_TOKEN = re.compile(
    r"(?P<comment><\#.*?(?:\#>|\Z)|\#[^\r\n]*+|`(?:\r\n?|\n))"
    r'|(?P<text>@"[ \t]*+(?:\r\n?|\n).*?(?:(?:\r\n?|\n)"@|\Z)'
    r"|@'[ \t]*+(?:\r\n?|\n).*?(?:(?:\r\n?|\n)'@|\Z)"
    r"""|"(?:`.|""|[^"`])*+"?|'(?:''|[^'])*+'?)"""
    r"|(?P<line>[\r\n;]++|\|\|?|&&)"
    r"|(?P<open>[@$]?\(|@?\{|\[)|(?P<close>[)}\]])"
    r"|(?P<sign>[,&]|(?<=\s)=(?=\s)|(?<![\w-])\+=?)"
    r"""|(?P<word>(?:`.|[^\s"'`;|&(){},\[\]])"""
    r"""(?>(?:`.|"[^"\r\n]*+"|'[^'\r\n]*+'|\[[^\s\[\]]*+\]|[^\s"'`;|&(){},\[\]]++)*))""",
    re.DOTALL,
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(?:script:|global:|local:)?(\w+))", re.IGNORECASE)
_METHOD = re.compile(r".*(?:\.|::)(\w+)\Z", re.DOTALL)
_ASSIGNED = re.compile(r"\$(?:script:|global:|local:)?(\w+)\Z", re.IGNORECASE)
_JOINED = re.compile(r"(\w+)=(?=.)")  # an entry of a hash table without blanks
_BACKTICK = re.compile(r"`(.)", re.DOTALL)
_QUOTES = re.compile(r"[\"']")
_NO_COMMANDS = frozenset(
    (
        *("if", "elseif", "else", "while", "for", "foreach", "switch", "function", "filter"),
        *("param", "do", "until", "try", "catch", "finally", "trap", "class", "enum", "begin"),
        *("process", "end"),
    )
)
_PARAMETERS = "param("  # as a bracket
_LEADING = frozenset(("return", "throw", "exit"))


@dataclass(slots=True)
class _Token:
    """``kind`` is that of the pattern, or ``group`` for brackets and what is in them."""

    kind: str
    text: str
    start: int
    end: int
    inside: list[list[_Token]] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A bracket that is open: its statements so far, the last one unfinished."""

    bracket: str
    start: int
    statements: list[list[_Token]] = field(default_factory=lambda: [[]])


@dataclass(slots=True)
class _Script:
    draft: Draft
    variables: dict[str, str | None] = field(default_factory=dict)

    def finish(self, statement: Sequence[_Token]) -> None:
        """Note the command that a statement is, or the variable that it sets."""
        while statement and statement[0].kind == "group" and statement[0].text == "[":
            statement = statement[1:]  # the type that a value is made
        assigned = len(statement) > 1 and statement[1].text == "=" and statement[1].kind == "sign"
        if assigned and (name := _ASSIGNED.match(statement[0].text)):
            self.assign(name[1].lower(), statement[2:])
            statement = statement[2:]
        while statement and statement[0].text.lower() in _LEADING:
            statement = statement[1:]
        called = bool(statement) and statement[0].text in ("&", ".")
        if called:
            statement = statement[1:]
        if statement and (called or _is_command(statement[0])):
            (_, first), *others = self.words(statement) or [("", ())]
            if isinstance(first, Word) and first.text:
                self.draft.add_call("command", first, others, statement[-1].end)

    def assign(self, name: str, value: Sequence[_Token]) -> None:
        text = self.text(value)
        self.variables[name] = text if self.variables.get(name, text) == text else None

    def text(self, value: Sequence[_Token]) -> str | None:
        """The text that a value is; None if it is none."""
        if value and value[0].text.lower() == "join-path":
            joint, parts = "\\", [token for token in value[1:] if token.text[:1] != "-"]
        elif all(token.text == "+" and token.kind == "sign" for token in value[1::2]):
            joint, parts = "", list(value[::2])
        else:
            return None
        texts = [text for token in parts if (text := self.part(token)) is not None]
        return joint.join(texts) if texts and len(texts) == len(parts) else None

    def part(self, token: _Token) -> str | None:
        if token.kind == "group":
            inside = token.inside if token.text == "(" else []
            return self.text(inside[0]) if len(inside) == 1 else None
        return self.word(token).text if token.kind in ("text", "word") else None

    def call(self, name: _Token, group: _Token) -> None:
        """Note the call of a method: a word that ends in its name, and brackets behind."""
        match = _METHOD.match(name.text)
        if match is not None and name.end == group.start:
            callee = Word(match[1], name.start + match.start(1), name.end)
            words = self.words([token for part in group.inside for token in part], apart=True)
            self.draft.add_call("instruction", callee, words, group.end)

    def words(self, tokens: Sequence[_Token], *, apart: bool = False) -> list[tuple[str, Value]]:
        """The words, by their keys in a hash table; what commas join is one list, unless the words
        are to be told ``apart``."""
        found: list[tuple[str, list[Word]]] = []
        joining = False
        for token in tokens:
            if token.kind == "sign":
                joining = token.text == ","
            elif token.kind == "group" and token.text == "@{":
                found.extend((key, [word]) for key, word in self.entries(token))
            else:
                if not found or not joining or apart:
                    found.append(("", []))
                found[-1][1].extend(self.values(token))
                joining = False
        return [(key, it[0] if len(it) == 1 else tuple(it)) for key, it in found if it]

    def values(self, token: _Token) -> Iterator[Word]:
        if token.kind != "group":
            yield self.word(token)
        elif token.text == "(" and (text := self.part(token)) is not None:
            yield Word(text, token.start, token.end)
        elif token.text == "@(" or (token.text == "(" and len(token.inside) == 1):
            for part in token.inside:
                for inner in part:
                    if inner.kind in ("text", "word"):
                        yield self.word(inner)
        else:
            yield Word("", token.start, token.end)

    def entries(self, token: _Token) -> Iterator[tuple[str, Word]]:
        for part in token.inside:
            if len(part) == 3 and part[1].text == "=" and part[2].kind != "group":
                yield self.word(part[0]).text, self.word(part[2])
            elif len(part) == 1 and (joined := _JOINED.match(part[0].text)):
                end = part[0].start + joined.end()
                value = _Token("word", part[0].text[joined.end() :], end, part[0].end)
                yield joined[1], self.word(value)

    def word(self, token: _Token) -> Word:
        text = token.text
        if token.kind == "text":
            plain = text.lstrip("@")[:1] == "'"
            inner = _inside(text)
            text = inner.replace("''", "'") if plain else self.expanded(inner)
        else:
            text = _QUOTES.sub("", self.expanded(text))
        return Word(text, token.start, token.end)

    def expanded(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            known = self.variables.get((match[1] or match[2]).lower())
            return match[0] if known is None else known

        return _BACKTICK.sub(r"\1", _VARIABLE.sub(value, text)[:_MOST].replace('""', '"'))


def read(draft: Draft) -> None:
    """Note the commands of a script."""
    script = _Script(draft)
    stack = [_Open("", 0)]
    for match in _TOKEN.finditer(draft.text):
        kind, token = match.lastgroup, _Token(match.lastgroup or "", match[0], *match.span())
        statement = stack[-1].statements[-1]
        if kind == "line":
            _end_statement(script, stack[-1])
        elif kind == "open" and len(stack) < MAX_DEPTH:
            after = statement[-1].text.lower() if statement else ""
            bracket = _PARAMETERS if (after, token.text) == ("param", "(") else token.text
            stack.append(_Open(bracket, token.start))
        elif kind == "close" and len(stack) > 1:
            _close(script, stack, token.end)
        elif kind in ("text", "word", "sign"):
            statement.append(token)
    while len(stack) > 1:
        _close(script, stack, len(draft.text))
    _end_statement(script, stack[0])


def _end_statement(script: _Script, opened: _Open) -> None:
    """Begin another statement, unless a comma or an open argument list goes on."""
    statement = opened.statements[-1]
    if not statement or statement[-1].text == ",":
        return
    _finish(script, opened)
    opened.statements.append([])
    if opened.bracket in ("", "{"):
        opened.statements = [[]]  # nobody asks for what is finished


def _finish(script: _Script, opened: _Open) -> None:
    """Note what the last statement in a bracket says; of parameters, each by itself."""
    statement = opened.statements[-1]
    if opened.bracket == _PARAMETERS:
        commas = [n for n, token in enumerate(statement) if token.text == ","]
        for start, end in zip([-1, *commas], [*commas, len(statement)], strict=True):
            script.finish(statement[start + 1 : end])
    elif opened.bracket not in ("@{", "[") and statement:
        script.finish(statement)


def _close(script: _Script, stack: list[_Open], end: int) -> None:
    opened = stack.pop()
    _finish(script, opened)
    outer = stack[-1].statements[-1]
    inside = [part for part in opened.statements if part]
    group = _Token("group", opened.bracket, opened.start, end, inside)
    if opened.bracket == "(" and outer and outer[-1].kind == "word":
        script.call(outer[-1], group)
    outer.append(group)
    if opened.bracket == "{" and stack[-1].bracket in ("", "{"):
        stack[-1].statements = [[]]  # a block ends its statement


def _is_command(token: _Token) -> bool:
    first = token.text[:1]
    return (
        token.kind == "word"
        and not first.isdigit()
        and first not in ("$", "-", "[", "!", "=", "%", "+", ":")
        and token.text.lower() not in _NO_COMMANDS
    )


def _inside(text: str) -> str:
    if text.startswith("@"):
        lines = text.splitlines()
        return "\n".join(lines[1:-1] if lines[-1][:2] in ("'@", '"@') else lines[1:])
    return text[1:-1] if len(text) > 1 and text[-1] == text[0] else text[1:]
