"""Where a token comes from: the calls that made it, through copies, wrappers and variables.

The value of a token is a :class:`Value` whose alternatives are calls: ``WTSQueryUserToken``,
``LogonUser``, ``OpenProcessToken``. A copy (``DuplicateTokenEx``) is what was copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sessionzero.facts import Call, Choice, Expr, Member, Name, Null, Number, Operation, Result
from sessionzero.knowledge.catalog import Api, Catalog, argument
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Frame, Scope, bind, scope_of, spot_of
from sessionzero.link.files.units import CallSite, Func, Spot, Unit, enclosing_owner
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.flow import flow
from sessionzero.link.values.lattice import UNKNOWN, Known, Value, either, just
from sessionzero.link.values.values import Values
from sessionzero.link.values.writes import Store, Writes

# What a token says of the process that gets it: it is the user's of a session, somebody's by name
# and password, the service's own, another process's, or that of a client being served.
Origin = Literal["user", "logon", "own", "process", "client", "unknown"]

_DEPTH = 8
_CALLERS = 8
_CURRENT_PROCESS = -1  # GetCurrentProcess() is a constant; processthreadsapi.h
_MAKERS = frozenset(("user-token", "logon", "open", "thread"))
_COPIES = frozenset(("duplicate", "restrict"))
_ROLES = frozenset(("token", "session-api"))


class Tokens:
    """Follows tokens backwards from where they are used."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        callees: Callees,
        values: Values,
        writes: Writes,
    ) -> None:
        apis = (api for role in _ROLES for api in catalog.with_role(role))
        self._makers = frozenset(api.name for api in apis if api.kind in _MAKERS | _COPIES)
        self._index = index
        self._callees = callees
        self._values = values
        self._writes = writes

    def sources(self, expr: Expr, scope: Scope) -> Value:
        """The calls that made the token ``expr``; open if it may have come another way."""
        return self._of(expr, scope, _DEPTH)

    def origins(self, expr: Expr, scope: Scope) -> frozenset[Origin]:
        """All that a token can be; with ``unknown`` if that isn't everything."""
        value = self.sources(expr, scope)
        found: set[Origin] = {
            self.origin(known.site) for known in value.known if known.site is not None
        }
        return frozenset(found | {"unknown"} if value.open or not found else found)

    def origin(self, site: CallSite) -> Origin:
        """What the token is that a call makes."""
        api = self._callees.of(site).api
        match api.kind if api is not None else "":
            case "user-token":
                return "user"
            case "logon":
                return "logon"
            case "thread":
                return "client"
            case "open":
                return "own" if self._opens_own(site) else "process"
            case _:
                return "unknown"

    def _opens_own(self, site: CallSite) -> bool:
        api, call = self._callees.of(site).api, self._index.call(site)
        expr = argument(api, call.arguments, "process") if api is not None else None
        known = self._values.argument(site, expr).known if expr is not None else ()
        return bool(known) and all(self._is_current(k) for k in known)

    def _is_current(self, known: Known) -> bool:
        if known.kind == "number":
            return known.number in (_CURRENT_PROCESS, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
        api = self._callees.of(known.site).api if known.site is not None else None
        return api is not None and api.kind == "current-process"

    # --- expressions ---

    def _of(self, expr: Expr, scope: Scope, depth: int) -> Value:
        if depth <= 0:
            return UNKNOWN
        match expr:
            case Operation("&" | "*", (inner,)):
                return self._of(inner, scope, depth)
            case Choice(_, yes, no):
                return either(*(self._of(e, scope, depth - 1) for e in (yes, no)))
            case Result(number):
                return self._made(CallSite(scope.unit.index, number), scope, depth - 1)
            case Null() | Number():
                return just(Known("null", spot_of(expr, scope)))
            case Member(inner, "handle" | "value") if scope.unit.is_python:  # PyHANDLE, ctypes
                return self._of(inner, scope, depth - 1)
            case Name() | Member():
                return self._variable(expr, scope, depth - 1)
            case _:
                return UNKNOWN

    def _made(self, site: CallSite, scope: Scope, depth: int) -> Value:
        """The token that a call gives back."""
        callee, call = self._callees.of(site), self._index.call(site)
        if callee.api is not None and callee.api.role in _ROLES:
            return self._by_api(callee.api, site, scope, depth)
        if callee.functions:
            returned = (self._returned(func, site, scope, depth) for func in callee.functions[:4])
            return either(*returned)
        if not call.arguments and (call.kind == "construct" or callee.dotted.startswith("ctypes.")):
            return just(Known("null", spot_of(call.callee, scope)))  # HANDLE token{}; HANDLE()
        inner = _looked_through(call)
        return self._of(inner, scope, depth) if inner is not None else UNKNOWN

    def _by_api(self, api: Api, site: CallSite, scope: Scope, depth: int) -> Value:
        if api.kind in _MAKERS:
            call = self._index.call(site)
            spot = Spot(site.unit, call.function, call.start, call.end)
            return just(Known("call", spot, site=site))
        copied = argument(api, self._index.call(site).arguments, "token")
        if api.kind in _COPIES and copied is not None:
            return self._of(copied, scope_of(self._index, site, scope.frame), depth)
        return UNKNOWN

    def _returned(self, func: Func, site: CallSite, scope: Scope, depth: int) -> Value:
        unit = self._index.unit(func)
        frame = Frame(func, bind(self._index, func, site, scope.frame))
        found = []
        for number in unit.returns_of.get(func.index, ()):
            item = unit.facts.returns[number]
            at = Scope(unit, func.index, item.branch, item.value.start, frame)
            found.append(self._of(item.value, at, depth))
        return either(*found) if found else UNKNOWN

    # --- variables ---

    def _variable(self, expr: Name | Member, scope: Scope, depth: int) -> Value:
        path = path_of(expr)
        if not path:
            return UNKNOWN
        stores = self._stores(path, scope)
        before = self._before(expr, scope, depth)
        if not stores:
            return before

        def stored(store: Store, state: Value) -> Value:
            at = Scope(scope.unit, scope.function, store.branch, store.start, scope.frame)
            if store.operator == "&":
                return self._filled(store, path, state, at, depth)
            return self._of(store.value, at, depth) if store.value is not None else UNKNOWN

        return _without_null(flow(scope.unit, before, stores, scope, stored))

    def _stores(self, path: str, scope: Scope) -> list[Store]:
        """The writes to a variable in its function: assignments, and calls that get its address."""
        assigned = self._writes.stores(scope.func).get(path, ()) if scope.function else ()
        found = [store for store in assigned if store.operator == "="]
        for site in self._index.calls_of(scope.func):
            call = self._index.call(site)
            if any(self._fills(site, call, a.value, path) for a in call.arguments):
                found.append(Store(call.start, call.branch, "&", None, site.index))
        return sorted(found, key=lambda store: store.start)

    def _fills(self, site: CallSite, call: Call, value: Expr, path: str) -> bool:
        """Whether a call may put a token into what an argument points to."""
        unit = self._index.unit(site)
        inner = _addressed(value, unit)
        addressed = inner is not None and path_of(inner) == path
        if not addressed and path_of(value) != path:
            return False
        callee = self._callees.of(site)
        if callee.functions and (addressed or unit.facts.language == "c++"):
            return True  # C++ may take it by reference
        return _target(callee.api, call) is value

    def _filled(self, store: Store, path: str, state: Value, at: Scope, depth: int) -> Value:
        """The variable after a call that got its address."""
        site = CallSite(at.unit.index, store.call)
        callee, call = self._callees.of(site), self._index.call(site)
        if callee.api is not None:
            return self._by_api(callee.api, site, at, depth)
        found = []
        for func in callee.functions[:4]:
            parameters = self._index.function(func).parameters
            for passed, parameter in zip(call.arguments, parameters, strict=False):
                inner = _addressed(passed.value, at.unit) or passed.value
                if path_of(inner) == path:
                    unit = self._index.unit(func)
                    frame = Frame(func, bind(self._index, func, site, at.frame))
                    end = Scope(unit, func.index, -1, frame=frame)
                    stores = self._stores(parameter.name, end)
                    value = self._variable(Name(parameter.name, 0, 0), end, depth - 1)
                    found.append(value if stores else state)
        return either(*found) if found else UNKNOWN

    def _before(self, expr: Name | Member, scope: Scope, depth: int) -> Value:
        """What a variable holds before its function writes it."""
        name = path_of(expr)
        described = self._index.function(scope.func)
        if any(parameter.name == name for parameter in described.parameters):
            return self._passed(name, scope, depth)
        if isinstance(expr, Name) and self._is_local(name, scope):
            return Value(open=False)  # not yet anything
        return self._elsewhere(last_name(expr), scope, depth)

    def _is_local(self, name: str, scope: Scope) -> bool:
        assigned = scope.unit.is_python and name in self._writes.stores(scope.func)
        return assigned or name in scope.unit.types_of.get(scope.function, {})

    def _passed(self, name: str, scope: Scope, depth: int) -> Value:
        frame = scope.frame
        if frame is not None and frame.func == scope.func:
            bound = frame.arguments.get(name)
            return self._of(*bound, depth) if bound is not None else UNKNOWN
        sites = self._callees.callers(scope.func)
        if not sites or len(sites) > _CALLERS:
            return UNKNOWN
        found = []
        for site in sites:
            bound = bind(self._index, scope.func, site).get(name)
            found.append(self._of(*bound, depth) if bound is not None else UNKNOWN)
        return either(*found)

    def _elsewhere(self, name: str, scope: Scope, depth: int) -> Value:
        """What other functions of the file or class put into a field or global variable."""
        found = []
        for site in self._token_calls():
            call = self._index.call(site)
            func = Func(site.unit, call.function)
            api = self._callees.of(site).api
            target = _target(api, call)
            inner = _addressed(target, self._index.unit(site)) if target is not None else None
            if api is None or inner is None or last_name(inner) != name or func == scope.func:
                continue
            if self._belongs(func, scope):
                found.append(self._by_api(api, site, scope_of(self._index, site), depth))
        for write in self._index.writes.get(name, ()):
            unit, binding = self._index.unit(write), self._index.binding(write)
            func = Func(write.unit, binding.function)
            if func != scope.func and self._belongs(func, scope):
                at = Scope(unit, binding.function, binding.branch, binding.start)
                found.append(self._of(binding.value, at, depth))
        return _without_null(either(*found)) if found else UNKNOWN

    def _token_calls(self) -> Iterator[CallSite]:
        for name in sorted(self._makers):
            for site in self._index.calls_named.get(name, ()):
                api = self._callees.of(site).api
                if api is not None and api.role in _ROLES:
                    yield site

    def _belongs(self, func: Func, scope: Scope) -> bool:
        """Whether a function stands in the file of the scope, or in its class."""
        owner = enclosing_owner(scope.unit, scope.function)
        same = bool(owner) and owner == enclosing_owner(self._index.unit(func), func.index)
        return func.unit == scope.unit.index or same


def _target(api: Api | None, call: Call) -> Expr | None:
    """The argument that a function of Windows stores a token by; None if it gives one back."""
    if api is None or api.role not in _ROLES or api.language != "c":
        return None
    role = "new_token" if api.kind in _COPIES else "token"
    return argument(api, call.arguments, role) if api.kind in _MAKERS | _COPIES else None


def _addressed(expr: Expr, unit: Unit) -> Expr | None:
    """What ``&token``, ``byref(token)``, ``token.addressof()`` is the address of."""
    match expr:
        case Operation("&", (inner,)):
            return inner
        case Result(number):
            call = unit.facts.calls[number]
            if last_name(call.callee) in ("byref", "pointer") and call.arguments:
                return call.arguments[0].value
            return _looked_through(call)
        case _:
            return None


def _looked_through(call: Call) -> Expr | None:
    """The object of ``token.get()``; the argument of ``int(token)``, ``HANDLE(token)``."""
    if isinstance(call.callee, Member) and not call.arguments:
        return call.callee.object
    single = len(call.arguments) == 1 and not call.arguments[0].name
    wraps = single and isinstance(call.callee, Name)
    return call.arguments[0].value if wraps else None


def _without_null(value: Value) -> Value:
    """Nobody starts a program with no token: that it is NULL on some way says nothing."""
    found = tuple(known for known in value.known if known.kind != "null")
    return Value(found, open=value.open) if found else value
