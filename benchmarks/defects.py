"""Field defects: found at the commit before their fix, and silent after it?"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from analyzer_runs import Finding, RunError, Spot, check, known_rules
from api_scope import in_scope
from git_trees import GitError, checked_out, moved
from labels import Label, answered, answers
from msgspec import Struct
from scoring import ALARM_WITHIN, FIRM, highest, standing_at
from tables import print_share

FOUND_AIM, SILENT_AIM = 0.85, 0.95


class Defect(Struct, frozen=True):
    """A row of the file of defects; the line (1-based) is that of the commit before the fix.

    ``fix_commit`` is empty where nobody has fixed it, ``fixed_after`` is "no" where the fix is
    partial or wrong. ``service_marker_at`` is "none" for libraries and for programs that something
    outside of the repository makes a service.
    """

    id: str
    repo: str
    fix_commit: str
    before_commit: str
    path: str
    line: int = msgspec.field(name="line_before")
    api: str
    category: str
    evidence: str
    fixed_after: Literal["yes", "no"]
    service_marker_at: str

    @property
    def label(self) -> Label:
        """The defective line as a label of the commit before the fix."""
        return Label(
            repo=self.repo,
            path=self.path,
            line=self.line,
            api=self.api,
            category=self.category,
            verdict="true-defect",
            confidence="high",
            in_service_context="no" if self.service_marker_at == "none" else "yes",
            reason=self.evidence,
        )

    @property
    def fixed(self) -> bool:
        """Whether the analyzer must be silent at the fix commit."""
        return bool(self.fix_commit) and self.fixed_after == "yes"

    def counts(self, finding: Finding) -> bool:
        """Whether a finding is of a level that counts: without a service, notes do as well."""
        return finding.level in FIRM or self.service_marker_at == "none"


class Result(Struct, frozen=True):
    """What was found of a defect; ``after`` also holds nothing where it was not looked for."""

    defect: Defect
    in_scope: bool
    before: Finding | None = None
    after: Finding | None = None
    failure: str = ""

    @property
    def found(self) -> bool:
        """Whether it was reported at a level that counts."""
        return self.before is not None and self.defect.counts(self.before)

    @property
    def silent(self) -> bool:
        """Whether nothing that counts stands there after the fix."""
        return not self.failure and (self.after is None or not self.defect.counts(self.after))


def main() -> int:
    """Print the table; the exit code is 2 where something could not be run."""
    options = _options()
    defects = _read(options.defects, only=options.only)
    rules = known_rules()
    names = tuple(rule.id for rule in rules)
    scope = set(in_scope(answered([defect.label for defect in defects], names), rules))
    results = []
    for defect in defects:
        print(f"{defect.id} {defect.repo}", file=sys.stderr)
        known = defect.label in scope
        result = Result(defect=defect, in_scope=known)
        results.append(_measured(result, options.git, names, options.cache) if known else result)
    _print(results)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2))
    return 2 if any(result.failure for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--defects", type=Path, required=True, help="CSV of field defects")
    parser.add_argument(
        "--git", type=Path, required=True, help="directory that holds bare <owner>+<name>/"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="only these defects")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    parser.add_argument("--cache", action="store_true", help="reuse facts of earlier runs")
    options = parser.parse_args()
    for path in (options.defects, options.git):
        if not path.exists():
            parser.error(f"{path}: there is no such file or folder")
    return options


def _read(path: Path, *, only: Collection[str]) -> tuple[Defect, ...]:
    """Raises ``msgspec.ValidationError`` where a column is missing or holds something else."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    defects = msgspec.convert(rows, type=tuple[Defect, ...], strict=False)
    return tuple(defect for defect in defects if not only or defect.id in only)


