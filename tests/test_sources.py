"""Reading one file, whatever it turns out to be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sessionzero.findings import Notice
from sessionzero.sources.discovery import discover
from sessionzero.sources.files import MAX_BYTES, SourceFile, language_of, read
from sessionzero.sources.text import SourceText


def read_bytes(folder: Path, data: bytes, name: str = "a.c") -> SourceText | Notice:
    """What reading a file of that content gives."""
    (folder / name).write_bytes(data)
    return read(SourceFile(f"src/{name}", folder / name, "c"))


def test_text_keeps_its_path_encoding_and_bytes(tmp_path: Path) -> None:
    data = b"\xff\xfe" + "int é;\r\n".encode("utf-16-le")
    text = read_bytes(tmp_path, data)
    assert text == SourceText("src/a.c", "int é;\r\n", "utf-16-le", data)


def test_empty_file_is_empty_text(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, b"") == SourceText("src/a.c", "", "utf-8", b"")


def test_largest_file_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    assert isinstance(read_bytes(tmp_path, b" " * MAX_BYTES), SourceText)
    notice = read_bytes(tmp_path, b" " * (MAX_BYTES + 1))
    message = "src/a.c: is larger than 8 MiB; it was not analysed. Split it, or exclude it."
    assert notice == Notice(message, "src/a.c")


def test_binary_gets_a_notice(tmp_path: Path) -> None:
    notice = read_bytes(tmp_path, b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff")
    mend = "Save it as UTF-8 if it is source code, or exclude it."
    assert notice == Notice(f"src/a.c: looks binary; it was not analysed. {mend}", "src/a.c")


def test_file_that_vanished_gets_a_notice(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("int x;", "utf-8")
    (file,) = discover([tmp_path], root=tmp_path).files
    file.location.unlink()
    notice = read(file)
    assert isinstance(notice, Notice)
    assert notice.message.startswith("a.c: cannot be read (")


def test_link_to_itself_gets_a_notice(tmp_path: Path) -> None:
    (tmp_path / "self.c").symlink_to("self.c")
    (file,) = discover([tmp_path], root=tmp_path).files
    assert isinstance(read(file), Notice)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_fifo_gets_a_notice_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.c")
    (file,) = discover([tmp_path], root=tmp_path).files
    notice = read(file)
    assert isinstance(notice, Notice)
    assert notice.message.startswith("pipe.c: cannot be read (it is no regular file);")


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("a.c", "c"),
        ("a.C", "c++"),
        ("a.Cpp", "c++"),
        ("a.h", "c++"),
        ("a.h.in", "c++"),
        ("a.h.cmake", "c++"),
        ("a.h.cmake.in", "c++"),
        ("a.bat.in", "batch"),
        ("a.c.in", None),
        ("names.HPP.IN", "c++"),
        ("a.b.py", "python"),
        ("a.PYW", "python"),
        ("a.in", None),
        ("h.in", None),
        ("c", None),
        (".c", None),
        ("a.", None),
        ("", None),
        ("a.c.orig", None),
    ],
)
def test_language_of_a_name(name: str, language: str | None) -> None:
    assert language_of(name) == language
