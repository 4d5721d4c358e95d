"""What a program does, and not how it is written, makes a finding."""

from __future__ import annotations

from collections import Counter

import pytest

from programs import PROGRAMS, RULES
from rewriting import WAYS
from sessionzero.engine import check_sources
from sessionzero.knowledge.wants import found, named, wants

# In C++ these mean something else: a C program calls COM's methods through `lpVtbl`.
OTHERS = {("C++", "silent/com-from-c")}
CASES = [
    (way, name, rewritten)
    for way, rewrite in WAYS.items()
    for name, files in PROGRAMS.items()
    if (rewritten := rewrite(files)) != files and (way, name) not in OTHERS
]


@pytest.mark.parametrize(
    ("name", "files"), [case[1:] for case in CASES], ids=[f"{way}-{name}" for way, name, _ in CASES]
)
def test_program_written_another_way_gives_the_same_findings(
    name: str, files: dict[str, str]
) -> None:
    findings = found(check_sources(files, also=named(PROGRAMS[name], RULES)), files)
    assert findings == wants(files, RULES)


def test_every_way_changes_many_programs() -> None:
    changed = Counter(way for way, _, _ in CASES)
    assert all(changed[way] > 50 for way in WAYS)
