"""Which security descriptor a call gets: none, a NULL DACL, one of SDDL, or one that is built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import structs

from sessionzero.facts import Choice, Expr, Name, Operation, Result
from sessionzero.facts import Sequence as Items
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.expressions import item_named, path_of, walk
from sessionzero.link.files.holders import held, put_in
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Frame, Scope, bind, scope_of
from sessionzero.link.files.units import CallSite, Func
from sessionzero.link.names.callees import Callees
from sessionzero.link.security.acls import Acls
from sessionzero.link.security.attribute_objects import AttributeObjects, Held
from sessionzero.link.security.made_descriptors import (
    DEFAULT,
    UNKNOWN_DESCRIPTOR,
    Descriptor,
    MadeDescriptors,
    Maker,
)
from sessionzero.link.security.sids import Sids
from sessionzero.link.values.values import Values

_FIELDS = frozenset(("lpSecurityDescriptor", "SECURITY_DESCRIPTOR"))  # of C, and of pywin32
_ROLES = frozenset(("sddl", "security-descriptor"))
_LEVELS = 2  # helper functions inside helper functions
_CALLERS = 8  # of a function that gets the attributes from them


class Descriptors:
    """Follows the ``SECURITY_ATTRIBUTES`` of calls to what their descriptor is made by."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        callees: Callees,
        values: Values,
        objects: AttributeObjects,
    ) -> None:
        self._index = index
        self._callees = callees
        self._values = values
        self._objects = objects
        self.acls = Acls(index, catalog, callees, values, Sids(index, catalog, callees, values))
        self._made = MadeDescriptors(index, callees, values, self.acls, catalog.sddl)

    def of(
        self, site: CallSite, expr: Expr, frame: Frame | None = None, levels: int = _LEVELS
    ) -> Descriptor:
        """What the security argument ``expr`` of a call stands for."""
        return self._at(expr, scope_of(self._index, site, frame), levels)

    def itself(self, site: CallSite, expr: Expr, frame: Frame | None = None) -> Descriptor:
        """What a descriptor ``expr`` is that a call gets without attributes around it."""
        scope = scope_of(self._index, site, frame)
        if scope.unit.is_python:
            makers = tuple(self._made_descriptor(expr, scope))
        else:
            makers = tuple(dict.fromkeys(self._native(expr, scope, direct=True)))
        return self._made.of(makers) or UNKNOWN_DESCRIPTOR

    def _at(self, expr: Expr, scope: Scope, levels: int) -> Descriptor:
        frame = scope.frame
        if frame is not None and frame.func == scope.func and isinstance(expr, Name):
            given = frame.arguments.get(expr.name)
            if given is not None:
                return self._at(*given, levels)
        addressed = any(_is_address(part) for part in self._pointed(expr, scope))
        if not addressed and self._values.fold(expr, scope).is_null:
            return DEFAULT
        makers = self._makers(expr, scope)
        made = self._made.of(makers)
        if made is not None:
            return made
        if levels and isinstance(expr, Name) and self._is_parameter(expr.name, scope):
            return self._of_callers(expr.name, scope, levels - 1)
        return DEFAULT if self._is_blank(expr, scope, makers) else UNKNOWN_DESCRIPTOR

    # --- attributes that come from elsewhere ---

    def _is_parameter(self, name: str, scope: Scope) -> bool:
        return any(p.name == name for p in self._index.function(scope.func).parameters)

    def _of_callers(self, name: str, scope: Scope, levels: int) -> Descriptor:
        """What all callers pass for a parameter, if that is of one kind."""
        sites = self._callees.callers(scope.func)
        bound = [bind(self._index, scope.func, site).get(name) for site in sites[:_CALLERS]]
        found = [self._at(item[0], item[1], levels) for item in bound if item is not None]
        if not found or len(found) < len(sites) or len({d.kind for d in found}) > 1:
            return UNKNOWN_DESCRIPTOR
        return Descriptor(
            found[0].kind,
            tuple(dict.fromkeys(known for d in found for known in d.sddl)),
            tuple(dict.fromkeys(place for d in found for place in d.places)),
            tuple(dict.fromkeys(form for d in found for form in d.forms)),
        )

    def _is_blank(self, expr: Expr, scope: Scope, makers: Sequence[Maker]) -> bool:
        """Whether nothing ever puts a descriptor into the attributes."""
        if not scope.unit.is_python:
            return self._values.field(expr, "lpSecurityDescriptor", scope).is_null
        made = [k.site for k in self._values.fold(expr, scope).known if k.site is not None]
        apis = [self._callees.of(site).api for site in made]
        blank = bool(apis) and all(api is not None and api.kind == "initialise" for api in apis)
        if not blank or makers or any(self._is_given_away(site, scope) for site in made):
            return False
        return not self._is_handed_on(expr, scope)

    def _is_given_away(self, made: CallSite, scope: Scope) -> bool:
        """Whether another function makes the attributes, has no name for them, and gives them to a
        third one, which isn't looked into."""
        func = Func(made.unit, self._index.call(made).function)
        if func == scope.func or self._kept_as(made, func):
            return False
        callers = {
            Func(site.unit, self._index.call(site).function) for site in self._callees.callers(func)
        }
        return callers != {scope.func}

    def _is_handed_on(self, expr: Expr, scope: Scope) -> bool:
        """Whether the project's functions get the attributes, or a descriptor is put into them."""
        for func, path in self._python_homes(expr, scope):
            unit = self._index.unit(func)
            for site in self._index.calls_of(func):
                passed = [path_of(item.value) for item in self._index.call(site).arguments]
                if path in passed and self._callees.of(site).api is None:
                    return True
            for i in unit.bindings_of.get(func.index, ()):
                if path_of(unit.facts.bindings[i].target) in {f"{path}.{it}" for it in _FIELDS}:
                    return True
        return False

    # --- what makes it ---

    def _makers(self, expr: Expr, scope: Scope) -> tuple[Maker, ...]:
        """The calls that make the descriptor: in the function itself, in those that get the
        attributes' address or give it back, and where a variable of the file is filled."""
        found = self._in_python(expr, scope) if scope.unit.is_python else self._native(expr, scope)
        return tuple(dict.fromkeys(found))

    def _native(self, expr: Expr, scope: Scope, *, direct: bool = False) -> Iterator[Maker]:
        """``direct``: the expression is the descriptor, not the attributes that hold it."""
        homes: list[tuple[Func, str, int]] = []
        for part in self._pointed(expr, scope):
            kept = self._objects.of(part, scope)
            if kept is not None:
                yield from self._in_object(kept)
            if isinstance(part, Result):
                homes += self._given_back(CallSite(scope.unit.index, part.call), _LEVELS)
            else:
                path = path_of(part)
                homes += [(scope.func, path, _LEVELS), *self._of_file(path, scope)]
        pending = [(*home, direct) for home in homes]
        while pending:
            func, path, levels, itself = pending.pop()
            descriptors = frozenset((path,)) if itself else self._descriptors(func, path)
            yield from self._setting(func, descriptors)
            if levels:
                inside = self._inside(func, path, levels)
                pending.extend((*home, itself) for home in inside)
                made = () if itself else self._made_for(func, path)
                pending.extend(
                    (*home, True) for site in made for home in self._given_back(site, levels - 1)
                )

    def _in_object(self, held: Held) -> Iterator[Maker]:
        """The calls that make the descriptor in the functions of the object that holds it."""
        for func in held.functions:
            for path in (held.field, f"this.{held.field}"):
                for maker in self._setting(func, self._descriptors(func, path)):
                    yield structs.replace(maker, made=held.made)

    def _pointed(self, expr: Expr, scope: Scope) -> tuple[Expr, ...]:
        """An expression, or all that it can be: ``ready ? &attributes : NULL``, also by a pointer
        of the function, ``attributes = &own;``."""
        if isinstance(expr, Choice):
            return (*self._pointed(expr.yes, scope), *self._pointed(expr.no, scope))
        if not isinstance(expr, Name):
            return (expr,)
        unit = scope.unit
        bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(scope.function, ()))
        written = (it.value for it in bindings if path_of(it.target) == expr.name)
        return (expr, *(it for value in written for it in walk(value) if _is_address(it)))

    def _setting(self, func: Func, descriptors: frozenset[str]) -> Iterator[Maker]:
        """The calls of a function that set one of the descriptors."""
        for site in self._index.calls_of(func):
            api = self.acls.api_of(site)
            if api is not None and api.role in _ROLES:
                target = self.acls.subject(site, api, "descriptor")
                unit = self._index.unit(site)
                if target is not None and path_of(held(target, unit)) in descriptors:
                    yield Maker(site, api)

    def _descriptors(self, func: Func, path: str) -> frozenset[str]:
        """The paths of what becomes the descriptor of the attributes ``path`` (any, if empty)."""
        unit = self._index.unit(func)
        found = set[str]()
        for i in unit.bindings_of.get(func.index, ()):
            binding = unit.facts.bindings[i]
            target = path_of(binding.target)
            outer, _, name = target.rpartition(".")
            if name in _FIELDS and (not path or outer == path):
                found |= {target, path_of(held(binding.value, unit))}
            elif isinstance(binding.value, Items) and target == path and path:
                found.add(path_of(held(_initial(binding.value), unit)))
        for holder in found - {""}:
            found |= {path_of(value) for value in put_in(unit, func.index, holder)}
        fields = {f"{path}.{field}" for field in _FIELDS} if path else set()
        return frozenset(found | fields) - {""}

    def _made_for(self, func: Func, path: str) -> Iterator[CallSite]:
        """The calls that give the descriptor of the attributes ``path``:
        ``SECURITY_ATTRIBUTES sa = {sizeof(sa), OpenToAll(), FALSE}``."""
        unit = self._index.unit(func)
        for i in unit.bindings_of.get(func.index, ()) if path else ():
            value, target = unit.facts.bindings[i].value, path_of(unit.facts.bindings[i].target)
            if isinstance(value, Items) and target == path:
                value = _initial(value)
            elif target not in {f"{path}.{field}" for field in _FIELDS}:
                continue
            holder = held(value, unit)
            inside = [] if holder is value else put_in(unit, func.index, path_of(holder))
            for given in (value, *inside):
                if isinstance(given, Result):
                    yield CallSite(func.unit, given.call)

    def _given_back(self, site: CallSite, levels: int) -> Iterator[tuple[Func, str, int]]:
        """The functions that a call runs, each with what it gives back is called there, if it is
        called anything."""
        for func in self._callees.of(site).functions:
            unit = self._index.unit(func)
            given = [unit.facts.returns[i].value for i in unit.returns_of.get(func.index, ())]
            for path in sorted({"", *map(path_of, given)}):
                yield func, path, levels

    def _of_file(self, path: str, scope: Scope) -> Iterator[tuple[Func, str, int]]:
        """The other functions of the file that fill attributes which are no variable of this
        one: ``static SECURITY_ATTRIBUTES g_sa``, ``m_sa``, or a field of the same structure."""
        root, _, field = path.partition(".")
        types = scope.unit.types_of
        mine = types.get(scope.function, {}).get(root, "")
        if not path or (mine and not field):
            return
        for write in self._index.writes.get("lpSecurityDescriptor", ()):
            binding = self._index.binding(write)
            outer = path_of(binding.target).removesuffix(".lpSecurityDescriptor")
            if write.unit != scope.unit.index or binding.function == scope.function:
                continue
            if mine:
                other, _, tail = outer.partition(".")
                same = tail == field and types.get(binding.function, {}).get(other) == mine
            else:
                same = outer == path
            if same:
                yield Func(write.unit, binding.function), outer, _LEVELS
        if not mine:
            yield from self._filled_elsewhere(path, scope)

    def _filled_elsewhere(self, path: str, scope: Scope) -> Iterator[tuple[Func, str, int]]:
        """The other functions of the file that let a call fill attributes which are no variable of
        theirs: ``ConvertStringSecurityDescriptor…(…, &g_sa.lpSecurityDescriptor, …)``."""
        unit, filled = scope.unit, frozenset(f"{path}.{field}" for field in _FIELDS)
        for number, function in enumerate(unit.facts.functions):
            own = {it.name for it in function.parameters} | unit.types_of.get(number, {}).keys()
            if number == scope.function or path.partition(".")[0] in own:
                continue
            func = Func(unit.index, number)
            if next(self._setting(func, filled), None) is not None:
                yield func, path, _LEVELS

    def _inside(self, func: Func, path: str, levels: int) -> Iterator[tuple[Func, str, int]]:
        """The project's functions that get the attributes, with what they are called there, and
        those that give them back."""
        unit = self._index.unit(func)
        for site in self._index.calls_of(func) if path else ():
            call = self._index.call(site)
            for target in self._callees.of(site).functions:
                parameters = self._index.function(target).parameters
                for argument_, parameter in zip(call.arguments, parameters, strict=False):
                    passed = path_of(argument_.value)
                    inner = f"{path}.".startswith(f"{passed}.") if passed else False
                    if inner and _is_pointer(argument_.value):
                        yield target, parameter.name + path[len(passed) :], levels - 1
        for i in unit.bindings_of.get(func.index, ()):
            binding = unit.facts.bindings[i]
            if path and path_of(binding.target) == path and isinstance(binding.value, Result):
                yield from self._given_back(CallSite(func.unit, binding.value.call), levels - 1)

    # --- pywin32 ---

    def _in_python(self, expr: Expr, scope: Scope) -> Iterator[Maker]:
        for func, path in self._python_homes(expr, scope):
            paths = {path, *(f"{path}.{field}" for field in _FIELDS)}
            yield from self._setting(func, frozenset(paths))
            unit = self._index.unit(func)
            for i in unit.bindings_of.get(func.index, ()):
                binding = unit.facts.bindings[i]
                outer, _, name = path_of(binding.target).rpartition(".")
                if name in _FIELDS and outer == path:
                    at = Scope(unit, func.index, binding.branch, binding.start)
                    yield from self._made_descriptor(binding.value, at)

    def _python_homes(self, expr: Expr, scope: Scope) -> Iterator[tuple[Func, str]]:
        """Where the attributes are made and under which name, and where else they are known by the
        name that the call says."""
        path = path_of(expr)
        if path:
            yield scope.func, path
        if path.startswith("self."):
            for number in scope.unit.bindings_of:
                if number != scope.function:
                    yield Func(scope.unit.index, number), path
        for known in self._values.fold(expr, scope).known:
            if known.site is None:
                continue
            func = Func(known.site.unit, self._index.call(known.site).function)
            name = self._kept_as(known.site, func)
            if name and (func, name) != (scope.func, path):
                yield func, name

    def _kept_as(self, site: CallSite, func: Func) -> str:
        """The variable that keeps the result of a call."""
        unit = self._index.unit(func)
        for i in unit.bindings_of.get(func.index, ()):
            binding = unit.facts.bindings[i]
            if isinstance(binding.value, Result) and binding.value.call == site.index:
                return path_of(binding.target)
        return ""

    def _made_descriptor(self, expr: Expr, scope: Scope) -> Iterator[Maker]:
        """What ``sa.SECURITY_DESCRIPTOR = …`` is given: one of text, or one that is built."""
        for known in self._values.fold(expr, scope).known:
            if known.site is None:
                continue
            api = self._callees.of(known.site).api
            if api is not None and api.role == "sddl":
                yield Maker(known.site, api)
            func = Func(known.site.unit, self._index.call(known.site).function)
            name = self._kept_as(known.site, func)
            if name:
                yield from self._setting(func, frozenset((name,)))


def _initial(items: Items) -> Expr:
    """The descriptor in ``SECURITY_ATTRIBUTES sa = {sizeof(sa), &sd, FALSE}``."""
    named = item_named(items.items, "lpSecurityDescriptor")
    plain = [item.value for item in items.items if not item.name]
    return named or (plain[1] if len(plain) > 1 else items)


def _is_pointer(expr: Expr) -> bool:
    return isinstance(expr, Name) or _is_address(expr)


def _is_address(expr: Expr) -> bool:
    """Whether it is ``&attributes``, which is no NULL even where all of them are zero."""
    return isinstance(expr, Operation) and expr.operator == "&" and len(expr.operands) == 1
