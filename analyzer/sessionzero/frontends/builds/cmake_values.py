"""The variables of a CMake file: scopes, branches that may or may not run, expansion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sessionzero.frontends.builds.cmake_conditions import of_system
from sessionzero.frontends.builds.cmake_syntax import Argument, unescaped
from sessionzero.frontends.builds.draft import ABOVE, MAX_CHARACTERS, MAX_DEPTH, UNKNOWN, Refused

_REFERENCE = re.compile(r"\$(?:ENV|CACHE)?\{([^${}]*)\}")
_HERE = frozenset(("CMAKE_CURRENT_SOURCE_DIR", "CMAKE_CURRENT_LIST_DIR"))
_ABOVE = "_SOURCE_DIR"  # of CMAKE, of PROJECT, or of a project by its name
_MAX_VALUE = 1 << 20
_MAX_ITEM = 260  # MAX_PATH; a longer one is text that a loop puts together

Values = dict[str, str]


class Variables:
    """What is known of each variable. A variable that is not there is set elsewhere: unknown."""

    def __init__(self) -> None:
        self._scopes: list[Values] = [{}]
        self._left = MAX_CHARACTERS

    def get(self, name: str) -> str | None:
        """The value, a list with ``;`` between its items; None if it isn't known."""
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return None

    def set(self, name: str, value: str) -> None:
        if len(value) > _MAX_VALUE:
            value = UNKNOWN
        self.spend(len(value))
        self._scopes[-1][name] = value

    def append(self, name: str, values: Iterable[str], *, before: bool = False) -> None:
        old = self.get(name)
        new = ";".join(values)
        parts = [part for part in ((new, old) if before else (old, new)) if part]
        self.set(name, ";".join(parts))

    def push(self) -> None:
        """Begin a branch or a body whose writes are kept apart."""
        if len(self._scopes) > MAX_DEPTH:
            raise Refused("blocks and functions nest too deeply", 0, "depth")
        self._scopes.append({})

    def pop(self) -> Values:
        return self._scopes.pop()

    def merge(self, branches: Sequence[Values], *, complete: bool) -> None:
        """Only one of the branches runs, or none of them unless they are ``complete``: a variable
        that they write then has the items of all."""
        for name in dict.fromkeys(name for branch in branches for name in branch):
            before = self.get(name)
            values = [branch.get(name, before) for branch in branches]
            if not complete:
                values.insert(0, before)
            items = dict.fromkeys(i for value in values if value for i in value.split(";"))
            is_list = all(len(item) <= _MAX_ITEM for item in items)
            self.set(name, ";".join(items) if is_list else UNKNOWN)

    def expanded(self, text: str) -> str:
        """The text with its variables replaced, the innermost first (``${A_${B}}``)."""
        for _ in range(MAX_DEPTH):
            if "{" not in text or not _REFERENCE.search(text):
                return text
            text = _REFERENCE.sub(self._meaning, text)
        return UNKNOWN

    def _meaning(self, match: re.Match[str]) -> str:
        name = match[1]
        value = self.get(name) if not match[0].startswith(("$E", "$C")) else None
        if value is None:
            value = self._predefined(name)
        self.spend(len(value))
        return value

    def _predefined(self, name: str) -> str:
        if name in _HERE:
            return "."
        told = of_system(name)
        if told is not None:
            return "1" if told else ""
        return ABOVE if name.endswith(_ABOVE) else UNKNOWN

    def spend(self, characters: int) -> None:
        self._left -= characters + 1
        if self._left < 0:
            raise Refused("the variables expand to too much text", 0, "depth")

    def arguments(self, written: Sequence[Argument]) -> list[Argument]:
        """The arguments as the command sees them: variables replaced, lists in items."""
        found: list[Argument] = []
        for argument in written:
            if argument.bracket:
                found.append(argument)
            elif argument.quoted:
                text = unescaped(self.expanded(argument.text))
                found.append(Argument(text, quoted=True))
            else:
                found.extend(Argument(word) for word in self._items(argument.text))
            self.spend(len(found[-1].text) if found else 0)
        return found

    def _items(self, text: str) -> Iterator[str]:
        for item in re.split(r"(?<!\\);", self.expanded(text)):
            if item:
                yield unescaped(item).replace("\\;", ";").replace('"', "")
