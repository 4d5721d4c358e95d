"""What is known of functions and classes: a role each, and the meaning of their parameters.

The knowledge stands in ``rules/apis/*.toml``; :mod:`knowledge.packs` reads it. A call of a DLL's
function through ctypes (``windll.user32.MessageBoxW``) is looked up as the C function, with the
same positions. A parameter called ``callback`` is a function that runs in the context of the
caller, whatever the role of the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from msgspec import Struct

from sessionzero.errors import SessionZeroError
from sessionzero.facts import SCRIPTS, Argument, Expr, Index, Null, Number, Operation, Script, Text
from sessionzero.sddl import Vocabulary

Form = Literal["function", "method", "class", "structure", "command"]
ProgramLanguage = Literal["c", "c++", "python"]
ApiLanguage = Literal[ProgramLanguage, Script, "command"]

_PYWIN32_FOLDERS = ("win32.lib.", "win32.")  # of pywin32.pth, which puts both on the path


class Parameter(Struct, frozen=True, gc=False):
    """What a parameter means: a role, ``_`` where it doesn't matter.

    ``keyword`` is its name in a Python call, the field of a structure and the option of a command;
    empty for C. A role ``=a|b`` means that this word of a command must be one of these.
    """

    role: str
    keyword: str


class Api(Struct, frozen=True, kw_only=True, gc=False):
    """A function, method, class (its constructor's parameters), structure (its fields) or command
    (the words and options of a program's command line).

    ``name`` is as written without module and class (``CreateEventW``, ``std::async``, ``DoModal``),
    ``family`` the name without A or W, ``owner`` the class of a method. ``module`` is the header
    or the Python module. ``runs`` and ``installs`` name the methods of a service framework's base
    class that run in the service, and those that run in the installer; ``begins`` those with which
    the service begins; ``senders`` the types of the first parameter by which its handlers of events
    are known, whatever they are called.
    """

    name: str
    family: str
    owner: str
    form: Form
    role: str
    kind: str
    language: ApiLanguage
    module: str
    library: str
    framework: str
    effect: str
    parameters: tuple[Parameter, ...]
    variadic: bool
    begins: tuple[str, ...]
    runs: tuple[str, ...]
    installs: tuple[str, ...]
    senders: tuple[str, ...]

    @property
    def dotted(self) -> str:
        """The full name: ``win32event.CreateEvent``, ``tkinter.Tk.mainloop``, ``CWnd::DoModal``."""
        if self.language == "python":
            return ".".join(part for part in (self.module, self.owner, self.name) if part)
        return f"{self.owner}::{self.name}" if self.owner else self.name


class Catalog(Struct, frozen=True):
    """Everything known: ``apis`` in the order of the files, and by name and role.

    ``constants`` are the numbers of the Windows headers, handles as the headers write them
    (``HWND_MESSAGE`` is -3); ``texts`` the string constants. ``names`` are all simple names.
    ``service_events`` are the methods that frameworks call in a service, ``service_begins`` those
    with which it begins, in Python too; ``sddl`` the words of security descriptors.
    ``service_types`` are the words by which scripts say the type of a service, in lower case, with
    their numbers. All but :meth:`scripted` and :meth:`commands` speak of C, C++ and Python only.
    """

    apis: tuple[Api, ...]
    constants: Mapping[str, int]
    texts: Mapping[str, str]
    names: frozenset[str]
    service_events: frozenset[str]
    service_begins: frozenset[str]
    sddl: Vocabulary
    service_types: Mapping[str, int]
    _functions: Mapping[str, Api]
    _qualified: Mapping[str, Api]
    _methods: Mapping[str, tuple[Api, ...]]
    _classes: Mapping[str, tuple[Api, ...]]
    _structures: Mapping[str, Api]
    _python: Mapping[str, Api]
    _roles: Mapping[str, tuple[Api, ...]]
    _ancestors: Mapping[str, frozenset[str]]
    _scripted: Mapping[tuple[str, str], tuple[Api, ...]]
    _commands: tuple[Api, ...]

    def function(self, name: str) -> Api | None:
        """The C function, macro or free C++ function of exactly this name, or the method of this
        qualified name: ``QMessageBox::warning``."""
        return self._functions.get(name) or self._qualified.get(name)

    def methods(self, name: str) -> tuple[Api, ...]:
        """The C++ methods of this name, of any class; those of derived classes first."""
        return self._methods.get(name, ())

    def constructors(self, class_name: str) -> tuple[Api, ...]:
        """The C++ classes of this name, fully, partly or not qualified, the exact one first.

        ``CEvent`` is a class of MFC and of ATL, with different parameters.
        """
        found = self._classes.get(class_name, ())
        return tuple(sorted(found, key=lambda api: api.name != class_name))

    def constructor(self, class_name: str) -> Api | None:
        """The first of :meth:`constructors`."""
        return next(iter(self.constructors(class_name)), None)

    def structure(self, name: str) -> Api | None:
        """The C structure of exactly this name; its parameters are its fields."""
        return self._structures.get(name)

    def python(self, dotted: str) -> Api | None:
        """The Python function, class or method by its full name; ``input`` is a full name too.
        Modules of pywin32 also have the names of the folders that they stand in."""
        known = self._python.get(dotted)
        if known is None and dotted.startswith(_PYWIN32_FOLDERS):
            for folder in _PYWIN32_FOLDERS:
                dotted = dotted.removeprefix(folder)
            known = self._python.get(dotted)
        return known

    def with_role(self, role: str) -> tuple[Api, ...]:
        """All that have the role, in the order of the files."""
        return self._roles.get(role, ())

    def scripted(self, language: str, name: str) -> tuple[Api, ...]:
        """The instructions and records of this name in the language of a script; the case of
        letters doesn't count."""
        return self._scripted.get((language, name.lower()), ())

    def commands(self) -> tuple[Api, ...]:
        """The command lines of programs."""
        return self._commands

    def ancestors(self, class_name: str) -> frozenset[str]:
        """The simple names of all bases of a framework's class, given by its simple name."""
        return self._ancestors.get(class_name, frozenset())


def position(api: Api, role: str) -> int | None:
    """The position of the first parameter with the role."""
    for number, parameter in enumerate(api.parameters):
        if parameter.role == role:
            return number
    return None


def argument(api: Api, arguments: Sequence[Argument], role: str) -> Expr | None:
    """What a call passes for the first parameter with the role; None where that is nothing, or not
    known because arguments are unpacked before it."""
    return next(iter(arguments_for(api, arguments, role)), None)


def arguments_for(api: Api, arguments: Sequence[Argument], role: str) -> Iterator[Expr]:
    """What a call passes for each parameter with the role.

    Several mean that any of them may hold it: ``std::async`` has its function first, or second
    after the policy.
    """
    for number, parameter in enumerate(api.parameters):
        if parameter.role == role:
            value = _passed(arguments, number, parameter.keyword)
            if value is not None:
                yield value


def _passed(arguments: Sequence[Argument], number: int, keyword: str) -> Expr | None:
    for at, passed in enumerate(arguments):
        if passed.name:
            break  # keywords follow; and what stands behind an unpacked argument has no position
        if at == number:
            return passed.value
    named = (p.value for p in arguments if keyword and p.name.lower() == keyword.lower())
    return next(named, None) or _unpacked(arguments, number, keyword)


def _unpacked(arguments: Sequence[Argument], number: int, keyword: str) -> Expr | None:
    """``args[1] or kwargs["name"] or None`` for the second argument of ``f(*args, **kwargs)``,
    which may not be passed at all."""
    found: list[Expr] = []
    for at, passed in enumerate(arguments):
        whole, (start, end) = passed.value, (passed.value.start, passed.value.end)
        if passed.name == "*" and not found:
            found.append(Index(whole, Number(number - at, start, end), start, end))
        elif passed.name == "**" and keyword:
            found.append(Index(whole, Text(keyword, keyword, start, end), start, end))
    if not found:
        return None
    start, end = found[0].start, found[-1].end
    return Operation("||", (*found, Null(start, end)), start, end)


def build(
    apis: tuple[Api, ...],
    *,
    bases: Mapping[str, Sequence[str]],
    constants: Mapping[str, int],
    texts: Mapping[str, str],
    sddl: Vocabulary,
    service_types: Mapping[str, int],
) -> Catalog:
    """The catalogue of ``apis``; ``bases`` gives the direct bases of classes by simple name.

    Raises :class:`SessionZeroError` if two entries have one name.
    """
    ancestors = {name: _ancestors(name, bases) for name in bases}
    everything = apis
    apis = tuple(api for api in everything if api.language in get_args(ProgramLanguage))
    native = [api for api in apis if api.language != "python"]
    methods = sorted(
        (api for api in native if api.form == "method"),
        key=lambda api: -len(ancestors.get(simple_name(api.owner), ())),
    )
    return Catalog(
        apis=everything,
        constants=constants,
        texts=texts,
        service_types=service_types,
        names=frozenset(simple_name(api.name) for api in apis),
        service_events=frozenset(
            name for api in native if api.role == "service-class" for name in api.runs
        ),
        service_begins=frozenset(
            name for api in apis if api.role == "service-class" for name in api.begins
        ),
        sddl=sddl,
        _functions=_unique((api.name, api) for api in native if api.form == "function"),
        _qualified=_unique((api.dotted, api) for api in methods),
        _methods=_grouped((api.name, api) for api in methods),
        _classes=_grouped(
            (name, api) for api in native if api.form == "class" for name in _qualifications(api)
        ),
        _structures=_unique((api.name, api) for api in native if api.form == "structure"),
        _python=_unique(_python_names(apis)),
        _roles=_grouped((api.role, api) for api in apis),
        _ancestors=ancestors,
        _scripted=_grouped_scripts(everything),
        _commands=tuple(api for api in everything if api.form == "command"),
    )


def simple_name(name: str) -> str:
    """A name without its namespaces and classes."""
    return name.rpartition("::")[2]


def _qualifications(api: Api) -> Iterator[str]:
    """``std::thread`` and ``thread``: what ``using`` leaves to write."""
    parts = api.name.split("::")
    return ("::".join(parts[first:]) for first in range(len(parts)))


def _python_names(apis: Iterable[Api]) -> Iterator[tuple[str, Api]]:
    for api in apis:
        if api.language == "python":
            yield api.dotted, api
            if api.module == "builtins":
                yield api.dotted.removeprefix("builtins."), api


def _ancestors(name: str, bases: Mapping[str, Sequence[str]]) -> frozenset[str]:
    found: set[str] = set()
    pending = list(bases.get(name, ()))
    while pending:
        base = pending.pop()
        if base not in found:
            found.add(base)
            pending.extend(bases.get(base, ()))
    return frozenset(found)


def _grouped(pairs: Iterable[tuple[str, Api]]) -> Mapping[str, tuple[Api, ...]]:
    found: dict[str, list[Api]] = {}
    for name, api in pairs:
        found.setdefault(name, []).append(api)
    return {name: tuple(group) for name, group in found.items()}


def _grouped_scripts(apis: Iterable[Api]) -> Mapping[tuple[str, str], tuple[Api, ...]]:
    found: dict[tuple[str, str], list[Api]] = {}
    for api in apis:
        if api.language in SCRIPTS:
            found.setdefault((api.language, api.name.lower()), []).append(api)
    return {key: tuple(group) for key, group in found.items()}


def _unique(pairs: Iterable[tuple[str, Api]]) -> Mapping[str, Api]:
    found: dict[str, Api] = {}
    for name, api in pairs:
        if name in found:
            raise SessionZeroError(f"rules/apis: {name} stands there twice; one entry says all")
        found[name] = api
    return found
