"""What all tests share: expected output that is blessed by a flag and read in the diff."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

EXPECTED = Path(__file__).parent / "expected"

Expect = Callable[[str, str], None]

# The same examples on every run, and no judgement by the clock of a busy machine.
settings.register_profile("sessionzero", derandomize=True, deadline=None)
settings.load_profile("sessionzero")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--bless``."""
    parser.addoption(
        "--bless",
        action="store_true",
        help="write what is printed now to tests/expected/, to be read in the diff",
    )


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Expect:
    """A function that compares a text with the file of that name under ``tests/expected/``."""
    bless = bool(request.config.getoption("--bless"))

    def compare(name: str, actual: str) -> None:
        path = EXPECTED / name
        if bless:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8", newline="\n")
        assert path.exists(), f"no {path.name} under tests/expected/: run pytest --bless"
        assert actual == path.read_text(encoding="utf-8")

    return compare
