"""The linked whole: everything that a check can ask about a set of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct

from sessionzero.facts import Expr, FileFacts, Member, Name, Operation, Result
from sessionzero.findings import Confidence, Note, Place
from sessionzero.installation.frozen import frozen_programs
from sessionzero.installation.installed import installed_programs
from sessionzero.knowledge.catalog import Catalog, argument
from sessionzero.link.files.debug_builds import only_debug_build
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.linkage import Linkage
from sessionzero.link.files.mains import Mains
from sessionzero.link.files.modules import Modules
from sessionzero.link.files.products import read_builds
from sessionzero.link.files.python_scripts import scripts
from sessionzero.link.files.regions import Regions, without
from sessionzero.link.files.scopes import Frame, Scope, scope_of
from sessionzero.link.files.unit_tests import UnitTests
from sessionzero.link.files.units import CallSite, Func, Spot, Unit
from sessionzero.link.names.callees import Callees
from sessionzero.link.names.com_classes import ComClasses
from sessionzero.link.names.cpp_names import CppNames
from sessionzero.link.names.python_names import PythonNames
from sessionzero.link.names.sites import Site, sites_of
from sessionzero.link.security.attribute_objects import AttributeObjects
from sessionzero.link.security.descriptors import Descriptors
from sessionzero.link.security.made_descriptors import DEFAULT, UNKNOWN_DESCRIPTOR, Descriptor
from sessionzero.link.security.tokens import Origin, Tokens
from sessionzero.link.values.lattice import UNKNOWN, Value
from sessionzero.link.values.python_platform import PythonPlatform
from sessionzero.link.values.values import Values
from sessionzero.link.values.writes import Writes
from sessionzero.link.ways.children import Children
from sessionzero.link.ways.context import Context
from sessionzero.link.ways.entries import Entries, Entry
from sessionzero.link.ways.makers import Makers
from sessionzero.link.ways.paths import Step
from sessionzero.link.ways.programs import Programs
from sessionzero.link.ways.python_edges import IMPORTS, PythonEdges
from sessionzero.link.ways.roles import NO_ROLES, Roles, units_of
from sessionzero.link.ways.uncalled import Uncalled

_Answer = TypeVar("_Answer")


class Proof(Struct, frozen=True):
    """Why a place counts as service code, and how sure that is. ``way`` gives the path, ``sure``
    the confidence: most who ask for a proof look at neither, the path may be long, and whether
    users run the place too takes a search through all that their programs reach."""

    way: Callable[[], tuple[Note, ...]]
    entry: str
    sure: Callable[[], Confidence]
    debug_only: bool = False

    @property
    def confidence(self) -> Confidence:
        """``medium`` where users run the place too, or only the configuration or an installer says
        that it is a service's."""
        return self.sure()

    @property
    def path(self) -> tuple[Note, ...]:
        """The steps from the service's entry to the place; empty where no entry is known."""
        return self.way()


