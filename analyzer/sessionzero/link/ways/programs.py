"""The programs of a project by the names that command lines call them.

Which source file holds the ``main`` of an executable is told by build files, and by the name of the
file or of its directory (``popup.exe`` ← ``popup.c``, ``popup/main.c``). Scripts are called by
their own names, those of Python also as modules, which are run, or loaded by a server
(``uvicorn app.main:app``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from sessionzero.facts import COMMANDS
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.mains import Mains
from sessionzero.link.files.units import Func, Unit

_EXECUTABLE = re.compile(r"([\w][\w.+-]*?)(?:\.exe|(\.bat|\.cmd|\.ps1|\.pyw?))\b", re.IGNORECASE)
_EXE = ".exe"
_MODULE = "python -m "
_RUN_MODULE = re.compile(r"(?:^|\s)-m\s+([A-Za-z_][\w.]*)")
_LOADED = "module "
# They are given `package.module:name`. <https://www.uvicorn.org>,
# <https://docs.pylonsproject.org/projects/waitress>
_SERVER = re.compile(
    r"(?<![\w.-])(?:uvicorn|hypercorn|daphne|granian|waitress(?:-serve)?)(?:\.exe)?(?![\w.:-])"
)
_SERVED = re.compile(r"""(?<![^\s"'=])([A-Za-z_]\w*(?:\.\w+)*):[A-Za-z_]\w*(?=[\s"'(]|$)""")


class Programs:
    """Where each program of a project starts, by its names."""

    def __init__(
        self, index: ProgramIndex, mains: Mains, linkage: Linkage, scripts: Sequence[Unit]
    ) -> None:
        """``scripts``: the Python files that are run by name."""
        found: dict[str, list[Func]] = defaultdict(list)
        for functions in mains.of_unit.values():
            for main in functions:
                built = (linkage.products[n].name.lower() for n in linkage.programs(main.unit))
                for name in {*_executables_of(index.unit(main)), *(f"{n}{_EXE}" for n in built)}:
                    found[name].append(main)
        for unit in index.units:
            if unit.facts.language in COMMANDS:
                found[_script_name(unit)].append(Func(unit.index, 0))
        frozen = _frozen(linkage)
        for unit in scripts:
            for name in {*_scripts_of(unit), *frozen.get(unit.index, ())}:
                found[name].append(Func(unit.index, 0))
        self._found = dict(found)
        self._python = [unit for unit in index.units if unit.is_python]

    def __bool__(self) -> bool:
        return bool(self._found)

    def call_also(self, name: str, script: str) -> None:
        """Let what a script starts be called by another name, too."""
        self._found.setdefault(name, []).extend(self._found.get(script, ()))

    def named(self, name: str) -> Sequence[Func]:
        """The starts of the programs with a name, as :func:`names_in` gives it."""
        if is_loaded(name):
            return self._modules.get(name, ())
        return self._found.get(name, ())

    @cached_property
    def _modules(self) -> dict[str, list[Func]]:
        """The code of Python's modules, for who loads them."""
        found: dict[str, list[Func]] = defaultdict(list)
        for unit in self._python:
            for module in _modules_of(unit, "/__init__"):
                found[f"{_LOADED}{module}"].append(Func(unit.index, 0))
        return found

    def of_word(self, word: str) -> frozenset[str]:
        """The names of programs of the project that one word is, with or without its ending."""
        name = re.split(r"[\\/]", word)[-1].lower()
        return frozenset({name, f"{name}{_EXE}"} & self._found.keys())


def names_in(texts: Iterable[str]) -> set[str]:
    """The names of executables and scripts in some texts, which are one command line: small, with
    their endings; of a module that Python runs, ``python -m package.module``; of one that a server
    loads, ``module package.module``."""
    texts = list(texts)
    files = {
        f"{match[1]}{match[2] or _EXE}".lower()
        for text in texts
        for match in _EXECUTABLE.finditer(text)
    }
    line = " ".join(texts)
    loaded = {f"{_LOADED}{name}" for name in served_modules(line)}
    return files | loaded | {f"{_MODULE}{name}" for name in _RUN_MODULE.findall(line)}


def served_modules(text: str) -> list[str]:
    """The modules that a text has a server load."""
    return _SERVED.findall(text) if _SERVER.search(text) else []


def is_loaded(name: str) -> bool:
    """Whether a name that :func:`names_in` gives is that of a module which isn't run by itself."""
    return name.startswith(_LOADED)


def _executables_of(unit: Unit) -> tuple[str, ...]:
    """What the program of a file with a ``main`` may be called."""
    stem = unit.path.rpartition("/")[2].rpartition(".")[0].lower()
    directory = unit.directory.rpartition("/")[2].lower()
    names = (stem, directory) if directory and directory != stem else (stem,)
    return tuple(f"{name}{_EXE}" for name in names)


def _scripts_of(unit: Unit) -> tuple[str, ...]:
    """What runs a Python file: its name, that of the executable that it is frozen to, or that of
    its module, from whichever folder."""
    name = unit.path.rpartition("/")[2].lower()
    modules = (f"{_MODULE}{module}" for module in _modules_of(unit, "/__main__"))
    return (name, *_executables_of(unit)[:1], *modules)


def _frozen(linkage: Linkage) -> Mapping[int, list[str]]:
    """The names of the executables that build files make of the Python files they begin with."""
    found: dict[int, list[str]] = defaultdict(list)
    for product in linkage.products:
        for number in product.sources if not product.is_library else ():
            found[number].append(f"{product.name.lower()}{_EXE}")
    return found


def _modules_of(unit: Unit, of_package: str) -> Iterator[str]:
    """What a Python file is called as a module, or as the package of which it is that file."""
    parts = unit.path.rpartition(".")[0].removesuffix(of_package).split("/")
    yield from (".".join(parts[start:]) for start in range(len(parts)))


def _script_name(unit: Unit) -> str:
    return unit.path.rpartition("/")[2].removesuffix(".in").lower()
