"""The configuration of a project: where it is found, what it does, and how it is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from commands import DEFECT, PYTHON_DEFECT, PYTHON_SERVICE, SERVICE, Outcome, call, write
from sessionzero.config import WANTED, Settings

ALERT = """\
#include <windows.h>

{}void alert(void)
{{
    MessageBoxW(NULL, L"Backup failed", L"Backup", MB_OK);
}}
"""
CONSOLE = ALERT.format("") + "\nint main(void)\n{\n    alert();\n    return 0;\n}\n"
PYTHON_TOOL = "import win32api\n\nwin32api.MessageBox(0, 'Backup failed', 'Backup')\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with the service in ``service/good.c``."""
    write(tmp_path / ".git" / "HEAD", "ref: refs/heads/main\n")
    write(tmp_path / "service" / "good.c", SERVICE)
    return tmp_path


def configured(folder: Path, text: str, *arguments: str) -> Outcome:
    """How ``check`` ends with that configuration."""
    write(folder / "sessionzero.toml", text)
    return call(folder, "check", *arguments)


def rules(outcome: Outcome) -> set[str]:
    """The rules of the findings of a JSON report."""
    return {finding["rule"] for finding in json.loads(outcome.out)["findings"]}


# --- where it is found ---


def test_without_a_configuration_the_defect_is_found(project: Path) -> None:
    assert call(project, "check").code == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sessionzero.toml", 'ignore = ["SZUI"]\n'),
        ("pyproject.toml", '[tool.sessionzero]\nignore = ["SZUI"]\n'),
        ("sessionzero.toml", '\ufeffignore = ["SZUI"]\n'),
    ],
)
@pytest.mark.parametrize("where", [".", "service"])
@pytest.mark.parametrize("arguments", [[], ["service"], ["service/good.c"]])
def test_found_above_the_paths(
    name: str, text: str, where: str, arguments: list[str], project: Path
) -> None:
    write(project / where / name, text)
    expected = 1 if where == "service" and not arguments else 0
    assert call(project, "check", *arguments).code == expected


def test_nearest_configuration_counts_alone(project: Path) -> None:
    write(project / "sessionzero.toml", 'ignore = ["SZUI"]\n')
    write(project / "service" / "sessionzero.toml", 'fail-on = "error"\n')
    assert call(project, "check", "service").code == 1


def test_own_file_counts_before_the_shared_one(project: Path) -> None:
    write(project / "pyproject.toml", '[tool.sessionzero]\nignore = ["SZUI"]\n')
    assert configured(project, 'fail-on = "error"\n').code == 1


@pytest.mark.parametrize("text", ["[project]\nname = 'x'\n", "[tool.black]\n", "no toml at all ["])
def test_shared_file_that_says_nothing_of_us_is_passed(text: str, project: Path) -> None:
    write(project / "sessionzero.toml", 'ignore = ["SZUI"]\n')
    write(project / "service" / "pyproject.toml", text)
    assert call(project, "check", "service").code == 0


def test_configuration_outside_the_repository_is_none_of_ours(project: Path) -> None:
    write(project / "service" / ".git" / "HEAD", "ref: refs/heads/main\n")
    write(project / "sessionzero.toml", 'ignore = ["SZUI"]\n')
    assert call(project, "check", "service").code == 1


def test_without_a_repository_nothing_above_the_working_directory_counts(tmp_path: Path) -> None:
    write(tmp_path / "sessionzero.toml", 'ignore = ["SZUI"]\n')
    write(tmp_path / "work" / "good.c", SERVICE)
    assert call(tmp_path / "work", "check").code == 1
    assert call(tmp_path, "check", "work").code == 0


def test_named_configuration_counts_wherever_it_is(project: Path) -> None:
    write(project / "ci" / "strict.toml", 'ignore = ["SZUI"]\n')
    assert configured(project, 'fail-on = "error"\n', "--config", "ci/strict.toml").code == 0


def test_isolated_run_reads_none(project: Path) -> None:
    assert configured(project, 'ignore = ["SZUI"]\n').code == 0
    assert configured(project, 'ignore = ["SZUI"]\n', "--isolated").code == 1
    assert configured(project, "no toml at all [", "--isolated").code == 1


# --- what it does ---


def test_command_line_wins(project: Path) -> None:
    assert configured(project, 'fail-on = "never"\n').code == 0
    assert configured(project, 'fail-on = "never"\n', "--fail-on", "error").code == 1
    assert configured(project, 'select = ["SZMSG"]\n').code == 0
    assert configured(project, 'select = ["SZMSG"]\n', "--select", "SZUI").code == 1
    assert configured(project, 'ignore = ["SZUI"]\n', "--ignore", "SZMSG").code == 1


def test_assume_service_can_be_taken_back(tmp_path: Path) -> None:
    write(tmp_path / "tool.c", CONSOLE)
    assert configured(tmp_path, "").code == 0
    assert configured(tmp_path, "assume-service = true\n").code == 1
    assert configured(tmp_path, "assume-service = true\n", "--no-assume-service").code == 0


