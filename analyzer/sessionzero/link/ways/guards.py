"""What a condition says of the way a program runs: as a service, or by hand.

Programs that can do both keep a flag (``g_bService``, ``isInteractive()``) or test their command
line. Code that runs only when such a test says "by hand" is no service code, whoever calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from sessionzero.facts import Expr, Member, Name, Number, Operation, Result
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.expressions import NAMED, last_name, walk
from sessionzero.link.files.implied import implies, tested
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.switches import says_service as is_service_switch
from sessionzero.link.files.units import CallSite, Func, Unit, walk_into_calls
from sessionzero.link.files.words import words
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.answers import Answers
from sessionzero.link.values.windows_version import before_vista
from sessionzero.link.values.writes import Writes
from sessionzero.link.ways.run_words import (
    says_by_hand,
    says_elevated,
    says_mode_by_hand,
    says_service,
    says_service_is_there,
    says_service_mode,
)

# What taking a branch says of the run; ``asked``: the author has asked, the answer isn't known.
Way = Literal["by hand", "service", "asked", ""]

_THROUGH = 3  # variables between a test and the condition
_SMALL = 8  # calls in a function that is nothing but a test

_RUNS = frozenset(("mode", "run", "runs", "running", "launch", "launched"))


class Guards:
    """Judges branches; knows which functions of the project ask who runs the process."""

    def __init__(
        self, index: ProgramIndex, catalog: Catalog, callees: Callees, writes: Writes
    ) -> None:
        self._index = index
        self._callees = callees
        self._writes = writes
        self._answers = Answers(index, catalog, callees, writes)
        self._asking: dict[Func, bool] = {}
        self._known: dict[tuple[int, int, int], Way] = {}

    def by_hand(self, unit: Unit, branch: int, function: int) -> bool:
        """True if a branch of a function is only taken when a person runs the program; also if it
        depends on a test that isn't understood: its author has thought of services."""
        return self._way(unit, branch, function) in ("by hand", "asked")

    def as_service(self, unit: Unit, branch: int, function: int) -> bool:
        """True if a branch of a function is only taken when the program runs as a service."""
        return self._way(unit, branch, function) == "service"

    def _way(self, unit: Unit, branch: int, function: int) -> Way:
        key = (unit.index, branch, function)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._find_way(unit, branch, function)
        return known

    def _find_way(self, unit: Unit, branch: int, function: int) -> Way:
        described = unit.facts.branches[branch]
        return self._implied(described.condition, described.holds, unit, function, _THROUGH + 1)

    def _meaning(self, expr: Expr, holds: bool, unit: Unit, function: int, depth: int) -> Way:
        """What it means that an expression is true (or not: ``holds``)."""
        if _is_equal(expr, _PERSONAL):
            return "by hand" if holds else ""
        if before_vista(expr, holds, unit):  # there services share the session of a person
            return "by hand"
        name = _flag_name(expr, unit)
        if name and (says_by_hand(name) or says_service(name)):
            return "by hand" if says_by_hand(name) == holds else "service"
        if name and says_service_mode(name) and self._writes.is_truth(expr, unit, function):
            return "service" if holds else "by hand"  # no handle and no object of a service
        if name and not holds and not _is_asked(expr, unit) and says_service_is_there(name):
            return "by hand"
        if not holds and isinstance(expr, Result) and says_elevated(name):
            return "" if _is_asked(expr, unit) else "by hand"  # it may be a client who is asked for
        if is_service_switch(expr) or _is_mode(expr, unit, says_service_mode):
            return "service" if holds else "by hand"
        if holds and _is_mode(expr, unit, says_mode_by_hand):
            return "by hand"
        visible = self._answers.visible(expr, unit, function)
        if visible is not None:
            return "by hand" if visible == holds else "service"
        kind = self._guard_kind(expr, unit)
        if kind in ("interactive", "service"):
            return "by hand" if (kind == "interactive") == holds else "service"
        if kind and (kind != "window-station" or depth == _THROUGH):
            return "asked"  # but a variable with the handle of a desktop answers nothing
        found = self._answers.assigned(expr, unit, function) if depth else None
        if found is None:
            return ""
        value, unit, function = found
        return self._implied(value, holds, unit, function, depth)

    def _implied(self, value: Expr, holds: bool, unit: Unit, function: int, depth: int) -> Way:
        """What a condition means, or a variable that holds the answer of a test."""
        meanings = {
            (type(expr), expr.start, expr.end, so): self._meaning(
                expr, so, unit, function, depth - 1
            )
            for expr, so in tested(value, holds)
        }
        wanted: Way
        for wanted in ("by hand", "asked", "service") if any(meanings.values()) else ():

            def test(expr: Expr, holds: bool, wanted: Way = wanted) -> bool:
                return meanings[type(expr), expr.start, expr.end, holds] == wanted

            if implies(value, holds, unit, test):
                return wanted
        return ""

    def _guard_kind(self, expr: Expr, unit: Unit) -> str:
        """The kind of test that an expression makes: of the catalogue's guards, or ``own`` for a
        function of the project that calls one; empty if it makes none."""
        for part in walk(expr):
            if not isinstance(part, Result):
                continue
            site = CallSite(unit.index, part.call)
            callee = self._callees.of(site)
            if callee.api is not None and callee.api.role == "guard":
                if self._answers.tells(site):
                    return callee.api.kind or "own"
                continue
            if callee.api is not None and callee.api.kind == "shell-window":
                return "interactive"  # no shell runs in session 0
            if any(self._asks(func) for func in callee.functions):
                return "own"
        return ""

    def _asks(self, func: Func) -> bool:
        """True if a small function of the project calls a guard: it is a guard by another name."""
        known = self._asking.get(func)
        if known is None:
            sites = tuple(self._index.calls_of(func))
            apis = [self._callees.of(site).api for site in sites] if len(sites) <= _SMALL else []
            known = any(api is not None and api.role == "guard" for api in apis)
            self._asking[func] = known
        return known


