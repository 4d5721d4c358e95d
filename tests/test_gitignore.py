"""Our reading of ``.gitignore`` against git itself, on trees made by chance."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from sessionzero.sources.discovery import discover

NAMES = ("a", "b", "foo", "a b", "é", "[z]", "x.c", "y.cpp", "foo.c", "b .c", "é.py", "[z].h")
ATOMS = (
    *("a", "b", "foo", "é", "x.c", "foo.c", "*", "**", "***", "*.c", "*.?", "f*o", "fo**o", "x.*"),
    *("?", "??.py", "[a-f]*", "[!b]", "[^x]?*", "[]a]", "[\\]a]", "[a-\\f]oo", "[a-c-f]", "[b-a]*"),
    *("\\[z\\]", "[[:alpha:]]", "[[:lower:]]*.[[:alnum:]]", "[[:bad:]]", "[[:x]", "[b-", "\\"),
)
ENDS = ("", "", "", "", "", "", " ", "  ", "\\ ", "\t", "\r")


def _line(chance: random.Random) -> str:
    pattern = "/".join(chance.choices(ATOMS, k=chance.choice((1, 1, 1, 2, 2, 3))))
    begin = chance.choice(("", "", "", "", "!", "!", "/", "!/", "#", "\\"))
    return begin + pattern + chance.choice(("", "", "/")) + chance.choice(ENDS)


def _grow(folder: Path, chance: random.Random, depth: int) -> None:
    for name in chance.sample(NAMES, 6):
        if "." in name:
            (folder / name).write_bytes(b"")
        elif depth:
            (folder / name).mkdir()
            _grow(folder / name, chance, depth - 1)
    if chance.random() < 0.4 or depth == 3:
        lines = [_line(chance) for _ in range(chance.randint(1, 5))]
        (folder / ".gitignore").write_bytes("\n".join(lines).encode())


def _git(tree: Path, *arguments: str, given: bytes = b"") -> bytes:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "core.ignoreCase=false", *arguments]
    done = subprocess.run(
        command, cwd=tree, input=given, env=environment, capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def _sources(tree: Path) -> list[str]:
    return sorted(
        path.relative_to(tree).as_posix()
        for path in tree.rglob("*")
        if path.is_file() and path.suffix in {".c", ".cpp", ".h", ".py"}
    )


def _not_ignored_by_git(tree: Path) -> list[str]:
    """Git asks its index, too: what it tracks isn't ignored."""
    files = _sources(tree)
    given = b"".join(os.fsencode(file) + b"\0" for file in files)
    ignored = _git(tree, "check-ignore", "-z", "--stdin", given=given)
    return sorted(set(files) - {os.fsdecode(name) for name in ignored.split(b"\0")})


@pytest.mark.skipif(not shutil.which("git"), reason="needs git to compare with")
@pytest.mark.parametrize("seed", range(60))
def test_what_we_find_is_what_git_does_not_ignore(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    _git(tmp_path, "init", "--quiet", "--template=")
    _grow(tmp_path, chance, 3)
    (tmp_path / ".git/info").mkdir()
    (tmp_path / ".git/info/exclude").write_text(_line(chance), "utf-8")
    assert _found(tmp_path) == _not_ignored_by_git(tmp_path)


def _found(tree: Path) -> list[str]:
    return [file.path for file in discover([tree], root=tree).files]


@pytest.mark.skipif(not shutil.which("git"), reason="needs git to compare with")
@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize("names", ["sha1", "sha256"])
@pytest.mark.parametrize("seed", range(6))
def test_what_git_tracks_is_found_though_it_is_ignored(
    seed: int, names: str, version: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    _git(tmp_path, "init", "--quiet", "--template=", f"--object-format={names}")
    _grow(tmp_path, chance, 3)
    (tmp_path / ".gitignore").write_text("*.c\nfoo\n", "utf-8")
    tracked = chance.sample(_sources(tmp_path), 8)
    for file in tracked:
        # Only what is intended to be added has the longer entries of version 3.
        _git(
            tmp_path, "add", "--force", *(["-N"] if version == 3 else []), "--", f":(literal){file}"
        )
    _git(tmp_path, "update-index", "--index-version", str(version))
    assert set(tracked) <= set(_found(tmp_path))
    assert _found(tmp_path) == _not_ignored_by_git(tmp_path)


@pytest.mark.parametrize("size", [0, 4, 11, 12, 40, 100])
def test_index_that_is_cut_off_tracks_nothing(size: int, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/index").write_bytes(
        (b"DIRC" + bytes((0, 0, 0, 2, 0, 0, 0, 9)) + b"x" * 99)[:size]
    )
    (tmp_path / ".gitignore").write_text("a.c\n", "utf-8")
    (tmp_path / "a.c").write_bytes(b"")
    assert _found(tmp_path) == []
