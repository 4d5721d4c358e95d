"""How much of a broken C or C++ file was understood: the share of its functions that were found."""

from __future__ import annotations

import re
from bisect import bisect_left

from sessionzero.facts import Problem
from sessionzero.frontends.c.preprocess import Prepared
from sessionzero.frontends.c.reading import Reading

# What looks like the head of a function at the left margin, up to its body.
_HEAD = re.compile(
    rb"(?m:^)(?!(?:namespace|extern|class|struct|union|enum|typedef|if|else|for|while|switch|do|return)\b)"
    rb"[A-Za-z_][^\n;{}=()]{0,200}\([^;{}]{0,600}\)[^;{}()=]{0,80}\{"
)

# What a list of values hasn't: a bracket, a statement, two words in a row (which may be prose).
_MORE_THAN_VALUES = re.compile(rb"[({;]|\w\s+\w")

# Only a file with so much in ERROR nodes is looked at; a smaller one has too few functions.
_BROKEN_SHARE = 0.2
_BROKEN_SIZE = 2048  # bytes

# Recovery finds 997 of 1000 functions. Where one in ten is lost, so are ways from a service to it.
_ENOUGH = 0.9


def recovery_problems(reading: Reading, prepared: Prepared) -> list[Problem]:
    """One problem if many functions of a file were lost, or if nothing of it could be read.

    Data, such as a list that macros make, may be all errors: no function is lost there.
    """
    size = len(reading.source)
    if size <= _BROKEN_SIZE or reading.error_bytes <= _BROKEN_SHARE * size:
        return []
    names = sorted(f.name_start for f in reading.functions if f.kind == "function")
    heads = [match.span() for match in _HEAD.finditer(prepared.outline())]
    lost = [start for start, end in heads if not _within(names, start, end)]
    if len(lost) > max(1, (1 - _ENOUGH) * len(heads)):
        line = reading.source.count(b"\n", 0, lost[0]) + 1
        message = (
            f"only {len(heads) - len(lost)} of about {len(heads)} functions of this file could be "
            f"read, the first lost one in line {line}; findings there may be missing"
        )
        return [Problem("partial", message, lost[0], size)]
    if reading.error_bytes > _ENOUGH * size and not _has_facts(reading, prepared):
        message = "this file could not be read as C or C++; findings there may be missing"
        return [Problem("partial", message, 0, size)]
    return []


def _within(places: list[int], start: int, end: int) -> bool:
    index = bisect_left(places, start)
    return index < len(places) and places[index] < end


def _has_facts(reading: Reading, prepared: Prepared) -> bool:
    """Whether something of the file was read, or it is a mere list of values, to be included where
    an initialiser wants them: nothing runs there."""
    found = (reading.functions[1:], reading.classes, reading.bindings, prepared.defines)
    return any(found) or bool(prepared.includes) or not _MORE_THAN_VALUES.search(prepared.outline())
