"""The front-end of registry files (``.reg``): a record for each key, its values as fields.

Format: <https://learn.microsoft.com/en-us/troubleshoot/windows-server/performance/add-modify-delete-registry-subkeys-values>.
A DWORD is given as ``0x…`` whether it is written ``dword:`` or ``hex(4):``; other data in bytes,
and keys and values that are deleted, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.frontends.scripts.draft import Draft, Word, lines_of

_KEY = re.compile(r"\s*\[(?!-)(.*)\]")
_DELETED = re.compile(r"\s*\[-")
_VALUE = re.compile(
    r'\s*(?:"((?:[^"\\]|\\.)*)"|@)\s*=\s*'
    r'(?:(?P<text>"(?:[^"\\]|\\.)*")|dword:(?P<dword>[0-9a-f]{1,8})'
    r"|hex(?:\([4b]\))?:(?P<bytes>[0-9a-f]{2}(?:,[0-9a-f]{2}){3})\b(?!,))",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(.)")


def read(draft: Draft) -> None:
    """Note the keys of a registry file."""
    key: Word | None = None
    fields: list[tuple[str, Word]] = []
    for line in lines_of(draft.text):
        if opened := _KEY.match(line.text):
            _finish(draft, key, fields)
            key = Word(opened[1], line.start + opened.start(1), line.start + opened.end(1))
            fields = []
        elif _DELETED.match(line.text):
            _finish(draft, key, fields)
            key = None
        elif key is not None:
            fields.extend(_values(line))
    _finish(draft, key, fields)


def _finish(draft: Draft, key: Word | None, fields: list[tuple[str, Word]]) -> None:
    if key is not None:
        draft.add_record(key.text, fields, key.start, key.end)


def _values(line: Word) -> Iterator[tuple[str, Word]]:
    match = _VALUE.match(line.text)
    if match is None:
        return
    group = next(name for name in ("text", "dword", "bytes") if match[name] is not None)
    data = match[group]
    if group == "text":
        data = _ESCAPE.sub(r"\1", data[1:-1])
    elif group == "dword":
        data = f"0x{data}"
    else:  # the lowest byte stands first
        data = "0x" + "".join(reversed(data.split(",")))
    start = line.start + match.start(group)
    if group == "dword":
        start -= len("dword:")
    yield _ESCAPE.sub(r"\1", match[1] or ""), Word(data, start, line.start + match.end(group))
