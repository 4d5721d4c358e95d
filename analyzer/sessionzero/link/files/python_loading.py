"""What Python loads by a name in a string: a DLL through ctypes or cffi, a module through
importlib."""

from __future__ import annotations

from sessionzero.facts import Call, Expr, Name, Result, Sequence, Text
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import Unit

_LOADERS = ("WinDLL", "CDLL", "OleDLL", "PyDLL", "LoadLibrary")
LIBRARIES = ("ctypes.windll", "ctypes.cdll", "ctypes.oledll")  # how a DLL's functions are called
_PROTOTYPES = ("ctypes.WINFUNCTYPE()", "ctypes.CFUNCTYPE()")
_MODULES = ("importlib.import_module", "builtins.__import__")


def text_of(expr: Expr, unit: Unit, index: ProgramIndex) -> str:
    """The string that an expression is: a literal, or the only value of a name of the file."""
    match expr:
        case Text(value):
            return value
        case Name(name):
            writes = [w for w in index.writes.get(name, ()) if w.unit == unit.index]
            bound = index.binding(writes[0]).value if len(writes) == 1 else None
            return bound.value if isinstance(bound, Text) else ""
        case Result(call):  # ctypes.util.find_library("user32")
            made = unit.facts.calls[call]
            finds = getattr(made.callee, "name", "") == "find_library"
            return _first_text(made, unit, index) if finds else ""
        case _:
            return ""


def _first_text(call: Call, unit: Unit, index: ProgramIndex) -> str:
    return text_of(call.arguments[0].value, unit, index) if call.arguments else ""


def library(dotted: str, call: Call, unit: Unit, index: ProgramIndex) -> str:
    """``ctypes.windll.user32`` for ``ctypes.WinDLL("user32")`` and its relatives, of cffi too
    (cffi.readthedocs.io, "ffi.dlopen()"); else empty."""
    head, _, loader = dotted.rpartition(".")
    loads = head in ("ctypes", *LIBRARIES) and loader in _LOADERS
    if not loads and dotted != "cffi.FFI().dlopen":
        return ""
    name = _first_text(call, unit, index)
    return f"ctypes.windll.{library_name(name)}" if name else ""


def library_name(name: str) -> str:
    """``user32`` for ``C:\\Windows\\System32\\USER32.DLL``."""
    return name.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".dll")


def module(dotted: str, call: Call, unit: Unit, index: ProgramIndex) -> str:
    """The module that ``importlib.import_module("win32api")`` loads; else empty."""
    return _first_text(call, unit, index) if dotted in _MODULES else ""


def prototyped(dotted: str, call: Call) -> tuple[str, Expr] | None:
    """The function's name and the library of ``prototype(("MessageBoxW", windll.user32))``."""
    first = call.arguments[0].value if call.arguments else None
    if dotted in _PROTOTYPES and isinstance(first, Sequence) and len(first.items) == 2:
        name, source = (item.value for item in first.items)
        if isinstance(name, Text):
            return name.value, source
    return None


def member_by_key(dotted: str, key: str) -> str:
    """``windll["user32"]``, ``windll.user32["MessageBoxW"]``; empty for other containers."""
    if key and dotted in LIBRARIES:
        return f"{dotted}.{library_name(key)}"
    return f"{dotted}.{key}" if key and dotted.rpartition(".")[0] in LIBRARIES else ""
