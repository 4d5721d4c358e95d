"""What the calls in a Python file package: programs of py2exe, cx_Freeze, setuptools, PyInstaller;
and the packages that setuptools installs for other projects.

References: py2exe, "Working with various versions" (``service``, ``console``, ``windows``);
cx_Freeze, "setup script" (``Executable``, ``base``); setuptools, "Entry points", "Keywords"
(``packages``, ``py_modules``, ``install_requires``); PyInstaller, "Using Spec Files" (``Analysis``,
``EXE``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sessionzero.facts import (
    Argument,
    Binding,
    Call,
    Expr,
    FileFacts,
    Item,
    Member,
    Name,
    Null,
    Result,
    Subsystem,
    Target,
    TargetKind,
    Text,
)
from sessionzero.facts import Sequence as Items
from sessionzero.frontends.builds.draft import Draft, is_source, plain_name, tidy
from sessionzero.frontends.builds.python_metadata import entry_points, module_paths

_MODES: dict[str, Subsystem] = {
    "service": "service",
    "console": "console",
    "windows": "windows",
    "scripts": "console",
}
_GROUPS: dict[str, Subsystem] = {"console_scripts": "console", "gui_scripts": "windows"}
_BASES: dict[str, Subsystem] = {
    "win32service": "service",
    "win32gui": "windows",
    "gui": "windows",
    "service": "service",
    "console": "console",
}
_CALLS = frozenset(("setup", "Executable", "EXE", "freeze"))
_MOST_CALLS = 500
_DEPTH = 6  # names that stand for names
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")  # the name in "libx[extra]>=1.0"

Made = tuple[str, Subsystem, Sequence[str]]  # name, subsystem, sources


def targets(facts: FileFacts) -> tuple[Target, ...]:
    """The programs and libraries that the calls of a file make, in order."""
    calls = [call for call in facts.calls if _called(call) in _CALLS][:_MOST_CALLS]
    if not calls:
        return ()
    reader = _Reader(facts)
    found: list[Target] = []
    for call in calls:
        uses = reader.uses(call)
        made = [_target(call, "program", one, uses) for one in reader.made(call)]
        if not any(made):
            made = [_target(call, "shared", one, uses) for one in reader.library(call)]
        found += [target for target in made if target is not None]
    return tuple(found)


def _target(call: Call, kind: TargetKind, made: Made, uses: tuple[str, ...]) -> Target | None:
    """What a call makes; None if no source of it is known."""
    name, subsystem, sources = made
    draft = Draft(plain_name(name), kind, (call.start, call.end), subsystem)
    draft.add_sources(sources)
    kept = tuple(draft.sources)
    if not kept:
        return None
    return Target(draft.name, kind, subsystem, kept, uses, (), (), call.start, call.end)


def _called(call: Call) -> str:
    match call.callee:
        case Name(name) | Member(_, name):
            return name.rpartition(".")[2]
        case _:
            return ""


class _Reader:
    """Reads arguments, through the variables of the same file that have one value."""

    def __init__(self, facts: FileFacts) -> None:
        self._facts = facts
        self._bindings: dict[str, list[Binding]] = {}
        for binding in facts.bindings:
            if isinstance(binding.target, Name):
                self._bindings.setdefault(binding.target.name, []).append(binding)

    def made(self, call: Call) -> Iterator[Made]:
        match _called(call):
            case "Executable":
                yield from self._executable(call)
            case "EXE":
                yield from self._exe(call)
            case _:
                yield from self._setup(self._keywords(call.arguments))

    def library(self, call: Call) -> Iterator[Made]:
        """What ``setup`` installs for others to import: the packages and modules that it lists."""
        keywords = self._keywords(call.arguments) if _called(call) == "setup" else {}
        packages, modules = (
            [text.replace(".", "/") for text in self._texts(keywords.get(keyword))]
            for keyword in ("packages", "py_modules")
        )
        names = [*(f"{package}/*.py" for package in packages), *(f"{m}.py" for m in modules)]
        sources = [top + name for name in names for top in ("", "src/")]
        yield "".join(self._texts(keywords.get("name"))), "", sources

    def uses(self, call: Call) -> tuple[str, ...]:
        """The distributions that ``setup`` has installed too: ``install_requires``."""
        keywords = self._keywords(call.arguments) if _called(call) == "setup" else {}
        words = map(_REQUIREMENT.match, self._texts(keywords.get("install_requires")))
        return tuple(dict.fromkeys(word[1] for word in words if word is not None))

    def _keywords(self, arguments: Sequence[Argument]) -> dict[str, Expr]:
        """The arguments by keyword; those of ``**options`` too."""
        found: dict[str, Expr] = {}
        for argument in arguments:
            value = self._value(argument.value)
            if argument.name == "**":
                found.update((item.name, item.value) for item in _items(value) if item.name)
            elif argument.name:
                found[argument.name] = value
        return found

    def _setup(self, keywords: dict[str, Expr]) -> Iterator[Made]:
        for keyword, subsystem in _MODES.items():
            for item in self._list(keywords.get(keyword)):
                yield from self._py2exe(item, subsystem)
        entry = self._value(keywords["entry_points"]) if "entry_points" in keywords else None
        for group in _items(entry):
            subsystem = _GROUPS.get(group.name, "")
            lines = [line for line in self._texts(group.value) if subsystem]
            lines = [part for line in lines for part in line.split("\n")]
            for name, value, mode in entry_points(lines, subsystem):
                yield name, mode, module_paths(value)

    def _py2exe(self, item: Expr, subsystem: Subsystem) -> Iterator[Made]:
        """A script or module by name, or a dict that says more of it."""
        fields = {field.name: self._value(field.value) for field in _items(item)}
        named = [item, *(fields[key] for key in ("script", "modules") if key in fields)]
        for word in (text for value in named for text in self._texts(value)):
            is_path = is_source(word) or "/" in word
            paths = [word if is_path else word.replace(".", "/") + ".py"]
            name = "".join(self._texts(fields["dest_base"])) if "dest_base" in fields else ""
            yield name or _stem(paths[0]), subsystem, paths

    def _executable(self, call: Call) -> Iterator[Made]:
        """cx_Freeze. The script of a Win32Service is a configuration, which names the module in
        constants of its own."""
        keywords = self._keywords(call.arguments)
        script = keywords.get("script") or self._positional(call, 0)
        given = keywords.get("base") or self._positional(call, 2)
        base = "".join(self._texts(given)).lower()
        plain: Subsystem = "console" if given is None or isinstance(given, Null) else ""
        for path in self._texts(script):
            name = "".join(self._texts(keywords.get("target_name") or keywords.get("targetName")))
            yield _stem(name or path), _BASES.get(base, plain), [path]

    def _exe(self, call: Call) -> Iterator[Made]:
        """PyInstaller: ``EXE(pyz, a.scripts, name=…, console=…)`` of ``a = Analysis([…])``."""
        keywords = self._keywords(call.arguments)
        console = keywords.get("console")
        hidden = console is not None and getattr(console, "value", 1) == 0
        for argument in call.arguments:
            match argument.value:
                case Member(analysis, "scripts"):
                    paths = self._analysed(analysis)
                    name = "".join(self._texts(keywords.get("name"))) or _stem("".join(paths[:1]))
                    yield _stem(name), "windows" if hidden else "console", paths

    def _analysed(self, analysis: Expr) -> list[str]:
        match self._value(analysis):
            case Result(number) if _called(call := self._facts.calls[number]) == "Analysis":
                keywords = self._keywords(call.arguments)
                scripts = keywords.get("scripts") or self._positional(call, 0)
                return [tidy(path) for path in self._texts(scripts)]
        return []

    # --- values ---

    def _positional(self, call: Call, number: int) -> Expr | None:
        plain = [argument.value for argument in call.arguments if not argument.name]
        return plain[number] if number < len(plain) else None

    def _value(self, expr: Expr) -> Expr:
        """The expression, or what the name in its place was bound to, if only once."""
        for _ in range(_DEPTH):
            if not isinstance(expr, Name):
                return expr
            bound = self._bindings.get(expr.name, ())
            if len(bound) != 1 or bound[0].operator != "=":
                return expr
            expr = bound[0].value
        return expr

    def _list(self, expr: Expr | None) -> list[Expr]:
        return [self._value(item.value) for item in _items(self._value(expr))] if expr else []

    def _texts(self, expr: Expr | None) -> list[str]:
        """The text, or the texts in a list."""
        value = self._value(expr) if expr is not None else None
        if isinstance(value, Text):
            return [value.value]
        found = (self._value(item.value) for item in _items(value) if not item.name)
        return [item.value for item in found if isinstance(item, Text)]


def _items(expr: Expr | None) -> tuple[Item, ...]:
    return expr.items if isinstance(expr, Items) else ()


def _stem(path: str) -> str:
    name = path.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and suffix.lower() in ("py", "pyw", "exe") else name
