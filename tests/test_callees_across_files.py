"""What a call calls in another file: the right one of several, or none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, link, named, the_call

# The files, and the call that is asked about.
ACROSS: Mapping[str, tuple[str, Files, str]] = {
    "declared-in-a-header": (
        "work",
        {
            "a.c": '#include "work.h"\nvoid f(void) { work(); }',
            "work.h": "void work(void);",
            "lib/work.c": "void work(void) {}",
        },
        "work@lib/work.c",
    ),
    "same-directory-without-a-prototype": (
        "work",
        {"a.c": "void f(void) { work(); }", "b.c": "void work(void) {}"},
        "work@b.c",
    ),
    "same-name-far-away": (
        "work",
        {"one/a.c": "void f(void) { work(); }", "two/b.c": "void work(void) {}"},
        "",
    ),
    "pointer-that-another-file-sets": (
        "start",
        {
            "a.c": '#include "b.h"\nvoid f(void) { start(); }',
            "b.h": "typedef void (*Start)(void);\nextern Start start;",
            "b.c": '#include "b.h"\nStart start = NULL;\nstatic void work(void) {}\n'
            "void set_up(void) { start = work; }",
        },
        "work@b.c",
    ),
    "pointer-of-another-file-alone": (
        "start",
        {
            "a.c": '#include "b.h"\nvoid f(void) { start(); }',
            "b.h": "typedef void (*Start)(void);\nextern Start start;",
            "b.c": "static void (*start)(void);\nstatic void work(void) {}\n"
            "void set_up(void) { start = work; }",
            "c.c": "static void work(void) {}\nvoid set(void (*start)(void)) { start = work; }",
        },
        "",
    ),
    "static-of-another-file": (
        "work",
        {"a.c": "void f(void) { work(); }", "b.c": "static void work(void) {}"},
        "",
    ),
    "static-in-two-files": (
        "work",
        {
            "a.c": "static void work(void) {}\nvoid f(void) { work(); }",
            "b.c": "static void work(void) {}",
        },
        "work@a.c",
    ),
    "stub-for-a-build-without-it": (
        "work",
        {
            "a.c": "int work(void);\n#ifndef WITH_IT\nint work(void) { return 0; }\n#endif\n"
            "void f(void) { work(); }",
            "b.c": "int work(void) { return 1; }",
        },
        "work@a.c, work@b.c",
    ),
    "what-is-no-stub-but-the-other-branch-of-one": (
        "work",
        {
            "a.c": "int work(void);\n#ifndef WITH_IT\n#else\nint work(void) { return 0; }\n#endif\n"
            "void f(void) { work(); }",
            "b.c": "int work(void) { return 1; }",
        },
        "work@a.c",
    ),
    "main-under-another-name": (
        "real_main",
        {
            "a.c": "int real_main(void);\nint WinMain(void) { return real_main(); }",
            "b.c": "#define main real_main\nint main(void) { return 0; }",
        },
        "main@b.c",
    ),
    "renamed-below": (
        "other",
        {
            "a.c": "int other(void);\nvoid f(void) { other(); }",
            "b.c": "int work(void) { return 0; }\n#define work other",
        },
        "",
    ),
    "overload-of-another-file": (
        "work",
        {
            "a.cpp": "extern int work(int, char **);\nint work(void *p) { return work(1, 0); }",
            "b.cpp": "int work(int count, char **words) { return 0; }",
        },
        "work@b.cpp",
    ),
    "overload-in-another-executable": (
        "work",
        {
            "a.cpp": "extern int work(int, char **);\nint work(void *p) { return 0; }\n"
            "int main() { return work(1, 0); }",
            "b.cpp": "int work(int count, char **words) { return 0; }\nint main() { return 0; }",
        },
        "work@a.cpp",
    ),
    "default-argument": (
        "work",
        {
            "a.cpp": "int work(int a, int b = 0) { return 0; }\nint f() { return work(1); }",
            "b.cpp": "int work(int a) { return 0; }",
        },
        "work@a.cpp",
    ),
    "main-only-in-a-test-build": (
        "work",
        {
            "a.c": "void work(void);\nint main(void) { work(); return 0; }",
            "b.c": "void work(void) {}\n#ifdef TEST\nint main(void) { return 0; }\n#endif",
        },
        "work@b.c",
    ),
    "same-name-in-two-executables": (
        "work",
        {
            "a/main.c": "void work(void) {}\nint main(void) { work(); return 0; }",
            "b/main.c": "void work(void) {}\nint main(void) { return 0; }",
        },
        "work@a/main.c",
    ),
    "function-of-the-other-executable": (
        "work",
        {
            "main.c": "int main(void) { work(); return 0; }",
            "tray.c": "void work(void) {}\nint main(void) { return 0; }",
        },
        "",
    ),
    "nearest-of-two": (
        "work",
        {
            "one/a.c": '#include "work.h"\nvoid f(void) { work(); }',
            "one/b.c": "void work(void) {}",
            "two/b.c": "void work(void) {}",
            "work.h": "void work(void);",
        },
        "work@one/b.c",
    ),
    "method-declared-in-a-header": (
        "work",
        {
            "c.h": "class C { public: void work(); };",
            "c.cpp": '#include "c.h"\nvoid C::work() {}',
            "a.cpp": '#include "c.h"\nvoid f(C &c) { c.work(); }',
        },
        "C::work@c.cpp",
    ),
    "override-in-another-file": (
        "work",
        {
            "b.h": "class B { public: virtual void work() = 0; };",
            "c.cpp": '#include "b.h"\nclass C : public B { void work() override {} };',
            "a.cpp": '#include "b.h"\nvoid f(B &b) { b.work(); }',
        },
        "C::work@c.cpp",
    ),
    "windows-name-defined-in-another-file": (
        "MessageBoxW",
        {
            "a.c": "void f(void) { MessageBoxW(0, 0, 0, 0); }",
            "b.c": "int MessageBoxW(HWND a, LPCWSTR b, LPCWSTR c, UINT d) { return 0; }",
        },
        "MessageBoxW",
    ),
    "python-module-of-the-project": (
        "f",
        {"a.py": "import b\nb.f()", "b.py": "def f(): pass"},
        "f@b.py",
    ),
    "python-function-of-a-package": (
        "f",
        {"a.py": "import p.b\np.b.f()", "p/__init__.py": "", "p/b.py": "def f(): pass"},
        "f@p/b.py",
    ),
    "python-re-exported": (
        "f",
        {
            "a.py": "from p import f\nf()",
            "p/__init__.py": "from .b import f",
            "p/b.py": "def f(): pass",
        },
        "f@p/b.py",
    ),
    "python-star-of-a-module-that-imports-pywin32": (
        "MessageBox",
        {"a.py": "from b import *\nMessageBox(0)", "b.py": "from win32api import MessageBox"},
        "win32api.MessageBox",
    ),
    "python-own-module-of-a-pywin32-name": (
        "MessageBox",
        {
            "a.py": "import win32api\nwin32api.MessageBox(0)",
            "win32api.py": "def MessageBox(x): pass",
        },
        "MessageBox@win32api.py",
    ),
    "python-override-in-another-module": (
        "hook",
        {
            "base.py": "class Base:\n    def run(self): self.hook()\n    def hook(self): pass",
            "own.py": "import base\nclass Own(base.Base):\n    def hook(self): pass",
        },
        "Base.hook@base.py, Own.hook@own.py",
    ),
}


@pytest.mark.parametrize(("name", "files", "callee"), ACROSS.values(), ids=ACROSS)
def test_call_into_another_file(name: str, files: Files, callee: str) -> None:
    program = link(files)
    assert named(program.callees.of(the_call(program, name)[0]), program) == callee
