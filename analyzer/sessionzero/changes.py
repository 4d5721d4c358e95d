"""What git says has changed, and which findings that touches.

Git is asked in a process; it runs nothing that the repository configures (no external diff, no
text conversion, no file system monitor).
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from sessionzero.errors import SessionZeroError
from sessionzero.findings import Finding, Place
from sessionzero.report import Aside, Report, locate

_QUIET = ("-c", "core.fsmonitor=false", "-c", "color.ui=false", "--no-pager")
_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=all", "-M")
_HUNK = re.compile(rb"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")

Lines = tuple[range, ...]


class Changes(Struct, frozen=True):
    """The files that changed, by their places on this machine: the lines that did, or None where
    the whole file counts. ``tracked`` are the files that git knows; None if others count too."""

    files: Mapping[str, Lines | None]
    tracked: frozenset[str] | None = None


def staged_changes(folder: Path) -> Changes | None:
    """The files that the next commit changes, or, where pre-commit was given two revisions, those
    that differ between them. None where all count: pre-commit has staged nothing when it is run on
    all files. Raises SessionZeroError outside of a repository."""
    top = _top(folder)
    tracked = frozenset(_paths(top, _git(top, "ls-files", "-z", "--recurse-submodules")))
    old, new = (os.environ.get(f"PRE_COMMIT_{end}_REF", "") for end in ("FROM", "TO"))
    between = (f"{old}...{new}",) if old and new else ("--cached",)
    files = [path for _, path in _changed(top, *between)]
    if not files and os.environ.get("PRE_COMMIT"):
        return None
    return Changes(dict.fromkeys(files), tracked)


def changes_since(folder: Path, revision: str) -> Changes:
    """The lines that differ from where the branch left a revision, with what isn't committed, and
    the files that git doesn't know yet. Raises SessionZeroError outside of a repository, and if
    there is no such revision."""
    top = _top(folder)
    base = _base(top, revision)
    filters = ("--diff-filter=AMR", base, "--")
    changed = [path for _, path in _changed(top, *filters)]
    hunks = list(_hunks(_git(top, *_DIFF, "-U0", "--inter-hunk-context=0", *filters)))
    if len(hunks) != len(changed):  # a state that we don't know; better too much than too little
        hunks = [None] * len(changed)
    files: dict[str, Lines | None] = dict(zip(changed, hunks, strict=True))
    others = _git(top, "ls-files", "-z", "--others", "--exclude-standard")
    return Changes({**files, **dict.fromkeys(_paths(top, others))})


def touched(report: Report, changes: Changes, root: Path) -> Report:
    """The report with only the findings that stand in what changed, or have a step of their path or
    a related place there; and only the notices about the files that changed."""

    def counts(finding: Finding) -> bool:
        return _is_touched(finding, report, changes, root)

    kept = {it for it in report.findings if counts(it)}
    others = (Aside(it, "untouched") for it in report.findings if it not in kept)
    # Of what the baseline knows, a reader of SARIF sees what the change touches.
    aside = (
        Aside(it.finding, "untouched") if it.why == "known" and not counts(it.finding) else it
        for it in report.set_aside
    )
    notices = [it for it in report.notices if not it.path or _real(it.path, root) in changes.files]
    return replace(
        report,
        findings=tuple(it for it in report.findings if it in kept),
        notices=tuple(notices),
        set_aside=(*aside, *others),
    )


def _is_touched(finding: Finding, report: Report, changes: Changes, root: Path) -> bool:
    notes = (*finding.path, *finding.related)
    return any(
        _has_changed(place, report, changes, root)
        for place in (finding.place, *(note.place for note in notes))
    )


def _has_changed(place: Place, report: Report, changes: Changes, root: Path) -> bool:
    location = _real(place.path, root)
    if location not in changes.files:
        return False
    lines = changes.files[location]
    if lines is None:
        return True
    region = locate(report.sources, place, unit="characters")
    return any(it.start <= region.end_line and region.start_line < it.stop for it in lines)


def _real(path: str, root: Path) -> str:
    return os.path.realpath(os.path.join(root, path))


# --- git ---


def _top(folder: Path) -> str:
    """The folder of the work tree."""
    done = _run(str(folder), "rev-parse", "--show-toplevel")
    if done.returncode:
        raise SessionZeroError(
            f"{folder}: git sees no work tree here ({_said(done)}); --staged and --diff need one"
        )
    return os.path.realpath(os.fsdecode(done.stdout.removesuffix(b"\n")))


def _base(top: str, revision: str) -> str:
    """The commit where the branch left a revision; where they have none in common, or git wasn't
    given so much of the history, the revision itself."""
    # What begins with a dash would be an option.
    name = "" if revision.startswith("-") else f"{revision}^{{commit}}"
    done = _run(top, "rev-parse", "--verify", "--quiet", name)
    if done.returncode:
        raise SessionZeroError(f"--diff: '{revision}' names no commit of this repository")
    commit = done.stdout.decode().strip()
    common = _run(top, "merge-base", commit, "HEAD")
    return common.stdout.decode().strip() if not common.returncode else commit


def _changed(top: str, *what: str) -> Iterator[tuple[str, str]]:
    """The letter and the place of each file that a diff names; of a renamed one, the new place."""
    words = iter(_git(top, *_DIFF, "--name-status", "-z", *what).split(b"\0"))
    for status in words:
        if status:
            path = next(words)
            path = next(words) if status[:1] in b"RC" else path
            yield status.decode(), _place(top, path)


def _hunks(diff: bytes) -> Iterator[Lines | None]:
    """For each file of a diff without context, the lines that changed; None if it is binary."""
    for section in re.split(rb"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        head = section.partition(b"\n@@ ")[0]
        if re.search(rb"^Binary files ", head, re.MULTILINE):
            yield None
            continue
        lines = (line for line in section.split(b"\n") if line.startswith(b"@@ "))
        yield tuple(_lines(match) for line in lines if (match := _HUNK.match(line)))


def _lines(hunk: re.Match[bytes]) -> range:
    """The new lines of a hunk; where there are none, those around what was deleted."""
    first, count = int(hunk[1]), int(hunk[2] or 1)
    return range(first, first + count) if count else range(first, first + 2)


def _paths(top: str, listing: bytes) -> list[str]:
    return [_place(top, path) for path in listing.split(b"\0") if path]


def _place(top: str, path: bytes) -> str:
    return os.path.normpath(os.path.join(top, os.fsdecode(path)))


def _git(top: str, *arguments: str) -> bytes:
    done = _run(top, *arguments)
    if done.returncode:
        raise SessionZeroError(f"git {arguments[0]} failed: {_said(done)}")
    return done.stdout


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"exit code {done.returncode}"


def _run(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return subprocess.run(
            ("git", *_QUIET, *arguments),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    except FileNotFoundError as error:
        raise SessionZeroError("git isn't installed; --staged and --diff need it") from error
