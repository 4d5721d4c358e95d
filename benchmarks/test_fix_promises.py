"""What is told of a mended file: other lines that changed, and line ends."""

from __future__ import annotations

import pytest
from fixes import broken_promises

from sessionzero.repair import Repair
from sessionzero.report import Report

OLD = b"a\r\ntype= own type= interact\r\nb\r\n"
TOUCHED = frozenset({("a.bat", "type= own type= interact")})
CASES = {
    "only the edit": (b"a\r\ntype= own\r\nb\r\n", []),
    "another line": (b"A\r\ntype= own\r\nb\r\n", ["a.bat: 1 other lines changed"]),
    "line ends": (b"a\ntype= own\r\nb\r\n", ["a.bat: line ends changed"]),
    "encoding": (
        "\ufeffa\r\ntype= own\r\nb\r\n".encode("utf-16-le"),
        ["a.bat: utf-8 became utf-16-le", "a.bat: line ends changed"],
    ),
}


@pytest.mark.parametrize(("new", "told"), CASES.values(), ids=CASES)
def test_what_differs_beside_the_edits_is_told(new: bytes, told: list[str]) -> None:
    report = Report((), (), {}, lambda _: None, files=1, services=0)
    repair = Repair(report, 1, {"a.bat": (OLD, new)}, ())
    assert list(broken_promises(repair, TOUCHED)) == told
