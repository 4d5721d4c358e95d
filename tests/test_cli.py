"""What the command line takes, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sessionzero
from commands import (
    DEFECT,
    PYTHON_DEFECT,
    PYTHON_SERVICE,
    SERVICE,
    call,
    command,
    environment,
    spawn,
    write,
)
from programs import RULES
from sessionzero.cli import main
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
    "unknown-format": (["check", "--format", "xml"], "'xml' is not one of 'text', 'sarif', 'json'"),
    "unknown-level": (["check", "--fail-on", "fatal"], "'fatal' is not one of 'error', 'warning'"),
    "unknown-rule": (
        ["check", "--select", "SZUI001,SZXX001"],
        "no rule is called 'SZXX001'; there are SZFLAG001, ",
    ),
    "unknown-rule-to-ignore": (["check", "--ignore", "box"], "no rule is called 'box'; there are"),
    "no-rule-left": (["check", "--ignore", "SZ"], "no rule is left to check; select more, or"),
    "negative-jobs": (["check", "--jobs", "-1"], "-1 is not in the range x>=0"),
    "no-such-path": (["check", "nowhere"], "nowhere: there is no such file or folder"),
    "empty-path": (["check", ""], "an empty path names nothing; leave it out, or write '.'"),
    "option-as-path": (["check", "--", "--x"], "--x: there is no such file or folder"),
    "explain-nothing": (["explain"], "Missing argument 'RULE'"),
    "explain-unknown": (
        ["explain", "SZXX001"],
        "no rule is called 'SZXX001'; 'sessionzero rules' lists them",
    ),
    "explain-group": (
        ["explain", "szui"],
        "no rule is called 'szui'; did you mean SZUI001, SZUI002, SZUI003, SZUI004?",
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
    ids=" ".join,
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
    assert {*option.type.to_info_dict()["choices"]} == {*REPORTERS}


@pytest.mark.parametrize("form", REPORTERS)
def test_report_in_a_new_folder_is_the_one_on_standard_output(form: str, project: Path) -> None:
    shown = call(project, "check", "--format", form)
    code, out, err = call(project, "check", "--format", form, "--output", "new/folder/report")
    assert (shown.code, code, out, err) == (1, 1, "", "")
    assert (project / "new/folder/report").read_bytes() == shown.out.encode()


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
    assert set(re.findall(r"^  (\w+)  ", out.partition("Commands:")[2], re.MULTILINE)) == {
        *main.commands
    }


def test_version_is_that_of_the_package(tmp_path: Path) -> None:
    assert call(tmp_path, "--version") == (0, f"sessionzero {sessionzero.__version__}\n", "")


@pytest.mark.parametrize("word", ["SZUI001", "szui001", "message-box-in-service"])
def test_explain_prints_the_page(word: str, tmp_path: Path) -> None:
    (rule,) = (rule for rule in RULES if rule.id == "SZUI001")
    assert call(tmp_path, "explain", word) == (0, rule.markdown, "")


def test_rules_are_listed_a_line_each(tmp_path: Path) -> None:
    code, out, _ = call(tmp_path, "rules")
    lines = out.splitlines()
    assert (code, [line.split()[:3] for line in lines]) == (
        0,
        [[rule.id, rule.name, rule.level] for rule in RULES],
    )
    assert all(line.endswith(rule.title) for line, rule in zip(lines, RULES, strict=True))


def test_rules_are_listed_for_programs(tmp_path: Path) -> None:
    code, out, _ = call(tmp_path, "rules", "--format", "json")
    listed = [(rule["id"], rule["name"], rule["title"]) for rule in json.loads(out)]
    assert (code, listed) == (0, [(rule.id, rule.name, rule.title) for rule in RULES])


# --- terminals and pipes ---


needs_pty = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
ESCAPE = "\x1b["


def on_terminal(folder: Path, *arguments: str, stream: str = "stdout", **more: str) -> str:
    """What the command writes on a stream that is a terminal."""
    master, slave = os.openpty()
    with subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=environment(folder, **more),
        stdout=slave if stream == "stdout" else subprocess.DEVNULL,
        stderr=slave if stream == "stderr" else subprocess.DEVNULL,
    ):
        os.close(slave)
        return read_all(master)


def read_all(master: int) -> str:
    """What comes out of a pseudo-terminal until its last user closes it."""
    parts = []
    try:
        while part := os.read(master, 65_536):
            parts.append(part)
    except OSError:  # how Linux says that nobody is left on the other side
        pass
    finally:
        os.close(master)
    return b"".join(parts).decode()


@needs_pty
@pytest.mark.parametrize(
    ("arguments", "more", "colours"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
        (["--no-color"], {}, False),
        (["--color"], {"NO_COLOR": "1"}, True),
        (["--format", "sarif"], {}, False),
    ],
    ids=["plain", "NO_COLOR", "empty-NO_COLOR", "dumb", "--no-color", "--color", "sarif"],
)
def test_terminal_shows_colours_unless_they_are_unwanted(
    arguments: list[str], more: dict[str, str], colours: bool, project: Path
) -> None:
    shown = on_terminal(project, "check", *arguments, **more)
    assert "service.c" in shown
    assert (ESCAPE in shown) == colours


@pytest.mark.parametrize(("arguments", "colours"), [((), False), (("--color",), True)])
def test_pipe_and_file_show_colours_only_if_asked(
    arguments: tuple[str, ...], colours: bool, project: Path
) -> None:
    assert (ESCAPE in spawn(project, "check", *arguments).out) == colours
    call(project, "check", *arguments, "--output", "report.txt")
    assert (ESCAPE in (project / "report.txt").read_text("utf-8")) == colours


@needs_pty
def test_terminal_of_few_letters_gets_the_report_all_the_same(tmp_path: Path) -> None:
    write(tmp_path / "日本.c", SERVICE)
    shown = on_terminal(tmp_path, "check", "--no-color", PYTHONIOENCODING="ascii")
    assert f"??.c{DEFECT}" in shown
    assert shown.isascii()


def many_files(folder: Path, count: int, size: int) -> None:
    """The service and so many other files of about that many bytes, enough to take a while."""
    write(folder / "service.c", SERVICE)
    for number in range(count):
        functions = (f"int f{number}_{n}(void) {{ return {n}; }}\n" for n in range(size // 32))
        write(folder / f"part{number:03}.c", "".join(functions))


@needs_pty
def test_progress_is_shown_on_a_terminal_and_wiped_out(tmp_path: Path) -> None:
    many_files(tmp_path, 230, 50)
    shown = on_terminal(tmp_path, "check", stream="stderr")
    assert "\rparsing 32 of 231 files" in shown
    assert re.search(r"\rparsing 231 of 231 files\r +\r$", shown)


@needs_pty
def test_progress_is_not_shown_when_a_run_is_short(project: Path) -> None:
    assert on_terminal(project, "check", stream="stderr") == ""


def test_progress_is_not_shown_in_a_pipe(tmp_path: Path) -> None:
    many_files(tmp_path, 230, 50)
    assert spawn(tmp_path, "check").err == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["check"], 1), (["check", "--format", "sarif"], 1), (["explain", "SZUI001"], 0)],
)
def test_reader_that_has_gone_changes_nothing(
    arguments: list[str], code: int, project: Path
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command(*arguments),
        cwd=project,
        env=environment(project),
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_full_disk_behind_standard_output_is_no_bug_of_ours(project: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command("check"),
            cwd=project,
            env=environment(project),
            stdout=full,
            stderr=subprocess.PIPE,
        )
    message = b"sessionzero: standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, message)


@needs_pty
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt_ends_the_run_quietly(jobs: str, tmp_path: Path) -> None:
    many_files(tmp_path, 260, 5_000)
    master, slave = os.openpty()
    with subprocess.Popen(
        command("check", "--no-cache", "--jobs", jobs),
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=slave,
        start_new_session=True,  # a group of processes that gets the signal, as from a terminal
    ) as process:
        os.close(slave)
        first = os.read(master, 100).decode()
        os.killpg(process.pid, signal.SIGINT)
        rest = read_all(master)
        assert process.stdout is not None
        assert process.stdout.read() == b""
    assert first.startswith("\rparsing ")
    assert "Traceback" not in rest
    assert "of 261 files" not in rest.rpartition("\r")[2]
    assert process.returncode == 130


# --- the same bytes on every run ---


def parallel(folder: Path) -> None:
    """Files that are parsed in several processes if the cache doesn't know them."""
    many_files(folder, 40, 1_000)
    write(folder / "long.c", "// a comment\n" * 80_000)


