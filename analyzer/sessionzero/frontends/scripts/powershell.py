"""The front-end of PowerShell (``.ps1``, ``.psm1``): commands with their words, calls of methods.

A word that is a list holds the words of it; an entry of a hash table is a named argument.
Variables that get a text or a number only once stand for it, in strings too; it may be put together
by ``+``, ``-f`` and ``Join-Path``. Those that get a list or a hash table stand for its words where
it is splatted (``@words``) or handed to a program. What a variable gets from commands is a record:
its kind is the variable (``$action``), its place that of the commands.
<https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_parsing>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sessionzero.frontends.scripts.draft import Draft, Value, Word
from sessionzero.frontends.scripts.powershell_values import Token, Variables

MAX_DEPTH = 200

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
_METHOD = re.compile(r".*(?:\.|::)(\w+)\Z", re.DOTALL)
_ASSIGNED = re.compile(r"\$(?:script:|global:|local:)?(\w+)\Z", re.IGNORECASE)
_CMDLET = re.compile(r"[a-z]+-[a-z]+\Z", re.IGNORECASE)
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
class _Open:
    """A bracket that is open: its statements so far, the last one unfinished."""

    bracket: str
    start: int
    statements: list[list[Token]] = field(default_factory=lambda: [[]])


@dataclass(slots=True)
class _Script:
    draft: Draft
    variables: Variables = field(default_factory=Variables)

    def finish(self, statement: Sequence[Token]) -> None:
        """Note the command that a statement is, or the variable that it sets."""
        while statement and statement[0].kind == "group" and statement[0].text == "[":
            statement = statement[1:]  # the type that a value is made
        name = _assigned(statement)
        if name:
            known = self.assign(name, statement[1].text, statement[2:])
            statement = statement[2:]
            self.command(statement)
            if not known and statement:
                self.note_origin(name, statement[0].start, statement[-1].end)
        else:
            self.command(statement)

    def assign(self, name: str, operator: str, value: Sequence[Token]) -> bool:
        """Set a variable; false if what it gets isn't known."""
        if operator == "=":
            return self.variables.assign(name, value)
        self.variables.extend(name, value)
        return True

    def note_origin(self, name: str, start: int, end: int) -> None:
        """Note the place of the commands that a variable gets its value from, if there are any."""
        calls = self.draft.calls
        if calls and calls[-1].start >= self.draft.place(start):
            self.draft.add_record(f"${name}", (), start, end)

    def command(self, statement: Sequence[Token]) -> None:
        """Note the command that a statement, or what is assigned, is."""
        while statement and statement[0].text.lower() in _LEADING:
            statement = statement[1:]
        called = bool(statement) and statement[0].text in ("&", ".")
        if called:
            statement = statement[1:]
        if statement and (called or _is_command(statement[0])):
            to_program = _CMDLET.match(statement[0].text) is None
            (_, first), *others = self.words(statement, to_program=to_program) or [("", ())]
            if isinstance(first, Word) and first.text:
                self.draft.add_call("command", first, others, statement[-1].end)

    def call(self, name: Token, group: Token) -> None:
        """Note the call of a method: a word that ends in its name, and brackets behind."""
        match = _METHOD.match(name.text)
        if match is not None and name.end == group.start:
            callee = Word(match[1], name.start + match.start(1), name.end)
            words = self.words([token for part in group.inside for token in part], apart=True)
            self.draft.add_call("instruction", callee, words, group.end)

    def words(
        self, tokens: Sequence[Token], *, apart: bool = False, to_program: bool = False
    ) -> list[tuple[str, Value]]:
        """The words, by their keys in a hash table; what commas join is one list, unless the words
        are to be told ``apart``. A variable that holds a list is a list as well, but for a program,
        which gets its words, and where it is splatted."""
        found: list[tuple[str, list[Word]]] = []
        joining = False
        for token in tokens:
            items = self.variables.listed(token)
            if token.kind == "sign":
                joining = token.text == ","
            elif token.kind == "group" and token.text == "@{":
                found.extend((key, [word]) for key, word in self.variables.entries(token))
            elif items and (to_program or token.text[0] == "@"):
                found.extend(("", [item]) for item in items)
            else:
                if not found or not joining or apart:
                    found.append(("", []))
                found[-1][1].extend(items or self.values(token))
                joining = False
        return [(key, it[0] if len(it) == 1 else tuple(it)) for key, it in found if it]

    def values(self, token: Token) -> Iterator[Word]:
        if token.kind != "group":
            yield self.variables.word(token)
        elif token.text == "(" and (text := self.variables.part(token)) is not None:
            yield Word(text, token.start, token.end)
        elif token.text == "@(" or (token.text == "(" and len(token.inside) == 1):
            for part in token.inside:
                for inner in part:
                    if inner.kind in ("text", "word"):
                        yield self.variables.word(inner)
        else:
            yield Word("", token.start, token.end)


def read(draft: Draft) -> None:
    """Note the commands of a script."""
    script = _Script(draft)
    stack = [_Open("", 0)]
    for match in _TOKEN.finditer(draft.text):
        kind, token = match.lastgroup, Token(match.lastgroup or "", match[0], *match.span())
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
    group = Token("group", opened.bracket, opened.start, end, inside)
    if opened.bracket == "(" and outer and outer[-1].kind == "word":
        script.call(outer[-1], group)
    outer.append(group)
    if opened.bracket == "{" and stack[-1].bracket in ("", "{"):
        stack[-1].statements = [[]]  # a block ends its statement


def _assigned(statement: Sequence[Token]) -> str:
    """The small name of the variable that a statement sets or adds to; empty if it is none such."""
    if len(statement) < 2 or statement[1].kind != "sign" or statement[1].text not in ("=", "+="):
        return ""
    name = _ASSIGNED.match(statement[0].text)
    return name[1].lower() if name else ""


def _is_command(token: Token) -> bool:
    first = token.text[:1]
    return (
        token.kind == "word"
        and not first.isdigit()
        and first not in ("$", "-", "[", "!", "=", "%", "+", ":")
        and token.text.lower() not in _NO_COMMANDS
    )
