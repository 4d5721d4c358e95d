"""Whom a SID means that code makes: by its parts, its text, the name of the account, or a number.

Sources: AllocateAndInitializeSid, CreateWellKnownSid, ConvertStringSidToSid, LookupAccountName
(learn.microsoft.com/windows/win32/api), and the SID objects of pywin32.
"""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.facts import Call, Expr, Index, Name, Number, Result
from sessionzero.facts import Sequence as Items
from sessionzero.knowledge.catalog import Api, Catalog, argument, arguments_for
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Scope, scope_of
from sessionzero.link.files.units import CallSite
from sessionzero.link.names.callees import Callees
from sessionzero.link.values.values import Values
from sessionzero.sddl import Sid, sid_named

_ROLE = "security-descriptor"


class Sids:
    """Follows the SIDs of calls to what they are made by."""

    def __init__(
        self, index: ProgramIndex, catalog: Catalog, callees: Callees, values: Values
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._callees = callees
        self._values = values

    def of(self, expr: Expr, scope: Scope) -> Sid:
        """Whom the SID ``expr`` means; if that isn't known, somebody without a name."""
        makers = self._python(expr, scope) if scope.unit.is_python else self._native(expr, scope)
        found = [self._made(site, api) for site, api in makers]
        if len(set(found)) == 1 and found[0] is not None:
            return found[0]
        path = path_of(expr)
        return Sid("", "", f"the account in `{path}`" if path else "an account", "")

    def named(self, expr: Expr, scope: Scope) -> Sid:
        """Whom the name of an account means, as English versions of Windows write it."""
        texts = self._values.fold(expr, scope).texts
        if len(texts) == 1 and texts[0].exact:
            return self._by_name(texts[0].text)
        return Sid("", "", "an account", "")

    def _by_name(self, name: str) -> Sid:
        token = self._catalog.sddl.accounts.get(name.casefold(), "")
        found = sid_named(token, self._catalog.sddl) if token else None
        return found or Sid(name, "", f"the account {name}", "")

    # --- what makes it ---

    def _native(self, expr: Expr, scope: Scope) -> Iterator[tuple[CallSite, Api]]:
        """The calls of the function that write the SID."""
        path = path_of(expr)
        for site in self._index.calls_of(scope.func):
            api, call = self._callees.of(site).api, self._index.call(site)
            if api is not None and api.role == _ROLE and api.kind == "sid" and path:
                target = argument(api, call.arguments, "sid") or call.arguments[-1].value
                if path_of(target) == path and call.start < scope.position:
                    yield site, api

    def _python(self, expr: Expr, scope: Scope) -> Iterator[tuple[CallSite, Api]]:
        """The calls that give the SID; ``LookupAccountName`` gives it as the first of three."""
        if isinstance(expr, Name):
            for i in scope.unit.bindings_of.get(scope.function, ()):
                binding = scope.unit.facts.bindings[i]
                if path_of(binding.target) == expr.name and isinstance(binding.value, Index):
                    yield from self._python(binding.value, scope)
                    return
        match expr:
            case Index(Result(call), Number(0)):
                sites = [CallSite(scope.unit.index, call)]
            case _:
                known = self._values.fold(expr, scope).known
                sites = [item.site for item in known if item.site is not None]
        for site in sites:
            api = self._callees.of(site).api
            if api is not None and api.role == _ROLE and api.kind in ("sid", "sid-object"):
                yield site, api

    def _made(self, site: CallSite, api: Api) -> Sid | None:
        call, scope = self._index.call(site), scope_of(self._index, site)
        words = self._catalog.sddl
        if api.kind == "sid-object":
            return self._of_object(site, scope)
        text = argument(api, call.arguments, "sid_text")
        if text is not None:
            texts = self._values.fold(text, scope).texts
            known = len(texts) == 1 and texts[0].exact
            return sid_named(texts[0].text, words) if known else None
        name = argument(api, call.arguments, "trustee")
        if name is not None:
            return self.named(name, scope)
        number = argument(api, call.arguments, "well_known")
        if number is not None:
            return self._well_known(number, scope)
        return self._of_parts(api, call, scope)

    def _well_known(self, expr: Expr, scope: Scope) -> Sid | None:
        words, name = self._catalog.sddl, last_name(expr)
        if name not in words.well_known:
            number = self._number(expr, scope)
            names = (n for n in words.well_known if self._catalog.constants[n] == number)
            name = next(names, "") if number is not None else ""
        return sid_named(words.well_known[name], words) if name else None

    def _of_parts(self, api: Api, call: Call, scope: Scope) -> Sid | None:
        """``AllocateAndInitializeSid(&authority, count, rid, …, &sid)``."""
        authority = argument(api, call.arguments, "authority")
        count = argument(api, call.arguments, "count")
        if authority is None or count is None:
            return None
        first, number = self._authority(authority, scope), self._number(count, scope)
        rids = list(arguments_for(api, call.arguments, "rid"))[: number or 0]
        parts = [self._number(rid, scope) for rid in rids]
        if first is None or not parts or None in parts:
            return None
        text = "-".join(("S-1", str(first), *(str(part) for part in parts)))
        return sid_named(text, self._catalog.sddl)

    def _of_object(self, site: CallSite, scope: Scope) -> Sid | None:
        """``sid.Initialize(authority, count)``, then ``sid.SetSubAuthority(number, rid)``."""
        unit = scope.unit
        names = (
            path_of(binding.target)
            for i in unit.bindings_of.get(scope.function, ())
            if isinstance((binding := unit.facts.bindings[i]).value, Result)
            and binding.value.call == site.index
        )
        name = next(names, "")
        authority: int | None = None
        parts: list[int | None] = []
        for other in self._index.calls_of(scope.func) if name else ():
            call = self._index.call(other)
            if path_of(call.callee) == f"{name}.Initialize" and call.arguments:
                first = call.arguments[0].value
                authority = self._last_byte(first)
            elif path_of(call.callee) == f"{name}.SetSubAuthority" and len(call.arguments) == 2:
                parts.append(self._number(call.arguments[1].value, scope_of(self._index, other)))
        if authority is None or not parts or None in parts:
            return None
        text = "-".join(("S-1", str(authority), *(str(part) for part in parts)))
        return sid_named(text, self._catalog.sddl)

    def _number(self, expr: Expr, scope: Scope) -> int | None:
        value = self._values.fold(expr, scope)
        known = value.known[0] if len(value.known) == 1 and not value.open else None
        return known.number if known and known.kind == "number" and known.exact else None

    def _authority(self, expr: Expr, scope: Scope) -> int | None:
        """The last byte of what ``SID_IDENTIFIER_AUTHORITY nt = SECURITY_NT_AUTHORITY`` holds."""
        path, unit = path_of(expr), scope.unit
        for function in (scope.function, 0):
            for i in unit.bindings_of.get(function, ()):
                binding = unit.facts.bindings[i]
                if path_of(binding.target) == path:
                    return self._last_byte(binding.value)
        return None

    def _last_byte(self, value: Expr) -> int | None:
        known = self._catalog.sddl.authorities
        if not isinstance(value, Items):
            return known.get(last_name(value))
        last = value.items[-1].value if value.items else None
        if isinstance(last, Items):
            return self._last_byte(last)
        if isinstance(last, Number):
            return last.value if len(value.items) == 6 else None
        return known.get(last_name(last)) if last is not None else None
