"""What a call calls: functions of the project, functions of Windows, or nothing that is known."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import calls, link, named, proofs, the_call
from sessionzero.uses.objects import objects_of

# The call that is asked about is the only one of that name: (its name, the file, its callee).
Table = Mapping[str, tuple[str, str, str]]

C: Table = {
    "windows-function": ("MessageBoxW", "void f(void) { MessageBoxW(0, 0, 0, 0); }", "MessageBoxW"),
    "without-letter": ("MessageBox", "void f(void) { MessageBox(0, 0, 0, 0); }", "MessageBox"),
    "own-function": (
        "work",
        "static void work(void) {}\nvoid f(void) { work(); }",
        "work@a.c",
    ),
    "own-function-of-a-windows-name": (
        "MessageBoxW",
        "static int MessageBoxW(int a) { return a; }\nvoid f(void) { MessageBoxW(1); }",
        "MessageBoxW@a.c",
    ),
    "unknown-function": ("work", "void f(void) { work(); }", ""),
    "macro-alias": (
        "SHOW",
        "#define SHOW MessageBoxW\nvoid f(void) { SHOW(0, 0, 0, 0); }",
        "MessageBoxW",
    ),
    "macro-alias-of-an-alias": (
        "SHOW",
        "#define BOX MessageBoxW\n#define SHOW BOX\nvoid f(void) { SHOW(0, 0, 0, 0); }",
        "MessageBoxW",
    ),
    "macro-alias-of-an-own-function": (
        "SHOW",
        "void show(void) {}\n#define SHOW show\nvoid f(void) { SHOW(); }",
        "show@a.c",
    ),
    "macro-of-itself": ("SHOW", "#define SHOW SHOW\nvoid f(void) { SHOW(0); }", ""),
    "pointer-from-a-parameter": (
        "kept",
        """
        static void (*kept)(void);
        static void keep(void (*given)(void)) { kept = given; }
        static void work(void) {}
        void f(void) { keep(work); kept(); }""",
        "work@a.c",
    ),
    "pointer-of-the-name-of-what-keeps-it": (
        "run",
        """
        static struct { void (*run)(void (*)(void)); } table;
        void run(void (*given)(void)) { table.run = given; }
        void f(void) { table.run(run); }""",
        "",
    ),
    "pointer-from-GetProcAddress": (
        "box",
        """
        void f(void) {
            BOX box = (BOX)GetProcAddress(user32, "MessageBoxW");
            box(0, 0, 0, 0);
        }""",
        "MessageBoxW",
    ),
    "global-pointer-from-GetProcAddress": (
        "box",
        """
        static BOX box;
        void load(void) { box = (BOX)GetProcAddress(user32, "MessageBoxW"); }
        void f(void) { box(0, 0, 0, 0); }""",
        "MessageBoxW",
    ),
    "pointer-to-a-windows-function": (
        "box",
        "void f(void) { BOX box = MessageBoxW; box(0, 0, 0, 0); }",
        "MessageBoxW",
    ),
    "pointer-to-an-own-function": (
        "run",
        "void work(void) {}\nvoid f(void) { void (*run)(void) = &work; run(); }",
        "work@a.c",
    ),
    "called-through-a-star": (
        "run",
        "void work(void) {}\nvoid f(void) { void (*run)(void) = work; (*run)(); }",
        "work@a.c",
    ),
    "field-of-a-structure": (
        "run",
        """
        struct S { void (*run)(void); };
        void work(void) {}
        void init(struct S *s) { s->run = work; }
        void f(struct S *s) { s->run(); }""",
        "work@a.c",
    ),
    "local-variable-hides-a-function": (
        "work",
        "void work(void) {}\nvoid f(void (*work)(void)) { work(); }",
        "",
    ),
}

CPP: Table = {
    "global-scope": ("MessageBoxW", "void f() { ::MessageBoxW(0, 0, 0, 0); }", "MessageBoxW"),
    "namespace": (
        "work",
        "namespace n { void work() {} }\nvoid f() { n::work(); }",
        "n::work@a.cpp",
    ),
    "function-of-the-other-namespace": (
        "work",
        "namespace n { void work() {} }\nnamespace m { void work() {} }\nvoid f() { m::work(); }",
        "m::work@a.cpp",
    ),
    "inside-the-namespace": (
        "work",
        "namespace n { void work() {}\nvoid f() { work(); } }",
        "n::work@a.cpp",
    ),
    "static-method": (
        "work",
        "struct C { static void work() {} };\nvoid f() { C::work(); }",
        "C::work@a.cpp",
    ),
    "method-of-an-object": (
        "work",
        "struct C { void work() {} };\nvoid f() { C c; c.work(); }",
        "C::work@a.cpp",
    ),
    "method-through-a-pointer": (
        "work",
        "struct C { void work() {} };\nvoid f(C *c) { c->work(); }",
        "C::work@a.cpp",
    ),
    "method-through-a-smart-pointer": (
        "work",
        "struct C { void work() {} };\nvoid f(std::unique_ptr<C> c) { c->work(); }",
        "C::work@a.cpp",
    ),
    "method-through-an-iterator": (
        "work",
        """
        struct C { void work() {} };
        void f(std::list<C *> &all) {
            for (std::list<C *>::iterator i = all.begin(); i != all.end(); ++i) (*i)->work();
        }""",
        "C::work@a.cpp",
    ),
    "method-through-auto": (
        "work",
        "struct C { void work() {} };\nvoid f() { auto *c = new C(); c->work(); }",
        "C::work@a.cpp",
    ),
    "method-through-a-cast": (
        "work",
        "struct C { void work() {} };\nvoid f(LPVOID p) { static_cast<C *>(p)->work(); }",
        "C::work@a.cpp",
    ),
    "method-through-a-cast-of-c": (
        "work",
        "struct C { void work() {} };\nvoid f(void *p) { ((C *)p)->work(); }",
        "C::work@a.cpp",
    ),
    "method-of-a-field": (
        "work",
        "struct C { void work() {} };\nstruct D { C c; void f() { c.work(); } };",
        "C::work@a.cpp",
    ),
    "method-of-the-right-class": (
        "work",
        "struct C { void work() {} };\nstruct D { void work() {} };\nvoid f(D &d) { d.work(); }",
        "D::work@a.cpp",
    ),
    "method-of-this": (
        "work",
        "struct C { void work() {} void f() { this->work(); } };",
        "C::work@a.cpp",
    ),
    "method-without-this": (
        "work",
        "void work() {}\nstruct C { void work() {} void f() { work(); } };",
        "C::work@a.cpp",
    ),
    "own-method-of-a-windows-name": (
        "MessageBox",
        "struct C { void MessageBox(int) {} void f() { MessageBox(1); } };",
        "C::MessageBox@a.cpp",
    ),
    "inherited-method": (
        "work",
        "struct B { void work() {} };\nstruct C : B { void f() { work(); } };",
        "B::work@a.cpp",
    ),
    "virtual-method-and-its-overrides": (
        "work",
        "struct B { virtual void work() {} };\nstruct C : B { void work() override {} };\n"
        "void f(B *b) { b->work(); }",
        "B::work@a.cpp, C::work@a.cpp",
    ),
    "pure-virtual-method": (
        "work",
        "struct B { virtual void work() = 0; };\nstruct C : B { void work() override {} };\n"
        "void f(B *b) { b->work(); }",
        "C::work@a.cpp",
    ),
    "hook-that-a-base-calls": (
        "work",
        "struct B { void f() { work(); } virtual void work() {} };\n"
        "struct C : B { void work() override {} };\n",
        "B::work@a.cpp, C::work@a.cpp",
    ),
    "constructor": ("C", "struct C { C() {} };\nvoid f() { new C(); }", "C::C@a.cpp"),
    "method-of-mfc": ("DoModal", "void f() { CDialog d; d.DoModal(); }", "CDialog::DoModal"),
    "method-of-an-mfc-subclass": (
        "DoModal",
        "class D : public CDialogEx {};\nvoid f() { D d; d.DoModal(); }",
        "CDialog::DoModal",
    ),
    "method-of-the-mfc-base": (
        "MessageBox",
        'class D : public CDialog { void f() { MessageBox(L""); } };',
        "CWnd::MessageBox",
    ),
    "static-method-of-qt": (
        "warning",
        "void f() { QMessageBox::warning(nullptr, a, b); }",
        "QMessageBox::warning",
    ),
    "method-of-an-unknown-type": ("DoModal", "void f(Page &p) { p.DoModal(); }", ""),
    "lambda-variable": (
        "work",
        "void f() { auto work = [] {}; work(); }",
        "a lambda in f@a.cpp",
    ),
}

PYTHON: Table = {
    "pywin32": (
        "MessageBox",
        "import win32api\nwin32api.MessageBox(0, '')",
        "win32api.MessageBox",
    ),
    "pywin32-alias": (
        "MessageBox",
        "import win32api as api\napi.MessageBox(0, '')",
        "win32api.MessageBox",
    ),
    "pywin32-from": (
        "MessageBox",
        "from win32api import MessageBox\nMessageBox(0, '')",
        "win32api.MessageBox",
    ),
    "pywin32-from-as": (
        "box",
        "from win32api import MessageBox as box\nbox(0)",
        "win32api.MessageBox",
    ),
    "star-import": ("MessageBox", "from win32api import *\nMessageBox(0)", "win32api.MessageBox"),
    "star-imports-in-order": (
        "CreateEvent",
        "from win32api import *\nfrom win32event import *\nCreateEvent(None, 1, 0, None)",
        "win32event.CreateEvent",
    ),
    "import-in-the-function": (
        "MessageBox",
        "def f():\n    import win32api\n    win32api.MessageBox(0, '')",
        "win32api.MessageBox",
    ),
    "import-with-a-fallback": (
        "MessageBox",
        "try:\n    import win32gui as gui\nexcept ImportError:\n    gui = None\ngui.MessageBox(0)",
        "win32gui.MessageBox",
    ),
    "variable": (
        "box",
        "import win32api\nbox = win32api.MessageBox\nbox(0)",
        "win32api.MessageBox",
    ),
    "getattr": (
        "box",
        "import win32api\nbox = getattr(win32api, 'MessageBox')\nbox(0)",
        "win32api.MessageBox",
    ),
    "ctypes-windll": (
        "MessageBoxW",
        "import ctypes\nctypes.windll.user32.MessageBoxW(0, '', '', 0)",
        "MessageBoxW",
    ),
    "ctypes-from-windll": (
        "MessageBoxW",
        "from ctypes import windll\nwindll.user32.MessageBoxW(0, '', '', 0)",
        "MessageBoxW",
    ),
    "ctypes-star": (
        "MessageBoxW",
        "from ctypes import *\nwindll.user32.MessageBoxW(0, '', '', 0)",
        "MessageBoxW",
    ),
    "ctypes-WinDLL": (
        "MessageBoxW",
        "import ctypes\nuser32 = ctypes.WinDLL('user32.dll', use_last_error=True)\n"
        "user32.MessageBoxW(0, '', '', 0)",
        "MessageBoxW",
    ),
    "ctypes-LoadLibrary": (
        "MessageBoxW",
        "import ctypes\nctypes.windll.LoadLibrary('user32').MessageBoxW(0, '', '', 0)",
        "MessageBoxW",
    ),
    "ctypes-function-in-a-variable": (
        "box",
        "from ctypes import windll\nuser32 = windll.user32\nbox = user32.MessageBoxW\nbox(0, '')",
        "MessageBoxW",
    ),
    "own-function": ("f", "def f(): pass\nf()", "f@a.py"),
    "own-function-of-an-imported-name": (
        "MessageBox",
        "def MessageBox(text): pass\nMessageBox('')",
        "MessageBox@a.py",
    ),
    "foreign-module-of-the-same-function": (
        "MessageBox",
        "import elsewhere\nelsewhere.MessageBox(0, '')",
        "",
    ),
    "method-of-self": (
        "f",
        "class C:\n    def f(self): pass\n    def g(self): self.f()",
        "C.f@a.py",
    ),
    "method-of-an-instance": ("f", "class C:\n    def f(self): pass\nc = C()\nc.f()", "C.f@a.py"),
    "method-of-an-attribute": (
        "f",
        "class C:\n    def f(self): pass\nclass D:\n    def __init__(self):\n"
        "        self.c = C()\n    def g(self): self.c.f()",
        "C.f@a.py",
    ),
    "method-of-super": (
        "f",
        "class B:\n    def f(self): pass\nclass C(B):\n    def f(self): super().f()",
        "B.f@a.py",
    ),
    "hook-that-a-base-calls": (
        "f",
        "class B:\n    def g(self): self.f()\n    def f(self): pass\n"
        "class C(B):\n    def f(self): pass",
        "B.f@a.py, C.f@a.py",
    ),
    "constructor": ("C", "class C:\n    def __init__(self): pass\nC()", "C.__init__@a.py"),
    "static-method": (
        "f",
        "class C:\n    @staticmethod\n    def f(): pass\nC.f()",
        "C.f@a.py",
    ),
    "parameter-hides-a-function": ("f", "def f(): pass\ndef g(f): f()", ""),
    "builtin": ("input", "input('')", "builtins.input"),
}


@pytest.mark.parametrize(("name", "text", "callee"), C.values(), ids=C)
def test_c_call(name: str, text: str, callee: str) -> None:
    program = link({"a.c": text})
    assert named(program.callees.of(the_call(program, name)[0]), program) == callee


@pytest.mark.parametrize(("name", "text", "callee"), C.values(), ids=C)
def test_c_call_means_the_same_in_cpp(name: str, text: str, callee: str) -> None:
    program = link({"a.cpp": text})
    found = named(program.callees.of(the_call(program, name)[0]), program)
    assert found == callee.replace("@a.c", "@a.cpp")


@pytest.mark.parametrize(("name", "text", "callee"), CPP.values(), ids=CPP)
def test_cpp_call(name: str, text: str, callee: str) -> None:
    program = link({"a.cpp": text})
    assert named(program.callees.of(the_call(program, name)[0]), program) == callee


@pytest.mark.parametrize(("name", "text", "callee"), PYTHON.values(), ids=PYTHON)
def test_python_call(name: str, text: str, callee: str) -> None:
    program = link({"a.py": text})
    assert named(program.callees.of(the_call(program, name)[0]), program) == callee


def test_function_like_macro_is_a_call_of_what_its_body_calls() -> None:
    program = link(
        {
            "a.c": """
            #define FAIL(text) MessageBoxW(NULL, text, L"Agent", MB_OK)
            void WINAPI ServiceMain(DWORD c, LPWSTR *v) { FAIL(L"no"); }"""
        }
    )
    assert list(proofs(program)) == ["ServiceMain"]


def test_callers_are_the_calls_that_resolve_to_the_function() -> None:
    program = link(
        {
            "a.c": "static void work(void) {}\nvoid f(void) { work(); work(); }",
            "b.c": "static void work(void) {}\nvoid g(void) { work(); }",
        }
    )
    (func,) = program.callees.of(next(calls(program, "work"))[0]).functions
    assert [site.unit for site in program.callees.callers(func)] == [0, 0]


def test_method_of_a_base_behind_macros_is_that_of_each_platform() -> None:
    text = """
    class Windows { public: void Run() {} };
    class Unix { public: void Run() {} };
    #define PLATFORM Windows
    #define PLATFORM Unix
    class Agent : public PLATFORM {};
    void f() { Agent agent; agent.Run(); }"""
    program = link({"a.cpp": text})
    site, _ = the_call(program, "Run")
    owners = {program.function_name(func) for func in program.callees.of(site).functions}
    assert owners == {"Windows::Run", "Unix::Run"}


def test_template_gives_back_what_it_was_made_for() -> None:
    text = """
    class Server { public: bool Run(); };
    class Other { public: bool Run(); };
    bool Server::Run() { return true; }
    bool Other::Run() { return true; }
    template <class T> class Singleton { public: static T &Instance(); };
    template <class T> T &Singleton<T>::Instance() { static T it; return it; }
    #define THE_SERVER Singleton<Server>::Instance()
    void f() { THE_SERVER.Run(); }"""
    program = link({"a.cpp": text})
    site, _ = the_call(program, "Run")
    names = [program.function_name(func) for func in program.callees.of(site).functions]
    assert names == ["Server::Run"]


def test_objects_that_are_called_are_those_of_their_own_class() -> None:
    text = """
    class Save { public: void operator()() {} };
    class Load { public: void operator()() {} };
    struct Out { Save job; };
    struct In { Load job; };
    void f(Out *out, In *in) { out->job(); in->job(); }"""
    program = link({"a.cpp": text})
    found = [named(program.callees.of(site), program) for site, _ in calls(program, "job")]
    assert found == ["Save::operator()@a.cpp", "Load::operator()@a.cpp"]


def test_macro_may_stand_for_an_object() -> None:
    text = """
    class Daemon { public: static Daemon &Instance() { static Daemon it; return it; } bool Run(); };
    class Other { public: bool Run(); };
    bool Daemon::Run() { return true; }
    bool Other::Run() { return true; }
    #define THE_DAEMON Daemon::Instance()
    void f() { THE_DAEMON.Run(); }"""
    program = link({"a.cpp": text})
    site, _ = the_call(program, "Run")
    names = [program.function_name(func) for func in program.callees.of(site).functions]
    assert names == ["Daemon::Run"]


NAMES = "using Signal = CEvent;\ntypedef Signal Ready;\nclass Own { };\nusing Other = Own;\n"
MADE = """#include <windows.h>
#include "names.h"
struct Cards {
    Cards() : ready_(FALSE, TRUE, L"CardReady"), other_(FALSE, TRUE, L"Unknown") {}
    Ready ready_;
    Other other_;
};
void Write() { Signal done(FALSE, TRUE, L"CardDone"); }
"""


def test_class_of_the_catalogue_is_known_by_other_names_of_its_type() -> None:
    uses = objects_of(link({"names.h": NAMES, "cards.cpp": MADE})).uses
    assert sorted(use.known.text for use in uses) == ["CardDone", "CardReady"]
