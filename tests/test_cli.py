"""What the command line takes, what it says, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

import sessionzero
from commands import (
    PYTHON_SERVICE,
    SERVICE,
    call,
    write,
)
from programs import PAGES, RULES
from sessionzero.cli.commands import main
from sessionzero.reporters import REPORTERS

LIBRARY = 'void open_it(void) { CreateEventW(0, 0, 0, L"ready"); }\n'
NOTHING = "int answer(void) { return 42; }\n"
# A note (no service entry), a warning (a bare name in a service), an error.
SHARES = SERVICE.replace("    MessageBoxW", '    CreateEventW(0, 0, 0, L"ready");\n    MessageBoxW')
WARNS = "\n".join(line for line in SHARES.split("\n") if "MessageBox" not in line)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the service in ``service.c``."""
    write(tmp_path / "service.c", SERVICE)
    return tmp_path


# --- exit codes ---


@pytest.mark.parametrize(
    ("source", "level", "code"),
    [
        (SERVICE, "error", 1),
        (SERVICE, "warning", 1),
        (SERVICE, "note", 1),
        (SERVICE, "never", 0),
        (WARNS, "error", 0),
        (WARNS, "warning", 1),
        (WARNS, "note", 1),
        (LIBRARY, "warning", 0),
        (LIBRARY, "note", 1),
        (LIBRARY, "never", 0),
        (NOTHING, "note", 0),
    ],
)
def test_exit_code_follows_the_worst_finding(
    source: str, level: str, code: int, tmp_path: Path
) -> None:
    write(tmp_path / "service.c", source)
    assert call(tmp_path, "check", "--fail-on", level).code == code


def test_without_a_wish_a_warning_fails_and_a_note_is_shown(tmp_path: Path) -> None:
    write(tmp_path / "service.c", WARNS)
    assert call(tmp_path, "check").code == 1
    write(tmp_path / "service.c", LIBRARY)
    code, out, _ = call(tmp_path, "check")
    assert (code, ": note: " in out) == (0, True)


MISUSES = {
    "unknown-option": (["check", "--frobnicate"], "No such option '--frobnicate'"),
    "unknown-command": (["frobnicate"], "No such command 'frobnicate'"),
    "unknown-format": (
        ["check", "--format", "xml"],
        "'xml' is not one of 'text', 'sarif', 'json', ",
    ),
    "also-nothing": (["check", "--also", "sarif"], "'sarif' is not of the form FORMAT=FILE"),
    "also-no-file": (["check", "--also", "sarif="], "'sarif=' is not of the form FORMAT=FILE"),
    "also-unknown": (["check", "--also", "xml=a.xml"], "the formats are text, sarif, json, "),
    "no-category": (["check", "--category", " / "], "it is empty; give a name"),
    "unknown-level": (["check", "--fail-on", "fatal"], "'fatal' is not one of 'error', 'warning'"),
    "unknown-rule": (
        ["check", "--select", "SZUI001,SZXX001"],
        "no rule is called 'SZXX001'; there are SZACL001, ",
    ),
    "unknown-rule-to-ignore": (["check", "--ignore", "box"], "no rule is called 'box'; there are"),
    "no-rule-left": (["check", "--ignore", "SZ"], "no rule is left to check; select more, or"),
    "negative-jobs": (["check", "--jobs", "-1"], "-1 is not in the range x>=0"),
    "no-such-path": (["check", "nowhere"], "nowhere: there is no such file or folder"),
    "empty-path": (["check", ""], "an empty path names nothing; leave it out, or write '.'"),
    "option-as-path": (["check", "--", "--x"], "--x: there is no such file or folder"),
    "explain-nothing": (["explain"], "Missing argument 'RULE'"),
    "explain-two-things": (
        ["explain", "SZUI001", "--sddl", "D:"],
        "Missing argument 'RULE', or '--sddl'; give one of the two.",
    ),
    "explain-kind-alone": (["explain", "SZUI001", "--kind", "pipe"], "--kind says what --sddl is"),
    "explain-unknown-kind": (
        ["explain", "--sddl", "D:", "--kind", "door"],
        "no kind of object is 'door'; there are object, event, mutex, ",
    ),
    "explain-invalid-sddl": (
        ["explain", "--sddl", "D:(A;;GX1;;;WD)"],
        "`1` is no right, so Windows refuses the descriptor\n  D:(A;;GX1;;;WD)\n          ^\n",
    ),
    "explain-unknown": (
        ["explain", "SZXX001"],
        "no rule is called 'SZXX001'; 'sessionzero rules' lists them",
    ),
    "explain-group": (
        ["explain", "szui"],
        "no rule is called 'szui'; did you mean SZUI001, SZUI002,",
    ),
}