class Program:
    """Facts linked into a program."""

    def __init__(
        self,
        files: Sequence[tuple[str, FileFacts]],
        catalog: Catalog,
        *,
        assume_service: bool = False,
        roles: Roles = NO_ROLES,
        earlier: Mapping[str, Unit] | None = None,
    ) -> None:
        """``earlier``: the files of an earlier program, of which those are kept that are the
        same."""
        self.catalog = catalog
        self.assume_service = assume_service
        self.index = ProgramIndex(files, earlier)
        builds = read_builds(self.index)
        modules = Modules(self.index, builds.includes)
        linkage = Linkage(self.index, modules, builds.products)
        regions = Regions(self.index, modules, linkage, builds)
        units = self.index.units
        if dead := regions.dead():
            compiled = [(it.path, without(it.facts, dead.get(i))) for i, it in enumerate(units)]
            self.index = ProgramIndex(compiled, self.index.by_path)
            modules = Modules(self.index, builds.includes)
            linkage = Linkage(self.index, modules, builds.products)
        self.modules, self.linkage = modules, linkage
        self.mains = Mains(self.index)
        self.unit_tests = UnitTests(self.index)
        self.cpp = CppNames(self.index, self.modules, self.mains, self.linkage)
        self.python = PythonNames(
            self.index, self.modules, lambda dotted: catalog.python(dotted) is not None
        )
        self.callees = Callees(self.index, catalog, self.modules, self.cpp, self.python, regions)
        writes = Writes(self.index, catalog, self.modules, self.cpp, self.python, regions)
        platform = PythonPlatform(self.index, self.modules, self.python, writes)
        self.python.leave_out(platform.elsewhere)
        self.values = Values(
            *(self.index, catalog, self.modules, self.callees, self.python, writes, platform)
        )
        objects = AttributeObjects(self.index, self.callees, self.cpp)
        self.descriptors = Descriptors(self.index, catalog, self.callees, self.values, objects)
        clients = units_of(self.index, roles.clients)
        makers = Makers(self.index, self.callees, self.cpp)
        self.entries = Entries(
            *(self.index, catalog, self.callees, self.cpp, self.python, clients),
            Uncalled(self.index, self.callees, self.cpp, self.mains, self.linkage, makers),
            ComClasses(self.index, self.cpp, self.modules),
        )
        self._sites: dict[str, list[Site]] | None = None
        self._answers: dict[Callable[[Program], Any], Any] = {}
        python_scripts = tuple(scripts(self.index, self.modules))
        programs = Programs(self.index, self.mains, linkage, python_scripts)
        for name, script in frozen_programs(self) if programs else ():
            programs.call_also(name, script)
        for it in installed_programs(self, programs):
            if it.start.unit not in clients:
                place = (it.spot.unit, it.spot.start, it.spot.end)
                self.entries.install(
                    Entry(it.start, it.reason, *place, "installer", it.loaded, it.account)
                )
        self.context = Context(
            self.index,
            catalog,
            self.callees,
            self.modules,
            self.cpp,
            self.mains,
            python_scripts,
            self.unit_tests,
            self.linkage,
            self.entries,
            roles,
            PythonEdges(
                *(self.index, catalog, self.modules, self.python, self.callees.python_classes)
            ),
            platform,
            writes,
            self.values,
            regions,
            makers,
        )
        self.children = Children(*(self.index, catalog, self.callees, self.values, programs))
        self.children.reach(self.context)
        self.tokens = Tokens(self.index, catalog, self.callees, self.values, writes)

    def once(self, question: Callable[[Program], _Answer]) -> _Answer:
        """What a function says of the program, asked only once. It is kept here: a table beside the
        function would keep the program for good, if the answer names it."""
        if question not in self._answers:
            self._answers[question] = question(self)
        known: _Answer = self._answers[question]
        return known

    @property
    def has_service(self) -> bool:
        """True if the program has a service entry."""
        return bool(self.entries.found) or bool(self.entries.dispatchers)

    @property
    def only_clients(self) -> bool:
        """True if nothing here is a service, and something is a program that users start."""
        return not self.has_service and self.context.by_hand.has_programs()

    def for_other_projects(self, func: Func) -> bool:
        """True if a function goes into a library and nothing here is a service: the programs that
        use the library can't be seen, and may be services."""
        return not self.has_service and self.linkage.in_library(func.unit)

    # --- calls of catalogued functions ---

    def sites(self, *roles: str) -> tuple[Site, ...]:
        """The calls of all functions with one of the roles, by unit and position."""
        if self._sites is None:
            self._sites = sites_of(self.index, self.catalog, self.callees)
        found = [site for role in roles for site in self._sites.get(role, ())]
        return tuple(sorted(found, key=lambda site: (site.spot, site.call)))

    def argument(self, site: Site, role: str) -> Expr | None:
        """The argument of a call that plays a role; None if it isn't there."""
        return argument(site.api, self.index.call(site.call).arguments, role)

    def value(self, site: Site, role: str) -> Value:
        """What the argument that plays a role is known to be."""
        expr = None if site.handed else self.argument(site, role)
        if expr is None:
            return UNKNOWN
        return self.values.argument(site.call, expr, site.frame)

    def field(self, site: Site, role: str, name: str) -> Value:
        """What a field of the structure is that a call gets in the argument that plays a role:
        ``program.field(site, "startup", "lpDesktop")``."""
        expr = None if site.handed else self.argument(site, role)
        return UNKNOWN if expr is None else self.values.field(expr, name, self.scope(site))

    def descriptor(self, site: Site, frame: Frame | None = None) -> Descriptor:
        """Which security descriptor the object gets that a call creates, in its function as the
        ``frame`` calls it. What can't be told one, and C++ methods that are told none, give it the
        default one."""
        expr = None if site.handed else self.argument(site, "security")
        if expr is not None:
            return self.descriptors.of(site.call, expr, site.frame or frame)
        named = any(parameter.role == "security" for parameter in site.api.parameters)
        # What a user adds to the catalogue says no effect, and may set a descriptor inside.
        optional = site.api.language == "c++" if named else bool(site.api.effect)
        return DEFAULT if optional and not site.handed else UNKNOWN_DESCRIPTOR

    def token_origins(self, site: Site) -> frozenset[Origin]:
        """What the token can be that a call gets."""
        expr = None if site.handed else self.argument(site, "token")
        if expr is None:
            return frozenset({"unknown"})
        return self.tokens.origins(expr, self.scope(site))

    def scope(self, site: Site) -> Scope:
        """Where a call stands, for folding."""
        return scope_of(self.index, site.call, site.frame)

    # --- places and words ---

    def place(self, spot: Spot) -> Place:
        """The place of a spot, as findings give it."""
        return Place(self.index.units[spot.unit].path, spot.start, spot.end)

    def defined(self, func: Func) -> Place:
        """The place of a function's name where it is defined."""
        described = self.index.function(func)
        return Place(self.index.unit(func).path, described.name_start, described.name_end)

    def function_name(self, func: Func) -> str:
        """A function's name with its class, as a reader writes it."""
        described = self.index.function(func)
        if described.kind == "file":
            unit = self.index.unit(func)
            if unit.is_python:
                return "<module>"
            native = unit.facts.language in ("c", "c++")
            return "<file>" if native else unit.path.rpartition("/")[2]
        if described.kind == "lambda":
            return f"a lambda in {self.function_name(Func(func.unit, max(described.parent, 0)))}"
        separator = "." if self.index.unit(func).is_python else "::"
        return (
            f"{described.owner}{separator}{described.name}" if described.owner else described.name
        )

    def written(self, site: Site) -> str:
        """The callee as the user wrote it."""
        if site.handed:
            return site.api.name
        call = self.index.call(site.call)
        if isinstance(call.callee, Result):  # a call gave the function, or a macro its name
            return site.api.name
        written = spelling(call.callee, self.index.unit(site.call))
        return written if written and "#" not in written else site.api.name

    # --- who runs it ---

    def service_sites(self, *roles: str) -> Iterator[Site]:
        """The sites in functions that the service may run: what a rule about services looks at
        before it asks for values and proofs."""
        context = self.context
        for site in self.sites(*roles):
            func = site.func
            if self.assume_service or context.runs_as_service(func) or context.starts_service(func):
                yield site

    def service_proof(self, site: Site) -> Proof | None:
        """Why the call runs in the service; None if it doesn't, or nothing shows that it does."""
        inside = site.inside
        if inside and self.context.left_out(self.index.units[inside.unit], inside.start):
            return None
        return self.proof_at(site.func, site.branch, site.spot, site.outer, self.written(site))

    def proof_at(
        self, func: Func, branch: int, spot: Spot, call: CallSite | None, what: str
    ) -> Proof | None:
        """As :meth:`service_proof`, for any place in a function; ``call`` is None where it is in
        no call."""
        unit = self.index.units[spot.unit]
        context, branches = self.context, self.context.branches
        if branches.never_taken(unit, branch, func) or branches.left_to_command_line(func, branch):
            return None
        if context.left_out(unit, spot.start):
            return None
        debug_only = only_debug_build(unit, spot.start)

        def way() -> tuple[Note, ...]:
            last = Note(self.place(spot), f"{self.function_name(func)} calls {what}")
            return (*self._path(func), last)

        if context.runs_as_service(func):
            sure = partial(self._sure, func, branch)
            return Proof(way, self._entry_name(func), sure, debug_only)
        if context.starts_service(func) and call and context.before_dispatcher(call):
            return Proof(way, self.function_name(func), lambda: "medium", debug_only)
        if self._assumed(func):
            return Proof(tuple, "", lambda: "low", debug_only)
        return None

    def _sure(self, func: Func, branch: int) -> Confidence:
        """How sure it is that a function that the service reaches runs in the service."""
        context = self.context
        entry = context.entry(func)
        if entry is not None and entry.said_by:
            return "medium"
        shared = context.also_by_hand(func) and not context.asks_for_service(func, branch)
        return "medium" if shared else "high"

    def _assumed(self, func: Func) -> bool:
        context = self.context
        return (
            self.assume_service
            and not context.by_hand.certainly_runs(func)
            and not context.starts_service(func)
            and not context.installs(func)
        )

    def _entry_name(self, func: Func) -> str:
        entry = self.context.entry(func)
        return self.function_name(entry.func) if entry is not None else ""

    def _path(self, func: Func) -> tuple[Note, ...]:
        entry = self.context.entry(func)
        if entry is None:
            return ()
        return (self.entry_note(entry), *(self._note(s, t) for s, t in self._steps(func)))

    def _steps(self, func: Func) -> list[tuple[Step, Func]]:
        steps = self.context.path(func)
        targets = [*(step.func for step in steps), func][1:]
        return list(zip(steps, targets, strict=True))

    def entry_note(self, entry: Entry) -> Note:
        """What a service begins with, and why it does."""
        if entry.said_by == "installer":
            return Note(self.place(Spot(entry.unit, 0, entry.start, entry.end)), entry.reason)
        return Note(self.defined(entry.func), f"{self.function_name(entry.func)}: {entry.reason}")

    def _note(self, step: Step, target: Func) -> Note:
        unit = self.index.unit(step.func)
        place = Place(unit.path, step.start, step.end)
        loads = step.how == IMPORTS
        path = self.index.unit(target).path
        named = path.rpartition("/")[2] if loads else self.function_name(target)
        return Note(place, f"{self.function_name(step.func)} {step.how} {named}")


def spelling(expr: Expr, unit: Unit) -> str:
    """A name or access path as written, calls in it shortened to ``f()``; empty for the rest."""
    match expr:
        case Name(name):
            return name.removeprefix("::")
        case Member(inner, name):
            outer = spelling(inner, unit)
            arrow = "." if unit.is_python or not isinstance(inner, Name) else _arrow(inner)
            return f"{outer}{arrow}{name}" if outer else name
        case Operation("*" | "&", (inner,)):
            return spelling(inner, unit)
        case Result(call):
            outer = spelling(unit.facts.calls[call].callee, unit)
            return f"{outer}()" if outer else ""
        case _:
            return ""


def _arrow(inner: Name) -> str:
    return "->" if inner.name == "this" else "."