SERVICES: Mapping[str, tuple[str, str, str]] = {
    "main": ("tool.c", CONSOLE, ":5:5: error: `MessageBoxW`"),
    "exported-function": ("dll.c", ALERT.format("__declspec(dllexport) "), ":5:5: error: "),
    "function-nobody-calls": ("lib.cpp", ALERT.format(""), ":5:5: error: `MessageBoxW`"),
    "python-script": ("tool.py", PYTHON_TOOL, ":3:1: error: `win32api.MessageBox`"),
    "python-function": (
        "lib.py",
        "import win32api\n\n\ndef alert():\n    win32api.MessageBox(0, 'Failed', 'Backup')\n",
        ":5:5: error: ",
    ),
}


@pytest.mark.parametrize("case", SERVICES)
@pytest.mark.parametrize("pattern", ["backup/**", "backup/", "backup", "**/backup/*"])
def test_file_called_a_service_is_one(case: str, pattern: str, tmp_path: Path) -> None:
    name, text, headline = SERVICES[case]
    write(tmp_path / "backup" / name, text)
    assert configured(tmp_path, "").code == 0
    code, out, _ = configured(tmp_path, f'services = ["{pattern}"]\n')
    assert code == 1
    assert f"backup/{name}{headline}" in out
    assert "configured as service code" in out
    assert "medium confidence" in out


def test_what_a_configured_service_calls_is_service_code(tmp_path: Path) -> None:
    write(tmp_path / "common" / "alert.c", ALERT.format(""))
    write(tmp_path / "common" / "alert.h", "void alert(void);\n")
    write(
        tmp_path / "svc" / "main.c",
        '#include "../common/alert.h"\nint main(void) { alert(); return 0; }\n',
    )
    code, out, _ = configured(tmp_path, 'services = ["svc/**"]\n')
    assert (code, "common/alert.c:5:5: error" in out) == (1, True)


def test_branch_for_people_of_a_configured_service_is_none(tmp_path: Path) -> None:
    text = "\nint main(void)\n{\n    if (IsInteractive())\n        alert();\n    return 0;\n}\n"
    write(tmp_path / "tool.c", ALERT.format("static ") + text)
    assert configured(tmp_path, 'services = ["*.c"]\n').code == 0


def test_entry_that_the_source_shows_stays_certain(project: Path) -> None:
    _, out, _ = configured(project, 'services = ["service/**"]\n')
    assert "service main function" in out
    assert "medium confidence" not in out


@pytest.mark.parametrize(("name", "text"), [("good.c", SERVICE), ("good.py", PYTHON_SERVICE)])
@pytest.mark.parametrize("more", ["", "assume-service = true\n"])
def test_file_called_a_client_is_never_service_code(
    name: str, text: str, more: str, tmp_path: Path
) -> None:
    write(tmp_path / "tray" / name, text)
    assert configured(tmp_path, more).code == 1
    assert configured(tmp_path, f'clients = ["tray/**"]\n{more}').code == 0


def test_service_goes_no_way_through_a_client(tmp_path: Path) -> None:
    write(tmp_path / "alert.c", ALERT.format(""))
    text = SERVICE.replace('MessageBoxW(NULL, L"Backup failed", L"Backup", MB_OK)', "alert()")
    write(tmp_path / "service.c", text.replace("static", "void alert(void);\nstatic", 1))
    assert configured(tmp_path, "").code == 1
    assert configured(tmp_path, 'clients = ["alert.c"]\n').code == 0


def test_excluded_files_are_not_read_unless_they_are_named(project: Path) -> None:
    write(project / "old" / "good.py", PYTHON_SERVICE)
    text = 'exclude = ["service/", "*.py"]\n'
    assert "No C, C++ or Python source file" in configured(project, text).out
    assert configured(project, text, "service/good.c", "old/good.py").code == 1
    assert f"old/good.py{PYTHON_DEFECT}" not in configured(project, text, "old").out


def test_exclude_counts_in_a_repository_inside_another(project: Path) -> None:
    write(project / "service" / ".git" / "HEAD", "ref: refs/heads/main\n")
    assert configured(project, 'exclude = ["good.c"]\n').code == 0


def test_rules_can_be_ignored_by_path(project: Path) -> None:
    write(project / "new" / "good.c", SERVICE.replace("service_main", "other_main"))
    code, out, _ = configured(project, '[per-path-ignores]\n"new/**" = ["SZUI001"]\n')
    assert code == 1
    assert f"service/good.c{DEFECT}" in out
    assert f"new/good.c{DEFECT}" not in out


def test_rule_to_ignore_by_path_may_be_one_that_does_not_run(project: Path) -> None:
    text = '[per-path-ignores]\n"**" = ["SZUI001"]\n'
    assert configured(project, text, "--select", "SZNAME").code == 0


def test_patterns_speak_of_the_folder_of_the_file(project: Path) -> None:
    write(project / "service" / "sessionzero.toml", 'exclude = ["/good.c"]\n')
    assert call(project, "check", "service").code == 0
    write(project / "service" / "sessionzero.toml", 'exclude = ["/service/"]\n')
    assert call(project, "check", "service").code == 1


