"""Tests of the Windows version: what runs only before Vista has no session 0 of its own.

Services share a session with the user up to Windows XP and Server 2003 (version 5.x), and have
session 0 alone since Windows Vista (6.0): "Operating System Version" and "Service Changes for
Windows Vista" (learn.microsoft.com/windows/win32).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import eq, ge, gt, le, lt

from sessionzero.facts import Expr, Index, Member, Name, Number, Operation, Result, Sequence
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.implied import implies
from sessionzero.link.files.units import Unit
from sessionzero.link.files.words import MANY, words

_COMPARE: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "==": eq,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
_MIRRORED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ISOLATING = ((6, 0), (6, 1), (6, 2), (6, 3), (10, 0))  # the versions with session 0 isolation

# Words of identifiers that ask for a version. Nothing else may stand beside them: a `bXpStyle` is
# no version.
_OLD = frozenset(("xp", "2000", "2003", "2k", "nt4", "95", "98", "9x", "nt"))
_SPLIT = {"9 x": "9x", "2 k": "2k", "nt 4": "nt4"}  # how such a word comes out of an identifier
_FIRST = frozenset(("vista", "longhorn"))
_UPWARD = frozenset(("greater", "later", "higher", "newer", "above", "plus", "least", "up", "post"))
_AROUND = frozenset(
    (
        *("is", "os", "win", "windows", "on", "running", "run", "under", "we", "are", "system"),
        *("or", "at", "and", "than", "ver", "version", "b", "f", "bool", "host", "platform"),
    )
)
_MAJOR = frozenset(("major", "dw", "n", "i", "u", "ul", "g", "m"))


def before_vista(expr: Expr, holds: bool, unit: Unit) -> bool:
    """True if ``expr`` being true (or not: ``holds``) means a Windows without session 0
    isolation."""
    if isinstance(expr, Operation) and expr.operator in _COMPARE:
        return _no_version_fits(expr, holds, unit)
    name = _flag(expr, unit)
    return bool(name) and _named(name, holds)


def only_before_vista(unit: Unit, branch: int) -> bool:
    """True if what stands in a branch is only run by a Windows without session 0 isolation."""
    branches = (unit.facts.branches[number] for number in unit.branch_chain(branch))
    return any(
        implies(it.condition, it.holds, unit, lambda expr, holds: before_vista(expr, holds, unit))
        for it in branches
    )


def _no_version_fits(expr: Operation, holds: bool, unit: Unit) -> bool:
    """Whether a comparison comes out so on none of the versions since Vista."""
    left, right = expr.operands
    for one, other, operator in (
        (left, right, expr.operator),
        (right, left, _MIRRORED[expr.operator]),
    ):
        wanted = _numbers(other)
        if wanted and _is_version(one, unit, whole=len(wanted) > 1):
            compare = _COMPARE[operator]
            return not any(
                compare(version[: len(wanted)], wanted) == holds for version in _ISOLATING
            )
    return False


def _numbers(expr: Expr) -> tuple[int, ...]:
    """The version that a test compares with: ``6``, ``(6, 1)``; empty if it is none."""
    match expr:
        case Number(value):
            return (value,)
        case Sequence(items) if items and all(isinstance(i.value, Number) for i in items):
            return tuple(i.value.value for i in items[:2] if isinstance(i.value, Number))
        case _:
            return ()


def _is_version(expr: Expr, unit: Unit, *, whole: bool) -> bool:
    """Whether an expression is the major version of Windows, or the ``whole`` of it as a tuple."""
    match expr:
        case Index(inner, Number(0)) if not whole:
            return _is_answer(inner, unit)
        case Index(inner, _):
            return _is_answer(inner, unit)
        case Result():
            return _is_answer(expr, unit)
        case Member(inner, "major") if unit.is_python:
            return _is_answer(inner, unit)
        case Name() | Member() if not whole:
            found = set(words(last_name(expr)))
            return "major" in found and found <= _MAJOR | _AROUND and len(found) > 1
        case _:
            return False


def _is_answer(expr: Expr, unit: Unit) -> bool:
    """``sys.getwindowsversion()``."""
    return (
        isinstance(expr, Result)
        and last_name(unit.facts.calls[expr.call].callee) == "getwindowsversion"
    )


def _flag(expr: Expr, unit: Unit) -> str:
    """The name of a flag, or of a function without arguments that answers."""
    match expr:
        case Name() | Member():
            return last_name(expr)
        case Result(call):
            made = unit.facts.calls[call]
            return "" if made.arguments else last_name(made.callee)
        case _:
            return ""


@lru_cache(MANY)
def _named(name: str, holds: bool) -> bool:
    """``IsWindowsVistaOrGreater`` (versionhelpers.h), ``isWinXP``, ``g_bVista``."""
    text = " ".join(words(name))
    for apart, word in _SPLIT.items():
        text = text.replace(apart, word)
    found = set(text.split())
    asked = found & (_OLD | _FIRST)
    if not asked or not found <= _OLD | _FIRST | _UPWARD | _AROUND | _MAJOR:
        return False
    if asked == {"nt"}:  # every Windows with sessions is one
        return not holds
    if found & _UPWARD or asked <= _FIRST:
        return not holds
    return holds
