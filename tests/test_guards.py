"""What identifiers and conditions say of the way a program runs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, link, proofs, the_call
from sessionzero.link.files.debug_builds import only_debug_build
from sessionzero.link.files.words import words
from sessionzero.link.ways.command_line import mentions_command_line
from sessionzero.link.ways.run_words import says_by_hand, says_elevated, says_service

WORDS: Mapping[str, list[str]] = {
    "g_bRunAsService": ["g", "b", "run", "as", "service"],
    "isService": ["is", "service"],
    "IS_NT_SERVICE": ["is", "nt", "service"],
    "RunAsNTService": ["run", "as", "nt", "service"],
    "running_as_service": ["running", "as", "service"],
    "m_bService2": ["m", "b", "service", "2"],
    "": [],
}

SERVICE = (
    *("IsService", "g_bService", "isRunningAsService", "running_as_service", "RunAsService"),
    *("m_bRunAsSvc", "IS_SERVICE", "IsWindowsService", "startedByScm", "run_as_daemon"),
    *("RunningAsService", "g_isNtService", "service_mode", "_isService"),
)
BY_HAND = (
    *("interactive", "IsInteractive", "g_bConsole", "bDebug", "isConsoleMode", "runInForeground"),
    *("m_bStandalone", "UserInteractive", "isInteractive", "debug_mode", "run_as_console"),
    *("isatty", "nofork"),
)
NEITHER = (
    *("hService", "m_service", "service", "g_hServiceStatus", "serviceName", "IsServiceInstalled"),
    *("serviceHandle", "IsServiceRunningOk", "verbose", "debugLevel", "hConsole", "consoleBuffer"),
    *("InteractiveLogonUser", "interactiveToken", "", "x"),
)


@pytest.mark.parametrize(("identifier", "found"), WORDS.items(), ids=[w or "-" for w in WORDS])
def test_words_of_an_identifier(identifier: str, found: list[str]) -> None:
    assert words(identifier) == tuple(found)


@pytest.mark.parametrize("identifier", SERVICE)
def test_identifier_says_service(identifier: str) -> None:
    assert (says_service(identifier), says_by_hand(identifier)) == (True, False)


@pytest.mark.parametrize("identifier", BY_HAND)
def test_identifier_says_by_hand(identifier: str) -> None:
    assert (says_service(identifier), says_by_hand(identifier)) == (False, True)


@pytest.mark.parametrize(
    "identifier",
    ["IsUserAnAdmin", "is_admin", "_isRunningAsAdmin", "IsElevated", "isProcessElevated"],
)
def test_identifier_asks_for_rights(identifier: str) -> None:
    assert says_elevated(identifier)


@pytest.mark.parametrize(
    "identifier", ["AdminName", "is_service", "isAdminPasswordSet", "elevate", "is_not_admin", ""]
)
def test_identifier_does_not_ask_for_rights(identifier: str) -> None:
    assert not says_elevated(identifier)


@pytest.mark.parametrize("identifier", NEITHER)
def test_identifier_says_neither(identifier: str) -> None:
    assert (says_service(identifier), says_by_hand(identifier)) == (False, False)


# --- Conditions around `probe`, and whether they hold only when a person runs the program ------------

CONDITIONS: Mapping[str, tuple[str, str, bool]] = {
    "interactive": ("a.c", "if (g_interactive) probe();", True),
    "not-service": ("a.c", "if (!g_bService) probe();", True),
    "service": ("a.c", "if (g_bService) probe();", False),
    "not-interactive": ("a.c", "if (!g_interactive) probe();", False),
    "else-of-service": ("a.c", "if (g_bService) log(); else probe();", True),
    "else-of-interactive": ("a.c", "if (g_interactive) log(); else probe();", False),
    "after-an-early-return": ("a.c", "if (g_bService) return; probe();", True),
    "call": ("a.c", "if (IsInteractive()) probe();", True),
    "method": ("a.cpp", "if (app->isInteractive()) probe();", True),
    "member": ("a.cpp", "if (!this->m_bService) probe();", True),
    "qualified": ("a.cpp", "if (Options::isConsole) probe();", True),
    "compared-with-false": ("a.c", "if (g_bService == FALSE) probe();", True),
    "compared-with-true": ("a.c", "if (g_interactive == TRUE) probe();", True),
    "not-equal-true": ("a.c", "if (TRUE != g_bService) probe();", True),
    "compared-with-zero": ("a.c", "if (IsService() == 0) probe();", True),
    "compared-with-another": ("a.c", "if (g_bService == wanted) probe();", False),
    "conjunction": ("a.c", "if (ready && !g_bService) probe();", True),
    "disjunction": ("a.c", "if (ready || !g_bService) probe();", False),
    "disjunction-of-both": ("a.c", "if (isConsole || !g_bService) probe();", True),
    "negated-disjunction": ("a.c", "if (!(ready || g_bService)) probe();", True),
    "negated-conjunction": ("a.c", "if (!(ready && g_bService)) probe();", False),
    "outer-of-two": ("a.c", "if (g_interactive) { if (ready) probe(); }", True),
    "console-window": ("a.c", "if (GetConsoleWindow() != NULL) probe();", True),
    "shell-window": ("a.c", "if (GetShellWindow()) probe();", True),
    "no-shell-window": ("a.c", "if (!GetShellWindow()) probe();", False),
    "isatty": ("a.c", "if (_isatty(0)) probe();", True),
    "message-of-a-person": ("a.c", "if (c == WM_COMMAND) probe();", True),
    "case-of-a-person": ("a.c", "switch (c) { case WM_RBUTTONUP: probe(); }", True),
    "message-of-windows": ("a.c", "if (c == WM_TIMER) probe();", False),
    "no-console-window": ("a.c", "if (GetConsoleWindow() == NULL) probe();", False),
    "answer-in-a-variable": ("a.c", "BOOL ok = IsInteractive(); if (ok) probe();", True),
    "answer-in-a-variable-negated": ("a.c", "BOOL ok = !IsInteractive(); if (ok) probe();", False),
    "answer-after-a-first-value": (
        "a.c",
        "BOOL ok = FALSE; ok = IsInteractive(); if (ok) probe();",
        True,
    ),
    "another-answer-in-a-variable": ("a.c", "BOOL ok = IsReady(); if (ok) probe();", False),
    "session-of-the-process": (
        "a.c",
        "DWORD s = 0; ProcessIdToSessionId(GetCurrentProcessId(), &s); if (s != 0) probe();",
        True,
    ),
    "session-0": (
        "a.c",
        "DWORD s = 0; ProcessIdToSessionId(GetCurrentProcessId(), &s); if (s == 0) probe();",
        False,
    ),
    "session-of-another-process": (
        "a.c",
        "DWORD s = 0; ProcessIdToSessionId(child, &s); if (s != 0) probe();",
        False,
    ),
    "visible-window-station": (
        "a.c",
        "USEROBJECTFLAGS u; GetUserObjectInformationW(h, UOI_FLAGS, &u, sizeof u, 0);\n"
        "if (u.dwFlags & WSF_VISIBLE) probe();",
        True,
    ),
    "hidden-window-station": (
        "a.c",
        "USEROBJECTFLAGS u; GetUserObjectInformationW(h, UOI_FLAGS, &u, sizeof u, 0);\n"
        "if (!(u.dwFlags & WSF_VISIBLE)) probe();",
        False,
    ),
    "before-vista": ("a.c", "if (v.dwMajorVersion < 6) probe();", True),
    "since-vista": ("a.c", "if (v.dwMajorVersion >= 6) probe();", False),
    "left-behind-since-vista": ("a.c", "if (os.dwMajorVersion >= 6) return; probe();", True),
    "exactly-xp": ("a.c", "if (5 == v.dwMajorVersion && v.dwMinorVersion == 1) probe();", True),
    "not-windows-7": ("a.c", "if (v.dwMajorVersion != 6) probe();", False),
    "xp-or-later": ("a.c", "if (v.dwMajorVersion >= 5) probe();", False),
    "before-windows-10": ("a.c", "if (v.dwMajorVersion < 10) probe();", False),
    "version-of-something-else": ("a.c", "if (protocolMajor < 6) probe();", False),
    "minor-version": ("a.c", "if (v.dwMinorVersion < 1) probe();", False),
    "no-vista-or-greater": ("a.c", "if (!IsWindowsVistaOrGreater()) probe();", True),
    "no-windows-8-or-greater": ("a.c", "if (!IsWindows8OrGreater()) probe();", False),
    "flag-of-xp": ("a.c", "if (g_isWinXP) probe();", True),
    "flag-of-windows-9x": ("a.c", "if (isWin9x()) probe();", True),
    "flag-of-xp-or-later": ("a.c", "if (isXPOrLater()) probe();", False),
    "flag-of-nt": ("a.cpp", "if (!osVersion.isPlatformNT) probe();", True),
    "style-of-xp": ("a.c", "if (bXPStyle) probe();", False),
    "before-vista-in-python": ("a.py", "if sys.getwindowsversion()[0] < 6:\n        probe()", True),
    "major-in-python": ("a.py", "if sys.getwindowsversion().major < 6:\n        probe()", True),
    "build-in-python": ("a.py", "if sys.getwindowsversion().build < 6:\n        probe()", False),
    "tuple-in-python": ("a.py", "if sys.getwindowsversion() < (6,):\n        probe()", True),
    "windows-8-in-python": ("a.py", "if sys.getwindowsversion() < (6, 2):\n        probe()", False),
    "handle-of-a-desktop": ("a.c", "HDESK d = GetThreadDesktop(id); if (d) probe();", False),
    "handle-of-a-desktop-in-python": (
        "a.py",
        "d = win32service.GetThreadDesktop(1)\n    if d:\n        probe()",
        False,
    ),
    "no-service-control-manager": (
        "a.c",
        "if (GetLastError() == ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) probe();",
        True,
    ),
    "error-1063": ("a.c", "if (GetLastError() == 1063) probe();", True),
    "another-error": ("a.c", "if (GetLastError() == ERROR_ACCESS_DENIED) probe();", False),
    "not-no-service-control-manager": (
        "a.c",
        "if (GetLastError() != ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) probe();",
        False,
    ),
    "python-answer-in-a-variable": (
        "a.py",
        "quiet = servicemanager.RunningAsService()\n    if not quiet:\n        probe()",
        True,
    ),
    "python-no-service-control-manager": (
        "a.py",
        "if e.winerror == winerror.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT:\n        probe()",
        True,
    ),
    "python-RunningAsService": (
        "a.py",
        "if not servicemanager.RunningAsService():\n        probe()",
        True,
    ),
    "python-not-RunningAsService": (
        "a.py",
        "if servicemanager.RunningAsService():\n        probe()",
        False,
    ),
    "python-Debugging": ("a.py", "if servicemanager.Debugging():\n        probe()", True),
    "python-not": ("a.py", "if not running_as_service:\n        probe()", True),
    "python-and": ("a.py", "if ready and is_interactive():\n        probe()", True),
    "python-is-False": ("a.py", "if self.is_service is False:\n        probe()", True),
    "python-else": ("a.py", "if is_service():\n        log()\n    else:\n        probe()", True),
    "python-early-return": ("a.py", "if is_service():\n        return\n    probe()", True),
    "python-conditional-on-other": ("a.py", "if verbose:\n        probe()", False),
}


NATIVE_SERVICE = "void WINAPI ServiceMain(DWORD c, LPWSTR *v) {{ {} }}"
PYTHON_SERVICE = """
import servicemanager, win32api, win32service, win32serviceutil
class S(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        {}
"""


def in_a_service(path: str, statement: str) -> Files:
    """The statement in the main function of a service, with a message box for ``probe``."""
    if path.endswith(".py"):
        box = statement.replace("probe()", "win32api.MessageBox(0, '')")
        return {path: PYTHON_SERVICE.format(box.replace("\n", "\n    "))}
    return {path: NATIVE_SERVICE.format(statement.replace("probe()", "MessageBoxW(0, 0, 0, 0)"))}


@pytest.mark.parametrize(("path", "statement", "guarded"), CONDITIONS.values(), ids=CONDITIONS)
def test_condition_means_that_a_person_runs_it(path: str, statement: str, guarded: bool) -> None:
    (proof,) = proofs(link(in_a_service(path, statement))).values()
    assert (proof is None) == guarded


# --- A box in code that a run by hand shares: a test for the service makes it certain -----------------

CONFIDENCE: Mapping[str, tuple[str, str]] = {
    "shared": ("MessageBoxW(0, 0, 0, 0);", "medium"),
    "test-for-the-service": ("if (IsService()) MessageBoxW(0, 0, 0, 0);", "high"),
    "other-arm-of-a-test-for-a-person": ("if (!g_console) MessageBoxW(0, 0, 0, 0);", "high"),
    "test-of-something-else": ("if (ready) MessageBoxW(0, 0, 0, 0);", "medium"),
    "session-0": (
        "DWORD s; ProcessIdToSessionId(GetCurrentProcessId(), &s);"
        " if (s == 0) MessageBoxW(0, 0, 0, 0);",
        "high",
    ),
}


@pytest.mark.parametrize(("statement", "expected"), CONFIDENCE.values(), ids=CONFIDENCE)
def test_test_for_the_service_makes_certain(statement: str, expected: str) -> None:
    shared = f"void work(void) {{ {statement} }}"
    program = link(
        {
            "a.c": f"{shared}\nvoid WINAPI ServiceMain(DWORD c, LPWSTR *v) {{ work(); }}\n"
            "int main(void) { work(); return 0; }"
        }
    )
    (proof,) = proofs(program).values()
    assert proof is not None
    assert proof.confidence == expected


def test_test_on_the_way_makes_certain() -> None:
    text = """
    void box(void) { MessageBoxW(0, 0, 0, 0); }
    void work(void) { if (g_bService) box(); }
    void WINAPI ServiceMain(DWORD c, LPWSTR *v) { work(); }
    int main(void) { work(); return 0; }"""
    (proof,) = proofs(link({"a.c": text})).values()
    assert proof is not None
    assert proof.confidence == "high"


COMMAND_LINE: Mapping[str, tuple[str, str, bool]] = {
    "argc": ("a.c", "argc > 1", True),
    "argv": ("a.c", 'strcmp(argv[1], "x") == 0', True),
    "GetCommandLineW": ("a.c", 'wcsstr(GetCommandLineW(), L"x")', True),
    "lpCmdLine": ("a.c", "*lpCmdLine", True),
    "given-name": ("a.c", "tainted == 1", True),
    "sys.argv": ("a.py", "len(sys.argv) > 1", True),
    "something-else": ("a.c", "count > 1", False),
    "literal": ("a.c", 'strcmp(text, "argv") == 0', False),
}


@pytest.mark.parametrize(("path", "condition", "expected"), COMMAND_LINE.values(), ids=COMMAND_LINE)
def test_condition_depends_on_the_command_line(path: str, condition: str, expected: bool) -> None:
    python = path.endswith(".py")
    text = f"probe({condition})" if python else f"void f(void) {{ probe({condition}); }}"
    program = link({path: text})
    _, call = the_call(program, "probe")
    (unit,) = program.index.units
    found = mentions_command_line(call.arguments[0].value, frozenset(("tainted",)), unit)
    assert found == expected


REGIONS: Mapping[str, tuple[str, bool]] = {
    "ifdef-_DEBUG": ("#ifdef _DEBUG", True),
    "if-defined-DEBUG": ("#if defined(DEBUG)", True),
    "if-DBG": ("#if DBG", True),
    "ifndef-_DEBUG": ("#ifndef _DEBUG", False),
    "ifndef-NDEBUG": ("#ifndef NDEBUG", True),
    "ifdef-NDEBUG": ("#ifdef NDEBUG", False),
    "other": ("#ifdef DEBUG_LOGGING_LEVEL", False),
}


@pytest.mark.parametrize(("directive", "expected"), REGIONS.values(), ids=REGIONS)
def test_region_of_a_debug_build(directive: str, expected: bool) -> None:
    program = link({"a.c": f"void f(void) {{\n{directive}\n    probe();\n#endif\n}}"})
    _, call = the_call(program, "probe")
    (unit,) = program.index.units
    assert only_debug_build(unit, call.start) == expected
