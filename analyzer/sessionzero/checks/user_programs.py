"""Programs that a service starts for a user: with which token, on which desktop, with what else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sessionzero.checks.reporting import finding, origin_notes, words_of
from sessionzero.facts import Expr, Name, Operation, Text
from sessionzero.findings import Finding, Level, Note
from sessionzero.knowledge.catalog import argument
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.implied import implies
from sessionzero.link.files.units import CallSite, Func, Spot, walk_into_calls
from sessionzero.link.files.words import words
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known, Value
from sessionzero.program import Program
from sessionzero.uses.launches import LAUNCH, means_no_window

AS_USER = ("as-user", "with-token")
_DESKTOP = "lpDesktop"
_STATION = "winsta0"  # the only one that can be seen; "Window Stations", learn.microsoft.com


_DESKTOPS = ("default", "winlogon")  # of each such station; "Desktops", learn.microsoft.com


def desktop_without_token(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each launch with the service's own token that names a desktop of ``WinSta0`` for a program
    that isn't hidden; not where the session is known to be 0: that asks for Windows XP, where it
    is the user's."""
    for site in program.service_sites(LAUNCH):
        if site.api.kind != "own-token" or means_no_window(program, site):
            continue
        if _is_in_session_0(program, site):
            continue
        if _is_for_users(program, site):
            known = _desktops(program, site).texts[0]
            yield from _with_desktop(program, rule, site, known, {"text": known.text})


def _is_in_session_0(program: Program, site: Site) -> bool:
    """Whether a condition on the way in the function is ``session == 0``, or says so."""
    unit = program.index.unit(site.func)
    return any(
        implies(branch.condition, branch.holds, unit, _says_session_0)
        for branch in unit.branches(site.branch)
    )


def _says_session_0(expr: Expr, holds: bool) -> bool:
    return not holds and "session" in words(last_name(expr))


def _desktops(program: Program, site: Site) -> Value:
    """The desktop that STARTUPINFO names; with STARTUPINFOEX, that of the structure in it."""
    nested = program.field(site, "startup", f"StartupInfo.{_DESKTOP}")
    return nested if nested.texts else program.field(site, "startup", _DESKTOP)


def _is_for_users(program: Program, site: Site) -> bool:
    """Whether every desktop that a launch can name is one of users."""
    texts = _desktops(program, site).texts
    return bool(texts) and all(_STATION in known.text.lower() for known in texts)


def _with_desktop(
    program: Program, rule: Rule, site: Site, known: Known, words: dict[str, str]
) -> Iterator[Finding]:
    proof = program.service_proof(site)
    if proof is not None:
        notes = origin_notes(program, known, site.spot, "the desktop")
        yield finding(program, rule, site, proof=proof, related=notes, words=words)


