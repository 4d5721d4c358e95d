"""What a field of a structure is where a call gets the structure; what a call leaves of a variable."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import link, probed, shown, the_call
from sessionzero.link.files.scopes import scope_of

# `start` gets a STARTUPINFO; what it finds in lpDesktop.
DESKTOP: Mapping[str, tuple[str, str]] = {
    "assigned": ('STARTUPINFOW si; si.lpDesktop = L"D"; start(&si);', "D"),
    "by-position": ('STARTUPINFOW si = {sizeof si, NULL, L"D"}; start(&si);', "D"),
    "by-name": ('STARTUPINFOW si = {.lpDesktop = L"D"}; start(&si);', "D"),
    "left-out-is-zero": ("STARTUPINFOW si = {sizeof si}; start(&si);", "0x0"),
    "empty-list-is-zero": ("STARTUPINFOW si = {}; start(&si);", "0x0"),
    "list-then-assigned": ('STARTUPINFOW si = {0}; si.lpDesktop = L"D"; start(&si);', "D"),
    "memset": ("STARTUPINFOW si; memset(&si, 0, sizeof si); start(&si);", "0x0"),
    "ZeroMemory": ("STARTUPINFOW si; ZeroMemory(&si, sizeof si); start(&si);", "0x0"),
    "ZeroMemory-then-assigned": (
        'STARTUPINFOW si; ZeroMemory(&si, sizeof si); si.lpDesktop = L"D"; start(&si);',
        "D",
    ),
    "assigned-then-memset": (
        'STARTUPINFOW si; si.lpDesktop = L"D"; memset(&si, 0, sizeof si); start(&si);',
        "0x0",
    ),
    "memset-to-something-else": ("STARTUPINFOW si; memset(&si, 1, sizeof si); start(&si);", "?"),
    "under-a-condition": (
        'STARTUPINFOW si = {0}; if (c) si.lpDesktop = L"D"; start(&si);',
        "0x0 | D",
    ),
    "unknown-function": (
        'STARTUPINFOW si = {0}; si.lpDesktop = L"D"; prepare(&si); start(&si);',
        "?",
    ),
    "function-that-fills": ("STARTUPINFOW si; fill(&si); start(&si);", "F"),
    "function-that-only-reads": (
        'STARTUPINFOW si; si.lpDesktop = L"D"; show(&si); start(&si);',
        "D",
    ),
    "function-that-hands-on": (
        'STARTUPINFOW si; si.lpDesktop = L"D"; forward(&si); start(&si);',
        "?",
    ),
    "through-a-pointer": (
        'STARTUPINFOW si, *p = &si; si.lpDesktop = L"D"; start(p);',
        "D",
    ),
    "factory": ("start(make());", "M"),
    "variable-of-a-factory": ("STARTUPINFOW *p = make(); start(p);", "M"),
    "global": ("start(&g_info);", "G"),
    "parameter": ('STARTUPINFOW si = {0}; si.lpDesktop = L"D"; wrapper(&si);', "D"),
}
HELPERS = """
STARTUPINFOW g_info = {sizeof g_info, NULL, L"G"};
void fill(STARTUPINFOW *info) { info->lpDesktop = L"F"; }
int show(STARTUPINFOW *info) { return info->cb > 0; }
void forward(STARTUPINFOW *info) { prepare(info); }
STARTUPINFOW *make(void) { static STARTUPINFOW made; made.lpDesktop = L"M"; return &made; }
"""


@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
@pytest.mark.parametrize(("body", "expected"), DESKTOP.values(), ids=DESKTOP)
def test_field_of_a_structure(body: str, expected: str, path: str) -> None:
    wrapper = "void wrapper(STARTUPINFOW *info) { start(info); }\n" if "wrapper" in body else ""
    program = link({path: f"{HELPERS}{wrapper}void f(int c) {{ {body} }}"})
    site, call = the_call(program, "start")
    scope = scope_of(program.index, site)
    assert shown(program.values.field(call.arguments[0].value, "lpDesktop", scope)) == expected


ADDRESS: Mapping[str, tuple[str, str]] = {
    "unknown-function": ("DWORD t = 0x110; read(&t); probe(t);", "?"),
    "before-the-call": ("DWORD t = 0x110; probe(t); read(&t);", "0x110"),
    "set-again": ("DWORD t = 0x110; read(&t); t = 0x10; probe(t);", "0x10"),
    "flag-added-later": ("DWORD t = 0x10; read(&t); t |= 0x100; probe(t);", "0x100+"),
    "memset": ("DWORD t = 0x110; memset(&t, 0, sizeof t); probe(t);", "0x0"),
    "function-of-windows-that-reads": (
        "SERVICE_STATUS s; s.dwServiceType = 0x110; SetServiceStatus(h, &s); probe(s.dwServiceType);",
        "0x110",
    ),
    "function-that-writes": ("DWORD t = 0x110; set(&t); probe(t);", "0x20"),
    "function-that-writes-sometimes": ("DWORD t = 0x110; maybe(&t, c); probe(t);", "0x110 | 0x20"),
    "function-that-reads": ("DWORD t = 0x110; get(&t); probe(t);", "0x110"),
    "under-a-condition": ("DWORD t = 0x110; if (c) read(&t); probe(t);", "0x110 | ?"),
}
SETTERS = """
void set(DWORD *type) { *type = 0x20; }
void maybe(DWORD *type, int c) { if (c) *type = 0x20; }
DWORD get(DWORD *type) { return *type + 1; }
"""


@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
@pytest.mark.parametrize(("body", "expected"), ADDRESS.values(), ids=ADDRESS)
def test_variable_whose_address_a_call_gets(body: str, expected: str, path: str) -> None:
    assert shown(probed(link({path: f"{SETTERS}void f(int c) {{ {body} }}"}))) == expected
