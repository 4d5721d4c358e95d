"""Accuracy on labelled real code and on the micro corpus: tables, misses and false alarms."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from analyzer_runs import Finding, RunError, check, known_rules
from api_scope import in_scope
from labels import Label, answered, read_labels
from micro import Scored, score_micro
from msgspec import Struct
from scoring import Outcome, score, unlabelled
from tables import print_table


class RepoResult(Struct, frozen=True):
    """One repository; ``failure`` says why it could not be analysed, if so.

    ``unlabelled`` are errors and warnings that no label of their category accounts for.
    """

    repo: str
    outcomes: tuple[Outcome, ...]
    unlabelled: tuple[Finding, ...]
    failure: str = ""


class Results(Struct, frozen=True):
    """All that was measured, as ``--json`` writes it."""

    rules: tuple[str, ...]
    repos: tuple[RepoResult, ...]
    micro: tuple[Scored, ...]


def main() -> int:
    """Run what the command line asks for; the exit code is 2 where something could not be run."""
    options = _options()
    try:
        results = _measure(options)
    except RunError as error:
        print(f"NOT ANALYSED: {error}", file=sys.stderr)
        return 2
    _print_repos(results.repos)
    _print_micro(results.micro)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2))
    return 2 if any(result.failure for result in results.repos) else 0


def _measure(options: argparse.Namespace) -> Results:
    """Raises :class:`RunError` where there is nothing to score at all."""
    chosen = tuple(
        rule
        for rule in known_rules()
        if not options.rules or rule.id.startswith(tuple(options.rules))
    )
    names = tuple(rule.id for rule in chosen)
    repos: tuple[RepoResult, ...] = ()
    if options.labels:
        labels = answered(read_labels(options.labels, repos=options.repo), names)
        kept = in_scope(labels, chosen) if options.apis_in_scope else labels
        print(f"{len(names)} rules, {len(kept)} labels ({len(labels) - len(kept)} out of scope)\n")
        repos = _score_repos(kept, options.repos, names, cache=options.cache)
    micro = score_micro(options.micro, rules=names) if options.micro else ()
    return Results(rules=names, repos=repos, micro=micro)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, help="CSV of labelled lines")
    parser.add_argument("--repos", type=Path, help="directory that holds <owner>+<name>/")
    parser.add_argument("--repo", nargs="+", default=[], metavar="OWNER/NAME", help="only these")
    parser.add_argument(
        "--rules", nargs="+", default=[], metavar="ID", help="only these; SZUI: all of it"
    )
    parser.add_argument("--apis-in-scope", action="store_true", help="drop labels of unknown APIs")
    parser.add_argument("--micro", type=Path, help="directory of the micro corpus")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    parser.add_argument("--cache", action="store_true", help="reuse facts of earlier runs")
    options = parser.parse_args()
    for path in (options.labels, options.repos, options.micro):
        if path is not None and not path.exists():
            parser.error(f"{path}: there is no such file or folder")
    if (options.labels is None) != (options.repos is None):
        parser.error("--labels and --repos go together")
    if options.labels is None and options.micro is None:
        parser.error("nothing to do: give --labels and --repos, or --micro")
    return options


def _score_repos(
    labels: Sequence[Label], directory: Path, rules: Sequence[str], *, cache: bool
) -> tuple[RepoResult, ...]:
    results = []
    for repo in sorted({label.repo for label in labels}):
        print(f"checking {repo}", file=sys.stderr)
        mine = tuple(label for label in labels if label.repo == repo)
        place = directory / repo.replace("/", "+")
        results.append(_score_repo(repo, mine, place, rules, cache=cache))
    return tuple(results)


def _score_repo(
    repo: str, labels: Sequence[Label], directory: Path, rules: Sequence[str], *, cache: bool
) -> RepoResult:
    try:
        findings = check(directory, rules=rules, cache=cache)
    except RunError as error:
        # Its defects count as missed: a crash must not make the score better.
        return RepoResult(repo=repo, outcomes=score(labels, ()), unlabelled=(), failure=str(error))
    return RepoResult(
        repo=repo, outcomes=score(labels, findings), unlabelled=unlabelled(labels, findings)
    )


def _print_repos(results: Sequence[RepoResult]) -> None:
    if not results:
        return
    outcomes = [outcome for result in results for outcome in result.outcomes]
    _print_groups("category", outcomes, lambda outcome: outcome.label.category)
    _print_groups("repository", outcomes, lambda outcome: outcome.label.repo)
    true = [outcome for outcome in outcomes if outcome.label.verdict == "true-defect"]
    benign = [outcome for outcome in outcomes if outcome.label.verdict == "benign"]
    _print_outcomes("Missed", (it for it in true if it.finding is None))
    _print_outcomes("Found, but only as a note", (it for it in true if it.finding and not it.firm))
    _print_outcomes("False alarms", (it for it in benign if it.firm))
    print("Errors and warnings that no label accounts for:")
    for result in results:
        print(f"  {len(result.unlabelled):5}  {result.repo}")
    for result in results:
        if result.failure:
            print(f"NOT ANALYSED: {result.failure}")


def _print_groups(title: str, outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> None:
    names = sorted({key(outcome) for outcome in outcomes})
    rows = {name: [it for it in outcomes if key(it) == name] for name in names}
    print_table(title, {**rows, "all": outcomes})


def _print_outcomes(title: str, outcomes: Iterable[Outcome]) -> None:
    kept = tuple(outcomes)
    print(f"{title}: {len(kept)}")
    for outcome in kept:
        label, finding = outcome.label, outcome.finding
        print(f"  {label.repo} {label.path}:{label.line}  {label.api}  [{label.category}]")
        print(f"      label ({label.confidence}): {label.reason}")
        if finding is not None:
            where = f"{finding.path}:{finding.line}"
            print(f"      {finding.level} {finding.rule} at {where}: {finding.message}")
    print()


def _print_micro(scored: Sequence[Scored]) -> None:
    for it in scored:
        print(f"{it.result:7} {it.case.category or 'silent':17} {it.case.id:32} {it.case.program}")
    results = [it.result for it in scored]
    for result in sorted(set(results)):
        print(f"micro corpus: {results.count(result)} {result}")


if __name__ == "__main__":
    sys.exit(main())
