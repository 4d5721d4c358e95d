"""What breaks a parser without a preprocessor, as real services have it: the facts stay right.

Each case shows the lines of every function, and its calls with their conditions.
"""

from __future__ import annotations

import pytest

from sessionzero.facts import FileFacts, Language
from sessionzero.frontends import extract
from test_frontend_c import bindings_of, calls_of, function_name, guard, shown_call

HAZARDS: list[tuple[str, Language, str, list[str]]] = [
    # Words of Windows headers
    ("convention", "c", """
DWORD WINAPI f(LPVOID p)
{
    g();
}
int APIENTRY h(void) { i(); }
""", ["f 2-5: g()", "h 6-6: i()"]),
    ("convention-of-a-method", "c++", """
LRESULT CALLBACK Wnd::proc(HWND h, UINT m)
{
    return DefWindowProc(h, m, 0, 0);
}
""", ["Wnd::proc 2-5: DefWindowProc(h, m, 0, 0)"]),
    ("annotations", "c++", """
_Use_decl_annotations_
_Success_(return != 0)
BOOL f(_In_ HINSTANCE h, _Out_writes_(n + 1) PWSTR s, _In_opt_ DWORD n)
{
    return g(h, s, n);
}
""", ["f 4-7: g(h, s, n)"]),
    ("export-and-alignment", "c++", """
extern "C" __declspec(dllexport) void __cdecl ServiceMain(int c, wchar_t **v) { g(); }
void h() { __declspec(align(8)) T x; i(); }
""", ["ServiceMain 2-2: g()", "h 3-3: i()"]),
    ("export-macros", "c", """
NOEXPORT int f(void) { g(); }
AP_DECLARE(int) h(int a) { i(a); }
BEGIN_C_DECLS
int j(void) { k(); }
END_C_DECLS
LUAMOD_API int l(T *t) { m(); }
""", ["f 2-2: g()", "h 3-3: i(a)", "j 5-5: k()", "l 7-7: m()"]),
    ("com", "c++", """
STDMETHODIMP A::f(BSTR x) { g(); return S_OK; }
HRESULT STDMETHODCALLTYPE A::h() { i(); }
class B : public IUnknown {
    STDMETHOD(j)(REFIID i) { return k(); }
    STDMETHOD_(ULONG, l)() { return m(); }
    IFACEMETHOD(n)() { o(); }
};
STDAPI_(BOOL) p() { q(); }
""", ["A::f 2-2: g()", "A::h 3-3: i()", "B::j 5-5: k()", "B::l 6-6: m()", "B::n 7-7: o()",
      "p 9-9: q()"]),
    ("exceptions-of-windows", "c", """
void f(void)
{
    __try { a(); __leave; }
    __except (EXCEPTION_EXECUTE_HANDLER) { b(); }
    __try { c(); } __finally { d(); }
}
""", ["f 2-7: a()", "f 2-7: b() [()]", "f 2-7: c()", "f 2-7: d()"]),
    ("exceptions-of-a-project", "c", """
void f(void)
{
    TRY { a(); LEAVE; } FINALLY { b(); }
}
""", ["f 2-5: a()", "f 2-5: b()"]),
    # Literals and their macros
    ("text-macros", "c++", """
void f() {
    g(TEXT("a") TEXT(V), _T("b") P _T("c"), L"" P, wxT("d"));
}
""", ['f 2-4: g(join("a", V), join("b", P, "c"), join("", P), "d")']),
    ("number-of-a-message", "c", """
void f(void) { ap_log_error(MARK, APLOGNO(00382) "text", g()); }
""", ["f 2-2: APLOGNO(?)", "f 2-2: g()",
      'f 2-2: ap_log_error(MARK, join(APLOGNO(?), "text"), g())']),
    ("raw-string", "c++", '\nvoid f() { g(LR"x(Global\\a"b){)x"); h(); }\n',
     ['f 2-2: g("Global\\a"b){")', "f 2-2: h()"]),
    ("commented-out", "c", """
// void f() {
//     a();
/* void g() { b(); */
void h(void) { c(); } // d();
""", ["h 5-5: c()"]),
    # Conditions
    ("condition-in-arguments", "c", """
void f(void) {
    g(a,
#ifdef X
      b,
#endif
      c);
}
""", ["f 2-8: g(a, b, c)"]),
    ("conditions-of-one-block", "c", """
void f(void) {
#ifdef X
    if (a()) {
#else
    if (b()) {
#endif
        c();
    }
}
void g(void) { h(); }
""", ["f 2-10: a()", "f 2-10: c() [a()]", "g 11-11: h()", "f 2-10: b()"]),
    ("condition-of-windows-in-a-chain", "c", """
void f(void) {
#ifndef WIN32
    if (a()) {
#else
    if (b()) {
#endif
        c();
#ifdef __linux__
    } else if (d()) {
#endif
    }
}
void g(void) { h(); }
""", ["f 2-13: b()", "f 2-13: c() [b()]", "g 14-14: h()"]),
    ("heads-of-one-body", "c++", """
#ifdef CONSOLE
int main(int argc, char **argv)
#else
int WINAPI WinMain(HINSTANCE h, HINSTANCE p, LPSTR l, int n)
#endif
{
    return run();
}
""", ["main 3-9: run()", "WinMain 5-9: run()"]),
    ("dead-code", "c", """
#define HAVE_X 0
void f(void) {
#if 0
    a();
#endif
#if HAVE_X
    b();
#elif defined(__APPLE__)
    c();
#else
    d();
#endif
}
""", ["f 3-14: d()"]),
    # Heads and blocks
    ("old-style", "c", """
int f(a, b)
    int a;
    char *b;
{
    g(a);
}
main(argc, argv)
    struct x **argv;
{
    h();
}
""", ["f 2-7: g(a)", "main 8-12: h()"]),
    ("macro-makes-the-head", "c", """
THREAD_FUNCTION(worker) {
    g();
}
MOD_INIT()
{
    h();
}
""", ["worker 2-4: g()", "MOD_INIT 5-8: h()"]),
    ("loop-macros", "c", """
void f(void) {
    for (queue_Scan(&list, a, b)) { g(a); }
    LIST_FOREACH(x, y) { h(); }
}
void i(void) { j(); }
""", ["f 2-5: g(a)", "f 2-5: LIST_FOREACH(x, y)", "f 2-5: h()", "i 6-6: j()"]),
    ("not-a-prototype", "c++", """
Handle first(CreateEvent(nullptr, FALSE, FALSE, LPCWSTR(kName)));
void f() { Handle h(::OpenEventW(1, FALSE, L"y")); Lock l(mutex); }
""", [" : LPCWSTR(kName)", " : CreateEvent(NULL, FALSE, FALSE, LPCWSTR(kName))",
      " : new Handle(CreateEvent(NULL, FALSE, FALSE, LPCWSTR(kName)))",
      'f 3-3: ::OpenEventW(1, FALSE, "y")', 'f 3-3: new Handle(::OpenEventW(1, FALSE, "y"))',
      "f 3-3: new Lock(mutex)"]),
    ("pointers-to-members", "c++", """
void C::f() { (this->*fp)(a); delete[] (char *)p; g(); }
void C::h() { (*smb_MBfunc)(NULL, x); i(); }
""", ["C::f 2-2: this(a)", "C::f 2-2: g()", "C::h 3-3: *smb_MBfunc(NULL, x)", "C::h 3-3: i()"]),
    ("label-like-a-function", "c", """
void f(void) { goto SendMessage; SendMessage: g(); }
""", ["f 2-2: g()"]),
    ("qt", "c++", """
class A : public QObject {
    Q_OBJECT
    Q_PROPERTY(int x READ x)
signals:
    void done();
public slots:
    void go() { emit done(); }
    Q_DISABLE_COPY(A)
};
void A::f() { Q_D(A); d->g(); }
""", ["A::go 8-8: done()", "A::f 11-11: Q_D(A)", "A::f 11-11: d.g()"]),
    ("message-map", "c++", """
BEGIN_MESSAGE_MAP(A, CDialog)
    ON_COMMAND(ID_X, &A::OnX)
    ON_WM_PAINT()
END_MESSAGE_MAP()

void A::OnX() { g(); }
""", ["A::OnX 7-7: g()", "A::BEGIN_MESSAGE_MAP 2-5: ON_COMMAND(ID_X, &A::OnX)",
      "A::BEGIN_MESSAGE_MAP 2-5: ON_WM_PAINT()"]),
    # Later C++
    ("concepts", "c++", """
template <typename T> concept Small = sizeof(T) < 4;
template <Small T> requires (sizeof(T) > 1) void f(T t) { g(t); }
void h(std::integral auto x) { i(x); }
""", ["f 3-3: g(t)", "h 4-4: i(x)"]),
    ("spaceship", "c++", """
struct A {
    auto operator<=>(const A&) const = default;
    bool operator==(const A& o) const { return g(o); }
};
""", ["A::operator== 4-4: g(o)"]),
    ("modules", "c++", """
module;
export module service;
import std;
export import :part;
export void f() { g(); }
export namespace n { void h() { i(); } }
""", ["f 6-6: g()", "h 7-7: i()"]),
    ("coroutines", "c++", """
task<int> f() { co_await g(1); auto x = co_await h(); co_yield i(); co_return j(); }
""", ["f 2-2: g(1)", "f 2-2: h()", "f 2-2: i()", "f 2-2: j()"]),
    ("attributes", "c++", """
[[nodiscard]] int f([[maybe_unused]] int a)
{
    if (a) [[likely]] { g(); }
    switch (a) { case 1: h(); [[fallthrough]]; default: i(); }
}
""", ["f 2-6: g() [a]", "f 2-6: h() [(a == 1)]", "f 2-6: i() [((a == 1) || defaulta)]"]),
    ("designated", "c++", """
void f() { S s{.cb = sizeof(s), .lpDesktop = g(L"x")}; h(s); }
""", ['f 2-2: g("x")', "f 2-2: h(s)"]),
    ("lambdas-and-conditions", "c++", """
void f() {
    auto l = []<typename T>(T t) { g(t); };
    if (int r = h(); r > 0) { i(r); }
    for (auto&& [a, b] : k()) { m(a); }
    (n(std::move(x)), ...);
}
""", [" 3-3: g(t)", "f 2-7: i(r) [(r > 0)]", "f 2-7: h()", "f 2-7: k()", "f 2-7: m(a)",
      "f 2-7: std::move(x)", "f 2-7: n(std::move(x))"]),
    ("function-try-block", "c++", """
void f() noexcept try { g(); } catch (...) { h(); }
C::C() try : a(i()) { j(); } catch (...) { k(); }
""", ["f 2-2: g()", "f 2-2: h() [()]", "C::C 3-3: i()", "C::C 3-3: j()", "C::C 3-3: k() [()]"]),
    ("function-try-block-with-a-macro", "c++", """
void f() noexcept
try
{
    g();
}
CATCH_LOG()

HRESULT C::h(int a) const noexcept
try
{
    if (a) { i(); }
    return j();
}
CATCH_RETURN_MSG("h(%d)", a);

C::C() try : a(k())
{
    l();
}
CATCH_LOG()
void m() { try { n(); } CATCH_LOG() o(); }
""", ["f 2-6: g()", "C::h 9-14: i() [a]", "C::h 9-14: j()", "C::C 17-20: k()",
      "C::C 17-20: new a(k())", "C::C 17-20: l()", "m 22-22: n()", "m 22-22: CATCH_LOG()",
      "m 22-22: o()"]),
]  # fmt: skip


