"""Command lines without quotes, and launches between an impersonation and its end."""

from __future__ import annotations

import pytest

from sessionzero.checks.command_lines import is_unquoted
from sessionzero.engine import check_sources

UNQUOTED = {
    r"C:\Program Files\Agent\tray.exe": True,
    r"C:\Program Files\Agent\tray.exe /x": True,
    r"C:\Program Files (x86)\Agent\tray.exe": True,
    r"\\server\my share\tray.exe": True,
    r'"C:\Program Files\Agent\tray.exe"': False,
    r"C:\Agent\tray.exe /x": False,
    r"C:\Agent\tray.exe C:\Program Files\x.exe": False,
    r"C:\Agent\tray -o C:\x y\z.exe": False,
    r"C:\Agent\tray src\list.txt": False,
    r'C:\Agent\tray "src\x.exe"': False,
    "netsh interface show": False,
    r"tray.exe C:\Program Files\x.exe": False,
    "": False,
}


@pytest.mark.parametrize(("text", "expected"), UNQUOTED.items(), ids=list(UNQUOTED))
def test_a_path_with_blanks_without_quotes(text: str, expected: bool) -> None:
    assert is_unquoted(text, whole=True) == expected


def test_of_a_beginning_a_directory_with_a_blank_is_enough() -> None:
    assert is_unquoted("C:\\Program Files\\Agent\\", whole=False)
    assert not is_unquoted("C:\\Agent\\tool ", whole=False)


IMPERSONATING = {
    "between": ("ImpersonateLoggedOnUser(h); L; RevertToSelf();", True),
    "tested": ("if (!ImpersonateLoggedOnUser(h)) return; L;", True),
    "in-the-branch": ("if (ImpersonateLoggedOnUser(h)) { L; }", True),
    "after-the-end": ("ImpersonateLoggedOnUser(h); RevertToSelf(); L;", False),
    "before": ("L; ImpersonateLoggedOnUser(h);", False),
    "where-it-failed": ("if (!ImpersonateLoggedOnUser(h)) { L; }", False),
    "perhaps": ("if (x) { ImpersonateLoggedOnUser(h); } L;", False),
    "another-branch": ("if (x) { ImpersonateLoggedOnUser(h); RevertToSelf(); } else { L; }", False),
    "ended-on-the-way-out": (
        "ImpersonateLoggedOnUser(h); if (x) { RevertToSelf(); return; } L; RevertToSelf();",
        True,
    ),
    "ended-in-a-function": ("ImpersonateLoggedOnUser(h); done(); L;", False),
    "begun-in-a-function": ("begin(h); L;", True),
    "perhaps-begun-in-a-function": ("perhaps(h); L;", False),
    "by-thread": ("SetThreadToken(NULL, h); L;", True),
    "ended-by-thread": ("ImpersonateLoggedOnUser(h); SetThreadToken(NULL, NULL); L;", False),
    "of-another-thread": ("SetThreadToken(&t, h); L;", False),
}


@pytest.mark.parametrize(("body", "expected"), IMPERSONATING.values(), ids=IMPERSONATING)
def test_a_launch_while_the_thread_impersonates(body: str, expected: bool) -> None:
    launch = body.replace("L;", '_wsystem(L"tool");')
    text = (
        "#include <windows.h>\n"
        "static void done(void) { RevertToSelf(); }\n"
        "static void begin(HANDLE h) { ImpersonateLoggedOnUser(h); }\n"
        "static void perhaps(HANDLE h) { if (h) ImpersonateLoggedOnUser(h); }\n"
        f"static void serve(HANDLE h, int x, HANDLE t) {{ {launch} }}\n"
        "static void WINAPI ServiceMain(DWORD n, LPWSTR *a) { serve((HANDLE)a, (int)n, NULL); }\n"
        'int wmain(void) { SERVICE_TABLE_ENTRYW t[] = {{L"A", ServiceMain}, {NULL, NULL}};\n'
        "return StartServiceCtrlDispatcherW(t); }\n"
    )
    found = {finding.rule for finding in check_sources({"service.c": text})}
    assert ("SZPROC004" in found) == expected
