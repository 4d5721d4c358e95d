"""A function that forwards a parameter to Windows is that function for its callers: the finding
stands where the name is passed, through several levels, classes, files and modules."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, written
from sessionzero.engine import check_sources
from sessionzero.findings import Finding

HEAD = "#include <windows.h>\n#include <string>\n"
NATIVE = """
static void WINAPI ServiceMain(DWORD argc, LPWSTR *argv) { %s }
int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Agent", ServiceMain}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""
TRAY = "int WINAPI wWinMain(HINSTANCE, HINSTANCE, PWSTR, int) { %s; return 0; }\n"
PYTHON = """
import win32serviceutil, win32event
%s

class Agent(win32serviceutil.ServiceFramework):
    _svc_name_ = "Agent"

    def SvcDoRun(self):
        %s
"""

CREATE = "CreateEventW(nullptr, TRUE, FALSE, {})"
EVENT = (
    "class Event {\npublic:\n    explicit Event(const std::wstring &name)\n"
    f"        : handle_({CREATE.format('name.c_str()')}) {{}}\nprivate:\n    HANDLE handle_;\n}};\n"
)
LATER = (
    "class Event {\npublic:\n    explicit Event(const std::wstring &name) : name_(%sname) {}\n"
    f"    void Create() {{ handle_ = {CREATE.format('name_.c_str()')}; }}\n"
    "private:\n    HANDLE handle_;\n    std::wstring name_;\n};\n"
)
MAKE = "def make(name):\n    return win32event.CreateEvent(None, True, False, name)\n"
CLASS = (
    "class Event:\n    def __init__(self, name, manual=True):\n"
    "        self.handle = win32event.CreateEvent(None, manual, False, name)\n"
)


def native(head: str, body: str) -> Files:
    return {"service.cpp": HEAD + head + NATIVE % body}


def python(head: str, body: str) -> Files:
    return {"service.py": PYTHON % (head, body)}