def wrong_desktop(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each launch with another token whose desktop is misspelled; a note if it has none."""
    for site in program.service_sites(LAUNCH):
        if site.api.kind not in AS_USER or means_no_window(program, site):
            continue
        value = _desktops(program, site)
        wrong = [(known, why) for known in value.texts if (why := _fault_of(known))]
        for known, why in wrong[:1] if len(wrong) == len(value.texts) else ():
            yield from _with_desktop(program, rule, site, known, {"text": f"`{known.text}`, {why}"})
        proof = program.service_proof(site) if value.is_null else None
        if proof is not None and program.token_origins(site) == {"user"}:
            words = {"text": "not named"}
            yield finding(program, rule, site, proof=proof, level="note", words=words)


def _fault_of(known: Known) -> str:
    """What is wrong with the name of a desktop; an empty name is right, Windows chooses then."""
    name = known.text.lower()
    if not known.exact or not name or re.fullmatch(r"[^\\/]+\\[^\\/]+", name):
        return ""
    if _STATION in name:
        return "which names none"
    return "which is one of the service's own window station" if name in _DESKTOPS else ""


# --- tokens ---


def token_of_session_0(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each program for the users' desktop that gets a token of session 0."""
    for site in program.service_sites(LAUNCH):
        if site.api.kind not in AS_USER or not _is_for_users(program, site):
            continue
        if means_no_window(program, site):
            continue
        sources = token_sources(program, site)
        origins = program.token_origins(site)
        if not origins <= {"own", "logon"} or _changes_session(program, sources):
            continue
        proof = program.service_proof(site)
        if proof is not None:
            words = {"other": _name_of(program, sources[0])}
            related = _token_notes(program, sources)
            yield finding(program, rule, site, proof=proof, related=related, words=words)


def token_sources(program: Program, site: Site) -> tuple[CallSite, ...]:
    """The calls that make the token which a call gets."""
    expr = program.argument(site, "token")
    if expr is None:
        return ()
    known = program.tokens.sources(expr, program.scope(site)).known
    return tuple(k.site for k in known if k.site is not None)


def _session_changes(program: Program) -> Iterator[Site]:
    """The calls that put a token into another session."""
    number = program.catalog.constants["TokenSessionId"]
    for site in program.sites("token"):
        if site.api.kind == "change":
            known = program.value(site, "info_class").known
            if any(k.kind == "number" and k.number == number for k in known):
                yield site


def _changes_session(program: Program, sources: tuple[CallSite, ...]) -> bool:
    """Whether the session of a token is changed, or that of one that isn't known, in a file that
    makes the token."""
    units = {call.unit for call in sources}
    for change in _session_changes(program):
        changed = set(token_sources(program, change))
        if changed & set(sources) or (not changed and change.call.unit in units):
            return True
    return False


def _name_of(program: Program, call: CallSite) -> str:
    api = program.callees.of(call).api
    return api.name if api is not None else ""


def _token_notes(program: Program, calls: tuple[CallSite, ...]) -> tuple[Note, ...]:
    return tuple(call_note(program, call, "the token comes from here") for call in calls)


def call_note(program: Program, site: CallSite, message: str) -> Note:
    """A word on a call."""
    call = program.index.call(site)
    return Note(program.place(Spot(site.unit, call.function, call.start, call.end)), message)


def system_token_for_users(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each program on the users' desktop with the service's own token, put into their session; a
    note for the token of one of the processes of Windows that are called ``programs``."""
    changed = [(site, set(token_sources(program, site))) for site in _session_changes(program)]
    for site in program.service_sites(LAUNCH):
        if site.api.kind not in AS_USER or not _is_for_users(program, site):
            continue
        sources, origins = token_sources(program, site), program.token_origins(site)
        changes = [change for change, made in changed if made & set(sources)]
        name = _system_process(program, rule, site, sources) if origins == {"process"} else ""
        if origins == {"own"} and changes:
            related = (Note(program.place(changes[0].spot), "it gets the user's session here"),)
            yield from _with_system_token(program, rule, site, sources, "the service", related)
        elif name:
            yield from _with_system_token(program, rule, site, sources, f"`{name}`", ())


def _with_system_token(
    program: Program,
    rule: Rule,
    site: Site,
    sources: tuple[CallSite, ...],
    whose: str,
    related: tuple[Note, ...],
) -> Iterator[Finding]:
    proof = program.service_proof(site)
    if proof is not None:
        notes = (*_token_notes(program, sources), *related)
        level: Level = rule.level if related else "note"
        words = {"text": whose}
        yield finding(program, rule, site, proof=proof, level=level, related=notes, words=words)


def _system_process(program: Program, rule: Rule, site: Site, sources: tuple[CallSite, ...]) -> str:
    """The process of Windows whose token it is: the one whose name is written where the process is
    looked for, in the function that opens the token, or one that calls it."""
    homes = {Func(call.unit, program.index.call(call).function) for call in sources}
    for home in tuple(homes):
        for caller in program.callees.callers(home):
            homes.add(Func(caller.unit, program.index.call(caller).function))
    written = {text for home in (*homes, site.func) for text in _texts_in(program, home)}
    return next((name for name in words_of(rule, "programs") if f"{name}.exe" in written), "")


def _texts_in(program: Program, func: Func) -> Iterator[str]:
    """The literals of a function's calls, in lower case, those of macros included."""
    unit = program.index.unit(func)
    for call in program.index.calls_of(func):
        for passed in program.index.call(call).arguments:
            for part in walk_into_calls(passed.value, unit):
                if isinstance(part, Text):
                    yield part.value.lower()
                elif isinstance(part, Name) and part.name in program.index.macros:
                    value = program.values.argument(call, part)
                    yield from (known.text.lower() for known in value.texts)


def logon_from_local_system(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each launch that LocalSystem may not make; a warning if nothing says which account it is."""
    accounts = [program.value(site, "account") for site in program.sites("service-create")]
    if any(known.text and not _is_system(known.text) for a in accounts for known in a.texts):
        return
    system = any(a.is_null or any(_is_system(k.text) for k in a.texts) for a in accounts)
    for site in program.service_sites(*rule.roles):
        if site.api.kind == "with-logon":
            proof = program.service_proof(site)
            level: Level = rule.level if system else "warning"
            if proof is not None:
                yield finding(program, rule, site, proof=proof, level=level)


def _is_system(account: str) -> bool:
    return account.rpartition("\\")[2].lower() in ("localsystem", "system")


# --- what the program gets ---


def service_environment(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each program of a user that gets the service's environment, or one that can't be read."""
    for site in program.service_sites(LAUNCH):
        fault = _fault_of_environment(program, site) if site.api.kind in AS_USER else ""
        proof = program.service_proof(site) if fault else None
        if proof is not None:
            yield finding(program, rule, site, proof=proof, words={"text": fault})


def _fault_of_environment(program: Program, site: Site) -> str:
    if site.api.kind == "as-user" and program.value(site, "environment").is_null:
        users = program.token_origins(site) <= {"user", "logon"}
        return "the environment of the service" if users else ""
    if _is_block(program, site) and not _may_have_unicode(program.value(site, "flags"), program):
        return "a Unicode environment without `CREATE_UNICODE_ENVIRONMENT`"
    return ""


def _is_block(program: Program, site: Site) -> bool:
    """Whether CreateEnvironmentBlock made the environment, in the same function."""
    expr = program.argument(site, "environment")
    path = path_of(expr) if expr is not None else ""
    for maker in program.sites("process-environment") if path else ():
        call = program.index.call(maker.call)
        target = argument(maker.api, call.arguments, "environment")
        if maker.func == site.func and isinstance(target, Operation) and path_of(target) == path:
            return True
    return False


def _may_have_unicode(flags: Value, program: Program) -> bool:
    bit = program.catalog.constants["CREATE_UNICODE_ENVIRONMENT"]
    certain = bool(flags.known) and not flags.open
    return not certain or any(not k.exact or k.number & bit for k in flags.known)


def inherited_handles(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each program in a user's session that shall inherit handles."""
    for site in program.service_sites(LAUNCH):
        if site.api.kind != "as-user" or not _is_true(program.value(site, "inherit")):
            continue
        proof = program.service_proof(site)
        if proof is not None and _is_of_a_session(program, site):
            yield finding(program, rule, site, proof=proof)


def _is_of_a_session(program: Program, site: Site) -> bool:
    """Whether the token is that of a user's session, or was put into another session."""
    if program.token_origins(site) == {"user"}:
        return True
    sources = frozenset(token_sources(program, site))
    changes = _session_changes(program) if sources else ()
    return any(not sources.isdisjoint(token_sources(program, change)) for change in changes)


def _is_true(value: Value) -> bool:
    known = value.known
    return bool(known) and not value.open and all(k.kind == "number" and k.number for k in known)
