"""``compile_commands.json`` as targets: which files are compiled with which macros and folders.

Reference: Clang, "JSON Compilation Database Format Specification". Its paths are those of the
machine that wrote it. What lies beneath the folder that all of them share is kept.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

import msgspec

from sessionzero.facts import FileFacts
from sessionzero.frontends.builds.draft import ABOVE, Draft, Refused, facts, words_of_flags

_WORD = re.compile(r"""(?>(?:[^\s"'\\]++|\\.|"(?:[^"\\]++|\\.)*+"|'[^']*+'|["'])+)""", re.DOTALL)
_QUOTES = re.compile(r"""\\(["\\ ])|["']""")
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")
# More options in a file; headers that a compiler reads first.
_ELSEWHERE = re.compile(r"@|[-/]FI|--?(?:include|imacros|config)\b")


class _Command(msgspec.Struct, frozen=True):
    """An entry of the database; either ``command`` or ``arguments``."""

    file: str
    directory: str = ""
    command: str = ""
    arguments: tuple[str, ...] = ()


def read(text: str, _name: str) -> FileFacts:
    """A target of kind ``objects``, without name, for each set of macros and folders. Raises
    Refused if it isn't such a database."""
    try:
        commands = msgspec.json.decode(text.encode("utf-8", "replace"), type=list[_Command])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Refused(f"no compilation database ({error})", 0) from error
    shared = _shared_folder(commands)
    groups: dict[tuple[str, ...], Draft] = {}
    for command in commands:
        draft = Draft("", "objects", (0, len(text)))
        words = list(_words(command))
        draft.complete = not any(_ELSEWHERE.match(word) for word in words)
        for letter, value in words_of_flags(words):
            if letter == "D":
                draft.add_defines([value])
            else:
                draft.add_includes([_beneath(shared, _absolute(command, value))])
        draft.doubt(word[2:] for word in words if word.startswith(("-U", "/U")))
        key = (command.directory, str(draft.complete), *draft.defines, "", *draft.includes)
        source = _beneath(shared, _absolute(command, command.file))
        groups.setdefault(key, draft).add_sources([source])
    return facts(text, (draft for draft in groups.values() if draft.sources))


def _words(command: _Command) -> Iterator[str]:
    words: Sequence[str] = command.arguments or _WORD.findall(command.command)
    for word in words:
        yield word if command.arguments else _QUOTES.sub(lambda match: match[1] or "", word)


def _absolute(command: _Command, path: str) -> str:
    path = path.replace("\\", "/")
    if not _ABSOLUTE.match(path):
        path = f"{command.directory}/{path}".replace("\\", "/")
    return posixpath.normpath(path)


def _shared_folder(commands: Sequence[_Command]) -> str:
    """The folder in which all files and folders of the build stand; empty if there is none."""
    folders = {_absolute(command, ".") for command in commands if command.directory}
    folders.update(posixpath.dirname(_absolute(command, command.file)) for command in commands)
    if not folders or not all(_ABSOLUTE.match(folder) for folder in folders):
        return ""
    shared = posixpath.commonprefix([f"{folder}/".split("/") for folder in sorted(folders)])
    return "/".join(part for part in ["", *shared] if part) if shared else ""


def _beneath(shared: str, path: str) -> str:
    """The path from the shared folder, which is some folder above the database."""
    if not _ABSOLUTE.match(path):
        return path
    inner = path.lstrip("/").removeprefix(f"{shared}/")
    return f"{ABOVE}/{inner}" if shared and inner != path.lstrip("/") else ""
