"""Which files a run finds, in which order, under which names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from sessionzero.engine import Options, check_paths
from sessionzero.errors import SessionZeroError
from sessionzero.sources.discovery import SKIPPED_FOLDERS, discover


def make(root: Path, *files: str) -> None:
    """Empty files in a folder."""
    for path in files:
        write(root / path, "")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def found(root: Path, *paths: str) -> list[str]:
    """The paths that a run over ``paths`` of the root finds."""
    named = [root / path for path in paths or (".",)]
    return [file.path for file in discover(named, root=root).files]


def messages(root: Path, paths: Sequence[str] = (".",)) -> list[str]:
    return [notice.message for notice in discover([root / p for p in paths], root=root).notices]


def test_sources_are_found_at_every_depth_and_sorted(tmp_path: Path) -> None:
    make(tmp_path, "z.py", "b/x.CPP", "b/a.c", "a b/ü.H", "B/c.hpp", "README.md", "b/no.txt", ".c")
    assert found(tmp_path) == ["B/c.hpp", "a b/ü.H", "b/a.c", "b/x.CPP", "z.py"]


def test_languages_follow_suffixes(tmp_path: Path) -> None:
    make(tmp_path, "a.c", "b.C", "c.h", "d.H.IN", "e.pyw", "f.ixx", "g.in", "h.c++")
    languages = {file.path: file.language for file in discover([tmp_path], root=tmp_path).files}
    assert languages == {
        **dict.fromkeys(("b.C", "c.h", "d.H.IN", "f.ixx", "h.c++"), "c++"),
        "a.c": "c",
        "e.pyw": "python",
    }


def test_order_of_arguments_makes_no_difference(tmp_path: Path) -> None:
    make(tmp_path, "a/x.c", "a/b/y.c", "z.c")
    names = ["z.c", "a/b", ".", "a/x.c", "a"]
    expected = discover([tmp_path / name for name in names], root=tmp_path)
    assert discover([tmp_path / name for name in reversed(names)], root=tmp_path) == expected
    assert [file.path for file in expected.files] == ["a/b/y.c", "a/x.c", "z.c"]


def test_paths_are_relative_to_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "project/src/a.c", "other/b.c")
    monkeypatch.chdir(tmp_path / "project/src")
    files = discover([".", "../../other"], root=tmp_path / "project").files
    assert [file.path for file in files] == ["../other/b.c", "src/a.c"]
    assert all(file.location.is_file() for file in files)


def test_root_may_be_spelt_through_a_link(tmp_path: Path) -> None:
    make(tmp_path, "project/a.c")
    (tmp_path / "link").symlink_to("project")
    for root, path in (("link", "project"), ("project", "link")):
        files = discover([tmp_path / path], root=tmp_path / root).files
        assert [file.path for file in files] == ["a.c"]


@pytest.mark.parametrize("folder", sorted(SKIPPED_FOLDERS))
def test_folders_of_tools_are_skipped_unless_named(folder: str, tmp_path: Path) -> None:
    make(tmp_path, f"src/{folder}/x.c", "src/y.c")
    assert found(tmp_path) == ["src/y.c"]
    assert found(tmp_path, f"src/{folder}") == [f"src/{folder}/x.c"]


def test_virtual_environment_is_skipped_by_its_mark(tmp_path: Path) -> None:
    make(tmp_path, "environment/pyvenv.cfg", "environment/Scripts/x.py", "y.py")
    assert found(tmp_path) == ["y.py"]
    assert found(tmp_path, "environment") == ["environment/Scripts/x.py"]


def test_standard_library_of_a_python_is_skipped_by_its_marks(tmp_path: Path) -> None:
    library = [f"tools/python/Lib/{name}" for name in ("codecs.py", "logging/x.py", "os.py")]
    make(tmp_path, *library, "tools/python/Lib/site.py", "tools/python/mine.py", "y.py")
    assert found(tmp_path) == ["tools/python/mine.py", "y.py"]
    assert len(found(tmp_path, "tools/python/Lib")) == 4


def test_folder_with_one_name_of_the_standard_library_is_not_skipped(tmp_path: Path) -> None:
    make(tmp_path, "agent/os.py", "agent/logging/__init__.py", "agent/site.py")
    assert len(found(tmp_path)) == 3


def test_ignore_files_count_at_every_level_and_above(tmp_path: Path) -> None:
    make(tmp_path, ".git/HEAD", "src/gen/a.c", "src/gen/keep.c", "src/b.c", "out/c.c")
    write(tmp_path / ".gitignore", "**/gen/*\n/out/\n")
    write(tmp_path / "src/.gitignore", "!keep.c\n")
    assert found(tmp_path) == ["src/b.c", "src/gen/keep.c"]
    assert found(tmp_path, "src/gen") == ["src/gen/keep.c"]


def test_ignore_files_above_a_repository_do_not_count(tmp_path: Path) -> None:
    make(tmp_path, "clone/.git/HEAD", "clone/a.c", "b.c")
    write(tmp_path / ".gitignore", "*.c\n")
    assert found(tmp_path) == ["clone/a.c"]
    assert found(tmp_path / "clone") == ["a.c"]


def test_without_repository_ignore_files_count_up_to_the_root(tmp_path: Path) -> None:
    make(tmp_path, "project/src/a.c", "project/src/b.c")
    write(tmp_path / ".gitignore", "a.c\n")
    write(tmp_path / "project/.gitignore", "b.c\n")
    assert found(tmp_path / "project", "src") == ["src/a.c"]


def test_excludes_of_a_work_tree_are_those_of_its_repository(tmp_path: Path) -> None:
    make(tmp_path, "tree/a.c", "tree/b.c")
    write(tmp_path / "tree/.git", "gitdir: ../main/.git/worktrees/tree\n")
    write(tmp_path / "main/.git/worktrees/tree/commondir", "../..\n")
    write(tmp_path / "main/.git/info/exclude", "a.c\n")
    assert found(tmp_path / "tree") == ["b.c"]


def test_named_file_is_found_even_if_ignored(tmp_path: Path) -> None:
    make(tmp_path, "a.c", "build/b.c", "node_modules/c.c")
    write(tmp_path / ".gitignore", "*\n")
    names = ["a.c", "build/b.c", "node_modules/c.c"]
    assert found(tmp_path) == []
    assert found(tmp_path, *names) == names


def test_named_folder_is_found_even_if_ignored(tmp_path: Path) -> None:
    make(tmp_path, "build/a.c", "build/b.cpp")
    write(tmp_path / ".gitignore", "build/\n*.cpp\n")
    assert found(tmp_path, "build") == ["build/a.c"]


def test_named_file_of_another_kind_gets_a_notice(tmp_path: Path) -> None:
    make(tmp_path, "service.rs")
    (message,) = messages(tmp_path, ["service.rs"])
    assert message.startswith(
        "service.rs: is none of the files that sessionzero reads (.aip .bat .c "
    )
    assert " .wxi .wxs .xml); it was not analysed." in message


@pytest.mark.parametrize("name", ["nowhere", "a.c/b.c", "nul\0"])
def test_path_that_is_not_there_is_an_error(name: str, tmp_path: Path) -> None:
    make(tmp_path, "a.c")
    with pytest.raises(SessionZeroError, match="there is no such file or folder"):
        discover([os.path.join(tmp_path, name)], root=tmp_path)


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "src/a.c")
    (tmp_path / "src/loop").symlink_to("..")
    (tmp_path / "again").symlink_to("src")
    (tmp_path / "folder.c").symlink_to("src")
    assert found(tmp_path) == ["src/a.c"]
    assert found(tmp_path, "again", "src") == ["again/a.c"]


def test_link_counts_if_its_target_is_not_found_by_itself(tmp_path: Path) -> None:
    make(tmp_path, "lib/hidden.txt", "lib/common.h", "src/a.c")
    (tmp_path / "src/common.h").symlink_to("../lib/common.h")
    (tmp_path / "src/shown.h").symlink_to("../lib/hidden.txt")
    assert found(tmp_path) == ["lib/common.h", "src/a.c", "src/shown.h"]
    assert found(tmp_path, "src") == ["src/a.c", "src/common.h", "src/shown.h"]


def test_link_out_of_the_project_gets_a_notice(tmp_path: Path) -> None:
    make(tmp_path, "secret.h", "project/a.c")
    (tmp_path / "project/b.h").symlink_to("../secret.h")
    assert found(tmp_path / "project") == ["a.c"]
    (message,) = messages(tmp_path / "project")
    assert message.startswith("b.h: is a symbolic link to a file outside the project;")
    assert found(tmp_path / "project", "b.h") == ["b.h"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_fifo_in_place_of_an_ignore_file_does_not_block(tmp_path: Path) -> None:
    make(tmp_path, "a.c")
    os.mkfifo(tmp_path / ".gitignore")
    assert found(tmp_path) == ["a.c"]


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="needs paths beyond the limit")
def test_folder_that_cannot_be_listed_gets_a_notice(tmp_path: Path) -> None:
    make(tmp_path, "a.c", "z/b.c")
    long_name = "d" * 250
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(17):  # a path too long for the system, which binds even root
        os.mkdir(long_name, dir_fd=folder)
        inner = os.open(long_name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    assert found(tmp_path) == ["a.c", "z/b.c"]
    (message,) = messages(tmp_path)
    assert "/: cannot be listed (" in message
    assert message.endswith("; it was not analysed. Allow reading it, or exclude it.")


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_name_that_is_no_text_is_found(tmp_path: Path) -> None:
    make(tmp_path, os.fsdecode(b"caf\xe9.c"))
    write(tmp_path / ".gitignore", "?.c\n")
    (path,) = found(tmp_path)
    assert os.fsencode(path) == b"caf\xe9.c"


PIECES = {
    "included": ('#include "pipe_win.inc"\n', 2),
    "otherwise-written": ("#  include <win/PIPE_WIN.INC>\n", 2),
    "by-another-piece": ('#include "outer.inc"\n', 3),
    "definitions": ('#include "events.def"\n', 2),
    "of-another-language": ("", 1),
}


@pytest.mark.parametrize(("source", "expected"), PIECES.values(), ids=PIECES)
def test_piece_is_read_if_a_source_includes_it(tmp_path: Path, source: str, expected: int) -> None:
    write(tmp_path / "agent.c", source)
    write(tmp_path / "outer.inc", '#include "pipe_win.inc"\n')
    write(tmp_path / "pipe_win.inc", "static int x;\n")
    write(tmp_path / "other.inc", "\0 of an assembler\n")
    write(tmp_path / "events.def", "EVENT(Stop)\n")
    write(tmp_path / "agent.def", "EXPORTS\n  ServiceMain\n")
    report = check_paths([tmp_path], root=tmp_path, options=Options(cache=False))
    assert (report.files, report.notices) == (expected, ())


def test_piece_that_is_named_is_read(tmp_path: Path) -> None:
    write(tmp_path / "pipe_win.inc", 'void f() { CreateEventA(0, 0, 0, "session/Ready"); }\n')
    options = Options(cache=False)
    assert check_paths([tmp_path / "pipe_win.inc"], root=tmp_path, options=options).files == 1
