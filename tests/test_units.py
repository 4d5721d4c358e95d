"""What a file tells by itself is kept from one program to the next, while nothing has changed."""

from __future__ import annotations

from sessionzero.frontends import extract
from sessionzero.link.files.index import ProgramIndex

CALLS = extract("void f(void) { g(); }", "c")
OTHER = extract("void g(void) { }", "c")


def test_a_file_that_has_not_changed_is_the_same() -> None:
    before = ProgramIndex([("a.c", CALLS), ("b.c", OTHER)])
    after = ProgramIndex(
        [("a.c", extract("void h(void) { }", "c")), ("b.c", OTHER)], before.by_path
    )
    assert after.units[1] is before.units[1]
    assert after.units[0] is not before.units[0]
    assert "f" not in after.definitions


def test_a_file_that_stands_elsewhere_now_is_another() -> None:
    before = ProgramIndex([("a.c", OTHER), ("b.c", CALLS)])
    after = ProgramIndex([("b.c", CALLS)], before.by_path)
    assert [unit.index for unit in after.units] == [0]
    assert after.calls_named["g"][0].unit == 0
