"""Source that nests, leads on or runs in circles without end: the run ends, and loses nothing.

What leads on or runs in circles is read in a process of its own, which ends when time is up.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands import PYTHON_SERVICE, SERVICE, call, found_all_the_same, spawn, write

DEPTH = 10_000  # far more than the stack of a recursive parser holds
CHAIN = 5_000  # more steps than Python has frames


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a good service, whose one defect every run must still find."""
    write(tmp_path / "project/good.c", SERVICE)
    return tmp_path / "project"


def service(body: str, before: str = "") -> str:
    """A C and C++ service that does something before it shows its message box."""
    return before + SERVICE.replace("    MessageBoxW", f"    {body};\n    MessageBoxW")


def python_service(body: str, before: str = "") -> str:
    """The Python service with statements before its message box."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return before + PYTHON_SERVICE.replace("        win32api", f"{lines}        win32api")


NESTED = {
    "parentheses": f"x = {'(' * DEPTH}1{')' * DEPTH}",
    "open-parentheses": f"x = {'(' * DEPTH}",
    "calls": f"x = {'f(' * DEPTH}1{')' * DEPTH}",
    "brackets": f"x = {'a[' * DEPTH}0{']' * DEPTH}",
    "members": f"x = a{'.b' * DEPTH}",
    "sums": f"x = {'a + ' * DEPTH}1",
    "signs": f"x = {'-' * DEPTH}1",
}
NATIVE_NESTED = {
    **NESTED,
    "blocks": "{" * DEPTH + "}" * DEPTH,
    "open-blocks": "{" * DEPTH,
    "lists": f"int x[] = {'{' * DEPTH}1{'}' * DEPTH}",
    "ifs": f"{'if (x) {' * DEPTH}{'}' * DEPTH}",
    "else-ifs": f"if (x) {{}} {'else if (x) {} ' * DEPTH}",
    "choices": f"x = {'a ? 1 : ' * DEPTH}0",
    "casts": f"x = {'(int)' * DEPTH}y",
    "pointers": f"x = {'*' * DEPTH}y",
    "flags": f"x = {'MB_OK | ' * DEPTH}0",
    "literals": "x = " + DEPTH * 'L"x" ',
}
PYTHON_NESTED = {
    **NESTED,
    "braces": f"x = {'{' * DEPTH}{'}' * DEPTH}",
    "elifs": "if x: pass\n" + "elif x: pass\n" * DEPTH,
    "lambdas": f"x = {'lambda: ' * DEPTH}1",
    "blocks": "".join(f"{' ' * depth}if x:\n" for depth in range(600)) + " " * 300 + "pass",
}


@pytest.mark.parametrize("suffix", [".c", ".cpp"])
@pytest.mark.parametrize("case", NATIVE_NESTED)
def test_native_source_that_nests_without_end_ends(case: str, suffix: str, project: Path) -> None:
    write(project / f"bad{suffix}", service(NATIVE_NESTED[case]))
    assert found_all_the_same(call(project, "check"))


@pytest.mark.parametrize("case", PYTHON_NESTED)
def test_python_that_nests_without_end_gets_a_notice(case: str, project: Path) -> None:
    write(project / "bad.py", python_service(PYTHON_NESTED[case]))
    outcome = call(project, "check")
    assert found_all_the_same(outcome)
    assert re.search(r"^bad\.py:\d+: warning: .*; nothing in this file", outcome.out, re.M)


def chain(first: str, step: str, separator: str = "\n") -> str:
    """A text for the beginning, and one for each step from ``{a}`` to its successor ``{b}``."""
    steps = (step.format(a=number, b=number + 1) for number in range(CHAIN))
    return separator.join([first, *steps])


WAIT = f"CreateEventW(NULL, FALSE, FALSE, v{CHAIN})"
PYTHON_WAIT = "import win32event\nwin32event.CreateEvent(None, 0, 0, {})\n"

ENDLESS = {
    "macros-in-a-circle.c": service(
        "CreateEventW(A, C(1), E, B)",
        "#define A B\n#define B A\n#define C(x) D(x)\n#define D(x) C(x)\n#define E E\n",
    ),
    "macros-in-a-row.c": service(WAIT, chain('#define v0 L"x"', "#define v{b} v{a}") + "\n"),
    "macros-that-double.c": service(
        WAIT, chain('#define v0 L"x"', "#define v{b} v{a} v{a}") + "\n"
    ),
    "header-of-itself.h": '#include "header-of-itself.h"\n' + service("puts(0)"),
    "bases-in-a-circle.cpp": service(
        "A().stop()", "struct A : B { void run(); };\nstruct B : A { void stop(); };\n"
    ),
    "bases-in-a-row.cpp": service(
        f"C{CHAIN} c; c.run(); c.none()",
        chain("struct C0 { virtual void run(); };", "struct C{b} : C{a} {{}};") + "\n",
    ),
    "calls-in-a-circle.c": service("a()", "void a(void) { b(); a(); }\nvoid b(void) { a(); }\n"),
    "calls-in-a-row.c": service("f0()", chain("", "void f{a}(void) {{ f{b}(); }}")),
    "results-in-a-row.c": service(
        "CreateEventW(0, 0, 0, f0())", chain("", "LPCWSTR f{a}(void) {{ return f{b}(); }}")
    ),
    "parameters-in-a-row.c": service(
        'f0(L"x")', chain("", "void f{a}(LPCWSTR n) {{ f{b}(n); CreateEventW(0, 0, 0, n); }}")
    ),
    "variables-in-a-circle.c": service(
        "LPCWSTR a = b, b = a; a = b; b = a; CreateEventW(0, 0, 0, a)",
        "LPCWSTR c = d;\nLPCWSTR d = c;\n",
    ),
    "variables-in-a-row.c": service(chain('LPCWSTR v0 = L"x";', "LPCWSTR v{b} = v{a};") + WAIT),
    "fields-from-one-another.c": service(
        "CreateEventW(0, 0, 0, one->f0)",
        "struct S { LPCWSTR "
        + ", ".join(f"f{i}" for i in range(30))
        + "; };\nstruct S *one;\n"
        + "".join(
            f"void g{i}_{j}(struct S *s) {{ s->f{i} = s->f{j}; }}\n"
            for i in range(30)
            for j in range(30)
        ),
    ),
    "texts-written-from-one-another.c": service(
        ";\n    ".join(f"CreateEventA(0, 0, 0, g{i})" for i in range(600)),
        "".join(f"char g{i}[9];\n" for i in range(600))
        + "".join(
            f'void w{i}(void) {{ sprintf(g{i}, "%s%s", g{(i + 1) % 600}, g{(i + 2) % 600}); }}\n'
            for i in range(600)
        ),
    ),
    "shifts-and-divisions.c": service(
        "MessageBoxW(0, 0, 0, 1 << 2000000000 | 1 << -1 | 1 / 0 | 5 % 0 | 0x7fffffff * 99999999999)"
    ),
    "variables-in-a-circle.py": python_service(
        PYTHON_WAIT.format("a + c"), "a = b\nb = a\nc = c\n"
    ),
    "variables-in-a-row.py": python_service(
        chain('v0 = ""', "v{b} = v{a} + 'x'") + "\n" + PYTHON_WAIT.format(f"v{CHAIN}")
    ),
    "constants-in-a-row.py": python_service(
        PYTHON_WAIT.format(f"v{CHAIN}"), chain('v0 = ""', "v{b} = v{a} + 'x'") + "\n"
    ),
    "one-variable-again-and-again.py": python_service(
        chain('v = ""', "v = v + 'x'") + "\n" + PYTHON_WAIT.format("v")
    ),
    "texts-that-double.py": python_service(
        chain("v0 = 'x'", "v{b} = v{a} + v{a}") + "\n" + PYTHON_WAIT.format("v60")
    ),
    "choices-that-double.py": python_service(
        chain("v0 = 'x'", "v{b} = v{a} + '1' if q else v{a} + '2'")
        + "\n"
        + PYTHON_WAIT.format("v60")
    ),
    "values-without-measure.py": python_service(
        PYTHON_WAIT.format("'x' * 10 ** 10 + '%1000000000d' % 5 + f'{1:>9999999999}'")
        + PYTHON_WAIT.format("'{:1000000000}'.format(1) + str(1 << 10 ** 10)")
    ),
    "attributes-from-one-another.py": "class Node:\n    def turn(self):\n"
    + "".join(f"        self.a{i} = self.a{j}\n" for i in range(50) for j in range(50))
    + "    def go(self):\n        self.a0.run()\n\n\n"
    + python_service("Node().go()"),
    "results-in-a-circle.py": python_service(
        PYTHON_WAIT.format("f(1) + g(2)"),
        "def f(x): return f(x)\ndef g(x): return h(x)\ndef h(x): return g(x)\n",
    ),
    "bases-in-a-circle.py": "class A(B): pass\nclass B(A): pass\n"
    + PYTHON_SERVICE.replace("(win32", "(A, win32"),
    "methods-in-a-row.py": "class C0:\n    def run(self): pass\n"
    + "".join(f"class C{i + 1}(C{i}):\n    def run(self): pass\n" for i in range(300))
    + python_service(f"for kind in {', '.join(f'C{i}' for i in range(300))}:\n    kind().run()"),
    "bases-in-a-row.py": chain(
        "import win32serviceutil\nclass C0(win32serviceutil.ServiceFramework): pass",
        "class C{b}(C{a}): pass",
    )
    + "\n"
    + PYTHON_SERVICE.replace("win32serviceutil.ServiceFramework", f"C{CHAIN}"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_source_that_leads_in_circles_or_far_ends(name: str, project: Path) -> None:
    write(project / name, ENDLESS[name])
    outcome = spawn(project, "check")
    assert found_all_the_same(outcome)
    assert f"\n{name}:" in f"\n{outcome.out}"


def test_document_of_many_services_is_looked_through_once(project: Path) -> None:
    write(project / "many.xml", "<services>" + "<service name='a'/>" * 200_000 + "</services>")
    assert found_all_the_same(spawn(project, "check"))
