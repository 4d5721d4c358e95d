"""The front-end for C and C++: sources, and the facts that they must give."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionzero.facts import (
    Cast,
    Choice,
    Expr,
    FileFacts,
    Index,
    Join,
    Lambda,
    Language,
    Member,
    Name,
    Null,
    Number,
    Operation,
    Result,
    Sequence,
    Text,
    Unknown,
)
from sessionzero.frontends import extract


def shown(expr: Expr, facts: FileFacts) -> str:
    """An expression in one line, calls and all."""
    match expr:
        case Text(value):
            return f'"{value}"'
        case Number(value):
            return str(value)
        case Null():
            return "NULL"
        case Name(name):
            return name
        case Member(inner, name):
            return f"{shown(inner, facts)}.{name}"
        case Index(inner, key):
            return f"{shown(inner, facts)}[{shown(key, facts)}]"
        case Result(call):
            return shown_call(call, facts)
        case Operation(operator, (operand,)):
            return f"{operator}{shown(operand, facts)}"
        case Operation(operator, operands):
            return f"({f' {operator} '.join(shown(o, facts) for o in operands)})"
        case Join(parts):
            return f"join({', '.join(shown(p, facts) for p in parts)})"
        case Choice(condition, yes, no):
            return f"({shown(condition, facts)} ? {shown(yes, facts)} : {shown(no, facts)})"
        case Sequence(items):
            entries = [(f".{i.name}=" if i.name else "") + shown(i.value, facts) for i in items]
            return f"{{{', '.join(entries)}}}"
        case Cast(written, inner):
            return f"({written} *){shown(inner, facts)}"
        case Lambda():
            return "lambda"
        case Unknown():
            return "?"


def shown_call(index: int, facts: FileFacts) -> str:
    call = facts.calls[index]
    arguments = ", ".join(shown(a.value, facts) for a in call.arguments)
    new = "new " if call.kind == "construct" else ""
    return f"{new}{shown(call.callee, facts)}({arguments})"


def guard(branch: int, facts: FileFacts) -> str:
    """What must be so, outermost first."""
    parts: list[str] = []
    while branch >= 0:
        fact = facts.branches[branch]
        parts.append(("" if fact.holds else "not ") + shown(fact.condition, facts))
        branch = fact.parent
    return " & ".join(reversed(parts))


def function_name(index: int, facts: FileFacts) -> str:
    function = facts.functions[index]
    return "::".join(part for part in (function.owner, function.name) if part)


def calls_of(facts: FileFacts) -> list[str]:
    """``function: call [guard]`` for each call."""
    lines = []
    for index, call in enumerate(facts.calls):
        condition = guard(call.branch, facts)
        name = function_name(call.function, facts)
        lines.append(
            f"{name}: {shown_call(index, facts)}" + (f" [{condition}]" if condition else "")
        )
    return lines


def bindings_of(facts: FileFacts) -> list[str]:
    return [
        " ".join(
            part
            for part in (b.type, shown(b.target, facts), b.operator, shown(b.value, facts))
            if part
        )
        for b in facts.bindings
    ]


CALLS: list[tuple[str, Language, str, list[str]]] = [
    ("plain", "c", 'void f() { g(NULL, "a", x); }', ['f: g(NULL, "a", x)']),
    ("nested", "c", "void f() { g(h(1)); }", ["f: h(1)", "f: g(h(1))"]),
    ("convention", "c", "DWORD WINAPI f(LPVOID p) { g(); }", ["f: g()"]),
    ("k-and-r", "c", "int f(a, b) int a; char *b; { g(a); }", ["f: g(a)"]),
    ("method", "c++", "LRESULT CALLBACK C::f(HWND h) { g(h); }", ["C::f: g(h)"]),
    ("in-class", "c++", "class C { void f() { g(); } };", ["C::f: g()"]),
    ("namespace", "c++", "namespace a { namespace b { void f() { g(); } } }", ["a::b::f: g()"]),
    ("scope-operator", "c++", "void f() { ::g(); a::g(); }", ["f: ::g()", "f: a::g()"]),
    ("members", "c++", "void f() { a.b(); p->q->r(); }", ["f: a.b()", "f: p.q.r()"]),
    ("through-pointer", "c", "void f() { (*p)(1); t[2](3); }", ["f: *p(1)", "f: t[2](3)"]),
    ("result-called", "c", "void f() { g()(1); }", ["f: g()", "f: g()(1)"]),
    ("casts", "c++", "void f() { g((HANDLE)a, static_cast<T>(b), int(c), (LPCTSTR)(d)); }",
     ["f: g(a, b, c, d)"]),
    ("literals", "c", "void f() { g(0x10, 010, 'A', 1UL, TRUE, 2.5); }",
     ["f: g(16, 8, 65, 1, TRUE, ?)"]),
    ("booleans", "c++", "void f() { g(true, false, nullptr, 1'000, TRUE); }",
     ["f: g(1, 0, NULL, 1000, TRUE)"]),
    ("sizeof", "c", "void f() { g(sizeof(h()), &x, !y, ~z, -1); }",
     ["f: g(?, &x, !y, ~z, -1)"]),
    ("new", "c++", 'void f() { p = new T(L"a"); }', ['f: new T("a")']),
    ("construct", "c++", "void f() { T x(1, a); T y{b}; }", ["f: new T(1, a)", "f: new T(b)"]),
    ("not-a-prototype", "c++", "Handle h(CreateEvent(nullptr, FALSE, LPCWSTR(kName)));",
     [": LPCWSTR(kName)", ": CreateEvent(NULL, FALSE, LPCWSTR(kName))",
      ": new Handle(CreateEvent(NULL, FALSE, LPCWSTR(kName)))"]),
    ("lock", "c++", "void f() { Lock l(mutex); }", ["f: new Lock(mutex)"]),
    ("initialisers", "c++", "F::F() : B<int>(1), m_e(CreateEvent(0)) { g(); }",
     ["F::F: new B<int>(1)", "F::F: CreateEvent(0)", "F::F: new m_e(CreateEvent(0))", "F::F: g()"]),
    ("base-unknown", "c++", "F::F() : Base(1) {}", ["F::F: new Base(1)"]),
    ("lambda", "c++", "void f() { run([&](int a) { g(a); }); }", ["f: run(lambda)", ": g(a)"]),
    ("template", "c++", "template <class T> void C<T>::f() { g<T>(1); }", ["C::f: g<T>(1)"]),
    ("operator", "c++", "int C::operator()(int a) { return g(); }", ["C::operator(): g()"]),
    ("conversion", "c++", "struct C { operator int() { return g(); } };",
     ["C::operator int: g()"]),
    ("conversion-outside", "c++", "C::operator std::string() const { return g(); }",
     ["C::operator std::string: g()"]),
    ("spaced-scope", "c++", "void A :: f() { b :: g(); }", ["A::f: b::g()"]),
    ("seh", "c", "void f() { __try { a(); } __except (b()) { c(); } }",
     ["f: a()", "f: b()", "f: c() [()]"]),
    ("finally", "c++", "void f() { __try { a(); __leave; } __finally { b(); } c(); }",
     ["f: a()", "f: b()", "f: c()"]),
    ("project-try", "c", "void f() { TRY { a(); LEAVE; } FINALLY { b(); } }", ["f: a()", "f: b()"]),
    ("block-macro", "c++", "void f() { foreach (a, b) { g(); } }", ["f: g()"]),
    ("macro-line", "c", "void f() {\n  TRACE(1)\n  g();\n}", ["f: TRACE(1)", "f: g()"]),
    ("split-arguments", "c", "void f() { g(a,\n#ifdef X\n b,\n#endif\n c); }", ["f: g(a, b, c)"]),
    ("exported-class", "c++", "class API_EXPORT C : public B { void f() { g(); } };",
     ["C::f: g()"]),
    ("unbalanced", "c", "void f() { if (a) {\ng();\n}\nvoid h(void)\n{ i(); }",
     ["f: g() [a]", "h: i()"]),
    ("goto-label", "c", "void f() { goto SendMessage; SendMessage: g(); }", ["f: g()"]),
    ("commented", "c", "void f() { /* a(); */ // b();\n c(); }", ["f: c()"]),
    ("extern-c", "c++", 'extern "C" { void f() { g(); } }', ["f: g()"]),
    ("c-plus-plus-in-c", "c", "void C::f() { g(); }", ["C::f: g()"]),
    ("export-macro", "c", "NOEXPORT int f(void) { g(); }", ["f: g()"]),
    ("message-map", "c++", "BEGIN_MESSAGE_MAP(A, B)\n\tON_COMMAND(ID, OnX)\nEND_MESSAGE_MAP()\n\n"
     "void A::f() { g(); }", 
     ["A::f: g()", "A::BEGIN_MESSAGE_MAP: ON_COMMAND(ID, OnX)"]),
    ("message-map-in-class", "c++", "class A : B {\n BEGIN_MSG_MAP(A)\n#ifdef X\n"
     "  MESSAGE_HANDLER(WM_X, OnX)\n#endif\n  CHAIN_MSG_MAP(C<A>)\n END_MSG_MAP()\n"
     " void OnX() { g(); }\n};\nBEGIN_EVENT_TABLE(F, G)\n EVT(&F::OnY)\nEND_EVENT_TABLE()\n",
     ["A::OnX: g()", "A::BEGIN_MSG_MAP: MESSAGE_HANDLER(WM_X, OnX)",
      "A::BEGIN_MSG_MAP: CHAIN_MSG_MAP(C<A>)", "F::BEGIN_EVENT_TABLE: EVT(&F::OnY)"]),
    ("com-map", "c++", "namespace n { class A {\n BEGIN_COM_MAP(A)\n  COM_INTERFACE_ENTRY(IB)\n"
     " END_COM_MAP()\n void f() { g(); }\n}; }",
     ["n::A::f: g()", "n::A::BEGIN_COM_MAP: COM_INTERFACE_ENTRY(IB)"]),
    ("map-without-end", "c++", "BEGIN_MESSAGE_MAP(A, B)\n\nvoid A::f() { g(); }",
     [": BEGIN_MESSAGE_MAP(A, B)", "A::f: g()"]),
    # Branches that can't be parsed in one text.
    ("two-heads", "c", "#ifdef X\nint main()\n#else\nint WINAPI WinMain(int a)\n#endif\n"
     "{ a(); }\nint z() { y(); }", ["main: a()", "z: y()", "WinMain: a()"]),
    ("two-conditions", "c", "void f() {\n#ifdef X\n if (a(1)) {\n#else\n if (b(2)) {\n#endif\n"
     "  c();\n }\n d();\n}\nvoid g() { h(); }",
     ["f: a(1)", "f: c() [a(1)]", "f: d()", "g: h()", "f: b(2)"]),
    ("three-conditions", "c", "void f() {\n#if X\n if (a) {\n#elif Y\n if (b()) {\n#else\n"
     " if (c()) {\n#endif\n g(); }\n}", ["f: g() [a]", "f: b()", "f: c()"]),
    ("two-arguments", "c", "void f() {\n g(1,\n#ifdef X\n \"x\"\n#else\n u(\"y\")\n#endif\n );\n}",
     ['f: g(1, "x")', 'f: u("y")', 'f: g(1, u("y"))']),
    ("else-of-the-same-condition", "c",
     "void f() {\n#ifdef X\n if (a) {\n#else\n if (b) {\n#endif\n  g(); }\n"
     "#ifndef X\n else { x();\n#else\n else { y();\n#endif\n }\n}",
     ["f: g() [a]", "f: y() [not a]", "f: x() [not b]"]),
    ("lambda-in-the-other-branch", "c++",
     "void f() {\n run(\n#ifdef X\n 1\n#else\n [&] { if (q) g(h()); }\n#endif\n );\n}",
     ["f: run(1)", "f: run(lambda)", ": h() [q]", ": g(h()) [q]"]),
    ("half-class", "c++", "class A :\n#ifdef X\n B\n#else\n C\n#endif\n{ void f() { g(); } };",
     ["A::f: g()"]),
    # Heads that the grammars can't read.
    ("macro-head", "c", "THREAD_FUNCTION(run) {\n g();\n}\nSETUP()\n{\n h();\n}\n",
     ["run: g()", "SETUP: h()"]),
    ("macro-head-in-c++", "c++", "THREAD_FUNCTION(run) {\n g();\n}\n", ["run: g()"]),
    ("macro-head-of-two", "c", "HANDLER(group, name) {\n g();\n}\n", ["HANDLER: g()"]),
    ("macro-head-defined", "c", "#define HANDLER(g, n) static int g##_##n(void)\n"
     "HANDLER(a, b) {\n g();\n}\n", ["a_b: g()", "HANDLER: g##_##n(void)"]),
    ("implicit-int", "c", "main(argc, argv)\n  char **argv;\n{ g(argv); }\nh()\n{ i(); }\n",
     ["main: g(argv)", "h: i()"]),
    ("k-and-r-struct", "c", "struct a *\nf(b, c)\n  struct a *b;\n  long c;\n{ g(b); }", ["f: g(b)"]),
    ("method-named-in-its-class", "c++", "class A {\n int A::f() override final {\n g(); }\n};",
     ["A::f: g()"]),
    ("export-macro-before-pointer", "c++", "API_EXPORT type *f(int a) { g(); }", ["f: g()"]),
    ("macro-return-type", "c", "#include <x.h>\nMETHOD(void)\nf (int a)\n{\n g();\n}\n", ["f: g()"]),
    ("block-is-no-function", "c", "int a[] = {1};\n{ g(); }\n", [": g()"]),
    ("loop-macro", "c", "void f() {\n for (EACH(&list, a, b)) { g(); }\n for (ALL(x)) h();\n}\n"
     "void i() { j(); }", ["f: g()", "f: h()", "i: j()"]),
    ("swallowed", "c", "void f()\n{\n T a[] = {\n BEGIN_LIST\n {.x = 1,},\n END_LIST }\n if (\n}\n"
     "static int\ng(T *t)\n{\n h();\n}\n", ["g: h()"]),
    ("delete-cast", "c++", "void f() { delete[] (char *)p; g(); }", ["f: g()"]),
    ("declared-rvalue", "c++", "void f() { ready && stop(); }", ["f: stop() [ready]"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "source", "expected"), [pytest.param(*c[1:], id=c[0]) for c in CALLS]
)
def test_calls(language: Language, source: str, expected: list[str]) -> None:
    assert calls_of(extract(source, language)) == expected


VALUES: list[tuple[str, Language, str, str]] = [
    ("unknown-escape", "c", r'"Global\MyEvent"', '"GlobalMyEvent"'),
    ("escapes", "c", r'L"a\\b\x41\101\n"', '"a\\bAA\n"'),
    ("continued", "c", '"a\\\nb"', '"ab"'),
    ("raw", "c++", r'LR"x(Global\a"b)x"', r'"Global\a"b"'),
    ("prefixes", "c++", 'u8"a"', '"a"'),
    ("lone-surrogate", "c++", r'L"\xD800"', '"\N{REPLACEMENT CHARACTER}"'),
    ("unicode-escape", "c++", r'L"\u00e9\U0001F642"', '"é🙂"'),
    ("adjacent", "c", '"a" "b"', 'join("a", "b")'),
    ("macro-first", "c", 'PACKAGE "_x"', 'join(PACKAGE, "_x")'),
    ("macro-last", "c", 'L"a" P', 'join("a", P)'),
    ("macro-last-in-c++", "c++", 'L"a" P', 'join("a", P)'),
    ("macro-between-in-c++", "c++", '"a" P "b" Q', 'join("a", P, "b", Q)'),
    ("wrapped", "c++", 'TEXT("a") _T("b")', 'join("a", "b")'),
    ("wrapped-macro", "c++", '_T("a") P _T("b")', 'join("a", P, "b")'),
    ("wrapped-name", "c", 'TEXT("a") TEXT(V)', 'join("a", V)'),
    ("real-plus", "c++", 'a + L"b"', '(a + "b")'),
    ("flags", "c", "A | B & ~C", "(A | (B & ~C))"),
    ("choice", "c", "a ? B : C", "(a ? B : C)"),
    ("parentheses", "c", "(((A)))", "A"),
    ("multi-character", "c", "'AB'", "16706"),
    ("octal-and-binary", "c++", "0b11 + 017", "(3 + 15)"),
    ("microsoft-suffix", "c", "0x10ui64", "16"),
    ("too-large", "c", "0x1FFFFFFFFFFFFFFFF", "?"),
    ("comma", "c", "(a, b)", "b"),
    ("c-literal", "c", "(struct S){1, 2}", "{1, 2}"),
    ("designators", "c", "{.a = 1, .b.c = 2, [3] = 4}", "{.a=1, .b.c=2, 4}"),
    ("nested-list", "c", '{{L"s", f}, {NULL, NULL}}', '{{"s", f}, {NULL, NULL}}'),
    ("data-table", "c", "{" + "1," * 100 + "}", "?"),
    ("data-of-nine", "c", "{1, 2, 3, 4, 5, 6, 7, 8, f}", "?"),
    ("list-of-eight", "c", "{1, 2, 3, 4, 5, 6, 7, 8}", "{1, 2, 3, 4, 5, 6, 7, 8}"),
]


@pytest.mark.parametrize(
    ("language", "source", "expected"), [pytest.param(*v[1:], id=v[0]) for v in VALUES]
)
def test_values(language: Language, source: str, expected: str) -> None:
    facts = extract(f"T x = {source};", language)
    assert bindings_of(facts) == [f"T x = {expected}"]


BINDINGS: list[tuple[str, Language, str, list[str]]] = [
    ("counted", "c", "void f(void) { i++; --j; for (;; k++) g(k); }",
     ["i += 1", "j -= 1", "k += 1"]),
    ("constant", "c++", "static const wchar_t *k = L\"a\";", ['wchar_t k = "a"']),
    ("several", "c", "int a = 1, *b, c = 2;", ["int a = 1", "int c = 2"]),
    ("assignments", "c", "void f() { a = 1; s.b |= C; p->q[0] &= ~D; }",
     ["a = 1", "s.b |= C", "p.q[0] &= ~D"]),
    ("unknown-into-array", "c", "void f() { a[i] = 1.5; }", []),
    ("enumerators", "c", "enum E { A, B = 5, C };",
     ["E A enum 0", "E B enum 5", "E C enum (B + 1)"]),
    ("fields", "c++", "struct S { int a = 1; static void f(int = 2); };", ["int S.a : 1"]),
    ("constructed", "c++", "T x(1); int y(2);", ["T x = new T(1)", "int y = 2"]),
    ("initialiser", "c++", "F::F() : m_a(1), m_b(2, 3) {}", ["m_a = 1", "m_b = {2, 3}"]),
    ("in-condition", "c", "void f() { if ((h = g()) == NULL) return; }", ["h = g()"]),
    ("static-member", "c++", "T C::x = 1;", ["T C::x = 1"]),
    ("table", "c", "E t[] = {{\"s\", f}, {0, 0}};", ['E t = {{"s", f}, {0, 0}}']),
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "source", "expected"), [pytest.param(*b[1:], id=b[0]) for b in BINDINGS]
)
def test_bindings(language: Language, source: str, expected: list[str]) -> None:
    assert bindings_of(extract(source, language)) == expected


BRANCHES: list[tuple[str, str, list[str]]] = [
    ("if-else", "if (a) x(); else y();", ["x [a]", "y [not a]"]),
    ("else-if", "if (a) x(); else if (b) y(); else z();",
     ["x [a]", "y [not a & b]", "z [not a & not b]"]),
    ("early-return", "if (a) return; x();", ["x [not a]"]),
    ("early-exit-call", "if (a) { log(); exit(1); } x();", ["log [a]", "exit [a]", "x [not a]"]),
    ("early-chain", "if (a) return; else if (b) { return; } x();", ["x [not a & not b]"]),
    ("early-exit-either-way", "if (a) { if (b) return; else break; } x();", ["x [not a]"]),
    ("early-exit-one-way", "if (a) { if (b) return; } x();", ["x"]),
    ("no-exit", "if (a) y(); x();", ["y [a]", "x"]),
    ("else-exits", "if (a) y(); else return; x();", ["y [a]", "x [a]"]),
    ("both-exit", "if (a) return; else break; x();", ["x"]),
    ("nested-block", "{ if (a) return; x(); } y();", ["x [not a]", "y"]),
    ("label-resets", "if (a) goto out; x(); out: y();", ["x [not a]", "y"]),
    ("loop", "while (a) { if (b) continue; x(); } y();", ["x [not b]", "y"]),
    ("and-or", "a && x(); b || y();", ["x [a]", "y [not b]"]),
    ("and-in-condition", "if (a && x()) y();", ["x [a]", "y [(a && x())]"]),
    ("ternary", "a ? x() : y();", ["x [a]", "y [not a]"]),
    ("switch", "switch (a) { case 1: x(); break; case 2: case 3: y(); default: z(); }",
     ["x [(a == 1)]", "y [((a == 2) || (a == 3))]", "z [(((a == 2) || (a == 3)) || defaulta)]"]),
    ("early-exit-in-case", "switch (a) { case 1: if (b) break; x(); }", ["x [(a == 1) & not b]"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [pytest.param(*b[1:], id=b[0]) for b in BRANCHES])
@pytest.mark.parametrize("language", ["c", "c++"])
def test_branches(language: Language, body: str, expected: list[str]) -> None:
    body = body.replace("a && x();", "(a) && x();")  # a declaration of `a&& x()` in C++
    facts = extract(f"void f() {{ for (;;) {{ {body} }} }}", language)
    found = []
    for call in facts.calls:
        condition = guard(call.branch, facts)
        found.append(shown(call.callee, facts) + (f" [{condition}]" if condition else ""))
    assert found == expected


def test_catch_is_a_branch_without_a_condition() -> None:
    facts = extract("void f() { try { a(); } catch (E &e) { b(); } }", "c++")
    assert calls_of(facts) == ["f: a()", "f: b() [()]"]


FUNCTIONS: list[tuple[str, Language, str, list[str]]] = [
    ("static", "c", "static int f(void) {}", ["function f() -> int static"]),
    ("parameters", "c", "int f(const char *a, HANDLE b[], void (*c)(int), ...) {}",
     ["function f(a: char, b: HANDLE, c: void) -> int"]),
    ("k-and-r", "c", "int f(a, b) int a; char *b; {}", ["function f(a: int, b: char) -> int"]),
    ("prototype", "c", "HANDLE WINAPI f(int, char *b);", ["prototype f(: int, b: char) -> HANDLE"]),
    ("void-pointer", "c", "int f(void *);", ["prototype f(: void) -> int"]),
    ("default", "c++", "int f(int a = 3);", ["prototype f(a: int=3) -> int"]),
    ("exported", "c++", 'extern "C" __declspec(dllexport) void f() {}',
     ["function f() -> void exported"]),
    ("exported-later", "c++", "void __declspec(dllexport) f();\nvoid g();",
     ["prototype f() -> void exported", "prototype g() -> void"]),
    ("class-members", "c++", "class C { virtual void f() = 0; static int g(); C(); ~C() {} };",
     ["prototype C::f() -> void virtual", "prototype C::g() -> int static",
      "prototype C::C()", "function C::~C()"]),
    ("override", "c++", "struct C : B { void f() override { } };",
     ["function C::f() -> void override"]),
    ("com", "c++", "STDMETHODIMP C::M(int a) { return S_OK; }",
     ["function C::M(a: int) -> STDMETHODIMP"]),
    ("qualified-in-namespace", "c++", "namespace n { void A::B::f() {} }",
     ["function n::A::B::f() -> void"]),
    ("unknown-convention", "c", "static BOOL MY_API f(int a) {}",
     ["function f(a: int) -> BOOL static"]),
    ("macro", "c", "#define M(a, b) g(a)", ["macro M(a, b)"]),
    ("macro-object-with-call", "c", "#define M g(1)", ["macro M()"]),
    ("macro-object", "c", "#define M (1 | 2)", []),
    ("pointer-variable", "c", "int (*p)(int) = g;", []),
    ("lambda", "c++", "auto l = [](int a = 1) {};", ["lambda (a: int=1)"]),
]  # fmt: skip


def shown_function(index: int, facts: FileFacts) -> str:
    function = facts.functions[index]
    parameters = [
        p.name
        + (f": {p.type}" if p.type else "")
        + (f"={shown(p.default, facts)}" if p.default is not None else "")
        for p in function.parameters
    ]
    returns = f"-> {function.returns}" if function.returns else ""
    head = f"{function.kind} {function_name(index, facts)}({', '.join(parameters)})"
    return " ".join(part for part in (head, returns, *function.traits) if part)


@pytest.mark.parametrize(
    ("language", "source", "expected"), [pytest.param(*f[1:], id=f[0]) for f in FUNCTIONS]
)
def test_functions(language: Language, source: str, expected: list[str]) -> None:
    facts = extract(source, language)
    assert [shown_function(i, facts) for i in range(1, len(facts.functions))] == expected


def test_the_span_of_a_name_is_the_name_alone() -> None:
    source = "void ns::Class::method(int a) {}"
    function = extract(source, "c++").functions[1]
    assert source[function.name_start : function.name_end] == "method"


def test_a_local_class_keeps_its_methods() -> None:
    facts = extract("void f() { struct L { void m() { g(); } }; }", "c++")
    assert calls_of(facts) == ["L::m: g()"]
    assert facts.functions[2].parent == 1


def test_classes_have_bases_and_fields() -> None:
    facts = extract(
        "namespace n { class A : public ATL::B<A, 100>, virtual C { HANDLE h, *p; void f(); }; }\n"
        "typedef struct _S { DWORD d; } S, *PS;",
        "c++",
    )
    assert [
        (c.owner, c.name, [shown(b, facts) for b in c.bases], [(f.name, f.type) for f in c.fields])
        for c in facts.classes
    ] == [
        ("n", "A", ["ATL::B<A, 100>", "C"], [("h", "HANDLE"), ("p", "HANDLE")]),
        ("", "_S", [], [("d", "DWORD")]),
        ("", "S", [], [("d", "DWORD")]),
    ]


def test_variables_are_declared_where_they_stand() -> None:
    facts = extract("extern HANDLE g; void f() { const CMyService *s; static T<int> t; }", "c++")
    assert [(d.function, d.name, d.type, d.static, d.refers) for d in facts.declarations] == [
        (0, "g", "HANDLE", False, False),
        (1, "s", "CMyService", False, True),
        (1, "t", "T<int>", True, False),
    ]


def test_returns_and_includes() -> None:
    facts = extract('#include <windows.h>\n#include "my dir/x.h"\nint f() { return g(1); }', "c")
    assert [(i.module, i.level) for i in facts.imports] == [("windows.h", 1), ("my dir/x.h", 0)]
    assert [(r.function, shown(r.value, facts)) for r in facts.returns] == [(1, "g(1)")]


MACROS: list[tuple[str, str, str, list[str]]] = [
    ("string", '#define M L"a\\\\b"', '"a\\b"', []),
    ("wrapped", '#define M TEXT("a") TEXT("b")', 'join("a", "b")', []),
    ("number", "#define M 0x100 // c", "256", []),
    ("in-brackets", "#define M (0x10)", "16", []),
    ("name", "#define M SendMessageW", "SendMessageW", []),
    ("flags", "#define M (A | \\\n  B)", "(A | B)", []),
    ("product-not-declaration", "#define M A * B", "(A * B)", []),
    ("empty", "#define M", "?", []),
    ("call", '#define M(a) MessageBoxA(NULL, (a), "x", 0)', 'MessageBoxA(NULL, a, "x", 0)',
     ['M: MessageBoxA(NULL, a, "x", 0)']),
    ("statements", "#define M(a) do { if (a) { g(a); } } while (0)", "?", ["M: g(a) [a]"]),
    ("pasting", "#define M(x) L##x", "x", []),
    ("pasted-names", "#define M(x) x ## A", "x ## A", []),
    ("pasted-name", "#define M(x) Create##x()", "Create##x()", ["M: Create##x()"]),
    ("pasted-apart", "#define M(x) g(x ## A)", "g(x####A)", ["M: g(x####A)"]),
    ("stringised", "#define M(x) g(#x)", "g(#x)", ["M: g(#x)"]),
    ("stringised-wide", "#define M(x) g(L#x, L ## #x)", "g(L#x, #x)", ["M: g(L#x, #x)"]),
    ("stringised-alone", "#define M(x) #x", "#x", []),
    ("hash-in-a-literal", '#define M(x) g("a ## #b")', 'g("a ## #b")', ['M: g("a ## #b")']),
    ("item", "#define M(a, b) b,", "b", []),
    ("item-of-an-index", "#define M(a, b) [a] = b,", "b", []),
    ("row", "#define M(a, b) {a, b},", "{a, b}", []),
    ("list", "#define M(X) X(a) \\\n X(b, 1)", "?", ["M: X(a)", "M: X(b, 1)"]),
    ("list-of-lists", "#define M(X) A(X) B(X)", "?", ["M: A(X)", "M: B(X)"]),
    ("unbalanced", "#define M if (a) {", "?", []),
    ("object-with-call", "#define M g(1)", "g(1)", ["M: g(1)"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "body", "calls"), [pytest.param(*m[1:], id=m[0]) for m in MACROS]
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n#define N(b) h(b)\r\n"], ids=["eof", "lf", "crlf"])
@pytest.mark.parametrize("language", ["c", "c++"])
def test_macros(language: Language, end: str, source: str, body: str, calls: list[str]) -> None:
    facts = extract(source + end, language)
    assert shown(facts.macros[0].body, facts) == body
    assert calls_of(facts) == calls + (["N: h(b)"] if "#" in end else [])


def test_text_spans_are_the_literals_of_the_source() -> None:
    source = 'é = "ü"; // 🙂\r\nvoid f() { g(_T("ä"), L"🙂" X, "\\"); }'.replace('"\\")', '"\\\\")')
    facts = extract(source, "c++")
    raw = source.encode()
    literals = [e for e in expressions(facts) if isinstance(e, Text)]
    assert [raw[e.start : e.end].decode() for e in literals] == [e.raw for e in literals]
    assert [e.value for e in literals] == ["ä", "🙂", "\\", "ü"]


def expressions(facts: FileFacts) -> Iterator[Expr]:
    """Every expression in the calls and bindings, inner ones too."""
    waiting: list[Expr] = []
    for call in facts.calls:
        waiting += [call.callee, *(a.value for a in call.arguments)]
    for binding in facts.bindings:
        waiting += [binding.target, binding.value]
    waiting = waiting[::-1]
    while waiting:
        expr = waiting.pop()
        yield expr
        match expr:
            case Operation(_, parts) | Join(parts):
                waiting += reversed(parts)
            case Member(inner, _):
                waiting.append(inner)
            case Index(inner, key):
                waiting += [key, inner]
            case Choice(condition, yes, no):
                waiting += [no, yes, condition]
            case Sequence(items):
                waiting += reversed([item.value for item in items])
            case _:
                pass


def test_facts_survive_being_stored() -> None:
    source = (
        'class A { void f() { g([] { h(L"\\xD800"); }, {1}, a ? b : c); } };\n#define M(x) (x | 1)'
    )
    facts = extract(source, "c++")
    stored = msgspec.msgpack.encode(facts)
    assert msgspec.msgpack.decode(stored, type=FileFacts) == facts


DEEP = [
    pytest.param("x = " + "(" * 10000 + "g()" + ")" * 10000 + ";", False, id="parentheses"),
    pytest.param("x = " + "h(" * 10000 + "g()" + ")" * 10000 + ";", True, id="calls"),
    pytest.param("x = g()" + " + 1" * 10000 + ";", True, id="sum"),
    pytest.param("{" * 10000 + "g();" + "}" * 10000, False, id="blocks"),
    pytest.param("if (a) ; else " * 5000 + "g();", False, id="else-if"),
    pytest.param("x = " + "!" * 10000 + "g();", True, id="not"),
    pytest.param("x = (" + "1, " * 10000 + "g());", False, id="commas"),
]


@pytest.mark.parametrize(("body", "reported"), DEEP)
@pytest.mark.parametrize("language", ["c", "c++"])
def test_deep_nesting_loses_no_call(language: Language, body: str, reported: bool) -> None:
    facts = extract(f"void f() {{ {body} }}", language)
    assert any(shown(c.callee, facts) == "g" for c in facts.calls)
    assert [p.kind for p in facts.problems if p.kind == "depth"] == ["depth"] * reported
    msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts)


def test_a_file_that_is_no_c_is_reported_as_partial() -> None:
    facts = extract("The quick brown fox, (jumps] over {the lazy: dog.\n" * 100, "c")
    assert [p.kind for p in facts.problems] == ["partial"]
    assert facts.problems[0].message.startswith("this file could not be read as C or C++;")


def test_a_file_whose_functions_are_lost_says_how_many_and_from_where() -> None:
    sane = "int f%d(void)\n{\n    g(%d);\n}\n"
    lost = 'RULE(a) -> (b)\n{\n  a | b ] => c ;\n  "x" ::= @d ) ( ] ;\n}\n'
    source = "".join(sane % (i, i) for i in range(5)) + lost * 40
    facts = extract(source, "c")
    (problem,) = facts.problems
    assert problem.kind == "partial"
    assert problem.message.startswith("only 5 of about 45 functions")
    assert "in line 21;" in problem.message
    assert source[problem.start :].startswith("RULE(a)")


def test_a_list_of_values_is_data_and_not_reported() -> None:
    facts = extract(
        '/* one */\nR"SQL(SELECT a FROM (b);)SQL",\nL"two" "three", 4, NAME,\n' * 60, "c++"
    )
    assert facts.problems == ()


def test_prose_is_reported() -> None:
    facts = extract(
        "The quick brown fox jumps over the lazy dog, and over another one.\n" * 60, "c"
    )
    assert [p.kind for p in facts.problems] == ["partial"]


def test_lists_of_macros_are_data_and_not_reported() -> None:
    facts = extract("#include <x.h>\n" + "VOICE(a, 1 2, {3}),\n" * 400, "c++")
    assert facts.problems == ()


def test_errors_in_small_parts_are_not_reported() -> None:
    facts = extract("DWORD MY_API f(void) { g(); }\n" * 200, "c")
    assert facts.problems == ()
    assert len(facts.calls) == 200


VOCABULARY = (
    "a b f T L R class struct enum template namespace if else switch case default for while do "
    "return try catch goto new delete sizeof operator typedef extern static virtual const auto "
    "true NULL 0 0x1 1.5 ( ) ( ) { } { } [ ] ; ; , . -> :: : ? = == |= + - * & && || ! ~ < > "
    '" "a" \'x\' L"b" # ## #define #if #else #endif #include \n \n /* */ // \\ TEXT( _In_ '
    "WINAPI __try __except __declspec(dllexport) STDMETHOD( Q_OBJECT é 🙂 \r\n \r"
)
WORDS = st.sampled_from(VOCABULARY.split(" "))


@given(
    st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=80).map(" ".join)),
    st.sampled_from(["c", "c++"]),
)
@settings(max_examples=400, deadline=None)
def test_any_text_gives_facts_within_its_bounds(text: str, language: Language) -> None:
    facts = extract(text, language)
    size = len(text.encode("utf-8", "surrogatepass"))
    for expr in expressions(facts):
        assert 0 <= expr.start <= expr.end <= size
        if isinstance(expr, Result):
            assert expr.call < len(facts.calls)
    spans = [(f.start, f.end) for f in facts.functions]
    spans += [(f.name_start, f.name_end) for f in facts.functions]
    spans += [(c.start, c.end) for c in facts.calls] + [(b.start, b.end) for b in facts.branches]
    spans += [(m.start, m.end) for m in facts.macros] + [(p.start, p.end) for p in facts.problems]
    assert all(0 <= start <= end <= size for start, end in spans)
    for call in facts.calls:
        assert -1 <= call.branch < len(facts.branches)
        assert 0 <= call.function < len(facts.functions)
    for index, branch in enumerate(facts.branches):
        assert -1 <= branch.parent < index
    msgspec.msgpack.encode(facts)
