"""What is kept beside the byte code: one value by its key, only where Python keeps byte code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sessionzero.knowledge.compiled import BesideByteCode

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path


def test_what_was_put_is_there_for_the_next_process() -> None:
    BesideByteCode("it").put_many([(KEY, b"value")])
    assert BesideByteCode("it").get_many([KEY]) == {KEY: b"value"}


def test_a_value_of_other_files_is_not_given() -> None:
    BesideByteCode("it").put_many([(OTHER, b"value")])
    assert BesideByteCode("it").get_many([KEY]) == {}


def test_a_new_value_takes_the_place_of_the_old_one(folder: Path) -> None:
    BesideByteCode("it").put_many([(OTHER, b"old")])
    BesideByteCode("it").put_many([(KEY, b"new")])
    assert BesideByteCode("it").get_many([KEY, OTHER]) == {KEY: b"new"}
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_nothing_is_written_where_python_writes_no_byte_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    BesideByteCode("it").put_many([(KEY, b"value")])
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_made_is_no_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_bytes(b"")
    monkeypatch.setattr(sys, "pycache_prefix", str(folder / "file"))
    BesideByteCode("it").put_many([(KEY, b"value")])
    assert BesideByteCode("it").get_many([KEY]) == {}
