"""Rules for other analyzers beside ours, on one labelled service; only where they are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from peer_runs import ast_grep

SCRIPT = Path(__file__).with_name("peers.py")

SERVICE = """\
#include <windows.h>

static void WINAPI service_main(DWORD argc, LPSTR *argv)
{
    (void)argc;
    (void)argv;
    MessageBoxA(NULL, "The disk is full.", "Backup", MB_OK);
}

int main(int argc, char **argv)
{
    SERVICE_TABLE_ENTRYA table[] = {{"backup", service_main}, {NULL, NULL}};
    (void)argv;
    if (argc > 1) {
        MessageBoxA(NULL, "Start it as a service.", "Backup", MB_OK);
        return 1;
    }
    return !StartServiceCtrlDispatcherA(table);
}
"""
LABELS = """\
repo,commit,path,line,api,rule-category,verdict,confidence,in_service_context,reason
owner/backup,1f,service.c,7,MessageBoxA,ui,true-defect,high,yes,nobody sees it
owner/backup,1f,service.c,15,MessageBoxA,ui,benign,high,no,a user started it
"""
SEMGREP_RULES = """\
rules:
- id: every-ui-audit
  languages: [c]
  severity: INFO
  message: A box.
  pattern: MessageBoxA(...)
- id: first-ui-service
  languages: [c]
  severity: ERROR
  message: A box.
  pattern: MessageBoxA(NULL, "The disk is full.", ...)
- id: something-else
  languages: [c]
  severity: ERROR
  message: Anything.
  pattern: MessageBoxA(...)
"""
AST_GREP_RULES = {
    "every": "id: every-ui-audit\nlanguage: c\nseverity: info\nmessage: A box.\n"
    "rule: {kind: call_expression, regex: '^MessageBoxA'}\n",
    "first": "id: first-ui-service\nlanguage: c\nseverity: error\nmessage: A box.\n"
    "rule: {kind: call_expression, regex: '^MessageBoxA.*disk'}\n",
    "else": "id: something-else\nlanguage: c\nseverity: error\nmessage: Anything.\n"
    "rule: {kind: call_expression, regex: '^MessageBoxA'}\n",
}


def installed(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


@pytest.fixture
def labelled(tmp_path: Path) -> tuple[str, ...]:
    """The arguments that name the labels and the repositories."""
    project = tmp_path / "repos" / "owner+backup"
    project.mkdir(parents=True)
    (project / "service.c").write_text(SERVICE, encoding="utf-8")
    labels = tmp_path / "labels.csv"
    labels.write_text(LABELS, encoding="utf-8")
    return ("--labels", str(labels), "--repos", str(tmp_path / "repos"))


def table(*arguments: str) -> dict[str, list[str]]:
    """The rows of the last table that the script prints, by name."""
    command = (sys.executable, str(SCRIPT), *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().rpartition("\n\n")[2].splitlines()[1:]
    return {line[:24].strip(): line[24:].split() for line in last}


def assert_compared(rows: dict[str, list[str]], peer: str) -> None:
    """Its error finds the defect; its note is an alarm at the benign line once notes count."""
    # true, err+warn, any level, missed, benign, false, recall, recall any, precision
    right = ["1", "1", "1", "0", "1", "0", "1.000", "1.000", "1.000"]
    assert rows == {
        peer: right,
        "sessionzero": right,
        f"{peer}, notes too": ["1", "1", "1", "0", "1", "1", "1.000", "1.000", "0.500"],
        "sessionzero, notes too": right,
    }


@installed("semgrep")
def test_semgrep_stands_beside_ours(tmp_path: Path, labelled: tuple[str, ...]) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(SEMGREP_RULES, encoding="utf-8")
    assert_compared(table(*labelled, "--semgrep-rules", str(rules)), "semgrep")


@installed(ast_grep())
def test_ast_grep_stands_beside_ours(tmp_path: Path, labelled: tuple[str, ...]) -> None:
    config = tmp_path / "config"
    (config / "rules").mkdir(parents=True)
    (config / "sgconfig.yml").write_text("ruleDirs: [rules]\nutilDirs: [utils]\n", encoding="utf-8")
    for name, text in AST_GREP_RULES.items():
        (config / "rules" / f"{name}.yml").write_text(text, encoding="utf-8")
    assert_compared(table(*labelled, "--ast-grep-config", str(config)), "ast-grep")


def test_a_program_that_is_not_there_is_said(tmp_path: Path, labelled: tuple[str, ...]) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(SEMGREP_RULES, encoding="utf-8")
    program = str(tmp_path / "semgrep")
    command = (sys.executable, str(SCRIPT), *labelled, "--semgrep-rules", str(rules))
    done = subprocess.run(
        (*command, "--semgrep", program), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"NOT ANALYSED: {program}: there is no such program" in done.stderr
