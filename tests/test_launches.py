"""What a launch starts, and whether it says that no window is meant."""

from __future__ import annotations

import pytest

from linking import Files, link, the_call
from sessionzero.link.names.sites import Site
from sessionzero.program import Program
from sessionzero.uses.launches import LAUNCH, commands_of, means_no_window, split_command

C = "#include <windows.h>\nvoid f(wchar_t *unknown)\n{\n%s\n}\n"
PYTHON = "import os\nimport subprocess\nimport sys\ndef f(unknown):\n    %s\n"


def the_launch(program: Program) -> Site:
    (site,) = program.sites(LAUNCH)
    return site


def launch(file: str, body: str) -> tuple[Program, Site]:
    text = (PYTHON if file.endswith(".py") else C) % body
    program = link({file: text})
    return program, the_launch(program)


def ran(file: str, body: str) -> list[tuple[str, str]]:
    return [(command.program, command.rest) for command in commands_of(*launch(file, body))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("notepad", ("notepad", "")),
        ("  notepad.exe a.txt ", ("notepad.exe", "a.txt")),
        ('"C:\\My Tools\\t.exe" /a', ("C:\\My Tools\\t.exe", "/a")),
        (r"C:\\My Tools\\t.exe /a b", (r"C:\\My Tools\\t.exe", "/a b")),
        ("", ("", "")),
    ],
)
def test_the_program_of_a_command_line(text: str, expected: tuple[str, str]) -> None:
    assert split_command(text) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            r'CreateProcessW(L"C:\\x\\Tool.exe", L"tool /a", 0, 0, 0, 0, 0, 0, 0, 0);',
            [("tool", "tool /a")],
        ),
        ('CreateProcessW(NULL, L"tool.exe /a", 0, 0, 0, 0, 0, 0, 0, 0);', [("tool", "/a")]),
        ('system("start \\"Title\\" /min notepad a.txt");', [("notepad", "a.txt")]),
        ('system("cmd.exe /c start notepad");', [("notepad", "")]),
        ('WinExec("cmd /s /c \\"tool x\\"", 0);', [("tool", "x")]),
        ('WinExec("start notepad", 0);', [("start", "notepad")]),
        (
            'WinExec("rundll32 shell32.dll,Control_RunDLL", 0);',
            [("rundll32", "shell32.dll,Control_RunDLL")],
        ),
        ("CreateProcessW(unknown, unknown, 0, 0, 0, 0, 0, 0, 0, 0);", []),
        (
            r'wchar_t b[9]; swprintf(b, 9, L"%s\\tool.exe /a", unknown); WinExec(b, 0);',
            [("tool", "/a")],
        ),
    ],
)
def test_commands_in_c(body: str, expected: list[tuple[str, str]]) -> None:
    assert ran("a.c", body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('subprocess.run(["Tool.EXE", "-a", unknown])', [("tool", "-a")]),
        ('c = ["tool"]\n    c.append(unknown)\n    subprocess.run(c)', [("tool", "")]),
        ('subprocess.run("tool -a")', [("tool", "-a")]),
        ('subprocess.run("start tool", shell=True)', [("tool", "")]),
        ('subprocess.run("start tool")', [("start", "tool")]),
        ('os.system("start https://localhost/a")', [("https://localhost/a", "")]),
        ('subprocess.run([os.path.join(unknown, "tool.exe")])', [("tool", "")]),
        ("subprocess.run([unknown])", []),
        ("subprocess.run(unknown)", []),
        ("subprocess.run(args=[])", []),
    ],
)
def test_commands_in_python(body: str, expected: list[tuple[str, str]]) -> None:
    assert ran("a.py", body) == expected


