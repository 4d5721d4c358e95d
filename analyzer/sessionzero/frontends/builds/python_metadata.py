"""``pyproject.toml`` and ``setup.cfg`` as targets: the programs that an installation makes.

References: PyPA, "Declaring project metadata" (``[project.scripts]``, ``gui-scripts``) and "Entry
points specification"; Poetry's ``[tool.poetry.scripts]``; setuptools, "declarative config".
"""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping

from sessionzero.facts import FileFacts, Subsystem
from sessionzero.frontends.builds.draft import Draft, Refused, facts

_OBJECT = re.compile(r"([A-Za-z_][\w.]*)\s*(?:[:\[].*)?")
_LINE = re.compile(r"line:? +(\d+)")
_MOST_DOTS = 400  # of a line: tomllib needs the square of their number

Table = Mapping[str, object]


def read(text: str, name: str) -> FileFacts:
    """A target for each command. Raises Refused if the file isn't TOML, or no INI file."""
    found = _pyproject(text) if name.lower().endswith(".toml") else _setup_cfg(text)
    drafts = []
    for command, value, subsystem in found:
        draft = Draft(command, "program", (0, len(text)), subsystem)
        draft.add_sources(module_paths(value))
        drafts += [draft] if draft.sources else []
    return facts(text, drafts)


def module_paths(reference: str) -> list[str]:
    """Where the module of ``package.module:function`` may stand, as a module or as a package."""
    match = _OBJECT.fullmatch(reference.strip())
    if match is None:
        return []
    path = match[1].strip(".").replace(".", "/")
    return [f"{top}{path}{end}" for top in ("", "src/") for end in (".py", "/__init__.py")]


Command = tuple[str, str, Subsystem]


def _pyproject(text: str) -> list[Command]:
    if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        raise Refused("a line holds too many dots", 0, "depth")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: an integer without end
        raise _refused(text, "not valid TOML", error) from error
    poetry = _table(_table(data, "tool"), "poetry")
    return [
        *_commands(_table(_table(data, "project"), "scripts"), "console"),
        *_commands(_table(_table(data, "project"), "gui-scripts"), "windows"),
        *_commands(_table(poetry, "scripts"), "console"),
    ]


def _table(data: Table, key: str) -> Table:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _commands(table: Table, subsystem: Subsystem) -> Iterator[Command]:
    for name, value in table.items():
        if isinstance(value, str):
            yield name, value, subsystem


def _setup_cfg(text: str) -> list[Command]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise _refused(text, "no valid configuration file", error) from error
    section = "options.entry_points"
    return [
        *entry_points(parser.get(section, "console_scripts", fallback="").split("\n"), "console"),
        *entry_points(parser.get(section, "gui_scripts", fallback="").split("\n"), "windows"),
    ]


def entry_points(lines: Iterable[str], subsystem: Subsystem) -> Iterator[Command]:
    """The commands in lines ``name = package.module:function``."""
    for line in lines:
        name, equals, value = line.partition("=")
        if equals:
            yield name.strip(), value.strip(), subsystem


def _refused(text: str, what: str, error: Exception) -> Refused:
    known = _LINE.search(str(error))
    number = int(known[1]) if known else 1
    lines = text.split("\n")[: number - 1]
    at = min(sum(len(line) + 1 for line in lines), len(text))
    reason = str(error).partition("\n")[0] if not known else ""
    return Refused(f"{what}{f' ({reason})' if reason else ''}", at)
