"""The tables and lines that scores are printed as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scoring import Outcome, Tally, share, tally

HEADINGS = (
    "true",
    "err+warn",
    "any level",
    "missed",
    "benign",
    "false",
    "recall",
    "recall any",
    "precision",
)


def print_table(title: str, rows: Mapping[str, Sequence[Outcome]]) -> None:
    """Print a line of counts for each row, and an empty line."""
    width = max(map(len, (title, *rows)))
    print(f"{title:{width}}", *(f"{heading:>10}" for heading in HEADINGS))
    for name, outcomes in rows.items():
        print(f"{name:{width}}", *_columns(tally(outcomes)))
    print()


def print_share(title: str, results: Sequence[bool], *, aim: float | None = None) -> None:
    """Print how many of the results are good, their share, and the share that is aimed at."""
    value = share(sum(results), len(results))
    shown = "-" if value is None else f"{value:.3f}"
    wanted = "" if aim is None else f"  (aim: {aim:.2f})"
    print(f"{title:24} {sum(results):3} of {len(results):3}  {shown}{wanted}")


def _columns(counts: Tally) -> list[str]:
    numbers = (
        counts.true,
        counts.firm,
        counts.found,
        counts.missed,
        counts.benign,
        counts.alarms,
    )
    shares = (counts.recall, counts.recall_any, counts.precision)
    return [f"{number:10}" for number in numbers] + [
        f"{'-':>10}" if share is None else f"{share:10.3f}" for share in shares
    ]