HIDDEN = {
    "flag": ("a.c", "CreateProcessW(0, 0, 0, 0, 0, CREATE_NO_WINDOW | 4, 0, 0, 0, 0);", True),
    "detached": ("a.c", "CreateProcessW(0, 0, 0, 0, 0, DETACHED_PROCESS, 0, 0, 0, 0);", True),
    "other-flag": ("a.c", "CreateProcessW(0, 0, 0, 0, 0, CREATE_NEW_CONSOLE, 0, 0, 0, 0);", False),
    "winexec-hide": ("a.c", 'WinExec("x", SW_HIDE);', True),
    "winexec-show": ("a.c", 'WinExec("x", SW_SHOW);', False),
    "startup-hide": (
        "a.c",
        "STARTUPINFOW s = {sizeof s}; s.dwFlags = STARTF_USESHOWWINDOW; s.wShowWindow = SW_HIDE;"
        "CreateProcessW(0, 0, 0, 0, 0, 0, 0, 0, &s, 0);",
        True,
    ),
    "startup-zeroed": (
        "a.c",
        "STARTUPINFOW s = {sizeof s}; CreateProcessW(0, 0, 0, 0, 0, 0, 0, 0, &s, 0);",
        False,
    ),
    "startup-without-the-flag": (
        "a.c",
        "STARTUPINFOW s = {sizeof s}; s.wShowWindow = SW_HIDE;"
        "CreateProcessW(0, 0, 0, 0, 0, 0, 0, 0, &s, 0);",
        False,
    ),
    "handles": (
        "a.c",
        "STARTUPINFOW s = {sizeof s}; s.dwFlags |= STARTF_USESTDHANDLES;"
        "CreateProcessW(0, 0, 0, 0, 0, 0, 0, 0, &s, 0);",
        True,
    ),
    "python-flag": ("a.py", "subprocess.run('x', creationflags=subprocess.CREATE_NO_WINDOW)", True),
    "python-pipe": ("a.py", "subprocess.Popen('x', stdout=subprocess.PIPE)", True),
    "python-capture": ("a.py", "subprocess.run('x', capture_output=True)", True),
    "python-no-capture": ("a.py", "subprocess.run('x', capture_output=False)", False),
    "python-none": ("a.py", "subprocess.Popen('x', stdout=None)", False),
    "python-output": ("a.py", "subprocess.check_output('x')", True),
    "python-plain": ("a.py", "subprocess.run('x')", False),
    "python-startup": (
        "a.py",
        "s = subprocess.STARTUPINFO()\n    s.dwFlags |= subprocess.STARTF_USESHOWWINDOW\n"
        "    s.wShowWindow = subprocess.SW_HIDE\n    subprocess.Popen('x', startupinfo=s)",
        True,
    ),
}


@pytest.mark.parametrize(("file", "body", "expected"), HIDDEN.values(), ids=HIDDEN)
def test_a_launch_that_means_no_window(file: str, body: str, expected: bool) -> None:
    assert means_no_window(*launch(file, body)) == expected


WRAPPED: Files = {
    "a.c": (
        "#include <windows.h>\n"
        "void run(const char *command, UINT show) { WinExec(command, show); }\n"
        'void f(void) { run("shown.exe", SW_SHOW); run("hidden.exe", SW_HIDE); }\n'
    )
}


def test_of_what_callers_pass_only_the_same_call_counts() -> None:
    program = link(WRAPPED)
    site = the_launch(program)
    hidden = {
        c.program: means_no_window(program, site, c.known) for c in commands_of(program, site)
    }
    assert hidden == {"shown": False, "hidden": True}


def test_a_launch_tells_the_programs_of_the_project_that_it_starts() -> None:
    files = {
        "service.py": "import subprocess, sys\nsubprocess.run([sys.executable, 'tray.py'])\n",
        "tray.py": "print(1)\n",
        "tools/tray.py": "def f():\n    pass\n",
    }
    program = link(files)
    (child,) = program.children.of(the_call(program, "run")[0])
    assert (child.name, program.index.unit(child.main).path) == ("tray.py", "tray.py")
