"""An alert stays the same alert when the code around it changes: whole runs, before and after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from commands import call, write

SERVICE = """\
#include <windows.h>

#define READY_NAME L"BackupReady"

static HANDLE g_ready;

static void report_failure(DWORD code)
{
    WCHAR text[64];
    wsprintfW(text, L"Error %u", code);
    MessageBoxW(NULL, text, L"Backup", MB_OK);
    OutputDebugStringW(L"the person at the screen was told");
    OutputDebugStringW(L"and now the service can go on with its work");
}

static void open_objects(void)
{
    DWORD code;
    g_ready = CreateEventW(NULL, TRUE, FALSE, READY_NAME);
    code = GetLastError();
    OutputDebugStringW(L"the event is there, so that programs can wait for it");
    OutputDebugStringW(L"and the clients look for it");
    if (!g_ready)
        report_failure(code);
}

static void WINAPI control(DWORD code) { (void)code; }

static void WINAPI service_main(DWORD argc, LPWSTR *argv)
{
    RegisterServiceCtrlHandlerW(L"Backup", control);
    open_objects();
}

int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Backup", service_main}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""

PYTHON = """\
import win32event
import win32serviceutil
import win32ui

READY_NAME = "BackupReady"


class Service(win32serviceutil.ServiceFramework):
    def report_failure(self, code):
        text = "Error %d" % code
        win32ui.MessageBox(text, "Backup")
        self.log("the person at the screen was told, and so the work can go on")
        self.log("and now the service can go on with its work")

    def open_objects(self):
        ready = win32event.CreateEvent(None, True, False, READY_NAME)
        self.log("the event is there, so that programs can wait for it")
        self.log("and the clients look for it")
        return ready

    def SvcDoRun(self):
        self.open_objects()
        self.report_failure(1)
"""


class Alert(NamedTuple):
    """What tells an alert from others: GitHub's key, and ours."""

    rule: str
    github: str
    ours: str


def alerts(folder: Path, name: str, source: str) -> set[Alert]:
    """The alerts of a project of one file."""
    write(folder / name, source)
    (run,) = json.loads(call(folder, "check", "--format", "sarif").out)["runs"]
    found = set()
    for result in run["results"]:
        prints = result["partialFingerprints"]
        line_hash = prints["primaryLocationLineHash"]
        found.add(Alert(result["ruleId"], line_hash, prints["sessionzero/v1"]))
    assert {alert.rule for alert in found} == {"SZUI001", "SZNAME001"}
    return found


def moved(source: str, start: str, end: str, before: str) -> str:
    """The source with what stands between two texts put before a third."""
    first, found, rest = source.partition(start)
    body, stop, last = rest.partition(end)
    assert found
    assert stop
    whole = first + stop + last
    assert before in whole
    return whole.replace(before, f"{start}{body}{before}", 1)


def renamed(source: str, old: str, new: str) -> str:
    assert old in source
    return source.replace(old, new)