@pytest.mark.parametrize("case", MISUSES)
def test_wrong_use_says_what_is_wrong_and_what_would_be_right(case: str, project: Path) -> None:
    arguments, message = MISUSES[case]
    code, out, err = call(project, *arguments)
    assert (code, out) == (2, "")
    assert message in err


# --- which findings ---


@pytest.mark.parametrize(
    ("arguments", "rules"),
    [
        ([], {"SZUI001", "SZNAME001"}),
        (["--select", "SZUI001"], {"SZUI001"}),
        (["--select", "szui001"], {"SZUI001"}),
        (["--select", "message-box-in-service"], {"SZUI001"}),
        (["--select", "SZNAME"], {"SZNAME001"}),
        (["--select", "SZMSG"], set()),
        (["--select", "SZMSG, SZUI"], {"SZUI001"}),
        (["--select", "SZMSG", "--select", "SZUI,SZNAME"], {"SZUI001", "SZNAME001"}),
        (["--ignore", "SZUI001"], {"SZNAME001"}),
        (["--ignore", "message-box-in-service,SZNAME"], set()),
        (["--select", "SZUI,SZNAME", "--ignore", "SZNAME001"], {"SZUI001"}),
    ],
    ids=lambda words: " ".join(sorted(words) if isinstance(words, set) else words),
)
def test_rules_are_chosen_by_id_name_and_group(
    arguments: list[str], rules: set[str], tmp_path: Path
) -> None:
    write(tmp_path / "service.c", SHARES)
    report = json.loads(call(tmp_path, "check", "--format", "json", *arguments).out)
    assert {finding["rule"] for finding in report["findings"]} == rules


def test_assumed_services_need_no_entry(tmp_path: Path) -> None:
    write(tmp_path / "library.c", "void warn(void) { MessageBoxW(0, 0, 0, 0); }\n")
    code, out, _ = call(tmp_path, "check")
    assert (code, "No findings" in out, "add --assume-service" in out) == (0, True, True)
    code, out, _ = call(tmp_path, "check", "--assume-service")
    assert (code, "library.c:1:19: error: " in out) == (1, True)


def test_folder_without_source_says_so(tmp_path: Path) -> None:
    write(tmp_path / "readme.txt", "")
    code, out, _ = call(tmp_path, "check")
    assert (code, out) == (0, "No C, C++ or Python source file was found here.\n")


# --- which files ---


def headlines(out: str) -> list[str]:
    """The places of the findings in a text report."""
    return re.findall(r"^(.+?:\d+:\d+): (?:error|warning|note): .*\[SZ", out, re.MULTILINE)


def test_files_and_folders_can_be_named_together(tmp_path: Path) -> None:
    write(tmp_path / "a.c", SERVICE)
    write(tmp_path / "b.py", PYTHON_SERVICE)
    write(tmp_path / "folder/deep/c.cpp", SERVICE)
    write(tmp_path / "other/d.c", SERVICE)
    code, out, _ = call(tmp_path, "check", "folder", "b.py", "a.c", "folder/deep/c.cpp")
    assert (code, headlines(out)) == (1, ["a.c:8:5", "b.py:7:9", "folder/deep/c.cpp:8:5"])


def test_named_file_is_analysed_even_if_git_ignores_it(project: Path) -> None:
    write(project / ".gitignore", "*.c\n")
    assert call(project, "check").code == 0
    assert headlines(call(project, "check", "service.c").out) == ["service.c:8:5"]


def test_paths_are_shown_from_where_the_user_stands(tmp_path: Path) -> None:
    write(tmp_path / "project/src/service.c", SERVICE)
    write(tmp_path / "elsewhere/empty.c", "")
    project = tmp_path / "project"
    assert headlines(call(project, "check").out) == ["src/service.c:8:5"]
    assert headlines(call(project / "src", "check").out) == ["service.c:8:5"]
    assert headlines(call(project / "src", "check", "..").out) == ["../src/service.c:8:5"]
    outside = call(tmp_path / "elsewhere", "check", str(project)).out
    assert headlines(outside) == ["../project/src/service.c:8:5"]


# --- where the report goes ---


def test_formats_are_those_that_there_are() -> None:
    option = next(it for it in main.commands["check"].params if it.name == "form")
    assert isinstance(option.type, click.Choice)
    assert {*option.type.choices} == {*REPORTERS}


@pytest.mark.parametrize("form", REPORTERS)
def test_report_in_a_new_folder_is_the_one_on_standard_output(form: str, project: Path) -> None:
    shown = call(project, "check", "--format", form)
    code, out, err = call(project, "check", "--format", form, "--output", "new/folder/report")
    assert (shown.code, code, out, err) == (1, 1, "", "")
    assert (project / "new/folder/report").read_bytes() == shown.out.encode()


