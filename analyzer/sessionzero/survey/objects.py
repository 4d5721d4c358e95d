"""The named things of a project that programs can share, each with its ends: who may open what.

Sources: "Kernel object namespaces", "Named Pipes" and "Mailslots" (learn.microsoft.com): a kernel
object's name is looked up in the directory of the caller's session, which for session 0 is that
of ``Global\\``; pipes and mailslots have one directory each for the whole machine, and their names
have no case.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from sessionzero.findings import Place
from sessionzero.inventory import End, EndSide, Shared
from sessionzero.link.files.units import Spot
from sessionzero.link.names.sites import Site
from sessionzero.link.security.made_descriptors import Descriptor
from sessionzero.link.values.lattice import Known
from sessionzero.program import Program
from sessionzero.survey.access import access_words
from sessionzero.survey.programs import Programs
from sessionzero.survey.standing import Standing
from sessionzero.uses.objects import ObjectUse, objects_of
from sessionzero.uses.secured import descriptor_with
from sessionzero.uses.sides import end_of

_MACHINE = "\\BaseNamedObjects\\"
_SESSION = "\\Sessions\\<n>\\BaseNamedObjects\\"
_ROOTED = re.compile(
    r"[\\/]{2}(?P<server>[^\\/]+)[\\/](?P<kind>pipe|mailslot)[\\/](?P<base>.*)", re.I
)
_ORDER: tuple[EndSide, ...] = ("service", "client", "unknown")


class Thing(Struct, frozen=True):
    """A shared thing, and what is known of each of its uses: ``namespaces`` by end."""

    shared: Shared
    descriptors: tuple[Descriptor, ...]
    uses: tuple[ObjectUse, ...] = ()


class _Use(Struct, frozen=True):
    kind: str
    base: str
    key: str
    end: End
    creates: bool
    site: Site
    known: Known
    places: tuple[Place, ...]
    object_use: ObjectUse | None = None


def things_of(program: Program, programs: Programs, standing: Standing) -> tuple[Thing, ...]:
    """All that has a name which other programs can say, by kind and name."""
    groups: dict[tuple[str, str], list[_Use]] = defaultdict(list)
    for use in (*_objects(program, programs), *_rooted(program, programs)):
        groups[use.kind, use.key].append(use)
    return tuple(_thing(program, standing, groups[key]) for key in sorted(groups))


def _thing(program: Program, standing: Standing, uses: list[_Use]) -> Thing:
    uses = sorted(
        uses, key=lambda use: (_ORDER.index(use.end.side), not use.creates, use.end.place)
    )
    made = [use for use in uses if use.creates]
    descriptors = {use: descriptor_with(program, use.site, use.known) for use in made}
    words = (
        access_words(found, use.kind, program.catalog.sddl) for use, found in descriptors.items()
    )
    places = [place for use in uses for place in use.places]
    places += [program.place(spot) for it in descriptors.values() for spot in _spots(it)]
    shared = Shared(
        kind=uses[0].kind,
        name=uses[0].base,
        ends=tuple(dict.fromkeys(use.end for use in uses)),
        access="; or ".join(dict.fromkeys(words)),
        findings=standing.on(places),
    )
    objects = tuple(use.object_use for use in uses if use.object_use is not None)
    return Thing(shared, tuple(descriptors.values()), objects)


def _spots(descriptor: Descriptor) -> tuple[Spot, ...]:
    """Where a descriptor is made, and its entries one by one; where a text that a function of the
    project makes it of is passed to it."""
    passed = (spot for text in descriptor.sddl for spot in text.passed)
    entries = (spot for form in descriptor.forms for spot in form.spots)
    return (*descriptor.places, *entries, *passed)


# --- kernel objects ---


def _objects(program: Program, programs: Programs) -> Iterator[_Use]:
    for use in objects_of(program).uses:
        more = "" if use.known.exact else "…"
        end = programs.end_of(
            use.end,
            "creates" if use.creates else "opens",
            written=f"{use.known.text}{more}",
            directory=_directory(use, more),
        )
        yield _Use(
            kind=use.site.api.kind or "object",
            base=f"{use.name.base}{more}",
            key=f"{use.folded[1]}{more}",
            end=end,
            creates=use.creates,
            site=use.site,
            known=use.known,
            places=_places(program, use.site, end),
            object_use=use,
        )


def _directory(use: ObjectUse, more: str) -> str:
    """The object's full name as WinObj shows it; empty where nobody can say."""
    match use.name.namespace:
        case "global":
            return f"{_MACHINE}{use.name.base}{more}"
        case "bare" | "local":
            whole = {"service": _MACHINE, "client": _SESSION, "unknown": ""}[use.side]
            return f"{whole}{use.name.base}{more}" if whole else ""
        case _:
            return ""


def _places(program: Program, site: Site, end: End) -> tuple[Place, ...]:
    return (program.place(site.spot), end.place)


# --- pipes and mailslots ---

_SERVERS = {("pipe", "server"), ("ipc-ok", "mailslot")}
_VERBS = {
    ("pipe", True): "serves",
    ("pipe", False): "connects to",
    ("mailslot", True): "reads",
    ("mailslot", False): "writes to",
}


def _rooted(program: Program, programs: Programs) -> Iterator[_Use]:
    for site in program.sites("pipe", "ipc-ok"):
        serves = (site.api.role, site.api.kind) in _SERVERS
        if serves or (site.api.role, site.api.kind) == ("pipe", "client"):
            for known in program.value(site, "name").texts:
                yield from _rooted_use(program, programs, site, known, serves)


def _rooted_use(
    program: Program, programs: Programs, site: Site, known: Known, serves: bool
) -> Iterator[_Use]:
    match = _ROOTED.fullmatch(known.text)
    if match is None and not _names_itself(site):
        return
    kind = match["kind"].lower() if match else "pipe"
    more = "" if known.exact else "…"
    base = (match["base"] if match else known.text) + more
    unnamed = not base.rstrip("…")
    if unnamed and not serves:
        return
    written = f"{known.text}{more}" if match else f"\\\\.\\pipe\\{base}"
    use = end_of(program, site, "name", known)
    end = programs.end_of(use, _VERBS[kind, serves], written=written)
    place = program.place(use.spot)
    key = f"{base}{place.path}:{place.start}" if unnamed else base.casefold()  # one of its own
    yield _Use(kind, base, key, end, serves, site, known, _places(program, site, end))


def _names_itself(site: Site) -> bool:
    """Qt puts the prefix of pipes before the name."""
    return site.api.kind == "server" and "QLocalServer" in site.api.dotted
