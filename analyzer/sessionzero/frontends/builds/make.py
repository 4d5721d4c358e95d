"""Makefiles as targets: automake's declarations, else the rules of make and nmake that link.

References: the manuals of automake ("Building Programs and Libraries"), GNU make, and NMAKE.
Files that are included are not seen, and what isn't understood makes no target.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from sessionzero.facts import FileFacts, TargetKind
from sessionzero.frontends.builds.draft import (
    UNKNOWN,
    Draft,
    facts,
    is_source,
    subsystem_of,
    words_of_flags,
)
from sessionzero.frontends.builds.make_syntax import Makefile, Rule, parse

_GENERATED = re.compile(r"generated (?:automatically )?by automake", re.IGNORECASE)
# The folder that it is installed to is written small; a list in capitals is a makefile's own.
_PRIMARY = re.compile(r"(?:EXTRA|\w*[a-z]\w*)_(?P<primary>PROGRAMS|LIBRARIES|LTLIBRARIES)")
_PRIMARIES: dict[str, TargetKind] = {
    "PROGRAMS": "program",
    "LIBRARIES": "static",
    "LTLIBRARIES": "static",
}
_PRODUCTS: dict[str, TargetKind] = {
    ".exe": "program",
    ".dll": "shared",
    ".so": "shared",
    ".lib": "static",
    ".a": "static",
    ".la": "static",
}
_OBJECT = re.compile(r"\.(?:o|obj|lo)$", re.IGNORECASE)
_LIBRARY = re.compile(r"\.(?:la|a|lib|so)$", re.IGNORECASE)
_FLAGS = ("CPPFLAGS", "CFLAGS", "CXXFLAGS", "DEFS", "INCLUDES", "DEFINES")
_INFERENCE = re.compile(r"\{([^{}]*)\}\.(c\w*)\{[^{}]*\}\.obj", re.IGNORECASE)
_LINKS = re.compile(r"(?:^|\s)-o\b|\$[({]\w*(?:LINK|LD)\w*[)}]")
_NOT_LINKED = frozenset((".PHONY", ".SUFFIXES", ".PRECIOUS", ".SECONDARY", ".INTERMEDIATE"))


def read(text: str, name: str) -> FileFacts:
    """The targets of a makefile; none of one that automake has made of another file.

    One that is included (``x.mk``) is run where it is included: here or in a folder above.
    """
    if _GENERATED.search(text, 0, 2000):
        return facts(text, ())
    makefile = parse(text)
    drafts = {draft.name: draft for draft in _automake(makefile)}
    if not drafts:
        drafts = _linked(makefile)
    if name.lower().endswith(".mk"):
        for draft in drafts.values():
            draft.move_above()
    return facts(text, drafts.values())


# --- automake ---


def _automake(makefile: Makefile) -> Iterator[Draft]:
    for variable in list(makefile.variables.written):
        primary = _PRIMARY.fullmatch(variable)
        if primary is None:
            continue
        for word in dict.fromkeys(makefile.variables.words(variable)):
            if UNKNOWN not in word:
                kind = _PRIMARIES[primary["primary"]]
                yield _declared(makefile, word, kind, makefile.places[variable])


def _declared(makefile: Makefile, word: str, kind: TargetKind, at: tuple[int, int]) -> Draft:
    """The target of an item of ``bin_PROGRAMS`` and the like."""
    canonical = re.sub(r"[^A-Za-z0-9_@]", "_", word.removesuffix(".exe"))
    own = canonical + "_"
    flags = makefile.variables.words(f"{own}LDFLAGS")
    if word.endswith(".la") and "-module" in flags:
        kind = "shared"
    place = makefile.places.get(f"{own}SOURCES", at)
    draft = Draft(_stem(word.rpartition("/")[2]), kind, place)
    sources = makefile.variables.words(f"{own}SOURCES")
    if f"{own}SOURCES" not in makefile.variables.written:
        sources = [re.sub(r"\.\w+$", "", word) + ".c"]  # automake's default
    draft.add_sources([*sources, *makefile.variables.words(f"nodist_{own}SOURCES")])
    linked = "LDADD" if kind == "program" else "LIBADD"
    own_linked = f"{own}{linked}" in makefile.variables.written
    libraries = makefile.variables.words(own + linked if own_linked else linked)
    draft.add_uses(_libraries(libraries))
    draft.subsystem = subsystem_of(" ".join((*flags, *libraries)))
    _add_flags(draft, makefile, own)
    return draft


def _add_flags(draft: Draft, makefile: Makefile, own: str) -> None:
    """The macros and folders of the target's own flags, which replace those of all (``AM_``)."""
    for name in _FLAGS:
        mine = own + name if own + name in makefile.variables.written else f"AM_{name}"
        words = [*makefile.variables.words(mine), *makefile.variables.words(name)]
        for letter, value in words_of_flags(words):
            if letter == "D":
                draft.add_defines([value], perhaps=not makefile.plain)
            else:
                draft.add_includes([value])


