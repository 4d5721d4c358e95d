"""Comments that suppress a finding: ``// sessionzero: ignore[SZUI001] reason``.

A comment beside code speaks of its line; one that stands alone, of the next line of code.
``ignore-file`` speaks of the whole file. A reason is required: whoever reads the code later must
be able to judge whether it still holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from sessionzero.comments import without_comments
from sessionzero.facts import FileFacts, Language
from sessionzero.facts import Sequence as Items
from sessionzero.findings import Finding, Level, Notice, Place
from sessionzero.report import Aside
from sessionzero.sources.text import SourceText

_WORD = "sessionzero:"

_DIRECTIVE = re.compile(
    rb"(?P<head>sessionzero:[ \t]{0,9}ignore(?P<file>-file)?(?![-\w])[ \t]{0,9}"
    rb"(?:\[(?P<rules>[^\]\r\n]{0,500})\])?)(?P<reason>[^\r\n]{0,500})"
)
# A comment, or a line of one, begins so: what stands in the middle of prose is none.
_BEFORE = re.compile(rb"(?:[\r\n]|//[!<]?|\*[!<]?|\#|::|;|'|<!--|<\#|(?i:\brem))[ \t]*\Z")
_END = re.compile(rb"\*/|-->|#>")
_REACH = 200  # bytes before a directive that are looked at

Meaning = Callable[[str], Collection[str]]
"""The ids of the rules of the run that a word of the user means; none if it names no rule."""


class Suppression(Struct, frozen=True):
    """One word in the brackets of a comment. ``line`` is the line of code that the comment speaks
    of, from 1, 0 for the whole file, -1 for none; ``place`` is where the comment says so."""

    rules: frozenset[str]
    word: str
    reason: str
    line: int
    place: Place


class Judged(Struct, frozen=True):
    """What is left of the findings, what is suppressed, and what is wrong with the comments."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Aside, ...]
    notices: tuple[Notice, ...]


def judge(
    findings: Sequence[Finding],
    texts: Sequence[tuple[SourceText, Language]],
    facts: Mapping[str, FileFacts],
    *,
    run: Meaning,
    known: Meaning,
    whole: bool = True,
) -> Judged:
    """Tell the findings that a comment suppresses from the others.

    ``run`` gives the rules of this run, ``known`` all that there are: what a comment says of a rule
    that was not asked for can't be judged. A suppression that suppresses nothing is a note, but
    only in a ``whole`` project: of single files, the service that runs them may be missing.
    """
    suppressions: dict[str, list[Suppression]] = {}
    notices: list[Notice] = []
    for source, language in texts:
        if _WORD in source.text:
            for item in _read(source, language, run, known):
                if isinstance(item, Notice):
                    notices.append(item)
                else:
                    suppressions.setdefault(source.path, []).append(item)
    sources = {source.path: source for source, _ in texts if source.path in suppressions}
    left: list[Finding] = []
    suppressed: list[Aside] = []
    used: set[Suppression] = set()
    for finding in findings:
        path = finding.place.path
        lines = _lines(finding, sources.get(path), facts.get(path))
        meant = [it for it in suppressions.get(path, ()) if _covers(it, finding, lines)]
        used.update(meant)
        if meant:
            suppressed.append(Aside(finding, "suppressed", meant[0].reason))
        else:
            left.append(finding)
    for of_file in suppressions.values() if whole else ():
        notices += [_unused(it) for it in of_file if it not in used]
    return Judged(tuple(left), tuple(suppressed), tuple(notices))


def _covers(suppression: Suppression, finding: Finding, lines: range) -> bool:
    return finding.rule in suppression.rules and (not suppression.line or suppression.line in lines)


def _unused(suppression: Suppression) -> Notice:
    what = "in this file" if not suppression.line else "here"
    message = f"There is no finding of {suppression.word} {what} to suppress. Remove the comment"
    return _notice(f"{message}, or the rule in its brackets.", suppression.place, "note")


# --- the lines of a finding ---


def _lines(finding: Finding, source: SourceText | None, facts: FileFacts | None) -> range:
    """The lines of the statement in which the finding stands."""
    if source is None:
        return range(0)
    start, end = finding.place.start, finding.place.end
    if facts is not None:
        start, end = _statement(facts, start, end)
    region = source.locate(start, end)
    return range(region.start_line, region.end_line + 1)


def _statement(facts: FileFacts, start: int, end: int) -> tuple[int, int]:
    """The widest call or assignment around a place that doesn't leave its function. A table is no
    statement: each of its rows stands for itself."""
    around = [it for it in facts.functions if it.start <= start and end <= it.end]
    inner = max((it.start for it in around), default=0)
    bindings = (it for it in facts.bindings if not isinstance(it.value, Items))
    spans = [(call.start, call.end) for call in facts.calls]
    spans += [(binding.start, binding.end) for binding in bindings]
    spans += [(record.start, record.end) for record in facts.records]
    wide = [(first, last) for first, last in spans if inner <= first <= start and end <= last]
    return min(wide, key=lambda span: span[0] - span[1], default=(start, end))


# --- reading the comments ---


def _read(
    source: SourceText, language: Language, run: Meaning, known: Meaning
) -> Iterator[Suppression | Notice]:
    data = source.utf8
    code = without_comments(data, language)
    lines = _lines_of_code(code.splitlines(), data.splitlines())  # which end as SourceText's do
    for match in _DIRECTIVE.finditer(data):
        head = match["head"].rstrip()
        start, end = match.start(), match.start() + len(head)
        if code[start:end].strip() or not _begins(data, start):
            continue  # a string, code, or prose
        place = Place(source.path, start, end)
        words = (match["rules"] or b"").decode("utf-8", "replace").split(",")
        words = [word.strip() for word in words if word.strip()]
        reason = _END.split(match["reason"])[0].decode("utf-8", "replace").strip(" \t:-–—")
        complaint = _complaint(words, reason, head.decode("utf-8", "replace"), known)
        if complaint:
            yield _notice(complaint, place, "warning")
            continue
        line = 0 if match["file"] else lines[source.locate(start, start).start_line - 1]
        for word in words:
            if rules := frozenset(run(word)):
                yield Suppression(rules, word, reason, line, place)


def _complaint(words: Sequence[str], reason: str, head: str, known: Meaning) -> str:
    """Why a comment suppresses nothing; empty if it does."""
    if not words:
        return f"`{head}` names no rule, so it suppresses nothing. Write one, as in [SZUI001]."
    for word in words:
        if not known(word):
            return f"`{head}` suppresses nothing: no rule is called '{word}'."
    if not any(map(str.isalnum, reason)):
        return f"`{head}` gives no reason, so it suppresses nothing. Write one after the bracket."
    return ""


def _begins(data: bytes, offset: int) -> bool:
    """Whether a comment or a line begins just before an offset."""
    first = max(0, offset - _REACH)
    return bool(_BEFORE.search((b"" if first else b"\n") + data[first:offset]))


def _lines_of_code(code: Sequence[bytes], lines: Sequence[bytes]) -> list[int]:
    """For each line, the line of code that a comment on it speaks of: its own if it has code, else
    the next that isn't comment only; -1 if a blank line comes first."""
    found = []
    following = -1
    for number in range(len(lines), 0, -1):
        if code[number - 1].strip():
            following = number
        elif not lines[number - 1].strip():
            following = -1
        found.append(following)
    return found[::-1]


def _notice(message: str, place: Place, level: Level) -> Notice:
    return Notice(message, place.path, place, level)
