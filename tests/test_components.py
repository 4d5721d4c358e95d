"""Which programs and libraries are seen in a project, what each of them is, and how that is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from commands import PYTHON_SERVICE, SERVICE, call, write
from linking import Builds, Files, link, target
from sessionzero.components import components_of
from sessionzero.overview import Component

CONSOLE = "int main(void) { return 0; }\n"
GRAPHICAL = "int WINAPI wWinMain(HINSTANCE a, HINSTANCE b, LPWSTR c, int d) { return 0; }\n"
INSTALLER = "int main(void) { CreateServiceW(m, n, n, a, t, s, e, p, g, i, d, u, w); }\n"
SVCHOST = "__declspec(dllexport) void WINAPI ServiceMain(DWORD c, LPWSTR *v) { }\n"
PYTHON_MAIN = "if __name__ == '__main__':\n    run()\n"


def found(files: Files, builds: Builds | None = None) -> dict[str, Component]:
    """The components by name."""
    components = components_of(link(files, builds=builds or {}))
    assert len({component.name for component in components}) == len(components)
    return {component.name: component for component in components}


def kinds(files: Files, builds: Builds | None = None) -> dict[str, str]:
    """Component → its kind."""
    return {name: component.kind for name, component in found(files, builds).items()}


# --- without build files ---

STARTS: Mapping[str, tuple[Files, dict[str, str]]] = {
    "service": ({"agent.c": SERVICE}, {"agent": "service"}),
    "console-program": ({"tool.c": CONSOLE}, {"tool": "client"}),
    "graphical-program": ({"tray.cpp": GRAPHICAL}, {"tray": "client"}),
    "installer": ({"setup.c": INSTALLER}, {"setup": "installer"}),
    "dll-for-svchost": ({"svc.c": SVCHOST}, {"svc": "service"}),
    "named-by-its-folder": (
        {"agent/main.c": SERVICE, "x/main.c": CONSOLE},
        {"agent": "service", "x": "client"},
    ),
    "googletest": ({"t.cpp": "#include <gtest/gtest.h>\n" + CONSOLE}, {"t": "test"}),
    "folder-called-tests": ({"tests/x.c": CONSOLE}, {"x": "client"}),
    "test-of-a-service": (
        {
            "t.cpp": '#include <catch2/catch_test_macros.hpp>\n#include "s.h"\n' + CONSOLE,
            "s.h": SVCHOST,
        },
        {"t": "test", "s": "service"},
    ),
    "program-that-starts-a-service": (
        {
            "control.c": "int start(SC_HANDLE s) { return StartService(s, 0, NULL); }\n"
            + GRAPHICAL.replace("return 0", "return start(open())")
        },
        {"control": "client"},
    ),
    "only-a-library": ({"lib.c": "void f(void) { }\n"}, {}),
    "python-service": ({"svc.py": PYTHON_SERVICE}, {"svc": "service"}),
    "python-script": ({"tool.py": PYTHON_MAIN}, {"tool": "client"}),
    "python-package": ({"tray/__main__.py": PYTHON_MAIN}, {"tray": "client"}),
    "python-test": ({"t.py": "import unittest\n" + PYTHON_MAIN}, {"t": "test"}),
    "service-and-its-tray": (
        {"agent/svc.c": SERVICE, "tray/tray.c": GRAPHICAL},
        {"svc": "service", "tray": "client"},
    ),
    "module-of-atl-in-another-file": (
        {
            "module.h": "class Module : public ATL::CAtlServiceModuleT<Module, 1> { HRESULT Run(int show); };\n",
            "main.cpp": '#include "module.h"\nModule module;\n'
            + GRAPHICAL.replace("return 0", "return module.WinMain(d)"),
            "module.cpp": '#include "module.h"\nHRESULT Module::Run(int show) { return S_OK; }\n',
        },
        {"main": "service", "module": "service"},
    ),
    "program-that-the-service-starts": (
        {
            "agent.c": SERVICE.replace("MessageBoxW(NULL,", 'WinExec("popup.exe", 0); f('),
            "popup.c": GRAPHICAL,
        },
        {"agent": "service", "popup": "service"},
    ),
}


@pytest.mark.parametrize("case", STARTS)
def test_start_makes_a_component(case: str) -> None:
    files, expected = STARTS[case]
    assert kinds(files) == expected


def test_program_has_the_files_that_its_start_reaches() -> None:
    files = {
        "main.c": '#include "work.h"\nint main(void) { work(); }\n',
        "work.h": "void work(void);\n",
        "work.c": '#include "work.h"\nvoid work(void) { }\n',
        "other.c": "void other(void) { }\n",
    }
    assert found(files)["main"].files == ("main.c", "work.c", "work.h")


def test_service_that_installs_itself_is_a_service_and_says_so() -> None:
    text = SERVICE + INSTALLER.replace("main", "install")
    (component,) = found({"agent.c": text}).values()
    assert (component.kind, component.also) == ("service", ("installer",))


def test_python_package_of_service_and_window_shares_a_module() -> None:
    files = {
        "app/utils.py": "def shared():\n    pass\n",
        "app/service.py": PYTHON_SERVICE.replace(
            "import win32api", "from app import utils\nimport win32api"
        ),
        "app/gui.py": "from app import utils\n\nutils.shared()\n" + PYTHON_MAIN,
    }
    assert {name: it.files for name, it in found(files).items()} == {
        "service": ("app/service.py", "app/utils.py"),
        "gui": ("app/gui.py", "app/utils.py"),
    }


# --- from build files ---

BUILT: Mapping[str, tuple[Files, Builds, dict[str, str]]] = {
    "programs": (
        {"a.c": SERVICE, "b.c": GRAPHICAL, "c.c": INSTALLER},
        {"Makefile": [target("agent", "a.c"), target("tray", "b.c"), target("setup", "c.c")]},
        {"agent": "service", "tray": "client", "setup": "installer"},
    ),
    "libraries": (
        {"a.c": "void f(void) { }\n", "b.c": "void g(void) { }\n"},
        {"Makefile": [target("a", "a.c", kind="static"), target("b", "b.c", kind="shared")]},
        {"a": "library", "b": "library"},
    ),
    "dll-for-svchost": (
        {"a.c": SVCHOST},
        {"Makefile": [target("a", "a.c", kind="shared")]},
        {"a": "service"},
    ),
    "library-with-the-dispatcher": (
        {
            "run.h": "int run(void);\n",
            "run.c": SERVICE.replace("wmain", "run"),
            "a.c": '#include "run.h"\nint main(void) { return run(); }\n',
            "b.c": CONSOLE,
        },
        {
            "Makefile": [
                target("a", "a.c", uses=("run",)),
                target("b", "b.c", uses=("run",)),
                target("run", "run.c", kind="static"),
            ]
        },
        {"a": "service", "b": "client", "run": "library"},
    ),
    "library-that-only-hands-on": (
        {
            "run.c": SERVICE,
            "a.c": "void work(void) { }\n",
        },
        {
            "CMakeLists.txt": [
                target("a", "a.c", uses=("project::platform",)),
                target("platform", kind="static", uses=("inner",)),
            ],
            "lib/CMakeLists.txt": [
                target("inner", kind="static", uses=("run",)),
                target("run", "../run.c", kind="static"),
            ],
        },
        {"a": "service", "run": "library"},
    ),
    "library-with-the-main": (
        {"main.c": GRAPHICAL, "a.c": "void f(void) { }\n"},
        {"Makefile": [target("a", "a.c", uses=("m",)), target("m", "main.c", kind="static")]},
        {"a": "client", "m": "library"},
    ),
    "framework-with-the-main": (
        {"t.cpp": '#include "t.h"\nvoid f() { }\n', "t.h": "#include <QTest>\n"},
        {"Makefile": [target("t", "t.cpp")]},
        {"t": "test"},
    ),
    "python-script": (
        {"svc.py": PYTHON_SERVICE, "tray.py": PYTHON_MAIN},
        {"setup.py": [target("Agent", "svc.py"), target("Tray", "tray.py", subsystem="windows")]},
        {"Agent": "service", "Tray": "client"},
    ),
    "built-as-a-service": (
        {"svc.py": "import framework\n\nframework.run()\n"},
        {"setup.py": [target("Agent", "svc.py", subsystem="service")]},
        {"Agent": "service"},
    ),
    "silent-about-a-file": (
        {"a.c": SERVICE, "b.c": CONSOLE},
        {"Makefile": [target("agent", "a.c")]},
        {"agent": "service", "b": "client"},
    ),
    "launched-by-its-built-name": (
        {
            "a.c": SERVICE.replace("MessageBoxW(NULL,", 'WinExec("notifier.exe", 0); f('),
            "ui.c": GRAPHICAL,
        },
        {"Makefile": [target("agent", "a.c"), target("Notifier", "ui.c")]},
        {"agent": "service", "Notifier": "service"},
    ),
}


@pytest.mark.parametrize("case", BUILT)
def test_build_file_makes_components(case: str) -> None:
    files, builds, expected = BUILT[case]
    assert kinds(files, builds) == expected


def test_graphical_program_is_called_one() -> None:
    builds = {"setup.py": [target("a", "a.py", subsystem="windows"), target("b", "b.c")]}
    components = found({"a.py": PYTHON_MAIN, "b.c": GRAPHICAL}, builds).values()
    assert all(it.why.startswith("a graphical program that starts at ") for it in components)


def test_component_says_what_made_it_and_what_it_uses() -> None:
    files, builds, _ = BUILT["library-with-the-dispatcher"]
    component = found(files, builds)["a"]
    assert component.uses == ("run",)
    assert component.files == ("a.c", "run.h")
    assert [note.place.path for note in component.made_by] == ["Makefile"]
    assert {note.place.path for note in component.entries} == {"run.c"}


# --- the command ---


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A service, a tray program and a file that neither uses."""
    write(tmp_path / "agent" / "svc.c", SERVICE)
    write(tmp_path / "tray" / "tray.c", GRAPHICAL)
    write(tmp_path / "old" / "unused.c", "void f(void) { }\n")
    return tmp_path


