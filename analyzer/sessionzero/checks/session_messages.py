"""WTSSendMessage: to a session where nobody is, with half a text, or without end.

Source: WTSSendMessageW (learn.microsoft.com/windows/win32/api/wtsapi32): both lengths are bytes; a
timeout of zero with bWait TRUE waits indefinitely.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from sessionzero.checks.certainty import certain, every, is_number
from sessionzero.checks.own_session import naming_own_session
from sessionzero.checks.reporting import finding, title_of, words_of
from sessionzero.facts import (
    Choice,
    Expr,
    Member,
    Name,
    Number,
    Operation,
    Result,
    Text,
)
from sessionzero.findings import Change, Finding, Mend
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.expressions import last_name, path_of
from sessionzero.link.files.units import CallSite, Spot, walk_into_calls
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.mending.expressions import place_of
from sessionzero.program import Program, spelling
from sessionzero.uses.sides import end_of


def messages(program: Program, rule: Rule) -> Iterator[Site]:
    """The calls in service code that show a user a message."""
    for site in program.service_sites(*rule.roles):
        if site.api.kind == "message":
            yield site


# --- to the service's own session ---


def message_to_own_session(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each message to session 0: by its number, WTS_CURRENT_SESSION, or as that of the process."""
    for site in messages(program, rule):
        yield from naming_own_session(program, rule, site)


# --- with its length in characters ---


def message_cut_in_half(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each length in characters, counted or written, of a text in UTF-16; what counts is in the
    page's ``counting-words``. A warning where the build decides what ``_tcslen`` counts."""
    for site in messages(program, rule):
        for what, length in (("title", "title_length"), ("text", "text_length")):
            expr = program.argument(site, length)
            if expr is None or site.api.name.endswith("A"):
                continue
            text = _characters(program, rule, site, what, expr)
            proof = program.service_proof(site) if text else None
            if proof is not None:
                spot = Spot(site.spot.unit, site.spot.function, expr.start, expr.end)
                words = {"text": text, "kind": "title" if what == "title" else "message"}
                found = finding(
                    program,
                    rule,
                    site,
                    spot=site.spot if site.inside is not None else spot,
                    proof=proof,
                    level="warning" if text.startswith(_GENERIC) else rule.level,
                    words=words,
                )
                yield structs.replace(found, mends=_in_bytes(program, rule, site, expr, text))


def _in_bytes(program: Program, rule: Rule, site: Site, expr: Expr, text: str) -> tuple[Mend, ...]:
    """The length times the size of a character, where the call gets it."""
    title = title_of(rule, {"text": text})
    if not title or site.inside is not None:
        return ()
    unit = program.index.unit(site.call)
    size = "2" if unit.is_python else f"sizeof({'TCHAR' if text.startswith(_GENERIC) else 'WCHAR'})"
    simple = isinstance(expr, Result | Name | Member | Number)
    place = place_of(program, unit, expr)
    change = Change("scale", place, text=size, old="" if simple else "(")
    return (Mend(title, (change,), safe=True),)


_GENERIC = ("_tcs", "lstrlen()")


def _characters(program: Program, rule: Rule, site: Site, what: str, expr: Expr) -> str:
    """The length as written, if it counts characters; else empty."""
    value = program.value(site, f"{what}_length")
    counting = frozenset(words_of(rule, "counting-words"))
    unit = program.index.unit(site.call)
    for known in value.known if not value.open else ():
        if known.site is not None and _counts(program, known.site, site, what, counting):
            return spelling(program.index.call(known.site).callee, unit) + "()"
    if every(value, is_number) and _is_length_of(program, site, what, value.known[0].number):
        return str(value.known[0].number)
    counted = _counted(expr)
    if counted is not None:
        call = CallSite(unit.index, counted.call)
        if _counts(program, call, site, what, counting):
            return spelling(counted, unit)
    return ""


def _counted(expr: Expr) -> Result | None:
    """The call in a length that is nothing but a count: ``wcslen(t)``, ``wcslen(t) + 1``."""
    match expr:
        case Result():
            return expr
        case Operation("+" | "-", operands):
            return next((found for part in operands if (found := _counted(part))), None)
        case Choice(_, yes, no):
            return _counted(yes) or _counted(no)
        case _:
            return None


def _counts(
    program: Program, call: CallSite, site: Site, what: str, counting: frozenset[str]
) -> bool:
    """Whether a call counts the characters of a text: in Python ``len`` of the very text that is
    sent, as bytes have a length too."""
    unit, made = program.index.unit(call), program.index.call(call)
    name = last_name(made.callee)
    if name not in counting or program.callees.of(call).functions:
        return False
    if not unit.is_python:
        return name != "len"
    text = program.argument(site, what)
    counted = made.arguments[0].value if made.arguments else None
    if name != "len" or text is None or counted is None or not path_of(counted):
        return False
    sent = {
        path_of(part) for part in walk_into_calls(text, unit) if isinstance(part, Name | Member)
    }
    return path_of(counted) in sent and not _is_encoded(program, site, counted)


def _is_encoded(program: Program, site: Site, text: Expr) -> bool:
    """Whether a name of Python is given bytes somewhere: ``title = text.encode("utf-16-le")``."""
    unit = program.index.unit(site.call)
    values = [
        program.index.binding(write).value
        for write in program.index.writes.get(last_name(text), ())
        if write.unit == unit.index
    ]
    return any(
        (isinstance(part, Member) and part.name == "encode")
        or (isinstance(part, Text) and part.raw[:1] in ("b", "B"))
        for value in values
        for part in walk_into_calls(value, unit)
    )


def _is_length_of(program: Program, site: Site, what: str, number: int) -> bool:
    """Whether a number is that of the characters of a known text, with or without its end."""
    value = program.value(site, what)
    return every(value, lambda known: known.kind == "text" and known.exact) and all(
        len(known.text) > 1 and number in (len(known.text), len(known.text) + 1)
        for known in value.known
    )


# --- until somebody answers ---


def blocking_message(program: Program, rule: Rule) -> Iterator[Finding]:
    """Each message that waits for its answer for ever, or in a control handler at all; the methods
    of frameworks that handle controls are the page's ``methods``."""
    for site in messages(program, rule):
        waiting = tuple(certain(program, program.value(site, "wait"), _is_true))
        if not waiting:
            continue
        for_ever = program.value(site, "timeout").is_null
        handled = _handles_control(program, site, frozenset(words_of(rule, "methods")))
        for known in waiting if for_ever or handled else ():
            end = end_of(program, site, "wait", known)
            if end.proof is not None:
                reason = "a control handler" if handled else "its thread, without a time limit"
                yield finding(
                    program, rule, site, spot=end.spot, proof=end.proof, words={"reason": reason}
                )


def _is_true(known: Known) -> bool:
    return is_number(known) and known.number != 0


def _handles_control(program: Program, site: Site, methods: frozenset[str]) -> bool:
    """Whether the service's control handler itself runs the call, and no thread that it starts."""
    entry = program.context.entry(site.func)
    if entry is None or any(step.how != "calls" for step in program.context.path(site.func)):
        return False
    name = program.index.function(entry.func).name
    return entry.reason == "service control handler" or name in methods
