"""The set-ups for builds under examples/ci: valid, and their commands run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands import SERVICE, write
from composite import CHECKOUT, load
from sessionzero import HOMEPAGE, __version__

EXAMPLES = CHECKOUT / "examples" / "ci"
SCHEMAS = {
    "github.yml": "vendor.github-workflows",
    "gitlab.yml": "vendor.gitlab-ci",
    "azure-pipelines.yml": "vendor.azure-pipelines",
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_example_is_valid_by_the_schema_of_its_service(name: str) -> None:
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[name])
    done = subprocess.run(
        (*command, str(EXAMPLES / name)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_readme_shows_the_workflow_of_the_example() -> None:
    _, _, workflow = (EXAMPLES / "github.yml").read_text(encoding="utf-8").partition("\n")
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert f"```yaml\n{workflow}```\n" in readme


def test_the_workflow_is_safe_but_for_our_own_version() -> None:
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    assert program is not None, "zizmor is missing: pip install -e '.[test]'"
    command = (program, "--offline", "--no-config", "--format", "json-v1")
    done = subprocess.run(
        (*command, str(EXAMPLES / "github.yml")), capture_output=True, check=False
    )
    found = {item["ident"]: json.dumps(item["locations"]) for item in json.loads(done.stdout)}
    assert found.keys() <= {"unpinned-uses"}
    assert all("uses: sessionzero/sessionzero@v" in where for where in found.values())


def commands(name: str) -> list[str]:
    """The commands of an example, in order."""
    if name == "Jenkinsfile":
        return re.findall(r"\bsh '([^']+)'", (EXAMPLES / name).read_text(encoding="utf-8"))
    document = load(EXAMPLES / name)
    if name == "gitlab.yml":
        return list(document["sessionzero"]["script"])
    return [step["bash"] for step in document["steps"] if "bash" in step]


@pytest.mark.parametrize("name", ["gitlab.yml", "azure-pipelines.yml", "Jenkinsfile"])
def test_commands_of_an_example_install_and_report(
    name: str, installed: Path, tmp_path: Path
) -> None:
    write(tmp_path / "service.c", SERVICE)
    shutil.copytree(installed / "sessionzero", tmp_path / ".venv", symlinks=True)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "PATH": f"{tmp_path / '.venv' / 'bin'}:{os.environ['PATH']}",
        "SESSIONZERO": "sessionzero",  # which the environment has: pip looks nowhere else
        "SESSIONZERO_CACHE_DIR": str(tmp_path / ".cache"),
        "BUILD_ARTIFACTSTAGINGDIRECTORY": str(tmp_path),
    }
    *install, check = [
        subprocess.run(
            ("bash", "-c", command),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for command in commands(name)
    ]
    assert [done.stderr for done in install if done.returncode] == []
    assert (check.returncode, "service.c:8:5: error:" in check.stdout) == (1, True), check.stderr
    (report,) = (file for file in tmp_path.glob("*") if file.suffix in (".sarif", ".json"))
    assert json.loads(report.read_text(encoding="utf-8"))
    written = (EXAMPLES / name).read_text(encoding="utf-8")
    assert written.count(report.name) == 2, "written by the command, taken by the service"


@pytest.mark.parametrize("name", ["gitlab.yml", "azure-pipelines.yml", "Jenkinsfile"])
def test_example_installs_the_version_that_this_is(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    archive = f"{HOMEPAGE}/archive/refs/tags/v{__version__}.tar.gz"
    assert re.findall(r"SESSIONZERO *[:=] *'?([^'\s]+)", text) == [archive]
    assert any('pip install --quiet "$SESSIONZERO"' in command for command in commands(name))


def test_the_workflow_uses_the_version_that_this_is() -> None:
    workflow = (EXAMPLES / "github.yml").read_text(encoding="utf-8")
    repository = HOMEPAGE.removeprefix("https://github.com/")
    assert f"- uses: {repository}@v{__version__}\n" in workflow
