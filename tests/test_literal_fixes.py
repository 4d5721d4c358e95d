"""Fixes of names of pipes and of command lines: one literal, spelt as it was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_fixes import mended, text_of

IN_C = """\
#include <windows.h>
%s
SECURITY_ATTRIBUTES *AgentSecurity(void);
static VOID WINAPI ServiceMain(DWORD argc, LPWSTR *argv)
{
    STARTUPINFOW s = {sizeof s}; PROCESS_INFORMATION p; (void)argc; (void)argv;
    %s
}
int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Agent", ServiceMain}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""
IN_PYTHON = """\
import subprocess
import win32file
import win32pipe
import win32process
import win32serviceutil
%s

class Agent(win32serviceutil.ServiceFramework):
    _svc_name_ = "Agent"
    _svc_display_name_ = "Agent"

    def SvcDoRun(self):
        %s
"""
WAIT = "WaitNamedPipeA(%s, 100);"
START = "CreateProcessW(NULL, %s, NULL, NULL, FALSE, 0x8000000, NULL, NULL, &s, &p);"
START_A = "CreateProcessA(NULL, %s, NULL, NULL, FALSE, 0x8000000, NULL, NULL, &s, &p);"
NAME = '"\\\\\\\\.\\\\pipe\\\\agent"'


def in_c(head: str, body: str) -> tuple[str, str]:
    return "service.c", IN_C % (head, body)


def in_cpp(head: str, body: str) -> tuple[str, str]:
    return "service.cpp", IN_C % (head, body)


def in_python(head: str, body: str) -> tuple[str, str]:
    return "service.py", IN_PYTHON % (head, body)


