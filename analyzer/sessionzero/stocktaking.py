"""From paths to what is understood of them: the components, and the inventory of an audit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from sessionzero.checks import AUDITS
from sessionzero.components import overview
from sessionzero.config import Config
from sessionzero.describe import describe
from sessionzero.engine import (
    DEFAULTS,
    Options,
    always,
    linked,
    quietly,
    refuse_unknown_roles,
    refuse_unknown_words,
    report_of,
    run_checks,
    with_own,
)
from sessionzero.extraction import Progress
from sessionzero.findings import Notice
from sessionzero.memory import Memory
from sessionzero.overview import Overview, all_of
from sessionzero.report import Report, joined
from sessionzero.selection import chosen
from sessionzero.sources.files import SourceFile


def audit_paths(
    paths: Sequence[str | Path],
    *,
    root: Path,
    options: Options = DEFAULTS,
    progress: Progress = quietly,
) -> Report:
    """Take stock of files and directories: a report with an inventory, whose findings are those of
    the rules that only take stock. Raises :class:`SessionZeroError` for what a user must mend."""
    options, known = with_own(options)
    refuse_unknown_words(known, options.config)
    rules = chosen(known, trust=options.trust)
    audits = tuple(rule for rule in known if rule.check in AUDITS)
    options = replace(options, inventory=True, gate=False)
    whole = any(map(os.path.isdir, paths))
    infos = {rule.id: describe(rule) for rule in (*rules, *audits)}
    reports: list[Report] = []
    for run in linked(
        paths, root, (*rules, *audits), options, progress, Memory(lasts=False), always
    ):
        refuse_unknown_roles(rules, run.program.catalog)
        found, noted = run_checks(run.program, rules), run_checks(run.program, audits)
        report = report_of(run, found, rules, known, options, whole=whole)
        reports.append(replace(report, findings=noted, set_aside=(), rules=infos))
    return joined(reports)


def understand_paths(
    paths: Sequence[str | Path],
    *,
    root: Path,
    options: Options = DEFAULTS,
    progress: Progress = quietly,
) -> Overview:
    """What files and directories were understood to be. Raises :class:`SessionZeroError` for what a
    user must mend."""
    options, _ = with_own(options)
    options = replace(options, gate=False)
    found: list[Overview] = []
    files: list[SourceFile] = []
    for run in linked(paths, root, (), options, progress, Memory(lasts=False), always):
        files += run.files.values()
        found.append(overview(run.program, run.sources.get, options.config.file, run.notices))
    whole = all_of(found)
    return replace(whole, notices=(*whole.notices, *_idle_patterns(options.config, files)))


def _idle_patterns(config: Config, files: Iterable[SourceFile]) -> Iterator[Notice]:
    for setting, patterns in (
        ("services", config.settings.services),
        ("clients", config.settings.clients),
    ):
        for pattern in patterns:
            if not config.covered([pattern], files):
                yield Notice(f"'{setting}': '{pattern}' means no file that was read.", config.file)
