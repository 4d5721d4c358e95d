"""Accuracy of rules written for other analyzers, beside ours, on the same labelled lines."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from analyzer_runs import Finding, RunError, check, known_rules
from api_scope import in_scope
from labels import Label, answered, read_labels
from msgspec.structs import replace
from peer_runs import ast_grep_scan, semgrep
from scoring import Outcome, score
from tables import print_table

# The families for which the rules of the peers are written.
FAMILIES = ("SZUI", "SZMSG", "SZNAME", "SZFLAG")


def main() -> int:
    """Print the tables; the exit code is 2 where something could not be run."""
    options = _options()
    rules = tuple(rule for rule in known_rules() if rule.id.startswith(FAMILIES))
    names = tuple(rule.id for rule in rules)
    labels = in_scope(answered(read_labels(options.labels, repos=options.repo), names), rules)
    files = sorted({_file(label.repo, label.path) for label in labels})
    try:
        tools = _findings(options, labels, names, files)
    except RunError as error:
        print(f"NOT ANALYSED: {error}", file=sys.stderr)
        return 2
    print(f"{len(labels)} labels in {len(files)} files\n")
    rows = {name: _outcomes(labels, findings) for name, findings in _tiers(tools).items()}
    for category in sorted({label.category for label in labels}):
        mine = {
            name: [it for it in outcomes if it.label.category == category]
            for name, outcomes in rows.items()
        }
        print_table(category, mine)
    print_table("all", rows)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=Path, required=True, help="CSV of labelled lines")
    parser.add_argument(
        "--repos", type=Path, required=True, help="directory that holds <owner>+<name>/"
    )
    parser.add_argument("--repo", nargs="+", default=[], metavar="OWNER/NAME", help="only these")
    parser.add_argument("--semgrep-rules", type=Path, metavar="FILE")
    parser.add_argument("--semgrep", default="semgrep", metavar="PROGRAM")
    parser.add_argument(
        "--ast-grep-config", type=Path, metavar="DIR", help="directory that holds sgconfig.yml"
    )
    parser.add_argument("--cache", action="store_true", help="reuse our facts of earlier runs")
    options = parser.parse_args()
    for path in (options.labels, options.repos, options.semgrep_rules, options.ast_grep_config):
        if path is not None and not path.exists():
            parser.error(f"{path}: there is no such file or folder")
    if options.semgrep_rules is None and options.ast_grep_config is None:
        parser.error("no peer: give --semgrep-rules or --ast-grep-config, or both")
    return options


def _findings(
    options: argparse.Namespace,
    labels: Iterable[Label],
    rules: Sequence[str],
    files: Sequence[str],
) -> dict[str, tuple[Finding, ...]]:
    """What each analyzer says; paths are relative to the directory of all repositories.

    The peers see one file at a time, so they get the labelled files only; we get the repositories.
    """
    found: dict[str, tuple[Finding, ...]] = {}
    if options.semgrep_rules:
        print("running semgrep", file=sys.stderr)
        found["semgrep"] = tuple(
            semgrep(options.semgrep, options.semgrep_rules, files, folder=options.repos)
        )
    if options.ast_grep_config:
        print("running ast-grep", file=sys.stderr)
        found["ast-grep"] = tuple(
            ast_grep_scan(options.ast_grep_config, files, folder=options.repos)
        )
    ours: list[Finding] = []
    for repo in sorted({label.repo for label in labels}):
        print(f"checking {repo}", file=sys.stderr)
        directory = options.repos / repo.replace("/", "+")
        for finding in check(directory, rules=rules, cache=options.cache):
            ours.append(_from_above(repo, finding))
    return {**found, "sessionzero": tuple(ours)}


def _from_above(repo: str, finding: Finding) -> Finding:
    """The finding with paths that begin with the directory of the repository."""
    steps, related = (
        tuple(replace(spot, path=_file(repo, spot.path)) for spot in spots)
        for spots in (finding.steps, finding.related)
    )
    return replace(finding, path=_file(repo, finding.path), steps=steps, related=related)


def _tiers(tools: Mapping[str, Sequence[Finding]]) -> dict[str, Sequence[Finding]]:
    """Each analyzer as it is, then each with its notes taken for warnings."""
    return {
        **tools,
        **{
            f"{name}, notes too": [
                replace(it, level="warning") if it.level == "note" else it for it in findings
            ]
            for name, findings in tools.items()
        },
    }


def _outcomes(labels: Sequence[Label], findings: Sequence[Finding]) -> tuple[Outcome, ...]:
    """What became of the labels of all repositories."""
    return score([replace(it, path=_file(it.repo, it.path)) for it in labels], findings)


def _file(repo: str, path: str) -> str:
    return f"{repo.replace('/', '+')}/{path}"


if __name__ == "__main__":
    sys.exit(main())
