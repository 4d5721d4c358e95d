"""The formats of a report: an explicit table from name to reporter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sessionzero.overview import Overview
from sessionzero.report import Report
from sessionzero.reporters.terminal import Terminal

Reporter = Callable[[Report, Terminal], str]
Picture = Callable[[Report], str]
OverviewReporter = Callable[[Overview, Terminal], str]


def _text(report: Report, terminal: Terminal) -> str:
    from sessionzero.reporters import text

    return text.render(
        report, colour=terminal.colour, width=terminal.width, unicode=terminal.unicode
    )


def _json(report: Report, terminal: Terminal) -> str:
    del terminal  # JSON looks the same everywhere
    from sessionzero.reporters import json

    return json.render(report)


def _sarif(report: Report, terminal: Terminal) -> str:
    del terminal  # and so does SARIF
    from sessionzero.reporters import sarif

    return sarif.render(report)


def _components_text(overview: Overview, terminal: Terminal) -> str:
    from sessionzero.reporters import components

    return components.render_text(overview, terminal)


def _components_json(overview: Overview, terminal: Terminal) -> str:
    from sessionzero.reporters import components

    return components.render_json(overview, terminal)


def _github(report: Report, terminal: Terminal) -> str:
    del terminal  # a log of GitHub is no terminal
    from sessionzero.reporters import github

    return github.render(report)


def _gitlab(report: Report, terminal: Terminal) -> str:
    del terminal
    from sessionzero.reporters import gitlab

    return gitlab.render(report)


def _markdown(report: Report, terminal: Terminal) -> str:
    del terminal
    from sessionzero.reporters import markdown

    return markdown.render(report)


def _html(report: Report, terminal: Terminal) -> str:
    del terminal
    from sessionzero.reporters import html

    return html.render(report)


def _audit_text(report: Report, terminal: Terminal) -> str:
    from sessionzero.reporters import audit

    return audit.render(report, terminal)


def _audit_json(report: Report, terminal: Terminal) -> str:
    del terminal
    from sessionzero.reporters import audit_json

    return audit_json.render(report)


def _map_html(report: Report) -> str:
    from sessionzero.reporters import html

    return html.render_map(report)


def _map_svg(report: Report) -> str:
    from sessionzero.reporters import map_svg

    return map_svg.render(report)


def _map_mermaid(report: Report) -> str:
    from sessionzero.reporters import mermaid

    return mermaid.render(report)


# Each reporter is imported when it is first used: a run needs one, and SARIF has a large model.
REPORTERS: Mapping[str, Reporter] = {
    "text": _text,
    "sarif": _sarif,
    "json": _json,
    "github": _github,
    "gitlab": _gitlab,
    "markdown": _markdown,
    "html": _html,
}
# What needs the inventory of a report.
DRAWING = frozenset(("markdown", "html"))
AUDIT_REPORTERS: Mapping[str, Reporter] = {
    "text": _audit_text,
    "json": _audit_json,
    "sarif": _sarif,
}
PICTURES: Mapping[str, Picture] = {
    "html": _map_html,
    "svg": _map_svg,
    "mmd": _map_mermaid,
}
OVERVIEW_REPORTERS: Mapping[str, OverviewReporter] = {
    "text": _components_text,
    "json": _components_json,
}
