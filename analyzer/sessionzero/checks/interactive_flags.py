"""SERVICE_INTERACTIVE_PROCESS, wherever it is written."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from sessionzero.checks.reporting import callee_spot, finding, origin_notes, title_of
from sessionzero.facts import Binding, Expr, Member, Name, Sequence, Text
from sessionzero.findings import Change, Finding, Level, Mend, Note
from sessionzero.installation.service_types import INTERACTIVE, is_other_account
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import item_named, last_name, walk
from sessionzero.link.files.scopes import Scope
from sessionzero.link.files.units import CallSite, Spot, Unit, Write
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known, Value
from sessionzero.mending.expressions import place_of, written_at
from sessionzero.mending.flags import Said, said_by, without_bits
from sessionzero.program import Program, spelling

_NO_CHANGE = 0xFFFFFFFF  # SERVICE_NO_CHANGE; winsvc.h: holds every bit and means none
_PLAIN = (0x10, 0x20)  # SERVICE_WIN32_OWN_PROCESS, SERVICE_WIN32_SHARE_PROCESS; winnt.h
_TYPE_ALL = 0x3FF  # SERVICE_TYPE_ALL; winnt.h: a mask for enumeration


def interactive_type(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each service created or changed with the interactive bit in its type."""
    yield from _types(program, rule, refused=False)


