"""The front-end of Inno Setup scripts (``.iss``): a record for each entry, instructions of code.

An entry is a line ``Name: value; Name: "value"`` of a section; its record has the section's name.
``#define NAME "value"`` gives a value to ``{#NAME}`` if the script defines it only once.
<https://jrsoftware.org/ishelp/topic_scriptformatoverview.htm>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.frontends.scripts.draft import Draft, Word, lines_of
from sessionzero.frontends.scripts.pascal import add_calls

_SECTION = re.compile(r"\s*+\[(\w++)\]")
_DEFINE = re.compile(r'\s*+#\s*+define\s++(?:public\s++)?(\w++)\s++(?:=\s*+)?"([^"]*+)"')
_VARIABLE = re.compile(r"\{#\s*(\w+)\s*\}")
_FIELD = re.compile(r'\s*+([A-Za-z]\w*+)\s*+:\s*+("(?:[^"]|"")*+"?|[^;"]*+)\s*+(?:;|$)')
_SETTING = re.compile(r"\s*+([A-Za-z]\w*+)\s*+=\s*+(.*)")


def read(draft: Draft) -> None:
    """Note the entries and the code of a script."""
    defined: dict[str, str | None] = {}
    section = ""
    for line in lines_of(draft.text):
        if opened := _SECTION.match(line.text):
            section = opened[1]
        elif define := _DEFINE.match(line.text):
            same = defined.get(define[1], define[2]) == define[2]
            defined[define[1]] = define[2] if same else None
        elif section.lower() != "code" and line.text.lstrip()[:1] not in (";", "#", "", "/"):
            fields = [(name, _expanded(word, defined)) for name, word in _fields(line)]
            if fields:
                draft.add_record(section, fields, line.start, line.end)
    for start, end in _code(draft.text):
        add_calls(draft, start, end)


def _fields(line: Word) -> Iterator[tuple[str, Word]]:
    at = 0
    while (match := _FIELD.match(line.text, at)) is not None:
        at = match.end()
        word = Word(match[2], line.start + match.start(2), line.start + match.end(2)).stripped()
        text = word.text
        if text.startswith('"'):
            text = text.strip('"') if len(text) < 3 else text[1:].removesuffix('"')
        yield match[1], Word(text.replace('""', '"'), word.start, word.end)
        if at >= len(line.text):
            return
    if at == 0 and (setting := _SETTING.match(line.text)):
        place = (line.start + setting.start(2), line.start + setting.end(2))
        yield setting[1], Word(setting[2], *place)


def _expanded(word: Word, defined: dict[str, str | None]) -> Word:
    text = _VARIABLE.sub(lambda match: defined.get(match[1]) or match[0], word.text)
    return Word(text, word.start, word.end)


def _code(text: str) -> Iterator[tuple[int, int]]:
    """Where the sections of Pascal code begin and end."""
    start = -1
    for line in lines_of(text):
        if (opened := _SECTION.match(line.text)) is None or opened.end() < len(line.text.rstrip()):
            continue
        if start >= 0:
            yield start, line.start
        start = line.end if opened[1].lower() == "code" else -1
    if start >= 0:
        yield start, len(text)