EDITS = {
    "read as a raw literal": (in_c, "", WAIT, '"\\\\.\\pipe\\agent"', NAME),
    "one backslash is lost": (in_c, "", WAIT, '"\\\\\\\\.\\pipe\\\\agent"', NAME),
    "wide": (in_c, "", "WaitNamedPipeW(%s, 1);", 'L"\\\\.\\pipe\\agent"', "L" + NAME),
    "a macro": (in_c, "#define NAME %s", WAIT % "NAME", '"\\\\.\\pipe\\agent"', NAME),
    "a macro that other code has too": (
        in_c,
        "#define NAME %s\nconst char *log_name(void) { return NAME; }",
        WAIT % "NAME",
        '"\\\\.\\pipe\\agent"',
        NAME,
    ),
    "a format": (
        in_c,
        "",
        'char n[99]; sprintf(n, %s "-%%d", 1); ' + WAIT % "n",
        '"\\\\.\\pipe\\agent"',
        NAME,
    ),
    "raw, and doubled": (
        in_cpp,
        "",
        WAIT,
        'R"(\\\\\\\\.\\\\pipe\\\\agent)"',
        'R"(\\\\.\\pipe\\agent)"',
    ),
    "no beginning": (in_c, "", WAIT, '"agent"', NAME),
    "half a beginning": (in_c, "", WAIT, '"\\\\pipe\\\\agent"', NAME),
    "Python reads it as a raw literal": (
        in_python,
        "",
        "win32pipe.WaitNamedPipe(%s, 100)",
        '"\\\\.\\pipe\\server"',
        '"\\\\\\\\.\\\\pipe\\\\server"',
    ),
    "Python, raw and doubled": (
        in_python,
        "NAME = %s",
        "win32pipe.WaitNamedPipe(NAME, 100)",
        "r'\\\\\\\\.\\\\pipe\\\\server'",
        "r'\\\\.\\pipe\\server'",
    ),
    "a path in an array": (
        in_c,
        "",
        "wchar_t line[] = %s; " + START % "line",
        'L"C:\\\\Program Files\\\\Agent\\\\a.exe /all"',
        'L"\\"C:\\\\Program Files\\\\Agent\\\\a.exe\\" /all"',
    ),
    "a path alone": (
        in_c,
        "",
        START_A,
        '"C:\\\\Program Files\\\\Agent\\\\a.exe"',
        '"\\"C:\\\\Program Files\\\\Agent\\\\a.exe\\""',
    ),
    "a path for subprocess": (
        in_python,
        "",
        "subprocess.run(%s)",
        "'C:\\\\Program Files\\\\Agent\\\\a.exe /all'",
        "'\\\"C:\\\\Program Files\\\\Agent\\\\a.exe\\\" /all'",
    ),
    "a raw path gets the other quotes": (
        in_python,
        "",
        "subprocess.run(%s)",
        'r"C:\\Program Files\\Agent\\a.exe /all"',
        "r'\"C:\\Program Files\\Agent\\a.exe\" /all'",
    ),
    "a path with arguments that follow": (
        in_python,
        "",
        "subprocess.run(%s + self.options)",
        'r"C:\\Program Files\\Agent\\a.exe /all "',
        "r'\"C:\\Program Files\\Agent\\a.exe\" /all '",
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_a_literal_is_spelt_as_it_was_meant(tmp_path: Path, case: str) -> None:
    frame, head, body, before, after = EDITS[case]
    name, text = frame(head, body)
    repair = mended(tmp_path, {name: text.replace("%s", before).replace("%%", "%")})
    assert text_of(repair, name) == text.replace("%s", after).replace("%%", "%")
    assert not {it.rule for it in repair.report.findings} & {"SZPIPE006", "SZPROC009"}


ASKED = {
    "a control character in a name that is well formed else": (
        in_python,
        "",
        "win32pipe.WaitNamedPipe(%s, 100)",
        '"\\\\\\\\.\\\\pipe\\\\backup\\new"',
        '"\\\\\\\\.\\\\pipe\\\\backup\\\\new"',
    ),
    "a name that is the service's too": (
        in_c,
        "#define NAME %s\nconst char *service(void) { return NAME; }",
        WAIT % "NAME",
        '"agent"',
        NAME,
    ),
    "an array that may have no room": (
        in_c,
        "",
        "wchar_t line[64] = %s; " + START % "line",
        'L"C:\\\\Program Files\\\\Agent\\\\a.exe /all"',
        'L"\\"C:\\\\Program Files\\\\Agent\\\\a.exe\\" /all"',
    ),
    "a path that is looked for as well": (
        in_python,
        "TOOL = %s",
        "subprocess.run(TOOL) if os.path.exists(TOOL) else None",
        "'C:\\\\Program Files\\\\Agent\\\\a.exe'",
        "'\\\"C:\\\\Program Files\\\\Agent\\\\a.exe\\\"'",
    ),
    "a buffer": (
        in_c,
        "",
        "wchar_t line[64]; swprintf(line, 64, %s, 1); " + START % "line",
        'L"C:\\\\Program Files\\\\Agent\\\\a.exe %%d"',
        'L"\\"C:\\\\Program Files\\\\Agent\\\\a.exe\\" %%d"',
    ),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_a_person_must_look_at_is_changed_only_if_asked(tmp_path: Path, case: str) -> None:
    frame, head, body, before, after = ASKED[case]
    name, text = frame(head, body)
    files = {name: text.replace("%s", before).replace("%%", "%")}
    assert not mended(tmp_path, files).files
    repair = mended(tmp_path, files, unsafe=True)
    assert text_of(repair, name) == text.replace("%s", after).replace("%%", "%")


LEFT = {
    "the number of a character": in_c("", WAIT % '"\\\\.\\pipe\\x41"'),
    "another machine": in_c(
        "",
        'CreateNamedPipeW(L"\\\\\\\\server\\\\pipe\\\\a", 3 | 0x80000, 8, 1, 0, 0, 0, '
        "AgentSecurity());",
    ),
    "parts": in_c("#define P L", 'WaitNamedPipeW(L"ag" L"ent", 1);'),
    "a constant that is written to": in_c(
        "", START % '(LPWSTR)L"C:\\\\Program Files\\\\Agent\\\\a.exe"'
    ),
    "a literal that is written to": in_cpp("", START % 'L"C:\\\\Program Files\\\\Agent\\\\a.exe"'),
    "two programs": in_python("", 'subprocess.run(r"C:\\Program Files\\Agent\\a.exe b.exe")'),
    "a path in parts": in_python(
        "", 'subprocess.run("C:\\\\Program Files\\\\" + self.name + "\\\\a.exe")'
    ),
}


@pytest.mark.parametrize(("name", "text"), LEFT.values(), ids=LEFT)
def test_what_has_no_plain_mend_is_left_alone(tmp_path: Path, name: str, text: str) -> None:
    repair = mended(tmp_path, {name: text}, unsafe=True)
    assert not repair.files
    assert {it.rule for it in repair.report.findings} & {"SZPIPE006", "SZPROC009"}
