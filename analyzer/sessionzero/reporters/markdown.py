"""A summary in Markdown: the table of findings with their paths, as a page of a CI job shows it."""

from __future__ import annotations

import html
import re

from sessionzero.findings import Finding, Notice
from sessionzero.report import Report, gravity, locate
from sessionzero.reporters import mermaid
from sessionzero.reporters.crossings import rows_of, summary_of
from sessionzero.reporters.steps import doubt, steps, where
from sessionzero.reporters.terminal import Terminal, visible
from sessionzero.reporters.text import summary

ROWS = 200  # of the table and of the list below it: people read no more
CROSSINGS = 30  # of the map: a flowchart of more is a tangle
BYTES = 900_000  # GitHub shows nothing of a job's summary above 1 MiB

_PLAIN = Terminal(width=1_000)
_HEAD = ("", "| level | where | what | rule |", "|---|---|---|---|")
# What is Markdown anywhere; an underscore at the end of a word; the beginnings of bare links and
# of emoji. An underscore in a name and a colon after a word are left as they are read.
_MARKS = re.compile(r"[\\`*\[\]()#!|~@]|(?<![^\W_])_|_(?![^\W_])|:(?=//|\w+:)|(?<=www)\.")
_QUOTED = re.compile(r"`([^`]+)`")


def render(report: Report) -> str:
    """The totals, the gravest findings, and what could not be analysed; what is left out for
    its length is counted."""
    lines = ["## sessionzero", "", *summary(report, _PLAIN)]
    ranked = sorted(report.findings, key=gravity, reverse=True)
    rows = _fitting([_row(report, finding) for finding in ranked], BYTES // 2)
    if rows:
        lines += [*_HEAD, *rows]
    if left := len(ranked) - len(rows):
        lines += ["", f"{left} more findings are not in this table."]
    lines += _map(report)
    notices = _fitting([_notice(report, notice) for notice in report.notices], BYTES // 2)
    if notices:
        lines += ["", "Not analysed:", "", *notices]
    if left := len(report.notices) - len(notices):
        lines += ["", f"{left} more parts were not analysed."]
    return "".join(f"{line}\n" for line in lines)


def _map(report: Report) -> list[str]:
    """What crosses the wall between the sessions, as a flowchart that GitHub and GitLab draw."""
    crossings = rows_of(report)
    if not crossings:
        return []
    drawn = mermaid.draw(crossings, most=CROSSINGS)
    head = ["", "### The wall between the sessions", "", escaped(summary_of(crossings)), ""]
    return [*head, "```mermaid", *drawn.splitlines(), "```"]


def _fitting(lines: list[str], size: int) -> list[str]:
    """As many of the first lines as are read, and as fit."""
    kept = []
    for line in lines[:ROWS]:
        size -= len(line.encode()) + 1
        if size < 0:
            break
        kept.append(line)
    return kept


def _row(report: Report, finding: Finding) -> str:
    rule = report.rules[finding.rule]
    unsure = doubt(finding)
    level = finding.level + (f", {unsure}" if unsure else "")
    place = _code(where(report, finding.place))
    symbol = f" in {_code(visible(finding.symbol))}" if finding.symbol else ""
    what = _message(finding.message) + _path(report, finding)
    page = f"[{finding.rule}]({rule.help_uri})" if rule.help_uri else finding.rule
    return f"| {level} | {place}{symbol} | {what} | {page} |"


def _path(report: Report, finding: Finding) -> str:
    """The path, folded away in the cell of a table: HTML on one line."""
    if not finding.path:
        return ""
    lines = (
        f"{_code(step.where)} {_message(step.message)}" if step.where else f"… {step.message} …"
        for step in steps(report, finding)
    )
    return f"<details><summary>path from the service entry</summary>{'<br>'.join(lines)}</details>"


def _notice(report: Report, notice: Notice) -> str:
    place = visible(notice.path) or "sessionzero"
    if notice.place is not None:
        place += f":{locate(report.sources, notice.place, unit='characters').start_line}"
    return f"- {_code(place)} {_message(notice.message)}"


def _message(text: str) -> str:
    """A message, in which back quotes enclose what the user wrote."""
    parts = _QUOTED.split(visible(text))
    return "".join(
        _code(part) if number % 2 else escaped(part) for number, part in enumerate(parts)
    )


def _code(text: str) -> str:
    """``text`` as code. A cell of a table ends at a bar, even within back quotes."""
    plain = text.strip() == text != "" and not {"`", "|"} & set(text)
    return f"`{text}`" if plain else f"<code>{escaped(text)}</code>"


def escaped(text: str) -> str:
    """``text`` as it stands: a character reference never opens a link, a tag or a table's cell."""
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", html.escape(text, quote=False))
