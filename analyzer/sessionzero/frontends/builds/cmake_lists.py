"""Commands of CMake that make lists: ``list``, ``file(GLOB)``, ``cmake_parse_arguments``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from sessionzero.frontends.builds.cmake_values import Values, Variables
from sessionzero.frontends.builds.draft import UNKNOWN, is_source, tidy

_SUFFIXES = ("c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx", "inl", "rc")


def list_command(variables: Variables, words: Sequence[str]) -> None:
    """``list(APPEND|PREPEND|REMOVE_ITEM name values…)``; sorting and the like change nothing here,
    and what a filter leaves out can't always be said, so all is kept."""
    if len(words) < 2:
        return
    action, name, values = words[0], words[1], words[2:]
    if action in ("APPEND", "PREPEND"):
        variables.append(name, values, before=action == "PREPEND")
    elif action == "REMOVE_ITEM" and (known := variables.get(name)):
        gone = {tidy(value) for value in values}
        variables.set(name, ";".join(i for i in known.split(";") if tidy(i) not in gone))


def searched(words: Sequence[str], *, deep: bool) -> Iterator[str]:
    """The patterns of ``file(GLOB …)``, for sources only; of a deep search with ``**``."""
    skip = False
    for word in words:
        if skip or word == "CONFIGURE_DEPENDS":
            skip = False
        elif word in ("RELATIVE", "LIST_DIRECTORIES", "FOLLOW_SYMLINKS"):
            skip = word != "FOLLOW_SYMLINKS"
        else:
            folder, slash, name = word.rpartition("/")
            for pattern in _for_sources(name):
                yield f"{folder}{slash}**/{pattern}" if deep else f"{folder}{slash}{pattern}"


def _for_sources(name: str) -> list[str]:
    """The patterns for each kind of source that a pattern finds: ``*.c*`` finds four."""
    if is_source(name) and "[" not in name:
        return [name]
    stem, dot, suffix = name.rpartition(".")
    stem = "*" if "[" in stem or not dot else stem
    if UNKNOWN in suffix:
        return []
    return [f"{stem}.{known}" for known in _SUFFIXES if fnmatchcase(known, suffix)]


def read_keywords(words: Sequence[str], rest: Sequence[str]) -> Values:
    """The variables that ``cmake_parse_arguments`` sets: ``prefix options one multi args…``, or
    with ``PARSE_ARGV n`` in front the arguments of the function (``rest``) from the nth on."""
    if words[:1] == ["PARSE_ARGV"] and len(words) >= 6 and words[1].isdecimal():
        skipped = int(words[1][:4])
        words = [*words[2:6], *rest[skipped:]]
    if len(words) < 4:
        return {}
    prefix, *groups = words[:4]
    options, single, several = (group.split(";") for group in groups)
    found: dict[str, list[str]] = {}
    keyword = "UNPARSED_ARGUMENTS"
    for word in words[4:]:
        if word in options:
            found[word] = ["TRUE"]
            keyword = "UNPARSED_ARGUMENTS"
        elif word in single or word in several:
            keyword = word
            found.setdefault(word, [])
        else:
            found.setdefault(keyword, []).append(word)
            keyword = "UNPARSED_ARGUMENTS" if keyword in single else keyword
    absent = {f"{prefix}_{name}": "" for name in (*options, *single, *several) if name}
    return absent | {f"{prefix}_{name}": ";".join(values) for name, values in found.items()}
