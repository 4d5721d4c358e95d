"""The folders that Python files add to ``sys.path``: modules in them are imported by bare names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from sessionzero.facts import Call, Expr, Member, Name, Text
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Unit, walk_into_calls

_ADDING = ("append", "extend", "insert", "addsitedir")
_FOLLOWED = 4  # variables between the call and the folder's name
_ABSOLUTE = frozenset("/\\%~:")


def added_folders(index: ProgramIndex) -> frozenset[str]:
    """The folders of the run that some file adds, ``site.addsitedir`` included: ``lib`` for
    ``sys.path.append(os.path.join(os.path.dirname(__file__), "lib"))``. A folder is looked for
    below the file's own and those above it."""
    folders = {folder for unit in index.units for folder in _with_parents(unit.directory)}
    return frozenset(
        found
        for name in _ADDING
        for site in index.calls_named.get(name, ())
        if (unit := index.unit(site)).is_python and _adds(index.call(site))
        for found in _meant(_relative(index.call(site), unit, index), unit, folders)
    )


def _adds(call: Call) -> bool:
    match call.callee:
        case Member(Member(Name("sys"), "path"), _) | Member(Name("site"), "addsitedir"):
            return bool(call.arguments)
        case _:
            return False


def _relative(call: Call, unit: Unit, index: ProgramIndex) -> str:
    """What the call says of the folder's name; empty if nothing."""
    parts: list[str] = []
    for text in _texts(call.arguments[-1].value, unit, index, _FOLLOWED):
        if _ABSOLUTE.intersection(text[:2]):
            return ""
        parts += [part for part in text.replace("\\", "/").split("/") if part not in ("", ".")]
    return "/".join(part for part in parts if part != "..")


def _texts(expr: Expr, unit: Unit, index: ProgramIndex, depth: int) -> Iterator[str]:
    for part in walk_into_calls(expr, unit):
        if isinstance(part, Text):
            yield part.value
        elif isinstance(part, Name) and depth:
            for write in index.writes.get(part.name, ()):
                if write.unit == unit.index and index.binding(write).value is not expr:
                    yield from _texts(index.binding(write).value, unit, index, depth - 1)
                    break


def _meant(relative: str, unit: Unit, folders: set[str]) -> Iterator[str]:
    if relative:
        for above in _with_parents(unit.directory):
            folder = posixpath.join(above, relative)
            if folder in folders:
                yield folder
                return


def _with_parents(folder: str) -> Iterator[str]:
    """A folder and those above it, up to the root of the run."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
