"""A store of bytes by key that makes a second run quick, and never makes it wrong or fail.

One SQLite file in the user's cache folder, shared by all processes. Whatever is the matter with
it (read-only, locked, full, not ours), there is no cache then; a broken one is thrown away.
"""

from __future__ import annotations

import hashlib
import os
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from sqlite3 import Connection

FILE_NAME = "facts.sqlite3"
LIMIT = 500 << 20  # bytes that the file may hold when a run ends
PATIENCE = 2.0  # seconds to wait for another process

_APPLICATION = 0x53455330  # "SES0" tells our file from somebody else's
_KEYS_PER_QUERY = 500
_SECONDS_PER_DAY = 86_400

_Answer = TypeVar("_Answer")


class _NotOurs(OSError):
    """The file is a database of another program."""


def key(version: str, language: str, data: bytes) -> bytes:
    """The key of what the front-end of that version makes of the bytes of a file."""
    return hashlib.sha256(f"{version}\0{language}\0".encode() + data).digest()


def open_cache(enabled: bool, *, limit: int = LIMIT, patience: float = PATIENCE) -> Cache:
    """The cache of this user, to be used in a ``with``; one without entries if not ``enabled``.

    It stands in the folder that SESSIONZERO_CACHE_DIR names, or where the system keeps caches.
    """
    if not enabled:
        return Cache(None, None, limit)
    path = _folder() / FILE_NAME
    return Cache(path, _open(path, patience), limit)


def _folder() -> Path:
    if named := os.environ.get("SESSIONZERO_CACHE_DIR"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("sessionzero", appauthor=False)


def _open(path: Path, patience: float) -> Connection | None:
    import sqlite3

    try:
        try:
            return _connect(path, patience)
        except sqlite3.Error as error:
            if not _is_broken(error):
                raise
            _throw_away(path)
            return _connect(path, patience)
    except (OSError, sqlite3.Error):
        return None


def _connect(path: Path, patience: float) -> Connection:
    """A connection to our database, which is made if need be. Raises sqlite3.Error, OSError."""
    import sqlite3

    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        connection.execute("BEGIN")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.execute("COMMIT")
        if application != _APPLICATION:
            if application or tables:
                raise _NotOurs(path)
            _create(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: Connection) -> None:
    """Makes the tables in an empty database, as another process may be doing just now."""
    import sqlite3

    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only heeded before the first table
    with suppress(sqlite3.OperationalError):  # the other one is at it, and SQLite doesn't wait
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS entries"
        " (key BLOB PRIMARY KEY, value BLOB NOT NULL, checksum INTEGER NOT NULL,"
        " day INTEGER NOT NULL)"
    )
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute("COMMIT")


def _is_broken(error: Exception) -> bool:
    # SQLITE_CORRUPT and SQLITE_NOTADB, the low byte of an extended code
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (11, 26)


def _throw_away(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _checksum(name: bytes, value: bytes) -> int:
    return zlib.crc32(value, zlib.crc32(name))


def _today() -> int:
    return int(time.time()) // _SECONDS_PER_DAY


def _select(connection: Connection, keys: Sequence[bytes]) -> list[tuple[bytes, bytes, int]]:
    """The sound entries among the keys: key, value, day of their last use."""
    found: list[tuple[bytes, bytes, int]] = []
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        some = keys[start : start + _KEYS_PER_QUERY]
        marks = ",".join("?" * len(some))
        rows = connection.execute(
            f"SELECT key, value, checksum, day FROM entries WHERE key IN ({marks})", some
        )
        found += (
            (name, value, day)
            for name, value, checksum, day in rows
            if checksum == _checksum(name, value)
        )
    return found


def _insert(connection: Connection, items: Iterable[tuple[bytes, bytes]]) -> None:
    today = _today()
    rows = [(name, value, _checksum(name, value), today) for name, value in items]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


def _touch(connection: Connection, keys: Iterable[bytes]) -> None:
    today = _today()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "UPDATE entries SET day = ? WHERE key = ?", [(today, name) for name in keys]
    )
    connection.execute("COMMIT")


def _prune(connection: Connection, limit: int) -> None:
    """Drops what was not used for longest if the file holds more than ``limit`` bytes."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    used = (pages - free) * size
    if used <= limit:
        return
    (values,) = connection.execute("SELECT sum(length(value)) FROM entries").fetchone()
    # Down to four fifths of the limit, or every run from now on would have to prune.
    connection.execute(
        "DELETE FROM entries WHERE rowid IN (SELECT rowid FROM"
        " (SELECT rowid, sum(length(value)) OVER (ORDER BY day DESC, rowid DESC) AS newer"
        " FROM entries) WHERE newer > ?)",
        (values * limit * 4 // (used * 5),),
    )
    connection.executescript("PRAGMA incremental_vacuum")  # execute() would free one page


class Cache:
    """An open cache. Whatever happens to its file, no method raises: it holds nothing then."""

    def __init__(self, path: Path | None, connection: Connection | None, limit: int) -> None:
        self._path = path
        self._connection = connection
        self._limit = limit
        self._used_again: set[bytes] = set()

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that there are."""
        found = self._try(lambda connection: _select(connection, keys)) or ()
        # Reading stays free of writing: days of use are noted once, in the end.
        today = _today()
        self._used_again.update(name for name, _, day in found if day != today)
        return {name: value for name, value, _ in found}

    def put_many(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Stores values by their keys, in one short transaction."""
        self._try(lambda connection: _insert(connection, items))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._used_again:
            self._try(lambda connection: _touch(connection, self._used_again))
        self._try(lambda connection: _prune(connection, self._limit))
        self._close()

    def _try(self, work: Callable[[Connection], _Answer]) -> _Answer | None:
        if self._connection is None:
            return None
        import sqlite3

        try:
            return work(self._connection)
        except sqlite3.Error as error:
            # One failure ends it, or a locked file would cost its patience at every call.
            self._close()
            if self._path and _is_broken(error):
                with suppress(OSError):
                    _throw_away(self._path)
            return None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