def _libraries(words: Iterable[str]) -> Iterator[str]:
    """The libraries among the words of a linker's line, by name: ``../lib/libx.la``, ``-lx``."""
    for word in words:
        if word.startswith("-l"):
            yield f"lib{word[2:]}"
        elif _LIBRARY.search(word) and not word.startswith(("-", "/")):
            name = _stem(word.replace("\\", "/").rpartition("/")[2])
            if UNKNOWN not in name:
                yield name


def _stem(name: str) -> str:
    """The name of a product without the suffix that says what it is."""
    stem, dot, suffix = name.rpartition(".")
    return stem if f".{suffix.lower()}" in _PRODUCTS and dot else name


# --- rules that link ---


def _linked(makefile: Makefile) -> dict[str, Draft]:
    sources = _Sources(makefile)
    found: dict[str, Draft] = {}
    for rule in makefile.rules:
        for target in _words(makefile, rule.targets):
            if target in _NOT_LINKED or "%" in target:
                break
            draft = _of_rule(makefile, rule, target, sources)
            if draft is not None:
                known = found.setdefault(draft.name, draft)
                if known is not draft:
                    known.merge(draft)
    return found


def _of_rule(makefile: Makefile, rule: Rule, target: str, sources: _Sources) -> Draft | None:
    """The target of a rule whose prerequisites are objects or sources and whose product is a
    program or library; None of any other rule."""
    file = target.rpartition("/")[2]
    name = _stem(file)
    kind = _PRODUCTS.get(file[len(name) :].lower())
    if kind is None and ("." in file or not any(_LINKS.search(line) for line in rule.recipe)):
        return None
    words = _words(makefile, rule.prerequisites)
    objects = [word for word in words if _OBJECT.search(word)]
    direct = [word for word in words if is_source(word) and not word.lower().endswith(".rc")]
    if not objects and not (direct and kind):
        return None
    if not name.strip(UNKNOWN):
        return None
    draft = Draft(name, kind or "program", (rule.start, rule.end))
    draft.add_sources(word for item in objects for word in sources.of(item))
    draft.add_sources(direct)
    recipe = makefile.variables.expanded(" ".join(rule.recipe))
    draft.add_uses(_libraries([*words, *recipe.split()]))
    draft.uses.pop(name, None)
    draft.subsystem = subsystem_of(recipe)
    _add_flags(draft, makefile, "")
    return draft if draft.sources else None


def _words(makefile: Makefile, written: str) -> list[str]:
    """The paths of one side of a rule."""
    return makefile.variables.expanded(written).replace("\\", "/").replace('"', "").split()


class _Sources:
    """Which source an object is made of: by a rule, by a list of sources, else by its name."""

    def __init__(self, makefile: Makefile) -> None:
        self._folders: list[tuple[str, str]] = []
        self._by_stem: dict[str, dict[str, None]] = defaultdict(dict)
        for rule in makefile.rules:
            for folder, suffix in _INFERENCE.findall(rule.targets):
                self._folders.append((makefile.variables.expanded(folder), suffix))
            self._note_rule(makefile, rule)
        for name in list(makefile.variables.written):
            self._note(word for word in makefile.variables.words(name) if is_source(word))

    def _note_rule(self, makefile: Makefile, rule: Rule) -> None:
        first = _words(makefile, rule.prerequisites)[:1]  # what follows are headers
        for target in _words(makefile, rule.targets):
            if _OBJECT.search(target) and first and is_source(first[0]) and "%" not in first[0]:
                self._by_stem[_object_stem(target)][first[0]] = None

    def _note(self, words: Iterable[str]) -> None:
        for word in words:
            self._by_stem[_object_stem(word)].setdefault(word)

    def of(self, item: str) -> list[str]:
        """The paths that the source of an object may have."""
        stem = _object_stem(item)
        if UNKNOWN in stem or "%" in stem:
            return []
        known = [word for word in self._by_stem.get(stem, ()) if not word.endswith((".h", ".rc"))]
        folder, _, name = item.replace("\\", "/").rpartition("/")
        beside = [word for word in known if word.replace("\\", "/").rpartition("/")[0] == folder]
        if beside and (folder or "*" in stem):
            return beside
        if known and "*" not in stem:  # objects may go into a folder of their own
            return known
        name = name.rpartition(".")[0]
        path = f"{folder}/{name}" if folder and UNKNOWN not in folder else name
        return [
            *(f"{place}/{name}.{suffix}" for place, suffix in self._folders),
            *(f"{path}.{suffix}" for suffix in ("c", "cc", "cpp", "cxx")),
        ]


def _object_stem(path: str) -> str:
    """The name that an object shares with its source, in one case as Windows compares it."""
    return path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0].lower()
