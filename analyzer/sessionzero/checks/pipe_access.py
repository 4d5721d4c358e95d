"""Who may use a service's named pipe."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.access import everything
from sessionzero.checks.access_lists import granted, name_of, reported_grant, standing
from sessionzero.checks.object_names import with_confidence
from sessionzero.checks.reporting import callee_spot, finding, supposed
from sessionzero.findings import Finding, Level
from sessionzero.knowledge.catalog import position
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import NAMED, last_name, walk
from sessionzero.link.files.units import walk_into_calls
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.uses.launches import LAUNCH
from sessionzero.uses.secured import Secured, secured_later, secured_of
from sessionzero.uses.sides import Side, end_of

_INBOUND = 0x1  # PIPE_ACCESS_INBOUND, a part of PIPE_ACCESS_DUPLEX; winbase.h
_WRITE = 0x2  # FILE_WRITE_DATA; winnt.h
_CREATE_INSTANCE = 0x4  # FILE_CREATE_PIPE_INSTANCE; winnt.h
_CONTROL = 0x40000 | 0x80000  # WRITE_DAC, WRITE_OWNER; winnt.h
# Everyone, anonymous users, guests, users who come over the network.
_ANYBODY = ("S-1-1-0", "S-1-5-7", "S-1-5-32-546", "S-1-5-2")
_PREFIX = "\\\\.\\pipe\\"
_OWN_TOKEN = "own-token"
_OPEN_TO_ALL = frozenset(("WorldAccessOption", "OtherAccessOption"))


def default_pipe_dacl(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each pipe that a service reads from and that has the default descriptor, which lets ordinary
    users only read."""
    for made in secured_of(program):
        if made.kind != "pipe" or made.descriptor.kind != "default":
            continue
        judged = standing(program, made, of_libraries=True)
        if not made.end.in_service and position(made.site.api, "open_mode") is None:
            continue  # of a framework, whose pipes are for the programs of one user
        if judged is None or not _is_shared(program, made) or not _reads(program, made.site):
            continue
        level, confidence = judged
        item = finding(
            program,
            rule if made.end.in_service else supposed(rule),
            made.site,
            proof=made.end.proof,
            level=level,
            words={"name": name_of(program, made)},
        )
        yield with_confidence(item, confidence)


def _reads(program: Program, site: Site) -> bool:
    """Whether clients write to the pipe."""
    if program.argument(site, "open_mode") is None:
        return position(site.api, "open_mode") is None
    return program.value(site, "open_mode").has_bits(_INBOUND) is not None


def _is_shared(program: Program, made: Secured) -> bool:
    """Whether the pipe is for other programs: its whole name is known, and not only services open
    it; or it is there for many clients. One instance under a random name is for a child."""
    full = made.known.text.casefold() if made.known is not None else ""
    if made.site.api.framework == "qt":
        named = bool(full) and not _options(program, made.site)
    else:
        named = full.startswith(_PREFIX)
    if secured_later(program, made.site):
        return False
    if made.known is None or not made.known.exact:
        many = (named or not full) and _has_many_clients(program, made.site)
        return many and not _is_told_to_a_child(program, made.site)
    clients = set(_clients(program, full))
    return named and (not clients or clients != {"service"})


def _has_many_clients(program: Program, site: Site) -> bool:
    """Whether the pipe has more than one instance for certain."""
    known = program.value(site, "instances").known
    return bool(known) and all(item.kind == "number" and item.number > 1 for item in known)


def _is_told_to_a_child(program: Program, site: Site) -> bool:
    """Whether something in the pipe's name also stands in the command line of a program that the
    same file starts with the service's own rights: that is the client."""
    mine, unit = _words(program, site, "name"), program.index.unit(site.func)
    for launch in program.sites(LAUNCH):
        if launch.api.kind == _OWN_TOKEN and launch.func.unit == site.func.unit:
            shared = mine & _words(program, launch, "command_line")
            if launch.func != site.func:
                local = (unit.types_of.get(func.index, {}) for func in (launch.func, site.func))
                shared = shared.difference(*local)
            if shared:
                return True
    return False


def _words(program: Program, site: Site, role: str) -> set[str]:
    """The variables and fields in an argument, and in what its function puts into those."""
    value, unit = program.argument(site, role), program.index.unit(site.func)
    if value is None:
        return set()
    bindings = [unit.facts.bindings[i] for i in unit.bindings_of.get(site.func.index, ())]
    found, pending = set[str](), [value]
    while pending:
        parts = walk_into_calls(pending.pop(), unit)
        fresh = {last_name(part) for part in parts if isinstance(part, NAMED)} - found
        found |= fresh
        pending += [it.value for it in bindings if last_name(it.target) in fresh]
    functions = program.index.definitions.keys() | program.catalog.names
    return {name for name in found if name not in functions and not name.isupper()}


def _clients(program: Program, full: str) -> Iterator[Side]:
    """Who opens the pipe of that name."""
    for site in program.sites("pipe"):
        if site.api.kind == "client":
            for known in program.value(site, "name").texts:
                if known.exact and known.text.casefold() == full:
                    yield end_of(program, site, "name", known).side


def _options(program: Program, site: Site) -> tuple[Site, ...]:
    """Where the file says who may use its QLocalServer."""
    return tuple(
        other
        for other in program.sites("pipe")
        if other.api.kind == "options" and other.call.unit == site.call.unit
    )


def pipe_open_to_everyone(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each entry of a pipe's list that lets anybody write, or ordinary users control the pipe or
    create instances of it; each QLocalServer that is open to the world."""
    for made, form, grant, spot in granted(program):
        if made.kind != "pipe" or grant.sid.trust != "broad":
            continue
        rights = grant.rights
        controls = everything(rights, "pipe", program.catalog.sddl) or rights & _CONTROL
        if controls or (grant.sid.sid in _ANYBODY and rights & _WRITE):
            level: Level | None = "note" if _asks_who(program) and not controls else None
            yield from reported_grant(program, rule, made, form, grant, spot, level)
        elif rights & _CREATE_INSTANCE:
            yield from reported_grant(program, rule, made, form, grant, spot, "note")
    for site in program.sites("pipe"):
        if site.api.kind == "options":
            yield from _world_access(program, rule, site)


def _asks_who(program: Program) -> bool:
    """Whether the program looks at who is at the other end of its pipes."""
    return any(site.api.kind in ("impersonate", "peer") for site in program.sites("pipe"))


def _world_access(program: Program, rule: Rule, site: Site) -> Iterator[Finding]:
    flags = program.argument(site, "flags")
    proof = program.service_proof(site)
    if flags is None or proof is None:
        return
    if any(last_name(part) in _OPEN_TO_ALL for part in walk(flags)):
        words = {"name": "QLocalServer", "who": "Everyone", "rights": "read and write"}
        words["kind"] = "pipe"
        spot = callee_spot(program, site)
        level: Level = "note" if _asks_who(program) else rule.level
        yield finding(program, rule, site, spot=spot, proof=proof, level=level, words=words)