# Program → where SZNAME001 stands.
PASSED: Mapping[str, tuple[Files, list[str]]] = {
    "three-levels": (
        native(
            f"HANDLE first(LPCWSTR a) {{ return {CREATE.format('a')}; }}\n"
            "HANDLE second(int, LPCWSTR b) { return first(b); }\n"
            "HANDLE third(LPCWSTR c) { return second(1, c); }\n",
            'third(L"Ready");',
        ),
        ['service.cpp: L"Ready"'],
    ),
    "four-levels-in-three-files": (
        {
            "sync.h": "HANDLE first(LPCWSTR a);\nHANDLE third(LPCWSTR c);\nHANDLE fourth(LPCWSTR d);\n",
            "one.c": '#include "sync.h"\nHANDLE first(LPCWSTR a) { return CreateEventW(0, 1, 0, a); }\n',
            "two.c": '#include "sync.h"\n'
            "static HANDLE second(LPCWSTR b) { return first(b); }\n"
            "HANDLE third(LPCWSTR c) { return second(c); }\n"
            "HANDLE fourth(LPCWSTR d) { return third(d); }\n",
            "service.c": '#include "sync.h"\n' + NATIVE % 'fourth(L"Ready");',
        },
        ['service.c: L"Ready"'],
    ),
    "inline-function-of-a-header": (
        {
            "sync.h": "#pragma once\ninline HANDLE Make(LPCWSTR name, BOOL manual = TRUE) "
            "{ return CreateEventW(nullptr, manual, FALSE, name); }\n",
            "service.cpp": '#include "sync.h"\n' + NATIVE % 'Make(L"Ready");',
        },
        ['service.cpp: L"Ready"'],
    ),
    "constructor": (native(EVENT, 'Event ready(L"Ready");'), ['service.cpp: L"Ready"']),
    "constructor-with-braces": (native(EVENT, 'Event ready{L"Ready"};'), ['service.cpp: L"Ready"']),
    "constructor-by-new": (native(EVENT, 'new Event(L"Ready");'), ['service.cpp: L"Ready"']),
    "constructor-by-make-unique": (
        native(EVENT, 'auto ready = std::make_unique<Event>(L"Ready");'),
        ['service.cpp: L"Ready"'],
    ),
    "constructor-of-a-member": (
        native(
            EVENT + 'class App {\npublic:\n    App() : ready_(L"Ready") {}\nprivate:\n'
            "    Event ready_;\n};\n",
            "App app;",
        ),
        ['service.cpp: L"Ready"'],
    ),
    "constructor-of-a-member-in-another-file": (
        {
            "app.h": "#include <string>\nclass Event { public: explicit Event(LPCWSTR name); };\n"
            "class App {\npublic:\n    App();\nprivate:\n    Event ready_;\n};\n",
            "event.cpp": '#include "app.h"\n'
            "Event::Event(LPCWSTR name) { CreateEventW(nullptr, TRUE, FALSE, name); }\n",
            "app.cpp": '#include "app.h"\n#define READY L"Ready"\nApp::App()\n    : ready_(READY) {}\n',
            "service.cpp": '#include "app.h"\n' + NATIVE % "App app;",
        },
        ["app.cpp: READY"],
    ),
    "member-of-a-class-of-mfc": (
        native(
            '#include <afxmt.h>\nclass App {\npublic:\n    App() : ready_(FALSE, TRUE, L"Ready") {}\n'
            "private:\n    CEvent ready_;\n};\n",
            "App app;",
        ),
        ['service.cpp: L"Ready"'],
    ),
    "pointer-to-a-class-is-no-construction": (
        native(
            EVENT + "class App {\npublic:\n    explicit App(Event *ready) : ready_(ready) {}\n"
            "private:\n    Event *ready_;\n};\n",
            "App app(nullptr);",
        ),
        [],
    ),
    "constructor-of-a-base": (
        native(
            EVENT + "class Ready : public Event {\npublic:\n"
            "    explicit Ready(const wchar_t *name) : Event(name) {}\n};\n",
            'Ready ready(L"Ready");',
        ),
        ['service.cpp: L"Ready"'],
    ),
    "class-template": (
        native("template <class T> " + EVENT, 'Event<int> ready(L"Ready");'),
        ['service.cpp: L"Ready"'],
    ),
    "kept-in-a-field": (
        native(LATER % "", 'Event ready(L"Ready"); ready.Create();'),
        ['service.cpp: L"Ready"'],
    ),
    "prefix-from-the-constructor": (
        native(LATER % 'L"Global\\\\" + ', 'Event ready(L"Ready"); ready.Create();'),
        [],
    ),
    "prefix-inside": (
        native(
            "HANDLE make(const std::wstring &name) {\n"
            '    std::wstring full = L"Global\\\\";\n    full += name;\n'
            f"    return {CREATE.format('full.c_str()')};\n}}\n",
            'make(L"Ready");',
        ),
        [],
    ),
    "python-three-levels-with-keyword-and-default": (
        python(
            MAKE + "def second(label):\n    return make(name=label)\n"
            'def third(label="Ready"):\n    return second(label)\n',
            "third()",
        ),
        ['service.py: "Ready"'],
    ),
    "python-keyword-only": (
        python(
            "def make(*, manual=True, name=None):\n"
            "    return win32event.CreateEvent(None, manual, False, name)\n",
            'make(name="Ready")',
        ),
        ['service.py: "Ready"'],
    ),
    "python-empty-prefix-by-default": (
        python(
            'def make(name, prefix=""):\n'
            "    return win32event.CreateEvent(None, True, False, prefix + name)\n",
            'make("Ready")',
        ),
        ['service.py: "Ready"'],
    ),
    "python-global-prefix-by-default": (
        python(
            'def make(name, prefix="Global\\\\"):\n'
            "    return win32event.CreateEvent(None, True, False, prefix + name)\n",
            'make("Ready")',
        ),
        [],
    ),
    "python-imported-under-another-name": (
        {
            "sync.py": f"import win32event\n{MAKE}",
            "service.py": PYTHON % ("from sync import make as event", 'event("Ready")'),
        },
        ['service.py: "Ready"'],
    ),
    "python-class-imported-under-another-name": (
        {
            "sync.py": f"import win32event\n{CLASS}",
            "service.py": PYTHON % ("from sync import Event as E", 'E(name="Ready")'),
        },
        ['service.py: "Ready"'],
    ),
    "python-class": (python(CLASS, 'Event("Ready")'), ['service.py: "Ready"']),
    "python-derived-class": (
        python(f"{CLASS}class Ready(Event):\n    pass\n", 'Ready("Ready")'),
        ['service.py: "Ready"'],
    ),
    "python-super": (
        python(
            f"{CLASS}class Ready(Event):\n    def __init__(self, label):\n"
            "        super().__init__(label)\n",
            'Ready("Ready")',
        ),
        ['service.py: "Ready"'],
    ),
    "python-base-by-name": (
        python(
            f"{CLASS}class Ready(Event):\n    def __init__(self, label):\n"
            "        Event.__init__(self, label)\n",
            'Ready("Ready")',
        ),
        ['service.py: "Ready"'],
    ),
}