def test_further_reports_are_of_the_same_run(project: Path) -> None:
    shown = call(project, "check", "--category", "agent")
    also = [f"--also={form}=new/{form}" for form in REPORTERS]
    assert call(project, "check", "--category", "agent", *also) == shown
    for form in REPORTERS:
        alone = call(project, "check", "--category", "agent", "--format", form)
        assert (project / "new" / form).read_bytes() == alone.out.encode()


def test_a_further_report_that_cannot_be_written_is_wrong_use(project: Path) -> None:
    code, out, err = call(project, "check", "--also", "json=service.c/report")
    assert (code, out) == (2, "")
    assert "service.c/report: can't write the report: " in err


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ((), "sessionzero/"),
        (("--category", "agent"), "agent/"),
        (("--category", "agent/x64/"), "agent/x64/"),
    ],
)
def test_the_category_is_the_id_of_the_sarif_run(
    arguments: tuple[str, ...], written: str, project: Path
) -> None:
    (run,) = json.loads(call(project, "check", "--format", "sarif", *arguments).out)["runs"]
    assert run["automationDetails"] == {"id": written}


def test_minus_as_output_is_standard_output(project: Path) -> None:
    assert call(project, "check", "--output", "-") == call(project, "check")
    assert not (project / "-").exists()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("service.c/report", "service.c/report: can't write the report: "),
        (".", "'.' is a directory"),
        (f"{'n' * 300}", "n: can't write the report: File name too long"),
    ],
    ids=["in-a-file", "folder", "name-too-long"],
)
def test_output_that_cannot_be_written_is_wrong_use(
    output: str, message: str, project: Path
) -> None:
    code, out, err = call(project, "check", "--output", output)
    assert (code, out) == (2, "")
    assert message in err


# --- help ---


@pytest.mark.parametrize("name", sorted(main.commands))
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_of_each_command_shows_examples(name: str, flag: str, tmp_path: Path) -> None:
    code, out, _ = call(tmp_path, name, flag)
    assert code == 0
    assert out.startswith(f"Usage: sessionzero {name} ")
    assert f"\n  sessionzero {name}" in out


def test_help_names_all_commands(tmp_path: Path) -> None:
    code, out, _ = call(tmp_path, "--help")
    assert (code, "\n  sessionzero check  " in out) == (0, True)
    assert set(re.findall(r"^  ([\w-]+)  ", out.partition("Commands:")[2], re.MULTILINE)) == {
        *main.commands
    }


def test_version_is_that_of_the_package(tmp_path: Path) -> None:
    assert call(tmp_path, "--version") == (0, f"sessionzero {sessionzero.__version__}\n", "")


@pytest.mark.parametrize("word", ["SZUI001", "szui001", "message-box-in-service"])
def test_explain_prints_the_page(word: str, tmp_path: Path) -> None:
    (rule,) = (rule for rule in RULES if rule.id == "SZUI001")
    code, out, err = call(tmp_path, "explain", word)
    title, _, prose = out.partition(
        "\n\nSZUI001 message-box-in-service · error · c, c++, python · "
    )
    assert (code, title, err) == (0, f"# {rule.title}", "")
    assert rule.markdown.endswith(prose.partition("\n")[2])
    assert "## Remedy" in prose
    assert "```toml" not in out


def test_explain_says_a_descriptor_in_words(tmp_path: Path) -> None:
    sddl = "O:BAD:P(A;;0x12019b;;;IU)(A;OICIIO;GA;;;SY)S:(ML;;NW;;;LW)(AU;FA;GA;;;WD)"
    assert call(tmp_path, "explain", "--sddl", sddl, "--kind", "pipe") == (
        0,
        "Users who log on locally may read and write; low-integrity programs may write.\n\n"
        "  O:BA                  owner: Administrators\n"
        "  D:(A;;0x12019b;;;IU)  users who log on locally may read and write\n"
        "    (A;OICIIO;GA;;;SY)  SYSTEM may do everything (only with what is created inside)\n"
        "  S:(ML;;NW;;;LW)       low-integrity programs may write\n"
        "    (AU;FA;GA;;;WD)     uses are logged\n",
        "",
    )


def test_rules_are_listed_a_line_each(tmp_path: Path) -> None:
    code, out, _ = call(tmp_path, "rules")
    lines = out.splitlines()
    assert (code, [line.split()[:3] for line in lines]) == (
        0,
        [[rule.id, rule.name, rule.level] for rule in PAGES],
    )
    assert all(line.endswith(rule.title) for line, rule in zip(lines, PAGES, strict=True))


def test_rules_are_listed_for_programs(tmp_path: Path) -> None:
    code, out, _ = call(tmp_path, "rules", "--format", "json")
    listed = [(rule["id"], rule["name"], rule["title"]) for rule in json.loads(out)]
    assert (code, listed) == (0, [(rule.id, rule.name, rule.title) for rule in PAGES])
