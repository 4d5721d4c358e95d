"""Every use of a named kernel object in the program, and the two ends of each name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Set

from msgspec import Struct

from sessionzero.facts import Member, Name, Operation, Result
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.units import Func, Spot, walk_into_calls
from sessionzero.link.files.words import words
from sessionzero.link.names.sites import Site
from sessionzero.link.values.answers import OWN_PROCESS
from sessionzero.link.values.lattice import Known
from sessionzero.link.values.object_names import ObjectName, parse
from sessionzero.program import Program
from sessionzero.uses.sides import End, Side, begun_here, end_of

_WRONG_AT_ONCE = ("malformed", "session", "native")  # whoever says the beginning says it wrong
_USABLE = ("bare", "local", "global")  # namespaces in which a name can be found again


class ObjectUse(Struct, frozen=True):
    """One call that creates or opens an object under a known name, and who says that name.

    ``creates``: the call may make the object, it doesn't only look for it.
    """

    site: Site
    known: Known
    name: ObjectName
    end: End
    creates: bool

    @property
    def in_service(self) -> bool:
        """Whether a service says the name."""
        return self.end.in_service

    @property
    def side(self) -> Side:
        return self.end.side

    @property
    def spot(self) -> Spot:
        return self.end.spot

    @property
    def place(self) -> tuple[Spot, Func]:
        """Where a reader looks, and who runs it: several may use one list of names."""
        return (self.end.spot, self.end.func)

    @property
    def key(self) -> tuple[str, str]:
        return (self.site.api.kind, self.name.base)

    @property
    def folded(self) -> tuple[str, str]:
        """The key of all names that differ from this one in prefix, case or slash only."""
        return (self.site.api.kind, self.name.base.casefold().replace("/", "\\"))

    @property
    def meant(self) -> tuple[bool, str]:
        """Which object the name means: whether it is one of the machine (else one of a user's
        session), and its name. In session 0 every prefix means the machine's."""
        return (self.in_service or self.name.namespace == "global", self.name.base)


class Objects:
    """The named objects of a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._aliases = frozenset(self._private_namespaces())
        self.has_unknown_alias = any(
            not program.value(site, "name").texts
            for site in program.sites("private-namespace")
            if site.api.kind in ("create", "open")
        )
        self.uses = tuple(self._find())
        self._by_key: dict[tuple[str, str], list[ObjectUse]] = defaultdict(list)
        self._alike: dict[tuple[str, str], list[ObjectUse]] = defaultdict(list)
        for use in self.uses:
            self._by_key[use.key].append(use)
            self._alike[use.folded].append(use)

    def others(self, use: ObjectUse) -> tuple[ObjectUse, ...]:
        """The other uses of the same kind of object under the same base name."""
        if not use.known.exact and len(use.name.base) < 4:
            return ()
        own = has_own_id(self._program, use)
        return tuple(
            other
            for other in self._by_key[use.key]
            if other.place != use.place
            and other.known.exact == use.known.exact
            # With the id of another process it is another name.
            and not (own and other.side != use.side and has_own_id(self._program, other))
        )

    def alike(self, use: ObjectUse) -> tuple[ObjectUse, ...]:
        """The other uses of the same kind of object whose whole, well-formed names are equal to
        this one but for prefix, case and slash; equal ones included."""
        return tuple(
            other
            for other in self._alike[use.folded]
            if other.place != use.place and other.known.exact and other.name.namespace in _USABLE
        )

    def _private_namespaces(self) -> Iterator[str]:
        """Aliases of private namespaces, which stand like a prefix before a name."""
        for site in self._program.sites("private-namespace"):
            for role in ("alias", "prefix", "name"):
                for known in self._program.value(site, role).texts:
                    yield known.text

    def _find(self) -> Iterator[ObjectUse]:
        uses = [
            self._use(site, known, parse(known.text, whole=known.exact))
            for site in self._program.sites("object-create", "object-open")
            if site.api.effect != "ok"
            for known in self._program.value(site, "name").texts
        ]
        # A function that asks for both names decides at run time which one it uses, or falls back
        # to the session's where it doesn't get the machine's; so does a wrapper with what it gets.
        everywhere = [use for use in uses if use.name.namespace == "global"]
        both = {(u.end.func, u.key, u.creates) for u in everywhere}
        wrappers = {(u.site.func, u.key[0], u.creates) for u in everywhere if not u.name.base}
        for use in uses:
            if use.name.namespace == "empty" or self._is_private(use.known.text):
                continue
            if self._program.unit_tests.hold(use.end.func) and not use.in_service:
                continue
            if use.name.namespace == "bare":
                if (use.end.func, use.key, use.creates) in both:
                    continue
                if use.known.passed and (use.site.func, use.key[0], use.creates) in wrappers:
                    continue
            yield use

    def _is_private(self, text: str) -> bool:
        return any(text.startswith(f"{alias}\\") for alias in self._aliases)

    def _use(self, site: Site, known: Known, name: ObjectName) -> ObjectUse:
        if name.namespace in _WRONG_AT_ONCE:
            known = begun_here(site, known)
        end = end_of(self._program, site, "name", known)
        return ObjectUse(site, known, name, end, _may_create(self._program, site))


def _may_create(program: Program, site: Site) -> bool:
    """False for what only opens: ``OpenEvent``, ``SharedMemory(name)`` unless told to create."""
    if not any(parameter.role == "create" for parameter in site.api.parameters):
        return site.api.role == "object-create"
    told = program.argument(site, "create") is not None
    return told and not program.value(site, "create").is_null


def objects_of(program: Program) -> Objects:
    """The named objects of a program, found once."""
    return program.once(Objects)


def users_program_at(program: Program, use: ObjectUse) -> Func | None:
    """The start of a program of the user's that comes to the place where the service says the name:
    one line is both ends. None if there is none but unit tests, and what a service starts; nor for
    anything but shared memory: what waits or guards often has a name that only its process uses."""
    if not use.in_service or use.site.api.kind != "section":
        return None
    for start in program.context.by_hand.programs_to(use.end.func):
        if not program.unit_tests.hold(start) and not program.context.runs_as_service(start):
            return start
    return None


# Words that say what an object is for within its process, and not whose it is.
_PURPOSES = frozenset(
    (
        *("event", "evt", "mutex", "mtx", "semaphore", "sem", "timer", "lock", "thread", "h"),
        *("quit", "stop", "exit", "end", "done", "terminate", "kill", "wait", "my", "the", "new"),
        *("test", "temp", "tmp"),
    )
)


def is_label(objects: Objects, use: ObjectUse) -> bool:
    """True for a bare name such as ``quit`` or ``StopEvent1`` that nothing else in the project
    uses: its author wanted to label the object, and has named it for the whole session."""
    found = words(use.name.base)
    return (
        use.name.namespace == "bare"
        and use.known.exact
        and all(word in _PURPOSES or word.isdigit() for word in found)
        and any(word.isalpha() for word in found)
        and not objects.others(use)
    )


def has_own_id(program: Program, use: ObjectUse) -> bool:
    """True for a name that the id of the process is put into that says it."""
    for site in use.known.rest:
        call = program.index.call(site)
        parts = walk_into_calls(Result(site.index, call.start, call.end), program.index.unit(site))
        if any(isinstance(part, Name | Member) and part.name in OWN_PROCESS for part in parts):
            return True
    return False


def is_lock(program: Program, use: ObjectUse) -> bool:
    """True for a mutex or semaphore that the function which creates it gives up again, having
    waited for it if it was there before: it guards what is done in between, and tells nobody that
    the program runs. A program's start holds what it creates as long as the program runs."""
    if use.site.func in program.mains.of_unit.get(use.site.func.unit, ()):
        return False
    if not _gets(program, use, "object-release"):
        return False
    return _gets(program, use, "object-wait") or not tests_single_instance(program, use)


