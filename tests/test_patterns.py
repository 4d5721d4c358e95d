"""Regular expressions mean the same in every CPython that we run on.

Before 3.11.5 a possessive repeat forgets to go back when its last round fails half-way
(github.com/python/cpython/issues/106052). Debian 12 has 3.11.2.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import sessionzero

_parser: Any = importlib.import_module("re._parser")
_POSSESSIVE = "POSSESSIVE_REPEAT"
_REPEATS = (_POSSESSIVE, "MAX_REPEAT")
_SINGLE = ("LITERAL", "NOT_LITERAL", "IN", "ANY", "AT")


def _patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for module in pkgutil.walk_packages(sessionzero.__path__, "sessionzero."):
        if not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{module.name}.{name}", value


def _groups_repeated(parsed: Any) -> Iterator[Any]:
    """The bodies of possessive repeats, of more than one character."""
    for operator, value in parsed:
        name = str(operator)
        if name == _POSSESSIVE and not _is_single(value[2]):
            yield value[2]
        for part in value if isinstance(value, tuple | list) else (value,):
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, _parser.SubPattern):
                    yield from _groups_repeated(inner)


def _is_single(body: Any) -> bool:
    return len(body) == 1 and str(body[0][0]) in _SINGLE


def _fails_at_its_start(body: Any) -> bool:
    """Whether a round that fails has moved nothing: it is one of several rows of characters, and
    what may follow can't fail."""
    first, *rest = body
    if str(first[0]) == "BRANCH":
        return all(map(_is_row, first[1][1])) and all(map(_never_fails, rest))
    return _is_row(body)


def _is_row(items: Any) -> bool:
    """Characters, one by one, and what can't fail after them; or a run of characters alone."""
    if len(items) == 1 and str(items[0][0]) in _REPEATS:
        return _is_single(items[0][1][2])
    singles = list(itertools.takewhile(lambda item: str(item[0]) in _SINGLE, items))
    return bool(singles) and all(map(_never_fails, list(items)[len(singles) :]))


def _never_fails(item: Any) -> bool:
    operator, (least, _, body) = item if str(item[0]) in _REPEATS else (None, (1, 1, ()))
    if str(operator) == _POSSESSIVE:
        return least == 0 and _fails_at_its_start(body)
    return least == 0 and _is_single(body)


@pytest.mark.parametrize(("name", "pattern"), [pytest.param(*it, id=it[0]) for it in _patterns()])
def test_no_possessive_repeat_fails_half_way(name: str, pattern: re.Pattern[Any]) -> None:
    parsed = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    for body in _groups_repeated(parsed):
        assert _fails_at_its_start(body), f"{name}: {pattern.pattern!r} repeats {body}"