def _is_mode(expr: Expr, unit: Unit, says: Callable[[str], bool]) -> bool:
    """``mode == RunMode::service``: a way to run is compared with a value of such a name."""
    if not isinstance(expr, Operation) or expr.operator != "==":
        return False
    for value, variable in (expr.operands, expr.operands[::-1]):
        if isinstance(value, NAMED) and says(last_name(value).rpartition("::")[2]):
            named = (it.name for it in walk_into_calls(variable, unit) if isinstance(it, NAMED))
            if any(not _RUNS.isdisjoint(words(name)) for name in named):
                return True
    return False


def _is_asked(expr: Expr, unit: Unit) -> bool:
    """True for a call that says which: ``exists("another service")``."""
    return isinstance(expr, Result) and bool(unit.facts.calls[expr.call].arguments)


def _flag_name(expr: Expr, unit: Unit) -> str:
    match expr:
        case Name(name):
            return name.rpartition("::")[2]
        case Member(_, name):
            return name
        case Result(call):
            callee = unit.facts.calls[call].callee
            return callee.name.rpartition("::")[2] if isinstance(callee, NAMED) else ""
        case _:
            return ""


# Messages that only a person at the window causes ("Window Messages", "Keyboard Input", "Mouse
# Input"; learn.microsoft.com/windows/win32): nobody is at a window of session 0.
_INPUT = frozenset(
    (
        *("WM_COMMAND", "WM_SYSCOMMAND", "WM_MENUCOMMAND", "WM_CONTEXTMENU", "WM_HOTKEY"),
        *("WM_KEYDOWN", "WM_KEYUP", "WM_CHAR", "WM_SYSKEYDOWN", "WM_SYSKEYUP", "WM_SYSCHAR"),
        *("WM_LBUTTONDOWN", "WM_LBUTTONUP", "WM_LBUTTONDBLCLK", "WM_RBUTTONDOWN", "WM_RBUTTONUP"),
        *("WM_RBUTTONDBLCLK", "WM_MBUTTONDOWN", "WM_MBUTTONUP", "WM_MOUSEMOVE", "WM_MOUSEWHEEL"),
        *("WM_NCLBUTTONDOWN", "WM_NCRBUTTONUP", "WM_NCLBUTTONDBLCLK", "WM_DROPFILES", "WM_HELP"),
        *("WM_INITMENU", "WM_INITMENUPOPUP", "WM_HSCROLL", "WM_VSCROLL", "NIN_SELECT"),
        *("NIN_KEYSELECT", "NIN_BALLOONUSERCLICK"),
    )
)


# Also only by hand: the dispatcher says that no service control manager waits for the program
# (StartServiceCtrlDispatcher, error 1063), and Windows 95 to Me had no sessions.
_PERSONAL = _INPUT | {
    "ERROR_FAILED_SERVICE_CONTROLLER_CONNECT",
    "VER_PLATFORM_WIN32_WINDOWS",
    "VER_PLATFORM_WIN32s",
}
_FAILED_CONNECT = 1063


def _is_equal(expr: Expr, names: frozenset[str]) -> bool:
    """``message == WM_COMMAND``, or a case of it."""
    return (
        isinstance(expr, Operation)
        and expr.operator == "=="
        and any(
            (isinstance(part, NAMED) and part.name in names)
            or (isinstance(part, Number) and part.value == _FAILED_CONNECT)
            for part in expr.operands
        )
    )
