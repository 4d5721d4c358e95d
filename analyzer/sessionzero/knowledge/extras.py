"""What a user adds to the catalogue: a company's own functions, classes and methods.

An entry has the keys of a group in ``rules/apis/`` (:mod:`knowledge.packs`); only ``role`` and
one list of signatures are needed::

    [[apis]]
    role = "message-box"
    functions = ["AcmeAlert(_, text, title, style)"]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from sessionzero.errors import SessionZeroError
from sessionzero.knowledge.packs import Extra, Group

_LISTS = ("functions", "methods", "classes", "structures")
_KEYS = tuple(field.name for field in msgspec.structs.fields(Group))


def read_extra(file: str, entries: Sequence[Mapping[str, object]]) -> Extra:
    """The entries under ``apis`` of a configuration, checked but for the words in them, which the
    catalogue knows (:func:`knowledge.packs.load_catalog`).

    Without ``language`` an entry with a ``module`` is Python's, one with methods or classes C++'s,
    and the rest is C's, which C++ and ctypes call too. Raises :class:`SessionZeroError` with the
    file, the entry, what is wrong and what would be right.
    """
    groups = (_group(f"{file}: apis[{i}]", entry) for i, entry in enumerate(entries, start=1))
    return Extra(file, tuple(groups))


def _group(where: str, entry: Mapping[str, object]) -> Group:
    for key in entry:
        if key not in _KEYS:
            from difflib import get_close_matches

            near = get_close_matches(key, _KEYS, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(_KEYS)}"
            raise SessionZeroError(f"{where}: no key '{key}'; {hint}")
    if "role" not in entry:
        raise SessionZeroError(f"{where}: no 'role'; say what it does, such as \"message-box\"")
    if not any(entry.get(key) for key in _LISTS):
        raise SessionZeroError(
            f"{where}: it names nothing; give it 'functions', 'methods', 'classes' or "
            "'structures', such as functions = [\"AcmeAlert(_, text)\"]"
        )
    try:
        return msgspec.convert({"language": _language(entry), **entry}, Group)
    except msgspec.ValidationError as error:
        raise SessionZeroError(f"{where}: {error}") from error


def _language(entry: Mapping[str, object]) -> str:
    if "module" in entry:
        return "python"
    return "c++" if "methods" in entry or "classes" in entry else "c"
