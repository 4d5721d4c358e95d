"""The name, the registry hive and the folders of a user: a service gets its own account's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from sessionzero.checks.impersonation import may_impersonate
from sessionzero.checks.reporting import finding, finding_at, words_of
from sessionzero.checks.user_interface import calls_in_service
from sessionzero.facts import Argument, Index, Member, Name, Null, Number, Result, Text
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name, walk
from sessionzero.link.files.units import Func, Spot, Unit
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.program import Program
from sessionzero.uses.sides import end_at, end_of

_HIVE = re.compile(r"\\?(HKEY_CURRENT_USER|HKCU)\b", re.IGNORECASE)
_HOME = re.compile(r"~([\\/]|$)")
_WHOLE = 0xFFFFFFFF
_FOLDER_BITS = 0xFF  # what CSIDL_FLAG_MASK (shlobj_core.h) leaves of a CSIDL


class _Asked(Struct, frozen=True):
    """What a call asks for, in a reader's words; ``known`` is the value of the argument ``role``
    that says so, None where the call itself does."""

    text: str
    role: str = ""
    known: Known | None = None


def user_identity(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each question of service code for the user's name or printer, unless the thread may be
    somebody else when it asks, or it is a task of the user who is meant."""
    sites = (
        it
        for it in program.service_sites(*rule.roles)
        if not may_impersonate(program, it) and not program.context.runs_as_user(it.func)
    )
    yield from calls_in_service(program, rule, sites)


