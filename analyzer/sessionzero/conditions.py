"""Three-valued evaluation of preprocessor conditions: true, false, or unknown (None)."""

from __future__ import annotations

import re
from collections.abc import Callable

from sessionzero.c_numbers import number
from sessionzero.predefined import ABSENT, UNKNOWN, Definitions

Truth = bool | None

_TOKENS = re.compile(r"[A-Za-z_]\w*|\d[\w']*|&&|\|\||[<>=!]=|<<|>>|[-+*/%&|^~!<>()?:]|\S")
_MAXIMUM_TOKENS = 200  # longer conditions are generated; they also bound the recursion below

_Value = int | None

_BINARY: dict[str, tuple[int, Callable[[int, int], int]]] = {
    "|": (3, lambda a, b: a | b),
    "^": (4, lambda a, b: a ^ b),
    "&": (5, lambda a, b: a & b),
    "==": (6, lambda a, b: a == b),
    "!=": (6, lambda a, b: a != b),
    "<": (7, lambda a, b: a < b),
    ">": (7, lambda a, b: a > b),
    "<=": (7, lambda a, b: a <= b),
    ">=": (7, lambda a, b: a >= b),
    "<<": (8, lambda a, b: a << b if 0 <= b < 64 else 0),
    ">>": (8, lambda a, b: a >> b if 0 <= b < 64 else 0),
    "+": (9, lambda a, b: a + b),
    "-": (9, lambda a, b: a - b),
    "*": (10, lambda a, b: a * b),
}
_OR, _AND, _UNARY = 1, 2, 11


class _Reader:
    """The tokens of one condition and how far they have been read."""

    __slots__ = ("definitions", "position", "tokens")

    def __init__(self, tokens: list[str], definitions: Definitions) -> None:
        self.tokens = tokens
        self.definitions = definitions
        self.position = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token


def defined(name: str, definitions: Definitions) -> Truth:
    """Whether a macro is defined."""
    definition = definitions.get(name)
    return None if definition is None else definition != ABSENT


def evaluate(condition: str, definitions: Definitions) -> Truth:
    """Whether the text after ``#if`` holds; unknown for what it can't read."""
    tokens = _TOKENS.findall(condition)
    if not tokens or len(tokens) > _MAXIMUM_TOKENS:
        return None
    reader = _Reader(tokens, definitions)
    value = _binary(reader, 0)
    if reader.position < len(tokens) or value is None:
        return None
    return value != 0


def _binary(reader: _Reader, lowest: int) -> _Value:
    """Precedence climbing: an operand, then every operator that binds at least so tightly."""
    left = _operand(reader)
    while True:
        operator = reader.peek()
        if operator == "&&" and lowest <= _AND:
            reader.take()
            left = _both(left, _binary(reader, _AND + 1))
        elif operator == "||" and lowest <= _OR:
            reader.take()
            left = _either(left, _binary(reader, _OR + 1))
        elif operator in _BINARY and lowest <= _BINARY[operator][0]:
            reader.take()
            precedence, compute = _BINARY[operator]
            right = _binary(reader, precedence + 1)
            left = None if left is None or right is None else int(compute(left, right))
        else:
            return left


def _both(left: _Value, right: _Value) -> _Value:
    if left == 0 or right == 0:
        return 0
    return None if left is None or right is None else 1


def _either(left: _Value, right: _Value) -> _Value:
    if left or right:
        return 1
    return None if left is None or right is None else 0


def _operand(reader: _Reader) -> _Value:
    token = reader.take()
    if token == "!":
        value = _binary(reader, _UNARY)
        return None if value is None else int(not value)
    if token in ("-", "+", "~"):
        value = _binary(reader, _UNARY)
        return None if value is None else {"-": -value, "+": value, "~": ~value}[token]
    if token == "(":
        value = _binary(reader, 0)
        return value if reader.take() == ")" else None
    if token == "defined":
        return _defined(reader)
    if token[:1].isdigit():
        return number(token)
    return _macro(reader, token)


def _defined(reader: _Reader) -> _Value:
    bracket = reader.peek() == "("
    if bracket:
        reader.take()
    truth = defined(reader.take(), reader.definitions)
    if bracket and reader.take() != ")":
        return None
    return None if truth is None else int(truth)


def _macro(reader: _Reader, name: str) -> _Value:
    """The value of a name; that of a function-like macro is unknown, its arguments are skipped."""
    if reader.peek() == "(":
        depth = 0
        while token := reader.take():
            depth += (token == "(") - (token == ")")
            if depth == 0:
                break
        return None
    value = reader.definitions.get(name)
    if value is None or value == UNKNOWN:
        return None
    return value if isinstance(value, int) else 0
