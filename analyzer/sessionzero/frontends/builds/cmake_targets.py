"""The targets that the commands of CMake make, while a file is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sessionzero.facts import Subsystem, TargetKind
from sessionzero.frontends.builds.cmake_expressions import all_worked_out
from sessionzero.frontends.builds.draft import (
    MAX_ITEMS,
    UNKNOWN,
    Draft,
    Refused,
    is_source,
    subsystem_of,
    words_of_flags,
)

_SCOPES = frozenset(("PUBLIC", "PRIVATE", "INTERFACE"))
_NO_LIBRARY = _SCOPES | {
    *("LINK_PUBLIC", "LINK_PRIVATE", "LINK_INTERFACE_LIBRARIES"),
    *("debug", "optimized", "general"),
}
_KINDS: dict[str, TargetKind] = {
    "STATIC": "static",
    "SHARED": "shared",
    "MODULE": "shared",
    "OBJECT": "objects",
    "INTERFACE": "static",
}
_OBJECTS = re.compile(r"\$<TARGET_OBJECTS:([^<>]+)>")
_OPTION = re.compile(r"[-/]D\s*([A-Za-z_]\w*)")
_TRUE = frozenset(("1", "ON", "YES", "TRUE", "Y"))

# A project's own command that wraps add_executable or add_library: its name says which.
_WRAPPER = re.compile(
    r"(?:\w+_)??(?:add|build|create|define|make)_(?:\w+_)??"
    r"(?:(?P<program>executable|exe|application|app|program|daemon|service|tool|test)"
    r"|(?P<shared>plugin|module|dll|shared_library)|(?P<static>library|lib|static_library))"
    r"(?:_\w+)?"
)

_LONGEST_NAME = 80

Place = tuple[int, int]


@dataclass(slots=True)
class Targets:
    """The targets so far, by the name that commands know them by; and what holds for all."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    everywhere: Draft = field(default_factory=lambda: Draft("", "objects", (0, 0), complete=True))
    elsewhere: Draft = field(default_factory=lambda: Draft("", "objects", (0, 0)))
    removed: set[str] = field(default_factory=set)
    perhaps: bool = False  # the command that is run may not be, or its words are not certain

    def finished(self) -> list[Draft]:
        """The targets with what holds for all of them. Raises Refused if that is too much."""
        size = self.everywhere.size() * len(self.drafts)
        if size > MAX_ITEMS:
            raise Refused("the targets share too many folders and macros", 0, "partial")
        for draft in self.drafts.values():
            draft.includes |= self.everywhere.includes
            draft.defines |= self.everywhere.defines
            draft.may_define |= self.everywhere.may_define
            draft.doubt(self.removed)
            draft.complete = draft.complete and self.everywhere.complete
            draft.uses = {self.aliases.get(name, name): None for name in draft.uses}
        for name in (*self.everywhere.may_define, *self.everywhere.defines):
            self.elsewhere.may_define[name.partition("=")[0]] = None
        others = [self.elsewhere] if self.elsewhere.may_define else []
        return [*self.drafts.values(), *others]

    def mention(self, command: str, words: Sequence[str]) -> None:
        """Note what a command, run or not, may give to targets that aren't known: by options, by
        properties of files, or in a function that other files call."""
        of_file = "SOURCE" in words[:1] or command == "set_source_files_properties"
        of_unknown = command == "target_compile_definitions" and "$" in "".join(words[:1])
        if of_file or of_unknown or command == "set_directory_properties":
            self.elsewhere.add_defines(words, perhaps=True)
        elif command not in ("add_definitions", "remove_definitions"):
            self.elsewhere.add_defines(_OPTION.findall(" ".join(words)), perhaps=True)
        if command == "remove_definitions":
            self.removed.update(word[2:] for word in words)

    def named(self, name: str, key: str) -> Draft | None:
        """The target of this file with that name, or with that unknown name as written."""
        return self.drafts.get(key if UNKNOWN in name else self.aliases.get(name, name))

    def add(self, draft: Draft, key: str) -> None:
        """A new target, or what another branch of the file makes of it."""
        name = key if UNKNOWN in draft.name else draft.name
        known = self.drafts.setdefault(name, draft)
        if known is not draft:
            known.merge(draft)
            known.kind = "program" if draft.kind == "program" else known.kind
            known.subsystem = known.subsystem or draft.subsystem


def _add_executable(targets: Targets, words: Sequence[str], key: str, at: Place) -> None:
    if not words or words[1:2] in (["IMPORTED"], ["ALIAS"]):
        return
    draft = Draft(words[0], "program", at, complete=True)
    draft.subsystem = _subsystem_of_keyword(words)
    _add_sources(draft, words[1:])
    targets.add(draft, key)


def _subsystem_of_keyword(words: Sequence[str]) -> Subsystem:
    """Without ``WIN32`` a program has a console, unless a property says otherwise later."""
    return "windows" if "WIN32" in words else "console"


def _add_library(targets: Targets, words: Sequence[str], key: str, at: Place) -> None:
    if not words or "IMPORTED" in words[1:3]:
        return
    if words[1:2] == ["ALIAS"] and len(words) == 3:
        targets.aliases[words[0]] = words[2]
        draft = Draft(words[0], "static", at)  # other files may know it by this name only
        draft.add_uses([words[2]])
    else:
        kind = _KINDS.get("".join(words[1:2]), "static")
        draft = Draft(words[0], kind, at, complete=True)
        _add_sources(draft, words[1:])
    targets.add(draft, key)


def _add_sources(draft: Draft, words: Sequence[str]) -> None:
    for word in words:
        draft.add_uses(_OBJECTS.findall(word))
    draft.add_sources(_plain(words))


