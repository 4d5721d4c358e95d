"""Names of kernel objects that don't say what their author means: a label, or a question."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.object_mends import at_all_ends, without_name
from sessionzero.checks.object_names import reported
from sessionzero.findings import Finding
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.words import words
from sessionzero.program import Program
from sessionzero.uses.objects import Objects, ObjectUse, is_label, objects_of, tests_single_instance

_SERVICE = frozenset(("service", "svc", "daemon"))
_LOOKING = frozenset(("CloseHandle", "Close", "GetLastError", "SetLastError"))


def label_as_name(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each name that only says what an object is for, and that nothing else in the project uses."""
    objects = objects_of(program)
    if not program.has_service:
        return
    for use in objects.uses:
        if use.creates and use.side != "unknown" and is_label(objects, use):
            mends = without_name(program, rule, use)
            yield reported(program, rule, use, rule.level, rule.confidence, (), mends=mends)


def probe_by_name(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each bare name by which a user's program asks whether the service runs: by opening it, or by
    looking whether it was there before."""
    objects = objects_of(program)
    for use in objects.uses if program.has_service else ():
        if use.side == "client" and use.name.namespace == "bare" and _asks(program, objects, use):
            mends = at_all_ends(program, rule, objects, use, both=False)
            yield reported(program, rule, use, rule.level, rule.confidence, (), mends=mends)


def _asks(program: Program, objects: Objects, use: ObjectUse) -> bool:
    if not _SERVICE & set(words(use.name.base)):
        return False
    if use.creates and not (tests_single_instance(program, use) and _only_looks(program, use)):
        return False
    others = objects.alike(use)
    shared = any(other.in_service or other.creates for other in others)
    return not shared and not use.end.proof


def _only_looks(program: Program, use: ObjectUse) -> bool:
    """True if a function does nothing but create the object, ask whether it was there and close it:
    one that goes on with it is itself the one instance that the name stands for."""
    return all(
        site == use.site.outer or last_name(program.index.call(site).callee) in _LOOKING
        for site in program.index.calls_of(use.site.func)
    )