@pytest.mark.parametrize("command", ["check", "components"])
def test_own_functions_are_known(command: str, project: Path) -> None:
    write(project / "service" / "good.c", SERVICE.replace("MessageBoxW(NULL,", "AcmeAlert(0,"))
    entry = '[[apis]]\nrole = "message-box"\nfunctions = ["AcmeAlert(_, text)"]\n'
    assert configured(project, "").code == 0
    assert configured(project, entry).code == 1
    write(project / "sessionzero.toml", entry.replace("role", "rule"))
    code, _, err = call(project, command)
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith(
        "sessionzero: sessionzero.toml: apis[1]: no key 'rule'; did you mean 'role'?"
    )


# --- how it is refused ---

REFUSED: Mapping[str, tuple[str, str]] = {
    "no-toml": ("services = [", "sessionzero.toml: is not TOML: "),
    "unknown-key": ("colour = true", "no key 'colour'; there are services, clients, exclude, "),
    "misspelled-key": ('servces = ["x"]', "no key 'servces'; did you mean 'services'?"),
    "underscore": ("fail_on = 'error'", "no key 'fail_on'; did you mean 'fail-on'?"),
    "text-for-a-list": ("services = 'x'", "'services' must be a list of patterns, such as ["),
    "number-in-a-list": ("clients = [1]", "'clients' must be a list of patterns, such as ["),
    "list-for-a-text": ("fail-on = []", '\'fail-on\' must be one of "error", "warning"'),
    "unknown-level": ("fail-on = 'fatal'", '\'fail-on\' must be one of "error", "warning"'),
    "text-for-a-bool": ("assume-service = 'yes'", "'assume-service' must be true or false"),
    "list-for-a-table": ("per-path-ignores = []", "'per-path-ignores' must be a table of"),
    "text-in-a-table": ("per-path-ignores = {x = 'y'}", "'per-path-ignores' must be a table of"),
    "table-for-a-list": ("apis = {role = 'dialog'}", "'apis' must be a list of tables, each under"),
    "number-in-a-table": ("per-path-ignores = {x = [1]}", "'per-path-ignores' must be a table of"),
    "unknown-rule": ("select = ['SZXX']", "'select': no rule is called 'SZXX'; there are SZ"),
    "unknown-rule-to-ignore": ("ignore = ['box']", "'ignore': no rule is called 'box'; there"),
    "unknown-rule-by-path": (
        "per-path-ignores = {x = ['SZUI1']}",
        "'per-path-ignores': no rule is called 'SZUI1'; there are SZ",
    ),
    "bad-pattern": ("exclude = ['a[']", "'exclude': 'a[' matches nothing; write a pattern as in"),
    "empty-pattern": ("services = ['']", "'services': '' matches nothing; write a pattern"),
    "comment": ("clients = ['# x']", "'clients': '# x' matches nothing; write a pattern"),
    "bad-pattern-of-rules": ("per-path-ignores = {'[' = []}", "'[' matches nothing; write a"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("name", ["sessionzero.toml", "pyproject.toml"])
def test_bad_configuration_is_refused_in_a_sentence(case: str, name: str, project: Path) -> None:
    text, message = REFUSED[case]
    head = "[tool.sessionzero]\n" if name == "pyproject.toml" else ""
    write(project / name, head + text + "\n")
    code, out, err = call(project, "check")
    assert (code, out) == (2, "")
    assert err.startswith(f"sessionzero: {name}: ")
    assert message.removeprefix("sessionzero.toml: ") in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config", "gone.toml"], "gone.toml: there is no such file"),
        (["--config", "service"], "service: there is no such file"),
        (["--config", "pyproject.toml"], "there is no table [tool.sessionzero] in it"),
        (["--config", "x.toml", "--isolated"], "--isolated forbids it; give one"),
    ],
)
@pytest.mark.parametrize("command", ["check", "components"])
def test_wrong_use_of_the_options(
    command: str, arguments: list[str], message: str, project: Path
) -> None:
    write(project / "pyproject.toml", "[project]\nname = 'x'\n")
    code, out, err = call(project, command, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "is not TOML: "),
        (b"#" * (1 << 21), "is larger than 1 MiB"),
        (b"x = " + b"[" * 100_000, "is not TOML"),
    ],
    ids=["binary", "large", "deep"],
)
def test_hostile_file_is_refused(content: bytes, message: str, project: Path) -> None:
    write(project / "sessionzero.toml", content)
    code, _, err = call(project, "check")
    assert (code, message in err, err.count("\n")) == (2, True, 1)


def test_tool_that_is_no_table_is_none_of_ours(project: Path) -> None:
    write(project / "pyproject.toml", "tool = 'sessionzero'\n")
    assert call(project, "check").code == 1
    write(project / "pyproject.toml", "[tool]\nsessionzero = 1\n")
    assert "'tool.sessionzero' must be a table" in call(project, "check").err


def test_every_key_is_explained() -> None:
    assert set(WANTED) == {name.replace("_", "-") for name in Settings.__struct_fields__}
