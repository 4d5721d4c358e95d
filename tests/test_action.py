"""The action for GitHub: sound by its judges, and its steps do what they say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands import SERVICE, write
from composite import ACTION, CHECKOUT, Done, load, run_action
from sarif_validator import unseen_problems

PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
UPLOAD = "github/codeql-action/upload-sarif"


def run(installed: Path, workspace: Path, **inputs: str) -> Done:
    """Run the action with its install step done: pip finds all that it asks for."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    reduced = installed / "action.yml"
    _, _, steps = ACTION.read_text(encoding="utf-8").partition("    - name: Analyse\n")
    head, _, _ = ACTION.read_text(encoding="utf-8").partition("    - name: Set up Python\n")
    reduced.write_text(f"{head}    - name: Analyse\n{steps}", encoding="utf-8")
    return run_action(reduced, workspace, temporary=installed, inputs=given)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with the service in a folder whose name has a blank."""
    write(tmp_path / "my service/service.c", SERVICE)
    write(tmp_path / "other/service.c", SERVICE)
    return tmp_path


# --- What judges say of the file --------------------------------------------------------------


def test_the_action_is_valid_by_the_schema_of_actions() -> None:
    command = (
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-actions",
    )
    done = subprocess.run((*command, str(ACTION)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_unsafe_in_the_action() -> None:
    assert zizmor(ACTION) == []


def test_zizmor_would_find_an_input_put_into_a_script(tmp_path: Path) -> None:
    spoiled = ACTION.read_text(encoding="utf-8").replace('"$PYTHON" -I', "${{ inputs.paths }}", 1)
    write(tmp_path / "action.yml", spoiled)
    assert "template-injection" in zizmor(tmp_path / "action.yml")


def zizmor(file: Path) -> list[str]:
    """The audits that find something in an action or a workflow."""
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    assert program is not None, "zizmor is missing: pip install -e '.[test]'"
    command = (program, "--offline", "--no-config", "--format", "json-v1", "--persona", "pedantic")
    done = subprocess.run((*command, str(file)), capture_output=True, check=False)
    return [finding["ident"] for finding in json.loads(done.stdout)]


def test_all_that_is_used_is_pinned_with_its_version() -> None:
    uses = re.findall(r"uses: .*", ACTION.read_text(encoding="utf-8"))
    assert len(uses) == 2
    assert [line for line in uses if not PINNED.fullmatch(line)] == []


def test_every_input_is_used_and_explained() -> None:
    inputs = load(ACTION)["inputs"]
    text = ACTION.read_text(encoding="utf-8")
    unused = [
        name
        for name in inputs
        if f"${{{{ inputs.{name} }}}}" not in text and f"inputs.{name} ==" not in text
    ]
    assert unused == []
    assert all(given["description"] and "default" in given for given in inputs.values())


def test_the_readme_explains_every_input_and_no_other() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    _, _, chapter = readme.partition("\n## GitHub code scanning\n")
    table = re.findall(r"^\| `([a-z-]+)` \|", chapter.partition("\n## ")[0], re.MULTILINE)
    assert sorted(table) == sorted(load(ACTION)["inputs"])


# --- What its steps do ------------------------------------------------------------------------


def test_findings_are_logged_summed_up_and_uploaded_before_the_job_fails(
    installed: Path, project: Path
) -> None:
    done = run(installed, project, category="agent")
    assert done.code == 1
    assert "service.c:8:5:" in done.log
    assert done.outputs["exit-code"] == "1"
    assert done.summary.startswith("## sessionzero\n\n2 errors in 2 of 2 files")
    assert "| error | `my service/service.c:8:5`" in done.summary
    (upload,) = (given for name, given in done.others.items() if name.startswith(UPLOAD))
    assert upload == {"sarif_file": done.outputs["sarif-file"], "category": "agent"}
    log = json.loads(Path(upload["sarif_file"]).read_text(encoding="utf-8"))
    assert unseen_problems(log) == []
    assert log["runs"][0]["automationDetails"] == {"id": "agent/"}
    assert len(log["runs"][0]["results"]) == 2


def test_paths_with_blanks_are_given_a_line_each(installed: Path, project: Path) -> None:
    done = run(installed, project, paths="my service\n\nother/service.c\n")
    assert "2 errors in 2 of 2 files" in done.summary
    done = run(installed, project, paths="my service")
    assert "1 error in 1 of 1 file" in done.summary


def test_without_upload_the_findings_are_annotations(installed: Path, project: Path) -> None:
    done = run(installed, project, upload="false")
    assert "::error file=my service/service.c,line=8," in done.log
    assert not [name for name in done.others if name.startswith(UPLOAD)]


def test_the_job_goes_on_if_it_shall(installed: Path, project: Path) -> None:
    done = run(installed, project, fail_on="never")
    assert (done.code, done.outputs["exit-code"]) == (0, "0")
    assert "2 errors" in done.summary


def test_options_are_passed_on(installed: Path, tmp_path: Path) -> None:
    write(tmp_path / "library.c", "void warn(void) { MessageBoxW(0, 0, 0, 0); }\n")
    assert run(installed, tmp_path).code == 0
    done = run(installed, tmp_path, options="--assume-service\n--ignore\nSZNAME\n")
    assert (done.code, "library.c:1:19" in done.summary) == (1, True)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"paths": "nowhere"}, "nowhere: there is no such file or folder"),
        ({"fail_on": "fatal"}, "'fatal' is not one of"),
        ({"paths": "--output=x"}, "--output=x: there is no such file or folder"),
        ({"category": "/"}, "it is empty; give a name"),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else None,
)
def test_wrong_use_fails_the_step_and_uploads_nothing(
    inputs: dict[str, str], message: str, installed: Path, project: Path
) -> None:
    done = run(installed, project, **inputs)
    assert (done.code, done.others) == (2, {})
    assert message in done.log


def test_no_input_is_run_by_the_shell(installed: Path, project: Path) -> None:
    attack = '$(touch hit) `touch hit` "; touch hit; "'
    for name in ("paths", "category", "options", "fail_on", "upload"):
        run(installed, project, **{name: attack})
    assert not (project / "hit").exists()
