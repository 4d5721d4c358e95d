"""The text of a Meson file as statements (Meson reference manual, "Syntax")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sessionzero.frontends.builds.draft import MAX_DEPTH, Refused

_TOKEN = re.compile(
    r"[ \t\r\ufeff]++|\\\r?\n|\#[^\n]*+"
    r"|(?P<line>\n)"
    r"|(?P<text>f?'''(?:[^']++|'[^']|''[^'])*+'''|f?'(?:[^'\\\n]++|\\.)*+')"
    r"|(?P<word>[A-Za-z_]\w*+)|(?P<number>\d\w*+)"
    r"|(?P<sign>\+=|==|!=|<=|>=|[-+*/%<>=()\[\]{},.:?])",
    re.DOTALL,
)
_OPERATORS = frozenset(("+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "and", "or"))
_OPERATORS_OF_WORDS = frozenset(("in", "not"))
_STATEMENTS = frozenset(("if", "elif", "else", "endif", "foreach", "endforeach"))


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, or another literal that stands for itself (``true``, a number)."""

    value: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Array:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """``function(arguments)``; a method has its object in front and a name such as ``.found``."""

    name: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Operation:
    operator: str
    operands: tuple[Node, ...]


Node = Literal | Variable | Array | Apply | Operation


@dataclass(frozen=True, slots=True)
class Statement:
    """``if``, ``else``, ``foreach`` …, ``=`` and ``+=`` with the variable, or an expression."""

    word: str
    name: str
    value: Node | None
    start: int


def statements(text: str) -> Iterator[Statement]:
    """The statements in order. Raises Refused at the first thing that is no Meson."""
    parser = _Parser(text)
    while parser.skip_lines():
        yield parser.statement()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._end = len(text)

    @property
    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    @property
    def _place(self) -> int:
        return self._tokens[self._at][2] if self._at < len(self._tokens) else self._end

    def _take(self) -> tuple[str, str, int, int]:
        if self._at >= len(self._tokens):
            raise Refused("the file ends in the middle of a statement", self._end)
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, sign: str) -> int:
        """Where the sign ends."""
        _, word, start, end = self._take()
        if word != sign:
            raise Refused(f"`{sign}` was expected instead of `{word[:40]}`", start)
        return end

    def skip_lines(self) -> bool:
        while self._next == "\n":
            self._at += 1
        return self._at < len(self._tokens)

    def statement(self) -> Statement:
        start, word = self._place, self._next
        if word in _STATEMENTS:
            self._at += 1
            return self._control(word, start)
        value = self._expression()
        if isinstance(value, Variable) and self._next in ("=", "+="):
            operator = self._take()[1]
            return Statement(operator, value.name, self._expression(), start)
        if self._next not in ("\n", ""):
            raise Refused(f"`{self._next[:40]}` does not belong here", self._place)
        return Statement("", "", value, start)

    def _control(self, word: str, start: int) -> Statement:
        name = ""
        if word == "foreach":
            name = self._take()[1]
            while self._next not in (":", "", "\n"):
                self._at += 1
            self._expect(":")
        takes_value = word in ("if", "elif", "foreach")
        return Statement(word, name, self._expression() if takes_value else None, start)

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused("the expressions nest too deeply", self._place, "depth")
        operands = [self._unary()]
        operators: list[str] = []
        while self._next in _OPERATORS or self._next in _OPERATORS_OF_WORDS:
            operators.append(self._take()[1])
            operands.append(self._unary())
        if self._next == "?":
            self._at += 1
            operands = [self._expression()]
            operators = ["?"]
            self._expect(":")
            operands.append(self._expression())
        self._depth -= 1
        if not operators:
            return operands[0]
        same = operators[0] if len(set(operators)) == 1 else "mixed"
        return Operation(same, tuple(operands))

    def _unary(self) -> Node:
        turned = False
        while self._next in ("not", "-"):
            turned ^= self._take()[1] == "not"
        value = self._primary()
        while self._next in (".", "["):
            if self._take()[1] == "[":
                index = self._expression()
                self._expect("]")
                value = Operation("[]", (value, index))
            else:
                _, name, start, _ = self._take()
                value = self._call(f".{name}", (value,), start)
        return Operation("not", (value,)) if turned else value

    def _primary(self) -> Node:
        kind, word, start, _ = self._take()
        if kind == "text":
            return Literal(_content(word), is_text=True)
        if kind == "word" and self._next == "(":
            return self._call(word, (), start)
        if kind == "word" and word not in ("true", "false"):
            return Variable(word)
        if kind in ("word", "number"):
            return Literal(word, is_text=False)
        if word == "(":
            value = self._inside(")")
            return value[0] if len(value) == 1 else Array(value)
        if word in ("[", "{"):
            return Array(self._inside("]" if word == "[" else "}"))
        raise Refused(f"`{word[:40].strip() or 'a line end'}` does not belong here", start)

    def _inside(self, closing: str) -> tuple[Node, ...]:
        items, keywords, _ = self._items(closing)
        return (*items, *(value for _, value in keywords))

    def _call(self, name: str, first: tuple[Node, ...], start: int) -> Apply:
        self._expect("(")
        items, keywords, end = self._items(")")
        return Apply(name, (*first, *items), keywords, start, end)

    def _items(self, closing: str) -> tuple[tuple[Node, ...], tuple[tuple[str, Node], ...], int]:
        items: list[Node] = []
        keywords: list[tuple[str, Node]] = []
        while True:
            self.skip_lines()
            if self._next == closing:
                return tuple(items), tuple(keywords), self._expect(closing)
            value = self._expression()
            self.skip_lines()
            if self._next == ":":
                self._at += 1
                self.skip_lines()
                key = value.name if isinstance(value, Variable) else ""
                keywords.append((key, self._expression()))
                self.skip_lines()
            else:
                items.append(value)
            if self._next != closing:
                self._expect(",")


def _tokens(text: str) -> Iterator[tuple[str, str, int, int]]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Refused(f"`{text[at]}` does not belong here", at)
        if match.lastgroup:
            yield match.lastgroup, match[0], at, match.end()
        at = match.end()


def _content(literal: str) -> str:
    literal = literal.removeprefix("f")
    if literal.startswith("'''"):
        return literal[3:-3]
    return re.sub(r"\\(.)", r"\1", literal[1:-1])
