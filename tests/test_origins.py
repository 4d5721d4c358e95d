"""Where a value comes from: constants of other files, and the place where each was written."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, link, probed, shown, written

# --- Several files ------------------------------------------------------------------------------

ACROSS: Mapping[str, tuple[Files, str]] = {
    "macro-of-a-header": (
        {
            "a.c": '#include "names.h"\nvoid f(void) { probe(NAME); }',
            "names.h": '#define NAME L"A"',
        },
        "A",
    ),
    "macro-of-a-header-of-a-header": (
        {
            "src/a.c": '#include "all.h"\nvoid f(void) { probe(NAME); }',
            "include/all.h": '#include "detail/names.h"',
            "include/detail/names.h": '#define NAME L"A"',
        },
        "A",
    ),
    "header-written-with-a-backslash": (
        {
            "a.c": '#include "inc\\names.h"\nvoid f(void) { probe(NAME); }',
            "inc/names.h": '#define NAME L"A"',
        },
        "A",
    ),
    "template-of-a-header": (
        {
            "a.c": '#include "config.h"\nvoid f(void) { probe(NAME); }',
            "config.h.in": '#define NAME "A"',
        },
        "A",
    ),
    "included-header-before-another-of-the-project": (
        {
            "a/a.c": '#include "names.h"\nvoid f(void) { probe(NAME); }',
            "a/names.h": '#define NAME "A"',
            "b/names.h": '#define NAME "B"',
        },
        "A",
    ),
    "function-like-macro-of-a-header": (
        {
            "a.cpp": '#include "names.h"\nvoid f() { probe(GLOBAL(L"A")); }',
            "names.h": r'#define GLOBAL(base) L"Global\\" base',
        },
        r"Global\A",
    ),
    "constexpr-of-a-header": (
        {
            "a.cpp": '#include "names.hpp"\nvoid f() { probe(names::Ready); }',
            "names.hpp": 'namespace names { inline constexpr const char *Ready = "A"; }',
        },
        "A",
    ),
    "enumerator-of-a-header": (
        {
            "a.c": '#include "flags.h"\nvoid f(void) { probe(TYPE); }',
            "flags.h": "enum { OWN = 0x10, DESKTOP = 0x100, TYPE = OWN | DESKTOP };",
        },
        "0x110",
    ),
    "global-defined-in-another-file": (
        {
            "a.c": '#include "names.h"\nvoid f(void) { probe(Name); }',
            "names.h": "extern const char *Name;",
            "names.c": 'const char *Name = "A";',
        },
        "A",
    ),
    "static-of-another-file-is-not-meant": (
        {
            "a.c": 'static const char *Name = "A";\nvoid f(void) { probe(Name); }',
            "b.c": 'static const char *Name = "B";',
        },
        "A",
    ),
    "member-set-in-another-file": (
        {
            "c.h": "class C { public: C(); void f(); const char *m_name; };",
            "a.cpp": '#include "c.h"\nC::C() { m_name = "A"; }',
            "b.cpp": '#include "c.h"\nvoid C::f() { probe(m_name); }',
        },
        "A",
    ),
    "parameter-from-another-file": (
        {
            "wrap.h": "void f(const char *name);",
            "wrap.c": '#include "wrap.h"\nvoid f(const char *name) { probe(name); }',
            "a.c": '#include "wrap.h"\nvoid g(void) { f("A"); }',
        },
        "A",
    ),
    "python-from-import": ({"a.py": "from names import N\nprobe(N)", "names.py": "N = 'A'"}, "A"),
    "python-from-import-as": (
        {"a.py": "from names import N as M\nprobe(M)", "names.py": "N = 'A'"},
        "A",
    ),
    "python-module": ({"a.py": "import names\nprobe(names.N)", "names.py": "N = 'A'"}, "A"),
    "python-star": ({"a.py": "from names import *\nprobe(N)", "names.py": "N = 'A'"}, "A"),
    "python-relative": (
        {"p/__init__.py": "", "p/a.py": "from .names import N\nprobe(N)", "p/names.py": "N = 'A'"},
        "A",
    ),
    "python-parent": (
        {
            "p/__init__.py": "",
            "p/q/__init__.py": "",
            "p/q/a.py": "from .. import names\nprobe(names.N)",
            "p/names.py": "N = 'A'",
        },
        "A",
    ),
    "python-constant-of-constants": (
        {
            "a.py": "from b import FULL\nprobe(FULL)",
            "b.py": "from c import BASE\nFULL = 'Global\\\\' + BASE",
            "c.py": "BASE = 'A'",
        },
        r"Global\A",
    ),
    "python-class-constant-of-another-module": (
        {
            "a.py": "import b\nclass C(b.Base):\n    def f(self):\n        probe(self.N)",
            "b.py": "class Base:\n    N = 'A'",
        },
        "A",
    ),
}

# --- Where it was written -----------------------------------------------------------------------

ORIGINS: Mapping[str, tuple[Files, str]] = {
    "literal-itself": ({"a.c": 'void f(void) { probe(L"A"); }'}, 'a.c: L"A"'),
    "initialiser": (
        {"a.c": 'void f(void) { const char *name = "A"; probe(name); }'},
        'a.c: "A"',
    ),
    "macro-of-a-header": (
        {"a.c": '#include "n.h"\nvoid f(void) { probe(N); }', "n.h": '#define N L"A"'},
        'n.h: L"A"',
    ),
    "first-of-several-pieces": (
        {
            "a.c": '#include "n.h"\nvoid f(void) { probe(PREFIX "A"); }',
            "n.h": '#define PREFIX "B"',
        },
        'n.h: "B"',
    ),
    "caller-of-a-wrapper": (
        {"a.c": 'void f(const char *n) { probe(n); }\nvoid g(void) { f("A"); }'},
        'a.c: "A"',
    ),
    "return-of-a-function": (
        {"a.c": 'const char *n(void) { return "A"; }\nvoid f(void) { probe(n()); }'},
        'a.c: "A"',
    ),
    "template-of-sprintf": (
        {"a.c": 'void f(void) { char b[9]; sprintf(b, "A%d", 7); probe(b); }'},
        'a.c: "A%d"',
    ),
    "source-of-strcpy": (
        {"a.c": 'void f(void) { char b[9]; strcpy(b, "A"); probe(b); }'},
        'a.c: "A"',
    ),
    "or-assigned-flag": (
        {"a.c": "void f(void) { DWORD t = 0x10; t |= 0x100; probe(t); }"},
        "a.c: 0x100",
    ),
    "flag-rather-than-the-base-type": (
        {"a.c": "#define DESKTOP 0x100\nvoid f(void) { probe(DESKTOP | 0x10); }"},
        "a.c: 0x100",
    ),
    "constant-of-windows-where-it-is-used": (
        {"a.c": "void f(void) { probe(SERVICE_INTERACTIVE_PROCESS); }"},
        "a.c: SERVICE_INTERACTIVE_PROCESS",
    ),
    "enumerator": ({"a.c": "enum { T = 0x110 };\nvoid f(void) { probe(T); }"}, "a.c: 0x110"),
    "module-constant": ({"a.py": "import n\nprobe(n.N)", "n.py": "N = 'A'"}, "n.py: 'A'"),
    "imported-constant": (
        {"a.py": "from n import N\nprobe(N)", "n.py": "N = 'A'"},
        "n.py: 'A'",
    ),
    "class-constant": (
        {"a.py": "class C:\n    N = 'A'\n    def f(self):\n        probe(self.N)"},
        "a.py: 'A'",
    ),
    "beginning-of-an-f-string": (
        {"a.py": 'import n\nprobe(f"{n.PREFIX}A")', "n.py": "PREFIX = 'B'"},
        "n.py: 'B'",
    ),
    "behind-wide-characters": (
        {"a.c": 'const char *other = "äöü€😀"; void f(void) { probe("A"); }'},
        'a.c: "A"',
    ),
}


@pytest.mark.parametrize(("files", "known"), ACROSS.values(), ids=ACROSS)
def test_value_from_another_file(files: Files, known: str) -> None:
    assert shown(probed(link(files))) == known


@pytest.mark.parametrize(("files", "origin"), ORIGINS.values(), ids=ORIGINS)
def test_origin_is_where_the_constant_was_written(files: Files, origin: str) -> None:
    program = link(files)
    (known,) = probed(program).known
    assert written(program.place(known.origin), files) == origin


def test_name_passed_through_wrappers_keeps_each_argument_on_its_way() -> None:
    files = {
        "a.c": """
        void f(const char *inner) { probe(inner); }
        void g(const char *outer) { f(outer); }
        void h(void) { g("A"); }"""
    }
    program = link(files)
    (known,) = probed(program).known
    assert [written(program.place(spot), files) for spot in known.passed] == [
        'a.c: "A"',
        "a.c: outer",
    ]
