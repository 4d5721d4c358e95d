"""What a project says about itself in ``sessionzero.toml``, or in ``pyproject.toml`` under
``[tool.sessionzero]``: data that corrects what was understood, never code."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from sessionzero.errors import SessionZeroError
from sessionzero.sources.files import SourceFile
from sessionzero.sources.globs import Globs, globs, is_pattern

FailOn = Literal["error", "warning", "note", "never"]
FILE, SHARED_FILE = "sessionzero.toml", "pyproject.toml"
_MAX_BYTES = 1 << 20
_KEY = re.compile(r"at `\$\.?(?:\[\.\.\.\])?([\w-]*)")


class Settings(Struct, frozen=True, rename="kebab"):
    """The keys of the table. Patterns are those of a ``.gitignore`` that stands beside it; what
    ``apis`` holds is judged by :mod:`knowledge.extras`."""

    services: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: FailOn = "warning"
    assume_service: bool = False
    per_path_ignores: dict[str, tuple[str, ...]] = {}
    apis: tuple[dict[str, Any], ...] = ()
    rules: tuple[str, ...] = ()


# What each key must be, for whoever wrote something else.
WANTED: Mapping[str, str] = {
    "services": 'a list of patterns, such as ["service/**"]',
    "clients": 'a list of patterns, such as ["tray/**"]',
    "exclude": 'a list of patterns, such as ["third_party/"]',
    "select": 'a list of rules, such as ["SZUI", "SZNAME001"]',
    "ignore": 'a list of rules, such as ["SZUI", "SZNAME001"]',
    "fail-on": 'one of "error", "warning", "note", "never"',
    "assume-service": "true or false",
    "per-path-ignores": 'a table of patterns with lists of rules, such as "old/**" = ["SZUI001"]',
    "apis": "a list of tables, each under [[apis]] (in pyproject.toml [[tool.sessionzero.apis]])",
    "rules": 'a list of folders with pages of rules, such as ["lint/rules"]',
}


class Config(Struct, frozen=True):
    """The settings of a run; ``file`` is the path of the file as it is shown, empty if there is
    none, and ``folder`` where it stands on this machine."""

    settings: Settings = Settings()
    file: str = ""
    folder: str = ""

    def globs(self, patterns: Sequence[str]) -> Globs:
        """The patterns as they stand in the folder of the file."""
        return globs(patterns, self.folder)

    @property
    def excluded(self) -> Globs | None:
        """What a walk leaves out."""
        return self.globs(self.settings.exclude) if self.settings.exclude else None

    @property
    def rule_folders(self) -> tuple[Path, ...]:
        """Where pages of rules stand that users have written."""
        return tuple(Path(self.folder, name) for name in self.settings.rules)

    def covered(self, patterns: Sequence[str], files: Iterable[SourceFile]) -> frozenset[str]:
        """The paths of the files that the patterns mean."""
        if not patterns:
            return frozenset()
        meant = self.globs(patterns)
        return frozenset(file.path for file in files if meant.cover(file.location))

    def rule_words(self) -> Iterator[tuple[str, str]]:
        """Each word that should name a rule, with its key."""
        settings = self.settings
        ignored = (word for words in settings.per_path_ignores.values() for word in words)
        for key, words in (
            ("select", settings.select),
            ("ignore", settings.ignore),
            ("per-path-ignores", ignored),
        ):
            yield from ((key, word) for word in words)


NONE = Config()


def load_config(file: str | Path) -> Config:
    """The configuration in a file. Raises SessionZeroError for what a user must mend."""
    table = _table(Path(file), str(file))
    if table is None:
        raise SessionZeroError(f"{file}: there is no table [tool.sessionzero] in it")
    return Config(_settings(table, str(file)), str(file), _folder_of(file))


def find_config(paths: Sequence[str | Path], *, root: Path) -> Config:
    """The nearest configuration above the paths, as far as their repository goes; where there is
    none, as far as ``root``. Raises SessionZeroError if it can't be used."""
    for folder in _folders(paths, os.path.abspath(root)):
        for name in (FILE, SHARED_FILE):
            file = Path(folder, name)
            shown = _shown(file, root)
            table = _table(file, shown) if file.is_file() else None
            if table is not None:
                return Config(_settings(table, shown), shown, _folder_of(file))
    return NONE


def _folder_of(file: str | Path) -> str:
    return os.path.dirname(os.path.abspath(file))


def _shown(file: Path, root: Path) -> str:
    try:
        return os.path.relpath(file, root).replace(os.sep, "/")
    except ValueError:  # another drive of Windows
        return str(file)


def _folders(paths: Sequence[str | Path], root: str) -> list[str]:
    """Where to look, the nearest first."""
    try:
        start = os.path.commonpath([os.path.abspath(path) for path in paths])
    except ValueError:  # different drives of Windows
        return []
    start = start if os.path.isdir(start) else os.path.dirname(start)
    above = [start, *map(str, Path(start).parents)]
    top = next((folder for folder in above if os.path.lexists(os.path.join(folder, ".git"))), root)
    return above[: above.index(top) + 1] if top in above else [start]


def _table(file: Path, shown: str) -> dict[str, Any] | None:
    """The table of a file; None if a ``pyproject.toml`` has none."""
    try:
        if not file.is_file():
            raise SessionZeroError(f"{shown}: there is no such file")
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise SessionZeroError(f"{shown}: cannot be read: {error.strerror or error}") from error
    if len(data) > _MAX_BYTES:
        raise SessionZeroError(f"{shown}: is larger than 1 MiB, which no configuration is")
    shared = file.name == SHARED_FILE
    import tomllib

    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        if shared and b"sessionzero" not in data:
            return None  # a fault of others, which other tools report
        raise SessionZeroError(f"{shown}: is not TOML: {error}") from error
    return _shared_table(document, shown) if shared else document


def _shared_table(document: dict[str, Any], shown: str) -> dict[str, Any] | None:
    tools = document.get("tool")
    table = tools.get("sessionzero") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SessionZeroError(f"{shown}: 'tool.sessionzero' must be a table, [tool.sessionzero]")
    return table


def _settings(table: dict[str, Any], file: str) -> Settings:
    for key in table:
        if key not in WANTED:
            from difflib import get_close_matches

            near = get_close_matches(key.replace("_", "-").lower(), WANTED, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(WANTED)}"
            raise SessionZeroError(f"{file}: no key '{key}'; {hint}")
    try:
        settings = msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        found = _KEY.search(str(error))
        key = found[1] if found else ""
        raise SessionZeroError(f"{file}: '{key}' must be {WANTED[key]}") from error
    _refuse_bad_patterns(settings, file)
    return settings


def _refuse_bad_patterns(settings: Settings, file: str) -> None:
    for key, patterns in (
        ("services", settings.services),
        ("clients", settings.clients),
        ("exclude", settings.exclude),
        ("per-path-ignores", settings.per_path_ignores),
    ):
        for pattern in patterns:
            if not is_pattern(pattern):
                raise SessionZeroError(
                    f"{file}: '{key}': '{pattern}' matches nothing; write a pattern as in "
                    ".gitignore, such as 'folder/**'"
                )
