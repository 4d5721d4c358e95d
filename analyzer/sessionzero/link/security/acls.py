"""The entries of an access control list that code builds: AddAccessAllowedAce and the like, and
EXPLICIT_ACCESS given to SetEntriesInAcl.

What can't be told is left out, and the list is then not whole: what is in it is certain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from sessionzero.facts import Binding, Expr, Index, Member, Number, Operation, Result
from sessionzero.facts import Sequence as Items
from sessionzero.knowledge.catalog import Api, Catalog, argument
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Scope, scope_of
from sessionzero.link.files.units import CallSite, Func, Spot
from sessionzero.link.names.callees import Callees
from sessionzero.link.security.sids import Sids
from sessionzero.link.values.values import Values
from sessionzero.sddl import Ace, Acl, Effect, Sid

_ROLE = "security-descriptor"
# accctrl.h: GRANT_ACCESS, SET_ACCESS; DENY_ACCESS.
_MODES: dict[int, Effect] = {1: "allow", 2: "allow", 3: "deny"}
_BY_NAME = 1  # TRUSTEE_IS_NAME; accctrl.h
_TYPES: dict[Effect, str] = {"allow": "A", "deny": "D", "label": "ML"}
_ADDING: dict[str, Effect] = {"ace": "allow", "denial": "deny", "label": "label"}


class Built(Struct, frozen=True):
    """A list and where each of its entries is written."""

    acl: Acl
    spots: tuple[Spot, ...] = ()


class _Entry(Struct, frozen=True):
    ace: Ace
    spot: Spot


class Acls:
    """Follows a list to the calls that fill it."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        callees: Callees,
        values: Values,
        sids: Sids,
    ) -> None:
        self._index = index
        self._callees = callees
        self._values = values
        self._sids = sids
        self._methods = _methods(catalog)

    def of(self, expr: Expr, scope: Scope) -> Built | None:
        """The list that ``expr`` is; None if nothing that fills it is seen."""
        if isinstance(expr, Result):
            return self._returned(expr, scope)
        path = path_of(expr)
        return self._filled(path, scope.func) if path else None

    def api_of(self, site: CallSite) -> Api | None:
        """The function of Windows that is called, pywin32's methods by their names alone: no other
        class has such ones."""
        call = self._index.call(site)
        api = self._callees.of(site).api
        if api is None and self._index.unit(site).is_python and isinstance(call.callee, Member):
            return self._methods.get(call.callee.name)
        return api

    def subject(self, site: CallSite, api: Api, role: str) -> Expr | None:
        """The argument of the call that plays a role; in Python the object of the method."""
        call = self._index.call(site)
        if api.language == "python" and isinstance(call.callee, Member):
            return call.callee.object
        return argument(api, call.arguments, role)

    def _returned(self, expr: Result, scope: Scope) -> Built | None:
        """The list that a function of the project makes."""
        for func in self._callees.of(CallSite(scope.unit.index, expr.call)).functions[:1]:
            unit = self._index.unit(func)
            for i in unit.returns_of.get(func.index, ()):
                path = path_of(unit.facts.returns[i].value)
                found = self._filled(path, func) if path else None
                if found is not None:
                    return found
        return None

    def _filled(self, path: str, func: Func) -> Built | None:
        entries: list[_Entry] = []
        begun, whole = False, True
        for site in self._index.calls_of(func):
            api = self.api_of(site)
            if api is None or api.role != _ROLE:
                whole = whole and not self._may_fill(site, path)
                continue
            target = self.subject(site, api, "acl")
            if target is None or path_of(target) != path:
                continue
            begun = True
            if api.kind in _ADDING:
                entry = self._added(site, api)
                whole = whole and entry is not None
                entries.extend([entry] if entry is not None else [])
            elif api.kind == "entries":
                found, complete = self._of_explicit(site, api)
                whole = whole and complete
                entries.extend(found)
        if not begun and not self._made_in_python(path, func):
            return None
        return Built(
            Acl(tuple(e.ace for e in entries), whole=whole), tuple(e.spot for e in entries)
        )

    def _made_in_python(self, path: str, func: Func) -> bool:
        """``acl = win32security.ACL()``, which is empty then."""
        unit = self._index.unit(func)
        for i in unit.bindings_of.get(func.index, ()):
            binding = unit.facts.bindings[i]
            if path_of(binding.target) == path and isinstance(binding.value, Result):
                api = self._callees.of(CallSite(func.unit, binding.value.call)).api
                if api is not None and (api.role, api.kind) == (_ROLE, "acl"):
                    return True
        return False

    def _may_fill(self, site: CallSite, path: str) -> bool:
        """Whether a call that isn't known gets the list, and isn't one that frees or checks it."""
        call = self._index.call(site)
        if not self._callees.of(site).functions and not last_name(call.callee).startswith("Add"):
            return False
        return any(path_of(passed.value) == path for passed in call.arguments)

    # --- one call, one entry ---

    def _added(self, site: CallSite, api: Api) -> _Entry | None:
        """``AddAccessAllowedAce(acl, revision, access, sid)``: the last two decide in every form of
        it."""
        call, scope = self._index.call(site), scope_of(self._index, site)
        if len(call.arguments) < 2:
            return None
        rights = self._mask(call.arguments[-2].value, scope)
        if rights is None:
            return None
        flags = argument(api, call.arguments, "flags")
        return self._entry(
            _ADDING[api.kind],
            rights,
            self._sids.of(call.arguments[-1].value, scope),
            self._spot(site),
            inherit_only=flags is not None and bool((self._mask(flags, scope) or 0) & 0x8),
        )

    def _entry(
        self, effect: Effect, rights: int, sid: Sid, spot: Spot, *, inherit_only: bool = False
    ) -> _Entry:
        flags = ("IO",) if inherit_only else ()  # INHERIT_ONLY_ACE; winnt.h
        return _Entry(Ace(_TYPES[effect], effect, flags, rights, sid), spot)

    def _mask(self, expr: Expr, scope: Scope) -> int | None:
        """An access mask, or the bits that it has for certain."""
        numbers = [k for k in self._values.fold(expr, scope).known if k.kind == "number"]
        return numbers[0].number & 0xFFFFFFFF if len(numbers) == 1 else None

    def _spot(self, site: CallSite) -> Spot:
        call = self._index.call(site)
        return Spot(site.unit, call.function, call.start, call.end)

    # --- EXPLICIT_ACCESS ---

    def _of_explicit(self, site: CallSite, api: Api) -> tuple[list[_Entry], bool]:
        """The entries that ``SetEntriesInAcl(count, data, old, &acl)`` makes, denials first as it
        does, and whether these are all."""
        call, scope = self._index.call(site), scope_of(self._index, site)
        count, data, old = (
            argument(api, call.arguments, role) for role in ("count", "data", "old_acl")
        )
        if data is None or count is None:
            return [], False
        fields = self._explicit_fields(path_of(data), scope)
        entries = [self._explicit(fields[key], scope) for key in sorted(fields)]
        found = sorted((e for e in entries if e is not None), key=lambda e: e.ace.type != "D")
        wanted = self._mask(count, scope)
        added = old is not None and not self._values.fold(old, scope).is_null
        return found, len(found) == wanted and not added

    def _explicit_fields(self, path: str, scope: Scope) -> dict[int, dict[str, tuple[Expr, Spot]]]:
        """Number of the EXPLICIT_ACCESS → its fields that are written before, by their names."""
        found: dict[int, dict[str, tuple[Expr, Spot]]] = defaultdict(dict)
        unit = scope.unit
        for i in unit.bindings_of.get(scope.function, ()):
            binding = unit.facts.bindings[i]
            target = path_of(binding.target)
            if binding.start < scope.position and (target == path or target.startswith(f"{path}.")):
                spot = Spot(unit.index, scope.function, binding.start, binding.end)
                for number, name, value in _written(binding, target[len(path) + 1 :]):
                    found[number][name] = (value, spot)
        for site in self._index.calls_of(scope.func):
            api = self.api_of(site)
            if api is not None and api.kind in ("explicit-access", "trustee"):
                self._filled_by_call(site, api, path, found)
        return found

    def _filled_by_call(
        self,
        site: CallSite,
        api: Api,
        path: str,
        found: dict[int, dict[str, tuple[Expr, Spot]]],
    ) -> None:
        arguments = self._index.call(site).arguments
        data = argument(api, arguments, "data")
        if data is None or path_of(data).removesuffix(".Trustee") != path:
            return
        fields = found[_number_in(data)]
        roles = {"access": "grfAccessPermissions", "mode": "grfAccessMode", "sid": "sid"}
        for role, name in {**roles, "trustee": "name"}.items():
            value = argument(api, arguments, role)
            if value is not None:
                fields[name] = (value, self._spot(site))

    def _explicit(self, fields: dict[str, tuple[Expr, Spot]], scope: Scope) -> _Entry | None:
        access, mode = fields.get("grfAccessPermissions"), fields.get("grfAccessMode")
        if access is None or mode is None:
            return None
        rights, number = self._mask(access[0], scope), self._mask(mode[0], scope)
        effect = _MODES.get(number or 0)
        if rights is None or effect is None:
            return None
        sid = self._trustee(fields, scope)
        return self._entry(effect, rights, sid, access[1]) if sid is not None else None

    def _trustee(self, fields: dict[str, tuple[Expr, Spot]], scope: Scope) -> Sid | None:
        if "sid" in fields:
            return self._sids.of(fields["sid"][0], scope)
        if "name" in fields:
            return self._sids.named(fields["name"][0], scope)
        who, form = fields.get("Trustee.ptstrName"), fields.get("Trustee.TrusteeForm")
        if who is None:
            return None
        by_name = form is not None and self._mask(form[0], scope) == _BY_NAME
        return self._sids.named(who[0], scope) if by_name else self._sids.of(who[0], scope)