def of_names(files: Files) -> list[Finding]:
    """What is found of names, not of who may use the objects."""
    return [it for it in check_sources(files) if it.rule.startswith("SZNAME")]


@pytest.mark.parametrize(("files", "places"), PASSED.values(), ids=PASSED)
def test_finding_stands_where_the_name_is_passed(files: Files, places: list[str]) -> None:
    findings = of_names(files)
    assert [finding.rule for finding in findings] == ["SZNAME001"] * len(places)
    assert [written(finding.place, files) for finding in findings] == places


def test_finding_at_a_caller_shows_the_call_of_windows() -> None:
    files, _ = PASSED["four-levels-in-three-files"]
    (finding,) = check_sources(files)
    assert [note.message for note in finding.related] == ["the name reaches `CreateEventW` here"]
    assert [written(note.place, files) for note in finding.related] == [
        "one.c: CreateEventW(0, 1, 0, a)"
    ]


SHARED = EVENT + "inline Event *Make(const wchar_t *name) { return new Event(name); }\n"


# What service and tray program pass to one wrapper → rules and places.
BOTH: Mapping[str, tuple[str, str, list[str]]] = {
    "bare-at-both-ends": (
        'Make(L"Ready")',
        'Make(L"Ready")',
        ['SZNAME001 service.cpp: L"Ready"', 'SZNAME001 tray.cpp: L"Ready"'],
    ),
    "global-in-the-service-only": (
        'Make(L"Global\\\\Ready")',
        'Make(L"Ready")',
        ['SZNAME008 tray.cpp: L"Ready"'],
    ),
    "global-in-the-tray-program-only": ('Make(L"Ready")', 'Make(L"Global\\\\Ready")', []),
    "each-its-own": ('Make(L"Global\\\\Ready")', 'Make(L"TrayShown")', []),
}


@pytest.mark.parametrize(("service", "tray", "found"), BOTH.values(), ids=BOTH)
def test_wrapper_of_both_programs_means_what_each_passes(
    service: str, tray: str, found: list[str]
) -> None:
    files = {
        "sync.h": HEAD + SHARED,
        "service.cpp": '#include "sync.h"\n' + NATIVE % f"{service};",
        "tray.cpp": '#include "sync.h"\n' + TRAY % tray,
    }
    findings = of_names(files)
    assert [f"{f.rule} {written(f.place, files)}" for f in findings] == found


def test_name_that_a_debug_run_passes_is_not_the_services() -> None:
    body = 'make("Ready")\n        if servicemanager.Debugging():\n            make("Debug")'
    files = python(f"import servicemanager\n{MAKE}", body)
    levels = {written(f.place, files): f.level for f in check_sources(files)}
    assert levels == {'service.py: "Ready"': "warning", 'service.py: "Debug"': "note"}
