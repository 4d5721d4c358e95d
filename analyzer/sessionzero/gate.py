"""Which files must be parsed: cheap tests on the text, before any parser is loaded.

C and C++: a call chain can lead through any file, so either none is parsed or all are (parsing
only the files that name a Windows function loses 42 % of the reachable defects). Python, whose
parser is 15 times slower: imports say what can call what, so the files that lie between a service
and a module that some rule asks about, those that may be the other end of a service, and around
those the files that define their constants. Build files and batch files are cheap, and go with
either. Scripts and files of settings count by themselves, if they have a word without which nothing
can be wrong in them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from sessionzero.catalog import Api, Catalog, position
from sessionzero.facts import SCRIPTS, Language
from sessionzero.text import SourceText

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
# Roles by which a program of another language can be the other end of a service.
_END_ROLES = ("window-lookup", "message-name")
_END_KINDS = {"pipe": "client"}  # of these roles, the functions of one kind
_CONSTANTS_AWAY = 4  # how many imports may lie between a constant and the file that uses it
_PACKAGING = ("py2exe", "cx_Freeze", "entry_points", "packages=", "py_modules=")  # of a setup.py
_IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n#;]*)"
    r"|import[ \t]+([^\n#;]+))",
    re.MULTILINE,
)
_PROGRAM = re.compile(r"(?<![\w-])([\w-]++)\.(?:exe|pyw?)\b", re.IGNORECASE)
_RUN_MODULE = re.compile(r"""(?<![\w-])-m["']?[\s,]+["']?([A-Za-z_][\w.]*)""")  # python -m tray
_COMMENT = re.compile(r"#[^\n]*")
# cx_Freeze's Config.py names a module; so do the calls that import one.
_NAMED_MODULE = re.compile(
    r"""(?:\bMODULE_NAME\s*=|\bimport_module\(|\b__import__\()\s*["']([\w.]+)["']"""
)


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
        self._native_tokens = (*_names((*entries, *anywhere), python=False), *_COMMANDS)
        self._entries = (*_names(entries, python=True), "MODULE_NAME")
        self._anywhere = (*_names(anywhere, python=True), *_PYTHON_COMMANDS)
        ends = _with_roles(catalog, roles.intersection((*_END_ROLES, *_END_KINDS)))
        ends = tuple(filter(_is_end, ends))
        self._native_ends = _names(ends, python=False)
        self._ends = _names(ends, python=True)

    @cached_property
    def _sinks(self) -> tuple[str, ...]:
        return (*_names(_with_roles(self._catalog, self._roles), python=True), "ctypes")

    def wanted(self, texts: Sequence[Parsed]) -> list[Parsed]:
        """The files to parse, in order."""
        if self._assume_service:
            return list(texts)
        native = [source for source, language in texts if language in ("c", "c++")]
        python = [source for source, language in texts if language == "python"]
        kept = {source.path for source in self._native(native, python)}
        in_python = self._python(python, beside=bool(kept))
        if in_python:
            in_python |= {source.path for source in python if _has(source, _PACKAGING)}
        kept.update(in_python)
        if kept:  # what makes programs of files, or starts them, is of no use without the files
            kept.update(s.path for s, language in texts if language in ("build", "batch"))
        kept.update(s.path for s, language in texts if language in SCRIPTS and _settles(s))
        return [(source, language) for source, language in texts if source.path in kept]

    def _native(self, sources: list[SourceText], python: list[SourceText]) -> list[SourceText]:
        tokens = self._native_tokens
        if any(_has(source, self._entries) for source in python):
            tokens = (*tokens, *self._native_ends)
        # Name by name: in a service one of the first stands somewhere, and to look for one in all
        # files costs less than for all in one.
        found = any(source.path in self._services for source in sources) or any(
            token in source.text for token in tokens for source in sources
        )
        return sources if found else []

    def _python(self, sources: list[SourceText], *, beside: bool) -> set[str]:
        """``beside``: there are files in C or C++, which may hold a service."""
        entries = {
            source.path
            for source in sources
            if source.path in self._services or _has(source, self._entries)
        }
        near = (*self._anywhere, *self._ends) if entries or beside else self._anywhere
        anywhere = {source.path for source in sources if _has(source, near)}
        if not entries and not anywhere:
            return set()
        imports = _imports(sources)
        importers: dict[str, set[str]] = defaultdict(set)
        for path, targets in imports.items():
            for target in targets:
                importers[target].add(path)
        service = _closure(entries, importers)
        service |= _started(sources, _closure(service, imports))
        sinks = {source.path for source in sources if _has(source, self._sinks)}
        reached = _closure(service, imports)
        between = reached & _closure(sinks, importers)
        overriding = {path for path in sinks if imports[path] & reached}
        wanted = service | anywhere | between | overriding
        return _closure(wanted, imports, steps=_CONSTANTS_AWAY)


def _started(sources: list[SourceText], reached: set[str]) -> set[str]:
    """The files that those of ``reached`` name as programs: ``tray.py``, or ``tray.exe`` if it is
    frozen. A service may start them."""
    named = {
        name.lower()
        for source in sources
        if source.path in reached
        for name in source.once(_programs, _programs)
    }
    return {
        source.path
        for source in (sources if named else ())
        if _stem(source.path).rpartition("/")[2].lower() in named
    }


def _stem(path: str) -> str:
    """A file's path as a module or package is called."""
    return path.rpartition(".")[0].removesuffix("/__init__").removesuffix("/__main__")


def _programs(text: str) -> set[str]:
    modules = (name.rpartition(".")[2] for name in _RUN_MODULE.findall(text))
    return {*_PROGRAM.findall(text), *modules}


def _with_roles(catalog: Catalog, roles: Iterable[str]) -> tuple[Api, ...]:
    return tuple(api for role in roles for api in catalog.with_role(role))


def _pipe_servers(catalog: Catalog) -> Iterator[Api]:
    """What creates pipes for others in any context: a library may do it for services. Those of
    frameworks, which take no modes, are for the programs that they are written in."""
    for api in catalog.with_role("pipe"):
        if api.kind == "server" and position(api, "open_mode") is not None:
            yield api


def _names(apis: Sequence[Api], *, python: bool) -> tuple[str, ...]:
    """What a file must mention to use one of these functions, in their order: its simple name, or
    the class of a method; in Python, where names are short and common, the last name of the module,
    or the function of a DLL that ctypes calls."""
    native = (
        (api.owner or api.family).rpartition("::")[2]
        for api in apis
        if (api.language == "c" and (api.library or not python))
        or (api.language == "c++" and not python)
    )
    modules = (_module_word(api) for api in apis if api.language == "python")
    return _shortest((*native, *modules) if python else native)


def _module_word(api: Api) -> str:
    """The last name of a module; nearly every text holds ``os`` or ``sys``, so there the
    function's or the object's, and what is built in needs no module."""
    module = api.module.rpartition(".")[2]
    return module if len(module) > 3 and module != "builtins" else api.owner or api.name


def _is_end(api: Api) -> bool:
    """Whether a function shows that a file may be the other end of a service. What is right as it
    is (``multiprocessing.connection``) has a name that means little."""
    kind = _END_KINDS.get(api.role)
    return kind is None or (api.kind == kind and api.effect != "ok")


def _shortest(names: Iterable[str]) -> tuple[str, ...]:
    """The names that hold no other one: where a text has the longer, it has the shorter."""
    found = dict.fromkeys(names)
    return tuple(n for n in found if not any(o != n and o in n for o in found))


def _has(source: SourceText, tokens: tuple[str, ...]) -> bool:
    return source.once(tokens, lambda text: any(token in text for token in tokens))


def _settles(source: SourceText) -> bool:
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
            for module in source.once(_modules, _modules)
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


def _modules(text: str) -> set[str]:
    """The modules that a text may import; leading dots are dropped."""
    found: set[str] = set(_NAMED_MODULE.findall(text))
    for match in _IMPORT.finditer(text.replace("\\\n", " ").replace("\\\r\n", " ")):
        source, names, plain = match.groups()
        if plain is not None:
            found.update(part.split()[0] for part in plain.split(",") if part.split())
            continue
        base = source.lstrip(".")
        if base:
            found.add(base)
        for part in _COMMENT.sub("", names).strip("() \t\r\n").split(","):
            if part.split():
                found.add(f"{base}.{part.split()[0]}" if base else part.split()[0])
    return found
