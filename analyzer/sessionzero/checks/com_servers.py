"""COM servers that belong to a user and a desktop, and that a service starts or looks for."""

from __future__ import annotations

from collections.abc import Iterator

from sessionzero.checks.reporting import callee_spot, finding, words_of
from sessionzero.facts import Expr, Member, Name, Result
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.units import CallSite, Func, Spot, Unit
from sessionzero.link.names.sites import Site
from sessionzero.program import Program, spelling

_USER = "interactive user"  # the value of RunAs that means the user at the console
_CREATING = ("create", "program-id")


def desktop_automation(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each start of a COM server of ``programs``: a ProgID, or a class (``CLSID_…``, or what
    ``__uuidof`` is of). With a method behind it, each call of that method."""
    entries = [entry.partition(" ") for entry in words_of(rule, "programs")]
    for site in program.service_sites(*rule.roles):
        if site.api.kind not in _CREATING or _is_only_looked_for(program, site):
            continue
        for name in _names(program, site):
            methods = {method for entry, _, method in entries if _is_class(name, entry)}
            if "" in methods:
                proof = program.service_proof(site)
                if proof is not None:
                    yield finding(program, rule, site, proof=proof, words={"name": name})
            elif methods:
                yield from _calls_of(program, rule, site, name, methods)


def _is_only_looked_for(program: Program, site: Site) -> bool:
    """Whether the class that a ProgID gives goes to ``GetActiveObject`` in the same function, and
    nothing there is made of it: that is SZCOM002's."""
    if site.api.kind != "program-id":
        return False
    kept = _kept_class(program, site)
    others = (it for it in program.sites(site.api.role) if it.func == site.func and it != site)
    kinds = {it.api.kind for it in others if kept and _kept_class(program, it) == kept}
    return "running-object" in kinds and "create" not in kinds


def _kept_class(program: Program, site: Site) -> str:
    """The variable that a call takes the class from, or puts it into."""
    expr = program.argument(site, "class_id")
    return path_of(expr) if expr is not None else ""


def _names(program: Program, site: Site) -> Iterator[str]:
    """What a call says of the class that it wants: the text of a ProgID, or a name."""
    unit = program.index.unit(site.call)
    for role in ("program_id", "class_id"):
        texts = program.value(site, role).texts
        expr = program.argument(site, role)
        if texts:
            yield texts[0].text
        elif expr is not None:
            yield _class_name(expr, unit)


def _class_name(expr: Expr, unit: Unit) -> str:
    if isinstance(expr, Result) and unit.facts.calls[expr.call].arguments:
        return _class_name(unit.facts.calls[expr.call].arguments[0].value, unit)
    return expr.name if isinstance(expr, Name) else last_name(expr)


def _is_class(name: str, entry: str) -> bool:
    """``Excel.Application.16`` and ``Excel::Application`` are ``Excel.Application`` too."""
    wanted = entry.casefold()
    spellings = (name.rpartition("::")[2].casefold(), name.replace("::", ".").casefold())
    return bool(wanted) and any(n == wanted or n.startswith(f"{wanted}.") for n in spellings)


def _calls_of(
    program: Program, rule: Rule, site: Site, name: str, methods: set[str]
) -> Iterator[Finding]:
    """The calls of some methods of the object that a call makes, in the same file."""
    wanted = {method.casefold() for method in methods}
    unit = program.index.unit(site.call)
    for number, call in enumerate(unit.facts.calls):
        callee = call.callee
        if not isinstance(callee, Member) or callee.name.casefold() not in wanted:
            continue
        made = program.values.argument(CallSite(unit.index, number), callee.object).known
        if not any(known.site == site.call for known in made):
            continue
        at = Spot(unit.index, call.function, callee.start, callee.end)
        written = spelling(callee, unit) or callee.name
        method = CallSite(unit.index, number)
        proof = program.proof_at(Func(unit.index, call.function), call.branch, at, method, written)
        if proof is not None:
            related = (Note(program.place(callee_spot(program, site)), "the object is made here"),)
            words = {"name": name, "call": written}
            yield finding(program, rule, site, spot=at, proof=proof, related=related, words=words)


def running_object(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each look into the table of running objects, unless the project puts objects there; what has
    a name of its own (``winmgmts:``, a file) is no such look."""
    sites = program.sites(*rule.roles)
    if any(site.api.kind == "register" for site in sites):
        return
    for site in program.service_sites(*rule.roles):
        if site.api.kind != "running-object" or _has_name(program, site):
            continue
        proof = program.service_proof(site)
        if proof is not None:
            name = next((f"`{n}`" for n in _names(program, site) if n), "an object")
            yield finding(program, rule, site, proof=proof, words={"text": name})


def _has_name(program: Program, site: Site) -> bool:
    return program.argument(site, "name") is not None and not program.value(site, "name").is_null


def interactive_user_server(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each write of ``RunAs`` = ``Interactive User``, in a project that has a service."""
    for site in program.sites(*rule.roles) if program.has_service else ():
        names = program.value(site, "name").texts
        data = program.value(site, "data").texts
        if not any(known.text.casefold() == "runas" for known in names):
            continue
        for known in data:
            if known.text.casefold() == _USER:
                yield finding(program, rule, site, words={"name": known.text})
                break
