"""How a run behaves: on terminals and pipes, when interrupted, again, and what it loads."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commands import (
    DEFECT,
    PYTHON_DEFECT,
    PYTHON_SERVICE,
    SERVICE,
    call,
    command,
    environment,
    spawn,
    start,
    write,
)
from sessionzero.reporters import REPORTERS

WAITS = '    CreateEventW(NULL, FALSE, FALSE, L"ready");\n    Mess'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the service in ``service.c``."""
    write(tmp_path / "service.c", SERVICE)
    return tmp_path


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
    write(tmp_path / "names/shares.c", SERVICE.replace("    Mess", WAITS))
    write(tmp_path / "python/service.py", PYTHON_SERVICE)
    write(tmp_path / "python/broken.py", "import win32serviceutil\nprint 'x' ]\n")
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


# --- shell completion ---

COMPLETE = "_SESSIONZERO_COMPLETE"


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("sessionzero ch", {"check"}),
        ("sessionzero check --form", {"--format"}),
        ("sessionzero check --format s", {"sarif"}),
    ],
)
def test_a_shell_completes_commands_options_and_words(
    words: str, completed: set[str], project: Path
) -> None:
    number = str(len(words.split()) - 1)
    asked = {COMPLETE: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": number}
    done = start(project, **asked)
    assert (done.returncode, done.stderr) == (0, b"")
    assert {line.partition(",")[2] for line in done.stdout.decode().splitlines()} == completed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_the_one_of_the_readme(shell: str, project: Path) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert f"{COMPLETE}={shell}_source sessionzero" in readme
    script = start(project, **{COMPLETE: f"{shell}_source"}).stdout.decode()
    assert f"{COMPLETE}={shell}_complete" in script


# --- what is loaded ---

LIST_MODULES = """\
import sys
from sessionzero.cli.commands import run
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
    assert "sessionzero.cli.commands" in modules
    assert not modules & {*HEAVY, "sqlite3", "sessionzero.engine", "sessionzero.reporters.sarif"}


def test_no_parser_is_loaded_for_files_that_cannot_matter(tmp_path: Path) -> None:
    write(tmp_path / "a.c", "int answer(void) { return 42; }\n")
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


# --- nothing of what is judged is run ---

# What Python or a tool would import or run by itself if it looked into the scanned folder.
OWN_CODE = ("tomllib.py", "msgspec.py", "click.py", "setup.py", "conftest.py", "sitecustomize.py")


@pytest.mark.parametrize("arguments", [["check"], ["components"], ["check", "good.py"]])
def test_no_code_of_the_scanned_folder_runs(arguments: list[str], tmp_path: Path) -> None:
    trap = "open(__file__ + '.ran', 'w')\n"
    write(tmp_path / "good.py", PYTHON_SERVICE + trap)
    write(tmp_path / "sessionzero.toml", 'services = ["*.py"]\n')
    for name in OWN_CODE:
        write(tmp_path / name, trap)
    outcome = spawn(tmp_path, *arguments)
    assert "good.py" in outcome.out
    assert sorted(path.name for path in tmp_path.glob("**/*.ran")) == []
