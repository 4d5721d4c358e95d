"""The text report: compiler-style lines, code frames, the path from the service entry, help."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from msgspec import Struct

from sessionzero.findings import Finding, Note, Notice
from sessionzero.report import Report, RuleInfo, count, locate
from sessionzero.reporters.frame import code_frame
from sessionzero.reporters.steps import doubt, where
from sessionzero.reporters.terminal import Terminal, cells, glyphs, paint, visible

_NARROWEST = 40
_WIDEST_PLACE = 40  # longer places don't push the words of the other steps to the right

_NO_SOURCE = "No C, C++ or Python source file was found here."
_NO_SERVICE = (
    "No service entry point was found, so nothing here was judged as service code. If it runs in "
    "a service all the same (a library, a program under a wrapper), name its files under "
    "'services' in sessionzero.toml, or add --assume-service. 'sessionzero components' shows what "
    "was understood."
)


class _Section(Struct, frozen=True):
    """A titled block that hangs on the rail below a code frame; ``indent`` is of its lines."""

    title: str
    lines: tuple[str, ...]
    indent: int = 1


def render(report: Report, *, colour: bool = False, width: int = 100, unicode: bool = True) -> str:
    """The report for people: ``width`` in cells; no line drawing without ``unicode``."""
    terminal = Terminal(colour=colour, width=max(width, _NARROWEST), unicode=unicode)
    blocks = [*_findings(report, terminal)]
    if report.notices:
        blocks.append([_notice(report, notice, terminal) for notice in report.notices])
    blocks.append(summary(report, terminal))
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def _findings(report: Report, terminal: Terminal) -> Iterator[list[str]]:
    explained: set[str] = set()
    for finding in report.shown():
        rule = None if finding.rule in explained else report.rules.get(finding.rule)
        explained.add(finding.rule)
        yield _finding(report, finding, rule, terminal)


def _finding(
    report: Report, finding: Finding, rule: RuleInfo | None, terminal: Terminal
) -> list[str]:
    """One finding; ``rule`` is None where its remedy was printed before."""
    region = locate(report.sources, finding.place, unit="characters")
    source = report.sources(finding.place.path)
    indent = len(str(region.start_line)) + 2
    lines = [_headline(report, finding, terminal)]
    if context := _context(report, finding):
        lines.append(_gutter("", indent, glyphs(terminal).top, context, terminal))
    if source is not None:
        narrow = Terminal(
            colour=terminal.colour, width=terminal.width - indent - 2, unicode=terminal.unicode
        )
        code, underline = code_frame(source, region, finding.level, narrow)
        rail = glyphs(terminal).rail
        lines.append(_gutter(str(region.start_line), indent, rail, code, terminal))
        lines.append(_gutter("", indent, rail, underline, terminal))
    sections = _sections(report, finding, rule, terminal, indent)
    return lines + list(_hang(sections, indent, terminal))


def _headline(report: Report, finding: Finding, terminal: Terminal) -> str:
    place = paint(terminal, "strong", f"{where(report, finding.place)}:")
    level = paint(terminal, finding.level, f"{finding.level}:")
    message = paint(terminal, "strong", visible(finding.message).removesuffix("."))
    return f"{place} {level} {message} {paint(terminal, 'faint', f'[{finding.rule}]')}"


def _context(report: Report, finding: Finding) -> str:
    """Where the finding stands, how sure we are unless we are, and why it is suppressed."""
    symbol = f"in {visible(finding.symbol)}" if finding.symbol else ""
    reason = report.suppressed().get(finding)
    suppressed = "" if reason is None else f"suppressed: {visible(reason)}"
    return ", ".join(filter(None, (symbol, doubt(finding), suppressed)))


def _sections(
    report: Report, finding: Finding, rule: RuleInfo | None, terminal: Terminal, indent: int
) -> list[_Section]:
    sections = []
    if finding.path:
        steps = _notes(report, finding.path, terminal, numbered=True)
        sections.append(_Section("path from the service entry:", steps))
    if finding.related:
        sections.append(_Section("see also:", _notes(report, finding.related, terminal)))
    if rule is not None:
        sections.append(_help(rule, terminal, indent))
    return sections


def _help(rule: RuleInfo, terminal: Terminal, indent: int) -> _Section:
    """The remedy, beside the word and below it, and where to read more."""
    remedy = visible(" ".join(rule.remedy.split()))
    first, *others = textwrap.wrap(remedy, terminal.width - indent - len("   help: ")) or [""]
    title = f"{paint(terminal, 'help', 'help:')} {first}"
    more = paint(terminal, "faint", f"sessionzero explain {rule.id}")
    return _Section(title, (*others, more), indent=len("help: ") + 1)


def _notes(
    report: Report, notes: Sequence[Note], terminal: Terminal, *, numbered: bool = False
) -> tuple[str, ...]:
    """A line a note: its number if wanted, its place, and what happens there."""
    places = [where(report, note.place) for note in notes]
    widest = min(_WIDEST_PLACE, max(map(cells, places)))
    digits = len(str(len(notes)))
    lines = []
    for number, (place, note) in enumerate(zip(places, notes, strict=True), start=1):
        prefix = f"{number:>{digits}}  " if numbered else ""
        padded = place + " " * (widest - cells(place))
        message = visible(note.message)
        lines.append(f"{paint(terminal, 'faint', prefix + padded)}  {message}".rstrip())
    return tuple(lines)


def _hang(sections: Sequence[_Section], indent: int, terminal: Terminal) -> Iterator[str]:
    """The sections on a rail that ends at the last one."""
    drawn = glyphs(terminal)
    for position, section in enumerate(sections, start=1):
        last = position == len(sections)
        knot, rail = (drawn.corner, " ") if last else (drawn.branch, drawn.rail)
        yield _gutter("", indent, knot, section.title, terminal)
        for line in section.lines:
            yield _gutter("", indent, rail, " " * section.indent + line, terminal)


def _gutter(number: str, indent: int, rail: str, text: str, terminal: Terminal) -> str:
    margin = paint(terminal, "faint", f"{number:>{indent - 1}} {rail}")
    return f"{margin} {text}".rstrip()


def _notice(report: Report, notice: Notice, terminal: Terminal) -> str:
    place = visible(notice.path) or "sessionzero"
    if notice.place is not None:
        place += f":{locate(report.sources, notice.place, unit='characters').start_line}"
    level = paint(terminal, notice.level, f"{notice.level}:")
    # The line begins with the place already.
    message = re.sub(r"^line \d+: ", "", notice.message.removeprefix(f"{notice.path}: "))
    return f"{paint(terminal, 'strong', f'{place}:')} {level} {visible(message)}"


def summary(report: Report, terminal: Terminal) -> list[str]:
    """The totals, and why there may be less than expected: a few lines for any report."""
    if not report.files:
        return [_NO_SOURCE]
    lines = [_totals(report, terminal), *_mendable(report), *_not_shown(report)]
    if not report.services and not report.assumed:
        lines += textwrap.wrap(_NO_SERVICE, terminal.width)
    return lines


def _mendable(report: Report) -> list[str]:
    """How many findings ``--fix`` mends, in a line if there are any."""
    likely = (it for it in report.findings if any(mend.safe for mend in it.mends))
    number = sum(any(fix.safe for fix in report.fixes(finding)) for finding in likely)
    return [f"{plural(number, 'finding')} can be mended by --fix."] if number else []


def _not_shown(report: Report) -> list[str]:
    """How many findings were set aside, in a line if there are any."""
    aside = [it.why for it in report.set_aside]
    suppressed = 0 if report.show_suppressed else aside.count("suppressed")
    known, untouched = aside.count("known"), aside.count("untouched")
    parts = (
        f"{plural(suppressed, 'finding')} suppressed by comments" if suppressed else "",
        f"{plural(known, 'older finding')} in the baseline" if known else "",
        f"{plural(untouched, 'older finding')} outside of the change" if untouched else "",
    )
    told = ", ".join(filter(None, parts))
    return [f"Not shown: {told}."] if told else []


def _totals(report: Report, terminal: Terminal) -> str:
    counts = count(report.findings)
    entries = f", {plural(report.services, 'service entry point')}" if report.services else ""
    if not report.findings:
        none = paint(terminal, "help", "No findings")
        return f"{none} in {plural(report.files, 'file')}{entries}."
    levels = (
        paint(terminal, "error", plural(counts.errors, "error")) if counts.errors else "",
        paint(terminal, "warning", plural(counts.warnings, "warning")) if counts.warnings else "",
        paint(terminal, "note", plural(counts.notes, "note")) if counts.notes else "",
    )
    found = ", ".join(filter(None, levels))
    return f"{found} in {counts.files} of {plural(report.files, 'file')}{entries}."


def plural(number: int, noun: str) -> str:
    """A number of things in words."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
