"""Reads our knowledge from ``rules/``: the catalogue of APIs, the constants, the words of SDDL.

A file of ``rules/apis/`` holds groups of signatures, a role for each group::

    [[group]]
    role = "object-create"       # one of [roles] in roles.toml
    kind = "event"               # what sort of it, optional
    language = "c"               # c (from C++ and through ctypes too), c++, python, command, or
                                 # that of a script
    header = "synchapi.h"        # C and C++; module = "…" or a list of modules for Python
    library = "kernel32"         # the DLL of a C function
    framework = "mfc"            # of a C++ class
    effect = "warning"           # definite, warning, info, ok, ok-checked
    functions = ["CreateEvent*(security, manual, initial, name)"]

``functions``, ``methods`` (``Class::Method``, in Python ``Class.method``), ``classes`` (with the
parameters of the constructor) and ``structures`` (with the fields) are lists of signatures:

    Name(role, role, …)   the parameters by position; each one of [parameters] in roles.toml
    Name*(…)              Name, NameA and NameW
    _                     a parameter whose meaning isn't used
    role:keyword          in Python the keyword, in a structure the field, if it isn't the role
    …, ...)               takes any number of further arguments
    Name                  nothing is known of the parameters
    sc create(role, …)    in ``commands``: a program and its first words (``*`` may stand for
                          letters), then words by position and ``role:option``; ``=a|b`` is a word
                          that must be one of these

Two parameters with one role: either may hold it (see :func:`knowledge.catalog.arguments_for`).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal, NoReturn, Protocol, TypeVar, get_args

import msgspec
from msgspec import Struct

from sessionzero.errors import SessionZeroError
from sessionzero.knowledge.catalog import (
    Api,
    ApiLanguage,
    Catalog,
    Form,
    Parameter,
    ProgramLanguage,
    build,
)
from sessionzero.knowledge.compiled import BesideByteCode
from sessionzero.sddl import Vocabulary

_SIGNATURE = re.compile(r"([\w.:~!]+)(\*?)(?:\(([^()]*)\))?")
_COMMAND = re.compile(r"([^(),]+)()\(([^()]*)\)")
_PARAMETER = re.compile(r"([a-z_]+)(?::(\w+))?")
_OPTION = re.compile(r"(=[^\s,:=]+|[a-z_]+)(?::(\S+))?")
_VARIANTS = ("", "A", "W")

_Made = TypeVar("_Made")


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[group]]`` of a file."""

    role: str
    language: ApiLanguage
    kind: str = ""
    header: str = ""
    module: str | tuple[str, ...] = ""
    library: str = ""
    framework: str = ""
    effect: Literal["", "definite", "warning", "info", "ok", "ok-checked"] = ""
    functions: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    installs: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()


