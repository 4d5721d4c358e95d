"""The cache gives back what was put in, or nothing; it never fails."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sessionzero.cache import FILE_NAME, key, open_cache

ITEMS = {key("1", "c", bytes([number])): bytes([number]) * 1_000 for number in range(200)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache, which is not there yet."""
    monkeypatch.setenv("SESSIONZERO_CACHE_DIR", str(tmp_path / "cache/here"))
    return tmp_path / "cache/here"


def put(items: dict[bytes, bytes]) -> None:
    with open_cache(True) as cache:
        cache.put_many(items.items())


def get(keys: list[bytes]) -> dict[bytes, bytes]:
    with open_cache(True) as cache:
        return cache.get_many(keys)


def damage(file: Path, start: int, length: int) -> None:
    with file.open("r+b") as stream:
        stream.seek(start)
        stream.write(b"\xa5" * length)


@pytest.mark.usefixtures("folder")
def test_what_was_put_comes_back_in_the_next_run() -> None:
    put(ITEMS)
    some = [*ITEMS][:150]
    assert get([*some, b"unknown"]) == {name: ITEMS[name] for name in some}


@pytest.mark.usefixtures("folder")
def test_more_keys_than_a_query_takes() -> None:
    many = {key("1", "c", str(number).encode()): b"x" for number in range(1_234)}
    put(many)
    assert get([*many]) == many


@pytest.mark.usefixtures("folder")
def test_later_value_replaces_an_earlier_one() -> None:
    put({b"k": b"old"})
    put({b"k": b""})
    assert get([b"k"]) == {b"k": b""}


def test_disabled_cache_holds_nothing_and_makes_no_file(folder: Path) -> None:
    with open_cache(False) as cache:
        cache.put_many([(b"k", b"v")])
        assert cache.get_many([b"k"]) == {}
    assert not folder.exists()


def test_key_tells_version_language_and_content_apart() -> None:
    keys = {key(*parts) for parts in (("1", "c", b"x"), ("2", "c", b"x"), ("1", "c++", b"x"))}
    assert len(keys | {key("1", "c", b"y"), key("1", "", b"c\0x")}) == 5
    assert all(len(name) == 32 for name in keys)


@pytest.mark.parametrize("content", [b"not a database " * 500, b"SQLite format 3\0" + b"\xff" * 90])
def test_broken_file_is_replaced(content: bytes, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / FILE_NAME).write_bytes(content)
    put(ITEMS)
    assert get([*ITEMS]) == ITEMS


def test_damaged_pages_give_no_wrong_value_and_mend_themselves(folder: Path) -> None:
    for start in range(0, 40_000, 4_000):
        put(ITEMS)
        damage(folder / FILE_NAME, start + 100, 3_000)
        assert get([*ITEMS]).items() <= ITEMS.items()
        (folder / FILE_NAME).unlink(missing_ok=True)


def test_damaged_value_is_missing(folder: Path) -> None:
    put({b"k": b"value" * 300})
    file = folder / FILE_NAME
    damage(file, file.read_bytes().index(b"valuevalue"), 3)
    assert get([b"k"]) == {}


def test_database_of_another_program_is_left_alone(folder: Path) -> None:
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE entries (mine)")
    before = (folder / FILE_NAME).read_bytes()
    put(ITEMS)
    assert get([*ITEMS]) == {}
    assert (folder / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("obstacle", ["folder", "parent"])
def test_no_cache_where_there_can_be_none(obstacle: str, folder: Path) -> None:
    if obstacle == "folder":
        (folder / FILE_NAME).mkdir(parents=True)
    else:
        folder.parent.write_bytes(b"a file where the folder should be")
    put(ITEMS)
    assert get([*ITEMS]) == {}


def test_locked_file_is_read_but_not_waited_for(folder: Path) -> None:
    put({b"k": b"v"})
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with open_cache(True, patience=0) as cache:
            assert cache.get_many([b"k"]) == {b"k": b"v"}
            cache.put_many([(b"new", b"v")])
            assert cache.get_many([b"k"]) == {}
    assert get([b"k", b"new"]) == {b"k": b"v"}


def _day_of_use(folder: Path, name: bytes, day: int | None = None) -> int:
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
        if day is not None:
            connection.execute("UPDATE entries SET day = ? WHERE key = ?", (day, name))
        row = connection.execute("SELECT day FROM entries WHERE key = ?", (name,)).fetchone()
        return int(row[0])


def test_pruning_drops_what_was_not_used_for_longest(folder: Path) -> None:
    first, second, *_, last = ITEMS
    put(ITEMS)
    today = _day_of_use(folder, first)
    for name in ITEMS:
        _day_of_use(folder, name, day=today - 2)
    get([first])
    assert _day_of_use(folder, first) == today
    limit = (folder / FILE_NAME).stat().st_size // 2
    with open_cache(True, limit=limit):
        pass
    left = get([*ITEMS])
    assert first in left
    assert last in left
    assert second not in left
    assert (folder / FILE_NAME).stat().st_size <= limit


WRITER = """
import sys
from sessionzero.cache import key, open_cache
sys.stdin.read(1)
with open_cache(True) as cache:
    for number in range(20):
        cache.put_many([(key(sys.argv[1], "c", b"%d" % number), sys.argv[1].encode() * 500)])
"""


def test_processes_write_at_the_same_time(folder: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, name], env=_environment(), stdin=-1)
        for name in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"!")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    expected = {
        key(name, "c", b"%d" % number): name.encode() * 500
        for name in ("one", "two")
        for number in range(20)
    }
    assert folder.exists()
    assert get([*expected]) == expected


USER_WITHOUT_RIGHTS = """
import os, sqlite3
from sessionzero.cache import open_cache
if os.geteuid() == 0:  # whom no right of a folder binds
    os.seteuid(65534)
with open_cache(True) as cache:
    cache.put_many([(b"new", b"v")])
    print(cache.get_many([b"new"]))
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the rights of Unix")
def test_read_only_folder_is_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    with TemporaryDirectory() as folder:  # unlike tmp_path, it stands where all may enter
        monkeypatch.setenv("SESSIONZERO_CACHE_DIR", folder)
        put({b"k": b"v"})
        Path(folder).chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", USER_WITHOUT_RIGHTS],
            env=_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        Path(folder).chmod(0o755)
        assert (done.stdout, done.stderr) == ("{}\n", "")
        assert get([b"k", b"new"]) == {b"k": b"v"}


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
