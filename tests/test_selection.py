"""Which rules a run looks for."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace

from commands import call
from programs import RULES
from sessionzero.errors import SessionZeroError
from sessionzero.knowledge.rules import Trust
from sessionzero.selection import chosen

ONE_OF_EACH = tuple(
    replace(rule, id=f"SZ{trust.upper()}001", name=trust, trust=trust)
    for rule, trust in zip(RULES, get_args(Trust), strict=False)
)


def ids(*select: str, trust: tuple[Trust, ...] = ("definite", "probable")) -> list[str]:
    return [rule.name for rule in chosen(ONE_OF_EACH, select=select, trust=frozenset(trust))]


def test_only_trusted_rules_are_looked_for() -> None:
    assert ids() == ["definite", "probable"]
    assert ids(trust=("definite",)) == ["definite"]
    assert ids(trust=get_args(Trust)) == ["definite", "probable", "informational", "pedantic"]


def test_pedantic_rule_is_looked_for_when_it_is_named_alone() -> None:
    assert ids("SZPEDANTIC001") == ["pedantic"]
    assert ids("pedantic") == ["pedantic"]
    assert ids("SZ") == ["definite", "probable"]
    with pytest.raises(SessionZeroError, match="no rule is left"):
        ids("SZPEDANTIC")


def test_strict_leaves_out_what_assumes_more(tmp_path: Path) -> None:
    (tmp_path / "library.c").write_text(
        '#include <windows.h>\nvoid f(void) { CreateEventW(0, 0, 0, L"AgentReady"); }\n'
    )
    assert "SZNAME001" in call(tmp_path, "check", "--no-cache").out
    assert "SZNAME001" not in call(tmp_path, "check", "--no-cache", "--strict").out


def test_strict_and_all_contradict_each_other(tmp_path: Path) -> None:
    refused = call(tmp_path, "check", "--strict", "--all")
    assert refused.code == 2
    assert "leave one away" in refused.err
