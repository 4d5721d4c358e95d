"""The front-end of the settings of the Java Service Wrapper (``wrapper.conf``): one record.

Lines are ``name=value``; ``#`` begins a comment, at the start of a line.
"""

from __future__ import annotations

import re

from sessionzero.frontends.scripts.draft import Draft, Word, lines_of

_SETTING = re.compile(r"\s*+([^\s=#][^\s=]*+)\s*+=\s*+(.*)")


def read(draft: Draft) -> None:
    """Note the settings of a file."""
    fields = []
    for line in lines_of(draft.text):
        if match := _SETTING.match(line.text):
            value = Word(match[2], line.start + match.start(2), line.start + match.end(2))
            fields.append((match[1], value.stripped()))
    if fields:
        draft.add_record("settings", fields, 0, 0)