@pytest.mark.parametrize("form", REPORTERS)
def test_report_is_the_same_with_any_seed_jobs_and_cache(form: str, tmp_path: Path) -> None:
    parallel(tmp_path)
    write(tmp_path / "names/shares.c", SHARES)
    write(tmp_path / "python/service.py", PYTHON_SERVICE)
    write(tmp_path / "python/broken.py", "import win32serviceutil\nprint 'x'\n")
    runs = [
        (["--no-cache", "--jobs", "1"], "0"),
        (["--no-cache", "--jobs", "2"], "1"),
        (["--jobs", "2"], "2"),  # fills the cache
        (["--jobs", "1"], "3"),  # reads it
    ]
    outcomes = {
        spawn(tmp_path, "check", "--format", form, *options, PYTHONHASHSEED=seed)
        for options, seed in runs
    }
    assert len(outcomes) == 1
    (outcome,) = outcomes
    assert outcome.code == 1
    assert all(name in outcome.out for name in ("service.c", "shares.c", "broken.py"))


def test_second_run_parses_nothing(tmp_path: Path) -> None:
    many_files(tmp_path, 3, 100)
    write(tmp_path / "service.py", PYTHON_SERVICE)
    first = loaded(tmp_path, "check")
    assert {"tree_sitter", "libcst"} <= first
    assert not {"tree_sitter", "libcst"} & loaded(tmp_path, "check")


