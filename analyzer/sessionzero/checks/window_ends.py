"""Programs of users that look for a service's window, or send it a registered message."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.checks.foreign_windows import is_broadcast
from sessionzero.checks.reporting import callee_spot, finding, words_of
from sessionzero.facts import Expr, Name, Number
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.program import Program
from sessionzero.uses.sides import end_at, end_of
from sessionzero.uses.windows import Made, names_of, service_alone_runs, windows_made


def client_searches_service_window(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each look-up by a user's program of a window that only the service makes, and each broadcast
    by it of a registered message that otherwise only the service knows."""
    if program.has_service:
        yield from _lookups(program, rule)
        yield from _broadcasts(program, rule)


# --- windows ---


def _lookups(program: Program, rule: Rule) -> Iterator[Finding]:
    predefined = frozenset(words_of(rule, "quiet-words"))
    wanted = [item for site in program.sites("window-lookup") for item in _wanted(program, site)]
    made = windows_made(program) if wanted else ()
    for item in wanted:
        meant = [m for m in made if _means(item, m, predefined)]
        if not _service_alone_makes(program, meant):
            continue
        site, known = item.site, item.known
        end = end_of(program, site, item.role, known)
        if end.side == "client":
            spot = end.spot if known.passed else callee_spot(program, site)
            related = tuple(_made_note(program, m) for m in meant[:4])
            words = {"kind": _KINDS[item.role], "name": known.text}
            yield finding(program, rule, site, spot=spot, related=related, words=words)


_KINDS = {"class_name": "window class", "title": "window title"}


class _Wanted(Struct, frozen=True):
    """A class or title that a call looks for; ``titles`` are those that a window must have too."""

    site: Site
    role: str
    known: Known
    titles: frozenset[str]


def _wanted(program: Program, site: Site) -> Iterator[_Wanted]:
    """What a look-up names: its classes, or if any class will do, its titles."""
    title = program.value(site, "title")
    of_any_class = program.argument(site, "class_name") is None
    written = program.value(site, "class_name")
    for known in written.texts:
        yield _Wanted(site, "class_name", known, names_of(title))
    for known in title.texts if of_any_class or written.is_null else ():
        yield _Wanted(site, "title", known, frozenset())


def _means(wanted: _Wanted, made: Made, predefined: frozenset[str]) -> bool:
    """Whether a look-up can find what is made there."""
    name, titles = wanted.known.text.casefold(), wanted.titles
    if not name or not wanted.known.exact:
        return False
    if wanted.role == "title":
        return name in made.titles
    any_title = name not in predefined and (not titles or not made.titles)
    return name in made.classes and (any_title or bool(titles & made.titles))


def _service_alone_makes(program: Program, made: list[Made]) -> bool:
    return bool(made) and all(service_alone_runs(program, item.func) for item in made)


def _made_note(program: Program, made: Made) -> Note:
    where = program.function_name(made.func)
    return Note(program.place(made.spot), f"only the service makes it, here in {where}")


# --- registered messages ---


def _broadcasts(program: Program, rule: Rule) -> Iterator[Finding]:
    registrations = {site.call: site for site in program.sites("message-name")}
    for site in program.sites("broadcast", "send-message") if registrations else ():
        if _is_constant(program, program.argument(site, "msg")):
            continue
        if site.api.role == "send-message" and not is_broadcast(program.value(site, "hwnd")):
            continue
        for known in program.value(site, "msg").known:
            registration = registrations.get(known.site) if known.site is not None else None
            if registration is None or end_at(program, site).side != "client":
                continue
            for name in sorted(names_of(program.value(registration, "name"))):
                yield from _unheard(program, rule, site, registration, name)


def _is_constant(program: Program, message: Expr | None) -> bool:
    """A quick look: most messages are those of Windows, by name, which nobody registers."""
    if isinstance(message, Name):
        return message.name in program.catalog.constants
    return isinstance(message, Number)


def _unheard(
    program: Program, rule: Rule, site: Site, registration: Site, name: str
) -> Iterator[Finding]:
    """The finding for a broadcast, if the other registrations of its message are the service's."""
    others = [
        other
        for other in program.sites("message-name")
        if other.call != registration.call and name in names_of(program.value(other, "name"))
    ]
    if others and all(service_alone_runs(program, other.func) for other in others):
        related = tuple(_registered_note(program, other) for other in others[:4])
        written = program.value(registration, "name").texts[0].text
        words = {"kind": "window message", "name": written}
        yield finding(program, rule, site, level="warning", related=related, words=words)


def _registered_note(program: Program, site: Site) -> Note:
    where = program.function_name(site.func)
    return Note(program.place(site.spot), f"only the service registers it too, here in {where}")
