"""Names of kernel objects that Windows reserves, doesn't take, or takes from few users only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import structs

from sessionzero.checks.object_mends import begun_with, reworded
from sessionzero.checks.object_names import lost_its_prefix, reported
from sessionzero.checks.reporting import supposed, words_of
from sessionzero.findings import Finding, Level
from sessionzero.knowledge.rules import Rule
from sessionzero.program import Program
from sessionzero.uses.objects import Objects, ObjectUse, objects_of
from sessionzero.uses.secured import lets_users_in

_LONGEST = 260  # MAX_PATH (minwindef.h), the limit that CreateEventW and its like document
_SHOWN = 32  # characters of a name that is too long to be shown whole
_NATIVE = re.compile(r"\\(?P<session>Sessions\\\d+\\)?BaseNamedObjects\\(?P<base>.+)", re.DOTALL)


def reserved_prefix(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each name that begins with ``Session\\``, but those of Windows itself (``quiet-words``): only
    so a service gets at them."""
    quiet = words_of(rule, "quiet-words")
    for use in objects_of(program).uses:
        if use.name.namespace == "session":
            parts = program.value(use.site, "name").fragments
            if not any(part.endswith(f"\\{word}") for part in parts for word in quiet):
                yield reported(program, rule, use, rule.level, rule.confidence, ())


def backslash_in_name(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each name with a backslash that is no prefix's, nor that of a private namespace or of one of
    the directories ``quiet-words``."""
    objects = objects_of(program)
    directories = frozenset(words_of(rule, "quiet-words"))
    for use in objects.uses:
        if not lost_its_prefix(use) and _has_backslash(objects, use, directories):
            name = _without_backslash(use)
            words, mends = {"suggestion": name}, reworded(program, rule, objects, use, name)
            yield reported(program, rule, use, rule.level, rule.confidence, (), words, mends=mends)


def _has_backslash(objects: Objects, use: ObjectUse, directories: frozenset[str]) -> bool:
    name = use.name
    if name.namespace in ("global", "local") or name.intended:
        return name.namespace != "malformed" and "\\" in use.known.text.partition("\\")[2]
    directory = name.base.partition("\\")[0]
    known = not directory or directory in directories or objects.has_unknown_alias
    return name.namespace == "directory" and not known


def _without_backslash(use: ObjectUse) -> str:
    """The name with another separator; two backslashes after a prefix are meant as one."""
    prefix = use.name.intended
    if use.name.namespace in ("global", "local"):
        prefix = use.name.namespace.capitalize() + "\\"
    return prefix + use.name.base.replace("\\", ".")


def native_path(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each name that is a path of the object manager (``\\BaseNamedObjects\\X``): functions of
    Win32 take names in the directory of a session, and refuse it."""
    objects = objects_of(program)
    for use in objects.uses:
        match = _NATIVE.match(use.known.text)
        if match:
            prefix = "Global\\" if match["session"] is None else "Local\\"
            words = {"suggestion": prefix + match["base"]}
            mends = begun_with(program, rule, objects, use, prefix, match["base"])
            if match["session"] is not None:  # whose session it was meant to be, nobody can say
                mends = tuple(structs.replace(mend, safe=False) for mend in mends)
            yield reported(program, rule, use, rule.level, rule.confidence, (), words, mends=mends)


def too_long(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each name of more than MAX_PATH characters, its prefix included."""
    for use in objects_of(program).uses:
        length = len(use.known.text)
        if length > _LONGEST:
            words = {"name": f"{use.known.text[:_SHOWN]}…", "text": str(length)}
            yield reported(program, rule, use, rule.level, rule.confidence, (), words)


def section_created_by_client(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each ``Global\\`` section that a user's program creates and no service does; a note where no
    service opens it either: who starts the program isn't known then, and it may be the system. And
    each that only a library creates, whoever comes first, and that is meant for all users."""
    objects = objects_of(program)
    services = {entry.unit for entry in program.entries.found}
    for use in objects.uses if program.has_service else ():
        if use.site.api.kind != "section" or use.name.namespace != "global":
            continue
        if use.side == "unknown" and _is_for_whoever_comes(program, objects, use):
            yield reported(program, supposed(rule), use, "note", "low", ())
        if use.side != "client":
            continue
        if use.end.func.unit in services or program.context.installs(use.end.func):
            continue  # a console run of the service, an installer: both for administrators
        if not use.known.exact or not _certainly_creates(program, use):
            continue
        others = tuple(o for o in objects.alike(use) if o.side != "client")
        if not any(other.creates for other in others):
            level: Level = rule.level if any(o.in_service for o in others) else "note"
            yield reported(program, rule, use, level, rule.confidence, others)


def _is_for_whoever_comes(program: Program, objects: Objects, use: ObjectUse) -> bool:
    """Whether a file that exports functions, and that no program here is known to use, makes the
    section and lets all users in, and nothing opens what another program has made."""
    functions = program.index.unit(use.end.func).facts.functions
    exports = any("exported" in function.traits for function in functions)
    return (
        exports
        and use.known.exact
        and not program.value(use.site, "name").open  # where the session's name is another choice
        and _certainly_creates(program, use)
        and lets_users_in(program, use)
        and not any(not other.creates or other.side != "unknown" for other in objects.alike(use))
    )


def _certainly_creates(program: Program, use: ObjectUse) -> bool:
    """Whether the call makes the section, where an argument says whether it only opens one."""
    roles = {parameter.role for parameter in use.site.api.parameters}
    if "disposition" in roles:
        return False
    if "create" in roles:
        known = program.value(use.site, "create").known
        return bool(known) and all(k.kind == "number" and k.number != 0 for k in known)
    return use.creates
