"""Rules that users write themselves: a folder that is made like our own ``rules/``.

``<ID>-<name>.md`` is a page (:mod:`knowledge.rules`), and ``apis/*.toml`` says what is known of
functions (:mod:`knowledge.packs`), in new roles, too. Both are data: nothing in them is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from sessionzero.errors import SessionZeroError
from sessionzero.knowledge.packs import Extra, read_pack
from sessionzero.knowledge.rules import Rule, is_ours, parse_page

_PAGE = re.compile(r"[A-Za-z]{2,}\d{3}-.*\.md")
_LARGEST = 1 << 20  # bytes


class Own(Struct, frozen=True):
    """What folders of users hold."""

    rules: tuple[Rule, ...] = ()
    extras: tuple[Extra, ...] = ()


def read_own(folders: Sequence[Path]) -> Own:
    """The pages and functions in ``folders``. Raises :class:`SessionZeroError` with the file, what
    is wrong and what would be right."""
    return Own(
        tuple(rule for folder in folders for rule in _pages(folder)),
        tuple(extra for folder in folders for extra in _extras(folder)),
    )


def _pages(folder: Path) -> Iterator[Rule]:
    files = [file for file in _listed(folder) if _PAGE.fullmatch(file.name)]
    if not files and not (folder / "apis").is_dir():
        raise SessionZeroError(
            f"{folder}: holds no page of a rule, such as ACME001-modal-alert.md, and no apis/"
        )
    for file in files:
        try:
            rule = parse_page(file.name, _read(file).decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise SessionZeroError(f"{file}: is not UTF-8; save it as UTF-8") from error
        if is_ours(rule):
            raise SessionZeroError(
                f"{file}: ids that begin with SZ are ours; choose letters of your own: ACME001"
            )
        yield rule


def _extras(folder: Path) -> Iterator[Extra]:
    for file in _listed(folder / "apis") if (folder / "apis").is_dir() else ():
        if file.suffix == ".toml":
            pack = read_pack(str(file), _read(file))
            yield Extra(str(file), pack.group, frozenset(pack.roles))


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.is_file())
    except OSError as error:
        raise SessionZeroError(f"{folder}: can't be read: {error.strerror or error}") from error


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise SessionZeroError(f"{file}: can't be read: {error.strerror or error}") from error
    if len(data) > _LARGEST:
        raise SessionZeroError(f"{file}: is larger than 1 MiB, which no page is")
    return data
