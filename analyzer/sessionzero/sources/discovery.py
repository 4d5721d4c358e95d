"""Which files a run analyses: a walk that leaves out what git ignores and what nobody wrote here.

A walk follows no symbolic link to a folder, so it ends; a link to a file inside the project
counts if the file isn't found under its own name. What the user names is analysed in any case.

Repositories below a folder that is in none have nothing to do with one another: each is a project.
One inside another repository is part of it, such as a clone of a library.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from sessionzero.errors import SessionZeroError
from sessionzero.facts import Language
from sessionzero.findings import Notice
from sessionzero.sources import git_index, gitignore
from sessionzero.sources.files import SUFFIXES, SourceFile, language_of, unread
from sessionzero.sources.globs import Globs

_OF_TOOLS = (".git", ".hg", ".mypy_cache", ".nox", ".svn", ".tox", "__pycache__")
_OF_OTHERS = ("node_modules", "site-packages")
SKIPPED_FOLDERS = frozenset({*_OF_TOOLS, *_OF_OTHERS})
_MARK_OF_VIRTUAL_ENVIRONMENT = "pyvenv.cfg"
# By the first of these Python finds its standard library (Modules/getpath.py), and it starts with
# none of them missing, in Python 2 and 3 alike. A program brings a copy for its own interpreter.
_MARKS_OF_STANDARD_LIBRARY = frozenset(("os.py", "site.py", "codecs.py"))


class Discovery(Struct, frozen=True):
    """The files of a run, sorted by path, each once; and what was named or met but not found."""

    files: tuple[SourceFile, ...]
    notices: tuple[Notice, ...]


class _Folder(Struct, frozen=True):
    """A folder of a walk: where it is, how the paths in it begin, and the patterns in force
    (:mod:`sources.gitignore` wants its location in bytes, with slashes). ``project`` is the
    repository around it, None if the user has named a folder inside one. ``tracked``: what git
    tracks there; of an ``ignored`` folder nothing else counts."""

    location: str
    prefix: str
    encoded: bytes
    levels: tuple[gitignore.Patterns, ...]
    excluded: Globs | None
    project: str | None = None
    tracked: _Tracked | None = None
    ignored: bool = False


class _Tracked:
    """What git tracks of a repository, read when the first of its files is ignored."""

    def __init__(self, repository: str) -> None:
        self._repository = repository
        self._top = len(_encoded(repository))

    def holds(self, path: bytes) -> bool:
        """Whether a file, or something in a folder, is tracked; its whole path, with slashes."""
        return path[self._top :] in self._paths

    @cached_property
    def _paths(self) -> frozenset[bytes]:
        try:
            data = Path(_git_folder(self._repository), "index").read_bytes()
        except OSError:
            return frozenset()
        return frozenset(_with_folders(git_index.paths_in(data)))


def _with_folders(paths: Iterable[bytes]) -> Iterator[bytes]:
    """Paths of files, and those of all folders above them."""
    folders = set()
    for path in paths:
        yield path
        folder = path.rpartition(b"/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition(b"/")[0]
    yield from folders


class _Link(Struct, frozen=True):
    """A symbolic link that a walk met, as the file it would be."""

    file: SourceFile


def discover(
    paths: Sequence[str | Path], *, root: Path, excluded: Globs | None = None
) -> Discovery:
    """The source files among ``paths``: files, and folders with all that is below them, except
    what ``excluded`` meets on the way.

    Paths go in relative to the working directory and come out relative to ``root``. Raises
    SessionZeroError if one of them isn't there.
    """
    files: dict[Path, SourceFile] = {}
    links: list[SourceFile] = []
    notices: set[Notice] = set()
    for item in _named(paths, os.path.abspath(root), excluded):
        match item:
            case SourceFile():
                # The same place by two names, through overlapping paths or a named link.
                files[item.location] = min(item, files.get(item.location, item))
            case _Link():
                links.append(item.file)
            case Notice():
                notices.add(item)
    inside = tuple(os.path.join(os.path.realpath(folder), "") for folder in (root, *paths))
    for link in sorted(links):
        if str(link.location).startswith(inside):
            files.setdefault(link.location, link)
        else:
            reason = "is a symbolic link to a file outside the project"
            notices.add(unread(link.path, reason, "Name it to have it analysed"))
    return Discovery(tuple(sorted(files.values())), tuple(sorted(notices, key=_path_and_message)))


def _path_and_message(notice: Notice) -> tuple[str, str]:
    return notice.path, notice.message


def _named(
    paths: Sequence[str | Path], root: str, excluded: Globs | None
) -> Iterator[SourceFile | _Link | Notice]:
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(os.stat(path).st_mode)
        except (OSError, ValueError) as error:
            raise SessionZeroError(f"{path}: there is no such file or folder") from error
        location, shown = os.path.realpath(path), _relative(os.path.abspath(path), root)
        if is_folder:
            prefix = "" if shown == "." else os.path.join(shown, "").replace(os.sep, "/")
            levels = _levels_above(location, os.path.realpath(root))
            tops = _repositories([location, *map(str, Path(location).parents)])
            project, tracked = (None, _Tracked(tops[0])) if tops else ("", None)
            yield from _walk(
                _Folder(location, prefix, _encoded(location), levels, excluded, project, tracked)
            )
        else:
            yield _named_file(shown.replace(os.sep, "/"), location)


def _named_file(path: str, location: str) -> SourceFile | Notice:
    language = language_of(os.path.basename(path))
    if language is None:
        reason = f"is none of the files that sessionzero reads ({' '.join(sorted(SUFFIXES))})"
        return unread(path, reason, "Rename it if it is source code")
    return SourceFile(path, Path(location), language)


def _relative(path: str, root: str) -> str:
    """The path from the root: with ``..`` if it leaves it, absolute on another Windows drive."""
    try:
        relative = os.path.relpath(path, root)
        if relative.split(os.sep)[0] == os.pardir:
            # The root may be spelt through a link, as /tmp is on macOS.
            real = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
            return min(real, relative, key=len)
    except ValueError:
        return path
    return relative


def _walk(start: _Folder) -> Iterator[SourceFile | _Link | Notice]:
    folders = [start]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder.location) as listing:
                entries = list(listing)
        except OSError as error:
            reason = f"cannot be listed ({error.strerror or error})"
            yield unread(folder.prefix or ".", reason, "Allow reading it")
            continue
        names = {entry.name for entry in entries}
        if folder is not start and _is_an_interpreters(names):
            continue
        folder = _with_patterns(folder, names)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if _is_entered(folder, entry):
                    folders.append(_subfolder(folder, entry.name))
            elif language := language_of(entry.name):
                yield from _source(folder, entry, language)


def _is_an_interpreters(names: set[str]) -> bool:
    """Whether a folder with these files came with a Python: an environment, a standard library."""
    return _MARK_OF_VIRTUAL_ENVIRONMENT in names or names >= _MARKS_OF_STANDARD_LIBRARY


def _is_entered(folder: _Folder, entry: os.DirEntry[str]) -> bool:
    if entry.name in SKIPPED_FOLDERS:
        return False
    # On Windows a junction is a folder that may lead back up to one of its own parents.
    if sys.version_info >= (3, 12) and entry.is_junction():
        return False
    return not _is_left_out(folder, entry.name, is_folder=True)


def _is_left_out(folder: _Folder, name: str, *, is_folder: bool) -> bool:
    encoded = os.fsencode(name)
    if folder.excluded and folder.excluded.hits(folder.encoded, encoded, is_folder=is_folder):
        return True
    if not _is_ignored(folder, encoded, is_folder=is_folder):
        return False
    return folder.tracked is None or not folder.tracked.holds(folder.encoded + encoded)


def _is_ignored(folder: _Folder, name: bytes, *, is_folder: bool) -> bool:
    """What patterns say, whether or not git tracks it all the same."""
    return folder.ignored or gitignore.is_ignored(
        folder.levels, folder.encoded, name, is_folder=is_folder
    )


def _source(
    folder: _Folder, entry: os.DirEntry[str], language: Language
) -> Iterator[SourceFile | _Link]:
    if _is_left_out(folder, entry.name, is_folder=False):
        return
    path, project = folder.prefix + entry.name, folder.project or ""
    if not entry.is_symlink():
        yield SourceFile(path, Path(entry.path), language, project)
    elif not os.path.isdir(entry.path):
        yield _Link(SourceFile(path, Path(os.path.realpath(entry.path)), language, project))


def _subfolder(folder: _Folder, name: str) -> _Folder:
    location = os.path.join(folder.location, name)
    ignored = _is_ignored(folder, os.fsencode(name), is_folder=True)
    encoded = folder.encoded + os.fsencode(name) + b"/"
    prefix = f"{folder.prefix}{name}/"
    return replace(folder, location=location, prefix=prefix, encoded=encoded, ignored=ignored)


def _encoded(location: str) -> bytes:
    return os.fsencode(os.path.join(location, "").replace(os.sep, "/"))


def _with_patterns(folder: _Folder, names: Container[str]) -> _Folder:
    """The folder with the patterns that stand in it. A repository inside another starts anew."""
    levels, project, tracked = folder.levels, folder.project, folder.tracked
    if ".git" in names:
        levels = _patterns(_exclude_file(folder.location), folder.encoded)
        project = folder.location if project == "" else project
        tracked = _Tracked(folder.location)
    if ".gitignore" in names:
        levels = _patterns(os.path.join(folder.location, ".gitignore"), folder.encoded) + levels
    return replace(folder, levels=levels, project=project, tracked=tracked)


def _levels_above(start: str, root: str) -> tuple[gitignore.Patterns, ...]:
    """The patterns of the folders above, the nearest first, as far as the repository goes; where
    there is none, as far as the root of the run."""
    above = [start, *map(str, Path(start).parents)]
    tops = _repositories(above)
    top = tops[0] if tops else root
    levels: tuple[gitignore.Patterns, ...] = ()
    for folder in reversed(above[1 : above.index(top) + 1] if top in above else []):
        names = [name for name in (".git", ".gitignore") if os.path.lexists(folder + "/" + name)]
        levels = _with_patterns(_Folder(folder, "", _encoded(folder), levels, None), names).levels
    return levels


def _repositories(folders: Iterable[str | Path]) -> list[str]:
    """Those of the folders that are the top of a repository, or of a work tree or submodule."""
    return [str(it) for it in folders if os.path.exists(os.path.join(it, ".git"))]


def _patterns(path: str, folder: bytes) -> tuple[gitignore.Patterns, ...]:
    """The patterns in a file. None if it can't be read, or is a link, which git doesn't follow."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return ()
        return (gitignore.parse(Path(path).read_bytes(), len(folder)),)
    except OSError:
        return ()


def _exclude_file(repository: str) -> str:
    """Where a repository keeps ``info/exclude``; for a work tree or submodule, far from here."""
    folder = _git_folder(repository)
    try:
        common = os.path.join(folder, "commondir")
        if os.path.isfile(common):
            folder = os.path.join(folder, Path(common).read_text("utf-8").strip())
    except (OSError, ValueError):
        return os.devnull
    return os.path.join(folder, "info", "exclude")


def _git_folder(repository: str) -> str:
    """Where git keeps what it knows of a repository, a work tree or a submodule."""
    folder = os.path.join(repository, ".git")
    try:
        if os.path.isfile(folder):
            pointer = Path(folder).read_text("utf-8").removeprefix("gitdir:").strip()
            folder = os.path.join(repository, pointer)
    except (OSError, ValueError):
        return os.devnull
    return folder