class Pack(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of ``rules/apis/``. ``bases``: those of frameworks' classes, by simple name.
    ``service_types``: words of scripts for the type of a service."""

    group: tuple[Group, ...] = ()
    roles: dict[str, str] = {}
    parameters: dict[str, str] = {}
    bases: dict[str, tuple[str, ...]] = {}
    service_types: dict[str, int] = {}


class Signature(Struct, frozen=True):
    """A signature taken apart. ``variants`` are the endings of the names it stands for."""

    name: str
    variants: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    variadic: bool


class Extra(Struct, frozen=True):
    """What a user adds: groups, and the file that they stand in (see :mod:`knowledge.extras`);
    ``roles`` are new words for what a function does."""

    file: str
    groups: tuple[Group, ...]
    roles: frozenset[str] = frozenset()


class Knowledge(Struct, frozen=True, array_like=True):
    """What the files say, before it is indexed. ``roles`` and ``parameters`` are the words that a
    group may use."""

    apis: tuple[Api, ...]
    bases: dict[str, tuple[str, ...]]
    constants: dict[str, int]
    texts: dict[str, str]
    roles: frozenset[str]
    parameters: frozenset[str]
    service_types: dict[str, int]
    sddl: Vocabulary = Vocabulary()

    def index(self, extra: Sequence[Extra] = ()) -> Catalog:
        """The catalogue of it. Raises :class:`SessionZeroError` if two entries have one name, and
        for what an extra says wrong. What an extra says of a name, ours no longer does."""
        roles = self.roles.union(*(item.roles for item in extra))
        own = [
            (item.file, api)
            for item in extra
            for group in item.groups
            for api in _members(item.file, group, roles, self.parameters)
        ]
        names = set[tuple[Form, str]]()
        for file, api in own:
            if (api.form, api.dotted) in names:
                raise SessionZeroError(f"{file}: {api.dotted} stands there twice; keep one")
            names.add((api.form, api.dotted))
        ours = self.apis
        if names:
            ours = tuple(api for api in ours if (api.form, api.dotted) not in names)
        return build(
            (*ours, *(api for _, api in own)),
            bases=self.bases,
            constants=self.constants,
            texts=self.texts,
            sddl=self.sddl,
            service_types=self.service_types,
        )


class Store(Protocol):
    """Keeps bytes by key, as :class:`sessionzero.cache.Cache` does."""

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]: ...

    def put_many(self, items: Iterable[tuple[bytes, bytes]]) -> None: ...


def rules_directory() -> Path:
    """``rules/``: beside ``analyzer/`` in a checkout, else inside the installed package."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent.parent / "rules"
    return checkout if (checkout / "apis").is_dir() else package / "_rules"


@cache
def load_catalog(extra: tuple[Extra, ...] = ()) -> Catalog:
    """Our catalogue, and what the user adds. Raises :class:`SessionZeroError` for what a file says
    wrong."""
    return recall_catalog(BesideByteCode("knowledge"), extra)


def recall_catalog(store: Store, extra: tuple[Extra, ...] = ()) -> Catalog:
    """As :func:`load_catalog`, ours from ``store`` if the files are still the same: TOML takes most
    of the time."""
    apis, constants, sddl = _files(rules_directory())
    files = (*apis.items(), *constants.items(), *sddl.items())
    key = content_key(files, (__file__,), (Api, Knowledge, Vocabulary))
    return recall(store, key, lambda: know(apis, constants, sddl), Knowledge).index(extra)


def recall(store: Store, key: bytes, make: Callable[[], _Made], kind: type[_Made]) -> _Made:
    """What ``store`` has under a key, else what ``make`` makes: kept, then, for the next time."""
    kept = store.get_many([key]).get(key)
    if kept is not None:
        with suppress(msgspec.MsgspecError):  # a store is never trusted
            return msgspec.msgpack.decode(kept, type=kind)
    made = make()
    store.put_many([(key, msgspec.msgpack.encode(made))])
    return made


def content_key(
    files: Iterable[tuple[str, bytes]], code: Iterable[str], shapes: Iterable[type[Struct]]
) -> bytes:
    """Changes with any file (its name and content), with the modules that read them, and with the
    fields of what they are read into."""
    digest = hashlib.sha256()
    for module in code:
        with suppress(OSError):
            digest.update(Path(module).read_bytes())
    digest.update(repr([shape.__struct_fields__ for shape in shapes]).encode())
    for name, data in files:
        digest.update(f"\0{name}\0{len(data)}\0".encode() + data)
    return digest.digest()


def know(
    apis: Mapping[str, bytes], constants: Mapping[str, bytes], sddl: Mapping[str, bytes] = {}
) -> Knowledge:
    """What the files of ``rules/apis/``, the files of constants and the words of SDDL say, by name
    and content.

    Raises :class:`SessionZeroError` for what a file says wrong.
    """
    packs = {name: read_pack(name, data) for name, data in apis.items()}
    roles = frozenset(role for pack in packs.values() for role in pack.roles)
    known = frozenset("_").union(*(pack.parameters for pack in packs.values()))
    members = tuple(
        api
        for name, pack in packs.items()
        for group in pack.group
        for api in _members(name, group, roles, known)
    )
    numbers: dict[str, int] = {}
    texts: dict[str, str] = {}
    for name, data in constants.items():
        _add_constants(name, data, numbers, texts)
    bases = {name: above for pack in packs.values() for name, above in pack.bases.items()}
    words = [_vocabulary(name, data) for name, data in sddl.items()]
    types = {word: value for p in packs.values() for word, value in p.service_types.items()}
    return Knowledge(members, bases, numbers, texts, roles, known, types, *words)


def _vocabulary(file: str, data: bytes) -> Vocabulary:
    try:
        return msgspec.toml.decode(data, type=Vocabulary)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SessionZeroError(f"{file}: {error}") from error


def read_pack(file: str, data: bytes) -> Pack:
    """The content of a file of ``rules/apis/``; SessionZeroError if it isn't one."""
    try:
        return msgspec.toml.decode(data, type=Pack)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SessionZeroError(f"{file}: {error}") from error


def parse_signature(
    file: str, text: str, group: Group, form: Form, known: frozenset[str]
) -> Signature:
    """A signature taken apart; SessionZeroError if it is none, or a parameter isn't known."""
    match = (_COMMAND if form == "command" else _SIGNATURE).fullmatch(text)
    if match is None:
        raise SessionZeroError(
            f"{file}: {text!r} is no signature; write Name(role, role:keyword, _, ...)"
        )
    name, star, inside = match.groups()
    parts = [part.strip() for part in inside.split(",")] if inside and inside.strip() else []
    variadic = bool(parts) and parts[-1] == "..."
    if variadic:
        parts.pop()
    if group.language in get_args(ProgramLanguage):
        named = group.language == "python" or form == "structure"
        parameters = tuple(_parameter(file, text, part, known, named=named) for part in parts)
    else:
        parameters = tuple(_option(file, text, part, known) for part in parts)
    return Signature(name, _VARIANTS if star else _VARIANTS[:1], parameters, variadic)


def _members(
    file: str, group: Group, roles: frozenset[str], known: frozenset[str]
) -> Iterator[Api]:
    if group.role not in roles:
        _refuse(file, f"no role {group.role!r}", group.role, roles)
    lists: tuple[tuple[Form, tuple[str, ...]], ...] = (
        ("function", group.functions),
        ("method", group.methods),
        ("class", group.classes),
        ("structure", group.structures),
        ("command", group.commands),
    )
    if not any(signatures for _, signatures in lists):
        raise SessionZeroError(
            f"{file}: a group of {group.role!r} is empty; give it functions, methods, classes, "
            "structures or commands"
        )
    modules = (group.module,) if isinstance(group.module, str) else group.module
    for form, signatures in lists:
        for text in signatures:
            signature = parse_signature(file, text, group, form, known)
            for module in modules:
                yield from _apis(group, form, module or group.header, signature)


def _apis(group: Group, form: Form, module: str, signature: Signature) -> Iterator[Api]:
    owner, name = "", signature.name
    if form == "method":
        owner, _, name = name.rpartition("." if group.language == "python" else "::")
    for variant in signature.variants:
        yield Api(
            name=name + variant,
            family=name,
            owner=owner,
            form=form,
            role=group.role,
            kind=group.kind,
            language=group.language,
            module=module,
            library=group.library,
            framework=group.framework,
            effect=group.effect,
            parameters=signature.parameters,
            variadic=signature.variadic,
            begins=group.begins,
            runs=group.runs,
            installs=group.installs,
            senders=group.senders,
        )


def _parameter(file: str, text: str, part: str, known: frozenset[str], *, named: bool) -> Parameter:
    match = _PARAMETER.fullmatch(part)
    if match is None:
        raise SessionZeroError(f"{file}: {part!r} in {text!r} is no parameter; write role:keyword")
    role, keyword = match.groups()
    if role not in known:
        _refuse(file, f"no parameter {role!r} (in {text!r})", role, known)
    if keyword is not None and not named:
        raise SessionZeroError(f"{file}: {text!r}: only Python and structures have keywords")
    default = role if named and role != "_" else ""
    return Parameter(role, default if keyword is None else keyword)


def _option(file: str, text: str, part: str, known: frozenset[str]) -> Parameter:
    match = _OPTION.fullmatch(part)
    if match is None:
        raise SessionZeroError(f"{file}: {part!r} in {text!r} is no parameter; write role:option")
    role, keyword = match.groups()
    if role not in known and not role.startswith("="):
        _refuse(file, f"no parameter {role!r} (in {text!r})", role, known)
    return Parameter(role, keyword or "")


def _refuse(file: str, what: str, wrong: str, known: frozenset[str]) -> NoReturn:
    from difflib import get_close_matches

    near = get_close_matches(wrong, sorted(known), 1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(known))}"
    raise SessionZeroError(f"{file}: {what}; {hint}")


