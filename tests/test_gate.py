"""The gate leaves out files, and never a finding."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sessionzero
from linking import CATALOG, Files, link
from programs import PROGRAMS, RULES
from sessionzero.engine import Options, check_paths, run_checks
from sessionzero.findings import Finding
from sessionzero.gate import Gate
from sessionzero.sources.files import language_of
from sessionzero.sources.text import SourceText

ROLES = frozenset(role for rule in RULES for role in rule.roles)


def wanted(files: Files, *, assume_service: bool = False) -> list[str]:
    """The paths that the gate lets through."""
    texts = [
        (SourceText(path, text, "utf-8", text.encode()), language)
        for path, text in sorted(files.items())
        if (language := language_of(path)) is not None
    ]
    gate = Gate(CATALOG, ROLES, assume_service=assume_service)
    return [source.path for source, _ in gate.wanted(texts)]


def found(files: Files) -> tuple[Finding, ...]:
    """The findings without a gate."""
    return run_checks(link(files), RULES)


def found_behind_the_gate(files: Files) -> tuple[Finding, ...]:
    """The findings in the files that the gate lets through."""
    return found({path: files[path] for path in wanted(files)})


# --- Which files ----------------------------------------------------------------------------------

SERVICE = (
    "import win32serviceutil\nimport work\n"
    "class S(win32serviceutil.ServiceFramework):\n    def SvcDoRun(self):\n        work.do()\n"
)

STARTER = SERVICE.replace("work.do()", 'os.system("%s")').replace("import work", "import os")

WANTED: Mapping[str, tuple[Files, list[str]]] = {
    "a-script-that-the-service-starts": (
        {"s.py": STARTER % "python tray.py", "tray.py": "print(1)", "other.py": "print(1)"},
        ["s.py", "tray.py"],
    ),
    "a-frozen-script-that-the-service-starts": (
        {"s.py": STARTER % "dist/tray.exe", "tray.py": "print(1)", "other.py": "print(1)"},
        ["s.py", "tray.py"],
    ),
    "nothing": ({}, []),
    "no-windows-at-all": (
        {"a.c": "int main(void) { return 0; }", "b.cpp": "void f() {}", "c.py": "print(1)"},
        [],
    ),
    "client-without-objects": (
        {"tray.c": "int main(void) { MessageBoxW(0, 0, 0, 0); return 0; }"},
        [],
    ),
    "native-service-wants-all-native-files": (
        {
            "a.c": "int wmain(void) { return StartServiceCtrlDispatcherW(t); }",
            "b.c": "void quiet(void) {}",
            "c.h": "#define NAME 1",
            "d.py": "print(1)",
        },
        ["a.c", "b.c", "c.h"],
    ),
    "native-objects-without-a-service": (
        {"a.c": "void f(void) { CreateEventW(0, 0, 0, NAME); }", "b.h": '#define NAME L"A"'},
        ["a.c", "b.h"],
    ),
    "service-class-of-a-framework": (
        {"a.cpp": "class M : public ATL::CAtlServiceModuleT<M, 1> {};", "b.cpp": ""},
        ["a.cpp", "b.cpp"],
    ),
    "python-between-service-and-sink": (
        {
            "service.py": SERVICE,
            "work.py": "import show\ndef do():\n    show.box()",
            "show.py": "import win32api\ndef box():\n    win32api.MessageBox(0, '')",
            "alone.py": "def alone():\n    pass",
        },
        ["service.py", "show.py", "work.py"],
    ),
    "python-client-that-runs-what-the-service-shows-with": (
        {
            "service.py": SERVICE,
            "work.py": "import win32api\ndef do():\n    win32api.MessageBox(0, '')",
            "tray.py": "import panel\nif __name__ == '__main__':\n    panel.go()",
            "panel.py": "import look, work\ndef go():\n    work.do()",
            "look.py": "import colours",
            "test_work.py": "import work\nwork.do()",
            "trying.py": "import unittest, work\nwork.do()",
        },
        ["look.py", "panel.py", "service.py", "tray.py", "work.py"],
    ),
    "words-of-a-package-are-no-import-of-it": (
        {
            "service.py": SERVICE,
            "work.py": "def do():\n    pass",
            "talk.py": "import work\nclass client(work.A):\n    path = 'click the system display'",
            "mouse.py": "from work import keyboard\nclass A(keyboard): pass",
        },
        ["service.py", "work.py"],
    ),
    "python-without-a-service": (
        {"tray.py": "import tkinter\ntkinter.Tk().mainloop()", "other.py": "import tray"},
        [],
    ),
    "python-client-that-looks-for-the-window-of-a-native-service": (
        {
            "a.c": "int wmain(void) { return StartServiceCtrlDispatcherW(t); }",
            "tray.py": "import win32gui, names\nwin32gui.FindWindow(names.SINK, None)",
            "names.py": "SINK = 'Sink'",
            "alone.py": "print(1)",
        },
        ["a.c", "names.py", "tray.py"],
    ),
    "native-client-that-looks-for-the-window-of-a-python-service": (
        {"service.py": SERVICE, "tray.c": "int main(void) { return FindWindowW(SINK, 0) != 0; }"},
        ["service.py", "tray.c"],
    ),
    "python-client-of-the-pipe-of-a-native-service": (
        {
            "a.c": "int wmain(void) { return StartServiceCtrlDispatcherW(t); }",
            "show.py": "import win32pipe, names\nwin32pipe.WaitNamedPipe(names.PIPE, 1)",
            "names.py": "PIPE = 'Pipe'",
            "pool.py": "from multiprocessing.connection import Client\nClient(('a', 1))",
        },
        ["a.c", "names.py", "show.py"],
    ),
    "look-ups-without-a-service": (
        {"tray.py": "import win32gui\nwin32gui.FindWindow('Tray', None)", "a.c": "HWND w;"},
        [],
    ),
    "python-objects-and-their-constants": (
        {
            "client.py": "import win32event, names\nwin32event.CreateEvent(None, 1, 0, names.N)",
            "names.py": "from base import B\nN = B + 'x'",
            "base.py": "B = 'a'",
            "alone.py": "print(1)",
        },
        ["base.py", "client.py", "names.py"],
    ),
    "scripts-that-can-be-wrong": (
        {
            "a.bat": "sc config A type= interact",
            "b.bat": "app",
            "c.wxs": "<ServiceInstall Interactive='no'/>",
            "d.wxs": "<File/>",
            "e.ps1": "Start-Service ui0detect",
            "f.c": "int main(void) { return 0; }",
        },
        ["a.bat", "c.wxs", "e.ps1"],
    ),
    "commands-in-code": (
        {"a.c": 'void f(void) { system("net start UI0Detect"); }', "b.py": 'run(["interact"])'},
        ["a.c", "b.py"],
    ),
}


@pytest.mark.parametrize(("files", "paths"), WANTED.values(), ids=WANTED)
def test_gate_wants(files: Files, paths: list[str]) -> None:
    assert wanted(files) == paths


def test_assuming_a_service_wants_all_files() -> None:
    files = {"a.c": "int main(void) { return 0; }", "b.py": "print(1)"}
    assert wanted(files, assume_service=True) == ["a.c", "b.py"]


# --- No finding is lost ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROGRAMS)
def test_fixture_has_the_same_findings_behind_the_gate(name: str) -> None:
    assert found_behind_the_gate(PROGRAMS[name]) == found(PROGRAMS[name])


TREES: Mapping[str, Files] = {
    "native-chain-through-plain-files": {
        "src/main.c": '#include "worker.h"\n'
        "void WINAPI Main(DWORD c, LPWSTR *v) { CreateThread(0, 0, Worker, 0, 0, 0); }\n"
        'int wmain(void) { SERVICE_TABLE_ENTRYW t[] = {{L"A", Main}, {0}};'
        " return StartServiceCtrlDispatcherW(t); }",
        "src/worker.h": "DWORD WINAPI Worker(LPVOID p);\nvoid Notify(const wchar_t *text);",
        "src/worker.c": '#include "worker.h"\nDWORD WINAPI Worker(LPVOID p) { Notify(L"hi"); return 0; }',
        "src/notify.c": '#include "worker.h"\n#include "../include/config.h"\n'
        "void Notify(const wchar_t *text) { Show(text); CreateMutexW(NULL, FALSE, MUTEX_NAME); }",
        "include/config.h": '#define MUTEX_NAME L"AgentMutex"\n#define Show(t) MessageBoxW(0, t, t, 0)',
        "tray/tray.c": '#include "../include/config.h"\n'
        "int main(void) { OpenMutexW(SYNCHRONIZE, FALSE, MUTEX_NAME); return 0; }",
    },
    "python-package": {
        "agent/__init__.py": "",
        "agent/service.py": "import win32serviceutil\nfrom . import worker\n"
        "class S(win32serviceutil.ServiceFramework):\n    def SvcDoRun(self):\n"
        "        worker.start()",
        "agent/worker.py": "import threading\nfrom .jobs import job\n"
        "def start():\n    threading.Thread(target=job.run).start()",
        "agent/jobs/__init__.py": "",
        "agent/jobs/job.py": "from ctypes import windll\nimport win32event\n"
        "from ..names import READY\nfrom ..ui import complain\n"
        "def run():\n    win32event.CreateEvent(None, 1, 0, READY)\n    complain('x')\n"
        "    windll.user32.MessageBoxW(0, 'a', 'b', 0)",
        "agent/names.py": "from .settings import BASE\nREADY = BASE + 'Ready'",
        "agent/settings.py": "BASE = 'Agent'",
        "agent/ui.py": "import win32gui\ndef complain(text):\n    win32gui.MessageBox(0, text, '', 0)",
        "agent/unused.py": "def nothing():\n    pass",
        "tray.py": "import win32event\nfrom agent import names\n"
        "if __name__ == '__main__':\n    win32event.OpenEvent(2, 0, names.READY)",
    },
    "cx_Freeze-handler": {
        "Config.py": "NAME = 'a'\nMODULE_NAME = 'handler'\nCLASS_NAME = 'Handler'",
        "handler.py": "import win32api\nclass Handler:\n    def run(self):\n"
        "        win32api.MessageBox(0, '')",
    },
    "constant-four-imports-away": {
        "service.py": "import win32event, win32serviceutil, b\n"
        "class S(win32serviceutil.ServiceFramework):\n    def SvcDoRun(self):\n"
        "        win32event.CreateEvent(None, 1, 0, b.N)",
        "b.py": "import c\nN = c.N",
        "c.py": "import d\nN = d.N",
        "d.py": "import e\nN = e.N",
        "e.py": "N = 'Agent'",
    },
    "override-that-the-service-does-not-import": {
        "service.py": "import win32serviceutil\nfrom jobs import Job\n"
        "class S(win32serviceutil.ServiceFramework):\n    def SvcDoRun(self):\n"
        "        job = Job()\n        job.run()",
        "jobs.py": "class Job:\n    def run(self):\n        pass",
        "show.py": "import win32api\nfrom jobs import Job\nclass Show(Job):\n"
        "    def run(self):\n        win32api.MessageBox(0, '')",
    },
    "registry-flag-in-an-installer": {
        "install.c": "void f(void) { HKEY key; DWORD type = 0x110; RegOpenKeyExW(HKEY_LOCAL_MACHINE,"
        ' L"SYSTEM\\\\CurrentControlSet\\\\Services\\\\A", 0, KEY_SET_VALUE, &key);'
        ' RegSetValueExW(key, L"Type", 0, REG_DWORD, (BYTE *)&type, 4); }',
    },
    "service-in-c-and-client-in-python": {
        "service/service.cpp": '#include "names.h"\n'
        "class Agent : public CServiceBase { void OnStart(DWORD, LPWSTR *) override; };\n"
        "void Agent::OnStart(DWORD, LPWSTR *) { CreateEventW(NULL, TRUE, FALSE, kReady); }",
        "service/names.h": 'inline constexpr const wchar_t *kReady = L"AgentReady";',
        "service/install.cpp": "void install() { CreateServiceW(m, n, n, 0,"
        " SERVICE_WIN32_OWN_PROCESS | SERVICE_INTERACTIVE_PROCESS, 0, 0, 0, 0, 0, 0, 0, 0); }",
        "client/client.py": "import win32event\nimport names\n"
        "if __name__ == '__main__':\n    win32event.OpenEvent(2, 0, names.READY)",
        "client/names.py": "READY = 'AgentReady'",
        "client/plain.py": "print('nothing')",
    },
}

BOX = "import win32api\ndef do():\n    win32api.MessageBox(0, '')"

# Each way to import the module that shows a box; `service.py` goes on with `work.do()`.
IMPORTS: Mapping[str, str] = {
    "plain": "import work",
    "one-of-several": "import os, work",
    "second-on-the-line": "import os; import work",
    "under-a-condition": "if True: import work",
    "in-a-try": "try:\n    import work\nexcept ImportError:\n    work = None",
    "by-alias": "import package.work as work",
    "from-package": "from package import work",
    "from-package-with-comment": "from package import work  # the jobs",
    "in-brackets": "from package import (work)",
    "in-brackets-over-lines": "from package import (\n    other,\n    work,\n)",
    "continued-line": "from package import other, \\\n    work",
    "relative-looking-star": "from package.work import *\nimport package.work as work",
}


@pytest.mark.parametrize("line", IMPORTS.values(), ids=IMPORTS)
def test_each_way_to_import_leads_through_the_gate(line: str) -> None:
    files = {
        "service.py": SERVICE.replace("import work", line),
        "work.py": BOX,
        "package/__init__.py": "",
        "package/work.py": BOX,
        "package/other.py": "",
    }
    assert [finding.rule for finding in found(files)] == ["SZUI001"]
    assert found_behind_the_gate(files) == found(files)


# Each way to say that a file of the user is opened or a key is sent.
MENTIONS: Mapping[str, str] = {
    "plain": "import os\ndef do():\n    os.startfile('a.txt')",
    "from": "from os import startfile\ndef do():\n    startfile('a.txt')",
    "from-with-others": "from os import (\n    sep,\n    startfile,\n)\ndef do():\n    startfile('a')",
    "alias": "import os as system\ndef do():\n    system.startfile('a.txt')",
    "by-getattr": "import os\ndef do():\n    getattr(os, 'startfile')('a.txt')",
    "package": "import keyboard\ndef do():\n    keyboard.write('a')",
    "package-by-alias": "import keyboard as keys\ndef do():\n    keys.write('a')",
    "of-package": "from keyboard import write\ndef do():\n    write('a')",
    "module-of-a-package": "from tkinter import messagebox\ndef do():\n    messagebox.showinfo('a')",
    "copy-in-a-folder": "from vendor.pynput import keyboard\ndef do():\n"
    "    keyboard.Listener(on_press=print).start()",
    "copy-in-a-folder-by-alias": "import vendor.pynput.keyboard as keys\ndef do():\n"
    "    keys.Listener(on_press=print).start()",
    "through-another-file": "import other\ndef do():\n    other.keys.write('a')",
}


@pytest.mark.parametrize("text", MENTIONS.values(), ids=MENTIONS)
def test_each_way_to_mention_a_function_leads_through_the_gate(text: str) -> None:
    chain = ("work", "b", "c", "d", "e")  # farther than constants are looked for
    files = {
        "service.py": SERVICE,
        **{
            f"{name}.py": f"import {following}\ndef do():\n    {following}.do()"
            for name, following in zip(chain, (*chain[1:], "last"), strict=True)
        },
        "last.py": text,
        "other.py": "import keyboard as keys",
        "vendor/pynput/__init__.py": "",
        "vendor/pynput/keyboard/__init__.py": "class Listener: pass",
    }
    assert found(files)
    assert found_behind_the_gate(files) == found(files)


@pytest.mark.parametrize("files", TREES.values(), ids=TREES)
def test_tree_has_the_same_findings_behind_the_gate(files: Files) -> None:
    assert found(files)
    assert found_behind_the_gate(files) == found(files)


@pytest.mark.parametrize("files", TREES.values(), ids=TREES)
def test_run_over_a_directory_has_the_same_findings_without_the_gate(
    files: Files, tmp_path: Path
) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    with_gate = check_paths([tmp_path], root=tmp_path, options=Options(cache=False, jobs=1))
    without = check_paths(
        [tmp_path], root=tmp_path, options=Options(cache=False, jobs=1, gate=False)
    )
    assert with_gate.findings
    assert with_gate.findings == without.findings


MODULES = 6


@st.composite
def python_trees(draw: st.DrawFn) -> Files:
    """A service beside modules that import, call, show boxes and share constants at random."""
    numbers = st.integers(min_value=0, max_value=MODULES - 1)
    service = draw(numbers)
    return {
        f"m{i}.py": _module(
            i,
            sorted(draw(st.sets(numbers, max_size=3)) - {i}),
            service=i == service,
            shows=draw(st.booleans()),
            names=draw(numbers),
        )
        for i in range(MODULES)
    }


def _module(number: int, imported: list[int], *, service: bool, shows: bool, names: int) -> str:
    lines = [*(f"import m{i}" for i in imported), f"NAME = 'name{number}'"]
    if service:
        lines += ["from win32serviceutil import ServiceFramework"]
    if shows:
        lines += ["import win32api, win32event", f"from m{names} import NAME as OTHER"]
    lines += ["def f():", *(f"    m{i}.f()" for i in imported), "    pass"]
    if shows:
        lines += ["    win32api.MessageBox(0, OTHER)", "    win32event.CreateEvent(0, 0, 0, OTHER)"]
    if service:
        lines += ["class S(ServiceFramework):", "    def SvcDoRun(self):", "        f()"]
    return "\n".join(lines)


@settings(max_examples=40)
@given(python_trees())
def test_any_python_tree_has_the_same_findings_behind_the_gate(files: Files) -> None:
    assert found_behind_the_gate(files) == found(files)


PARSERS = """
import sys
from pathlib import Path
from sessionzero.engine import Options, check_paths
root = Path(sys.argv[1])
report = check_paths([root], root=root, options=Options(cache=False, jobs=1))
parsers = ("libcst", "tree_sitter", "tree_sitter_c", "tree_sitter_cpp")
print(report.files, *(name for name in parsers if name in sys.modules))
"""


def test_tree_without_a_token_loads_no_parser(tmp_path: Path) -> None:
    for path, text in {"a.c": "int main(void) { return 0; }", "b.py": "print(1)"}.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    package = Path(sessionzero.__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-c", PARSERS, str(tmp_path)],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(package)},
    )
    assert run.stdout.split() == ["2"]
