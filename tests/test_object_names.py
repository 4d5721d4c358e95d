"""The names of kernel objects: which namespace a name asks for, and what a literal has lost."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sessionzero.link.values.object_names import (
    ObjectName,
    destroyed_prefix,
    parse,
    relies_on_unknown_escape,
)

GLOBAL, LOCAL = "Global\\", "Local\\"

# Name → what it asks for. All are whole names.
NAMES: Mapping[str, ObjectName] = {
    "": ObjectName("empty", ""),
    "Agent": ObjectName("bare", "Agent"),
    "Agent.Ready-1 (x)": ObjectName("bare", "Agent.Ready-1 (x)"),
    "äöü": ObjectName("bare", "äöü"),
    "Global": ObjectName("bare", "Global"),
    "local": ObjectName("bare", "local"),
    "GlobalAgent": ObjectName("bare", "GlobalAgent"),
    "Globalisation": ObjectName("bare", "Globalisation"),
    "LocalService": ObjectName("bare", "LocalService"),
    "a/b": ObjectName("bare", "a/b"),
    "Global\\Agent": ObjectName("global", "Agent"),
    "Global\\Agent/1": ObjectName("global", "Agent/1"),
    "Local\\Agent": ObjectName("local", "Agent"),
    "Session\\1\\Agent": ObjectName("session", "1\\Agent"),
    "Global\\": ObjectName("empty", ""),
    "global\\Agent": ObjectName("malformed", "Agent", GLOBAL),
    "GLOBAL\\Agent": ObjectName("malformed", "Agent", GLOBAL),
    "local\\Agent": ObjectName("malformed", "Agent", LOCAL),
    "Global/Agent": ObjectName("malformed", "Agent", GLOBAL),
    "Global:Agent": ObjectName("malformed", "Agent", GLOBAL),
    "Global \\Agent": ObjectName("malformed", "Agent", GLOBAL),
    "\\Global\\Agent": ObjectName("malformed", "Agent", GLOBAL),
    "\\\\Global\\Agent": ObjectName("malformed", "Agent", GLOBAL),
    "Globl\\Agent": ObjectName("malformed", "Agent", GLOBAL),
    "Gloabl\\Agent": ObjectName("malformed", "Agent", GLOBAL),
    "Locals\\Agent": ObjectName("malformed", "Agent", LOCAL),
    "Global\\\\Agent": ObjectName("directory", "Agent", GLOBAL),
    "Company\\Agent": ObjectName("directory", "Company\\Agent"),
    "\\BaseNamedObjects\\Agent": ObjectName("native", "\\BaseNamedObjects\\Agent"),
    "\\Sessions\\1\\BaseNamedObjects\\A": ObjectName(
        "native", "\\Sessions\\1\\BaseNamedObjects\\A"
    ),
    "\\\\.\\pipe\\Agent": ObjectName("native", "\\\\.\\pipe\\Agent"),
}

# Beginning of a name → what it asks for, whatever follows.
BEGINNINGS: Mapping[str, ObjectName] = {
    "Agent": ObjectName("bare", "Agent"),
    "Global\\": ObjectName("global", ""),
    "Global\\Agent": ObjectName("global", "Agent"),
    "Local\\": ObjectName("local", ""),
    "Session\\": ObjectName("session", ""),
    "global\\": ObjectName("malformed", "", GLOBAL),
    "Global": ObjectName("bare", "Global"),
}


@pytest.mark.parametrize(("text", "name"), NAMES.items(), ids=[name or "-" for name in NAMES])
def test_whole_name(text: str, name: ObjectName) -> None:
    assert parse(text, whole=True) == name


@pytest.mark.parametrize(("text", "name"), BEGINNINGS.items(), ids=BEGINNINGS)
def test_beginning_of_a_name(text: str, name: ObjectName) -> None:
    assert parse(text, whole=False) == name


# --- Escapes: a literal's spelling, its value, and the prefix that it has lost ----------------------

LITERALS: Mapping[str, tuple[str, str, str]] = {
    "tab": (r'L"Global\tray"', "Global\tray", GLOBAL),
    "unknown-escape-of-c": (r'"Global\My"', "GlobalMy", GLOBAL),
    "local-newline": (r'TEXT("Local\new")', "Local\new", LOCAL),
    "single-quotes": (r"'Global\test'", "Global\test", GLOBAL),
    "escaped-backslash": (r'L"Global\\tray"', r"Global\tray", ""),
    "python-raw": (r'r"Global\tray"', r"Global\tray", ""),
    "cpp-raw": (r'LR"(Global\tray)"', r"Global\tray", ""),
    "python-unknown-escape-survives": (r'"Global\My"', r"Global\My", ""),
    "no-prefix": (r'"Agent\tray"', "Agent\tray", ""),
    "not-at-the-beginning": (r'"the Global\tray"', "the Global\tray", ""),
    "no-literal": ("", "Global\tray", ""),
}


@pytest.mark.parametrize(("raw", "value", "prefix"), LITERALS.values(), ids=LITERALS)
def test_prefix_that_an_escape_destroyed(raw: str, value: str, prefix: str) -> None:
    assert destroyed_prefix(raw, value) == prefix


SURVIVES: Mapping[str, tuple[str, str, bool]] = {
    "unknown-escape": (r'"Global\My"', r"Global\My", True),
    "unknown-escape-in-single-quotes": (r"'Local\My'", r"Local\My", True),
    "escaped-backslash": (r'"Global\\My"', r"Global\My", False),
    "raw": (r'r"Global\My"', r"Global\My", False),
    "raw-bytes": (r'Rb"Global\My"', r"Global\My", False),
    "destroyed": (r'"Global\tray"', "Global\tray", False),
}


@pytest.mark.parametrize(("raw", "value", "relies"), SURVIVES.values(), ids=SURVIVES)
def test_prefix_that_relies_on_an_unknown_escape(raw: str, value: str, relies: bool) -> None:
    assert relies_on_unknown_escape(raw, value) == relies
