"""Reports as one HTML file each: the findings with their code and proof, below the map; and the
map alone. No script, nothing from the network, light or dark as the reader prefers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from sessionzero import __version__
from sessionzero.findings import Finding, Note, Notice
from sessionzero.report import Report, count, gravity, locate
from sessionzero.reporters.crossings import rows_of, summary_of
from sessionzero.reporters.html_code import frame, line
from sessionzero.reporters.html_map import map_of
from sessionzero.reporters.html_style import STYLE
from sessionzero.reporters.markup import escaped, link, message
from sessionzero.reporters.steps import doubt, ends
from sessionzero.reporters.terminal import Terminal
from sessionzero.reporters.text import plural, summary

_STEPS = 40  # of a longer path these are shown
_OPEN = 3  # findings that are shown open
_MOST = 2_000  # findings; browsers grow slow, and people stop reading before
_PLAIN = Terminal(width=10_000)


def render(report: Report) -> str:
    """The findings of a report, with the map if it has an inventory."""
    body = (
        f"<header><h1>sessionzero</h1>{_summary(report)}</header>",
        "<main>",
        *_map(report),
        *_rules(report),
        *_findings(report),
        *_notices(report),
        "</main>",
    )
    return page("sessionzero: what breaks in session 0", "\n".join(body))


def render_map(report: Report) -> str:
    """The map of a report with an inventory."""
    rows = rows_of(report)
    head = "<h1>What crosses the wall between the sessions</h1>"
    lead = f'<p class="lead">{escaped(summary_of(rows))}</p>'
    body = f"<header>{head}{lead}</header>\n<main>\n{map_of(rows)}\n</main>"
    return page("sessionzero: the wall between the sessions", body)


def page(title: str, body: str) -> str:
    """A whole document."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n"
        f"<footer>sessionzero {__version__}. <code>sessionzero explain RULE</code> shows the page "
        "of a rule.</footer>\n</body>\n</html>\n"
    )


# --- the head ---


def _summary(report: Report) -> str:
    counts = count(report.findings)
    chips = [
        f'<span class="chip {level}">{plural(number, level)}</span>'
        for level, number in (
            ("error", counts.errors),
            ("warning", counts.warnings),
            ("note", counts.notes),
        )
        if number
    ]
    chips.append(f'<span class="chip plain">{plural(report.files, "file")}</span>')
    lines = "<br>".join(map(escaped, summary(report, _PLAIN)))
    return f'<p class="lead">{lines}</p><div class="chips">{"".join(chips)}</div>'


def _map(report: Report) -> Iterator[str]:
    if report.inventory is not None:
        rows = rows_of(report)
        yield "<h2>The wall between the sessions</h2>"
        yield map_of(rows)


def _rules(report: Report) -> Iterator[str]:
    """The rules that have findings, the most serious first."""
    shown = report.shown()
    numbers = Counter(finding.rule for finding in shown)
    if not numbers:
        return
    worst = {rule: max(gravity(f) for f in shown if f.rule == rule) for rule in numbers}
    yield "<h2>Rules</h2>\n<table><thead><tr><th>rule</th><th>what is wrong</th><th>findings</th>"
    yield "</tr></thead><tbody>"
    for rule in sorted(numbers, key=lambda it: (tuple(-n for n in worst[it]), it)):
        info = report.rules[rule]
        yield (
            f"<tr><td>{link(info.help_uri, rule)}</td>"
            f"<td>{message(info.title)}</td><td>{numbers[rule]}</td></tr>"
        )
    yield "</tbody></table>"


# --- findings ---


def _findings(report: Report) -> Iterator[str]:
    shown = report.shown()
    if not shown:
        return
    yield "<h2>Findings</h2>"
    opened = set(sorted(shown[:_MOST], key=gravity, reverse=True)[:_OPEN])
    for path, group in groupby(shown[:_MOST], key=lambda finding: finding.place.path):
        yield f"<h3>{escaped(path)}</h3>"
        for finding in group:
            yield _finding(report, finding, is_open=finding in opened)
    if len(shown) > _MOST:
        yield f"<p>{len(shown) - _MOST} more findings are not shown.</p>"


def _finding(report: Report, finding: Finding, *, is_open: bool) -> str:
    region = locate(report.sources, finding.place, unit="characters")
    rule = report.rules[finding.rule]
    return "".join(
        (
            f'<details class="finding {finding.level}"{" open" if is_open else ""}><summary>',
            f'<span class="level">{finding.level}</span>',
            f'<span class="what">{message(finding.message)}</span>',
            f'<span class="at">{escaped(finding.rule)} · line {region.start_line}</span></summary>',
            f'<div class="inside">{_context(report, finding)}{frame(report, finding.place)}',
            _path(report, finding),
            _related(report, finding),
            f"<h4>Remedy</h4><p>{message(rule.remedy)}</p>",
            f"<p>{link(rule.help_uri, f'{rule.id} {rule.name}')}</p></div></details>\n",
        )
    )


def _context(report: Report, finding: Finding) -> str:
    """Where it stands, how sure we are unless we are, and why it is suppressed."""
    reason = report.suppressed().get(finding)
    parts = (
        f"in <code>{escaped(finding.symbol)}</code>" if finding.symbol else "",
        escaped(doubt(finding)),
        "" if reason is None else f"suppressed: {escaped(reason)}",
    )
    told = ", ".join(filter(None, parts))
    return f'<p class="aside">{told}</p>' if told else ""


def _path(report: Report, finding: Finding) -> str:
    if not finding.path:
        return ""
    kept = ends(finding.path, _STEPS)
    items = [_step(report, note) for note in kept]
    if left := len(finding.path) - len(kept):
        items.insert(_STEPS // 2, f"<li>{left} more steps</li>")
    return f'<h4>Path from the service entry</h4><ol class="steps">{"".join(items)}</ol>'


def _related(report: Report, finding: Finding) -> str:
    if not finding.related:
        return ""
    items = "".join(_step(report, note) for note in finding.related)
    return f'<h4>See also</h4><ul class="related">{items}</ul>'


def _step(report: Report, note: Note) -> str:
    region = locate(report.sources, note.place, unit="characters")
    where = f"<code>{escaped(note.place.path)}:{region.start_line}</code>"
    return f"<li>{message(note.message)} {where}{line(report, note.place)}</li>"


# --- what was not analysed ---


def _notices(report: Report) -> Iterator[str]:
    if report.notices:
        yield "<h2>Not analysed</h2>"
        yield f'<ul class="notices">{"".join(_notice(report, it) for it in report.notices)}</ul>'


def _notice(report: Report, notice: Notice) -> str:
    place = escaped(notice.path) or "sessionzero"
    if notice.place is not None:
        place += f":{locate(report.sources, notice.place, unit='characters').start_line}"
    return f"<li><code>{place}</code> {message(notice.message)}</li>"