def test_text_shows_kinds_reasons_entries_and_a_hint(project: Path) -> None:
    code, out, err = call(project, "components")
    assert (code, err) == (0, "")
    assert "svc: service\n  why:      calls StartServiceCtrlDispatcherW\n" in out
    assert "  made by:  agent/svc.c:11  wmain starts it\n" in out
    assert "  entries:  agent/svc.c:3  control: service control handler\n" in out
    assert "            agent/svc.c:5  service_main: service main function\n" in out
    assert "\n1 service, 1 client.\n1 file belongs to none: old (1).\n" in out
    assert 'services = ["folder/**"]' in out


def test_json_holds_the_same(project: Path) -> None:
    code, out, _ = call(project, "components", "--format", "json")
    document = json.loads(out)
    assert (code, document["version"], document["config"]) == (0, 1, None)
    assert [it["kind"] for it in document["components"]] == ["service", "client"]
    assert document["unassigned"] == ["old/unused.c"]
    entry = document["components"][0]["entries"][1]
    message = "service_main: service main function"
    assert entry == {"path": "agent/svc.c", "line": 5, "message": message}


def test_configuration_corrects_what_was_understood(project: Path) -> None:
    write(
        project / "sessionzero.toml",
        'services = ["tray/**", "gone/**"]\nclients = ["agent/**"]\nexclude = ["old/"]\n',
    )
    _, out, _ = call(project, "components")
    assert "tray: service\n  why:      the configuration says so\n" in out
    assert "svc: client\n  why:      the configuration says so\n" in out
    assert "sessionzero.toml: 'services': 'gone/**' means no file that was read.\n" in out
    assert "Corrected by sessionzero.toml.\n" in out
    assert "belongs to none" not in out
    isolated = call(project, "components", "--isolated")
    assert isolated == call(project, "components", "--isolated", "agent", "tray", "old")
    assert "svc: service\n" in isolated.out


def test_path_that_holds_nothing(tmp_path: Path) -> None:
    assert "No program and no library was found here.\n" in call(tmp_path, "components").out
    assert call(tmp_path, "components", "nowhere").code == 2


def test_hostile_names_cannot_drive_a_terminal(tmp_path: Path) -> None:
    write(tmp_path / "a\x1b[31m" / "main.c", SERVICE)
    out = call(tmp_path, "components").out
    assert "\x1b" not in out
    assert "␛[31m: service" in out
