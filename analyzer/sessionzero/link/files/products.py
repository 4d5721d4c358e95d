"""What the build files make: each product with its sources among the files of the run.

Build files of real trees leave gaps (variables that only a build knows, generated lists) and come
in several kinds for one product (a project of Visual Studio beside CMake): gaps stay gaps, and
what is evidently one product becomes one.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from sessionzero.facts import Subsystem, Target, TargetKind
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.mains import mains_of
from sessionzero.link.files.modules import closeness
from sessionzero.link.files.units import Spot, Unit
from sessionzero.sources import gitignore

_WILD = re.compile(r"[*?\[\\]")
_LAST = "\U0010ffff"  # sorts behind all that paths hold
_PASSING = 4  # libraries without sources that stand for one another
_LIBRARY_ENDINGS = (".lib", ".dll", ".dll.a", ".a", ".la", ".so", ".dylib")


class Product(Struct, frozen=True):
    """An executable or library: its source files (unit indexes) and what goes into it.

    ``uses`` are indexes of other products; ``where`` the places in the build files that say so,
    ``targets`` the numbers of what they say there.
    """

    name: str
    kind: TargetKind
    subsystem: Subsystem
    sources: frozenset[int]
    uses: tuple[int, ...]
    where: tuple[Spot, ...]
    targets: frozenset[int] = frozenset()

    @property
    def is_library(self) -> bool:
        return self.kind != "program"


class _Made(Struct):
    """A product while its targets are being put together."""

    targets: list[tuple[Unit, Target]]
    sources: set[int]
    numbers: set[int]


class Compiled(Struct, frozen=True):
    """A target of a build file (``unit``), with its sources among the files of the run."""

    unit: Unit
    target: Target
    sources: frozenset[int]


# Libraries without sources, by name, which hand on what they use: INTERFACE and ALIAS of CMake.
_Passing = dict[str, list[tuple[Unit, Target]]]


class Builds(Struct, frozen=True):
    """What all build files of a run say, ``compiled`` one by one.

    ``includes``: source file → the folders of its headers (in small letters), in the order in which
    a compiler searches them, if all build files agree.
    """

    products: tuple[Product, ...]
    includes: dict[int, tuple[str, ...]]
    compiled: tuple[Compiled, ...] = ()


def read_builds(index: ProgramIndex) -> Builds:
    """The products of all build files, in the order of the files; those without a source among
    the files of the run, and nameless libraries and lists of files, are left out."""
    paths = _Paths(index)
    made: dict[tuple[bool, str], list[_Made]] = defaultdict(list)
    searched: dict[int, set[tuple[str, ...]]] = defaultdict(set)
    passing: _Passing = defaultdict(list)
    compiled: list[Compiled] = []
    for unit in index.units:
        for target in unit.facts.targets:
            sources = paths.units(unit, target.sources)
            folders = tuple(paths.folder(unit, folder) for folder in target.includes)
            for source in sources if folders else ():
                searched[source].add(folders)
            named = replace(target, name=_name(unit, target))
            compiled.append(Compiled(unit, target, frozenset(sources)))
            if named.name and sources:
                one = _Made([(unit, named)], sources, {len(compiled) - 1})
                _add(one, made[named.kind == "program", named.name.casefold()])
            elif named.name and named.kind != "program":
                passing[_library(named.name)].append((unit, named))
    for same_name in made.values():
        _join_without_start(index, same_name)
    includes = {unit: min(orders) for unit, orders in searched.items() if len(orders) == 1}
    return Builds(_products(made, passing), includes, tuple(compiled))


def _name(unit: Unit, target: Target) -> str:
    """What a product is called: a program whose name only a build knows, as its folder, which is
    what its name is looked up by where there is no build file at all."""
    folder = unit.directory.rpartition("/")[2] if target.kind == "program" else ""
    return target.name or folder


def _products(made: dict[tuple[bool, str], list[_Made]], passing: _Passing) -> tuple[Product, ...]:
    together = sorted(
        (one for group in made.values() for one in group),
        key=lambda one: (one.targets[0][0].index, one.targets[0][1].start),
    )
    users = _Uses(together, passing)
    return tuple(_product(one, users) for one in together)


def _add(made: _Made, same_name: list[_Made]) -> None:
    """Products of one name that share a source are one, whatever builds them."""
    joined = [one for one in same_name if one.sources & made.sources]
    if not joined:
        same_name.append(made)
        return
    _join(joined[0], made)
    for other in joined[1:]:
        _join(joined[0], other)
        same_name.remove(other)


def _join(first: _Made, other: _Made) -> None:
    first.targets += other.targets
    first.sources |= other.sources
    first.numbers |= other.numbers


def _join_without_start(index: ProgramIndex, same_name: list[_Made]) -> None:
    """A program without a start is the same as the one of its name that has one: its makefile takes
    the rest of its sources from elsewhere, another build file of the project names them."""
    if len(same_name) < 2 or same_name[0].targets[0][1].kind != "program":
        return
    started = [one for one in same_name if any(_starts(index, unit) for unit in one.sources)]
    if len(started) != 1:
        return
    (first,) = started
    for other in [one for one in same_name if one is not first]:
        _join(first, other)
        same_name.remove(other)


def _starts(index: ProgramIndex, unit: int) -> bool:
    return index.units[unit].is_python or bool(mains_of(index.units[unit], index))


def _product(made: _Made, uses: _Uses) -> Product:
    first = made.targets[0][1]
    kinds = {target.kind for _, target in made.targets}
    subsystems = sorted({target.subsystem for _, target in made.targets} - {""})
    return Product(
        name=first.name,
        kind="shared" if "shared" in kinds else first.kind,
        subsystem=subsystems[0] if len(subsystems) == 1 else "",
        sources=frozenset(made.sources),
        uses=uses.of(made),
        where=tuple(Spot(unit.index, 0, t.start, t.end) for unit, t in made.targets),
        targets=frozenset(made.numbers),
    )


class _Paths:
    """Paths of build files → units; as on Windows, letters' case makes no difference."""

    def __init__(self, index: ProgramIndex) -> None:
        self._units: dict[str, list[int]] = defaultdict(list)
        for unit in index.units:
            if unit.facts.language in ("c", "c++", "python"):
                self._units[unit.path.lower()].append(unit.index)

    def units(self, build_file: Unit, sources: Iterable[str]) -> set[int]:
        """The units that a build file's paths and globs name."""
        found, globs = set[int](), list[str]()
        for source in sources:
            if source.startswith("/"):
                found |= self._nearest(build_file, source)
                continue
            path = located(build_file, source)
            if _WILD.search(path) and path not in self._units:
                globs.append(path)
            else:
                found.update(self._units.get(path, ()))
        return found.union(self._matching(globs))

    def _nearest(self, build_file: Unit, source: str) -> set[int]:
        """What a path finds that counts from the folder of the build file, or from one above."""
        for folder in folders_above(build_file):
            path = posixpath.normpath(folder + source.lower())
            found = set(self._units.get(path, ()))
            if not found and _WILD.search(path):
                found.update(self._matching([path]))
            if found:
                return found
        return set()

    def folder(self, build_file: Unit, path: str) -> str:
        """A folder of headers that a build file names."""
        if path.startswith("/"):
            for above in folders_above(build_file):
                found = posixpath.normpath(above + path.lower())
                if found in self._folders:
                    return found
        return located(build_file, path)

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(path.rpartition("/")[0] for path in self._units)

    def _matching(self, globs: list[str]) -> Iterator[int]:
        if not globs:
            return
        lines = "".join(f"/{glob}\n" for glob in globs)
        levels = (gitignore.parse(_bytes(lines), 1),)
        for path in {path for glob in globs for path in self._candidates(glob)}:
            folder, _, name = f"/{path}".rpartition("/")
            if gitignore.is_ignored(levels, _bytes(f"{folder}/"), _bytes(name), is_folder=False):
                yield from self._units[path]

    def _candidates(self, glob: str) -> Iterable[str]:
        """The paths that a glob can mean, as its name or its beginning say without a wildcard."""
        name = glob.rpartition("/")[2]
        if not _WILD.search(name):
            return self._named.get(name, ())
        beginning = _WILD.split(glob, maxsplit=1)[0]
        first = bisect_left(self._sorted, beginning)
        return self._sorted[first : bisect_left(self._sorted, beginning + _LAST, lo=first)]

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        """File name → paths."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self._units:
            found[path.rpartition("/")[2]].append(path)
        return found

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._units)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def folders_above(build_file: Unit) -> Iterator[str]:
    """The folder of a build file and those above it, each with ``/`` behind it."""
    folder = build_file.directory.lower()
    while folder:
        yield f"{folder}/"
        folder = folder.rpartition("/")[0]
    yield "./"


def located(build_file: Unit, path: str) -> str:
    """A path of a build file as a path of the run, in small letters."""
    return posixpath.normpath(posixpath.join(build_file.directory, path.replace("\\", "/"))).lower()


class _Uses:
    """Which products the libraries named by a build file are."""

    def __init__(self, made: list[_Made], passing: _Passing) -> None:
        self._made = made
        self._passing = passing
        self._named: dict[str, list[int]] = defaultdict(list)
        self._files: dict[str, list[int]] = defaultdict(list)
        for number, one in enumerate(made):
            for unit, target in one.targets:
                self._named[_library(target.name)].append(number)
                self._files[unit.path.lower()].append(number)

    def of(self, made: _Made) -> tuple[int, ...]:
        found = {
            number
            for unit, target in made.targets
            for use in target.uses
            for number in self._meant(unit, use)
        }
        return tuple(sorted(n for n in found if self._made[n] is not made))

    def _meant(self, unit: Unit, use: str, levels: int = _PASSING) -> list[int]:
        by_file = self._files.get(located(unit, use))
        if by_file:
            return by_file
        libraries = [n for n in self._named.get(_library(use), ()) if self._is_library(n)]
        best = max((self._closeness(unit, n) for n in libraries), default=0)
        if libraries:
            return [n for n in libraries if self._closeness(unit, n) == best]
        return self._handed_on(unit, use, levels - 1) if levels else []

    def _handed_on(self, unit: Unit, use: str, levels: int) -> list[int]:
        """What a library without sources stands for, the nearest of that name."""
        known = self._passing.get(_library(use), ())
        nearest = max((closeness(unit, other) for other, _ in known), default=0)
        return [
            number
            for other, target in known
            if closeness(unit, other) == nearest
            for inner in target.uses
            for number in self._meant(other, inner, levels)
        ]

    def _is_library(self, number: int) -> bool:
        return self._made[number].targets[0][1].kind != "program"

    def _closeness(self, unit: Unit, number: int) -> int:
        return max(closeness(unit, other) for other, _ in self._made[number].targets)


def _library(name: str) -> str:
    """What a library is called without directory, ``lib`` and ending."""
    base = name.replace("\\", "/").rpartition("/")[2].rpartition("::")[2].casefold()
    for ending in _LIBRARY_ENDINGS:
        base = base.removesuffix(ending)
    return base.removeprefix("-l").removeprefix("lib")
