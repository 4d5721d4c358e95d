"""Workflow commands of GitHub Actions: annotations on the lines of a pull request, without SARIF.

The form of a command, what must be escaped, and how many annotations are shown are from GitHub's
document "Workflow commands for GitHub Actions" and from "Limits" in its "Usage limits".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sessionzero.findings import Finding, Level, Notice
from sessionzero.report import Report, gravity, locate
from sessionzero.reporters.steps import doubt, steps
from sessionzero.reporters.terminal import Terminal, visible
from sessionzero.reporters.text import plural, summary

SHOWN = 10  # annotations of a level that GitHub shows for a step of a job

_COMMAND: Mapping[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}
_PLAIN = Terminal(width=1_000)


def render(report: Report) -> str:
    """A command for each finding, the gravest and surest first, for GitHub shows the first few;
    then one for each notice; the last line says how many of them GitHub leaves out."""
    ranked = sorted(report.findings, key=gravity, reverse=True)
    commands = [
        *(_finding(report, finding) for finding in ranked),
        *(_notice(report, notice) for notice in report.notices),
    ]
    levels = Counter(finding.level for finding in report.findings)
    levels.update(notice.level for notice in report.notices)
    return "".join(f"{line}\n" for line in (*commands, " ".join(_last(report, levels))))


def _finding(report: Report, finding: Finding) -> str:
    region = locate(report.sources, finding.place, unit="characters")
    properties = {
        "file": visible(finding.place.path),
        "line": str(region.start_line),
        "endLine": str(region.end_line),
    }
    if region.start_line == region.end_line:  # GitHub wants columns within one line only
        properties |= {"col": str(region.start_column), "endColumn": str(region.end_column)}
    properties["title"] = f"{finding.rule} {report.rules[finding.rule].name}"
    return _command(finding.level, properties, "\n".join(_message(report, finding)))


def _message(report: Report, finding: Finding) -> Iterator[str]:
    unsure = doubt(finding)
    yield visible(finding.message) + (f" ({unsure})" if unsure else "")
    for number, step in enumerate(steps(report, finding), start=1):
        if number == 1:
            yield "path from the service entry:"
        yield f"  {step.where}  {step.message}" if step.where else f"  ... {step.message} ..."
    yield f"help: sessionzero explain {finding.rule}"


def _notice(report: Report, notice: Notice) -> str:
    properties = {"file": visible(notice.path)} if notice.path else {}
    if notice.place is not None:
        region = locate(report.sources, notice.place, unit="characters")
        properties["line"] = str(region.start_line)
    properties["title"] = "sessionzero"
    return _command(notice.level, properties, visible(notice.message))


def _command(level: Level, properties: Mapping[str, str], message: str) -> str:
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMAND[level]} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _last(report: Report, levels: Mapping[Level, int]) -> Iterator[str]:
    yield from summary(report, _PLAIN)
    beyond = ((count - SHOWN, level) for level, count in levels.items() if count > SHOWN)
    hidden = [plural(count, level) for count, level in beyond]
    if hidden:
        yield (
            f"GitHub shows {SHOWN} annotations of a level for each step: "
            f"{' and '.join(sorted(hidden))} not shown there, only in this log."
        )
