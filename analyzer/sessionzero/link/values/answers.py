"""Variables that hold the answer of a test: who runs the process, in which session, how visibly."""

from __future__ import annotations

from collections import defaultdict

from sessionzero.facts import Expr, Member, Name, Null, Number, Operation, Result
from sessionzero.knowledge.catalog import Catalog, argument
from sessionzero.link.files.expressions import NAMED, last_name, path_of, walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.units import (
    CallSite,
    Func,
    Unit,
    Write,
    enclosing_owner,
    walk_into_calls,
)
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.writes import Writes

OWN_PROCESS = frozenset(("GetCurrentProcessId", "_getpid", "getpid"))
_FEW = 8  # what is written more often holds no answer


class Answers:
    """Looks behind the names in conditions."""

    def __init__(
        self, index: ProgramIndex, catalog: Catalog, callees: Callees, writes: Writes
    ) -> None:
        self._index = index
        self._callees = callees
        self._writes = writes
        guards = [api for api in catalog.with_role("guard") if api.parameters]
        self._filling: dict[Func, list[CallSite]] = defaultdict(list)
        for name in {api.name.rpartition(".")[2] for api in guards}:
            for site in index.calls_named.get(name, ()):
                self._filling[Func(site.unit, index.call(site).function)].append(site)

    def visible(self, expr: Expr, unit: Unit, function: int) -> bool | None:
        """Whether a true ``expr`` means a session or window station that a person sees: the session
        that ProcessIdToSessionId gave for the own process is not 0 (services alone have 0), or
        USEROBJECTFLAGS has WSF_VISIBLE ("Interaction with services",
        learn.microsoft.com/windows/win32/services). None if it is no such test."""
        match expr:
            case Name(name):
                return True if self._is_filled(name, "session", unit, function) else None
            case Operation("&", (Member(Name(name), "dwFlags"), mask)) if _is_visible(mask):
                return True if self._is_filled(name, "data", unit, function) else None
            case Operation(">" | ">=", (Name(name), Number())):
                return True if self._is_filled(name, "session", unit, function) else None
            case _:
                return None

    def tells(self, site: CallSite) -> bool:
        """Whether a guard of the catalogue tells something of this run where it is called in a
        condition. ProcessIdToSessionId does so of the own process only, and in C only if the number
        that it gives is looked at: it succeeds in a service, too."""
        call, api = self._index.call(site), self._callees.of(site).api
        process = argument(api, call.arguments, "process_id") if api is not None else None
        if api is None or process is None:
            return True
        unit = self._index.unit(site)
        target = argument(api, call.arguments, "session")
        number = path_of(target) if target is not None else ""
        looked_at = not number or self._is_tested(number, unit, call.function)
        return looked_at and self._may_be_own(process, unit, call.function)

    def _may_be_own(self, process: Expr, unit: Unit, function: int) -> bool:
        """Whether the identifier of a process is that of this one, also from a variable, or a
        parameter: which, the callers know."""
        if self._is_own(process, unit):
            return True
        given = self._index.function(Func(unit.index, function)).parameters
        return isinstance(process, Name) and (
            any(parameter.name == process.name for parameter in given)
            or any(
                self._is_own(self._index.binding(write).value, unit)
                for write in self._index.writes.get(process.name, ())
                if write.unit == unit.index
            )
        )

    def _is_tested(self, path: str, unit: Unit, function: int) -> bool:
        """Whether a condition of a function asks about a variable, or its value is kept or given
        back; what a function of Windows is told is no test."""
        facts = unit.facts
        asked = {facts.calls[i].branch for i in unit.calls_of.get(function, ())}
        pending = [it.condition for number in asked for it in unit.branches(number)]
        pending += [facts.bindings[i].value for i in unit.bindings_of.get(function, ())]
        pending += [facts.returns[i].value for i in unit.returns_of.get(function, ())]
        while pending:
            for part in walk(pending.pop()):
                if isinstance(part, NAMED) and path_of(part) == path:
                    return True
                if not isinstance(part, Result):
                    continue
                if self._callees.of(CallSite(unit.index, part.call)).api is None:
                    pending += [argument.value for argument in facts.calls[part.call].arguments]
        return False

    def _is_filled(self, name: str, role: str, unit: Unit, function: int) -> bool:
        """True if a guard of the catalogue gives its answer into the variable."""
        for site in self._filling.get(Func(unit.index, function), ()):
            call, api = self._index.call(site), self._callees.of(site).api
            if api is None or api.role != "guard":
                continue
            target = argument(api, call.arguments, role)
            process = argument(api, call.arguments, "process_id")
            if target is not None and path_of(target) == name:
                return process is None or self._is_own(process, unit)
        return False

    def _is_own(self, process: Expr, unit: Unit) -> bool:
        return any(
            isinstance(part, NAMED) and part.name in OWN_PROCESS
            for part in walk_into_calls(process, unit)
        )

    def assigned(self, expr: Expr, unit: Unit, function: int) -> tuple[Expr, Unit, int] | None:
        """The one value that a variable gets, beside constants, if a call gives it: a test whose
        answer is kept; with its unit and function. None if there are several, or none."""
        if not isinstance(expr, NAMED):
            return None
        values = [
            (binding.value, self._index.unit(write), binding.function)
            for write in self._writes_to(expr, unit, function)
            if not isinstance((binding := self._index.binding(write)).value, Number | Null)
            and not (isinstance(binding.value, Name) and binding.value.name.isupper())
        ]
        if len(values) != 1 or not self._asks(*values[0][:2]):
            return None
        return values[0]

    def _writes_to(self, expr: Name | Member, unit: Unit, function: int) -> list[Write]:
        writes = self._index.writes.get(last_name(expr), ())
        if not 0 < len(writes) <= _FEW:
            return []
        path = path_of(expr)
        local = [
            w
            for w in writes
            if w.unit == unit.index
            and self._index.binding(w).function == function
            and path_of(self._index.binding(w).target) == path
        ]
        declared = isinstance(expr, Name) and any(
            expr.name in unit.types_of.get(f, {}) for f in unit.outer_functions(function) if f
        )
        if local or declared:
            return local
        return self._outlasting(expr, unit, function)

    def _outlasting(self, expr: Name | Member, unit: Unit, function: int) -> list[Write]:
        """The writes to a variable that outlives the function."""
        if unit.is_python:
            writes = self._index.writes.get(expr.name, ())
            return [write for write in writes if write.unit == unit.index]
        if isinstance(expr, Member):
            return self._writes.to_member(expr, unit, function)
        owner = enclosing_owner(unit, function)
        if owner and self._writes.is_field(owner, expr.name, unit):
            return self._writes.to_own_field(owner, expr.name)
        return self._writes.to_global(expr.name, unit)

    def _asks(self, value: Expr, unit: Unit) -> bool:
        """A quick look: a call is in it."""
        return any(
            isinstance(part, Result) and unit.facts.calls[part.call].kind == "call"
            for part in walk_into_calls(value, unit)
        )


def _is_visible(mask: Expr) -> bool:
    """WSF_VISIBLE (winuser.h) is 1."""
    return (isinstance(mask, Name) and mask.name == "WSF_VISIBLE") or (
        isinstance(mask, Number) and mask.value == 1
    )
