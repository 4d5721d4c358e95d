"""Where the token of a launch comes from."""

from __future__ import annotations

import pytest

from linking import link, the_call
from sessionzero.uses.launches import LAUNCH

LAUNCHED = "CreateProcessAsUserW(h, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);"
USER = "WTSQueryUserToken(1, &h);"
OWN = "OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &h);"

C = {
    "user": (f"HANDLE h; {USER} {LAUNCHED}", "user"),
    "tested": (f"HANDLE h = NULL; if (!WTSQueryUserToken(1, &h)) return; {LAUNCHED}", "user"),
    "initialised": (f"HANDLE h{{}}; while (x) {{ {USER} }} {LAUNCHED}", "user"),
    "logon": (f"HANDLE h; LogonUserW(u, d, p, 2, 0, &h); {LAUNCHED}", "logon"),
    "own": (f"HANDLE h; {OWN} {LAUNCHED}", "own"),
    "own-by-number": (f"HANDLE h; OpenProcessToken((HANDLE)-1, 8, &h); {LAUNCHED}", "own"),
    "another-process": (f"HANDLE h; OpenProcessToken(process, 8, &h); {LAUNCHED}", "process"),
    "client": (f"HANDLE h; OpenThreadToken(GetCurrentThread(), 8, 0, &h); {LAUNCHED}", "client"),
    "copy": (
        "HANDLE t, h; OpenProcessToken(GetCurrentProcess(), 8, &t);"
        f"DuplicateTokenEx(t, 0, 0, 1, 1, &h); {LAUNCHED}",
        "own",
    ),
    "used-before-for-a-privilege": (f"HANDLE h; {OWN} CloseHandle(h); {USER} {LAUNCHED}", "user"),
    "either": (f"HANDLE h; if (x) {{ {USER} }} else {{ {OWN} }} {LAUNCHED}", "own user"),
    "assigned": (f"HANDLE t, h; WTSQueryUserToken(1, &t); h = t; {LAUNCHED}", "user"),
    "in-a-structure": (
        "struct S s; WTSQueryUserToken(1, &s.token);"
        "CreateProcessAsUserW(s.token, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);",
        "user",
    ),
    "unknown": (f"HANDLE h = find(); {LAUNCHED}", "unknown"),
    "parameter-without-callers": (
        "CreateProcessAsUserW(x, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);",
        "unknown",
    ),
    "restricted": (
        f"HANDLE t, h; WTSQueryUserToken(1, &t); CreateRestrictedToken(t, 0,0,0,0,0,0,0, &h); {LAUNCHED}",
        "user",
    ),
    "object": (
        "wil::unique_handle h; WTSQueryUserToken(1, h.addressof());"
        "CreateProcessAsUserW(h.get(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);",
        "user",
    ),
}


def origins(text: str, path: str = "a.cpp") -> str:
    program = link({path: text})
    (site,) = program.sites(LAUNCH)
    return " ".join(sorted(program.token_origins(site)))


@pytest.mark.parametrize(("body", "expected"), C.values(), ids=C)
def test_origin_in_one_function(body: str, expected: str) -> None:
    assert origins(f"void f(HANDLE x, HANDLE process) {{ {body} }}") == expected


ACROSS = {
    "returned": (
        "HANDLE get() { HANDLE t; WTSQueryUserToken(1, &t); return t; }",
        "HANDLE h = get();",
    ),
    "by-pointer": ("bool get(HANDLE *t) { return WTSQueryUserToken(1, t); }", "HANDLE h; get(&h);"),
    "by-copy": (
        "bool get(HANDLE *t) { HANDLE u; WTSQueryUserToken(1, &u); *t = u; return true; }",
        "HANDLE h; get(&h);",
    ),
    "by-reference": (
        "bool get(HANDLE &t) { return WTSQueryUserToken(1, &t); }",
        "HANDLE h; get(h);",
    ),
    "global": ("HANDLE h; void get() { WTSQueryUserToken(1, &h); }", "get();"),
}


@pytest.mark.parametrize(("function", "body"), ACROSS.values(), ids=ACROSS)
def test_origin_in_another_function(function: str, body: str) -> None:
    assert origins(f"{function}\nvoid f() {{ {body} {LAUNCHED} }}") == "user"


def test_origin_is_what_callers_pass() -> None:
    text = f"void run(HANDLE h) {{ {LAUNCHED} }} void f() {{ HANDLE t; {USER.replace('&h', '&t')} run(t); }}"
    assert origins(text) == "user"


def test_field_of_a_class_is_set_by_another_method() -> None:
    text = (
        "class A { HANDLE h; void get(); void run(); };"
        f"void A::get() {{ {USER} }} void A::run() {{ {LAUNCHED} }}"
    )
    assert origins(text) == "user"


PYTHON = {
    "user": ("h = win32ts.WTSQueryUserToken(1)", "user"),
    "copy": (
        "t = win32security.OpenProcessToken(win32api.GetCurrentProcess(), 8)\n"
        "    h = win32security.DuplicateTokenEx(t, 2, 8, 1, None)",
        "own",
    ),
    "logon": ("h = win32security.LogonUser('u', None, 'p', 2, 0)", "logon"),
    "returned": ("h = get()", "user"),
    "either": (
        "h = get()\n    if x:\n        h = win32security.LogonUser('u', None, 'p', 2, 0)",
        "logon user",
    ),
    "unknown": ("h = x.token", "unknown"),
}


@pytest.mark.parametrize(("body", "expected"), PYTHON.values(), ids=PYTHON)
def test_origin_in_python(body: str, expected: str) -> None:
    text = (
        "import win32api, win32process, win32security, win32ts\n"
        "def get():\n    return win32ts.WTSQueryUserToken(1)\n"
        f"def f(x):\n    {body}\n"
        "    win32process.CreateProcessAsUser(h, None, 'x', None, None, 0, 0, None, None, None)\n"
    )
    assert origins(text, "a.py") == expected


def test_origin_through_ctypes() -> None:
    text = (
        "import ctypes\nfrom ctypes import wintypes\n"
        "def f():\n    h = wintypes.HANDLE()\n"
        "    ctypes.windll.wtsapi32.WTSQueryUserToken(1, ctypes.byref(h))\n"
        "    ctypes.windll.advapi32.CreateProcessAsUserW(h, None, 'x', None, None, 0, 0, None, None, 0, 0)\n"
    )
    assert origins(text, "a.py") == "user"


def test_sources_are_the_calls() -> None:
    program = link({"a.c": f"void f(void) {{ HANDLE h; {OWN} {LAUNCHED} }}"})
    (site,) = program.sites(LAUNCH)
    expr = program.argument(site, "token")
    assert expr is not None
    value = program.tokens.sources(expr, program.scope(site))
    assert [known.site for known in value.known] == [the_call(program, "OpenProcessToken")[0]]
    assert not value.open
