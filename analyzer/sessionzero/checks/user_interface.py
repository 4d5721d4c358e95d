"""Message boxes, dialogs and windows in service code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sessionzero.checks.reporting import finding, words_of
from sessionzero.facts import Member, Name, Result
from sessionzero.findings import Finding, Note
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name, path_of, walk
from sessionzero.link.files.implied import mentions
from sessionzero.link.files.scopes import Frame, bind
from sessionzero.link.files.units import CallSite, Func
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Value, either
from sessionzero.program import Program
from sessionzero.uses.sides import end_of

_CALLERS = 24  # in the service, of a wrapper


def call_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each call of a function with one of the rule's roles (and ``kinds``, if it names some) that
    the service runs, unless its ``parameter`` has one of ``exclude-flags`` or an argument is one
    of ``quiet-words``."""
    yield from calls_in_service(program, rule, program.service_sites(*rule.roles))


def calls_in_service(program: Program, rule: Rule, sites: Iterable[Site]) -> Iterator[Finding]:
    """As :func:`call_in_service`, of some sites."""
    kinds = words_of(rule, "kinds")
    excluded = words_of(rule, "exclude-flags")
    quiet = frozenset(words_of(rule, "quiet-words"))
    for site in sites:
        if kinds and site.api.kind not in kinds:
            continue
        if site.api.effect.startswith("ok") or _flag_of(program, rule, site, excluded):
            continue
        if quiet and _mentions(program, site, quiet):
            continue
        proof = program.service_proof(site)
        if proof is not None:
            yield finding(program, rule, site, proof=proof)


def flagged_call_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each such call whose ``parameter`` has one of the flags ``any-of``."""
    for site in program.service_sites(*rule.roles):
        flag = _flag_of(program, rule, site, words_of(rule, "any-of"))
        proof = program.service_proof(site) if flag else None
        if proof is not None:
            yield finding(program, rule, site, proof=proof, words={"text": flag})


def _flag_of(program: Program, rule: Rule, site: Site, flags: tuple[str, ...]) -> str:
    """The first of the flags (names of constants) that the rule's ``parameter`` has, or empty. In
    a wrapper that clients call too, what they pass counts for nothing if a service passes any."""
    if not flags:
        return ""
    role, constants = str(rule.blanks["parameter"]), program.catalog.constants
    value = _passed_by_services(program, site, role)
    if all(value.has_bits(constants[flag]) is None for flag in flags):
        return ""
    own = tuple(it for it in value.known if end_of(program, site, role, it).in_service)
    value = Value(own, value.open) if own else value
    return next((flag for flag in flags if value.has_bits(constants[flag]) is not None), "")


def _passed_by_services(program: Program, site: Site, role: str) -> Value:
    """What an argument is; in a wrapper with so many callers that it isn't known, what it is for
    those in the service."""
    value, expr = program.value(site, role), program.argument(site, role)
    if expr is None or site.frame is not None:
        return value
    if not value.open and all(known.exact for known in value.known):
        return value
    parameters = {parameter.name for parameter in program.index.function(site.func).parameters}
    if not any(isinstance(part, Name) and part.name in parameters for part in walk(expr)):
        return value
    callers = [it for it in program.callees.callers(site.func) if _is_in_service(program, it)]
    if not 0 < len(callers) <= _CALLERS:
        return value
    frames = (Frame(site.func, bind(program.index, site.func, caller)) for caller in callers)
    return either(*(program.values.argument(site.call, expr, frame) for frame in frames))


def _is_in_service(program: Program, caller: CallSite) -> bool:
    call, unit = program.index.call(caller), program.index.unit(caller)
    func = Func(caller.unit, call.function)
    runs = program.context.runs_as_service(func)
    return runs and not program.context.branches.never_taken(unit, call.branch, func)


def _mentions(program: Program, site: Site, names: frozenset[str]) -> bool:
    unit, call = program.index.unit(site.call), program.index.call(site.call)
    return any(mentions(argument.value, names, unit) for argument in call.arguments)


def visible_window_in_service(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each window that the service creates visible, or shows; what only activates one is the same
    defect once more. A plot is shown unless the service draws by one of ``quiet-words``."""
    for site in program.service_sites(*rule.roles):
        if site.api.effect == "ok" or not shows_window(program, site):
            continue
        if site.api.role == "window-create" and _is_hidden(program, site):
            continue
        if site.api.kind == _PLOT and _draws_by(program, words_of(rule, "quiet-words")):
            continue
        created = _creations(program, site)
        if site.api.kind == _ACTIVATION and (created or _shows_beside(program, site)):
            continue
        proof = program.service_proof(site)
        if proof is not None:
            related = (
                *(_note(program, made, "the window is created here") for made in created),
                *(
                    _note(program, made, "its parent is created here")
                    for made in _creations(program, site, "parent")
                ),
            )
            yield finding(program, rule, site, proof=proof, related=related)


