"""Runs the steps of a composite action as GitHub's runner does, but for those of other actions."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

CHECKOUT = Path(__file__).parent.parent
ACTION = CHECKOUT / "action.yml"

_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_CONDITION = re.compile(r"([\w.-]+) == '([^']*)'")


class Done(NamedTuple):
    """What the steps left: the code of the one that failed or 0, the log, the summaries, the
    outputs of the action, and what was given to the steps of other actions, by their name."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]
    others: dict[str, dict[str, str]]


def load(path: Path) -> Any:
    """The document in a YAML file."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def run_action(
    action: Path, workspace: Path, *, temporary: Path, inputs: Mapping[str, str]
) -> Done:
    """Run the action in a workspace. Steps that use another action count as done: that of Python
    says where Python is."""
    document = load(action)
    known = {
        f"inputs.{name}": inputs.get(name, str(given["default"]))
        for name, given in document["inputs"].items()
    }
    known["github.action_path"] = str(action.parent)
    others: dict[str, dict[str, str]] = {}
    log, summary, code = "", "", 0
    for number, step in enumerate(document["runs"]["steps"]):
        if code or not _wanted(step.get("if", ""), known):
            continue
        if "uses" in step:
            others[step["uses"]] = {k: _filled(v, known) for k, v in step["with"].items()}
            known[f"steps.{step.get('id')}.outputs.python-path"] = sys.executable
            continue
        files = {name: temporary / f"{name}-{number}" for name in ("OUTPUT", "STEP_SUMMARY")}
        code, said = _bash(step, known, workspace, temporary, files)
        log += said
        summary += files["STEP_SUMMARY"].read_text(encoding="utf-8")
        for line in files["OUTPUT"].read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            known[f"steps.{step['id']}.outputs.{name}"] = value
    outputs = {name: _filled(it["value"], known) for name, it in document["outputs"].items()}
    return Done(code, log, summary, outputs, others)


def _bash(
    step: Mapping[str, Any],
    known: Mapping[str, str],
    workspace: Path,
    temporary: Path,
    files: Mapping[str, Path],
) -> tuple[int, str]:
    """Run a step as ``shell: bash`` is documented, from a file, with nothing put into its text."""
    assert step["shell"] == "bash"
    assert "${{" not in step["run"]
    for file in files.values():
        file.write_bytes(b"")
    script = temporary / "script.sh"
    script.write_text(step["run"], encoding="utf-8")
    given = {name: _filled(value, known) for name, value in step.get("env", {}).items()}
    ours = ("PYTHONPATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=workspace,
        env={
            **{name: value for name, value in os.environ.items() if name not in ours},
            **{f"GITHUB_{name}": str(file) for name, file in files.items()},
            "RUNNER_TEMP": str(temporary),
            **given,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout.decode()


def _wanted(condition: str, known: Mapping[str, str]) -> bool:
    if not condition:
        return True
    said = _CONDITION.fullmatch(condition)
    assert said is not None, condition
    return known.get(said[1], "") == said[2]


def _filled(text: str, known: Mapping[str, str]) -> str:
    """A value with its expressions replaced; what no step has set is empty, as for GitHub."""
    return _EXPRESSION.sub(lambda found: known.get(found[1], ""), str(text))