C_EDITS = {
    "lines above": "// A comment.\n\n#include <stdio.h>\n" + SERVICE,
    "lines in the function": renamed(SERVICE, "    WCHAR text", "    DWORD n = 0;\n    (void)n;\n    WCHAR text"),
    "a function between": renamed(SERVICE, "static void open", "static void idle(void) { Sleep(1); }\n\nstatic void open"),
    "another indentation": renamed(SERVICE, "    ", "\t"),
    "a blank within the line": renamed(SERVICE, "MessageBoxW(NULL", "MessageBoxW( NULL"),
    "a renamed variable elsewhere": renamed(SERVICE, "DWORD argc", "DWORD count"),
    "a moved function": moved(SERVICE, "static void report_failure", "static void open_objects", "static void WINAPI control").replace(
        "static HANDLE g_ready;", "static HANDLE g_ready;\nstatic void report_failure(DWORD code);"
    ),
    "another line end": renamed(SERVICE, "\n", "\r\n"),
}  # fmt: skip
PYTHON_EDITS = {
    "lines above": "# A comment.\n\nimport os\n" + PYTHON,
    "lines in the function": renamed(PYTHON, '        text = "E', '        number = 0\n        text = "E'),
    "a function between": renamed(PYTHON, "    def open", "    def idle(self):\n        pass\n\n    def open"),
    "a renamed variable elsewhere": renamed(renamed(PYTHON, "%d", "%s"), "(self, code)", "(self, number)"),
    "a moved function": moved(PYTHON, "    def open_objects", "    def SvcDoRun", "    def report_failure"),
    "another line end": renamed(PYTHON, "\n", "\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("edit", C_EDITS)
def test_an_alert_stays_the_same_in_c(edit: str, tmp_path: Path) -> None:
    before = alerts(tmp_path, "service.c", SERVICE)
    assert C_EDITS[edit] != SERVICE
    assert alerts(tmp_path, "service.c", C_EDITS[edit]) == before


@pytest.mark.parametrize("edit", PYTHON_EDITS)
def test_an_alert_stays_the_same_in_python(edit: str, tmp_path: Path) -> None:
    before = alerts(tmp_path, "service.py", PYTHON)
    assert PYTHON_EDITS[edit] != PYTHON
    assert alerts(tmp_path, "service.py", PYTHON_EDITS[edit]) == before


# GitHub hashes the line itself and the hundred characters from its start: what changes there is
# another alert to it, and by its rules we may not say otherwise. Ours looks at what is meant.
ON_THE_LINE = [
    pytest.param("service.c", SERVICE, "READY_NAME", "kReady", "SZNAME001", id="macro"),
    pytest.param("service.c", SERVICE, "READY_NAME", 'L"BackupReady"', "SZNAME001", id="literal"),
    pytest.param("service.c", SERVICE, "g_ready", "g_event", "SZNAME001", id="variable"),
    pytest.param("service.c", SERVICE, "text", "message", "SZUI001", id="argument"),
    pytest.param("service.c", SERVICE, "MessageBoxW(NULL, text", "MessageBoxW(0, 0", "SZUI001", id="arguments"),
    pytest.param("service.py", PYTHON, "READY_NAME", "NAME", "SZNAME001", id="python constant"),
    pytest.param("service.py", PYTHON, "ready =", "event =", "SZNAME001", id="python variable"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source", "old", "new", "rule"), ON_THE_LINE)
def test_our_fingerprint_survives_a_change_on_the_line_too(
    name: str, source: str, old: str, new: str, rule: str, tmp_path: Path
) -> None:
    changed = renamed(source, old, new).replace('#define L"BackupReady" L"BackupReady"\n', "")
    before, after = alerts(tmp_path, name, source), alerts(tmp_path, name, changed)
    assert {alert.ours for alert in before} == {alert.ours for alert in after}
    assert {it.github for it in before if it.rule == rule} != {
        it.github for it in after if it.rule == rule
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("BackupReady", "BackupStarted", id="another name"),
        pytest.param("open_objects", "open_all", id="another function"),
    ],
)
def test_another_object_or_function_is_another_alert(old: str, new: str, tmp_path: Path) -> None:
    before = alerts(tmp_path, "service.c", SERVICE)
    after = alerts(tmp_path, "service.c", renamed(SERVICE, old, new))
    kept = {alert.ours for alert in before} & {alert.ours for alert in after}
    assert {alert.rule for alert in before if alert.ours in kept} == {"SZUI001"}


def test_a_second_defect_of_the_kind_is_a_second_alert(tmp_path: Path) -> None:
    box = '    MessageBoxW(NULL, text, L"Backup", MB_OK);\n'
    before = alerts(tmp_path, "service.c", SERVICE)
    after = alerts(tmp_path, "service.c", renamed(SERVICE, box, box * 2))
    assert {alert.ours for alert in before} < {alert.ours for alert in after}
    assert len({alert.ours for alert in after}) == len(before) + 1
