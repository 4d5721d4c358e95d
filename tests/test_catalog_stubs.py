"""The Python part of the catalogue against the stubs of pywin32 and the standard library."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import NamedTuple

import pytest

from sessionzero.knowledge.catalog import Api
from sessionzero.knowledge.packs import load_catalog

DIRECTORIES = ("win32-stubs", "win32-stubs/lib", "pythonwin-stubs", "_win32typing-stubs")
# Where the stubs of a module stand, if not in a file of its name there.
STUBS: Mapping[str, str] = {
    "win32com.client": "win32com-stubs/client/__init__.pyi",
    "win32com.client.gencache": "win32com-stubs/client/gencache.pyi",
    "win32com.shell.shell": "win32comext-stubs/shell/shell.pyi",
    "win32comext.shell.shell": "win32comext-stubs/shell/shell.pyi",
    "winxpgui": "win32-stubs/win32gui.pyi",  # which it replaces
}
# The stubs give these no parameters; they take those of DialogBox and one more.
WITHOUT_PARAMETERS = {"DialogBoxIndirectParam", "DialogBoxParam"}

# What the name of a parameter in the stub looks like, for roles whose mix-up would matter.
WORDS: Mapping[str, str] = {
    "access": "access|sam|mask",
    "account": "name|user|acct",
    "callback": "callback|func|entry|proc|handler",
    "command_line": "cmd|command|param",
    "flags": "flag|style|options|type|dwcre|mask",
    "handler": "callback|handler",
    "hwnd": "wnd|parent|owner|child",
    "interactive": "interactive",
    "lparam": "lparam|data",
    "msg": "msg|message",
    "name": "name|file|string|src|desktop|station|winsta|printer|filter|device",
    "parent": "parent|owner|hwnd",
    "security": "attributes|sa|security",
    "session": "session",
    "style": "style|flags|type",
    "text": "text|message|msg",
    "title": "title|caption|name",
    "token": "token|handle|user",
    "wparam": "wparam|data",
}

STDLIB = (
    "asyncio",
    "atexit",
    "builtins",
    "concurrent.futures",
    "ctypes",
    "functools",
    "getpass",
    "multiprocessing",
    "multiprocessing.connection",
    "multiprocessing.managers",
    "multiprocessing.shared_memory",
    "os",
    "os.path",
    "pathlib",
    "sched",
    "signal",
    "subprocess",
    "threading",
    "webbrowser",
)
# There on Windows only.
WINDOWS_ONLY = {
    "ctypes.OleDLL",
    "ctypes.WinDLL",
    "ctypes.WINFUNCTYPE",
    "os.startfile",
    "subprocess.STARTUPINFO",
}
PYTHON2_ONLY = {"builtins.raw_input", "builtins.unicode"}
WINDOWS_OBJECTS = {"oledll", "windll"}


class Stub(NamedTuple):
    """The parameters of a function in a stub, without self."""

    positional_only: tuple[str, ...]
    others: tuple[str, ...]
    variadic: bool

    @property
    def names(self) -> tuple[str, ...]:
        return self.positional_only + self.others


@cache
def stub_files() -> Mapping[str, Path]:
    try:
        listed = files("types-pywin32") or ()
    except PackageNotFoundError:
        pytest.fail("types-pywin32 is missing: install the extra [dev]")
    return {str(file): Path(str(file.locate())) for file in listed if file.suffix == ".pyi"}


@cache
def stub(module: str) -> Mapping[str, Stub] | None:
    """The functions, and ``Class.method``, that the stub of a module declares; None without one."""
    for name in (STUBS.get(module, ""), *(f"{d}/{module}.pyi" for d in DIRECTORIES)):
        if name in stub_files():
            tree = ast.parse(stub_files()[name].read_text("utf-8"))
            return dict(_declared(tree.body, ""))
    return None


def _declared(body: list[ast.stmt], owner: str) -> Iterator[tuple[str, Stub]]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield owner + node.name, _parameters(node.args, method=bool(owner))
        elif isinstance(node, ast.ClassDef):
            yield owner + node.name, Stub((), (), True)
            yield from _declared(node.body, f"{owner}{node.name}.")
        elif isinstance(node, ast.If):
            yield from _declared(node.body, owner)


def _parameters(args: ast.arguments, *, method: bool) -> Stub:
    only = [argument.arg for argument in args.posonlyargs]
    others = [argument.arg for argument in args.args]
    if method:
        del (only or others)[:1]
    return Stub(tuple(only), tuple(others), args.vararg is not None)


def checked() -> Iterator[tuple[Api, Stub]]:
    for api in load_catalog().apis:
        declared = stub(api.module) if api.language == "python" else None
        name = f"{api.owner}.{api.name}" if api.owner else api.name
        if declared is not None and name in declared:
            yield api, declared[name]


def test_each_function_of_pywin32_is_in_the_stubs() -> None:
    unknown = set()
    for api in load_catalog().apis:
        declared = stub(api.module) if api.language == "python" else None
        name = f"{api.owner}.{api.name}" if api.owner else api.name
        if declared is not None and name not in declared:
            unknown.add(api.dotted)
    assert not unknown


def test_no_signature_has_more_parameters_than_the_stub() -> None:
    wrong = [
        f"{api.dotted}: {len(api.parameters)} > {stub.names}"
        for api, stub in checked()
        if len(api.parameters) > len(stub.names)
        and not stub.variadic
        and api.name not in WITHOUT_PARAMETERS
    ]
    assert not wrong


def test_keywords_are_those_of_the_stub() -> None:
    wrong = [
        f"{api.dotted}: {parameter.keyword} is {name}"
        for api, stub in checked()
        for number, (parameter, name) in enumerate(zip(api.parameters, stub.names, strict=False))
        if number >= len(stub.positional_only) and parameter.keyword not in ("", name)
    ]
    assert not wrong


def test_parameters_have_the_meaning_of_the_stub() -> None:
    wrong = [
        f"{api.dotted}: {parameter.role} is {name}"
        for api, stub in checked()
        for parameter, name in zip(api.parameters, stub.names, strict=False)
        if not re.search(WORDS.get(parameter.role, ""), name, re.IGNORECASE)
    ]
    assert not wrong


def test_the_stubs_were_found() -> None:
    assert len(list(checked())) > 150


@pytest.mark.parametrize("module", STDLIB)
def test_keywords_are_those_of_the_standard_library(module: str) -> None:
    wrong = []
    for api in load_catalog().apis:
        if api.language == "python" and api.module == module:
            names = _signature(api)
            for number, parameter in enumerate(api.parameters):
                if names is not None and parameter.keyword not in ("", *names[number : number + 1]):
                    wrong.append(f"{api.dotted}: {parameter.keyword} is not in {names}")
    assert not wrong


def _signature(api: Api) -> list[str] | None:
    """The names of the parameters by position; None if they are handed on to something else, are
    written in C, or are there on Windows or in Python 2 only."""
    if api.dotted in WINDOWS_ONLY | PYTHON2_ONLY or WINDOWS_OBJECTS & {api.owner, api.name}:
        return None
    found: Callable[..., object] | object = import_module(api.module)
    for name in (*api.owner.split("."), api.name):
        found = getattr(found, name) if name else found
    if not callable(found):
        return None  # an object such as ctypes.cdll
    try:
        parameters = list(inspect.signature(found).parameters.values())
    except ValueError:
        return None
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters):
        return None
    names = [p.name for p in parameters]
    return names[1:] if names[:1] == ["self"] else names
