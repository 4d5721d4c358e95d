"""How a service opens its named pipe, and how a client does: who may come in, who may be there.

Sources: CreateNamedPipeW, "Impersonating a named pipe client" (learn.microsoft.com/windows/win32).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.checks.certainty import every, is_number
from sessionzero.checks.reporting import callee_spot, finding
from sessionzero.facts import Member, Name
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import path_of
from sessionzero.link.files.units import Spot, walk_into_calls
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Value
from sessionzero.program import Program
from sessionzero.uses.sides import end_of

_REJECT_REMOTE = 0x8  # PIPE_REJECT_REMOTE_CLIENTS; winbase.h
_FIRST_INSTANCE = 0x80000  # FILE_FLAG_FIRST_PIPE_INSTANCE; winbase.h
_SQOS_PRESENT = 0x100000  # SECURITY_SQOS_PRESENT; winbase.h
_DENIES_NETWORK = re.compile(r"\(D;[^()]*;(?:NU|S-1-5-2)\)", re.IGNORECASE)
_NETWORK = frozenset(("WinNetworkSid", "SECURITY_NETWORK_RID"))
# Only the account in the name may create pipes there ("\Device\NamedPipe\ProtectedPrefix").
_PROTECTED = "\\\\.\\pipe\\protectedprefix\\"


def servers(program: Program) -> Iterator[Site]:
    """The service's calls that create an instance of a pipe with modes of their own, for others."""
    for site in program.service_sites("pipe"):
        is_server = site.api.kind == "server" and program.argument(site, "open_mode") is not None
        if is_server and not _opens_itself(program, site):
            yield site


def _opens_itself(program: Program, site: Site) -> bool:
    """Whether the function opens the other end too: a pipe within the service, such as one that
    replaces an anonymous pipe."""
    name = program.argument(site, "name")
    path = path_of(name) if name is not None else ""
    if not path:
        return False
    for other in program.sites("pipe"):
        opened = program.argument(other, "name") if other.func == site.func else None
        if other.api.kind == "client" and opened is not None and path_of(opened) == path:
            return True
    return False


def _lacks(value: Value, bit: int) -> bool:
    """Whether all that a value can be is known, and the bit is never in it."""
    return every(value, lambda known: is_number(known) and not known.number & bit)


def _argument_spot(program: Program, site: Site, role: str) -> Spot:
    """The argument itself, if a reader sees it in the call."""
    expr = program.argument(site, role)
    if expr is None or site.inside is not None:
        return callee_spot(program, site)
    return Spot(site.spot.unit, site.spot.function, expr.start, expr.end)


def _names(program: Program, site: Site) -> frozenset[str]:
    """The names of a pipe as Windows compares them; none if one may not be known."""
    name = program.value(site, "name")
    if not every(name, lambda known: known.kind == "text" and known.exact):
        return frozenset()
    return frozenset(known.text.casefold() for known in name.known)


# --- from other machines ---


def remote_clients(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each pipe that takes clients from the network, unless the service keeps them out elsewise."""
    if _knows_network(program):
        return
    for site in servers(program):
        if not _lacks(program.value(site, "pipe_mode"), _REJECT_REMOTE):
            continue
        descriptor = program.descriptor(site)
        if any(_DENIES_NETWORK.search(known.text) for known in descriptor.sddl):
            continue
        proof = program.service_proof(site)
        if proof is not None:
            spot = _argument_spot(program, site, "pipe_mode")
            yield finding(program, rule, site, spot=spot, proof=proof)


def _knows_network(program: Program) -> bool:
    """Whether code builds an entry for users from the network, or asks where a client is."""
    if any(site.api.kind == "peer-computer" for site in program.sites("pipe")):
        return True
    return any(
        isinstance(part, Name | Member) and part.name in _NETWORK
        for site in program.sites("security-descriptor", "token")
        for argument in program.index.call(site.call).arguments
        for part in walk_into_calls(argument.value, program.index.unit(site.call))
    )


# --- by somebody else before ---


def unguarded_pipe_name(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each name of a pipe of which no instance is created as the first; one finding a name."""
    sites = tuple(servers(program))
    seen = set[str]()
    for site in sites:
        names = _names(program, site)
        if (
            not names
            or names <= seen
            or not _lacks(program.value(site, "open_mode"), _FIRST_INSTANCE)
        ):
            continue
        seen |= names
        if all(name.startswith(_PROTECTED) for name in names) or _has_first(program, sites, names):
            continue
        proof = program.service_proof(site)
        if proof is not None:
            spot = _argument_spot(program, site, "open_mode")
            words = {"name": program.value(site, "name").texts[0].text}
            yield finding(program, rule, site, spot=spot, proof=proof, words=words)


def _has_first(program: Program, sites: tuple[Site, ...], names: frozenset[str]) -> bool:
    """Whether another call may create the first instance of the name."""
    for other in sites:
        theirs = _names(program, other)
        if theirs and not theirs & names:
            continue
        if not _lacks(program.value(other, "open_mode"), _FIRST_INSTANCE):
            return True
    return False


# --- from the client's end ---


def impersonated_client(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each client that opens a service's pipe and lets its server act as the client, where the
    service doesn't do so."""
    if any(site.api.kind == "impersonate" for site in program.service_sites("pipe", "token")):
        return
    served = {name: site for site in servers(program) for name in _names(program, site)}
    for site in program.sites("pipe") if served else ():
        if site.api.kind != "client" or site.api.language == "python":
            continue
        if not _lacks(program.value(site, "flags"), _SQOS_PRESENT):
            continue
        for known in program.value(site, "name").texts:
            server = served.get(known.text.casefold()) if known.exact else None
            end = end_of(program, site, "name", known)
            if server is None or end.in_service:
                continue
            spot = _argument_spot(program, site, "flags")
            related = (Note(program.place(server.spot), "the service creates the pipe here"),)
            words = {"name": known.text}
            yield finding(program, rule, site, spot=spot, related=related, words=words)
