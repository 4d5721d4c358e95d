"""Which security descriptor a call gets: none, a NULL DACL, one of SDDL, or one that is built.

Sources: "Security descriptors" and SetSecurityDescriptorDacl (learn.microsoft.com/windows/win32/
secauthz): present TRUE with a NULL dacl lets everyone in; without a descriptor the default of the
process's token applies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from sessionzero.catalog import argument
from sessionzero.facts import Expr, Name, Operation, Result
from sessionzero.link.callees import Callees
from sessionzero.link.index import CallSite, Func, ProgramIndex, path_of
from sessionzero.link.lattice import Known, Spot
from sessionzero.link.scopes import Frame, Scope, scope_of
from sessionzero.link.values import Values

Kind = Literal["default", "null-dacl", "sddl", "built", "unknown"]
_FIELD = "lpSecurityDescriptor"
_LEVELS = 2  # helper functions inside helper functions


class Descriptor(Struct, frozen=True):
    """A security descriptor. ``sddl`` are the texts that it can be made of, ``places`` the calls
    that make it what it is."""

    kind: Kind
    sddl: tuple[Known, ...] = ()
    places: tuple[Spot, ...] = ()


class Descriptors:
    """Follows the ``SECURITY_ATTRIBUTES`` of calls to what their descriptor is made by."""

    def __init__(self, index: ProgramIndex, callees: Callees, values: Values) -> None:
        self._index = index
        self._callees = callees
        self._values = values

    def of(self, site: CallSite, expr: Expr, frame: Frame | None = None) -> Descriptor:
        """What the security argument ``expr`` of a call stands for."""
        scope = scope_of(self._index, site, frame)
        if self._values.fold(expr, scope).is_null:
            return Descriptor("default")
        makers = list(self._makers(expr, scope))
        for wanted in ("sddl", "dacl"):
            found = [site for site, kind in makers if kind == wanted]
            if found:
                return self._described(wanted, found)
        absent = self._values.field(expr, _FIELD, scope).is_null
        return Descriptor("default" if absent else "unknown")

    def _described(self, kind: str, sites: list[CallSite]) -> Descriptor:
        places = tuple(self._spot(site) for site in sites)
        if kind == "sddl":
            texts = [known for site in sites for known in self._folded(site, "sddl")]
            return Descriptor("sddl", tuple(dict.fromkeys(texts)), places)
        null = [all(known.kind == "null" for known in self._folded(s, "dacl")) for s in sites]
        known = [bool(self._folded(site, "dacl")) for site in sites]
        if all(null) and all(known):
            absent = all(self._is_absent(site) for site in sites)
            return Descriptor("default" if absent else "null-dacl", (), places)
        return Descriptor("unknown" if any(null) and any(known) else "built", (), places)

    def _folded(self, site: CallSite, role: str) -> tuple[Known, ...]:
        api, call = self._callees.of(site).api, self._index.call(site)
        expr = argument(api, call.arguments, role) if api is not None else None
        if expr is None:
            return ()
        value = self._values.argument(site, expr)
        return value.texts if role == "sddl" else tuple(_null(k) for k in value.known)

    def _is_absent(self, site: CallSite) -> bool:
        """``SetSecurityDescriptorDacl(sd, FALSE, NULL, …)``: no DACL at all."""
        api, call = self._callees.of(site).api, self._index.call(site)
        expr = argument(api, call.arguments, "present") if api is not None else None
        return expr is not None and self._values.argument(site, expr).is_null

    def _spot(self, site: CallSite) -> Spot:
        call = self._index.call(site)
        return Spot(site.unit, call.function, call.start, call.end)

    # --- what makes it ---

    def _makers(self, expr: Expr, scope: Scope) -> Iterator[tuple[CallSite, str]]:
        """The calls that make the descriptor, each with its kind: in the function itself, and in
        those that get the attributes' address or give it back."""
        attributes = path_of(expr) if not isinstance(expr, Result) else ""
        pending: list[tuple[Func, str, int]] = [(scope.func, attributes, _LEVELS)]
        if isinstance(expr, Result):
            made = self._callees.of(CallSite(scope.unit.index, expr.call)).functions
            pending = [(func, "", _LEVELS) for func in made]
        while pending:
            func, path, levels = pending.pop()
            descriptors = self._descriptors(func, path)
            for site in self._index.calls_of(func):
                api, call = self._callees.of(site).api, self._index.call(site)
                if api is not None and api.role == "security-descriptor":
                    target = argument(api, call.arguments, "descriptor")
                    if target is not None and path_of(target) in descriptors:
                        yield site, api.kind
            if levels:
                pending.extend(self._inside(func, path, levels))

    def _descriptors(self, func: Func, path: str) -> frozenset[str]:
        """The paths of what becomes the descriptor of the attributes ``path`` (any, if empty)."""
        unit = self._index.unit(func)
        found = set()
        for i in unit.bindings_of.get(func.index, ()):
            binding = unit.facts.bindings[i]
            target = path_of(binding.target)
            outer, _, name = target.rpartition(".")
            if name == _FIELD and (not path or outer == path):
                found |= {target, path_of(binding.value)}
        field = f"{path}.{_FIELD}" if path else ""
        return frozenset(found | {field}) - {""}

    def _inside(self, func: Func, path: str, levels: int) -> Iterator[tuple[Func, str, int]]:
        """The project's functions that get the attributes, with the name of the parameter that they
        are there, and those that give them back."""
        unit = self._index.unit(func)
        for site in self._index.calls_of(func):
            call = self._index.call(site)
            for target in self._callees.of(site).functions:
                parameters = self._index.function(target).parameters
                for argument_, parameter in zip(call.arguments, parameters, strict=False):
                    passed = path_of(argument_.value)
                    if passed and passed == path and _is_pointer(argument_.value):
                        yield target, parameter.name, levels - 1
        for i in unit.bindings_of.get(func.index, ()):
            binding = unit.facts.bindings[i]
            if path and path_of(binding.target) == path and isinstance(binding.value, Result):
                made = self._callees.of(CallSite(func.unit, binding.value.call)).functions
                yield from ((target, "", levels - 1) for target in made)


def _is_pointer(expr: Expr) -> bool:
    return isinstance(expr, Name) or (isinstance(expr, Operation) and expr.operator == "&")


def _null(known: Known) -> Known:
    """Zero is NULL where a pointer is meant."""
    zero = known.kind == "number" and known.exact and known.number == 0
    return Known("null", known.origin) if zero else known