def _measured(result: Result, git: Path, rules: Sequence[str], cache: bool) -> Result:
    """The result with what the runs before and after the fix say; a failure is no find."""
    defect = result.defect
    git_dir = git / defect.repo.replace("/", "+")
    try:
        with checked_out(git_dir, defect.before_commit, around=defect.path) as tree:
            findings = check(tree, rules=rules, cache=cache)
        found = tuple(standing_at(defect.label, (), findings))
        after = _after(defect, git_dir, found, rules, cache) if defect.fixed else None
    except (GitError, RunError) as error:
        return msgspec.structs.replace(result, failure=str(error))
    return msgspec.structs.replace(result, before=highest(found), after=after)


def _after(
    defect: Defect, git_dir: Path, found: Sequence[Finding], rules: Sequence[str], cache: bool
) -> Finding | None:
    """What is reported, after the fix, where the defect or a finding of it stood before."""
    spots = {Spot(path=defect.path, line=defect.line)}
    for finding in found:
        lines = range(finding.line, finding.end_line + 1)
        spots.update(Spot(path=finding.path, line=line) for line in lines)
    changes = {
        path: moved(git_dir, defect.before_commit, defect.fix_commit, path)
        for path in {spot.path for spot in spots}
    }
    places = [(changes[spot.path].path, changes[spot.path].lines(spot.line)) for spot in spots]
    now = changes[defect.path].path or defect.path
    with checked_out(git_dir, defect.fix_commit, around=now) as tree:
        findings = check(tree, rules=rules, cache=cache)
    return highest(
        finding
        for finding in findings
        if answers(finding.rule, defect.category)
        and any(_stands(finding, path, lines) for path, lines in places)
    )


def _stands(finding: Finding, path: str, lines: range) -> bool:
    """Whether a finding stands next to lines of a file; steps and related places don't count."""
    return (
        finding.path == path
        and len(lines) > 0
        and finding.line <= lines[-1] + ALARM_WITHIN
        and finding.end_line >= lines[0] - ALARM_WITHIN
    )


def _print(results: Sequence[Result]) -> None:
    print(f"{'id':6} {'repository':36} {'category':17} {'API':28} before  after   verdict")
    for result in results:
        defect = result.defect
        after = _level(result.after) if defect.fixed else "no fix"
        if not result.in_scope:
            before, after, verdict = "-", "-", "out of scope"
        else:
            before, verdict = _level(result.before), _verdict(result)
        print(
            f"{defect.id:6} {defect.repo:36} {defect.category:17} {defect.api:28}"
            f" {before:7} {after:7} {verdict}"
        )
    print()
    known = [result for result in results if result.in_scope]
    fixed = [result for result in known if result.defect.fixed]
    print(f"{len(known)} of {len(results)} defects in scope of the rules")
    print_share("found", [result.found for result in known], aim=FOUND_AIM)
    print_share("found at any level", [result.before is not None for result in known])
    print_share("silent after the fix", [result.silent for result in fixed], aim=SILENT_AIM)
    print_share("  those found before", [result.silent for result in fixed if result.found])
    _print_findings("Missed", (it for it in known if not it.found), after=False)
    _print_findings("Reported after the fix", (it for it in fixed if not it.silent), after=True)


def _level(finding: Finding | None) -> str:
    return "silent" if finding is None else finding.level


def _verdict(result: Result) -> str:
    if result.failure:
        return "NOT ANALYSED"
    if not result.found:
        return "missed"
    return "found" if result.silent else "found, still reported"


def _print_findings(title: str, results: Iterable[Result], *, after: bool) -> None:
    kept = tuple(results)
    print(f"\n{title}: {len(kept)}")
    for result in kept:
        defect, finding = result.defect, result.after if after else result.before
        print(f"  {defect.id} {defect.repo} {defect.path}:{defect.line}  {defect.api}")
        print(f"      {result.failure or defect.evidence}")
        if finding is not None:
            where = f"{finding.path}:{finding.line}"
            print(f"      {finding.level} {finding.rule} at {where}: {finding.message}")


if __name__ == "__main__":
    sys.exit(main())
