"""The pass before the C and C++ parsers: what it blanks, what it keeps, and that offsets stay."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionzero.conditions import evaluate
from sessionzero.frontends.c.parsing import solid_spans
from sessionzero.frontends.c.preprocess import prepare
from sessionzero.predefined import predefined


def squeezed(source: str, *, cplusplus: bool = True) -> str:
    """What is parsed of a source, with blanks squeezed."""
    code = prepare(source.encode(), cplusplus=cplusplus).code
    assert len(code) == len(source.encode())
    return " ".join(code.decode().split())


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("defined(_WIN32) || defined(__CYGWIN__)", True, id="or-with-windows"),
        pytest.param("defined _WIN32 && FOO", None, id="and-with-unknown"),
        pytest.param("!defined(_WIN32) && FOO", False, id="and-with-false"),
        pytest.param("_WIN32_WINNT >= 0x0600", True, id="version-reached"),
        pytest.param("_WIN32_WINNT < _WIN32_WINNT_VISTA", False, id="before-vista"),
        pytest.param("_MSC_VER > 1200 && !defined(_WIN32_WCE)", True, id="compiler"),
        pytest.param("__linux__", False, id="linux"),
        pytest.param("HAVE_QNX_OS", False, id="what-configure-finds-out"),
        pytest.param("FOO(1) > 2", None, id="function-like-macro"),
        pytest.param("__has_include(<x.h>)", None, id="has-include"),
        pytest.param("1 ? 2 : 3", None, id="ternary-is-not-read"),
        pytest.param("(1 + 2) * 3 == 9 && ~0 == -1", True, id="arithmetic"),
        pytest.param("0x10u == 16 && 1'000 == 1000L", True, id="number-forms"),
        pytest.param("", None, id="empty"),
        pytest.param("(((", None, id="broken"),
        pytest.param("(" * 5000 + "1" + ")" * 5000, None, id="deep"),
        pytest.param("__cplusplus", True, id="language"),
    ],
)
def test_conditions_are_true_false_or_unknown(condition: str, expected: bool | None) -> None:
    assert evaluate(condition, predefined(cplusplus=True)) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("#ifdef _WIN32\na;\n#else\nb;\n#endif", "a;", id="windows-branch"),
        pytest.param("#ifndef WIN32\na;\n#else\nb;\n#endif", "b;", id="else-of-not-windows"),
        pytest.param("#if 0\na;\n#else\nb;\n#endif", "b;", id="if-0"),
        pytest.param("#if FOO\na;\n#else\nb;\n#endif", "a; b;", id="unknown-keeps-both"),
        pytest.param(
            "#ifdef UNICODE\nif (a) {\n#else\nif (b) {\n#endif\nc(); }",
            "if (a) { c(); }",
            id="split-if-unicode",
        ),
        pytest.param(
            "#ifdef FOO\nif (a) {\n#else\nif (b) {\n#endif\nc(); }",
            "if (a) { c(); }",
            id="split-if-unknown",
        ),
        pytest.param(
            "if (a) {\n#ifdef FOO\n} else if (b) {\n#endif\n}",
            "if (a) { } else if (b) { }",
            id="one-branch-stays",
        ),
        pytest.param(
            "f(a,\n#ifdef FOO\nb\n#else\nc\n#endif\n);", "f(a, b );", id="in-an-argument-list"
        ),
        pytest.param(
            "#ifdef FOO\nint main()\n#else\nint WINAPI WinMain()\n#endif\n{ a(); }",
            "int main() { a(); }",
            id="two-heads-one-body",
        ),
        pytest.param("#ifndef A_H\n#define A_H\na;\n#endif", "a;", id="include-guard"),
        pytest.param(
            "#define HAVE_X 0\n#if HAVE_X\na;\n#else\nb;\n#endif", "b;", id="defined-as-0"
        ),
        pytest.param("#define X\n#undef X\n#ifdef X\na;\n#endif", "", id="undefined"),
        pytest.param("#if A\n#define X 0\n#endif\n#if X\na;\n#endif", "a;", id="defined-perhaps"),
        pytest.param(
            "#if A\na;\n#elif _WIN32\nb;\n#elif B\nc;\n#else\nd;\n#endif", "a; b;", id="elif"
        ),
        pytest.param(
            "#ifdef __linux__\n#ifdef _WIN32\na;\n#endif\nb;\n#endif\nc;", "c;", id="nested-dead"
        ),
        pytest.param("#if FOO && \\\n !_WIN32\na;\n#endif\nb;", "b;", id="continued-condition"),
        pytest.param("#if 0\r\na;\r\n#endif\r\nb;", "b;", id="crlf"),
        pytest.param("#if 0\ra;\r#endif\rb;", "b;", id="lone-cr"),
        pytest.param("#if 0\nit's \"\n#endif\nb;", "b;", id="prose-with-quotes"),
        pytest.param("#ifdef FOO\na;", "a;", id="unterminated"),
        pytest.param("#endif\n#else\na;", "a;", id="stray"),
        pytest.param("# pragma once\n#error Don't\n#line 3\na;", "a;", id="other-lines"),
        pytest.param('x = "\n#if 0\n";', 'x = "', id="unclosed-string-ends-with-its-line"),
        pytest.param("a; // #if 0 \\\n b;\nc;", "a; c;", id="continued-comment"),
    ],
)
def test_directives_and_dead_branches_are_blanked(source: str, expected: str) -> None:
    assert squeezed(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("DWORD WINAPI f(LPVOID p)", "DWORD f(LPVOID p)", id="convention"),
        pytest.param("LRESULT CALLBACK C::f()", "LRESULT C::f()", id="convention-of-a-method"),
        pytest.param(
            "_Success_(return != 0) BOOL f(_In_ DWORD a, _Out_writes_(n + (1)) PVOID p)",
            "BOOL f( DWORD a, PVOID p)",
            id="sal",
        ),
        pytest.param("void f(__in_ecount(*n) T *a)", "void f( T *a)", id="old-sal"),
        pytest.param("void f(_In_ (*g)(int))", "void f( (*g)(int))", id="declarator-stays"),
        pytest.param("f(IN int a, OUT int b[2] OPTIONAL)", "f( int a, int b[2] )", id="in-out"),
        pytest.param("x = OUT; y(IN, OPTIONAL);", "x = OUT; y(IN, OPTIONAL);", id="constants"),
        pytest.param("__declspec(dllexport) int f();", "int f();", id="declspec"),
        pytest.param("class EXPORT A : B {};", "class A : B {};", id="exported-class"),
        pytest.param("CONST char *p;", "const char *p;", id="const"),
        pytest.param('f(TEXT("a") _T("b"), TEXT(X));', 'f( "a" "b" , X );', id="text"),
        pytest.param("f(_T(g(x)));", "f( (g(x)));", id="text-of-a-call"),
        pytest.param('f("WINAPI _In_ TEXT(x)");', 'f("WINAPI _In_ TEXT(x)");', id="in-a-string"),
        pytest.param('L"a" B;', 'L"a"+B;', id="literal-before-a-macro"),
        pytest.param('extern "C" int f();', 'extern "C" int f();', id="linkage"),
        pytest.param('f(R"(WINAPI "x)", WINAPI y)', 'f(R"(WINAPI "x)", y)', id="raw-string"),
        pytest.param("'\"' WINAPI '\"'", "'\"' '\"'", id="quote-as-a-character"),
        pytest.param(
            "STDMETHOD(A)(THIS_ int x) PURE; STDMETHOD_(ULONG, B)(THIS) PURE;",
            "HRESULT A ( int x) = 0 ; ULONG B ( ) = 0 ;",
            id="com-methods",
        ),
        pytest.param("STDMETHODIMP_(ULONG) C::f()", "ULONG C::f()", id="com-implementation"),
        pytest.param(
            "IFACEMETHOD(A)(int x); IFACEMETHODIMP_(ULONG) C::f() STDAPI_(BOOL) g()",
            "HRESULT A (int x); ULONG C::f() BOOL g()",
            id="com-newer",
        ),
        pytest.param("interface A : B {};", "struct A : B {};", id="com-interface"),
        pytest.param("{\n  Q_OBJECT\nsignals:\npublic slots:\n}", "{ public : public : }", id="qt"),
        pytest.param("{\n  TRACE(x)\n  f();\n}", "{ TRACE(x) ;f(); }", id="macro-line"),
        pytest.param("int g;\nMACRO(int)\nf(void) {}", "int g; int f(void) {}", id="return-type"),
        pytest.param("{\n int a;\n DECLARE_X()\n};", "{ int a; };", id="last-member"),
        pytest.param(
            "{\n BEGIN_COM_MAP(A)\n  ENTRY(1, B)\n END_COM_MAP()\n int a;\n}",
            "{ int a; }",
            id="map-in-a-class",
        ),
    ],
)
def test_annotations_and_macro_idioms_are_made_readable(source: str, expected: str) -> None:
    assert squeezed(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param('#define A "a"\n#define B C', "", id="two-macros"),
        pytest.param('#define A "a"\n  f();', "f();", id="macro-before-code"),
        pytest.param('x = "a"\n#define B C\n  D;', 'x = "a" D;', id="macro-in-an-expression"),
    ],
)
def test_literals_are_not_joined_across_the_end_of_a_macro(source: str, expected: str) -> None:
    prepared = prepare(source.encode(), cplusplus=True)
    assert " ".join(prepared.code.decode().split()) == expected
    assert b"+" not in prepared.text


def span_texts(source: str) -> list[str]:
    """What of a source would be parsed, each stretch in short."""
    return [" ".join(source[a:b].split()) for a, b in solid_spans(source.encode())]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a;" + " " * 127 + "b;", ["a; b;"], id="short"),
        pytest.param("a;\n" + " " * 160 + "b;", ["a;", "b;"], id="long"),
        pytest.param("a;" + "\n" * 160 + "b;", ["a;", "b;"], id="lines"),
        pytest.param("a;" + " " * 160 + "b;", ["a;", "b;"], id="on-one-line"),
        pytest.param('x = "\n' + " " * 160 + "\nb;", ['x = "', "b;"], id="unclosed-quote"),
        pytest.param("#\\\n" + " " * 160 + "b;", ["#\\ b;"], id="continued-line"),
        pytest.param("a;" + " " * 200, ["a;", ""], id="at-the-end"),
    ],
)
def test_long_blanks_are_not_parsed(source: str, expected: list[str]) -> None:
    assert span_texts(source) == expected


def test_a_gap_begins_after_the_end_of_a_line() -> None:
    source = 'x = "' + " " * 40 + "\n" + " " * 160 + "b;"
    (_, first), (second, _) = solid_spans(source.encode())
    assert source[:first].endswith("\n")
    assert source[second:] == " b;"


def test_only_the_longest_of_very_many_gaps_are_left_out() -> None:
    gaps = [128 + number % 7 for number in range(3000)]
    source = "".join("a;\n" + " " * gap for gap in gaps) + "b;"
    spans = solid_spans(source.encode())
    assert len(spans) == 501
    left_out = [after[0] - before[1] for before, after in pairwise(spans)]
    assert min(left_out) >= 132
    assert (spans[0][0], spans[-1][1]) == (0, len(source))


def test_what_an_unknown_condition_keeps_is_recorded_with_the_condition() -> None:
    source = "#if A > 1\na;\n#elif defined(B)\nb;\n#else\nc;\n#endif\n#ifdef _WIN32\nd;\n#endif\n"
    conditionals = prepare(source.encode(), cplusplus=False).conditionals
    assert [(c.condition, source[c.start : c.end].strip()) for c in conditionals] == [
        ("A > 1", "a;"),
        ("!(A > 1) && defined(B)", "b;"),
        ("!(A > 1) && !(defined(B))", "c;"),
    ]


def test_macros_of_dead_branches_are_left_out() -> None:
    source = "#ifdef _WIN32\n#define A 1\n#else\n#define A 2\n#define B\n#endif\n#define F(x,y) x\n"
    defines = prepare(source.encode(), cplusplus=False).defines
    assert [(d.name, d.parameters) for d in defines] == [("A", None), ("F", ("x", "y"))]


HOSTILE = [
    pytest.param('R"(' * 20000, id="unclosed-raw-strings"),
    pytest.param("/*" * 50000, id="unclosed-comments"),
    pytest.param('"\\' * 50000, id="escaped-quotes"),
    pytest.param("'" * 50000, id="apostrophes"),
    pytest.param("#" * 50000, id="hashes-on-one-line"),
    pytest.param("#if A\n#else\n" * 5000, id="nested-groups"),
    pytest.param("#if A\n" * 20000, id="open-groups"),
    pytest.param("_In_(" * 20000, id="open-annotations"),
    pytest.param("TEXT(" * 20000, id="open-wrappers"),
    pytest.param("\nBEGIN_A_MAP(x)" * 10000, id="open-tables"),
    pytest.param("for(a(" * 20000, id="open-loops"),
    pytest.param("\nA_B(" * 20000, id="open-macro-lines"),
    pytest.param('"" ' * 30000 + "x", id="literals"),
    pytest.param("class A " * 20000, id="classes"),
    pytest.param("#define A(" + "a," * 30000, id="open-parameters"),
    pytest.param("\\\n" * 50000, id="continuations"),
    pytest.param("#if " + "(" * 50000, id="deep-condition"),
    pytest.param(" " * 100000 + "\n", id="blanks"),
]


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_text_takes_linear_time(source: str) -> None:
    assert len(prepare(source.encode(), cplusplus=True).code) == len(source)


PIECES = st.sampled_from(
    [
        "#if ", "#ifdef A", "#ifndef _WIN32", "#else", "#elif 1", "#endif", "#define A", "#undef A",
        "\n", "\r\n", "\r", "\\\n", " ", "\t", '"', "'", "L", "R\"x(", ")x\"", "/*", "*/", "//",
        "(", ")", "{", "}", ";", ",", "TEXT(", "_T", "WINAPI", "_In_", "__declspec(", "dllexport",
        "class A_B C", ": public", "STDMETHOD(", "f", "x", "0", "é", "🙂", "\0", "##", "emit ",
        "BEGIN_A_MAP(", "END_A_MAP()", "Q_OBJECT", "IN ", "OUT", "extern ", "interface ",
    ]
)  # fmt: skip


@given(
    st.one_of(
        st.binary(max_size=400), st.lists(PIECES, max_size=60).map(lambda p: "".join(p).encode())
    )
)
@settings(max_examples=400, deadline=None)
def test_length_and_lines_never_change(data: bytes) -> None:
    for cplusplus in (False, True):
        prepared = prepare(data, cplusplus=cplusplus)
        for text in (prepared.code, prepared.text, prepared.shape):
            assert len(text) == len(data)
            assert [i for i, c in enumerate(text) if c == 10] == [
                i
                for i, c in enumerate(data)
                if c == 10 or (c == 13 and data[i + 1 : i + 2] != b"\n")
            ]
