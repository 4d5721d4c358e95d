"""Trees of commits from bare git directories, and where a line of one commit is in another."""

from __future__ import annotations

import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

# Above it only the top folder of the defect is written out: such a repository holds whole
# distributions of other programs.
BYTES_AT_MOST = 200_000_000

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class GitError(Exception):
    """Git could not do what was asked, most often because the commit is not there."""


class Hunk(Struct, frozen=True):
    """Lines ``old`` … that were replaced by lines ``new`` …; both are 1-based, a count may be 0."""

    old: int
    removed: int
    new: int
    added: int


class Moved(Struct, frozen=True):
    """What became of a file between two commits; ``path`` is empty where it was deleted."""

    path: str
    hunks: tuple[Hunk, ...] = ()

    def lines(self, line: int) -> range:
        """The lines that stand for this one afterwards: all new ones of a hunk that replaced it."""
        if not self.path:
            return range(0)
        shift = 0
        for hunk in self.hunks:
            if line < hunk.old:
                break
            if line < hunk.old + hunk.removed:
                return range(hunk.new, hunk.new + hunk.added)
            shift += hunk.added - hunk.removed
        return range(line + shift, line + shift + 1)


@contextmanager
def checked_out(
    git_dir: Path, commit: str, *, around: str, bytes_at_most: int = BYTES_AT_MOST
) -> Iterator[Path]:
    """A temporary directory with the regular files of a commit, removed at the end.

    A tree of more than ``bytes_at_most`` is restricted to the top folder of the file ``around``.
    Files whose content the git directory lacks (a partial clone) are left out.
    Raises :class:`GitError`.
    """
    specs = _pathspecs(git_dir, commit, around, bytes_at_most)
    command = _command(git_dir, ("archive", "--format=tar", commit, "--", *specs))
    with tempfile.TemporaryDirectory() as folder:
        archive, tree = Path(folder, "archive.tar"), Path(folder, "tree")
        with archive.open("wb") as file:
            _finished(subprocess.run(command, stdout=file, stderr=subprocess.PIPE, check=False))
        with tarfile.open(archive) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", _as_it_is)  # new in 3.11.4
            tar.extractall(tree, members=(it for it in tar if it.isfile()))
        yield tree


def _as_it_is(member: tarfile.TarInfo, _path: str) -> tarfile.TarInfo:
    return member


def moved(git_dir: Path, before: str, after: str, path: str) -> Moved:
    """How a file changed from one commit to another; renames are followed as git sees them.

    Raises :class:`GitError`.
    """
    listed = _output(
        git_dir,
        ("diff", "--find-renames", "--diff-filter=RD", "--name-status", "-z", before, after),
    )
    fields = iter(listed.decode("utf-8", "surrogateescape").split("\0"))
    now = path
    for status in fields:
        if status.startswith("D") and next(fields) == path:
            return Moved(path="")
        if status.startswith("R"):
            old, new = next(fields), next(fields)
            now = new if old == path else now
    diff = _output(git_dir, ("diff", "--unified=0", f"{before}:{path}", f"{after}:{now}"))
    return Moved(path=now, hunks=tuple(_hunks(diff)))


def _hunks(diff: bytes) -> Iterator[Hunk]:
    for line in diff.splitlines():
        if found := _HUNK.match(line):
            old, removed, new, added = (1 if it is None else int(it) for it in found.groups())
            # Where a side is empty, git names the line before the gap.
            yield Hunk(old=old + (not removed), removed=removed, new=new + (not added), added=added)


def _pathspecs(git_dir: Path, commit: str, around: str, bytes_at_most: int) -> tuple[str, ...]:
    """What of a commit is to be written out, as arguments of git."""
    listed = _output(git_dir, ("ls-tree", "-r", "-z", "-l", commit))
    size, absent = 0, []
    for entry in listed.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        words, _, path = entry.partition("\t")
        length = words.split()[3]
        if length.isdigit():
            size += int(length)
        elif length != "-":  # a submodule has "-"
            absent.append(f":(exclude,literal){path}")
    top = around.split("/")[0] if size > bytes_at_most else "."
    return (top, *absent)


def _output(git_dir: Path, arguments: Sequence[str]) -> bytes:
    run = subprocess.run(_command(git_dir, arguments), capture_output=True, check=False)
    _finished(run)
    return run.stdout


def _command(git_dir: Path, arguments: Sequence[str]) -> tuple[str, ...]:
    return ("git", f"--git-dir={git_dir}", *arguments)


def _finished(run: subprocess.CompletedProcess[bytes]) -> None:
    if run.returncode:
        raise GitError(run.stderr.decode(errors="replace").strip())
