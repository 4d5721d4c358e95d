"""Which file an ``#include`` or ``import`` names, and what a file can see through them."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.python_path import added_folders
from sessionzero.link.files.units import Unit

_TEMPLATE = re.compile(r"(?:\.in|\.cmake)+$")


class Modules:
    """Includes and imports resolved among the files of the run."""

    def __init__(self, index: ProgramIndex, includes: Mapping[int, tuple[str, ...]]) -> None:
        self._index = index
        self._includes = includes
        self._by_file_name: dict[str, list[Unit]] = defaultdict(list)
        for unit in index.units:
            name = _TEMPLATE.sub("", unit.path.rpartition("/")[2].lower())
            self._by_file_name[name].append(unit)
        self._visible: dict[int, frozenset[int]] = {}
        self._direct: dict[int, frozenset[int]] = {}
        self._headers: dict[tuple[str, tuple[str, ...], str], Unit | None] = {}
        self._python: dict[tuple[str, str], Unit | None] = {}

    def visible(self, unit: Unit) -> frozenset[int]:
        """The unit itself and all units that it includes, directly or not (C and C++)."""
        known = self._visible.get(unit.index)
        if known is not None:
            return known
        seen = {unit.index}
        pending = [unit.index]
        while pending:
            number = pending.pop()
            known = self._visible.get(number)
            if known is not None:
                seen |= known
                continue
            fresh = self._included(number) - seen
            seen |= fresh
            pending += fresh
        found = self._visible[unit.index] = frozenset(seen)
        return found

    def _included(self, number: int) -> frozenset[int]:
        """The units that a unit includes itself."""
        known = self._direct.get(number)
        if known is None:
            unit = self._index.units[number]
            targets = [self.header(unit, item.module) for item in unit.facts.imports]
            known = frozenset(target.index for target in targets if target is not None)
            self._direct[number] = known
        return known

    def imported(self, unit: Unit) -> frozenset[int]:
        """The Python files that a Python file imports itself."""
        named = (
            self.python_module(unit, name, item.level)
            for item in unit.facts.imports
            for name in (item.module, f"{item.module}.{item.name}".strip("."))
        )
        return frozenset(target.index for target in named if target is not None)

    def reachable(self, unit: Unit) -> frozenset[int]:
        """The unit itself and all that it includes or imports, directly or not."""
        if not unit.is_python:
            return self.visible(unit)
        seen, pending = {unit.index}, [unit]
        while pending:
            fresh = self.imported(pending.pop()) - seen
            seen |= fresh
            pending.extend(self._index.units[number] for number in sorted(fresh))
        return frozenset(seen)

    def header(self, unit: Unit, path: str) -> Unit | None:
        """The file that ``#include "path"`` in ``unit`` names: beside it, in a folder where its
        build file has headers searched, else the nearest one whose path ends so. A template
        (``x.h.in``, ``x.h.cmake``) stands for the header made of it."""
        folders = self._includes.get(unit.index, ())
        key = (unit.directory, folders, path)
        if key not in self._headers:
            self._headers[key] = self._find_header(unit, path, folders)
        return self._headers[key]

    def _find_header(self, unit: Unit, path: str, folders: tuple[str, ...]) -> Unit | None:
        written = path.replace("\\", "/").lower()
        parts = [p for p in written.split("/") if p not in ("", ".", "..")]
        if not parts:
            return None
        tail = "/".join(parts)
        candidates = [
            other
            for other in self._by_file_name.get(parts[-1], ())
            if f"/{_TEMPLATE.sub('', other.path.lower())}".endswith(f"/{tail}")
        ]
        for folder in (unit.directory.lower(), *folders) if len(candidates) > 1 else ():
            meant = posixpath.normpath(posixpath.join(folder, written))
            found = [u for u in candidates if _TEMPLATE.sub("", u.path.lower()) == meant]
            if found:
                return nearest(unit, found)
        return min(candidates, key=lambda other: _distance(unit, other), default=None)

    def python_module(self, unit: Unit, dotted: str, level: int = 0) -> Unit | None:
        """The file of a Python module imported in ``unit``; ``level`` is the leading dots."""
        key = (unit.directory, f"{level}{dotted}")
        if key not in self._python:
            self._python[key] = self._find_module(unit, dotted, level)
        return self._python[key]

    def _find_module(self, unit: Unit, dotted: str, level: int) -> Unit | None:
        tail = dotted.replace(".", "/")
        if level:
            directory = unit.directory.split("/") if unit.directory else []
            base = "/".join(directory[: len(directory) - (level - 1)])
            stem = "/".join(part for part in (base, tail) if part)
            return self._exact(stem)
        beside = self._exact(f"{unit.directory}/{tail}" if unit.directory else tail)
        if beside is not None:
            return beside
        name = tail.rpartition("/")[2]
        candidates = [
            other
            for file_name, ending in (
                (f"{name}.py", f"/{tail}.py"),
                (f"{name}.pyw", f"/{tail}.pyw"),
                ("__init__.py", f"/{tail}/__init__.py"),
            )
            for other in self._by_file_name.get(file_name.lower(), ())
            if f"/{other.path}".endswith(ending) and self._importable(unit, other, ending)
        ]
        return nearest(unit, candidates)

    def _importable(self, unit: Unit, other: Unit, ending: str) -> bool:
        """A bare name such as ``util`` means a file on the path: a top-level directory of the
        importing file, or a folder that some file adds to it; not any file of that name in a
        foreign corner of the tree."""
        root = f"/{other.path}"[: -len(ending)].lstrip("/")
        if root in ("", "src", "lib") or f"{unit.directory}/".startswith(f"{root}/"):
            return True
        return root in self._added

    def dotted_name(self, unit: Unit) -> str:
        """What a Python file is called by its packages: ``pynput.keyboard`` for
        ``vendor/pynput/keyboard/__init__.py``, if ``vendor`` is none."""
        name = unit.path.rpartition("/")[2].rpartition(".")[0]
        parts, folder = [] if name == "__init__" else [name], unit.directory
        while folder and f"{folder}/__init__.py" in self._index.by_path:
            folder, _, package = folder.rpartition("/")
            parts.append(package)
        return ".".join(reversed(parts))

    @cached_property
    def _added(self) -> frozenset[str]:
        return added_folders(self._index)

    def _exact(self, stem: str) -> Unit | None:
        for ending in (".py", ".pyw", "/__init__.py"):
            found = self._index.by_path.get(stem + ending)
            if found is not None:
                return found
        return None


# Folders of what a project has once for each system; only one of them is built on Windows.
_WINDOWS = frozenset(
    ("win", "win32", "win64", "windows", "nt", "winnt", "win_nt", "w32", "msw", "msvc", "mingw")
)
_OTHER_SYSTEMS = frozenset(
    (
        *("unix", "linux", "posix", "bsd", "freebsd", "darwin", "mac", "macos", "macosx", "osx"),
        *("android", "ios", "os2", "netware", "beos", "bs2000", "vms", "solaris", "sunos", "wince"),
    )
)


def _distance(unit: Unit, other: Unit) -> tuple[int, int, int, str]:
    """How far a header is: among those of folders as near, the one for Windows first."""
    folders = set(other.directory.lower().split("/"))
    system = bool(folders & _OTHER_SYSTEMS) - bool(folders & _WINDOWS)
    return (-closeness(unit, other), system, len(other.path), other.path)


def nearest(unit: Unit, candidates: list[Unit]) -> Unit | None:
    """The candidate whose directory shares the longest path with the unit's; first by name."""
    if not candidates:
        return None
    return min(candidates, key=lambda other: (-closeness(unit, other), len(other.path), other.path))


def closeness(unit: Unit, other: Unit) -> int:
    """How many leading directories two files share; one more if they stand in the same one."""
    mine, theirs = unit.folders, other.folders
    shared = 0
    for left, right in zip(mine, theirs, strict=False):
        if left != right:
            break
        shared += 1
    return shared + (mine == theirs)
