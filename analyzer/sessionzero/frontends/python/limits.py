"""How deep Python source nests, measured on the text, before libcst's parser sees it.

The parser is native and recursive: a few thousand nested parentheses, or as many terms of one sum,
overflow the C stack and kill the process; nested ``case`` patterns take it exponential time.
Measured with libcst 1.9: 3,000 terms and 1,000 brackets still pass in a stack of 8 MiB, so a
quarter of that passes in the 2 MiB of a Windows process. CPython itself refuses 200 brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LIMIT = 600  # terms, or elifs
_BRACKET = 3  # what an open bracket weighs, in terms
_PATTERN_BRACKETS = 8  # in a case pattern; each further one takes the parser four times as long

_STRING = (
    r'[A-Za-z]{0,2}(?:"""(?:[^\\"]++|\\.|"[^\\"]|"\\.|""[^\\"]|""\\.)*+"""'
    r"|'''(?:[^\\']++|\\.|'[^\\']|'\\.|''[^\\']|''\\.)*+'''"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'(?:[^'\\\n]++|\\.)*+')"
)
_BRACKETS_AND_TERMS = (
    r"(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)|(?P<lambda>\blambda\b)"
    r"|(?P<term>[-+~]|[*/%@&|^<>=!.]+|\b(?:and|or|not|if|in|is|await|yield)\b)"
)
_CODE = re.compile(
    rf"#[^\n]*+|\\\r?\n|{_BRACKETS_AND_TERMS}|(?P<string>{_STRING})"
    r"|(?P<line>[\n;](?:[ \t]*case\b)?)",
    re.DOTALL,
)
_TEMPLATE = re.compile(rf"(?P<double>\{{\{{|\}}\}})|{_BRACKETS_AND_TERMS}")
_TEMPLATE_PREFIX = re.compile(r"[rR]?[fFtT]")
_IF_LINE = re.compile(r"^([ \t]*)(if|elif)\b", re.MULTILINE)


@dataclass(slots=True)
class _Gauge:
    """What is open at one point of a text. ``terms`` and ``lambdas``: one count a bracket."""

    weight: int = 0
    terms: list[int] = field(default_factory=lambda: [0])
    lambdas: list[int] = field(default_factory=lambda: [0])

    def read(self, kind: str) -> None:
        """Take in one bracket, comma, term or string."""
        if kind == "open":
            self._term()
            self.terms.append(0)
            self.lambdas.append(0)
            self.weight += _BRACKET
        elif kind == "close" and len(self.terms) > 1:
            self.weight -= self.terms.pop() + self.lambdas.pop() + _BRACKET
        elif kind == "comma":
            self.weight -= self.terms[-1]
            self.terms[-1] = 0
        elif kind == "lambda":  # a comma doesn't end one: its parameters have commas
            self.weight += 1
            self.lambdas[-1] += 1
        elif kind in ("term", "string"):
            self._term()

    def _term(self) -> None:
        self.weight += 1
        self.terms[-1] += 1

    def reset(self) -> None:
        """Begin a new statement."""
        self.weight, self.terms, self.lambdas = 0, [0], [0]


def too_deep(text: str) -> int:
    """The character offset at which a text nests deeper than the parser can bear, or -1."""
    gauge, limit = _Gauge(), LIMIT
    for match in _CODE.finditer(text):
        kind = match.lastgroup
        if kind is None:
            continue
        if kind == "line":
            if len(gauge.terms) == 1:
                gauge.reset()
                limit = _PATTERN_BRACKETS * _BRACKET if match[0].endswith("case") else LIMIT
            continue
        gauge.read(kind)
        inner = _template_weight(match[0]) if kind == "string" else 0
        if gauge.weight + inner > LIMIT or _BRACKET * (len(gauge.terms) - 1) > limit:
            return match.start()
    return _long_elif_chain(text)


def _template_weight(literal: str) -> int:
    """The weight of the deepest replacement field of an f-string; 0 for other strings."""
    if not _TEMPLATE_PREFIX.match(literal):
        return 0
    return max(_template_weights(literal), default=0)


def _template_weights(literal: str) -> Iterator[int]:
    gauge = _Gauge()
    for match in _TEMPLATE.finditer(literal):
        kind = match.lastgroup or ""
        if len(gauge.terms) == 1:  # in the text between fields: only a brace means something
            gauge.reset()
            kind = "open" if match[0] == "{" else ""
        elif kind == "double":
            kind = "open" if match[0] == "{{" else "close"
            gauge.read(kind)
        gauge.read(kind)
        yield gauge.weight


def _long_elif_chain(text: str) -> int:
    """The offset at which the chains of ``elif`` open at one time grow too long, or -1."""
    if text.count("elif") <= LIMIT:
        return -1
    open_chains, total = [(-1, 0)], 0
    for match in _IF_LINE.finditer(text):
        indent = len(match[1].expandtabs())
        while open_chains[-1][0] > indent:
            total -= open_chains.pop()[1]
        known = open_chains.pop()[1] if open_chains[-1][0] == indent else 0
        count = known + 1 if match[2] == "elif" else 0
        total += count - known
        open_chains.append((indent, count))
        if total > LIMIT:
            return match.start()
    return -1
