"""The formats of a report: an explicit table from name to reporter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sessionzero.overview import Overview
from sessionzero.report import Report
from sessionzero.reporters.terminal import Terminal

Reporter = Callable[[Report, Terminal], str]
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


# Each reporter is imported when it is first used: a run needs one, and SARIF has a large model.
REPORTERS: Mapping[str, Reporter] = {"text": _text, "json": _json, "sarif": _sarif}
OVERVIEW_REPORTERS: Mapping[str, OverviewReporter] = {
    "text": _components_text,
    "json": _components_json,
}