def user_hive(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each use of one of the keys ``any-of`` in service code, unless the program lets them follow
    the impersonated user (RegDisablePredefinedCache)."""
    keys = words_of(rule, "any-of")
    if any(site.api.kind == "registry-cache" for site in program.sites("per-user")):
        return
    for site in program.service_sites(*rule.roles):
        for asked in _hives(program, site, keys):
            kept = _is_kept_by_users(program, rule, site, keys)
            yield from _reported(program, rule, site, asked, meant_for_users=kept)


def _is_kept_by_users(program: Program, rule: Rule, site: Site, keys: tuple[str, ...]) -> bool:
    """Whether only users' programs make the key that a call opens: then their settings are what
    the service looks for."""
    mine = _subkeys(program, site)
    return any(
        other.api.kind == "create"
        and _subkeys(program, other) == mine
        and (mine or other.func.unit == site.func.unit)
        and any(_hives(program, other, keys))
        and end_at(program, other).side == "client"
        for other in program.sites(*rule.roles)
    )


def _subkeys(program: Program, site: Site) -> frozenset[str]:
    return frozenset(known.text.casefold() for known in program.value(site, "subkey").texts)


def _reported(
    program: Program, rule: Rule, site: Site, asked: _Asked, *, meant_for_users: bool = False
) -> Iterator[Finding]:
    """At the call, or at the caller of the wrapper that asks by it; a note in code that a user
    runs too, where the answer is right, unless users alone keep what is asked for."""
    handed = asked.known is not None and bool(asked.known.passed) and site.inside is None
    if handed and asked.known is not None:
        end = end_of(program, site, asked.role, asked.known)
    else:
        end = end_at(program, site)
    if end.proof is None or program.context.runs_as_user(end.func):
        return
    place = program.place(site.spot)
    yield finding(
        program,
        rule,
        site,
        spot=end.spot if handed else None,
        proof=end.proof,
        level="note" if _runs_by_hand(program, end.func) and not meant_for_users else None,
        related=(Note(place, f"it reaches `{program.written(site)}` here"),) if handed else (),
        words={"text": asked.text},
    )


def _runs_by_hand(program: Program, func: Func) -> bool:
    """Whether users run a function as well, as they do the program that only an installer has run
    in session 0: it keeps its things wherever whoever runs it does."""
    entry = program.context.entry(func)
    installed = entry is not None and entry.said_by == "installer"
    return installed or program.context.also_by_hand(func)


def _hives(program: Program, site: Site, keys: tuple[str, ...]) -> Iterator[_Asked]:
    if site.api.owner == "CWinApp":  # a file, unless the program has chosen the registry
        if site.api.kind == "registry" and "SetRegistryKey" in program.index.calls_named:
            yield _Asked("HKEY_CURRENT_USER")
        return
    if site.api.framework == "qt" and _says_scope_of_user(program, site):
        yield _Asked("HKEY_CURRENT_USER")
    for known in program.value(site, "key").texts:
        match = _HIVE.match(known.text)
        if match:
            yield _Asked(match[1], "key", known)
    yield from _constants(program, site, "key", keys, _WHOLE)


def _says_scope_of_user(program: Program, site: Site) -> bool:
    """``QSettings(QSettings::UserScope, …)``, but for settings in a file."""
    given = [last_name(argument.value) for argument in program.index.call(site.call).arguments]
    return "UserScope" in given and "IniFormat" not in given


def _constants(
    program: Program, site: Site, role: str, names: tuple[str, ...], mask: int
) -> Iterator[_Asked]:
    """Each of the named numbers that an argument can be, as far as ``mask`` goes."""
    numbers = {program.catalog.constants[n]: n for n in names if n in program.catalog.constants}
    for known in program.value(site, role).known:
        if known.kind == "number" and known.number & mask in numbers:
            yield _Asked(numbers[known.number & mask], role, known)


def user_folder(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each question of service code for one of the folders ``any-of`` without a user's token, for
    the home of the user, and for one of the environment's ``variables`` that say the same."""
    folders, variables = words_of(rule, "any-of"), words_of(rule, "variables")
    for site in program.service_sites(*rule.roles):
        for asked in _folders(program, site, folders, variables):
            yield from _reported(program, rule, site, asked)
    if program.has_service or program.assume_service:
        yield from _environment(program, rule, variables)


def _folders(
    program: Program, site: Site, folders: tuple[str, ...], variables: tuple[str, ...]
) -> Iterator[_Asked]:
    """The folders and variables that a call asks for."""
    match site.api.kind:
        case "folder" if site.api.language == "python" and not site.api.parameters:
            yield _Asked("~")
        case "home-in-path":
            yield from (_Asked("~") for text in _paths(program, site) if _HOME.match(text))
        case "folder" if program.argument(site, "name") is not None:
            texts = program.value(site, "name").texts
            yield from (_Asked(k.text, "name", k) for k in texts if _HOME.match(k.text))
        case "folder" if not _has_token(program, site):
            yield from _constants(program, site, "folder", folders, _FOLDER_BITS)
        case "known-folder" if not _has_token(program, site):
            yield from _named(program, site, folders)
        case "environment":
            for known in program.value(site, "name").known:
                name = _variable(known.text, variables)
                if name:
                    yield _Asked(name, "name", known)
        case _:
            pass


def _paths(program: Program, site: Site) -> Iterator[str]:
    """What is known of the path that a method of pathlib is called on: what made it was given."""
    callee = program.index.call(site.call).callee
    made = callee.object if isinstance(callee, Member) else None
    if isinstance(made, Result):
        call = program.index.unit(site.call).facts.calls[made.call]
        for argument in call.arguments[:1]:
            yield from (it.text for it in program.values.argument(site.call, argument.value).texts)


def _named(program: Program, site: Site, folders: tuple[str, ...]) -> Iterator[_Asked]:
    """``FOLDERID_…`` as written: a GUID, of which only the name is known. Qt's words, too."""
    expr = program.argument(site, "folder_id")
    for part in walk(expr) if expr is not None else ():
        if isinstance(part, Name | Member) and last_name(part) in folders:
            yield _Asked(last_name(part))


def _has_token(program: Program, site: Site) -> bool:
    """Whether a call may name the user whose folder is meant: by anything but a plain NULL. A
    variable may get its token from a function that is given its address."""
    expr = program.argument(site, "token")
    return not isinstance(expr, Null | Number | None)


def _variable(text: str, variables: tuple[str, ...]) -> str:
    upper = text.upper()
    for name in variables:
        if upper == name or f"%{name}%" in upper or f"${name}" in upper:
            return name
    return ""


def _environment(program: Program, rule: Rule, variables: tuple[str, ...]) -> Iterator[Finding]:
    """``os.environ["APPDATA"]`` and ``os.environ.get("APPDATA")``."""
    for unit in program.index.units if variables else ():
        if unit.is_python:
            for function, branch, start, end, name in _reads(unit, variables):
                spot = Spot(unit.index, function, start, end)
                func = Func(unit.index, function)
                proof = program.proof_at(func, branch, spot, None, f"os.environ[{name!r}]")
                if proof is not None and not program.context.runs_as_user(func):
                    yield finding_at(
                        program,
                        rule,
                        spot,
                        proof=proof,
                        level="note" if _runs_by_hand(program, func) else None,
                        words={"call": "os.environ", "text": name},
                        subject="os.environ",
                    )


_Read = tuple[int, int, int, int, str]  # function, branch, start, end, variable


def _reads(unit: Unit, variables: tuple[str, ...]) -> Iterator[_Read]:
    facts = unit.facts
    places = (
        *((c.function, c.branch, a.value) for c in facts.calls for a in c.arguments),
        *((c.function, c.branch, c.callee) for c in facts.calls),
        *((b.function, b.branch, b.value) for b in facts.bindings),
        *((r.function, r.branch, r.value) for r in facts.returns),
    )
    for function, branch, whole in places:
        for part in walk(whole):
            match part:
                case Index(mapping, Text(name)) if last_name(mapping) == "environ":
                    if name.upper() in variables:
                        yield function, branch, part.start, part.end, name.upper()
    for call in facts.calls:
        match (call.callee, call.arguments):
            case (Member(mapping, "get"), (Argument("", Text(name)), *_)):
                if last_name(mapping) == "environ" and name.upper() in variables:
                    yield call.function, call.branch, call.start, call.end, name.upper()
