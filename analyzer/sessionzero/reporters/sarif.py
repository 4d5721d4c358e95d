"""The SARIF 2.1.0 report, made for GitHub code scanning and the SARIF viewers of the editors.

One run, relative URIs, no times, no address of this machine: the same report gives the same
bytes. What GitHub requires beyond the standard, and its limits, are in its document "SARIF
support for code scanning".
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sessionzero.findings import Finding, Notice
from sessionzero.fingerprints import fingerprints_of, primary_line_hashes
from sessionzero.report import Report, Sources, well_formed
from sessionzero.reporters import sarif_model as model
from sessionzero.reporters.sarif_limits import BYTES, RESULTS, fits, gravest, left_out
from sessionzero.reporters.sarif_places import BASE, physical, whole_file
from sessionzero.reporters.sarif_results import result, sentence
from sessionzero.reporters.sarif_rules import taxonomies, tool

_ROOT = model.BaseLocation(
    description=model.Message(text="The root of the source tree that was analysed.")
)


def render(report: Report, *, limit: int = RESULTS, size: int = BYTES) -> str:
    """The report as a SARIF log with the ``limit`` gravest findings, or fewer where they have more
    than ``size`` bytes when compressed.

    What was left out is told in notifications.
    """
    text = _render(report, limit)
    while limit and not fits(text, size):
        limit = min(limit, len(report.everything())) // 2
        text = _render(report, limit)
    return text


def _render(report: Report, limit: int) -> str:
    log = model.Log(schema=model.SCHEMA, version="2.1.0", runs=(_run(report, limit),))
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _run(report: Report, limit: int) -> model.Run:
    rules = [report.rules[identifier] for identifier in sorted(report.rules)]
    findings = _of_run(report)
    kept = gravest(findings, limit)
    return model.Run(
        tool=tool(rules),
        automation_details=model.AutomationDetails(id=f"{well_formed(report.category)}/"),
        column_kind="utf16CodeUnits",
        original_uri_base_ids={BASE: _ROOT},
        invocations=(_invocation(report, findings, kept),),
        results=_results(report, kept),
        taxonomies=taxonomies(rules),
    )


def _of_run(report: Report) -> Sequence[Finding]:
    """What a reader sees and, marked as unchanged, what the baseline has."""
    shown = {*report.shown(), *(it.finding for it in report.set_aside if it.why == "known")}
    return [finding for finding in report.everything() if finding in shown]


def _results(report: Report, findings: Sequence[Finding]) -> tuple[model.Result, ...]:
    rule_index = {identifier: index for index, identifier in enumerate(sorted(report.rules))}
    ours = fingerprints_of(report)
    hashes = primary_line_hashes(findings, report.sources)
    results = []
    for finding, line_hash in zip(findings, hashes, strict=True):
        fingerprints = model.PartialFingerprints(
            primary_location_line_hash=line_hash or "", sessionzero=ours[finding]
        )
        results.append(result(report, finding, rule_index[finding.rule], fingerprints))
    return tuple(results)


def _invocation(
    report: Report, findings: Sequence[Finding], kept: Sequence[Finding]
) -> model.Invocation:
    # A file that could not be read does not make the run unsuccessful: GitHub would then show
    # an error of the tool in place of the results.
    notifications = [_notification(report.sources, notice) for notice in report.notices]
    notifications.extend(left_out(findings, kept))
    return model.Invocation(
        execution_successful=True, tool_execution_notifications=tuple(notifications)
    )


def _notification(sources: Sources, notice: Notice) -> model.Notification:
    where: tuple[model.Location, ...] = ()
    if notice.place is not None:
        where = (model.Location(physical_location=physical(sources, notice.place)),)
    elif notice.path:
        where = (model.Location(physical_location=whole_file(notice.path)),)
    return model.Notification(
        level=notice.level, message=model.Message(text=sentence(notice.message)), locations=where
    )
