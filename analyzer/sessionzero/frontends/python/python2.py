"""Python 2 source rewritten as Python 3 that means the same, and where each piece came from.

libcst reads Python 3 only (its native parser ignores ``python_version``), and no maintained
library reads Python 2: lib2to3 is gone since Python 3.13, parso dropped it. So the forms of Python
2 (docs.python.org/2.7/reference) are replaced token by token; what remains is for libcst to judge.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sessionzero.frontends.python.python2_tokens import Statement, Token, statements


class Edit(NamedTuple):
    """A range of characters and what stands in its place."""

    start: int
    end: int
    text: str


class Rewriting:
    """A text with edits made, and the way back to the places of the original."""

    __slots__ = ("_from", "_lengths", "_to", "original", "text")

    def __init__(self, original: str, edits: Iterable[Edit]) -> None:
        self.original = original
        self._from, self._to, self._lengths = [0], [0], list[int]()
        pieces, at = list[str](), 0
        for edit in sorted(edits):
            kept = original[at : edit.start]
            pieces += [kept, edit.text]
            self._keep(
                kept,
                len(edit.text.encode("utf-8", "surrogatepass")),
                original[edit.start : edit.end],
            )
            at = edit.end
        pieces.append(original[at:])
        self._lengths.append(len(original[at:].encode("utf-8", "surrogatepass")))
        self.text = "".join(pieces)

    def _keep(self, kept: str, inserted: int, removed: str) -> None:
        length = len(kept.encode("utf-8", "surrogatepass"))
        self._lengths.append(length)
        self._from.append(self._from[-1] + length + inserted)
        self._to.append(self._to[-1] + length + len(removed.encode("utf-8", "surrogatepass")))

    def back(self, offsets: Iterable[int]) -> list[int]:
        """UTF-8 byte offsets in the new text → in the original; what stands in inserted text goes
        to where that was put."""
        found = []
        for offset in offsets:
            i = bisect_right(self._from, offset) - 1
            found.append(self._to[i] + min(offset - self._from[i], self._lengths[i]))
        return found


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def rewritten(text: str) -> Rewriting | None:
    """The text as Python 3; None if nothing in it needs to be rewritten."""
    parts = list(statements(text))
    future = _future(parts)
    forms = [edit for part in parts for edit in _forms(part, future)]
    if forms and "unicode_literals" not in future:
        forms += _escapes(parts)
    edits = [*forms, *_names(parts), *_indents(parts, text)]
    return Rewriting(text, edits) if edits else None


def _future(parts: Sequence[Statement]) -> frozenset[str]:
    return frozenset(
        token.text
        for part in parts
        if [token.text for token in part.tokens[:2]] == ["from", "__future__"]
        for token in part.tokens[3:]
    )


def _forms(part: Statement, future: frozenset[str]) -> Iterator[Edit]:
    """The edits for what only Python 2 reads."""
    tokens = part.tokens
    match tokens[0].text if tokens else "":
        case "print" if "print_function" not in future:
            yield from _print(tokens)
        case "exec":
            yield from _exec(tokens)
        case "raise":
            yield from _raise(tokens)
        case "except":
            yield from _except(tokens)
        case "def":
            yield from _def(tokens)
        case "True" | "False":
            yield from _truth(tokens)
    yield from _lambdas(tokens)
    yield from _backticks(tokens)
    yield from _comprehensions(tokens)
    for token in tokens:
        yield from _spelling(token)


# --- Statements ---

_BEGINS_VALUE = frozenset(("[", "{", "`", "-", "+", "~"))
_CONTINUES = frozenset(("in", "is", "and", "or", "if", "else", "for"))  # `print` is a name then


def _takes_value(tokens: Sequence[Token]) -> bool:
    """Whether the first token is a keyword with something to print or run behind it.

    ``print (x)``, whatever follows, is an expression of Python 3 too.
    """
    if len(tokens) < 2:
        return False
    following = tokens[1]
    if following.kind == "operator":
        return following.text in _BEGINS_VALUE
    return following.text not in _CONTINUES


def _print(tokens: Sequence[Token]) -> Iterator[Edit]:
    """``print x,`` is ``print(x,)``; ``print >>f, x`` is ``print(f, x)``."""
    redirected = len(tokens) > 2 and tokens[1].text == ">>"
    if redirected or _takes_value(tokens):
        yield Edit(tokens[0].end, tokens[0].end, "(")
        if redirected:
            yield Edit(tokens[1].start, tokens[1].end, "")
        yield Edit(tokens[-1].end, tokens[-1].end, ")")


def _exec(tokens: Sequence[Token]) -> Iterator[Edit]:
    """``exec code in names`` is ``exec(code, names)``."""
    if _takes_value(tokens):
        yield Edit(tokens[0].end, tokens[0].end, "(")
        where = next((t for t in tokens if t.depth == 0 and t.text == "in"), None)
        if where is not None:
            yield Edit(where.start, where.end, ",")
        yield Edit(tokens[-1].end, tokens[-1].end, ")")


def _raise(tokens: Sequence[Token]) -> Iterator[Edit]:
    """``raise Error, value, traceback`` makes ``Error(value)``."""
    comma = next((i for i, t in enumerate(tokens) if t.depth == 0 and t.text == ","), -1)
    if comma < 2:
        return
    made = tokens[1:comma]
    if all(token.kind == "name" or token.text == "." for token in made):
        yield Edit(tokens[comma].start, tokens[comma].end, "(")
    else:
        yield Edit(tokens[0].end, tokens[0].end, "(")
    yield Edit(tokens[-1].end, tokens[-1].end, ")")


def _except(tokens: Sequence[Token]) -> Iterator[Edit]:
    """``except Error, name:`` is ``except Error as name:``."""
    commas = [i for i, token in enumerate(tokens) if token.depth == 0 and token.text == ","]
    if commas == [len(tokens) - 3] and tokens[-2].kind == "name":
        comma = tokens[commas[0]]
        yield Edit(comma.start, comma.end, " as ")


def _truth(tokens: Sequence[Token]) -> Iterator[Edit]:
    """``True, False = 1, 0`` gives values to plain names."""
    equal = next((i for i, t in enumerate(tokens) if t.depth == 0 and t.text == "="), 0)
    for token in tokens[:equal]:
        if token.text in ("True", "False"):
            yield Edit(token.end, token.end, "_")


# --- Parameters that are tuples ---


def _lambdas(tokens: Sequence[Token]) -> Iterator[Edit]:
    opened = list[int]()
    for i, token in enumerate(tokens):
        while opened and token.depth < tokens[opened[-1]].depth:
            opened.pop()
        if token.text == "lambda":
            opened.append(i)
        elif token.text == ":" and opened and token.depth == tokens[opened[-1]].depth:
            yield from _parameters(tokens, opened.pop(), i)


def _def(tokens: Sequence[Token]) -> Iterator[Edit]:
    if len(tokens) > 2 and tokens[2].text == "(":
        yield from _parameters(tokens, 2, _closing(tokens, 2))


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """The bracket that closes one."""
    later = range(opening + 1, len(tokens))
    return next((i for i in later if tokens[i].depth == tokens[opening].depth), -1)


def _parameters(tokens: Sequence[Token], before: int, behind: int) -> Iterator[Edit]:
    """``(a, b)`` among the parameters is one parameter; its names are unknown: ``*, a=..., b=...``.

    The parameters stand between the tokens ``before`` (``(`` or ``lambda``) and ``behind``.
    """
    depth = tokens[before].depth + (tokens[before].text == "(")
    names = list[str]()
    for i in range(before + 1, behind):
        begins = i == before + 1 or (tokens[i - 1].text == "," and tokens[i - 1].depth == depth)
        if begins and tokens[i].text == "(":
            close = _closing(tokens, i)
            group = [token.text for token in tokens[i:close] if token.kind == "name"]
            yield Edit(tokens[i].start, tokens[close].end, "_".join(("", *group)))
            names += group
    if names:
        yield _unknown_parameters(names, tokens[before + 1 : behind + 1], depth)


def _unknown_parameters(names: Sequence[str], tokens: Sequence[Token], depth: int) -> Edit:
    """The edit that adds parameters by keyword; the last token ends the parameters."""
    stars = {token.text for token in tokens if token.depth == depth}
    added = ", ".join(f"{name}=..." for name in names)
    added = added if "*" in stars else f"*, {added}"
    mapping = next((t for t in tokens if t.depth == depth and t.text == "**"), None)
    if mapping is not None:
        return Edit(mapping.start, mapping.start, f"{added}, ")
    comma = tokens[-2].text == "," and tokens[-2].depth == depth
    return Edit(tokens[-1].start, tokens[-1].start, f" {added}" if comma else f", {added}")


# --- Expressions ---


def _backticks(tokens: Sequence[Token]) -> Iterator[Edit]:
    """`` `x` `` is ``repr(x)``."""
    opened = list[int]()
    for token in tokens:
        if token.text == "`":
            closes = bool(opened) and opened[-1] == token.depth
            yield Edit(token.start, token.end, ")" if closes else "repr(")
            if closes:
                opened.pop()
            else:
                opened.append(token.depth)


def _comprehensions(tokens: Sequence[Token]) -> Iterator[Edit]:
    """``[x for x in 1, 2]`` is ``[x for x in (1, 2)]``."""
    clauses = dict[int, list[Token]]()  # depth -> `for`, `in` and the commas behind it
    for i, token in enumerate(tokens):
        clause = clauses.get(token.depth + (token.text == "]"), [])
        if token.text in ("[", "(", "{"):
            clauses[token.depth + 1] = []
        elif token.text in ("for", "if", "]"):
            if len(clause) > 2:
                yield Edit(clause[1].end, clause[1].end, " (")
                yield Edit(tokens[i - 1].end, tokens[i - 1].end, ") ")
            clause[:] = [token] if token.text == "for" and token.depth else []
        elif (token.text == "in" and len(clause) == 1) or (token.text == "," and len(clause) > 1):
            clause.append(token)


_OLD_NUMBER = re.compile(r"(0[0-7]+|0[xXoObB][0-9a-fA-F]+|\d+)[lL]?")


def _spelling(token: Token) -> Iterator[Edit]:
    """``<>``, ``0777``, ``10L`` and ``ur"…"``."""
    if token.text == "<>":
        yield Edit(token.start, token.end, "!=")
    elif token.kind == "number":
        written = _OLD_NUMBER.fullmatch(token.text)
        digits = written[1] if written else token.text
        if len(digits) > 1 and digits.isdigit() and digits[0] == "0" and digits.strip("0"):
            digits = f"0o{digits}"
        if digits != token.text:
            yield Edit(token.start, token.end, digits)
    elif token.kind == "string" and token.text[:2].lower() == "ur":
        yield Edit(token.start, token.start + 2, token.text[1])


_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def _escapes(parts: Sequence[Statement]) -> Iterator[Edit]:
    r"""``"\U"`` in a string that is not a unicode string is a backslash and a letter."""
    for token in (token for part in parts for token in part.tokens):
        prefix = token.text.partition(token.text[-1])[0].lower()
        if token.kind == "string" and prefix in ("", "b"):
            for match in _ESCAPE.finditer(token.text):
                if match[1] in "uUN":
                    at = token.start + match.start()
                    yield Edit(at, at, "\\")


# --- Names and blanks ---


def _names(parts: Sequence[Statement]) -> Iterator[Edit]:
    """``async``, ``await`` and ``nonlocal`` where they are names."""
    tokens = [token for part in parts for token in part.tokens]
    found = [i for i, token in enumerate(tokens) if token.text in ("async", "await", "nonlocal")]
    keywords = {
        i
        for i in found
        if tokens[i].text == "async" and _next(tokens, i).text in ("def", "with", "for")
    }
    for i in found:
        word = tokens[i].text
        statement = word == "nonlocal" and _next(tokens, i).kind == "name"
        if i in keywords or statement or (word == "await" and keywords):
            continue
        yield Edit(tokens[i].end, tokens[i].end, "_")


def _next(tokens: Sequence[Token], i: int) -> Token:
    return tokens[min(i + 1, len(tokens) - 1)]


def _indents(parts: Sequence[Statement], text: str) -> Iterator[Edit]:
    """A tab leads to the next multiple of eight columns, whatever blanks stand beside it."""
    for part in parts:
        if part.line >= 0 and part.tokens:
            indent = text[part.line : part.tokens[0].start]
            if "\t" in indent and indent.isspace():
                yield Edit(part.line, part.line + len(indent), indent.expandtabs(8))
