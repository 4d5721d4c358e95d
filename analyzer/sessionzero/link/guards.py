"""What a condition says of the way a program runs: as a service, or by hand.

Programs that can do both keep a flag (``g_bService``, ``isInteractive()``) or test their command
line. Code that runs only when such a test says "by hand" is no service code, whoever calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sessionzero.facts import Branch, Expr, Member, Name, Number, Operation, Result, Text
from sessionzero.link.index import Unit, walk_into_calls

# Words of identifiers. A flag for service mode is made only of MODE words and of words from
# SERVICE; `hService` or `m_service` alone may be a handle or an object, so one MODE word is needed.
_SERVICE = frozenset(("service", "services", "svc", "daemon", "daemonized", "ntservice", "scm"))
_MODE = frozenset(
    (
        *(
            "is",
            "as",
            "in",
            "am",
            "are",
            "run",
            "runs",
            "running",
            "ran",
            "mode",
            "flag",
            "started",
        ),
        *("start", "b", "f", "bool", "was", "launched", "by", "from", "win", "nt", "windows"),
        *("win32", "be", "do", "use", "we", "a", "the", "under", "context", "process", "inside"),
    )
)
_FILLER = frozenset(("g", "m", "s", "my", "app", "this", "program", "d", "_", ""))
_BY_HAND = frozenset(
    (
        *("interactive", "console", "foreground", "debug", "debugging", "standalone", "gui"),
        *("isatty", "attached", "nodaemon", "nofork", "cli", "userinteractive", "exe"),
    )
)
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def words(identifier: str) -> list[str]:
    """``g_bRunAsService`` → g, b, run, as, service."""
    return [word.lower() for word in _WORDS.findall(identifier)]


def says_service(identifier: str) -> bool:
    """True if a flag or predicate of that name means "this process runs as a service"."""
    found = set(words(identifier)) - _FILLER
    return bool(found & _SERVICE) and bool(found & _MODE) and found <= _SERVICE | _MODE


def says_by_hand(identifier: str) -> bool:
    """True if a flag or predicate of that name means "a person runs this process"."""
    found = set(words(identifier)) - _FILLER
    return bool(found & _BY_HAND) and found <= _BY_HAND | _MODE | {"user", "on", "is", "only"}


def implies(expr: Expr, holds: bool, unit: Unit, test: Callable[[Expr, bool], bool]) -> bool:
    """True if ``expr`` being true (or not: ``holds``) makes some part of it pass ``test``: each
    operand of a conjunction that holds, or of a disjunction that does not, is certain."""
    match expr:
        case Operation("!", (inner,)):
            return implies(inner, not holds, unit, test)
        case Operation("&&", operands) if holds:
            return any(implies(operand, holds, unit, test) for operand in operands)
        case Operation("||", operands) if not holds:
            return any(implies(operand, holds, unit, test) for operand in operands)
        case Operation("||" | "&&", operands):
            return all(implies(operand, holds, unit, test) for operand in operands)
        case Operation("==" | "!=" as operator, (left, right)):
            return _compared(left, right, holds == (operator == "=="), unit, test)
        case _:
            return test(expr, holds)


def _compared(
    left: Expr, right: Expr, equal: bool, unit: Unit, test: Callable[[Expr, bool], bool]
) -> bool:
    for one, other in ((left, right), (right, left)):
        truth = _truth(other)
        if truth is not None:
            return implies(one, equal == truth, unit, test)
    return test(Operation("==", (left, right), left.start, right.end), equal)


def _truth(expr: Expr) -> bool | None:
    match expr:
        case Number(value):
            return bool(value)
        case Name("TRUE" | "true"):
            return True
        case Name("FALSE" | "false"):
            return False
        case _:
            return None


def by_hand(branch: Branch, unit: Unit) -> bool:
    """True if the branch is only taken when a person runs the program."""

    def test(expr: Expr, holds: bool) -> bool:
        name = _flag_name(expr, unit)
        if not name:
            return False
        return says_by_hand(name) if holds else says_service(name)

    return implies(branch.condition, branch.holds, unit, test)


def _flag_name(expr: Expr, unit: Unit) -> str:
    match expr:
        case Name(name):
            return name.rpartition("::")[2]
        case Member(_, name):
            return name
        case Result(call):
            callee = unit.facts.calls[call].callee
            return callee.name.rpartition("::")[2] if isinstance(callee, Name | Member) else ""
        case _:
            return ""


_COMMAND_LINE = frozenset(
    (
        *("argv", "argc", "__argc", "__argv", "__targv", "__wargv", "lpCmdLine", "lpszCmdLine"),
        *("szCmdLine", "cmdline", "pCmdLine", "m_lpCmdLine", "optarg", "optind"),
        *("GetCommandLine", "GetCommandLineA", "GetCommandLineW", "CommandLineToArgvW"),
    )
)


def mentions(expr: Expr, names: frozenset[str], unit: Unit) -> bool:
    """True if the expression, calls inside it included, uses one of the names."""
    return any(
        isinstance(part, Name | Member) and part.name in names
        for part in walk_into_calls(expr, unit)
    )


def mentions_command_line(expr: Expr, names: frozenset[str], unit: Unit) -> bool:
    """True if a condition depends on the command line: by its usual names, or by ``names``, the
    variables that hold something of it."""
    return mentions(expr, names | _COMMAND_LINE, unit)


def compares_switch(expr: Expr, unit: Unit) -> bool:
    """True if a condition compares something with a literal like ``-install`` or ``/debug``."""
    return any(
        isinstance(part, Text) and len(part.value) > 1 and part.value[0] in "-/"
        for part in walk_into_calls(expr, unit)
    )


DEBUG_BUILD = re.compile(r"^\(?(?:defined\s*\(?\s*)?_?_?(?:DEBUG|DBG|_DEBUG)\b\)?")


def only_debug_build(unit: Unit, start: int) -> bool:
    """True if a place stands in a region that a release build leaves out."""
    return any(
        region.start <= start < region.end and DEBUG_BUILD.match(region.condition) is not None
        for region in unit.facts.conditionals
    )
