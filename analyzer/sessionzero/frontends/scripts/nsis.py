"""The front-end of NSIS scripts (``.nsi``, ``.nsh``): every line is an instruction with its words.

``!define`` gives a value to ``${NAME}`` if the script defines it only once; other variables stay as
they are written. ``System::Call 'dll::Function(type value, …)'`` is an instruction
``dll::Function`` too. <https://nsis.sourceforge.io/Docs/Chapter4.html>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.frontends.scripts.draft import Draft, Word

_WORD = re.compile(
    r"""[ \t]*+(?:"(?:\$\\.|\\\r\n|\\\n|[^"\r\n])*+"?|'(?:\$\\.|\\\r\n|\\\n|[^'\r\n])*+'?"""
    r"""|`(?:\$\\.|\\\r\n|\\\n|[^`\r\n])*+`?|(?!\\\r?\n)[^\s;#"'`][^\s]*+)"""
)
_GAP = re.compile(r"(?>(?:[ \t\f]++|\\\r?\n|/\*.*?(?:\*/|\Z))*)", re.DOTALL)
_REST = re.compile(r"[^\r\n]*+(?:\r\n?|\n)?")
_ESCAPE = re.compile(r"\$\\([\"'`])|\\\r?\n")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_FOREIGN = re.compile(r"\s*+((?:[\w.$\\{}]+::)?\w+)\s*+\(")
_PASSED = re.compile(r"\s*+(?:\*?[a-z][a-z0-9]*\b|\*?&?[a-z]\d*)?\s*+(.*?)\s*\Z", re.DOTALL)
_MOST = 4096  # characters of a word with the values of its variables


def read(draft: Draft) -> None:
    """Note the instructions of a script."""
    defined: dict[str, str | None] = {}
    for words in _statements(draft.text):
        name, *others = (_expanded(word, defined) for word in words)
        if name.text.lower() == "!define" and others:
            _define(others, defined)
            continue
        end = words[-1].end
        draft.add_call("instruction", name, (("", word) for word in others), end)
        if name.text.lower() == "system::call" and others:
            _add_foreign(draft, others[-1], end)


def _statements(text: str) -> Iterator[list[Word]]:
    at = 0
    words: list[Word] = []
    while at < len(text):
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        match = _WORD.match(text, at)
        if match is not None and match.end() > at:
            words.append(_unquoted(Word(match[0], at, match.end())))
            at = match.end()
            continue
        if words:
            yield words
        words = []
        rest = _REST.match(text, at)  # a comment, the end of the line
        at = max(rest.end() if rest else at, at + 1)
    if words:
        yield words


def _unquoted(word: Word) -> Word:
    word = word.stripped()
    text = word.text
    if text[:1] in ("'", '"', "`"):
        closed = len(text) > 1 and text[-1] == text[0]
        text = text[1 : -1 if closed else None]
    return Word(_ESCAPE.sub(lambda match: match[1] or "", text), word.start, word.end)


def _define(words: list[Word], defined: dict[str, str | None]) -> None:
    """``!define [/switch] NAME [value]``."""
    plain = [word.text for word in words if not word.text.startswith("/")]
    if plain:
        value = plain[1] if len(plain) > 1 else ""
        defined[plain[0]] = value if defined.get(plain[0], value) == value else None


def _expanded(word: Word, defined: dict[str, str | None]) -> Word:
    def value(match: re.Match[str]) -> str:
        known = defined.get(match[1])
        return match[0] if known is None else known

    return Word(_VARIABLE.sub(value, word.text)[:_MOST], word.start, word.end)


def _add_foreign(draft: Draft, word: Word, end: int) -> None:
    """The function of a DLL that the System plug-in calls: each argument has a type before it."""
    match = _FOREIGN.match(word.text)
    if match is None:
        return
    inside = word.text[match.end() :].rpartition(")")[0]
    passed = (_PASSED.match(part) for part in inside.split(","))
    values = (
        Word(found[1].strip("\"'`") if found else "", word.start, word.end) for found in passed
    )
    draft.add_call(
        "instruction", Word(match[1], word.start, word.end), (("", v) for v in values), end
    )
