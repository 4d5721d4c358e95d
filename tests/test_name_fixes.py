"""Names of objects are changed at all ends that say them, in one fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessionzero.repair import Repair
from test_fixes import mended, text_of

SERVICE = """\
#include <windows.h>
%s
static VOID WINAPI ServiceMain(DWORD argc, LPWSTR *argv)
{
    (void)argc; (void)argv;
    %s
}
int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Agent", ServiceMain}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""
TRAY = """\
#include <windows.h>
%s
int WINAPI wWinMain(HINSTANCE instance, HINSTANCE previous, PWSTR command, int show)
{
    (void)instance; (void)previous; (void)command; (void)show;
    %s
    return 0;
}
"""
MAKE = "CreateEventW(NULL, TRUE, FALSE, %s);"
OPEN = "OpenEventW(SYNCHRONIZE, FALSE, %s);"


def program(make: str, look: str, *, header: str = "", suffix: str = "c") -> dict[str, str]:
    include = '#include "names.h"\n' if header else ""
    files = {
        f"service.{suffix}": SERVICE % (include, make),
        f"tray.{suffix}": TRAY % (include, look),
    }
    return {**files, "names.h": f"{header}\n"} if header else files


def named(repair: Repair) -> list[str]:
    """The findings about names that are left."""
    return [it.rule for it in repair.report.findings if it.rule.startswith("SZNAME")]


ENDS = {
    "two literals": (
        program(MAKE % 'L"Ready"', OPEN % 'L"Ready"'),
        program(MAKE % 'L"Global\\\\Ready"', OPEN % 'L"Global\\\\Ready"'),
    ),
    "macro in a header": (
        program(MAKE % "READY", OPEN % "READY", header='#define READY L"Ready"'),
        program(MAKE % "READY", OPEN % "READY", header='#define READY L"Global\\\\Ready"'),
    ),
    "TEXT": (
        program(MAKE % 'TEXT("Ready")', OPEN % '_T("Ready")'),
        program(MAKE % 'TEXT("Global\\\\Ready")', OPEN % '_T("Global\\\\Ready")'),
    ),
    "a raw literal": (
        program(MAKE % 'LR"(Ready)"', OPEN % 'L"Ready"', suffix="cpp"),
        program(MAKE % 'LR"(Global\\Ready)"', OPEN % 'L"Global\\\\Ready"', suffix="cpp"),
    ),
    "adjacent literals": (
        program(
            MAKE % 'PRODUCT L"Ready"', OPEN % 'L"AgentReady"', header='#define PRODUCT L"Agent"'
        ),
        program(
            MAKE % 'L"Global\\\\" PRODUCT L"Ready"',
            OPEN % 'L"Global\\\\AgentReady"',
            header='#define PRODUCT L"Agent"',
        ),
    ),
    "a variable": (
        program('LPCWSTR name = L"Ready";\n    ' + MAKE % "name", OPEN % 'L"Ready"'),
        program(
            'LPCWSTR name = L"Global\\\\Ready";\n    ' + MAKE % "name",
            OPEN % 'L"Global\\\\Ready"',
        ),
    ),
    "an array that grows": (
        program('WCHAR name[] = L"Ready";\n    ' + MAKE % "name", OPEN % 'L"Ready"'),
        program(
            'WCHAR name[] = L"Global\\\\Ready";\n    ' + MAKE % "name",
            OPEN % 'L"Global\\\\Ready"',
        ),
    ),
    "Local at one end": (
        program(MAKE % 'L"Local\\\\Ready"', OPEN % 'L"Local\\\\Ready"'),
        program(MAKE % 'L"Global\\\\Ready"', OPEN % 'L"Global\\\\Ready"'),
    ),
    "a prefix of its own": (
        program(
            MAKE % 'PREFIX L"Ready"', OPEN % 'PREFIX L"Ready"', header='#define PREFIX L"Local\\\\"'
        ),
        program(
            MAKE % 'PREFIX L"Ready"',
            OPEN % 'PREFIX L"Ready"',
            header='#define PREFIX L"Global\\\\"',
        ),
    ),
    "both escapes": (
        program(MAKE % 'L"Global\\Ready"', OPEN % 'L"Global\\Ready"'),
        program(MAKE % 'L"Global\\\\Ready"', OPEN % 'L"Global\\\\Ready"'),
    ),
    "two backslashes of which one is hexadecimal": (
        program(MAKE % 'L"GLOBAL\\x5cReady"', OPEN % 'L"GLOBAL\\134Ready"'),
        program(MAKE % 'L"Global\\\\Ready"', OPEN % 'L"Global\\\\Ready"'),
    ),
}


@pytest.mark.parametrize(("before", "after"), ENDS.values(), ids=ENDS)
def test_both_ends_get_the_prefix(
    tmp_path: Path, before: dict[str, str], after: dict[str, str]
) -> None:
    repair = mended(tmp_path, before)
    assert {**before, **{name: text_of(repair, name) for name in repair.files}} == after
    assert not named(repair)