def _plain(words: Sequence[str]) -> Iterator[str]:
    """The words that generator expressions come to, in some build at least."""
    for worked in filter(None, all_worked_out(words)):
        yield from worked.items


def _target_sources(targets: Targets, words: Sequence[str], key: str, _at: Place) -> None:
    if words and (draft := targets.named(words[0], key)):
        _add_sources(draft, words[1:])


def _link_libraries(targets: Targets, words: Sequence[str], key: str, _at: Place) -> None:
    if not words or not (draft := targets.named(words[0], key)):
        return
    draft.subsystem = subsystem_of(" ".join(words[1:])) or draft.subsystem
    for word in _plain(words[1:]):
        name = word.removeprefix("-l")
        name = name[:-4] if name.lower().endswith(".lib") else name
        if name not in _NO_LIBRARY and not name.startswith(("-", "/")):
            draft.add_uses([name])


def _link_options(targets: Targets, words: Sequence[str], key: str, _at: Place) -> None:
    if words and (draft := targets.named(words[0], key)):
        draft.subsystem = subsystem_of(" ".join(words[1:])) or draft.subsystem


def _target_definitions(targets: Targets, words: Sequence[str], key: str, _at: Place) -> None:
    draft = targets.named(words[0], key) if words else None
    _give(targets, draft or targets.elsewhere, words[1:])


def _give(targets: Targets, draft: Draft, words: Sequence[str]) -> None:
    """Give a target macros; whoever gets what no target here does isn't known."""
    doubtful = targets.perhaps or draft is targets.elsewhere
    for worked in all_worked_out(words):
        if worked is None:
            draft.complete = False
        else:
            found = [word.removeprefix("-D") for word in worked.items if word not in _SCOPES]
            draft.add_defines(found, perhaps=doubtful or not worked.certain)


def _target_includes(targets: Targets, words: Sequence[str], key: str, _at: Place) -> None:
    if words and (draft := targets.named(words[0], key)):
        draft.add_includes(_folders(words[1:]))


def _folders(words: Sequence[str]) -> Iterator[str]:
    for word in _plain(words):
        if word not in _SCOPES and word not in ("SYSTEM", "BEFORE", "AFTER"):
            yield word


def _include_directories(targets: Targets, words: Sequence[str], _key: str, _at: Place) -> None:
    targets.everywhere.add_includes(_folders(words))


def _add_definitions(targets: Targets, words: Sequence[str], _key: str, _at: Place) -> None:
    _give(targets, targets.everywhere, [v for k, v in words_of_flags(words) if k == "D"])


def _add_compile_definitions(targets: Targets, words: Sequence[str], _k: str, _at: Place) -> None:
    _give(targets, targets.everywhere, words)


def _set_target_properties(targets: Targets, words: Sequence[str], key: str, _at: Place) -> None:
    if "PROPERTIES" not in words:
        return
    split = list(words).index("PROPERTIES")
    pairs = list(words[split + 1 :])
    for name in words[:split]:
        draft = targets.named(name, key)
        for number in range(0, len(pairs) - 1, 2):
            _set(targets, draft, pairs[number], pairs[number + 1])


def _set_property(targets: Targets, words: Sequence[str], _key: str, _at: Place) -> None:
    if words[:1] != ["TARGET"] or "PROPERTY" not in words:
        return
    split = list(words).index("PROPERTY")
    for name in words[1:split]:
        if len(words) > split + 2:
            draft = targets.named(name, name)
            _set(targets, draft, words[split + 1], ";".join(words[split + 2 :]))


def _set(targets: Targets, draft: Draft | None, name: str, value: str) -> None:
    """A property of a target. A library keeps the name by which others of the tree use it."""
    if name == "COMPILE_DEFINITIONS":
        _give(targets, draft or targets.elsewhere, value.split(";"))
    if draft is None:
        return
    match name:
        case "OUTPUT_NAME" if draft.kind == "program" and UNKNOWN not in value:
            draft.name = value
        case "WIN32_EXECUTABLE":
            draft.subsystem = "windows" if value.upper() in _TRUE else draft.subsystem
        case _ if name.startswith(("LINK_FLAGS", "LINK_OPTIONS")):
            draft.subsystem = subsystem_of(value) or draft.subsystem


def wrapped(targets: Targets, command: str, words: Sequence[str], at: Place) -> None:
    """A command that is defined elsewhere, whose name says that it makes a program or a library,
    and which gets a name and sources (``qt_add_executable``, ``build_acme_plugin``)."""
    words = words[1:] if words[:1] in (["NAME"], ["TARGET"]) else words
    words = [item for word in words for item in word.split(";")]
    name = _WRAPPER.fullmatch(command[:_LONGEST_NAME])
    if name is None or len(words) < 2 or is_source(words[0]) or not words[0]:
        return
    if name["program"]:
        kind: TargetKind = "program"
    else:
        kind = "static" if name["static"] and "SHARED" not in words else "shared"
    draft = Draft(words[0], kind, at)
    draft.subsystem = "windows" if "WIN32" in words else ""
    _add_sources(draft, words[1:])
    if draft.sources:
        targets.add(draft, words[0])


COMMANDS: dict[str, Callable[[Targets, Sequence[str], str, Place], None]] = {
    "add_compile_definitions": _add_compile_definitions,
    "add_definitions": _add_definitions,
    "add_executable": _add_executable,
    "add_library": _add_library,
    "include_directories": _include_directories,
    "set_property": _set_property,
    "set_target_properties": _set_target_properties,
    "target_compile_definitions": _target_definitions,
    "target_include_directories": _target_includes,
    "target_link_libraries": _link_libraries,
    "target_link_options": _link_options,
    "target_sources": _target_sources,
}
