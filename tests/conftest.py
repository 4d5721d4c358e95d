"""What all tests share: expected output that is blessed by a flag and read in the diff."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from commands import write
from composite import ACTION, run_action

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


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of a runner on which our action has installed sessionzero, from this
    checkout and PyPI, in the virtual environment ``sessionzero``."""
    temporary = tmp_path_factory.mktemp("runner")
    workspace = tmp_path_factory.mktemp("workspace")
    write(workspace / "answer.c", "int answer(void) { return 42; }\n")
    # Modules of the repository that is analysed must never be imported.
    for module in ("click", "pip", "venv", "sessionzero", "msgspec", "sitecustomize"):
        write(workspace / f"{module}.py", "raise SystemExit('ran code of the repository')\n")
    done = run_action(ACTION, workspace, temporary=temporary, inputs={})
    assert (done.code, done.outputs["exit-code"]) == (0, "0"), done.log
    return temporary
