"""Cases that need the whole program: is the sink reported, with a path that proves it?"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from analyzer_runs import Finding, RunError, Spot, check, known_rules
from api_scope import in_scope
from labels import Label, answered
from msgspec import Struct
from scoring import FIRM, highest, standing_at
from tables import print_share

_LINK = re.compile(r"(?P<path>.+):(?P<line>\d+) \[.*\]")

Kind = Literal["right", "unproved", "note", "missed", "silent", "false alarm", "not analysed"]
RIGHT: frozenset[Kind] = frozenset(("right", "silent"))


class Case(Struct, frozen=True):
    """A row of the file of cases; ``chain`` is ``path:line [token] -> …``, lines are 1-based."""

    id: str
    repo: str
    commit: str
    kind: str
    sink_path: str
    sink_line: int
    api: str
    category: str = msgspec.field(name="rule-category")
    verdict: Literal["true-defect", "benign"]
    why: str
    chain: str

    @property
    def label(self) -> Label:
        """The sink as a label."""
        return Label(
            repo=self.repo,
            path=self.sink_path,
            line=self.sink_line,
            api=self.api,
            category=self.category,
            verdict=self.verdict,
            confidence="high",
            in_service_context="yes",
            reason=self.why,
        )

    @property
    def links(self) -> tuple[Spot, ...]:
        """The places of the chain. Raises ``ValueError`` where one can't be read."""
        found = [_LINK.fullmatch(link.strip()) for link in self.chain.split(" -> ")]
        if not all(found):
            raise ValueError(f"{self.id}: not a chain of 'path:line [token]': {self.chain}")
        return tuple(Spot(path=it["path"], line=int(it["line"])) for it in found if it)


class Result(Struct, frozen=True):
    """What became of a case, and the finding that says so.

    ``visited`` are files of the chain that the finding shows, of ``files`` in all.
    """

    case: Case
    in_scope: bool
    result: Kind
    finding: Finding | None = None
    visited: int = 0
    files: int = 0
    failure: str = ""


def main() -> int:
    """Print the table; the exit code is 2 where something could not be run."""
    options = _options()
    cases = _read(options.cases)
    rules = known_rules()
    names = tuple(rule.id for rule in rules)
    scope = set(in_scope(answered([case.label for case in cases], names), rules))
    results: list[Result] = []
    for repo in sorted({case.repo for case in cases}):
        mine = [case for case in cases if case.repo == repo]
        if not options.repo or repo in options.repo:
            print(f"checking {repo}", file=sys.stderr)
            directory = options.repos / repo.replace("/", "+")
            results.extend(_judged(mine, directory, names, scope, cache=options.cache))
    _print(results)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2))
    return 2 if any(result.failure for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="CSV of cases")
    parser.add_argument(
        "--repos", type=Path, required=True, help="directory that holds <owner>+<name>/"
    )
    parser.add_argument("--repo", nargs="+", default=[], metavar="OWNER/NAME", help="only these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    parser.add_argument("--cache", action="store_true", help="reuse facts of earlier runs")
    options = parser.parse_args()
    for path in (options.cases, options.repos):
        if not path.exists():
            parser.error(f"{path}: there is no such file or folder")
    return options


def _read(path: Path) -> tuple[Case, ...]:
    """Raises ``msgspec.ValidationError`` where a column is missing or holds something else."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return msgspec.convert(rows, type=tuple[Case, ...], strict=False)


def _judged(
    cases: Sequence[Case],
    directory: Path,
    rules: Sequence[str],
    scope: set[Label],
    *,
    cache: bool,
) -> Iterator[Result]:
    """The results of all cases of one repository, from one run."""
    try:
        findings = check(directory, rules=rules, cache=cache)
    except RunError as error:
        for case in cases:
            known = case.label in scope
            yield Result(case=case, in_scope=known, result="not analysed", failure=str(error))
        return
    labels = [case.label for case in cases]
    for case in cases:
        at_sink = tuple(standing_at(case.label, labels, findings))
        yield judge(case, at_sink, in_scope=case.label in scope)


def judge(case: Case, at_sink: Sequence[Finding], *, in_scope: bool) -> Result:
    """The result of a case, from the findings that stand at its sink.

    A defect is right when an error or a warning of its category finds the sink and shows the file
    where the chain begins. A benign sink is right when no error or warning is there.
    """
    firm = [finding for finding in at_sink if finding.level in FIRM]
    if case.verdict == "benign":
        result: Kind = "false alarm" if firm else "silent"
        return Result(case=case, in_scope=in_scope, result=result, finding=highest(firm))
    files = {link.path for link in case.links}
    best = max(firm, key=lambda it: len(files & _files(it)), default=None) or highest(at_sink)
    if best is None:
        return Result(case=case, in_scope=in_scope, result="missed", files=len(files))
    proved = any(case.links[0].path in _files(finding) for finding in firm)
    result = "note" if not firm else "right" if proved else "unproved"
    return Result(
        case=case,
        in_scope=in_scope,
        result=result,
        finding=best,
        visited=len(files & _files(best)),
        files=len(files),
    )


def _files(finding: Finding) -> set[str]:
    return {finding.path, *(spot.path for spot in (*finding.steps, *finding.related))}


def _print(results: Sequence[Result]) -> None:
    print(f"{'id':4} {'repository':36} {'category':17} {'scope':6} {'result':13} files  kind")
    for it in results:
        files = f"{it.visited}/{it.files}" if it.files else "-"
        scope = "in" if it.in_scope else "out"
        print(
            f"{it.case.id:4} {it.case.repo:36} {it.case.category:17} {scope:6}"
            f" {it.result:13} {files:>5}  {it.case.kind}"
        )
    print()
    known = [it for it in results if it.in_scope]
    print(f"{len(known)} of {len(results)} cases in scope of the rules")
    print_share("right", [it.result in RIGHT for it in known])
    for verdict in ("true-defect", "benign"):
        mine = [it.result in RIGHT for it in known if it.case.verdict == verdict]
        print_share(f"  {verdict}", mine)
    _print_wrong(it for it in known if it.result not in RIGHT)


def _print_wrong(results: Iterable[Result]) -> None:
    for it in results:
        print(f"\n{it.case.id} {it.result}: {it.case.sink_path}:{it.case.sink_line} {it.case.api}")
        print(f"    {it.failure or it.case.why}")
        print(f"    {it.case.chain}")
        if it.finding is not None:
            where = f"{it.finding.path}:{it.finding.line}"
            print(f"    {it.finding.level} {it.finding.rule} at {where}: {it.finding.message}")


if __name__ == "__main__":
    sys.exit(main())