def refused_type(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each service created or changed with the interactive bit, where Windows refuses it."""
    yield from _types(program, rule, refused=True)


def _types(program: Program, rule: Rule, *, refused: bool) -> Iterator[Finding]:
    said = _all_types(program)
    for flag in flags_in_code(program, *rule.roles):
        if (flag.misplaced or is_refused(program, flag.site, flag.known)) == refused:
            by_bits = flag.known.number & INTERACTIVE
            mends = _without_flag(program, rule, flag.known, flag.expr, flag.site, said)
            yield _flagged(
                program,
                rule,
                flag.site,
                flag.expr,
                flag.known,
                certain=flag.certain,
                mends=mends if by_bits else (),
            )


class Flag(Struct, frozen=True):
    """An interactive flag that a call is given: the argument, and what of it has the flag;
    ``misplaced`` where it stands in the start type, which no bit belongs to."""

    site: Site
    expr: Expr
    known: Known
    certain: bool
    misplaced: bool = False


def flags_in_code(program: Program, *roles: str) -> Iterator[Flag]:
    """The calls that make a service interactive: by a bit of its type, or by an argument that WMI
    has for it."""
    for site in (*program.sites(*roles), *_sites_of_wmi(program, *roles)):
        expr = program.argument(site, "type")
        if expr is not None:
            value = program.value(site, "type")
            for known in interactive_bits(value):
                yield Flag(site, expr, known, _always(known, value))
        start = program.argument(site, "start")
        if start is not None and site.api.kind != "wmi":
            value = program.value(site, "start")
            for known in interactive_bits(value):
                yield Flag(site, start, known, _always(known, value), misplaced=True)
        asked = program.argument(site, "interactive")
        if asked is not None and site.api.kind == "wmi":
            for known in program.value(site, "interactive").known:
                if known.kind == "number" and known.number:
                    said = structs.replace(known, raw=f"{_keyword(site)}={known.raw or 'True'}")
                    yield Flag(site, asked, said, certain=True)


def _keyword(site: Site) -> str:
    return next(it.keyword for it in site.api.parameters if it.role == "interactive")


def _sites_of_wmi(program: Program, *roles: str) -> Iterator[Site]:
    """Python makes the classes of WMI at run time: ``wmi.WMI().Win32_Service.Create(…)`` is told by
    the class, and a method of what a query gave, by a keyword that no other method has."""
    for api in (api for role in roles for api in program.catalog.with_role(role)):
        if api.kind != "wmi" or api.language != "python":
            continue
        keywords = {it.keyword for it in api.parameters if it.role == "interactive"}
        for found in program.index.calls_named.get(api.name, ()):
            unit, call = program.index.unit(found), program.index.call(found)
            owner = last_name(call.callee.object) if isinstance(call.callee, Member) else ""
            named = any(argument.name in keywords for argument in call.arguments)
            if unit.is_python and (owner == api.owner or named):
                spot = Spot(unit.index, call.function, call.start, call.end)
                yield Site(found, api, spot, call.branch, found)


def is_refused(program: Program, site: Site, known: Known) -> bool:
    """Whether the type or the account of a service is certainly one that can't be interactive.

    Only a service of its own or a shared process, in the account LocalSystem, may be:
    <https://learn.microsoft.com/en-us/windows/win32/api/winsvc/nf-winsvc-createservicew>.
    """
    plain = known.number & ~INTERACTIVE
    if known.exact and site.api.kind != "wmi" and plain not in _PLAIN:
        return True
    account = program.value(site, "account")
    names = [other for other in account.known if other.kind != "null"]
    return (
        bool(names)
        and not account.open
        and len(names) == len(account.known)
        and all(other.kind == "text" and is_other_account(other.text) for other in names)
    )


def interactive_bits(value: Value) -> Iterator[Known]:
    """The alternatives of a service type that have the interactive bit."""
    for known in value.known:
        if known.kind != "number" or not known.number & INTERACTIVE:
            continue
        if not (known.exact and known.number in (_NO_CHANGE, _TYPE_ALL, -1)):
            yield known


def _without_flag(
    program: Program, rule: Rule, known: Known, own: Expr, site: Site, said: tuple[Said, ...]
) -> tuple[Mend, ...]:
    """The mend of the type that a call gets, or that the caller of a wrapper passes."""
    unit, function = program.index.unit(site.call), program.index.call(site.call).function
    if known.passed:
        spot = known.passed[0]
        unit, function = program.index.units[spot.unit], spot.function
        passed = written_at(unit, spot.start, spot.end)
        own = passed.chain[-1] if passed is not None else own
    return _mends(program, rule, known, Said(unit, function, own), said)


def _all_types(program: Program) -> tuple[Said, ...]:
    """The expressions by which a program says of what type a service is."""
    created = program.sites("service-create", "service-config")
    written = program.sites("registry-write")
    return (*said_by(program, created, "type"), *said_by(program, written, "data"))


def _mends(
    program: Program, rule: Rule, known: Known, own: Said, said: tuple[Said, ...]
) -> tuple[Mend, ...]:
    title = title_of(rule, {"text": _text_of(known)})
    return without_bits(program, known, INTERACTIVE, title, own, said)


def _always(known: Known, value: Value) -> bool:
    """Whether every alternative that comes in by the same way has the bit."""
    same = [other for other in value.known if other.passed == known.passed]
    return not known.sometimes or all(other in set(interactive_bits(value)) for other in same)


def _flagged(
    program: Program,
    rule: Rule,
    site: Site,
    expr: Expr,
    known: Known,
    *,
    certain: bool = True,
    mends: tuple[Mend, ...] = (),
) -> Finding:
    """At the bad argument, or at the caller of the wrapper that passes it on."""
    spot = Spot(site.spot.unit, site.spot.function, expr.start, expr.end)
    related: tuple[Note, ...] = ()
    if site.inside is not None:
        spot = site.spot
    elif known.passed:
        spot = known.passed[0]
        place = program.place(callee_spot(program, site))
        related = (Note(place, f"the type reaches `{program.written(site)}` here"),)
    elif _within(known.origin, spot):
        spot = known.origin
    related = (*related, *origin_notes(program, known, spot, "the interactive flag"))
    level: Level = rule.level if certain else "warning"
    text = _text_of(known)
    words = {"text": text}
    found = finding(program, rule, site, spot=spot, level=level, related=related, words=words)
    return structs.replace(found, mends=mends)


def _within(inner: Spot, outer: Spot) -> bool:
    return inner.unit == outer.unit and outer.start <= inner.start and inner.end <= outer.end


def _text_of(known: Known) -> str:
    return known.raw or f"0x{known.number:x}"


def interactive_status(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each SERVICE_STATUS whose dwServiceType gets the interactive bit, at the assignment."""
    sites = program.sites(*rule.roles)
    units = {site.call.unit for site in sites}
    for write in _status_writes(program):
        unit, binding = program.index.unit(write), program.index.binding(write)
        expr = _status_type(program, binding, unit, known=unit.index in units)
        if expr is not None:
            at = Scope(unit, binding.function, binding.branch, binding.start)
            yield from _status(program, rule, sites, expr, at)
    for site in sites:
        for status in _tuples(program, site):
            yield from _status(program, rule, sites, status.items[0].value, program.scope(site))


def _status_writes(program: Program) -> list[Write]:
    """The writes to a field dwServiceType, and to variables declared as SERVICE_STATUS."""
    index = program.index
    typed = [w for name, group in index.typed.items() if "SERVICE_STATUS" in name for w in group]
    return sorted({*index.writes.get("dwServiceType", ()), *typed})


def _tuples(program: Program, site: Site) -> Iterator[Sequence]:
    """pywin32 takes the status as a tuple: written in the call, or kept in a variable."""
    unit = program.index.unit(site.call)
    status = program.argument(site, "status")
    values = [status]
    if isinstance(status, Name):
        bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(site.func.index, ()))
        values = [b.value for b in bindings if last_name(b.target) == status.name]
    for value in values if unit.is_python else ():
        if isinstance(value, Sequence) and value.items:
            yield value


def _status_type(program: Program, binding: Binding, unit: Unit, *, known: bool) -> Expr | None:
    """The value that a binding gives to dwServiceType of a SERVICE_STATUS."""
    if binding.operator not in ("=", "|=", ":"):
        return None
    if last_name(binding.target) == "dwServiceType":
        target, written = binding.target, ""
        if isinstance(target, Member):
            written = program.cpp.types.of(target.object, unit, binding.function)
        elif last_name(target) in unit.types_of.get(binding.function, {}):
            return None  # a variable of the function, called as the parameter of CreateService
        is_status = written.startswith(("SERVICE_STATUS", "_SERVICE_STATUS"))
        return binding.value if is_status or (known and not written) else None
    if "SERVICE_STATUS" in binding.type and "HANDLE" not in binding.type:
        return _first_of(binding.value)
    return None


