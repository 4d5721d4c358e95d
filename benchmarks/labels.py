"""Labelled lines of real repositories, and which rules answer which category of them."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

Verdict = Literal["true-defect", "benign", "unclear"]

ANY_GROUP = "SZ"
# A rule's group is its id without the digits: SZUI001 is of SZUI.
GROUPS: dict[str, tuple[str, ...]] = {
    "ui": ("SZUI", "SZIO"),
    "interactive-flag": ("SZFLAG",),
    "window-message": ("SZMSG",),
    "object-name": ("SZNAME",),
    "object-security": ("SZACL", "SZPIPE"),
    "process-launch": ("SZPROC",),
    "session-context": ("SZSESS", "SZUSER", "SZIO", "SZCOM"),
    "other": (ANY_GROUP,),
}


class Label(Struct, frozen=True):
    """One candidate line (1-based) and what a reviewer says of it."""

    repo: str
    path: str
    line: int
    api: str
    category: str = msgspec.field(name="rule-category")
    verdict: Verdict
    confidence: str
    in_service_context: str
    reason: str


def read_labels(path: Path, *, repos: Collection[str] = ()) -> tuple[Label, ...]:
    """The labels of a CSV file, only those of ``repos`` where any are named.

    Raises ``msgspec.ValidationError`` where a column is missing or holds something else.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = msgspec.convert(rows, type=tuple[Label, ...], strict=False)
    return tuple(label for label in labels if not repos or label.repo in repos)


def answers(rule: str, category: str) -> bool:
    """Whether a finding of ``rule`` is one of this category."""
    groups = GROUPS.get(category, ())
    return ANY_GROUP in groups or rule.rstrip("0123456789") in groups


def answered(labels: Collection[Label], rules: Collection[str]) -> tuple[Label, ...]:
    """The labels of those categories that at least one of the rules answers."""
    return tuple(label for label in labels if any(answers(rule, label.category) for rule in rules))
