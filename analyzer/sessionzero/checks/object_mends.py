"""How names of objects are mended: at all ends that say them, in one go."""

from __future__ import annotations

from collections.abc import Iterable

from sessionzero.checks.reporting import title_of
from sessionzero.facts import Text
from sessionzero.findings import Change, Mend
from sessionzero.knowledge.rules import Rule
from sessionzero.link.values.object_names import destroyed_prefix
from sessionzero.mending.expressions import place_of
from sessionzero.mending.names import Renaming, renamed
from sessionzero.program import Program
from sessionzero.uses.objects import Objects, ObjectUse

_GLOBAL, _LOCAL = "Global\\", "Local\\"


def at_all_ends(
    program: Program, rule: Rule, objects: Objects, use: ObjectUse, *, both: bool
) -> tuple[Mend, ...]:
    """``Global\\`` before a bare or local name, for all that say it; safe only if ``both`` ends are
    in view."""
    group = [it for it in (use, *objects.others(use)) if it.name.namespace in ("bare", "local")]
    if any(destroyed_prefix(it.known.raw, it.known.text) for it in group):
        return ()
    where = " at both ends" if both else " here; the other end must say the same"
    title = title_of(rule, {"suggestion": _GLOBAL + use.name.base + _more(use)})
    return renamed(
        program,
        title and title + where,
        [Renaming(it, _LOCAL if it.name.namespace == "local" else "", _GLOBAL) for it in group],
        safe=both and not _needs_privilege(group),
    )


def as_the_service_says(
    program: Program, rule: Rule, objects: Objects, use: ObjectUse, services: Iterable[ObjectUse]
) -> tuple[Mend, ...]:
    """The name that all services say, for all users' programs that say another one."""
    names = {_GLOBAL + other.name.base for other in services if other.known.exact}
    if len(names) != 1:
        return ()
    (name,) = names
    group = [it for it in _equal(objects, use) if it.side == "client"]
    changes = [_towards(it, name) for it in group]
    title = title_of(rule, {"suggestion": name})
    return renamed(program, title, changes, safe=not _needs_privilege(group))


def _towards(use: ObjectUse, name: str) -> Renaming:
    """Only the prefix, where the rest is right."""
    if name == _GLOBAL + use.name.base and use.name.namespace in ("bare", "local"):
        return Renaming(use, _LOCAL if use.name.namespace == "local" else "", _GLOBAL)
    return Renaming(use, use.known.text, name)


def spelt_right(program: Program, rule: Rule, objects: Objects, use: ObjectUse) -> tuple[Mend, ...]:
    """The prefix that was meant, for all that misspell it so."""
    return begun_with(program, rule, objects, use, use.name.intended, use.name.base)


def begun_with(
    program: Program, rule: Rule, objects: Objects, use: ObjectUse, prefix: str, base: str
) -> tuple[Mend, ...]:
    """A prefix before the ``base`` of the name in place of what stands there."""
    if not base:
        return ()
    group, old = _equal(objects, use), use.known.text.removesuffix(base)
    title = title_of(rule, {"suggestion": prefix + base + _more(use)})
    changes = [Renaming(it, old, prefix) for it in group]
    return renamed(program, title, changes, safe=not _needs_privilege(group))


def without_name(program: Program, rule: Rule, use: ObjectUse) -> tuple[Mend, ...]:
    """No name, where the call says it; whether nobody else opens the object, a person must know."""
    expr, unit = program.argument(use.site, "name"), program.index.unit(use.site.call)
    title = title_of(rule, {"name": use.known.text})
    if not title or use.site.inside is not None or not isinstance(expr, Text):
        return ()
    word = {"python": "None", "c++": "nullptr"}.get(unit.facts.language, "NULL")
    return (Mend(title, (Change("replace", place_of(program, unit, expr), text=word),)),)


def reworded(
    program: Program, rule: Rule, objects: Objects, use: ObjectUse, name: str
) -> tuple[Mend, ...]:
    """Another whole name, for all that say this one."""
    if not use.known.exact:
        return ()
    group, title = _equal(objects, use), title_of(rule, {"suggestion": name})
    changes = [Renaming(it, use.known.text, name) for it in group]
    return renamed(program, title, changes, safe=not _needs_privilege(group))


def escaped(program: Program, rule: Rule, objects: Objects, use: ObjectUse) -> tuple[Mend, ...]:
    """The backslash doubled, in all literals that are written so."""
    title = title_of(rule, {"text": use.known.raw})
    places = dict.fromkeys(program.place(it.known.origin) for it in _equal(objects, use))
    changes = tuple(Change("escape", place) for place in places)
    return (Mend(title, changes, safe=True),) if title else ()


def _equal(objects: Objects, use: ObjectUse) -> list[ObjectUse]:
    """The uses of the same kind of object that say the same text."""
    return [
        it
        for it in objects.uses
        if (it.site.api.kind, it.known.text, it.known.exact)
        == (use.site.api.kind, use.known.text, use.known.exact)
    ]


def _needs_privilege(group: Iterable[ObjectUse]) -> bool:
    """A user's program that creates a section under ``Global\\`` needs SeCreateGlobalPrivilege
    ("Kernel object namespaces", learn.microsoft.com/windows/win32/termserv)."""
    return any(it.creates and it.site.api.kind == "section" and not it.in_service for it in group)


def _more(use: ObjectUse) -> str:
    return "" if use.known.exact else "…"
