"""Keys of Qt's shared memory and semaphores: Qt makes a name of its own of them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.checks.reporting import finding, origin_notes
from sessionzero.findings import Finding, Level, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.link.values.object_names import parse
from sessionzero.program import Program
from sessionzero.uses.sides import End, end_of


class _Key(Struct, frozen=True):
    site: Site
    known: Known
    end: End


def qt_key(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each key that service and user share, that is written with a prefix as if that counted, or
    that a service uses where the other end may lie outside of the project."""
    keys = list(_keys(program, rule)) if program.has_service else []
    for key in keys:
        others = [other for other in keys if _is_other_end(key, other)]
        level = _level(program, rule, key, others)
        if level is not None:
            notes = (Note(program.place(o.end.spot), "the other end says it here") for o in others)
            yield finding(
                program,
                rule,
                key.site,
                spot=key.end.spot,
                proof=key.end.proof,
                level=level,
                related=(*origin_notes(program, key.known, key.end.spot, "the key"), *notes),
                words={"name": key.known.text},
            )


def _keys(program: Program, rule: Rule) -> Iterator[_Key]:
    for site in program.sites(*rule.roles):
        if site.api.framework == "qt" or "Qt" in site.api.module:
            for known in program.value(site, "key").texts:
                yield _Key(site, known, end_of(program, site, "key", known))


def _is_other_end(key: _Key, other: _Key) -> bool:
    same = (key.site.api.kind, key.known.text) == (other.site.api.kind, other.known.text)
    return same and {key.end.side, other.end.side} == {"service", "client"}


def _level(program: Program, rule: Rule, key: _Key, others: list[_Key]) -> Level | None:
    prefixed = parse(key.known.text, whole=key.known.exact).namespace not in ("bare", "empty")
    if others or (prefixed and key.end.in_service):
        return rule.level
    if key.end.in_service and not program.context.by_hand.has_programs():
        return "warning"
    return None
