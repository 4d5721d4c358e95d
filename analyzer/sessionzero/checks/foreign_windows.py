"""Windows that are none of the service's own: where their handles come from, and what is sent to
them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from sessionzero.facts import Expr, Member, Name
from sessionzero.findings import Note
from sessionzero.link.files.expressions import last_name
from sessionzero.link.files.units import CallSite, Func
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Value
from sessionzero.program import Program, spelling

_BROADCAST = 0xFFFF  # HWND_BROADCAST; winuser.h


class Send(Struct, frozen=True):
    """A message to a looked-up window, and the look-up; none if the handle is no window's."""

    site: Site
    lookup: CallSite | None


def copies_data(program: Program, site: Site) -> bool:
    """Whether a message can be WM_COPYDATA."""
    message = program.catalog.constants["WM_COPYDATA"]
    known = program.value(site, "msg").known
    return any(it.kind == "number" and it.exact and it.number == message for it in known)


def foreign_sends(program: Program, roles: tuple[str, ...]) -> Iterator[Send]:
    """Each message that the service may send to a window which is known to be none of its own."""
    for site in program.service_sites(*roles):
        expr = program.argument(site, "hwnd")
        if expr is None:
            continue
        value = program.value(site, "hwnd")
        if is_broadcast(value):
            continue
        lookup = looked_up(program, value) or _enumerated(program, expr, site)
        if lookup is not None or _is_no_window(program, expr):
            yield Send(site, lookup)


def _is_no_window(program: Program, expr: Expr) -> bool:
    """``(HWND)info.hProcess``: a process or thread handle of PROCESS_INFORMATION."""
    return isinstance(expr, Member) and any(
        field.keyword == expr.name and field.role in ("process", "thread")
        for structure in program.catalog.with_role("structure")
        if structure.kind == "process-information"
        for field in structure.parameters
    )


def is_broadcast(value: Value) -> bool:
    """Whether a window handle can be HWND_BROADCAST."""
    return any(known.kind == "number" and known.number == _BROADCAST for known in value.known)


def looked_up(program: Program, value: Value) -> CallSite | None:
    """The look-up that a window handle comes from, if every known source is one."""
    found: CallSite | None = None
    for known in value.known:
        if known.kind in ("null", "number"):
            continue
        if known.site is None:
            return None
        api = program.callees.of(known.site).api
        if api is None or api.role != "window-lookup":
            return None
        if not searches_other_windows(program, _site(program, known.site)):
            return None
        found = found or known.site
    return found


def _site(program: Program, call: CallSite) -> Site:
    return next(site for site in program.sites("window-lookup") if site.call == call)


def searches_other_windows(program: Program, site: Site) -> bool:
    """Whether a look-up is for windows that aren't the service's own: not for a message-only
    window (``FindWindowEx(HWND_MESSAGE, …)``) unless it is known for one of a user's program, not
    for a class or title of a window that the service creates, nor for its console, and not for the
    windows of one process (a child shares session 0)."""
    parent = program.value(site, "parent")
    if any(k.kind == "number" and k.number & 0xFFFFFFFF == 0xFFFFFFFD for k in parent.known):
        return _finds_window_of_users(program, site)
    return not (
        _finds_own_window(program, site)
        or _finds_own_console(program, site)
        or _asks_for_process(program, site)
    )


def _finds_own_window(program: Program, site: Site) -> bool:
    context = program.context
    return any(context.runs_as_service(made.func) for made in _makers(program, site))


def _finds_window_of_users(program: Program, site: Site) -> bool:
    """Whether only programs that users start make the window that is looked up."""
    context, makers = program.context, [made.func for made in _makers(program, site)]
    users = [it for it in makers if context.also_by_hand(it) and not context.runs_as_service(it)]
    return bool(users) and len(users) == len(makers)


def _makers(program: Program, site: Site) -> list[Site]:
    """The calls that make a window of the class or title that is looked up."""
    wanted = _window_texts(program, site)
    made = program.sites("window-create") if wanted else ()
    return [it for it in made if wanted & _window_texts(program, it)]


def _finds_own_console(program: Program, site: Site) -> bool:
    """Whether the function has given the title that it looks for to its console: so programs found
    its window before there was ``GetConsoleWindow`` (article 124103 of Microsoft's knowledge
    base)."""
    title, unit = program.argument(site, "title"), program.index.unit(site.call)
    written = "" if title is None else spelling(title, unit)
    return bool(written) and any(
        last_name(call.callee).rstrip("AW") == "SetConsoleTitle"
        and [spelling(argument.value, unit) for argument in call.arguments] == [written]
        for call in map(program.index.call, program.index.calls_of(site.func))
    )


def _window_texts(program: Program, site: Site) -> set[str]:
    """The class names and titles of a window that is created or looked up."""
    return {
        known.text
        for role in ("class_name", "title")
        for known in program.value(site, role).texts
        if known.text
    }


def _asks_for_process(program: Program, site: Site) -> bool:
    """``EnumWindows`` with a callback that compares process ids: a program's own children."""
    callback = program.argument(site, "callback")
    if callback is None:
        return False
    unit, call = program.index.unit(site.call), program.index.call(site.call)
    return any(
        last_name(program.index.call(inner).callee) == "GetWindowThreadProcessId"
        for function in program.callees.referenced(callback, unit, call.function)
        for inner in program.index.calls_of(function)
    )


def _enumerated(program: Program, expr: Expr, site: Site) -> CallSite | None:
    """The ``EnumWindows`` whose callback this is, if the handle is the callback's parameter."""
    if not isinstance(expr, Name) or expr.name != _first_given(program, site.func):
        return None
    for lookup in program.sites("window-lookup"):
        callback = program.argument(lookup, "callback")
        unit, call = program.index.unit(lookup.call), program.index.call(lookup.call)
        if callback is None:
            continue
        if site.func in program.callees.referenced(callback, unit, call.function):
            return lookup.call if searches_other_windows(program, lookup) else None
    return None


def _first_given(program: Program, func: Func) -> str:
    """The first parameter that a callback gets; a method of Python has its object before it."""
    described = program.index.function(func)
    bound = program.index.unit(func).is_python and bool(described.owner)
    names = [parameter.name for parameter in described.parameters]
    return next(iter(names[bound and "staticmethod" not in described.traits :]), "")


def lookup_note(program: Program, send: Send) -> tuple[Note, ...]:
    """Where the window of a message was looked up."""
    if send.lookup is None:
        return ()
    unit, call = program.index.unit(send.lookup), program.index.call(send.lookup)
    name = program.written(_site(program, send.lookup))
    place = program.place(_site(program, send.lookup).spot)
    where = program.function_name(Func(unit.index, call.function))
    return (Note(place, f"the window handle comes from `{name}` in {where}"),)
