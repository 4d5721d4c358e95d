"""The crossings of a report as rows of words, for all pictures of the wall between the sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from sessionzero.inventory import VERDICTS, Crossing, End, Verdict
from sessionzero.report import Report, locate
from sessionzero.reporters.terminal import visible
from sessionzero.reporters.text import plural

SYMBOLS: Mapping[Verdict, str] = {"passes": "✓", "weak": "!", "stops": "✕", "unknown": "?"}
WORDS: Mapping[Verdict, str] = {
    "passes": "passing",
    "weak": "passing, but open to too many",
    "stops": "stopped at the wall",
    "unknown": "not known",
}
SESSION_0 = ("Session 0", "services: no user, no visible desktop")
SESSION_1 = ("Session 1", "the user's programs and screen")
NOTHING = "Nothing was found that crosses the wall between the sessions."


class Side(Struct, frozen=True):
    """One end of a row. ``program`` is a component or, if ``vague``, words for what is there;
    ``places`` are ``file:line`` with the function, the first one shown."""

    program: str
    vague: bool
    verb: str
    places: tuple[str, ...]


class Standing(Struct, frozen=True):
    """A rule that stands on a crossing: where, and the address of its page."""

    rule: str
    level: str
    where: str
    page: str


class Row(Struct, frozen=True):
    """A crossing in words, with nothing in them that acts on a terminal or reorders text."""

    verdict: Verdict
    kind: str
    name: str
    reason: str
    left: Side
    right: Side
    standing: tuple[Standing, ...]


def rows_of(report: Report) -> tuple[Row, ...]:
    """The crossings of a report, in its order; none if it has no inventory."""
    crossings = report.inventory.crossings if report.inventory else ()
    return tuple(_row(report, crossing) for crossing in crossings)


def _row(report: Report, crossing: Crossing) -> Row:
    return Row(
        verdict=crossing.verdict,
        kind=visible(crossing.kind),
        name=visible(crossing.name),
        reason=visible(crossing.reason).replace("`", ""),
        left=_side(report, crossing.service, crossing.service_words),
        right=_side(report, crossing.client, crossing.client_words),
        standing=_standing(report, crossing),
    )


def _side(report: Report, ends: Sequence[End], words: str) -> Side:
    programs = dict.fromkeys(end.program for end in ends if end.program)
    verbs = dict.fromkeys(end.verb for end in ends)
    named = ", ".join(programs)
    name = f"{named}: {words}" if named and words else named or words or "a program"
    places = tuple(dict.fromkeys(_place(report, end) for end in ends))
    return Side(visible(name), bool(words) or not programs, " and ".join(verbs), places)


def _place(report: Report, end: End) -> str:
    region = locate(report.sources, end.place, unit="characters")
    return f"{visible(end.place.path)}:{region.start_line}"


def _standing(report: Report, crossing: Crossing) -> tuple[Standing, ...]:
    found = {}
    for finding in crossing.findings:
        if finding.level != "note" and finding.rule not in found:
            region = locate(report.sources, finding.place, unit="characters")
            rule = report.rules.get(finding.rule)
            where = f"{visible(finding.place.path)}:{region.start_line}"
            found[finding.rule] = Standing(
                finding.rule, finding.level, where, rule.help_uri if rule else ""
            )
    return tuple(found.values())


def counted(rows: Iterable[Row]) -> tuple[tuple[Verdict, int], ...]:
    """How many crossings there are of each verdict that occurs."""
    verdicts = [row.verdict for row in rows]
    return tuple((it, verdicts.count(it)) for it in VERDICTS if it in verdicts)


def summary_of(rows: Sequence[Row]) -> str:
    """The totals in a sentence."""
    parts = (f"{number} {WORDS[verdict]}" for verdict, number in counted(rows))
    return f"{plural(len(rows), 'crossing')}: {'; '.join(parts)}." if rows else NOTHING


def spans(keys: Sequence[str]) -> list[tuple[int, int]]:
    """Runs of equal neighbours: where each begins, and how long it is."""
    found: list[tuple[int, int]] = []
    for number, key in enumerate(keys):
        if found and keys[number - 1] == key:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found