def _first_of(value: Expr) -> Expr | None:
    if not isinstance(value, Sequence) or not value.items:
        return None
    named = item_named(value.items, "dwServiceType")
    return named or (value.items[0].value if not value.items[0].name else None)


def _status(
    program: Program, rule: Rule, sites: tuple[Site, ...], expr: Expr, at: Scope
) -> Iterator[Finding]:
    for known in interactive_bits(program.values.fold(expr, at)) if sites else ():
        spot = Spot(at.unit.index, at.function, expr.start, expr.end)
        if _within(known.origin, spot):
            spot = known.origin
        notes = origin_notes(program, known, spot, "the interactive flag")
        words = {"text": _text_of(known), "call": program.written(sites[0])}
        found = finding(program, rule, sites[0], spot=spot, related=notes, words=words)
        own = Said(at.unit, at.function, expr)
        yield structs.replace(found, mends=_mends(program, rule, known, own, ()))


def registry_value_in_code(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each write of the value ``Type`` with the bit below ``…\\Services\\<name>``."""
    said = _all_types(program)
    for site in program.sites(*rule.roles):
        names = program.value(site, "name").texts
        if not any(known.text.lower() == "type" for known in names):
            continue
        expr = program.argument(site, "data")
        if expr is None or not _below_services(program, site):
            continue
        for known in interactive_bits(program.value(site, "data")):
            mends = _without_flag(program, rule, known, expr, site, said)
            yield _flagged(program, rule, site, expr, known, mends=mends)


def _below_services(program: Program, site: Site) -> bool:
    """Whether the key is known to be a service's: by its sub-key, or where it was opened."""
    texts = [known.text for known in program.value(site, "subkey").texts]
    for known in program.value(site, "key").known:
        if known.site is not None:
            texts.extend(_texts_of_call(program, known.site))
    expr = program.argument(site, "key")
    if expr is not None:
        texts.extend(_opened_into(program, site, expr))
    return any("\\services\\" in f"{text.lower()}\\" for text in texts)


def _texts_of_call(program: Program, call: CallSite) -> list[str]:
    return [
        known.text
        for argument in program.index.call(call).arguments
        for known in program.values.argument(call, argument.value).texts
    ]


def _opened_into(program: Program, site: Site, key: Expr) -> list[str]:
    """C gives the key back through a pointer: ``RegOpenKeyEx(root, path, …, &key)``."""
    unit = program.index.unit(site.call)
    name = spelling(key, unit)
    texts: list[str] = []
    for other in program.index.calls_of(site.func):
        call = program.index.call(other)
        opens = last_name(call.callee).startswith(("RegOpenKey", "RegCreateKey"))
        if opens and any(spelling(passed.value, unit) == name for passed in call.arguments[1:]):
            texts.extend(_texts_of_call(program, other))
    return texts


def install_in_code(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each pywin32 installation that asks for the flag: a true argument, or ``--interactive``."""
    for site in program.sites(*rule.roles):
        expr = program.argument(site, "interactive")
        if expr is not None:
            value = program.value(site, "interactive")
            true = next((k for k in value.known if k.kind == "number" and k.number), None)
            if true is not None:
                mends = _not_interactive(program, rule, site, expr, true)
                yield _flagged(program, rule, site, expr, true, mends=mends)
        yield from _switches(program, rule, site)


def _not_interactive(
    program: Program, rule: Rule, site: Site, expr: Expr, known: Known
) -> tuple[Mend, ...]:
    """The argument away where nothing follows it, else false: its default."""
    if known.passed or site.inside is not None:
        return ()  # it is the wrapper's caller who says it
    unit, arguments = program.index.unit(site.call), program.index.call(site.call).arguments
    named = any(argument.value is expr and argument.name for argument in arguments)
    place = place_of(program, unit, expr)
    if named or arguments[-1].value is expr:
        change = Change("entry", place)
    else:
        change = Change("replace", place, "False")
    title = title_of(rule, {"text": _text_of(known)})
    return (Mend(title, (change,), safe=True),) if title else ()


def _switches(program: Program, rule: Rule, site: Site) -> Iterator[Finding]:
    """``HandleCommandLine(cls, argv=[…, "--interactive", …])``, or the same in ``sys.argv``."""
    if not any(parameter.role == "argv" for parameter in site.api.parameters):
        return  # it reads no command line
    unit = program.index.unit(site.call)
    lists: list[Expr] = []
    argv = program.argument(site, "argv")
    if argv is not None:
        lists.append(argv)
    for write in program.index.writes.get("argv", ()):
        binding = program.index.binding(write)
        if write.unit == unit.index and binding.operator == "=":
            lists.append(binding.value)
    for expr in lists:
        for part in walk(expr):
            if isinstance(part, Text) and part.value == "--interactive":
                spot = Spot(unit.index, site.spot.function, part.start, part.end)
                words = {"text": part.value}
                title, change = title_of(rule, words), Change("entry", program.place(spot))
                mends = (Mend(title, (change,), safe=True),) if title else ()
                found = finding(program, rule, site, spot=spot, words=words)
                yield structs.replace(found, mends=mends)
