"""Names that mean a function of the catalogue in this program, though the catalogue has others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from functools import cached_property

from sessionzero.facts import Name
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.index import ProgramIndex


class StandIns:
    """Aliases by macro, type name, assignment or import; ``pointers`` are the names of variables
    that can hold a function."""

    def __init__(self, index: ProgramIndex, catalog: Catalog, pointers: Container[str]) -> None:
        self._index = index
        self._known = (catalog.names, index.aliases, pointers)
        self._others = (index.aliases, pointers)

    def has(self, name: str) -> bool:
        """Whether a name can mean a function that the catalogue has under another one."""
        return (
            name in self._macros
            or name in self._types
            or name in self._derived
            or (name == "__init__" and bool(self._derived))  # by which they begin their base
            or any(name in names for names in self._others)
        )

    @cached_property
    def called(self) -> frozenset[str]:
        """Those of the names that calls say."""
        return frozenset(filter(self.has, self._index.calls_named))

    @cached_property
    def _derived(self) -> frozenset[str]:
        """The classes of Python files that derive from one of the catalogue, by simple names."""
        children: dict[str, list[str]] = defaultdict(list)
        for unit in self._index.units:
            for klass in unit.facts.classes if unit.is_python else ():
                for base in klass.bases:
                    children[last_name(base)].append(klass.name)
        known = [name for name in children if name in self._known[0] or name in self._known[1]]
        return _following(known, children)

    @cached_property
    def _types(self) -> frozenset[str]:
        """Other names of the catalogue's classes, by ``typedef`` and ``using``."""
        meaning: dict[str, list[str]] = defaultdict(list)
        for name, items in self._index.type_names.items():
            for _, item in items:
                meaning[item.type.partition("<")[0].rpartition("::")[2]].append(name)
        return _following([name for name in meaning if name in self._known[0]], meaning)

    @cached_property
    def _macros(self) -> frozenset[str]:
        """The macros that are another name of a function of the catalogue, of a pointer, or of
        such a macro."""
        meaning: dict[str, list[str]] = defaultdict(list)  # a name → the macros that stand for it
        for name, written in self._index.macros.items():
            for _, macro in written:
                if macro.parameters is None and isinstance(macro.body, Name):
                    meaning[last_name(macro.body)].append(name)
        known = [name for name in meaning if any(name in names for names in self._known)]
        return _following(known, meaning)


def _following(known: list[str], named: Mapping[str, list[str]]) -> frozenset[str]:
    """The names that are made of known ones, step by step: ``named`` has those made of each."""
    pending, found = list(known), set[str]()
    while pending:
        fresh = set(named.get(pending.pop(), ())) - found
        found |= fresh
        pending += fresh
    return frozenset(found)
