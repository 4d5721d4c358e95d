"""Handlers of console signals by which a log-off of any user stops a service.

Sources: HandlerRoutine, SetConsoleCtrlHandler (learn.microsoft.com/windows/console): services get
CTRL_LOGOFF_EVENT, which doesn't say who logs off, and their default handler ignores it. A process
that has loaded user32.dll or gdi32.dll isn't told.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.checks.reporting import callee_spot, finding_at, words_of
from sessionzero.facts import Binding, Branch, Call, Expr, Member, Name, Operation, Result
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import NAMED, last_name, path_of, walk
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import Func, Spot, Unit
from sessionzero.link.files.words import words
from sessionzero.program import Program

# Signals of consoles (wincon.h): Ctrl+C, Ctrl+Break, close, log-off, shutdown.
_LOG_OFF, _ENDING = 5, (0, 1, 2, 6)
_STOPS = frozenset(
    (
        *("stop", "stopped", "stopping", "exit", "exiting", "quit", "quitting", "shutdown", "end"),
        *("terminate", "terminated", "terminating", "running", "alive", "interrupted", "halt"),
        *("die", "kill", "abort", "cancel", "cancelled", "finish", "finished", "done", "shut"),
    )
)
# What only speaks of the end: `exitCode`, `StopWatch`, `LogShutdown`.
_ABOUT = frozenset(
    (
        *("code", "status", "reason", "time", "watch", "log", "print", "trace", "debug", "report"),
        *("text", "message", "msg", "string", "name", "count"),
    )
)
_NOTHING = frozenset(("NULL", "INVALID_HANDLE_VALUE"))
# Whoever calls these has user32.dll in the process.
_WINDOWED = frozenset(("user32", "gdi32", "shell32", "comctl32", "comdlg32"))


def stops_at_log_off(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each handler of console signals that a service registers, and that surely stops it at a
    log-off: by one of the functions ``any-of``, which end the process, or by what says so."""
    for site in program.service_sites(*rule.roles):
        callback = program.argument(site, "callback")
        unit, call = program.index.unit(site.call), program.index.call(site.call)
        removed = program.value(site, "create").is_null
        if site.api.kind != "console" or callback is None or unit.is_python or removed:
            continue
        for func in program.callees.referenced(callback, unit, call.function):
            stop = _stop(program, func, frozenset(words_of(rule, "any-of")))
            proof = program.service_proof(site) if stop is not None else None
            if stop is None or proof is None or _is_windowed(program, func):
                continue
            note = Note(program.place(callee_spot(program, site)), "the handler is registered here")
            words = {"text": program.index.function(func).name or "a lambda"}
            yield finding_at(
                *(program, rule, stop),
                proof=proof,
                related=(note,),
                words=words,
                subject=site.api.name,
            )


def _is_windowed(program: Program, func: Func) -> bool:
    """Whether the program calls functions of a library that comes with user32.dll."""
    return any(
        not program.linkage.apart(site.unit, func.unit)
        for name, sites in program.index.calls_named.items()
        if (api := program.catalog.function(name)) is not None and api.library in _WINDOWED
        for site in sites
    )