def lines_of(facts: FileFacts, source: str) -> list[str]:
    """``function first-last: call [guard]`` for each call; a call of the file has no lines."""
    data = source.encode()
    lines = []
    for index, call in enumerate(facts.calls):
        function = facts.functions[call.function]
        first = data.count(b"\n", 0, function.start) + 1
        last = data.count(b"\n", 0, function.end) + 1
        place = f"{first}-{last}" if call.function else ""
        condition = guard(call.branch, facts)
        lines.append(
            f"{function_name(call.function, facts)} {place}: {shown_call(index, facts)}"
            + (f" [{condition}]" if condition else "")
        )
    return lines


@pytest.mark.parametrize(
    ("language", "source", "expected"), [pytest.param(*h[1:], id=h[0]) for h in HAZARDS]
)
def test_functions_and_calls_survive(language: Language, source: str, expected: list[str]) -> None:
    facts = extract(source, language)
    assert lines_of(facts, source) == expected
    assert facts.problems == ()


@pytest.mark.parametrize("end", ["\r\n", "\r"], ids=["crlf", "cr"])
@pytest.mark.parametrize(
    ("language", "source", "expected"), [pytest.param(*h[1:], id=h[0]) for h in HAZARDS]
)
def test_line_ends_change_nothing(
    language: Language, source: str, expected: list[str], end: str
) -> None:
    wanted = [line.partition(" ")[0] for line in expected]
    facts = extract(source.replace("\n", end), language)
    assert [line.partition(" ")[0] for line in lines_of(facts, source)] == wanted
    assert calls_of(facts) == calls_of(extract(source, language))


def test_both_values_of_an_unknown_condition_are_bound_with_it() -> None:
    source = "int x =\n#ifdef A\n F |\n#else\n G |\n#endif\n H;\n"
    facts = extract(source, "c")
    assert bindings_of(facts) == ["int x = (F | H)", "int x = (G | H)"]
    assert [(c.condition, source[c.start : c.end].strip()) for c in facts.conditionals] == [
        ("defined(A)", "F |"),
        ("!(defined(A))", "G |"),
    ]