def _note(program: Program, site: Site, text: str) -> Note:
    return Note(program.place(site.spot), text)


_HIDING = "hide"
_PLOT = "plot"
_BACKEND = "backend"
_ACTIVATION = "activation"  # SetForegroundWindow: shows nothing that isn't shown already


def _creations(program: Program, site: Site, role: str = "hwnd") -> tuple[Site, ...]:
    """Where the window was created that a call gets in the argument with that role."""
    made = {created.call: created for created in program.sites("window-create")}
    return tuple(
        made[known.site]
        for known in program.value(site, role).known
        if known.site is not None and known.site in made
    )


def _is_hidden(program: Program, site: Site) -> bool:
    """Whether a method hides the window in the same function: ``root = tkinter.Tk();
    root.withdraw()``, as most do for the sake of a dialog."""
    unit = program.index.unit(site.call)
    bindings = (unit.facts.bindings[i] for i in unit.bindings_of.get(site.func.index, ()))
    windows = {
        path_of(binding.target)
        for binding in bindings
        if isinstance(binding.value, Result) and binding.value.call == site.call.index
    }
    return any(
        other.func == site.func
        and isinstance(callee := program.index.call(other.call).callee, Member)
        and path_of(callee.object) in windows
        for other in program.sites("window-show")
        if other.api.kind == _HIDING
    )


def _draws_by(program: Program, backends: tuple[str, ...]) -> bool:
    """Whether the service chooses one of the backends of a library that draws: ``use("Agg")``."""
    return any(
        known.text.lower() in backends
        for site in program.sites("window-show")
        if site.api.kind == _BACKEND and program.context.runs_as_service(site.func)
        for known in program.value(site, "text").texts
    )


def _shows_beside(program: Program, site: Site) -> bool:
    """Whether the function of a call shows a window or dialog, too."""
    return any(
        other.func == site.func
        and other.api.kind != _ACTIVATION
        and (other.api.role == "dialog" or shows_window(program, other))
        for other in program.sites("window-create", "window-show", "dialog")
    )


def shows_window(program: Program, site: Site) -> bool:
    """Whether a call puts a window on show. What isn't known is not shown."""
    constants = program.catalog.constants
    if _is_console(program, site):
        return False
    if site.api.role == "window-create":
        if _is_message_only(program, site) or _is_part(program, site):
            return False
        style = program.value(site, "style")
        if style.has_bits(constants["WS_CHILD"]) is not None and not _has_made_parent(
            program, site
        ):
            return False  # a control: the window or dialog around it is on show
        visible = style.has_bits(constants["WS_VISIBLE"])
        return visible is not None or site.api.effect == "definite"
    if site.api.kind == "position":
        return program.value(site, "flags").has_bits(constants["SWP_SHOWWINDOW"]) is not None
    if program.argument(site, "show") is not None:
        shown = program.value(site, "show")
        return any(known.kind == "number" and known.number != 0 for known in shown.known)
    return True


def _is_console(program: Program, site: Site) -> bool:
    """True for the window of the process's own console, which a service has not unless it makes
    one, and that is a defect of its own."""
    asked = {it.call for it in program.sites("guard") if it.api.kind == "interactive"}
    return any(known.site in asked for known in program.value(site, "hwnd").known)


def _is_part(program: Program, site: Site) -> bool:
    """True for a bare widget of Qt that is put into another one: ``QWidget(self)``."""
    parent = program.argument(site, "parent") if site.api.kind == "widget" else None
    callee = program.index.call(site.call).callee
    if parent is None or last_name(callee) != site.api.name:  # what a class of its own gets is open
        return False
    return not any(known.kind == "null" for known in program.value(site, "parent").known)


def _has_made_parent(program: Program, site: Site) -> bool:
    """Whether the window around a control is known to be made by a call: that one may say nothing
    of being visible, as a main window that is shown later."""
    made = {it.call for it in program.sites("window-create")}
    return any(known.site in made for known in program.value(site, "parent").known)


def _is_message_only(program: Program, site: Site) -> bool:
    """The parent HWND_MESSAGE is (HWND)-3."""
    return any(
        known.kind == "number" and known.number & 0xFFFFFFFF == 0xFFFFFFFD
        for known in program.value(site, "parent").known
    )