WRAPPER = """\
static HANDLE open_event(const wchar_t *name)
{
    %s
    return CreateEventW(NULL, TRUE, FALSE, name);
}
"""


def wrapped(body: str) -> dict[str, str]:
    return program('open_event(L"Ready");', 'open_event(L"Ready");', header=WRAPPER % body)


def test_callers_of_a_wrapper_get_the_prefix(tmp_path: Path) -> None:
    repair = mended(tmp_path, wrapped("if (!ready()) return NULL;"))
    assert repair.files.keys() == {"service.c", "tray.c"}
    assert 'open_event(L"Global\\\\Ready");' in text_of(repair, "tray.c")


ONLY_IF_ASKED = {
    "the wrapper has another use for it": wrapped("puts(name);"),
    "one end": {"service.c": SERVICE % ("", OPEN % 'L"Ready"')},
    "a constant with another use": program(
        MAKE % "READY", "show(READY); " + OPEN % "READY", header='#define READY L"Ready"'
    ),
    "a buffer without room": program(
        'WCHAR name[8] = L"Ready";\n    ' + MAKE % "name", OPEN % 'L"Ready"'
    ),
    "a buffer that is filled": program(
        'WCHAR name[20]; swprintf(name, 20, L"Ready%d", 1); ' + MAKE % "name", OPEN % 'L"Ready1"'
    ),
    "a section that a user's program creates": program(
        'CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, 4, 0, 99, L"State");',
        'CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, 4, 0, 99, L"State");',
    ),
}


@pytest.mark.parametrize("files", ONLY_IF_ASKED.values(), ids=ONLY_IF_ASKED)
def test_what_a_person_must_look_at_is_only_changed_if_asked(
    tmp_path: Path, files: dict[str, str]
) -> None:
    assert not mended(tmp_path, files).files
    assert mended(tmp_path, files, unsafe=True).files


PYTHON_SERVICE = """\
import win32event, win32serviceutil
%s
class Agent(win32serviceutil.ServiceFramework):
    _svc_name_ = "Agent"
    def SvcDoRun(self):
        win32event.CreateEvent(None, True, False, %s)
"""
PYTHON_TRAY = """\
import tkinter, win32event
%s
if __name__ == "__main__":
    win32event.OpenEvent(2, False, %s)
    tkinter.Tk().mainloop()
"""
IN_PYTHON = {
    "two literals": (("", '"Ready"'), ("", '"Global\\\\Ready"')),
    "single quotes": (("", "'Ready'"), ("", "'Global\\\\Ready'")),
    "raw": (("", 'r"Ready"'), ("", 'r"Global\\Ready"')),
    "raw, Local": (("", 'r"Local\\Ready"'), ("", 'r"Global\\Ready"')),
    "an f-string": (("X = 1", 'f"Ready{X}"'), ("X = 1", 'f"Global\\\\Ready{X}"')),
    "an f-string that begins with a value": (
        ("X = 'a'", 'f"{X}Ready"'),
        ("X = 'a'", 'f"Global\\\\{X}Ready"'),
    ),
    "a sum": (("X = 'a'", 'X + "Ready"'), ("X = 'a'", '"Global\\\\" + X + "Ready"')),
    "percent": (("", '"Ready%s" % 1'), ("", '"Global\\\\Ready%s" % 1')),
    "format": (("", '"Ready{}".format(1)'), ("", '"Global\\\\Ready{}".format(1)')),
    "a constant": (('READY = "Ready"', "READY"), ('READY = "Global\\\\Ready"', "READY")),
    "adjacent, in parentheses": (("", '("Rea"\n "dy")'), ("", '("Global\\\\Rea"\n "dy")')),
}


@pytest.mark.parametrize(("before", "after"), IN_PYTHON.values(), ids=IN_PYTHON)
def test_both_ends_in_python(
    tmp_path: Path, before: tuple[str, str], after: tuple[str, str]
) -> None:
    files = {"agent.py": PYTHON_SERVICE % before, "tray.py": PYTHON_TRAY % before}
    repair = mended(tmp_path, files)
    assert text_of(repair, "agent.py") == PYTHON_SERVICE % after
    assert text_of(repair, "tray.py") == PYTHON_TRAY % after
    assert not named(repair)


def test_a_constant_in_an_imported_module_is_changed_once(tmp_path: Path) -> None:
    files = {
        "names.py": 'READY = "Ready"\n',
        "agent.py": PYTHON_SERVICE % ("from names import READY", "READY"),
        "tray.py": PYTHON_TRAY % ("import names", "names.READY"),
    }
    repair = mended(tmp_path, files)
    assert {name: text_of(repair, name) for name in repair.files} == {
        "names.py": 'READY = "Global\\\\Ready"\n'
    }
    assert repair.mended == 2