# --- what is loaded ---

LIST_MODULES = """\
import sys
from sessionzero.cli import run
try:
    run(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""
HEAVY = {"libcst", "tree_sitter", "tree_sitter_c", "concurrent.futures.process", "multiprocessing"}


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules in memory when the command ends."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES, *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
    )
    return set(done.stderr.decode().split())


def test_nothing_is_loaded_to_say_the_version(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "--version")
    assert "sessionzero.cli" in modules
    assert not modules & {*HEAVY, "sqlite3", "sessionzero.engine", "sessionzero.reporters.sarif"}


def test_no_parser_is_loaded_for_files_that_cannot_matter(tmp_path: Path) -> None:
    write(tmp_path / "a.c", NOTHING)
    write(tmp_path / "b.py", "import os\nprint(os.name)\n")
    modules = loaded(tmp_path, "check")
    assert "sessionzero.program" in modules
    assert not modules & HEAVY


def test_several_processes_are_used_only_if_wanted(tmp_path: Path) -> None:
    parallel(tmp_path)
    for jobs, several in (("1", False), ("2", True)):
        modules = loaded(tmp_path, "check", "--no-cache", "--jobs", jobs)
        assert ("concurrent.futures.process" in modules) == several


@pytest.mark.parametrize(
    ("name", "source", "parsers"),
    [
        ("a.c", SERVICE, {"tree_sitter", "tree_sitter_c"}),
        ("a.cpp", SERVICE, {"tree_sitter", "tree_sitter_cpp"}),
        ("a.py", PYTHON_SERVICE, {"libcst"}),
    ],
)
def test_only_the_parser_that_a_file_needs_is_loaded(
    name: str, source: str, parsers: set[str], tmp_path: Path
) -> None:
    write(tmp_path / name, source)
    all_parsers = {"tree_sitter", "tree_sitter_c", "tree_sitter_cpp", "libcst"}
    modules = loaded(tmp_path, "check")
    assert modules & all_parsers == parsers
    assert "concurrent.futures.process" not in modules


@pytest.mark.parametrize(
    ("name", "source", "defect"),
    [("a.c", SERVICE, DEFECT), ("a.cpp", SERVICE, DEFECT), ("a.py", PYTHON_SERVICE, PYTHON_DEFECT)],
)
def test_module_run_by_python_is_the_command(
    name: str, source: str, defect: str, tmp_path: Path
) -> None:
    write(tmp_path / name, source)
    code, out, err = spawn(tmp_path, "check")
    assert (code, err) == (1, "")
    assert f"{name}{defect}" in out
