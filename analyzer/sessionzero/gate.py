"""Which files must be parsed: cheap tests on the text, before any parser is loaded.

C and C++: a call chain can lead through any file, so either none is parsed or all are (parsing
only the files that name a Windows function loses 42 % of the reachable defects). Python, whose
parser is 15 times slower: imports say what can call what, so the files that lie between a service
and a module that some rule asks about, the users' programs that run the same files, those that may
be the other end of a service, and around those the files that define their constants. Build files
and batch files are cheap, and go with either. Scripts and files of settings count by themselves, if
they have a word without which nothing can be wrong in them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property

from sessionzero import mentions
from sessionzero.facts import COMMANDS, SCRIPTS, Language
from sessionzero.knowledge.catalog import Api, Catalog, position
from sessionzero.link.files.unit_tests import TEST_MODULES
from sessionzero.link.ways.programs import served_modules
from sessionzero.mentions import Sought, has, modules_of
from sessionzero.sources.text import SourceText

Parsed = tuple[SourceText, Language]

# Roles whose functions make a file part of a service, and those that are reported in any context.
_ENTRY_ROLES = (
    *("service-dispatcher", "service-handler", "service-export", "service-status"),
    "service-class",
)
_ANYWHERE_ROLES = (
    *("service-create", "service-config", "python-service-install"),
    *("object-create", "object-open", "registry-write", "sddl"),
)
# What code says to be found by a rule about commands, in any context.
_COMMANDS = ("type= interact", "type=interact", "NoInteractiveServices", "UI0Detect")
_PYTHON_COMMANDS = (*_COMMANDS, '"interact"', "'interact'", "DesktopInteract")
_SETTING = re.compile(
    r"interact|ui0detect|controlset|servicetype|win32_service|win32_baseservice|simplesc::|nsscm::"
    r"|createservice|cygrunsrv",
    re.IGNORECASE,
)
# What runs other programs as services, and where srvany is told which.
_WRAPPER = re.compile(
    r"nssm|servy-cli|<executable\b|\bshawl\b|\bcygrunsrv|//IS//|//US//|\\services\\+[^\\\r\n]++\\+parameters\b",
    re.IGNORECASE,
)
# What makes scheduled tasks, and what such a file says if one runs where no user is.
_TASK = re.compile(r"schtasks|-ScheduledTask|/mit/task", re.IGNORECASE)
_NO_USER = re.compile(
    r"\bsystem\b|localsystem|(?:local|network) ?service|S-1-5-(?:18|19|20)\b|serviceaccount|S4U"
    r"|password|/ru",
    re.IGNORECASE,
)
_INSTALLS = ("nssm", "schtasks")  # in code
# Roles by which a program of another language can be the other end of a service.
_END_ROLES = ("window-lookup", "message-name")
_END_KINDS = {"pipe": "client"}  # of these roles, the functions of one kind
_CONSTANTS_AWAY = 4  # how many imports may lie between a constant and the file that uses it
# Of a setup.py.
_PACKAGING = Sought(("py2exe", "cx_Freeze", "entry_points", "packages=", "py_modules="))
# `%~dp0agent.py` stands beside its script.
_PROGRAM = re.compile(r"(?:%~\w*\d|(?<![\w-]))([\w-]++)\.(?:exe|pyw?|bat|cmd|ps1)\b", re.IGNORECASE)
_SPEC_NAME = re.compile(r"""\bname\s*=\s*["']([^"'\r\n]+)["']""")
# `python -m tray`, and the same as a list or as arguments of WinSW.
_RUN_MODULE = re.compile(r"""(?<![\w-])-m["']?(?:[\s,]|</?argument>)+["']?([A-Za-z_][\w.]*)""")
_TESTS = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")  # as pytest finds them


class Gate:
    """Decides for the files of one run; ``roles`` are those that its rules ask about, ``services``
    the paths that the user calls service code."""

    def __init__(
        self,
        catalog: Catalog,
        roles: Iterable[str],
        *,
        assume_service: bool,
        services: frozenset[str] = frozenset(),
    ) -> None:
        self._assume_service = assume_service
        self._catalog = catalog
        self._roles = roles = frozenset(roles)
        self._services = services
        entries = _with_roles(catalog, _ENTRY_ROLES)
        anywhere = (*_with_roles(catalog, _ANYWHERE_ROLES), *_pipe_servers(catalog))
        self._native_tokens = (*mentions.native((*entries, *anywhere)).words, *_COMMANDS)
        self._entries = mentions.python(entries) + Sought(("MODULE_NAME",))
        self._anywhere = mentions.python(anywhere) + Sought((*_PYTHON_COMMANDS, *_INSTALLS))
        ends = _with_roles(catalog, roles.intersection((*_END_ROLES, *_END_KINDS)))
        ends = tuple(filter(_is_end, ends))
        self._native_ends = mentions.native(ends).words
        self._ends = mentions.python(ends)

    @cached_property
    def _sinks(self) -> Sought:
        return mentions.python(_with_roles(self._catalog, self._roles)) + Sought(("ctypes",))

    def wanted(self, texts: Sequence[Parsed]) -> list[Parsed]:
        """The files to parse, in order."""
        if self._assume_service:
            return list(texts)
        native = [source for source, language in texts if language in ("c", "c++")]
        python = [source for source, language in texts if language == "python"]
        scripts = [source for source, language in texts if language in SCRIPTS]
        scripts += [it for it in python if any(word in it.text for word in _INSTALLS)]
        installing = any(source.once(_WRAPPER, _installs) for source in scripts)
        kept = {source.path for source in self._native(native, python, installing=installing)}
        installed = _named_in(scripts) if installing else frozenset[str]()
        builds = [source for source, language in texts if language == "build"]
        installed |= _named_in(it for it in builds if _frozen_as(it) & installed)
        in_python = self._python(python, installed, beside=bool(kept))
        if in_python:
            in_python |= {source.path for source in python if has(source, _PACKAGING)}
        kept.update(in_python)
        if kept:  # what makes programs of files, or starts them, is of no use without the files
            kept.update(s.path for s, language in texts if language in ("build", *COMMANDS))
        kept.update(s.path for s, language in texts if language in SCRIPTS and _settles(s))
        return [(source, language) for source, language in texts if source.path in kept]

    def _native(
        self, sources: list[SourceText], python: list[SourceText], *, installing: bool
    ) -> list[SourceText]:
        """``installing``: some script has a program run in session 0."""
        if installing:
            return sources
        tokens = self._native_tokens
        if any(has(source, self._entries) for source in python):
            tokens = (*tokens, *self._native_ends)
        # Name by name: in a service one of the first stands somewhere, and to look for one in all
        # files costs less than for all in one.
        found = any(source.path in self._services for source in sources) or any(
            token in source.text for token in tokens for source in sources
        )
        return sources if found else []

    def _python(self, sources: list[SourceText], installed: Set[str], *, beside: bool) -> set[str]:
        """``installed``: what scripts have run by its name; ``beside``: there are files in C or
        C++, which may hold a service."""
        entries = {
            source.path
            for source in sources
            if source.path in self._services or has(source, self._entries)
        }
        entries |= _called(sources, installed)
        near = self._anywhere + self._ends if entries or beside else self._anywhere
        anywhere = {source.path for source in sources if has(source, near)}
        if not entries and not anywhere:
            return set()
        imports = _imports(sources)
        importers: dict[str, set[str]] = defaultdict(set)
        for path, targets in imports.items():
            for target in targets:
                importers[target].add(path)
        service = _closure(entries, importers)
        service |= _started(sources, _closure(service, imports))
        sinks = {source.path for source in sources if has(source, self._sinks)}
        reached = _closure(service, imports)
        between = reached & _closure(sinks, importers)
        overriding = {path for path in sinks if imports[path] & reached}
        leading = _closure(between, importers)
        by_hand = {s.path for s in sources if s.path in leading and _is_run_by_hand(s, importers)}
        clients = leading & _closure(by_hand, imports)
        wanted = service | anywhere | between | overriding | clients
        return _closure(wanted, imports, steps=_CONSTANTS_AWAY)


def _started(sources: list[SourceText], reached: set[str]) -> set[str]:
    """The files that those of ``reached`` name as programs: ``tray.py``, or ``tray.exe`` if it is
    frozen. A service may start them."""
    return _called(sources, _named_in(source for source in sources if source.path in reached))


def _called(sources: list[SourceText], names: Set[str]) -> set[str]:
    """The files that are programs of these names."""
    return {
        source.path
        for source in (sources if names else ())
        if _stem(source.path).rpartition("/")[2].lower() in names
    }


def _named_in(scripts: Iterable[SourceText]) -> frozenset[str]:
    """The names of programs in scripts: an installed script may run them."""
    return frozenset(
        name.lower() for source in scripts for name in source.once(_programs, _programs)
    )


def _is_run_by_hand(source: SourceText, importers: Mapping[str, set[str]]) -> bool:
    """Whether a file may be a program of its own, which shares code with the service, and no unit
    tests."""
    started = source.path not in importers or "__main__" in source.text
    if not started or _TESTS.search(source.path):
        return False
    return source.once(modules_of, modules_of).isdisjoint(TEST_MODULES)


def _frozen_as(source: SourceText) -> set[str]:
    """The names of the executables that PyInstaller makes, if a file says so."""
    found = _SPEC_NAME.findall(source.text) if source.path.endswith(".spec") else ()
    return {name.lower() for name in found}


def _installs(text: str) -> bool:
    """Whether a script may have a program run in session 0 that isn't made for it."""
    if _WRAPPER.search(text) is not None:
        return True
    return _TASK.search(text) is not None and _NO_USER.search(text) is not None


def _stem(path: str) -> str:
    """A file's path as a module or package is called."""
    return path.rpartition(".")[0].removesuffix("/__init__").removesuffix("/__main__")


def _programs(text: str) -> set[str]:
    named = (*_RUN_MODULE.findall(text), *served_modules(text))
    modules = (name.rpartition(".")[2] for name in named)
    return {*_PROGRAM.findall(text), *modules}


def _with_roles(catalog: Catalog, roles: Iterable[str]) -> tuple[Api, ...]:
    return tuple(api for role in roles for api in catalog.with_role(role))


def _pipe_servers(catalog: Catalog) -> Iterator[Api]:
    """What creates pipes for others in any context: a library may do it for services. Those of
    frameworks, which take no modes, are for the programs that they are written in."""
    for api in catalog.with_role("pipe"):
        if api.kind == "server" and position(api, "open_mode") is not None:
            yield api


def _is_end(api: Api) -> bool:
    """Whether a function shows that a file may be the other end of a service. What is right as it
    is (``multiprocessing.connection``) has a name that means little."""
    kind = _END_KINDS.get(api.role)
    return kind is None or (api.kind == kind and api.effect != "ok")


def _settles(source: SourceText) -> bool:
    if source.once(_WRAPPER, _installs):
        return True
    return source.once(_SETTING, lambda text: _SETTING.search(text) is not None)


def _closure(
    start: Iterable[str], edges: Mapping[str, set[str]], *, steps: int = 1 << 30
) -> set[str]:
    """What the edges lead to from ``start`` in at most that many steps, ``start`` included."""
    seen = set(start)
    fresh = set(seen)
    while fresh and steps > 0:
        fresh = {target for path in fresh for target in edges.get(path, ())} - seen
        seen |= fresh
        steps -= 1
    return seen


def _imports(sources: list[SourceText]) -> dict[str, set[str]]:
    """File → the files of the run that its import statements can mean, those of the packages
    included that are loaded on the way."""
    by_module: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        stem = source.path.rpartition(".")[0].removesuffix("/__init__")
        by_module[stem.rpartition("/")[2]].append(source.path)
    return {
        source.path: {
            path
            for module in source.once(modules_of, modules_of)
            for name in (module, *_packages(module))
            for path in by_module.get(name.rpartition(".")[2], ())
            if _ends_with(path, name) and (name == module or path.endswith("/__init__.py"))
        }
        for source in sources
    }


def _packages(module: str) -> Iterator[str]:
    """``a``, ``a.b`` of ``a.b.c``."""
    package = module.rpartition(".")[0]
    while package:
        yield package
        package = package.rpartition(".")[0]


def _ends_with(path: str, module: str) -> bool:
    stem = path.rpartition(".")[0].removesuffix("/__init__")
    return f"/{stem}".endswith(f"/{module.replace('.', '/')}")
