"""Other names of types of C and C++, by ``typedef`` and ``using``."""

from __future__ import annotations

import re

from sessionzero.facts import TypeName
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.units import Unit

_STEPS = 4  # of a name for a name
_WORD = re.compile(r"\w+")


class OtherNames:
    """Says what other names of types mean where they are in sight."""

    def __init__(self, index: ProgramIndex, modules: Modules) -> None:
        self._index = index
        self._modules = modules

    def meant(self, written: str, unit: Unit) -> str:
        """The type that is written, or that it is another name of; a class is what it is. Where
        files in sight disagree, nothing is known of a name."""
        for _ in range(_STEPS):
            head, bracket, rest = written.partition("<")
            name = head.strip(" *&").rpartition("::")[2]
            if name not in self._index.type_names or name in self._index.classes:
                break
            seen = self._modules.visible(unit)
            found = {item for at, item in self._index.type_names[name] if at in seen}
            types = {(item.type, item.parameters) for item in found}
            if len(types) != 1 or bool(bracket) != bool(min(types)[1]):
                break
            written = _made(found.pop(), rest)
        return written


def _made(item: TypeName, arguments: str) -> str:
    """The type of which a name is, with the arguments of a template in place (``Ptr<Job>``)."""
    given = arguments.rpartition(">")[0]
    if len(item.parameters) != 1:
        return item.type
    (parameter,) = item.parameters
    return _WORD.sub(lambda m: given if m[0] == parameter else m[0], item.type)
