"""The front-end of INF files: a record for each section, its lines as fields.

A line ``key = a, b`` is a field of that name, ``a, b`` one without a name; both hold a list. Words
in quotes keep their blanks, ``%token%`` is what ``[Strings]`` says, a backslash at the end of a
line continues it. Sections of one name are one section, as Windows has it.
<https://learn.microsoft.com/en-us/windows-hardware/drivers/install/general-syntax-rules-for-inf-files>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sessionzero.frontends.scripts.draft import Draft, Word, lines_of

_SECTION = re.compile(r"\s*+\[([^\]]*+)\]")
_KEY = re.compile(r'\s*+("[^"]*+"\s*+|[^=",;]*+)=')
_ITEM = re.compile(r'\s*+((?:"(?:[^"]|"")*+"?|[^",;])*+)(?=([,;]|$))')
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"?')
_TOKEN = re.compile(r"%([^%\s]*)%")
_CONTINUED = re.compile(r"\\[ \t]*(?:;.*)?\Z")


def read(draft: Draft) -> None:
    """Note the sections of an INF file."""
    sections: dict[str, tuple[Word, list[tuple[str, tuple[Word, ...]]]]] = {}
    lines: list[tuple[str, tuple[Word, ...]]] = []
    for line in _joined(draft.text):
        if opened := _SECTION.match(line.text):
            title = opened[1].strip(' \t"')
            name = Word(title, line.start + opened.start(), line.start + opened.end())
            lines = sections.setdefault(name.text.lower(), (name, []))[1]
        elif (entry := _entry(line)) is not None:
            lines.append(entry)
    strings = _strings(sections.get("strings", (None, []))[1])
    for name, entries in sections.values():
        fields = [(key, _resolved(words, strings)) for key, words in entries]
        draft.add_record(name.text, fields, name.start, name.end)


def _joined(text: str) -> Iterator[Word]:
    """The lines, continued ones as one: what joins them becomes blanks, so that places hold."""
    pending: list[str] = []
    first = last = 0
    for line in lines_of(text):
        first = first if pending else line.start
        gap = " " * (line.start - last) if pending else ""
        last = line.end
        mark = None if line.text.lstrip().startswith(";") else _CONTINUED.search(line.text)
        kept = line.text[: mark.start()] if mark else line.text
        pending.append(gap + kept.ljust(len(line.text)))
        if mark is None:
            yield Word("".join(pending), first, last)
            pending = []
    if pending:
        yield Word("".join(pending), first, last)


def _entry(line: Word) -> tuple[str, tuple[Word, ...]] | None:
    if not line.text.strip() or line.text.lstrip().startswith(";"):
        return None
    match = _KEY.match(line.text)
    key = match[1].strip(' \t"') if match else ""
    words = tuple(_items(line, match.end() if match else 0))
    return (key, words) if words else None


def _items(line: Word, at: int) -> Iterator[Word]:
    while (match := _ITEM.match(line.text, at)) is not None:
        word = Word(match[1], line.start + match.start(1), line.start + match.end(1)).stripped()
        yield Word(_QUOTED.sub(_unquoted, word.text), word.start, word.end)
        if match[2] != ",":
            return
        at = match.end() + 1


def _unquoted(match: re.Match[str]) -> str:
    return match[1].replace('""', '"')


def _strings(lines: list[tuple[str, tuple[Word, ...]]]) -> Mapping[str, str]:
    return {key.lower(): words[0].text for key, words in lines if key}


def _resolved(words: tuple[Word, ...], strings: Mapping[str, str]) -> tuple[Word, ...]:
    def value(match: re.Match[str]) -> str:
        return strings.get(match[1].lower(), match[0])

    return tuple(Word(_TOKEN.sub(value, w.text), w.start, w.end) for w in words)
