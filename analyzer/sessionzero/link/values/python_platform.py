"""Tests of the platform in Python, and what they answer on Windows: what runs only on other systems
runs in no service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from sessionzero.facts import (
    Call,
    Choice,
    Expr,
    Member,
    Name,
    Null,
    Number,
    Operation,
    Result,
    Sequence,
    Text,
)
from sessionzero.link.files.expressions import NAMED
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.python_entities import (
    ClassObject,
    External,
    Functions,
    Instance,
    Module,
)
from sessionzero.link.files.units import Unit, Write, walk_into_calls
from sessionzero.link.files.words import MANY, words
from sessionzero.link.names.python_names import PythonNames
from sessionzero.link.values.writes import Writes

# "sys — System-specific parameters and functions", "os", "platform" (docs.python.org/3/library);
# psutil's constants ("psutil documentation", psutil.readthedocs.io).
_TEXTS = {
    "os.name": "nt",
    "os.sep": "\\",
    "os.path.sep": "\\",
    "platform.system()": "Windows",
    "platform.uname().system": "Windows",
    "sys.platform": "win32",
}
_TRUTHS = {
    "psutil.LINUX": False,
    "psutil.MACOS": False,
    "psutil.OSX": False,
    "psutil.POSIX": False,
    "psutil.WINDOWS": True,
    "typing.TYPE_CHECKING": False,
}
_HAS = {
    ("ctypes", "windll"): True,
    ("os", "fork"): False,
    ("os", "geteuid"): False,
    ("os", "getuid"): False,
    ("os", "setsid"): False,
    ("os", "startfile"): True,
    ("os", "uname"): False,
    ("sys", "getwindowsversion"): True,
}
_CHANGES: dict[str, Callable[[str], str]] = {
    "casefold": str.casefold,
    "lower": str.lower,
    "strip": str.strip,
    "upper": str.upper,
}
_BEGINS: dict[str, Callable[[str, str], bool]] = {
    "endswith": str.endswith,
    "startswith": str.startswith,
}
_DEPTH = 6
_NESTED = 4  # conditions that must be known to know another one
_FEW = 8  # a variable that is written more often keeps no answer


_SYSTEMS = frozenset(
    (
        *("platform", "system", "os", "name", "sep", "uname", "hasattr", "windows", "win", "win32"),
        *("nt", "posix", "linux", "unix", "mac", "macos", "osx", "darwin", "bsd", "cygwin"),
        *("checking",),
    )
)


@lru_cache(MANY)
def speaks_of_systems(identifier: str) -> bool:
    """True if a name may hold, or answer, which system this is."""
    return not _SYSTEMS.isdisjoint(words(identifier))


class _At(NamedTuple):
    """An expression where it stands."""

    expr: Expr
    unit: Unit
    function: int


class PythonPlatform:
    """Knows which branches of Python files Windows takes."""

    def __init__(
        self, index: ProgramIndex, modules: Modules, python: PythonNames, writes: Writes
    ) -> None:
        self._index = index
        self._modules = modules
        self._python = python
        self._written = writes
        self._answers: dict[tuple[int, int], bool | None] = {}
        self._asking: list[tuple[int, int]] = []

    def elsewhere(self, unit: Unit, branch: int, function: int) -> bool:
        """True for what stands in a function, ``branch`` the innermost one around it, and only
        runs on other systems."""
        return unit.is_python and any(
            self.never(unit, i, function) for i in unit.branch_chain(branch)
        )

    def holds(self, condition: Expr, unit: Unit, function: int) -> bool | None:
        """What a condition is on Windows; None if other things decide it."""
        if not unit.is_python or not self._asks(condition, unit):
            return None
        return self._truth(_At(condition, unit, function), _DEPTH)

    def never(self, unit: Unit, branch: int, function: int) -> bool:
        """True for a branch of a function that is only taken on other systems than Windows."""
        if not unit.is_python:
            return False
        return self._answer(unit, branch, function) is (not unit.facts.branches[branch].holds)

    def _answer(self, unit: Unit, branch: int, function: int) -> bool | None:
        """What the condition of a branch is on Windows; what a circle asks again isn't known."""
        key = unit.index, branch
        if key in self._answers or len(self._asking) >= _NESTED:
            return self._answers.get(key)
        self._answers[key] = None
        self._asking.append(key)
        try:
            condition = unit.facts.branches[branch].condition
            self._answers[key] = self.holds(condition, unit, function)
        finally:
            self._asking.pop()
        return self._answers[key]

    def _asks(self, condition: Expr, unit: Unit) -> bool:
        """A quick look: most conditions have no word in them that speaks of systems."""
        return any(
            isinstance(part, NAMED) and speaks_of_systems(part.name)
            for part in walk_into_calls(condition, unit)
        )

    def _truth(self, at: _At, depth: int) -> bool | None:
        """What a condition is on Windows; None if other things decide it."""
        if depth <= 0:
            return None
        match at.expr:
            case Operation("!", (inner,)):
                answer = self._truth(at._replace(expr=inner), depth)
                return None if answer is None else not answer
            case Operation("&&" | "||" as operator, operands):
                answers = {self._truth(at._replace(expr=part), depth) for part in operands}
                ends = operator == "||"
                return ends if ends in answers else None if None in answers else not ends
            case Operation("==" | "!=" as operator, (left, right)):
                one, other = self._text(at, left, depth), self._text(at, right, depth)
                return (
                    None if one is None or other is None else (one == other) == (operator == "==")
                )
            case Operation("in", (needle, hay)):
                return self._contained(at, needle, hay, depth)
            case Choice(condition, yes, no):
                answer = self._truth(at._replace(expr=condition), depth)
                return (
                    None
                    if answer is None
                    else self._truth(at._replace(expr=yes if answer else no), depth)
                )
            case Result(call):
                return self._answered(at, at.unit.facts.calls[call], depth)
            case Name() | Member():
                return self._kept(at, depth)
            case _:
                return None

    def _contained(self, at: _At, needle: Expr, hay: Expr, depth: int) -> bool | None:
        wanted = self._text(at, needle, depth)
        if wanted is None:
            return None
        if isinstance(hay, Sequence):
            items = [self._text(at, item.value, depth) for item in hay.items]
            return True if wanted in items else None if None in items else False
        whole = self._text(at, hay, depth)
        return None if whole is None else wanted in whole

    def _answered(self, at: _At, call: Call, depth: int) -> bool | None:
        """``sys.platform.startswith("win")``, ``hasattr(os, "fork")``, ``is_windows()``."""
        if isinstance(call.callee, Member) and call.callee.name in _BEGINS and call.arguments:
            return self._begins(at, call.callee, call.arguments[0].value, depth)
        entity = self._python.evaluate(call.callee, at.unit, at.function)
        match entity:
            case External("builtins.hasattr") if len(call.arguments) == 2:
                outer = self._python.evaluate(call.arguments[0].value, at.unit, at.function)
                name = call.arguments[1].value
                if isinstance(outer, External) and isinstance(name, Text):
                    return _HAS.get((outer.dotted, name.value))
                return None
            case Functions(func) if not self._index.function(func).owner:
                unit = self._index.unit(func)
                returned = [unit.facts.returns[i] for i in unit.returns_of.get(func.index, ())]
                values = [(_At(item.value, unit, func.index), item.branch) for item in returned]
                return self._agreed([self._literal(at, depth - 1) for at in self._left(values)])
            case _:
                return None

    def _begins(self, at: _At, callee: Member, wanted: Expr, depth: int) -> bool | None:
        whole = self._text(at, callee.object, depth)
        parts = [i.value for i in wanted.items] if isinstance(wanted, Sequence) else [wanted]
        texts = [self._text(at, part, depth) for part in parts]
        if whole is None or None in texts:
            return None
        return any(_BEGINS[callee.name](whole, text) for text in texts if text is not None)

    def _kept(self, at: _At, depth: int) -> bool | None:
        """What a variable holds that keeps an answer."""
        entity = self._python.evaluate(at.expr, at.unit, at.function)
        known = _TRUTHS.get(entity.dotted) if isinstance(entity, External) else None
        if known is not None:
            return known
        return self._agreed([self._literal(value, depth - 1) for value in self._values(at)])

    def _literal(self, at: _At, depth: int) -> bool | None:
        match at.expr:
            case Number(value):
                return bool(value)
            case Null():
                return False
            case _:
                return self._truth(at, depth)

    def _text(self, at: _At, expr: Expr, depth: int) -> str | None:
        """A text that is known on Windows."""
        if depth <= 0:
            return None
        match expr:
            case Text(value):
                return value
            case Result(call):
                callee = at.unit.facts.calls[call].callee
                if isinstance(callee, Member) and callee.name in _CHANGES:
                    inner = self._text(at, callee.object, depth - 1)
                    return None if inner is None else _CHANGES[callee.name](inner)
                return self._named(at._replace(expr=expr))
            case Name() | Member():
                known = self._named(at._replace(expr=expr))
                if known is not None:
                    return known
                found = {
                    self._text(value, value.expr, depth - 1)
                    for value in self._values(at._replace(expr=expr))
                }
                return found.pop() if len(found) == 1 else None
            case _:
                return None

    def _named(self, at: _At) -> str | None:
        entity = self._python.evaluate(at.expr, at.unit, at.function)
        return _TEXTS.get(entity.dotted) if isinstance(entity, External) else None

    def _agreed(self, answers: list[bool | None]) -> bool | None:
        return answers[0] if answers and len(set(answers)) == 1 else None

    # --- variables ---

    def _values(self, at: _At) -> list[_At]:
        """What a variable gets on Windows; none if nothing is known."""
        values: list[tuple[_At, int]] = []
        for write in self._writes(at.expr, at.unit, at.function):
            binding, unit = self._index.binding(write), self._index.unit(write)
            values.append((_At(binding.value, unit, binding.function), binding.branch))
        return self._left(values)

    def _left(self, values: list[tuple[_At, int]]) -> list[_At]:
        """Of values, each with the branch in which it is given, those that are left on Windows: the
        last one that is certain, and what may replace it. Of mere constants, which anything may
        choose, none is left unless the platform chooses."""
        found: list[_At] = []
        chosen = False
        for at, branch in values if len(values) <= _FEW else ():
            if self.elsewhere(at.unit, branch, at.function):
                chosen = True
                continue
            chain = at.unit.branch_chain(branch)
            certain = bool(chain) and all(self._always(at.unit, i, at.function) for i in chain)
            chosen = chosen or certain or not isinstance(at.expr, Number | Null | Text)
            found = [at] if certain else [*found, at]
        return found if chosen else []

    def _always(self, unit: Unit, branch: int, function: int) -> bool:
        return self._answer(unit, branch, function) is unit.facts.branches[branch].holds

    def _writes(self, expr: Expr, unit: Unit, function: int) -> Iterator[Write]:
        if isinstance(expr, Name):
            for scope in unit.outer_functions(function):
                found = self._written.to_name(expr.name, unit, scope)
                if found:
                    yield from found
                    return
            yield from self._imported(expr.name, unit)
        elif isinstance(expr, Member):
            match self._python.evaluate(expr.object, unit, function):
                case Module(number):
                    yield from self._of_module(expr.name, self._index.units[number])
                case Instance(ref) | ClassObject(ref):
                    yield from self._written.to_attribute(ref, expr.name)

    def _imported(self, name: str, unit: Unit) -> Iterator[Write]:
        for item in unit.facts.imports:
            if item.name in (name, "*") or (item.alias == name and item.name):
                target = self._modules.python_module(unit, item.module, item.level)
                if target is not None and target is not unit:
                    there = name if item.name == "*" else item.name
                    yield from self._of_module(there, target)

    def _of_module(self, name: str, unit: Unit) -> list[Write]:
        """The writes to a name of a module; none if other files write it too."""
        foreign = any(
            isinstance(self._index.binding(write).target, Member)
            for write in self._index.writes.get(name, ())
            if self._index.unit(write).is_python
        )
        return [] if foreign else self._written.to_name(name, unit)
