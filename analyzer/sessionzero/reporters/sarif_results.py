"""A finding as a SARIF result: message with links, related locations, code flow, fingerprints."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath
from typing import Literal

from sessionzero.findings import Finding, Fix, Note
from sessionzero.report import Report, Sources, well_formed
from sessionzero.reporters import sarif_model as model
from sessionzero.reporters.sarif_limits import RELATED, STEPS
from sessionzero.reporters.sarif_places import artifact, physical, region_of
from sessionzero.reporters.steps import ends

_LINKS = 5  # related places named in the message; more would bury it


def result(
    report: Report, finding: Finding, rule_index: int, fingerprints: model.PartialFingerprints
) -> model.Result:
    """The result for ``finding``, whose rule stands at ``rule_index`` of the driver's rules."""
    sources = report.sources
    return model.Result(
        rule_id=finding.rule,
        rule_index=rule_index,
        level=finding.level,
        message=model.Message(text=_message(finding)),
        locations=(_primary(sources, finding),),
        related_locations=_related(sources, finding),
        code_flows=_code_flows(sources, finding),
        partial_fingerprints=fingerprints,
        properties=model.ResultProperties(confidence=finding.confidence),
        suppressions=_suppressions(report, finding),
        fixes=tuple(_fix(sources, fix) for fix in report.fixes(finding)),
        baseline_state=_baseline_state(report, finding),
    )


def _fix(sources: Sources, fix: Fix) -> model.Fix:
    """A fix; what a person must look at first says so."""
    changes: dict[str, list[model.Replacement]] = defaultdict(list)
    for edit in fix.edits:
        region = region_of(sources, edit.place)
        content = model.ArtifactContent(text=well_formed(edit.text))
        changes[edit.place.path].append(model.Replacement(region, content))
    return model.Fix(
        description=model.Message(text=sentence(fix.title)),
        artifact_changes=tuple(
            model.ArtifactChange(artifact(path), tuple(those)) for path, those in changes.items()
        ),
    )


def _suppressions(report: Report, finding: Finding) -> tuple[model.Suppression, ...]:
    reason = report.suppressed().get(finding)
    return () if reason is None else (model.Suppression("inSource", well_formed(reason)),)


def _baseline_state(report: Report, finding: Finding) -> Literal["", "new", "unchanged"]:
    if report.known is None:
        return ""
    return "unchanged" if finding in report.known else "new"


def sentence(text: str) -> str:
    """``text`` as a SARIF message: one that ends, without what would read as a link."""
    plain = well_formed(text).replace("](", "] (").rstrip()
    return plain if plain.endswith((".", "!", "?")) else f"{plain}."


def _primary(sources: Sources, finding: Finding) -> model.Location:
    symbol = well_formed(finding.symbol)
    logical = model.LogicalLocation(fully_qualified_name=symbol, kind="function")
    return model.Location(
        physical_location=physical(sources, finding.place, context=True),
        logical_locations=(logical,) if symbol else (),
    )


def _message(finding: Finding) -> str:
    """The message and links: GitHub shows a related location only if the message links to it.

    No line numbers, so that the text stays the same when code moves.
    """
    parts = [sentence(finding.message)]
    entry = finding.path[:-1][:1]
    if entry:
        parts.append("It is reached from the [service entry](1).")
    for number, note in enumerate(finding.related[:_LINKS], start=len(entry) + 1):
        name = _link_text(PurePosixPath(note.place.path).name)
        word = sentence(f": {note.message}" if note.message else "")
        parts.append(f"See [{name}]({number}){word}")
    return " ".join(parts)


def _link_text(text: str) -> str:
    """``text`` as the text of a link, in which the standard wants these three escaped."""
    escaped = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return well_formed(escaped)


def _related(sources: Sources, finding: Finding) -> tuple[model.Location, ...]:
    """The entry, the related places, and the steps between: in the order of their importance.

    The steps are here and not only in the code flow because GitHub keeps an alert in a pull
    request when the change touches one of its related locations.
    """
    steps = finding.path[:-1]
    notes = (*steps[:1], *finding.related, *steps[1:])[:RELATED]
    return tuple(
        model.Location(
            id=number,
            physical_location=physical(sources, note.place),
            message=_label(note),
        )
        for number, note in enumerate(notes, start=1)
    )


def _code_flows(sources: Sources, finding: Finding) -> tuple[model.CodeFlow, ...]:
    if not finding.path:
        return ()
    steps = ends(finding.path, STEPS)
    last = len(steps) - 1
    locations = tuple(
        model.ThreadFlowLocation(
            location=model.Location(
                physical_location=physical(sources, note.place), message=_label(note)
            ),
            nesting_level=depth,
            importance="essential" if depth in (0, last) else "important",
        )
        for depth, note in enumerate(steps)
    )
    return (model.CodeFlow(thread_flows=(model.ThreadFlow(locations=locations),)),)


def _label(note: Note) -> model.Message | None:
    return model.Message(text=sentence(note.message)) if note.message else None
