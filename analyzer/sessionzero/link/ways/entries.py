"""Where the service control manager, or a framework on its behalf, enters the program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from sessionzero.facts import Expr, Name, Text
from sessionzero.knowledge.catalog import Api, Catalog, argument
from sessionzero.link.files.expressions import walk
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.python_entities import ClassObject, External, qualified
from sessionzero.link.files.type_names import plain_type
from sessionzero.link.files.units import CallSite, ClassRef, Func, Unit, walk_into_calls
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.com_classes import ComClasses
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.names.python_names import PythonNames
from sessionzero.link.ways.service_tables import in_service_tables
from sessionzero.link.ways.uncalled import Uncalled

_MAIN = "service main function"
_EXPORTED = "exported "  # what svchost.exe calls
_COM_RESULTS = ("HRESULT", "STDMETHODIMP")

Account = Literal["", "LocalSystem", "LocalService", "NetworkService", "user"]
"""What a program runs as. ``user``: somebody who is named there, so that what "the user" has is
theirs."""


class Entry(Struct, frozen=True, order=True):
    """A function that runs in the service process, and why: a phrase such as ``service main
    function``. ``start``/``end`` is where that is said (the table, the class, a script).
    ``said_by``: who says so where the program itself doesn't. ``loaded``: the code of a Python file
    that a server loads as a module. ``account``: that of the program, if whoever says so knows it.
    """

    func: Func
    reason: str
    unit: int
    start: int
    end: int
    said_by: Literal["", "configuration", "installer"] = ""
    loaded: bool = False
    account: Account = ""


class Entries:
    """All service entries of a program."""

    def __init__(
        self,
        index: ProgramIndex,
        catalog: Catalog,
        callees: Callees,
        cpp: CppNames,
        python: PythonNames,
        clients: frozenset[int],
        uncalled: Uncalled,
        com: ComClasses,
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._callees = callees
        self._cpp = cpp
        self._python = python
        self._com = com
        self.dispatchers: list[CallSite] = []
        self.found: dict[Func, Entry] = {}
        self.framework_units: set[int] = set()
        self.also_called: set[Func] = set()
        self.served: set[Func] = set()  # methods of COM, which don't begin a program
        self._modules_of_atl: list[Unit] = []  # the files with the class of such a service
        self.loaded: dict[int, str] = {}  # Python files with a class of a service, and its name
        self._from_tables()
        self._from_exports()
        self._from_calls()
        self._leave_out_uncalled(uncalled)
        self._from_classes()
        self._leave_out(clients)

    def _leave_out(self, units: frozenset[int]) -> None:
        """What the user calls a client has no entries, whatever it looks like."""
        self.dispatchers = [site for site in self.dispatchers if site.unit not in units]
        self.found = {f: entry for f, entry in self.found.items() if f.unit not in units}
        self.framework_units -= units
        self.loaded = {unit: name for unit, name in self.loaded.items() if unit not in units}

    def _leave_out_uncalled(self, uncalled: Uncalled) -> None:
        """Where nothing of a program comes to a call of the dispatcher, no service begins there."""
        dead = {
            func
            for site in self.dispatchers
            if uncalled.before(func := Func(site.unit, self._index.call(site).function))
        }
        if not dead:
            return
        self.dispatchers = [
            site
            for site in self.dispatchers
            if Func(site.unit, self._index.call(site).function) not in dead
        ]
        for func in list(self.found):
            if not dead.isdisjoint(uncalled.before(func) or ()):
                del self.found[func]
                self.also_called.discard(func)

    def _add(self, func: Func, reason: str, unit: Unit, start: int, end: int) -> None:
        self.found.setdefault(func, Entry(func, reason, unit.index, start, end))

    def of_files(self) -> Iterator[Entry]:
        """The code of the Python files with a class of a service: it runs when they are loaded."""
        for unit, name in sorted(self.loaded.items()):
            reason = f"code of the file with the service class {name}"
            func, start = Func(unit, 0), self._index.units[unit].facts.functions[0].start
            yield Entry(func, reason, unit, start, start)

    def begins(self, func: Func) -> bool:
        """True if a service begins there, and nowhere else: at its main function, or at the method
        of a framework that stands for it. Controls come later."""
        if func not in self.found or func in self.also_called:
            return False
        if self.found[func].reason.startswith((_MAIN, _EXPORTED)):
            return True
        named = self._index.function(func)
        return bool(named.owner) and named.name in self._catalog.service_begins

    def configure(self, func: Func) -> Entry | None:
        """Make a function an entry because the user says so; None if it is one already."""
        if func in self.found:
            return None
        described = self._index.function(func)
        place = (func.unit, described.name_start, described.name_end)
        entry = Entry(func, "configured as service code", *place, "configuration")
        self.found[func] = entry
        return entry

    def install(self, entry: Entry) -> None:
        """Make the start of a program an entry because an installer has it run in session 0; the
        first that does counts."""
        self.found.setdefault(entry.func, entry)

    def is_installed(self, func: Func) -> bool:
        """True for the start of a program that an installer has run in session 0."""
        return func in self.found and self.found[func].said_by == "installer"

    # --- calls of the service API ---

    def _from_calls(self) -> None:
        names = {
            api.name: api.role
            for role in ("service-dispatcher", "service-handler", "service-status")
            for api in self._catalog.with_role(role)
        }
        simple = {name.rpartition(".")[2] for name in names}
        endings = tuple(name.lower() for name in simple)
        wanted = [
            name
            for name in self._index.calls_named
            if name in simple
            or (name.lower().endswith(endings) and self._by_pointer_name(name) is not None)
        ]
        for name in sorted(wanted):
            for site in self._index.calls_named[name]:
                self._from_call(site, self._index.unit(site), name)

    def _from_call(self, site: CallSite, unit: Unit, name: str) -> None:
        api = self._callees.of(site).api or self._by_pointer_name(name)
        call = self._index.call(site)
        if api is None:
            return
        if api.role == "service-dispatcher":
            self.dispatchers.append(site)
            for part in call.arguments:
                self._add_named(part.value, unit, call.function, _MAIN)
        elif api.role == "service-handler":
            handler = argument(api, call.arguments, "handler")
            if handler is not None:
                self._add_named(handler, unit, call.function, "service control handler")
            self._add_caller(unit, call.function, "registers the service control handler", site)
        elif api.role == "service-status" and not unit.is_python:
            self._add_caller(unit, call.function, "reports the service's status", site)

    def _by_pointer_name(self, name: str) -> Api | None:
        """``pStartServiceCtrlDispatcher``: a pointer named after the dispatcher."""
        for api in self._catalog.with_role("service-dispatcher"):
            if api.language == "c" and name.lower().endswith(api.name.lower()):
                return api
        return None

    def _add_caller(self, unit: Unit, function: int, reason: str, site: CallSite) -> None:
        described = unit.facts.functions[function]
        if described.kind in ("function", "lambda") and not self._starts_program(unit, function):
            call = self._index.call(site)
            func = Func(unit.index, function)
            if func not in self.found:
                self.also_called.add(func)  # by what it does, not by who enters it
            self._add(func, reason, unit, call.start, call.end)

    def _starts_program(self, unit: Unit, function: int) -> bool:
        return any(
            site.unit == unit.index and self._index.call(site).function == function
            for site in self.dispatchers
        )

    def _add_named(self, expr: Expr, unit: Unit, function: int, reason: str) -> None:
        """Functions, and in Python classes, that an expression names."""
        for part in self._followed(expr, unit) if unit.is_python else walk(expr):
            for func in self._callees.referenced(part, unit, function):
                self._add(func, reason, unit, part.start, part.end)
            if unit.is_python:
                entity = self._python.evaluate(part, unit, function)
                if isinstance(entity, ClassObject):
                    self._add_class_methods(entity.ref)

    def _followed(self, expr: Expr, unit: Unit) -> Iterator[Expr]:
        """A Python expression, and the values of the variables in it: ctypes tables and callbacks
        are made in several steps."""
        pending, seen = [expr], set[str]()
        while pending:
            for part in walk_into_calls(pending.pop(), unit):
                yield part
                if isinstance(part, Name) and part.name not in seen:
                    seen.add(part.name)
                    writes = self._index.writes.get(part.name, ())
                    pending += [
                        self._index.binding(w).value for w in writes if w.unit == unit.index
                    ]

    # --- service tables ---

    def _from_tables(self) -> None:
        for expr, unit, function in in_service_tables(self._index, self._catalog, self._cpp):
            self._add_named(expr, unit, function, _MAIN)

    def _from_exports(self) -> None:
        """``ServiceMain`` of a DLL that svchost.exe loads."""
        exports = {api.name for api in self._catalog.with_role("service-export")}
        for name in sorted(exports):
            for func in self._index.definitions.get(name, ()):
                described = self._index.function(func)
                unit = self._index.unit(func)
                if not unit.is_python and not described.owner and len(described.parameters) <= 2:
                    self._add(
                        func,
                        _EXPORTED + name,
                        unit,
                        described.name_start,
                        described.name_end,
                    )

    # --- classes of frameworks ---

    def _from_classes(self) -> None:
        frameworks = {
            api.name.rpartition("::")[2]: api for api in self._catalog.with_role("service-class")
        }
        for refs in list(self._index.classes.values()):
            for ref in refs:
                if self._index.unit(ref).is_python:
                    self._python_class(ref)
                else:
                    self._cpp_class(ref, frameworks)
        self._com_methods()
        for func in list(self.found):
            self._virtual_methods(func)

    def _com_methods(self) -> None:
        """What clients call of COM classes, as COM has it: what gives back an HRESULT."""
        names = {self._index.klass(ref).name for ref in self._com.offered(self._modules_of_atl)}
        for unit in self._index.units if names else ():
            for number, function in enumerate(unit.facts.functions):
                owner = function.owner.rpartition("::")[2]
                if (
                    function.kind == "function"
                    and function.returns in _COM_RESULTS
                    and owner in names
                ):
                    reason = f"called by clients of the COM class {owner}"
                    place = function.name_start, function.name_end
                    self.served.add(Func(unit.index, number))
                    self._add(Func(unit.index, number), reason, unit, *place)

    def _cpp_class(self, ref: ClassRef, frameworks: dict[str, Api]) -> None:
        bases = {base.rpartition("::")[2] for base in self._cpp.external_bases(ref)}
        bases |= self._copied(ref, frameworks)
        for name in sorted(bases & frameworks.keys()):
            self.framework_units.add(ref.unit)
            if frameworks[name].framework == "atl":
                self._modules_of_atl.append(self._index.unit(ref))
            for method in frameworks[name].runs:
                self._add_methods(ref, method, f"{name}::{method}")
            if frameworks[name].senders:
                self._add_handlers(ref, frameworks[name])

    def _copied(self, ref: ClassRef, frameworks: dict[str, Api]) -> set[str]:
        """The classes of frameworks among the ancestors that the project has a copy of: they stand
        in a file of the framework's name."""
        found, seen, pending = set[str](), {ref}, list(self._cpp.bases(ref))
        while pending:
            base = pending.pop()
            if base in seen:
                continue
            seen.add(base)
            pending += self._cpp.bases(base)
            name, path = self._index.klass(base).name, self._index.unit(base).path
            api = frameworks.get(name)
            if api is not None and path.rpartition("/")[2] == api.module.rpartition("/")[2]:
                found.add(name)
        return found

    def _add_handlers(self, ref: ClassRef, api: Api) -> None:
        """The methods that a form calls for its events: they get the sender first."""
        klass, unit = self._index.klass(ref), self._index.unit(ref)
        for name in sorted(self._index.definitions):
            for func in self._cpp.own_methods(ref, name) if name not in api.installs else ():
                first = next(iter(self._index.function(func).parameters), None)
                if first is not None and plain_type(first.type).rpartition("::")[2] in api.senders:
                    reason = f"handles an event of the service class {klass.name}"
                    self._add(func, reason, unit, klass.start, klass.start)

    def _add_methods(self, ref: ClassRef, method: str, reason: str) -> None:
        klass, unit = self._index.klass(ref), self._index.unit(ref)
        for func in self._cpp.own_methods(ref, method):
            self._add(func, f"overrides {reason}", unit, klass.start, klass.start)

    def _virtual_methods(self, func: Func) -> None:
        """A class one of whose own static methods is the service main function is a service
        framework of the project: its virtual methods, and their overrides, run as the service."""
        described, unit = self._index.function(func), self._index.unit(func)
        if unit.is_python or not described.owner or self.found[func].reason.startswith("overrides"):
            return
        ref = self._cpp.class_named(described.owner, unit)
        if ref is None:
            return
        name = self._index.klass(ref).name
        for method in sorted(self._virtual_names(ref)):
            for klass in (ref, *self._cpp.descendants(ref)):
                self._add_methods(klass, method, f"{name}::{method}")

    def _virtual_names(self, ref: ClassRef) -> set[str]:
        """The service events among the virtual methods of a class; its destructor and what
        merely configures it are none."""
        klass = self._index.klass(ref)
        return {
            name
            for table in (self._index.prototypes, self._index.definitions)
            for name, funcs in table.items()
            for func in funcs
            if name in self._catalog.service_events
            and "virtual" in self._index.function(func).traits
            and self._index.function(func).owner.rpartition("::")[2] == klass.name
        }

    # --- Python classes ---

    def _python_class(self, ref: ClassRef) -> None:
        for base in self._python.bases(ref):
            if isinstance(base, External):
                api = self._catalog.python(base.dotted)
                if api is not None and api.role == "service-class":
                    self._add_hierarchy(ref, api)
        self._cx_freeze_handler(ref)

    def _add_hierarchy(self, ref: ClassRef, api: Api) -> None:
        for klass in (ref, *self._callees.python_classes.descendants(ref)):
            self.loaded.setdefault(klass.unit, self._index.klass(klass).name)
            # What one base has is looked at there; a mixin beside it is another matter.
            mixed = klass == ref or len(self._index.klass(klass).bases) > 1
            for method in api.runs:
                self._add_python_method(klass, method, mixed=mixed)

    def _add_class_methods(self, ref: ClassRef) -> None:
        """A class handed to ``servicemanager.PrepareToHostSingle`` and the like."""
        for api in self._catalog.with_role("service-class"):
            if api.language == "python":
                for method in api.runs:
                    self._add_python_method(ref, method)

    def _add_python_method(self, ref: ClassRef, name: str, *, mixed: bool = True) -> None:
        """``mixed``: a base may have the method."""
        find = self._callees.python_classes.inherited if mixed else self._python.method
        method = find(ref, name)
        if method is not None:
            klass, unit = self._index.klass(ref), self._index.unit(ref)
            owner = qualified(klass.owner, klass.name)
            self._add(
                method, f"method of the service class {owner}", unit, klass.start, klass.start
            )

    def _cx_freeze_handler(self, ref: ClassRef) -> None:
        """cx_Freeze has no base class: a file with MODULE_NAME and CLASS_NAME names the handler."""
        klass = self._index.klass(ref)
        for write in self._index.writes.get("CLASS_NAME", ()):
            binding, unit = self._index.binding(write), self._index.unit(write)
            named = isinstance(binding.value, Text) and binding.value.value == klass.name
            beside = any(w.unit == write.unit for w in self._index.writes.get("MODULE_NAME", ()))
            if unit.is_python and named and beside and isinstance(binding.target, Name):
                for method in ("initialize", "run", "stop", "session_changed", "sessionChanged"):
                    self._add_python_method(ref, method)