def _files(directory: Path) -> tuple[dict[str, bytes], ...]:
    apis = files_of(os.path.join(directory, "apis"), "", ".toml")
    others = (dict(files_of(str(directory), name, ".toml")) for name in ("constants", "sddl"))
    return dict(apis), *others


def files_of(directory: str, prefix: str, suffix: str) -> list[tuple[str, bytes]]:
    """The files of a directory whose names begin and end so, sorted, with their contents."""
    found: list[tuple[str, bytes]] = []
    for name in sorted(os.listdir(directory)):
        if name.startswith(prefix) and name.endswith(suffix):
            with open(os.path.join(directory, name), "rb", buffering=0) as file:
                found.append((name, file.read()))
    return found


def _add_constants(file: str, data: bytes, numbers: dict[str, int], texts: dict[str, str]) -> None:
    """Adds the numbers and the texts of a file, whatever tables they stand in."""
    try:
        tables = msgspec.toml.decode(data, type=dict[str, dict[str, int | str]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SessionZeroError(f"{file}: {error}") from error
    for table in tables.values():
        for name, value in table.items():
            if name in numbers or name in texts:
                raise SessionZeroError(f"{file}: {name} stands there twice; keep one")
            if isinstance(value, int):
                numbers[name] = value
            else:
                texts[name] = value
