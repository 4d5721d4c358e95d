"""The formats of a report: an explicit table from name to reporter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sessionzero.report import Report
from sessionzero.reporters.terminal import Terminal

Reporter = Callable[[Report, Terminal], str]


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


# Each reporter is imported when it is first used: a run needs one, and SARIF has a large model.
REPORTERS: Mapping[str, Reporter] = {"text": _text, "json": _json, "sarif": _sarif}
