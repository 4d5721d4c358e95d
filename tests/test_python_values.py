"""What Python's own ways of keeping values give: source text → the alternatives."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import link, probed, shown

# What the first argument of `probe` is.
KNOWN: Mapping[str, tuple[str, str]] = {
    "self.x-from-param": (
        "class C:\n"
        "    def __init__(self, n):\n"
        "        self.x = n\n"
        "    def f(self):\n"
        "        probe(self.x)\n"
        "C('A').f()",
        "A",
    ),
    "obj.x-from-param": (
        "class C:\n    def __init__(self, n):\n        self.x = n\nc = C('A')\nprobe(c.x)",
        "A",
    ),
    "two-instances": (
        "class C:\n"
        "    def __init__(self, n):\n"
        "        self.x = n\n"
        "c = C('A')\n"
        "d = C('B')\n"
        "probe(c.x)",
        "A | B",
    ),
    "dict-const": ("D = {'a':'A','b':'B'}\nprobe(D['a'])", "A"),
    "dict-const-in-f": ("D = {'a':'A','b':'B'}\ndef f():\n    probe(D['a'])", "A"),
    "dict-get": ("D = {'a':'A','b':'B'}\nprobe(D.get('a'))", "A"),
    "dict-unknown-key": ("D = {'a':'A','b':'B'}\ndef f(k):\n    probe(D[k])", "A | B"),
    "dict-kw": ("D=dict(a='A')\nprobe(D['a'])", "A"),
    "list-idx": ("L = ['A','B']\nprobe(L[0])", "A"),
    "list-idx-neg": ("L = ['A','B']\nprobe(L[-1])", "B"),
    "tuple-idx": ("probe(('A','B')[1])", "B"),
    "local-dict": ("def f():\n    d = {'a':'A','b':'B'}\n    probe(d['a'])", "A"),
    "attr-dict": (
        "class C:\n    D = {'a':'A','b':'B'}\n    def f(self):\n        probe(self.D['a'])",
        "A",
    ),
    "dataclass-default": (
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class C:\n"
        "    x: str = 'A'\n"
        "c = C()\n"
        "probe(c.x)",
        "A",
    ),
    "dataclass-field": (
        "from dataclasses import dataclass, field\n"
        "@dataclass\n"
        "class C:\n"
        "    x: str = field(default='A')\n"
        "c = C()\n"
        "probe(c.x)",
        "A",
    ),
    "dataclass-arg": (
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class C:\n"
        "    x: str\n"
        "c = C('A')\n"
        "probe(c.x)",
        "A",
    ),
    "dataclass-kwarg": (
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class C:\n"
        "    x: str = 'Z'\n"
        "c=C(x='A')\n"
        "probe(c.x)",
        "A | Z",
    ),
    "namedtuple-class": (
        "from typing import NamedTuple\n"
        "class C(NamedTuple):\n"
        "    x: str\n"
        "    y: int\n"
        "c = C('A', 1)\n"
        "probe(c.x)",
        "A",
    ),
    "enum-value": ("from enum import Enum\nclass E(Enum):\n    X = 'A'\nprobe(E.X.value)", "A"),
    "str-enum": ("from enum import Enum\nclass E(str, Enum):\n    X = 'A'\nprobe(E.X)", "A"),
    "intflag": (
        "from enum import IntFlag\nclass E(IntFlag):\n    X = 0x100\n    Y = 0x10\nprobe(E.X|E.Y)",
        "0x110",
    ),
    "join": ("probe('\\\\'.join(['Global','A']))", "Global\\A"),
    "join-tuple": ("probe('\\\\'.join(('Global','A')))", "Global\\A"),
    "join-unknown": ("def f(x):\n    probe('\\\\'.join(['Global',x]))", "Global\\…"),
    "join-list-var": ("P = ['Global','A']\nprobe('\\\\'.join(P))", "Global\\A"),
    "replace": ("probe('Global/A'.replace('/','\\\\'))", "Global\\A"),
    "strip": ("probe(' A '.strip())", "A"),
    "lower": ("probe('GLOBAL'.lower())", "global"),
    "upper": ("probe('a'.upper())", "A"),
    "title": ("probe(NAME.upper())\nNAME = 'a'", "A"),
    "os.path.join": ("import os\nprobe(os.path.join('Global','A'))", "Global\\A"),
    "ospath-join-abs": ("import os\nprobe(os.path.join('C:\\\\x','\\\\y'))", "C:\\y"),
    "ospath-join-from": ("from os.path import join\nprobe(join('Global','A'))", "Global\\A"),
    "decode": ("probe(b'A'.decode('ascii'))", "A"),
    "encode": ("probe('A'.encode('utf-16'))", "A"),
    "percent-dict-var": ("D = {'n':'A'}\nprobe('Global\\\\%(n)s' % D)", "Global\\A"),
    "kwargs-call": ("def f(**kw):\n    probe(kw['name'])\nf(name='A')", "A"),
    "kwargs-splat": ("def f(name=None):\n    probe(name)\nf(**{'name':'A'})", "A"),
    "kwargs-splat-var": ("D = {'name':'A'}\ndef f(name):\n    probe(name)\nf(**D)", "A"),
    "kwargs-fwd": ("def g(name):\n    probe(name)\ndef f(**kw):\n    g(**kw)\nf(name='A')", "A"),
    "args-stop": ("def f(a, *args, name='Z'):\n    probe(name)\nf(1, 'Q', 'R')", "Z"),
    "args-elem": ("def f(a, *args):\n    probe(args[0])\nf(1, 'A')", "A"),
    "args-not-bound": ("def f(*args):\n    probe(args)\nf('A')", "?"),
    "splat-list": ("def f(a, b):\n    probe(b)\nf(*['X','A'])", "A"),
    "posonly": ("def f(a, /, b):\n    probe(b)\nf('X','A')", "A"),
    "global-set-in-f": (
        "N = None\ndef s():\n    global N\n    N = 'A'\ndef f():\n    probe(N)",
        "A | null",
    ),
    "property": (
        "class C:\n"
        "    @property\n"
        "    def n(self):\n"
        "        return 'A'\n"
        "    def f(self):\n"
        "        probe(self.n)",
        "A",
    ),
    "property-self": (
        "class C:\n"
        "    X = 'A'\n"
        "    @property\n"
        "    def n(self):\n"
        "        return self.X\n"
        "c = C()\n"
        "probe(c.n)",
        "A",
    ),
    "method-result": (
        "class C:\n    X = 'A'\n    def n(self):\n        return self.X\nc = C()\nprobe(c.n())",
        "A",
    ),
    "cond-import": (
        "try:\n"
        "    import win32con\n"
        "except ImportError:\n"
        "    win32con = None\n"
        "probe(win32con.MB_SERVICE_NOTIFICATION)",
        "0x200000",
    ),
    "getattr-const": (
        "import win32con\nprobe(getattr(win32con,'MB_SERVICE_NOTIFICATION'))",
        "0x200000",
    ),
    "unpack-assign": ("a, b = 'A', 'B'\nprobe(b)", "B"),
    "unpack-call": ("def g():\n    return 'A', 'B'\na, b = g()\nprobe(b)", "B"),
    "for-in": ("def f():\n    for n in ('A','B'):\n        probe(n)", "A | B"),
    "for-in-var": ("L = ('A','B')\ndef f():\n    for n in L:\n        probe(n)", "A | B"),
    "for-items": ("L = {'x':'A'}\ndef f():\n    for k, n in L.items():\n        probe(n)", "A"),
    "nonlocal": ("def f():\n    n = 'A'\n    def g():\n        probe(n)\n    g()", "A"),
    "lambda-ret": ("f = lambda: 'A'\nprobe(f())", "A"),
    "class-const-nested": ("class C:\n    class D:\n        X = 'A'\nprobe(C.D.X)", "A"),
    "class-const-via-base-const": (
        "P = 'Global\\\\'\nclass C:\n    B = P\n    N = B+'A'\nprobe(C.N)",
        "Global\\A",
    ),
    "fstring-member": ("class C:\n    N = 'A'\nc = C()\nprobe(f'Global\\\\{c.N}')", "Global\\A"),
    "fstring-format-!s": ("N = 'A'\nprobe(f'Global\\\\{N!s}')", "Global\\A"),
    "slice": ("N = 'Global\\\\A'\nprobe(N[7:])", "?"),
    "wintypes-buf": ("import ctypes\nb = ctypes.create_unicode_buffer('A')\nprobe(b)", "A"),
    "buf.value": ("import ctypes\nb = ctypes.create_unicode_buffer('A')\nprobe(b.value)", "A"),
    "c_uint": ("import ctypes\nprobe(ctypes.c_uint(0x10))", "0x10"),
    "DWORD": ("from ctypes import wintypes\nprobe(wintypes.DWORD(0x10))", "0x10"),
    "DWORD.value": (
        "from ctypes import wintypes\nx = wintypes.DWORD(0x10)\nprobe(x.value)",
        "0x10",
    ),
    "struct-field": (
        "import ctypes\n"
        "class S(ctypes.Structure):\n"
        "    _fields_ = [('a', ctypes.c_int)]\n"
        "def f():\n"
        "    s = S()\n"
        "    s.a = 0x10\n"
        "    probe(s.a)",
        "0x10",
    ),
    "struct-pos": (
        "import ctypes\n"
        "class S(ctypes.Structure):\n"
        "    _fields_ = [('a', ctypes.c_int),('b', ctypes.c_int)]\n"
        "s = S(1,0x10)\n"
        "probe(s.b)",
        "0x10",
    ),
    "tuple-in-class": (
        "class C:\n    N = ('A','B')\n    def f(self):\n        probe(self.N[0])",
        "A",
    ),
    "super-init": (
        "class B:\n"
        "    def __init__(self, n):\n"
        "        self.n = n\n"
        "    def f(self):\n"
        "        probe(self.n)\n"
        "class C(B):\n"
        "    def __init__(self):\n"
        "        super().__init__('A')\n"
        "C()",
        "A",
    ),
    "base-init-py2": (
        "class B:\n"
        "    def __init__(self, n):\n"
        "        self.n = n\n"
        "    def f(self):\n"
        "        probe(self.n)\n"
        "class C(B):\n"
        "    def __init__(self):\n"
        "        B.__init__(self, 'A')\n"
        "C()",
        "A",
    ),
    "super-py2": (
        "class B(object):\n"
        "    def __init__(self, n):\n"
        "        self.n = n\n"
        "    def f(self):\n"
        "        probe(self.n)\n"
        "class C(B):\n"
        "    def __init__(self):\n"
        "        super(C, self).__init__('A')\n"
        "C()",
        "A",
    ),
    "classmethod-cls": (
        "class C:\n    N = 'A'\n    @classmethod\n    def f(cls):\n        probe(cls.N)",
        "A",
    ),
    "unbound-method": ("class C:\n    def f(self,n):\n        probe(n)\nC.f(C(),'A')", "A"),
    "classmethod-arg": (
        "class C:\n    @classmethod\n    def f(cls,n):\n        probe(n)\nC.f('A')",
        "A",
    ),
    "uuid": ("import uuid\nprobe('Global\\\\' + str(uuid.uuid4()))", "Global\\…"),
    "rstrip": ("probe('A\\\\'.rstrip('\\\\'))", "A"),
    "attribute-of-another-module": (
        "import names\nprobe(names.TABLE['a'])",
        "A",
    ),
}

# What must not be taken for the only value.
OPEN: Mapping[str, tuple[str, str]] = {
    "dict-that-is-changed": ("D = {'a': 'A'}\nD['a'] = other()\nprobe(D['a'])", "A | ?"),
    "dict-that-a-call-changes": ("D = {'a': 'A'}\nD.update(x)\nprobe(D['a'])", "A | ?"),
    "dict-with-a-key-that-is-not-known": ("D = {'a': 'A', k: 'B'}\nprobe(D['a'])", "A | B | ?"),
    "dict-with-another-unpacked": ("D = {'a': 'A', **x}\nprobe(D['a'])", "A | ?"),
    "key-that-is-missing": ("D = {'a': 'A'}\nprobe(D['b'])", "?"),
    "list-with-another-unpacked": ("probe([*x, 'A'][0])", "A | ?"),
    "index-behind-the-end": ("probe(['A'][1])", "?"),
    "keys-of-a-dict": ("D = {1: 'A'}\nfor k in D:\n    probe(k)", "?"),
    "get-without-the-key": ("D = {'a': 'A'}\nprobe(D.get('b'))", "?"),
    "get-of-what-is-no-dict": ("import os\nprobe(os.environ.get('X', 'A'))", "A | ?"),
    "get-of-what-is-no-dict-without-a-text": ("def f(d, x):\n    probe(d.get('X', x))", "call"),
    "getenv-with-a-default": ("import os\nprobe(os.getenv('X', 'A'))", "A | ?"),
    "getenv-with-a-default-by-name": ("import os\nprobe(os.getenv('X', default='A'))", "A | ?"),
    "getenv-without-a-default": ("import os\nprobe(os.getenv('A'))", "call"),
    "get-of-a-parser": ("def f(p):\n    probe(p.get('S', 'X', fallback='A'))", "A | ?"),
    "get-with-another-argument": ("def f(p):\n    probe(p.get('S', timeout='A'))", "call"),
    "keyword-only-behind-the-rest": (
        "def f(a, *rest, name='A'):\n    probe(name)\nf(1, 'B', 'C')",
        "A",
    ),
    "rest-with-the-name-of-a-global": ("rest = 'A'\ndef f(*rest):\n    probe(rest)\nf(x)", "?"),
    "default-behind-unknown-arguments": ("def f(name='A'):\n    probe(name)\nf(*x)", "?"),
    "default-behind-unknown-keywords": ("def f(name='A'):\n    probe(name)\nf(**x)", "?"),
    "positional-behind-unknown-arguments": ("def f(a, b):\n    probe(b)\nf(*x, 'A')", "?"),
    "field-that-a-call-gives": (
        "class C:\n    x: str = 'A'\nc = C(other())\nprobe(c.x)",
        "A | call",
    ),
    "field-that-unknown-arguments-give": (
        "class C:\n    x: str = 'A'\nc = C(*a)\nprobe(c.x)",
        "A | ?",
    ),
    "constructor-of-a-base-that-a-subclass-calls": (
        "class B:\n    def __init__(self, n):\n        self.n = n\n    def f(self):\n"
        "        probe(self.n)\nclass C(B):\n    pass\nB('A')\nC('B')",
        "A | B",
    ),
    "replaced-in-a-beginning": (
        "def f(x):\n    probe(('Global/A' + x).replace('/A', 'B'))",
        "?",
    ),
    "replaced-by-something-unknown": ("def f(x):\n    probe('A'.replace('A', x))", "?"),
    "joined-list-that-grows": (
        "P = ['Global']\nP.append(x)\nprobe('-'.join(P))",
        "call",
    ),
    "path-behind-something-unknown": ("import os\ndef f(x):\n    probe(os.path.join(x, 'A'))", "?"),
    "attribute-with-a-computed-name": (
        "class C:\n    X = 'A'\ndef f(n):\n    probe(getattr(C, n))",
        "call",
    ),
    "value-of-something-unknown": ("def f(x):\n    probe(x.value)", "?"),
    "name-of-a-class-body-in-a-method": (
        "N = 'A'\nclass C:\n    N = 'B'\n    def f(self):\n        probe(N)",
        "A",
    ),
}

NAMES = "TABLE = {'a': 'A', 'b': 'B'}\n"


@pytest.mark.parametrize(("text", "known"), KNOWN.values(), ids=KNOWN)
def test_value(text: str, known: str) -> None:
    assert shown(probed(link({"a.py": text, "names.py": NAMES}))) == known


@pytest.mark.parametrize(("text", "known"), OPEN.values(), ids=OPEN)
def test_what_can_be_something_else_is_open(text: str, known: str) -> None:
    assert shown(probed(link({"a.py": text}))) == known


CIRCLES: Mapping[str, tuple[str, str]] = {
    "bases": ("class A(B):\n    x: str\nclass B(A):\n    y: str\na = A('A')\nprobe(a.x)", "?"),
    "returns": ("def f():\n    return g()\ndef g():\n    return f()\nprobe(f().x)", "?"),
    "tables": ("D = E\nE = D\nprobe(D['a'])", "?"),
    "keywords": ("def f(**k):\n    probe(k['a'])\n    f(**k)\nf()", "?"),
    "property": (
        "class C:\n    @property\n    def p(self):\n        return self.p\nprobe(C().p)",
        "?",
    ),
}


@pytest.mark.parametrize(("text", "known"), CIRCLES.values(), ids=CIRCLES)
def test_circle_has_an_end(text: str, known: str) -> None:
    assert shown(probed(link({"a.py": text}))) == known