def _written(binding: Binding, field: str) -> Iterator[tuple[int, str, Expr]]:
    """What a binding writes to an EXPLICIT_ACCESS: number, field, value."""
    number = _number_in(binding.target)
    if field:
        if binding.operator == "=":
            yield number, field, binding.value
    elif isinstance(binding.value, Items):
        items = [item.value for item in binding.value.items]
        several = all(isinstance(item, Items) for item in items)
        for at, item in enumerate(items if several else [binding.value]):
            if isinstance(item, Items):
                yield from ((at, name, value) for name, value in _initialised(item))


def _initialised(items: Items) -> Iterator[tuple[str, Expr]]:
    """``{access, mode, inheritance, {NULL, multiple, form, type, name}}`` (accctrl.h)."""
    values = [item.value for item in items.items]
    if len(values) == 4 and isinstance(values[3], Items):
        yield "grfAccessPermissions", values[0]
        yield "grfAccessMode", values[1]
        trustee = [item.value for item in values[3].items]
        if len(trustee) == 5:
            yield "Trustee.TrusteeForm", trustee[2]
            yield "Trustee.ptstrName", trustee[4]


def _number_in(expr: Expr) -> int:
    """The index in ``&ea[1]`` or ``ea[1].field``; 0 if there is none, -1 if it isn't constant."""
    while True:
        match expr:
            case Index(_, Number(value)):
                return value
            case Index():
                return -1
            case Member(inner) | Operation("&" | "*", (inner,)):
                expr = inner
            case _:
                return 0


def _methods(catalog: Catalog) -> dict[str, Api]:
    """The methods of pywin32's descriptors and lists, by name."""
    return {
        api.name: api
        for api in catalog.with_role(_ROLE)
        if api.language == "python" and api.form == "method"
    }
