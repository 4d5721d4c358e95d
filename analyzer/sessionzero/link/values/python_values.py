"""What Python's names, attributes, containers and string methods give.

It folds what only Python has, and hands all else back to :class:`link.values.values.Values`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sessionzero.facts import Call, Expr, Index, Member, Name, Operation, Text
from sessionzero.facts import Sequence as Items
from sessionzero.knowledge.catalog import Catalog
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.python_entities import (
    ClassObject,
    External,
    Instance,
    Module,
    qualified,
)
from sessionzero.link.files.scopes import Frame, Scope, scope_of, spot_of
from sessionzero.link.files.units import ClassRef, Func, Write
from sessionzero.link.names.callee import Callee
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.python_names import PythonNames
from sessionzero.link.values import lattice, python_texts
from sessionzero.link.values.lattice import UNKNOWN, Known, Value, either, just
from sessionzero.link.values.macro_values import CALLERS
from sessionzero.link.values.python_tables import Fold, PythonTables
from sessionzero.link.values.writes import Writes

_SITES = 24  # objects made in more places than this have no constant fields
_ITEMS = 40
_FIELDS = frozenset(("dataclasses.field", "attr.ib", "attrs.field"))
_LOOKUPS = frozenset(("os.getenv", "os.environ.get"))
_DEFAULTS = frozenset(("default", "fallback"))
_PATHS = ("Path", "PurePath", "PureWindowsPath", "WindowsPath")
_PATH_JOINS = frozenset(("os.path.join", "ntpath.join", *(f"pathlib.{name}" for name in _PATHS)))
_ENDS_ALIKE = frozenset(f"os.path.{name}" for name in ("abspath", "normpath", "realpath"))
_ELSEWHERE = frozenset(
    ("absolute", "as_posix", "resolve", "with_name")
)  # methods that keep the path's end


class PythonValues:
    """Folds what only Python has."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        modules: Modules,
        callees: Callees,
        python: PythonNames,
        writes: Writes,
        fold: Fold,
        anywhere: Callable[[list[Write], int], Value],
        returned: Callable[[Func, Frame, int], list[Value]],
    ) -> None:
        """``fold`` gives the value of an expression, ``anywhere`` what several writes give, and
        ``returned`` what a function gives back."""
        self._index = index
        self._catalog = catalog
        self._modules = modules
        self._callees = callees
        self._python = python
        self._writes = writes
        self._fold = fold
        self._anywhere = anywhere
        self._returned = returned
        self.tables = PythonTables(index, modules, callees, python, writes, fold)

    # --- names and attributes ---

    def name(self, expr: Name, scope: Scope, depth: int) -> Value:
        writes = self._in_class_body(expr.name, scope) or self._writes.to_name(
            expr.name, scope.unit
        )
        if writes:
            return self._anywhere(writes, depth)
        return self._entity(expr, scope, depth)

    def member(self, expr: Member, scope: Scope, depth: int) -> Value:
        outer = self._python.evaluate(expr.object, scope.unit, scope.function)
        match outer:
            case Module(index):
                unit = self._index.units[index]
                inner = Scope(unit, 0)
                return self._fold(Name(expr.name, 0, 0), inner, depth)
            case ClassObject(ref):
                return self._anywhere(self._writes.to_attribute(ref, expr.name), depth)
            case Instance(ref):
                return self._attribute(ref, expr, scope, depth)
            case External(dotted) if not dotted.endswith("()"):
                return self._entity(expr, scope, depth)
            case _:  # the member of an enumeration, a simple object of ctypes
                return self._fold(expr.object, scope, depth) if expr.name == "value" else UNKNOWN

    def _attribute(self, ref: ClassRef, expr: Member, scope: Scope, depth: int) -> Value:
        getter = self._python.getter(expr, scope.unit, scope.function)
        if getter is not None:
            return either(*self._returned(getter, Frame(getter, {}), depth))
        refs = (ref, *self._callees.python_classes.descendants(ref))
        writes = [w for r in refs for w in self._writes.to_attribute(r, expr.name)]
        value = self._anywhere(list(dict.fromkeys(writes)), depth)
        made = self._field(ref, expr.name, depth)
        if made is None:
            return value
        return either(made, value) if writes else made

    def _entity(self, expr: Name | Member, scope: Scope, depth: int) -> Value:
        """A name imported from a module of the project, or a constant of pywin32."""
        if isinstance(expr, Name):
            imported = self.tables.imported(expr.name, scope)
            if imported is not None:
                return self._fold(Name(imported[0], 0, 0), Scope(imported[1], 0), depth)
        entity = self._python.evaluate(expr, scope.unit, scope.function)
        if isinstance(entity, External):
            raw = entity.dotted.rpartition(".")[2]
            number = self._catalog.constants.get(raw)
            if number is not None:
                return just(Known("number", spot_of(expr, scope), number=number, raw=raw))
        return self._starred(expr, scope, depth) if isinstance(expr, Name) else UNKNOWN

    def _starred(self, expr: Name, scope: Scope, depth: int) -> Value:
        for item in scope.unit.facts.imports:
            if item.name != "*":
                continue
            target = self._modules.python_module(scope.unit, item.module, item.level)
            if target is not None and target is not scope.unit:
                found = self._fold(expr, Scope(target, 0), depth)
                if found.known:
                    return found
        return UNKNOWN

    def _in_class_body(self, name: str, scope: Scope) -> list[Write]:
        """The writes to a name in the class body in which it is read, not in a method."""
        unit = scope.unit
        beside = {
            write: binding.target.object
            for write in self._index.writes.get(name, ())
            if write.unit == unit.index
            and (binding := self._index.binding(write)).operator == ":"
            and binding.function == scope.function
            and binding.start < scope.position
            and isinstance(binding.target, Member)
        }
        around = (k for k in unit.facts.classes if beside and k.start <= scope.position < k.end)
        inner = max(around, key=lambda klass: klass.start, default=None)
        owner = qualified(inner.owner, inner.name) if inner is not None else ""
        return [w for w, body in beside.items() if isinstance(body, Name) and body.name == owner]

    # --- elements ---

    def element(self, expr: Expr, scope: Scope, depth: int) -> Value:
        """An element: the one that the key names, else any of them."""
        assert isinstance(expr, Index | Operation)
        if (given := self.handed_on(expr, scope, depth)) is not None:
            return given
        inner = expr.object if isinstance(expr, Index) else expr.operands[0]
        table = self.tables.table(inner, scope, depth)
        chosen = self.tables.chosen(table, expr, scope, depth)
        values = [self._fold(value, at, depth) for value, at in chosen[:_ITEMS]]
        if not values:
            return UNKNOWN
        merged = either(*values)
        sure = len(values) == 1 and not table.open
        return merged if sure else _opened(lattice.occasionally(merged), open=table.open)

    def handed_on(self, expr: Expr, scope: Scope, depth: int) -> Value | None:
        """What callers pass for an argument of ``*args`` or ``**kwargs``; None for what is none."""
        sources = self.tables.handed_on(expr, scope)
        if len(sources) > CALLERS:
            return UNKNOWN
        values = [
            lattice.passed(self._fold(value, at, depth), spot_of(value, at))
            for value, at in sources
        ]
        return either(*values) if values else None

    # --- calls ---

    def result(self, call: Call, callee: Callee, scope: Scope, depth: int) -> Value | None:
        """What a call gives back that concerns strings or containers; None for other calls."""
        given = [argument.value for argument in call.arguments]
        if callee.dotted in _FIELDS:
            default = [a.value for a in call.arguments if a.name == "default"]
            return self._fold(default[0], scope, depth) if default else UNKNOWN
        if callee.dotted in _LOOKUPS or _names_default(call):
            return self._looked_up(call, scope, depth)
        if any(argument.name for argument in call.arguments):
            return None
        if callee.dotted in _PATH_JOINS:
            return python_texts.path([self._fold(value, scope, depth) for value in given])
        if callee.dotted in _ENDS_ALIKE and given:
            return self._moved(given[0], scope, depth)
        if callee.dotted == "builtins.getattr" and len(given) > 1:
            return self._getattr(given, scope, depth)
        if isinstance(call.callee, Member) and not callee.functions:
            return self._method(call.callee, given, scope, depth)
        return None

    def _getattr(self, given: Sequence[Expr], scope: Scope, depth: int) -> Value | None:
        name = self.tables.key(given[1], scope, depth)
        if name is None or name.kind != "text":
            return None
        member = Member(given[0], name.text, given[0].start, given[1].end)
        found = self._fold(member, scope, depth)
        if len(given) > 2 and found.open:
            default = lattice.occasionally(self._fold(given[2], scope, depth))
            return either(found, default)
        return found

    def _method(
        self, callee: Member, given: Sequence[Expr], scope: Scope, depth: int
    ) -> Value | None:
        if callee.name in python_texts.METHODS:
            text = self._fold(callee.object, scope, depth)
            arguments = [self._fold(value, scope, depth) for value in given]
            return python_texts.made(callee.name, text, arguments) if text.texts else None
        if callee.name == "join" and len(given) == 1:
            return self._joined(callee.object, given[0], scope, depth)
        if callee.name == "joinpath":
            parts = (callee.object, *given)
            return python_texts.path([self._fold(part, scope, depth) for part in parts])
        if callee.name in _ELSEWHERE:
            return self._moved([callee.object, *given][-1], scope, depth)
        if callee.name in ("get", "pop", "setdefault") and given:
            return self._got(callee, given, scope, depth)
        return None

    def _moved(self, path: Expr, scope: Scope, depth: int) -> Value | None:
        """A path in whichever folder: ``os.path.abspath(path)``, ``path.resolve()``."""
        named = self._fold(path, scope, depth)
        return lattice.join([UNKNOWN, named]) if named.known else None

    def _got(self, callee: Member, given: Sequence[Expr], scope: Scope, depth: int) -> Value | None:
        """``table.get(key, default)``."""
        table = self.tables.table(callee.object, scope, depth)
        if not table.literals:
            return self._defaulted(given[1], scope, depth) if len(given) == 2 else None
        element = Index(callee.object, given[0], callee.start, callee.end)
        found = self.element(element, scope, depth)
        if found.known and not found.open:
            return found
        default = self._fold(given[1], scope, depth) if len(given) > 1 else UNKNOWN
        if found.known or table.open:
            return either(found, lattice.occasionally(default))
        return default

    def _looked_up(self, call: Call, scope: Scope, depth: int) -> Value | None:
        """``os.getenv(name, default)``, ``parser.get(section, option, fallback=…)``."""
        named = [a.value for a in call.arguments if a.name in _DEFAULTS]
        given = named or [a.value for a in call.arguments if not a.name][1:]
        return self._defaulted(given[0], scope, depth) if len(given) == 1 else None

    def _defaulted(self, default: Expr, scope: Scope, depth: int) -> Value | None:
        """What a look-up gives that nobody can see into: what somebody has set, or a text for those
        who have set nothing."""
        found = self._fold(default, scope, depth).texts
        return Value(lattice.occasionally(Value(found)).known) if found else None

    def _joined(self, separator: Expr, parts: Expr, scope: Scope, depth: int) -> Value | None:
        between = self._fold(separator, scope, depth)
        table = self.tables.table(parts, scope, depth)
        if not between.texts or table.open or len(table.literals) != 1:
            return None
        items, at = table.literals[0]
        if any(item.name for item in items.items):
            return None
        return python_texts.joined(
            between, [self._fold(item.value, at, depth) for item in items.items]
        )

    # --- fields ---

    def _field(self, ref: ClassRef, name: str, depth: int) -> Value | None:
        """A field of a dataclass, NamedTuple or the like: what its objects are made with, and its
        default. None if the class makes its objects in a way of its own."""
        fields = self._fields(ref)
        if (
            name not in fields
            or self._callees.python_classes.inherited(ref, "__init__") is not None
        ):
            return None
        klass = self._index.klass(ref)
        sites = [
            site
            for site in self._index.calls_named.get(klass.name, ())
            if self._callees.of(site).constructs == ref
        ]
        if len(sites) > _SITES:
            return UNKNOWN
        values = []
        for site in sites:
            call = self._index.call(site)
            at = scope_of(self._index, site)
            named = [a.value for a in call.arguments if a.name == name]
            plain = [a.value for a in call.arguments if not a.name]
            if any(a.name in ("*", "**") for a in call.arguments):
                values.append(UNKNOWN)
            elif named or fields.index(name) < len(plain):
                value = named[0] if named else plain[fields.index(name)]
                values.append(lattice.passed(self._fold(value, at, depth), spot_of(value, at)))
        return either(*values) if values else None

    def _fields(self, ref: ClassRef) -> list[str]:
        """The names of the fields in the order in which a constructor takes them."""
        found = list[str]()
        for each in reversed(self._callees.python_classes.lineage(ref)):
            fields = self._index.klass(each).fields
            listed = next((f.default for f in fields if f.name == "_fields_"), None)
            if isinstance(listed, Items):  # ctypes.Structure
                pairs = (item.value for item in listed.items)
                names = (p.items[0].value for p in pairs if isinstance(p, Items) and p.items)
                found += [name.value for name in names if isinstance(name, Text)]
            else:
                found += [field.name for field in fields if field.type]
        return list(dict.fromkeys(found))


def _opened(value: Value, *, open: bool) -> Value:
    return Value(value.known, open=value.open or open)


def _names_default(call: Call) -> bool:
    """``parser.get(section, option, fallback=…)``."""
    got = isinstance(call.callee, Member) and call.callee.name == "get"
    return got and any(argument.name in _DEFAULTS for argument in call.arguments)
