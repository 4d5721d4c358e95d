"""From what a check has found to a finding: the message filled in, the proof attached."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from sessionzero.findings import Finding, Level, Note
from sessionzero.installation.actions import Action
from sessionzero.knowledge.rules import Rule
from sessionzero.link.files.units import Func, Spot
from sessionzero.link.names.sites import Site
from sessionzero.link.values.lattice import Known
from sessionzero.program import Program, Proof


def callee_spot(program: Program, site: Site) -> Spot:
    """The name of the called function, where a reader sees the call (or the macro)."""
    if site.handed or site.included:
        return site.spot
    call = program.index.call(site.outer)
    return Spot(site.spot.unit, site.spot.function, call.callee.start, call.callee.end)


def finding(
    program: Program,
    rule: Rule,
    site: Site,
    *,
    spot: Spot | None = None,
    proof: Proof | None = None,
    level: Level | None = None,
    related: tuple[Note, ...] = (),
    words: dict[str, str] | None = None,
) -> Finding:
    """A finding at ``spot`` (default: the callee's name) with the rule's message filled in.

    A place that only a debug build has is a note; a function that users' programs run too lowers
    the confidence.
    """
    known = {"call": program.written(site), "kind": site.api.kind or "object"}
    return finding_at(
        program,
        rule,
        spot or callee_spot(program, site),
        proof=proof,
        level=level,
        related=(*_macro_note(program, site), *related),
        words={**known, **(words or {})},
        subject=(words or {}).get("name", site.api.name),
    )


def finding_at(
    program: Program,
    rule: Rule,
    at: Spot,
    *,
    proof: Proof | None,
    level: Level | None = None,
    related: tuple[Note, ...] = (),
    words: dict[str, str],
    subject: str,
) -> Finding:
    """As :func:`finding`, where no call stands: ``words`` hold all that the message needs."""
    function = program.function_name(Func(at.unit, at.function))
    known = {"function": function, "entry": proof.entry if proof else ""}
    stated = rule.confidence
    if proof is not None and proof.confidence != "high":
        stated = proof.confidence
    wanted: Level = level or rule.level
    return Finding(
        rule=rule.id,
        level="note" if proof is not None and proof.debug_only else wanted,
        confidence=stated,
        message=fill(rule.message, {**known, **words}),
        place=program.place(at),
        symbol=function,
        path=proof.path if proof else (),
        related=related,
        subject=subject,
    )


def finding_without_call(
    program: Program,
    rule: Rule,
    spot: Spot,
    *,
    words: dict[str, str],
    level: Level | None = None,
    related: tuple[Note, ...] = (),
) -> Finding:
    """A finding that is no call of a function, with the rule's message filled in."""
    return Finding(
        rule=rule.id,
        level=level or rule.level,
        confidence=rule.confidence,
        message=fill(rule.message, words),
        place=program.place(spot),
        symbol=program.function_name(Func(spot.unit, spot.function)),
        related=related,
        subject=words.get("name", words.get("call", "")),
    )


def origin_of_command(program: Program, action: Action) -> tuple[Note, ...]:
    """Where the command line is written that an action runs, if that is elsewhere."""
    if action.origin is None:
        return ()
    return (Note(program.place(action.origin), "the command line is written here"),)


def fill(message: str, words: Mapping[str, str]) -> str:
    """The message with its placeholders replaced; text of the user is never interpreted."""
    for name, word in words.items():
        message = message.replace(f"{{{name}}}", word)
    return message


def _macro_note(program: Program, site: Site) -> tuple[Note, ...]:
    if site.inside is None:
        return ()
    note = Note(program.place(site.inside), f"`{site.api.name}` is called in the macro's body")
    listed = (Note(program.place(site.spot), "the list is used here"),)
    return (note, *(listed if site.entry is not None else ()))


def origin_notes(program: Program, known: Known, spot: Spot, what: str) -> tuple[Note, ...]:
    """Where a value was written, if that is not the place of the finding itself."""
    origin = known.origin
    inside = origin.unit == spot.unit and spot.start <= origin.start and origin.end <= spot.end
    return () if inside else (Note(program.place(origin), f"{what} is written here"),)


def words_of(rule: Rule, blank: str) -> tuple[str, ...]:
    """The words that a page gives for a blank; none if it doesn't."""
    value = rule.blanks.get(blank, ())
    return value if isinstance(value, tuple) else ()


def supposed(rule: Rule) -> Rule:
    """The rule as it speaks where nothing shows that a service runs the code: "Should a service …"
    (``unless-shown``), if its page says so."""
    message = rule.blanks.get("unless-shown", rule.message)
    return structs.replace(rule, message=message)


def title_of(rule: Rule, words: Mapping[str, str]) -> str:
    """What the page calls its fix, filled in; empty if it offers none."""
    title = rule.blanks.get("fix", "")
    return fill(title, words) if isinstance(title, str) else ""