class _Handler(Struct, frozen=True):
    """A handler of console signals: ``signal`` is the name of its parameter."""

    program: Program
    func: Func
    unit: Unit
    signal: str

    def surely(self, branch: int, signal: int, acting: frozenset[str]) -> bool:
        """Whether a branch is taken at a signal, whatever else is so; that what is acted upon is
        there may be asked."""
        for it in self.unit.branches(branch):
            scope = Scope(self.unit, self.func.index, it.parent, it.condition.start)
            truth = self._truth(it.condition, signal, scope)
            if truth is not it.holds and (truth is not None or not _is_there(it, acting)):
                return False
        return True

    def _truth(self, expr: Expr, signal: int, scope: Scope) -> bool | None:
        """What a condition is at a signal; None if it asks about something else too."""
        match expr:
            case Operation("!", (inner,)):
                found = self._truth(inner, signal, scope)
                return None if found is None else not found
            case Operation("&&" | "||" as operator, operands):
                truths = {self._truth(operand, signal, scope) for operand in operands}
                ends = operator == "||"
                if ends in truths:
                    return ends
                return None if None in truths else not ends
            case Operation("==" | "!=" as operator, (Name(self.signal), other)):
                numbers = self.program.values.fold(other, scope)
                if numbers.open or len(numbers.known) != 1 or numbers.known[0].kind != "number":
                    return None
                return (numbers.known[0].number == signal) is (operator == "==")
            case Operation("default", (Name(self.signal),)):
                return not self._has_case(signal, scope)
            case _:
                return None

    def _has_case(self, signal: int, scope: Scope) -> bool:
        """Whether a condition of the function asks for a signal by its number or name."""
        return any(
            isinstance(part, Operation)
            and part.operator == "=="
            and self._truth(part, signal, scope) is not False
            for branch in self.unit.facts.branches
            if self._is_inside(branch.start)
            for part in walk(branch.condition)
        )

    def _is_inside(self, position: int) -> bool:
        described = self.program.index.function(self.func)
        return described.start <= position < described.end


def _stop(program: Program, func: Func, ending: frozenset[str]) -> Spot | None:
    """The first place of a handler that surely stops the service at a log-off."""
    parameters = program.index.function(func).parameters
    unit = program.index.unit(func)
    if not parameters:
        return None
    handler = _Handler(program, func, unit, parameters[0].name)
    calls = [unit.facts.calls[i] for i in unit.calls_of.get(func.index, ())]
    bindings = [unit.facts.bindings[i] for i in unit.bindings_of.get(func.index, ())]
    actions: list[Call | Binding] = [*calls, *bindings]
    for action in sorted(actions, key=lambda it: it.start):
        acting = _acted_upon(action)
        if not handler.surely(action.branch, _LOG_OFF, acting):
            continue
        always = any(
            handler.surely(other.branch, signal, acting)
            for other in actions
            if _same(other) == _same(action)
            for signal in _ENDING
        )
        if _stops(action, ending, always=always):
            part = action.callee if isinstance(action, Call) else action.target
            return Spot(unit.index, func.index, part.start, part.end)
    return None


def _is_there(branch: Branch, acting: frozenset[str]) -> bool:
    """``if (stop != NULL)``: whether a condition asks about nothing but what is acted upon."""
    parts = walk(branch.condition)
    asked = {path_of(part) for part in parts if isinstance(part, NAMED)} - _NOTHING
    return bool(asked) and asked <= acting and not any(isinstance(it, Result) for it in parts)


def _acted_upon(action: Call | Binding) -> frozenset[str]:
    if isinstance(action, Binding):
        return frozenset()
    return frozenset(path for argument in action.arguments if (path := path_of(argument.value)))


def _same(action: Call | Binding) -> tuple[str, ...]:
    """What is equal of two actions that do the same: what is called with what, or what is set."""
    if isinstance(action, Binding):
        return ("=", path_of(action.target))
    paths = (path_of(argument.value) for argument in action.arguments)
    return (path_of(action.callee), *paths)


def _stops(action: Call | Binding, ending: frozenset[str], *, always: bool) -> bool:
    """Whether an action stops the service: it ends the process, or sets an event, a flag or a
    function going that is also the handler's answer to Ctrl+C (``always``)."""
    if isinstance(action, Binding):
        return always and not action.type and _says_stop(last_name(action.target))
    if action.kind == "construct":
        return False
    name = last_name(action.callee)
    told = [last_name(it.value) for it in action.arguments]
    if name == "SetEvent":
        return always or any(_says_stop(it) for it in told)
    if name == "store" and isinstance(action.callee, Member):  # of a std::atomic
        return always and _says_stop(last_name(action.callee.object))
    if name.lstrip("_").startswith("Interlocked"):
        return always and any(_says_stop(it) for it in told)
    return name in ending or (always and _says_stop(name) and "is" not in words(name))


def _says_stop(name: str) -> bool:
    said = words(name)
    return not _STOPS.isdisjoint(said) and _ABOUT.isdisjoint(said)
