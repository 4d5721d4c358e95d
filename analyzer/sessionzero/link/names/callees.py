"""What each call calls: functions of the project, or a function that the catalogue knows."""

from __future__ import annotations

from sessionzero.facts import Expr
from sessionzero.knowledge.catalog import Api, Catalog
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.python_entities import External
from sessionzero.link.files.regions import Regions
from sessionzero.link.files.units import CallSite, ClassRef, Func, Unit
from sessionzero.link.names.called_as import sites_named
from sessionzero.link.names.callee import Callee
from sessionzero.link.names.cpp_callees import CppCallees
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.names.lists import Lists
from sessionzero.link.names.python_callees import PythonCallees
from sessionzero.link.names.python_classes import PythonClasses
from sessionzero.link.names.python_names import PythonNames

_TOO_COMMON = 200


class Callees:
    """Resolves calls, each once."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        modules: Modules,
        cpp: CppNames,
        python: PythonNames,
        regions: Regions,
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._cpp = cpp
        self._python = python
        self._known: dict[int, list[Callee | None]] = {}  # by unit and call
        self._callers: dict[Func, tuple[CallSite, ...]] = {}
        self._external: dict[ClassRef, frozenset[str]] = {}  # bases outside of the project
        self.lists = Lists(index, modules, self.of)
        self.python_classes = PythonClasses(index, python, catalog)
        self.cpp = CppCallees(index, catalog, modules, cpp, regions, self.callers)
        self._python_callees = PythonCallees(index, catalog, python, self.python_classes)

    def of(self, site: CallSite) -> Callee:
        """What a call calls."""
        return self.of_call(self._index.units[site.unit], site.index)

    def of_call(self, unit: Unit, number: int) -> Callee:
        """What the call of that number in a unit calls."""
        row = self._known.get(unit.index)
        if row is None:
            row = self._known[unit.index] = [None] * len(unit.facts.calls)
        known = row[number]
        if known is None:
            call = unit.facts.calls[number]
            resolver = self._python_callees if unit.is_python else self.cpp
            known = row[number] = resolver.of(call, unit)
        return known

    def derives(self, ref: ClassRef, api: Api) -> bool:
        """Whether a class of the project derives from a catalogued class, directly or not."""
        python = self._index.unit(ref).is_python
        if python != (api.language == "python"):
            return False
        if python:
            return api.dotted in self._external_bases(ref)
        bases = {base.rpartition("::")[2] for base in self._cpp.external_bases(ref)}
        lineage = bases.union(*(self._catalog.ancestors(base) for base in bases))
        return api.name.rpartition("::")[2] in lineage

    def is_service_class(self, ref: ClassRef) -> bool:
        """Whether a framework of services makes the objects of a class."""
        return any(self.derives(ref, api) for api in self._catalog.with_role("service-class"))

    def _external_bases(self, ref: ClassRef) -> frozenset[str]:
        known = self._external.get(ref)
        if known is None:
            lineage = self.python_classes.lineage(ref)
            bases = (base for each in lineage for base in self._python.bases(each))
            known = frozenset(base.dotted for base in bases if isinstance(base, External))
            self._external[ref] = known
        return known

    def own_methods(self, ref: ClassRef, name: str) -> tuple[Func, ...]:
        """The definitions of a method that a class itself has."""
        if not self._index.unit(ref).is_python:
            return self._cpp.own_methods(ref, name)
        method = self._python.method(ref, name)
        return (method,) if method is not None else ()

    def inherited_methods(self, ref: ClassRef, name: str) -> tuple[Func, ...]:
        """The definitions of a method that a class has, its own or those of the nearest base."""
        if self._index.unit(ref).is_python:
            method = self.python_classes.inherited(ref, name)
            return (method,) if method is not None else ()
        found = (self._cpp.own_methods(each, name) for each in self._cpp.lineage(ref))
        return next((methods for methods in found if methods), ())

    def callers(self, func: Func) -> tuple[CallSite, ...]:
        """The calls that can run a function; none if its name is too common to tell. Of a macro,
        the entries of lists that run it are among them."""
        known = self._callers.get(func)
        if known is None:
            sites = dict.fromkeys(sites_named(self._index, func, self.python_classes.descendants))
            if len(sites) > _TOO_COMMON:
                sites = {}
            known = tuple(site for site in sorted(sites) if func in self.of(site).functions)
            if self._index.function(func).kind == "macro":
                entries = (item.entry for item in self.lists.applied(func))
                known = tuple(dict.fromkeys((*known, *entries)))
            self._callers[func] = known
        return known

    # --- references ---

    def python_class(self, expr: Expr, unit: Unit, function: int) -> ClassRef | None:
        """The class of the project that an expression of Python names."""
        return self._python_callees.class_named(expr, unit, function)

    def referenced(self, expr: Expr, unit: Unit, function: int) -> tuple[Func, ...]:
        """The functions that an expression names without calling them (callbacks, tables)."""
        if unit.is_python:
            return self._python_callees.referenced(expr, unit, function)
        return self.cpp.referenced(expr, unit, function)
