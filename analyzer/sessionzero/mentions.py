"""What texts mention, by their words and imports, before any parser is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from sessionzero.knowledge.catalog import Api
from sessionzero.sources.text import SourceText

_IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n#;]*)"
    r"|import[ \t]+([^\n#;]+))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#[^\n]*")
# cx_Freeze's Config.py names a module; so do the calls that import one.
_NAMED_MODULE = re.compile(
    r"""(?:\bMODULE_NAME\s*=|\bimport_module\(|\b__import__\()\s*["']([\w.]+)["']"""
)
# Nearly every text imports them: what counts is the function.
_EVERYWHERE = ("os", "sys")
_PLAIN_WORD = re.compile(r"[a-z]+")  # of names such as win32api every mention counts


class Sought(Struct, frozen=True):
    """What makes a text of interest: that it holds one of some words, or that it imports one of
    some modules or functions (by their dotted names)."""

    words: tuple[str, ...]
    modules: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()

    def __add__(self, other: Sought) -> Sought:
        return Sought(
            (*self.words, *other.words),
            self.modules | other.modules,
            self.functions | other.functions,
        )


def has(source: SourceText, sought: Sought) -> bool:
    """Whether a text holds something of what is sought."""
    return source.once(sought, lambda text: _mentions(source, text, sought))


def _mentions(source: SourceText, text: str, sought: Sought) -> bool:
    if any(word in text for word in sought.words):
        return True
    functions = [name for name in sought.functions if name.rpartition(".")[2] in text]
    modules = [name for name in sought.modules if name.partition(".")[0] in text]
    if not functions and not modules:
        return False
    imported = source.once(modules_of, modules_of)
    return not imported.isdisjoint(functions) or any(
        _may_mean(module, name) for module in imported for name in modules
    )


def _may_mean(imported: str, module: str) -> bool:
    """Whether an import can mean a module: ``import a`` can mean a.b, ``import a.b`` loads a, and
    ``import vendor.a`` can mean a copy of a.b. (A copy of a plain module is the project's own.)"""
    start = f".{imported}.".find(f".{module.partition('.')[0]}.") if "." in module else 0
    if start < 0:
        return False
    named = imported[start:]
    return f"{module}.".startswith(f"{named}.") or named.startswith(f"{module}.")


def native(apis: Iterable[Api]) -> Sought:
    """What a file of C or C++ must mention to use one of these functions: its simple name, or the
    class of a method."""
    return Sought(_shortest(_simple(api) for api in apis if api.language in ("c", "c++")))


def python(apis: Iterable[Api]) -> Sought:
    """What a file of Python must mention to use one of these functions, or a file that it imports
    what it uses from: their module, or the function of a DLL that ctypes calls."""
    words, modules, functions = [], set[str](), set[str]()
    for api in apis:
        package = api.module.partition(".")[0]
        if api.language == "c":
            name = _simple(api)
            # What a C library calls ``system`` stands in every other text: ctypes tells.
            words += [name] if api.library and not _PLAIN_WORD.fullmatch(name) else []
        elif api.language == "python" and package in _EVERYWHERE:
            name = api.owner or api.name
            module = api.module.rpartition(".")[2]
            words += [f"{module}.{name}", f"{module} as ", f"getattr({module}"]
            functions.add(f"{api.module}.{name}")
        elif api.language == "python" and package == "builtins":
            words.append(f"{api.owner or api.name}(")
        elif api.language == "python" and _PLAIN_WORD.fullmatch(package):
            modules.add(api.module)
        elif api.language == "python":
            words.append(package)
    return Sought(_shortest(words), frozenset(modules), frozenset(functions))


def _simple(api: Api) -> str:
    return (api.owner or api.family).rpartition("::")[2]


def _shortest(names: Iterable[str]) -> tuple[str, ...]:
    """The names that hold no other one: where a text has the longer, it has the shorter."""
    found = dict.fromkeys(names)
    return tuple(n for n in found if not any(o != n and o in n for o in found))


def modules_of(text: str) -> set[str]:
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