def _gets(program: Program, use: ObjectUse, role: str) -> bool:
    """Whether the function that creates an object gives its handle to a call with that role."""
    return any(
        site.func == use.site.func
        and any(known.site == use.site.call for known in program.value(site, "handle").known)
        for site in program.sites(role)
    )


ALREADY_EXISTS = frozenset(("ERROR_ALREADY_EXISTS", "ERROR_ACCESS_DENIED"))


def tests_single_instance(program: Program, use: ObjectUse) -> bool:
    """True for the single-instance idiom: the function that creates the object, or one that has it
    created under that name, asks whether it existed before (``GetLastError() ==
    ERROR_ALREADY_EXISTS``), or opens it first to see. Not if it opens the object when it is denied:
    then it wants to share it."""
    shares = _opens_after(program, use)
    meant = ALREADY_EXISTS - {"ERROR_ACCESS_DENIED"} if shares else ALREADY_EXISTS
    asking = {use.site.func, use.end.func} if use.known.passed else {use.site.func}
    return any(_asks_for(program, func, meant) for func in asking)


def _asks_for(program: Program, func: Func, errors: Set[str]) -> bool:
    """Whether a function compares anything with one of the errors."""
    unit = program.index.unit(func)
    described = program.index.function(func)
    texts = [
        *(
            branch.condition
            for branch in unit.facts.branches
            if described.start <= branch.condition.start < described.end
        ),
        *(unit.facts.returns[i].value for i in unit.returns_of.get(func.index, ())),
        *(unit.facts.bindings[i].value for i in unit.bindings_of.get(func.index, ())),
    ]
    return any(
        (isinstance(part, Name | Member) and last_name(part) in errors)
        or (
            isinstance(part, Operation)
            and part.operator == "=="
            and any(getattr(operand, "value", None) == 183 for operand in part.operands)
        )
        for text in texts
        for part in walk_into_calls(text, unit)
    )


def _opens_after(program: Program, use: ObjectUse) -> bool:
    """Whether the function opens the object behind the call that creates it."""
    return use.creates and any(
        not other.creates and other.site.func == use.site.func and other.site.spot > use.site.spot
        for other in objects_of(program).others(use)
    )
