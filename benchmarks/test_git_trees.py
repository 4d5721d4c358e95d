"""Trees and lines of commits, in real git repositories of a few lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_trees import GitError, checked_out, moved
from made_repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


def lines(*words: str) -> str:
    return "".join(f"{word}\n" for word in words)


@pytest.mark.parametrize(
    ("after", "line", "expected"),
    [
        pytest.param(("a", "b", "c", "d"), 3, [3], id="nothing changed"),
        pytest.param(("x", "y", "a", "b", "c", "d"), 3, [5], id="two lines more above"),
        pytest.param(("a", "b", "c", "x", "d"), 3, [3], id="a line more below"),
        pytest.param(("b", "c", "d"), 3, [2], id="a line less above"),
        pytest.param(("a", "b", "x", "y", "d"), 3, [3, 4], id="replaced by two"),
        pytest.param(("a", "b", "d"), 3, [], id="deleted"),
        pytest.param(("a", "x", "y", "d"), 4, [4], id="below a replacement of the same length"),
        pytest.param(("a", "x", "d"), 4, [3], id="below a shorter replacement"),
    ],
)
def test_a_line_is_followed_through_a_change(
    repository: Repository, after: tuple[str, ...], line: int, expected: list[int]
) -> None:
    first = repository.commit({"a.c": lines("a", "b", "c", "d")})
    second = repository.commit({"a.c": lines(*after)})
    assert list(moved(repository.git_dir, first, second, "a.c").lines(line)) == expected


def test_a_line_is_followed_into_a_renamed_file(repository: Repository) -> None:
    text = lines(*(f"line {number}" for number in range(20)))
    first = repository.commit({"src/old name.c": text, "other.c": "other\n"})
    second = repository.commit({"lib/new.c": f"more\n{text}", "other.c": "other\n"})
    found = moved(repository.git_dir, first, second, "src/old name.c")
    assert (found.path, list(found.lines(7))) == ("lib/new.c", [8])


def test_a_deleted_file_has_no_lines(repository: Repository) -> None:
    first = repository.commit({"a.c": "a\n", "b.c": "b\n"})
    second = repository.commit({"b.c": "b\n"})
    found = moved(repository.git_dir, first, second, "a.c")
    assert (found.path, list(found.lines(1))) == ("", [])


def test_the_tree_of_a_commit_is_there_and_then_removed(
    repository: Repository, tmp_path: Path
) -> None:
    first = repository.commit({"src/a.c": "first\n"})
    repository.commit({"src/a.c": "second\n"})
    git_dir = repository.bare(tmp_path / "bare")
    with checked_out(git_dir, first, around="src/a.c") as tree:
        assert (tree / "src" / "a.c").read_text(encoding="utf-8") == "first\n"
    assert not tree.exists()


def test_links_are_not_written_out(repository: Repository) -> None:
    (repository.folder / "link").symlink_to("/etc")
    commit = repository.commit({"a.c": "a\n"})
    assert repository.git("ls-tree", "--name-only", commit).split() == ["a.c", "link"]
    with checked_out(repository.git_dir, commit, around="a.c") as tree:
        assert [path.name for path in tree.iterdir()] == ["a.c"]


def test_files_without_content_are_left_out(repository: Repository) -> None:
    commit = repository.commit({"a.c": "a\n", "big file.bin": "big\n"})
    blob = repository.git("rev-parse", f"{commit}:big file.bin")
    (repository.git_dir / "objects" / blob[:2] / blob[2:]).unlink()
    with checked_out(repository.git_dir, commit, around="a.c") as tree:
        assert [path.name for path in tree.iterdir()] == ["a.c"]


def test_a_huge_tree_is_restricted_to_the_top_folder_of_the_file(repository: Repository) -> None:
    commit = repository.commit({"src/a.c": "a\n", "src/x/b.c": "b\n", "vendor/c.c": "c\n"})
    with checked_out(repository.git_dir, commit, around="src/a.c", bytes_at_most=5) as tree:
        assert [path.name for path in tree.iterdir()] == ["src"]
        assert (tree / "src" / "x" / "b.c").exists()
    with checked_out(repository.git_dir, commit, around="src/a.c", bytes_at_most=6) as tree:
        assert sorted(path.name for path in tree.iterdir()) == ["src", "vendor"]


def test_an_unknown_commit_is_an_error(repository: Repository) -> None:
    repository.commit({"a.c": "a\n"})
    with pytest.raises(GitError), checked_out(repository.git_dir, "0" * 40, around="a.c"):
        pass
