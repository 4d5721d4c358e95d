"""Conditions that are decided by what the service's own calls pass, and by flags."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import link, proofs

# --- Constants along the path: what follows `Box`, in which `probe` is a message box ----------------

# The way in is `ServiceMain`; each program says whether the service shows the box.
Table = Mapping[str, tuple[str, bool]]

ARGUMENTS: Table = {
    "false": (
        "void box(BOOL show) { if (show) probe(); }\nvoid service(void) { box(FALSE); }",
        False,
    ),
    "true": ("void box(BOOL show) { if (show) probe(); }\nvoid service(void) { box(TRUE); }", True),
    "unknown": (
        "void box(BOOL show) { if (show) probe(); }\nvoid service(void) { box(ask()); }",
        True,
    ),
    "negated": (
        "void box(BOOL quiet) { if (!quiet) probe(); }\nvoid service(void) { box(1); }",
        False,
    ),
    "one-of-two-calls-shows": (
        "void box(BOOL show) { if (show) probe(); }\nvoid service(void) { box(0); box(1); }",
        True,
    ),
    "compared": (
        "void box(int n) { if (n > 1) probe(); }\nvoid service(void) { box(1); }",
        False,
    ),
    "compared-and-greater": (
        "void box(int n) { if (n > 1) probe(); }\nvoid service(void) { box(2); }",
        True,
    ),
    "compared-with-a-macro": (
        "#define TRAY 2\nvoid box(int n) { if (n == TRAY) probe(); }\nvoid service(void) { box(1); }",
        False,
    ),
    "case": (
        "void box(int n) { switch (n) { case 2: probe(); } }\nvoid service(void) { box(1); }",
        False,
    ),
    "conjunction": (
        "void box(int n, char **v) { if (n > 1 && same(v[1])) probe(); }\n"
        "void service(void) { box(1, 0); }",
        False,
    ),
    "disjunction": (
        "void box(int n, char **v) { if (n > 1 || same(v[1])) probe(); }\n"
        "void service(void) { box(1, 0); }",
        True,
    ),
    "null": ("void box(HWND w) { if (w) probe(); }\nvoid service(void) { box(NULL); }", False),
    "address": (
        "void box(int *w) { if (w) probe(); }\nvoid service(void) { int x = 0; box(&x); }",
        True,
    ),
    "text-is-no-null": (
        'void box(char *t) { if (t) probe(); }\nvoid service(void) { box(""); }',
        True,
    ),
    "through-two-functions": (
        "void box(BOOL show) { if (show) probe(); }\n"
        "void report(BOOL visible) { box(visible); }\n"
        "void service(void) { report(FALSE); }",
        False,
    ),
    "through-two-functions-from-two-places": (
        "void box(BOOL show) { if (show) probe(); }\n"
        "void report(BOOL visible) { box(visible); }\n"
        "void service(void) { report(FALSE); box(TRUE); }",
        True,
    ),
    "by-hand-call-passes-another": (
        "void box(BOOL show) { if (show) probe(); }\n"
        "void service(void) { box(FALSE); }\n"
        "int main(int argc, char **argv) { box(TRUE); return 0; }",
        False,
    ),
    "the-call-that-shows-is-never-made": (
        "void box(BOOL show) { if (show) probe(); }\n"
        "void report(BOOL visible) { if (visible) box(TRUE); box(FALSE); }\n"
        "void service(void) { report(FALSE); }",
        False,
    ),
    "recursion": (
        "void box(BOOL show) { if (show) { probe(); } box(show); }\nvoid service(void) { box(0); }",
        False,
    ),
    "changed-inside": (
        "void box(BOOL show) { if (ask()) show = TRUE; if (show) probe(); }\n"
        "void service(void) { box(FALSE); }",
        True,
    ),
    "handed-over-too": (
        "DWORD WINAPI box(LPVOID show) { if (show) probe(); return 0; }\n"
        "void service(void) { box(NULL); CreateThread(0, 0, box, x, 0, 0); }",
        True,
    ),
    "way-to-the-box-is-shut": (
        "void last(void) { probe(); }\n"
        "void box(BOOL show) { if (show) last(); }\nvoid service(void) { box(FALSE); }",
        False,
    ),
    "one-bit-of-several": (
        "#define ASK 4\n#define LOG 1\n#define MAIL 2\n"
        "void box(int how) { if (how & ASK) probe(); }\nvoid service(void) { box(LOG | MAIL); }",
        False,
    ),
    "a-bit-that-is-passed": (
        "#define ASK 4\n#define LOG 1\n"
        "void box(int how) { if (how & ASK) probe(); }\nvoid service(void) { box(LOG | ASK); }",
        True,
    ),
    "a-bit-of-something": (
        "#define ASK 4\nvoid box(int how) { if (how & ASK) probe(); }\n"
        "void service(void) { box(ask() | 1); }",
        True,
    ),
    "counter-of-the-caller": (
        "void box(int n) { if (n) probe(); }\nvoid service(void) { int n = 0; n++; box(n); }",
        True,
    ),
    "truth-of-the-caller": (
        "void box(int n) { if (n) probe(); }\nvoid service(void) { BOOL n = FALSE; box(n); }",
        False,
    ),
}

FLAGS: Table = {
    "set-only-by-hand": (
        "BOOL g_talk = FALSE;\nvoid service(void) { if (g_talk) probe(); }\n"
        "int main(int argc, char **argv) { if (!start()) { g_talk = TRUE; service(); } return 0; }",
        False,
    ),
    "never-set-to-zero-first": (
        "static int talk;\nvoid service(void) { if (talk) probe(); }\n"
        "int main(int argc, char **argv) { if (!start()) { talk = 1; service(); } return 0; }",
        False,
    ),
    "other-arm": (
        "BOOL g_talk = FALSE;\nvoid service(void) { if (!g_talk) probe(); }\n"
        "int main(int argc, char **argv) { if (!start()) { g_talk = TRUE; service(); } return 0; }",
        True,
    ),
    "set-by-the-service-too": (
        "BOOL g_talk = FALSE;\nvoid service(void) { if (ask()) g_talk = TRUE; if (g_talk) probe(); }\n"
        "int main(int argc, char **argv) { if (!start()) { g_talk = TRUE; service(); } return 0; }",
        True,
    ),
    "set-by-whom-is-not-known": (
        "BOOL g_talk = FALSE;\nvoid service(void) { if (g_talk) probe(); }\n"
        "void loose(void) { g_talk = TRUE; }\n",
        True,
    ),
    "set-nowhere": (
        "static int talk = 0;\nvoid service(void) { if (talk) probe(); }",
        False,
    ),
    "set-nowhere-and-true": (
        "static int talk = 1;\nvoid service(void) { if (talk) probe(); }",
        True,
    ),
    "set-nowhere-and-true-other-arm": (
        "static int quiet = 1;\nvoid service(void) { if (!quiet) probe(); }",
        False,
    ),
    "counted-up": (
        "static int failed = 0;\nvoid service(void) { failed++; if (failed > 3) probe(); }",
        True,
    ),
    "set-nowhere-but-its-address-is-given-away": (
        "static int talk = 0;\nvoid service(void) { read_setting(&talk); if (talk) probe(); }",
        True,
    ),
    "just-set-by-an-argument": (
        "static int visible;\nvoid show(int i) { visible = i; check(0); if (visible) probe(); }\n"
        "void service(void) { show(0); }",
        False,
    ),
    "just-set-by-an-argument-that-shows": (
        "static int visible;\nvoid show(int i) { visible = i; check(0); if (visible) probe(); }\n"
        "void service(void) { show(1); }",
        True,
    ),
    "set-on-one-way-only": (
        "static int visible;\nvoid show(int i) { if (ask()) visible = i; if (visible) probe(); }\n"
        "void service(void) { show(0); }",
        True,
    ),
    "set-and-then-perhaps-again": (
        "static int visible;\nvoid again(int i);\n"
        "void show(int i) { visible = i; again(i); if (visible) probe(); }\n"
        "void again(int i) { show(ask()); }\nvoid service(void) { show(0); }",
        True,
    ),
    "jump-that-never-comes-back": (
        "static jmp_buf again;\nvoid service(void) { if (!setjmp(again)) work(); else probe(); }",
        False,
    ),
    "jump-that-comes-back": (
        "static jmp_buf again;\nvoid work(void) { longjmp(again, 1); }\n"
        "void service(void) { if (!setjmp(again)) work(); else probe(); }",
        True,
    ),
    "jump-that-somebody-else-knows": (
        "static jmp_buf again;\n"
        "void service(void) { on_error(again); if (!setjmp(again)) work(); else probe(); }",
        True,
    ),
    "set-for-a-switch": (
        "BOOL g_talk = FALSE;\nvoid service(void) { if (g_talk) probe(); }\n"
        'int main(int argc, char **argv) { if (argc > 1 && same(argv[1], "-talk")) g_talk = TRUE;\n'
        "  return start(); }",
        False,
    ),
    "set-for-the-switch-of-the-service": (
        "BOOL g_mode = FALSE;\nvoid service(void) { if (g_mode) probe(); }\n"
        'int main(int argc, char **argv) { if (argc > 1 && same(argv[1], "-service")) g_mode = 1;\n'
        "  if (g_mode) return start(); return 0; }",
        True,
    ),
    "address-given-away": (
        "BOOL g_talk = FALSE;\nvoid service(void) { read(&g_talk); if (g_talk) probe(); }\n"
        "int main(int argc, char **argv) { if (!start()) { g_talk = TRUE; service(); } return 0; }",
        True,
    ),
    "cleared-by-the-service-first": (
        "BOOL g_talk = TRUE;\nvoid work(void) { if (g_talk) probe(); }\n"
        "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { g_talk = FALSE; work(); }\n"
        "int main(int argc, char **argv) { work(); return 0; }",
        False,
    ),
    "cleared-by-the-service-too-late": (
        "BOOL g_talk = TRUE;\n"
        "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { if (g_talk) probe(); g_talk = FALSE; }\n"
        "int main(int argc, char **argv) { return start(); }",
        True,
    ),
}
NATIVE = """
void service(void);
int start(void) {{ SERVICE_TABLE_ENTRYW t[] = {{{{L"s", ServiceMain}}, {{0, 0}}}}; return StartServiceCtrlDispatcherW(t); }}
{}
"""
MAIN = "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { service(); }\n"


def shows(path: str, text: str) -> bool:
    """Whether the service shows the only message box of a program."""
    (proof,) = proofs(link({path: text})).values()
    return proof is not None


@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
@pytest.mark.parametrize(("text", "expected"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_constant_argument_decides(text: str, expected: bool, path: str) -> None:
    assert shows(path, text.replace("probe()", "MessageBoxW(0, 0, 0, 0)") + "\n" + MAIN) == expected


@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
@pytest.mark.parametrize(("text", "expected"), FLAGS.values(), ids=FLAGS)
def test_flag_decides(text: str, expected: bool, path: str) -> None:
    box = text.replace("probe()", "MessageBoxW(0, 0, 0, 0)")
    program = NATIVE.format(box) + ("" if "ServiceMain" in box else MAIN)
    assert shows(path, program) == expected


# --- Python ------------------------------------------------------------------------------------

PYTHON: dict[str, tuple[str, bool]] = {
    "argument": (
        "def work():\n    box(False)\ndef box(show):\n    if show:\n        probe()",
        False,
    ),
    "argument-true": (
        "def work():\n    box(True)\ndef box(show):\n    if show:\n        probe()",
        True,
    ),
    "keyword": (
        "def work():\n    box(1, show=False)\ndef box(n, show=True):\n    if show:\n        probe()",
        False,
    ),
    "default": (
        "def work():\n    box()\ndef box(show=False):\n    if show:\n        probe()",
        False,
    ),
    "default-true": (
        "def work():\n    box()\ndef box(show=True):\n    if show:\n        probe()",
        True,
    ),
    "unpacked": ("def work():\n    box(*a)\ndef box(show):\n    if show:\n        probe()", True),
    "None": ("def work():\n    box(None)\ndef box(t):\n    if t:\n        probe()", False),
    "method": (
        "def work():\n    C().box(False)\nclass C:\n    def box(self, show):\n"
        "        if show:\n            probe()",
        False,
    ),
    "global-set-only-by-hand": (
        "TALK = False\ndef work():\n    if TALK:\n        probe()\n"
        "if __name__ == '__main__':\n    TALK = True\n    work()",
        False,
    ),
    "global-set-by-a-function-that-runs-by-hand": (
        "TALK = False\ndef work():\n    if TALK:\n        probe()\n"
        "def by_hand():\n    global TALK\n    TALK = True\n    work()\n"
        "if __name__ == '__main__':\n    by_hand()",
        False,
    ),
    "global-set-by-the-service-too": (
        "TALK = False\ndef work():\n    global TALK\n    TALK = ask()\n    more()\n"
        "def more():\n    if TALK:\n        probe()\n"
        "if __name__ == '__main__':\n    TALK = True\n    work()",
        True,
    ),
    "constant-that-nobody-sets": (
        "TALK = True\ndef work():\n    if TALK:\n        probe()\n"
        "if __name__ == '__main__':\n    work()",
        True,
    ),
    "attribute-set-only-by-hand": (
        "def work():\n    C().run()\nclass C:\n    talk = False\n    def run(self):\n"
        "        if self.talk:\n            probe()\n    def by_hand(self):\n"
        "        self.talk = True\n        self.run()\nif __name__ == '__main__':\n    C().by_hand()",
        False,
    ),
    "attribute-that-decides-about-itself": (
        "def work():\n    C('').run()\nclass C:\n    def __init__(self, mode):\n"
        "        if self.mode == mode:\n            self.mode = mode\n"
        "        else:\n            self.mode = mode\n"
        "    def run(self):\n        if self.mode == 'x':\n            probe()",
        True,
    ),
    "attribute-set-by-the-service": (
        "def work():\n    C().run()\nclass C:\n    talk = False\n    def run(self):\n"
        "        self.talk = True\n        self.more()\n    def more(self):\n"
        "        if self.talk:\n            probe()",
        True,
    ),
}
# Each attribute is made by what two others are.
PYTHON["attributes-that-decide-about-one-another"] = (
    "def work():\n    C('').run()\nclass C:\n    def __init__(self, mode):\n"
    + "".join(
        f"        if self.a{(i + 1) % 40} == 'x' and self.a{(i + 7) % 40} == 'y':\n"
        f"            self.a{i} = mode\n        else:\n            self.a{i} = mode + 'z'\n"
        for i in range(40)
    )
    + "    def run(self):\n        if self.a0 == 'x':\n            probe()",
    True,
)
SERVICE = """
import win32api, win32serviceutil
class S(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        work()
"""


@pytest.mark.parametrize(("text", "expected"), PYTHON.values(), ids=PYTHON)
def test_python_condition_is_decided(text: str, expected: bool) -> None:
    box = text.replace("probe()", "win32api.MessageBox(0, '')")
    assert shows("a.py", SERVICE + box) == expected
