"""What a value is known to be: source text → the alternatives."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, link, probed, shown
from sessionzero.engine import check_sources

Table = Mapping[str, tuple[str, str]]

# --- C ----------------------------------------------------------------------------------------

C: Table = {
    "literal": (r'void f(void) { probe(L"Global\\A"); }', r"Global\A"),
    "TEXT": (r'void f(void) { probe(TEXT("Global\\A")); }', r"Global\A"),
    "_T": (r'void f(void) { probe(_T("Global\\A")); }', r"Global\A"),
    "adjacent-literals": (r'void f(void) { probe(L"Glo" L"bal\\" L"A"); }', r"Global\A"),
    "adjacent-wrapped-literals": (
        r'void f(void) { probe(TEXT("Global\\") TEXT("A")); }',
        r"Global\A",
    ),
    "macro": (
        r"""
        #define NAME L"Global\\A"
        void f(void) { probe(NAME); }""",
        r"Global\A",
    ),
    "macro-of-macros": (
        r"""
        #define PREFIX L"Global\\"
        #define BASE L"A"
        #define NAME PREFIX BASE
        void f(void) { probe(NAME); }""",
        r"Global\A",
    ),
    "macro-beside-literal": (
        r"""
        #define PREFIX "Global\\"
        void f(void) { probe(PREFIX "A"); }""",
        r"Global\A",
    ),
    "function-like-macro": (
        r"""
        #define NAME(base) L"Global\\" base
        void f(void) { probe(NAME(L"A")); }""",
        r"Global\A",
    ),
    "function-like-macro-of-flags": (
        """
        #define WITH(extra) (0x10 | (extra))
        void f(void) { probe(WITH(0x100)); }""",
        "0x110",
    ),
    "macro-defined-twice-is-either": (
        """
        #ifdef LOCAL_ONLY
        #define NAME "A"
        #else
        #define NAME "B"
        #endif
        void f(void) { probe(NAME); }""",
        "A | B",
    ),
    "enumerators-count-on": (
        "enum { FIRST = 0x10, SECOND, THIRD = FIRST | 0x100 };\nvoid f(void) { probe(THIRD); }",
        "0x110",
    ),
    "static-constant": (
        'static const wchar_t *const Name = L"A";\nvoid f(void) { probe(Name); }',
        "A",
    ),
    "static-array": ('static const char Name[] = "A";\nvoid f(void) { probe(Name); }', "A"),
    "array-of-characters": (
        "static const char Name[] = {'A', 'b', 0};\nvoid f(void) { probe(Name); }",
        "Ab",
    ),
    "element-of-a-table-is-any": (
        'static const char *Names[] = {"A", "B"};\nvoid f(int i) { probe(Names[i]); }',
        "A | B",
    ),
    "local-pointer": ('void f(void) { const char *name = "A"; probe(name); }', "A"),
    "last-assignment-counts": (
        'void f(void) { const char *name = "A"; name = "B"; probe(name); }',
        "B",
    ),
    "later-assignment-does-not": (
        'void f(void) { const char *name = "A"; probe(name); name = "B"; }',
        "A",
    ),
    "assignment-under-a-condition": (
        'void f(int c) { const char *name = "A"; if (c) name = "B"; probe(name); }',
        "A | B",
    ),
    "both-arms-replace": (
        'void f(int c) { const char *n = "A"; if (c) n = "B"; else n = "C"; probe(n); }',
        "B | C",
    ),
    "arm-sees-its-own-value": (
        'void f(int c) { const char *n; if (c) { n = "A"; probe(n); } else { n = "B"; } }',
        "A",
    ),
    "ternary": ('void f(int c) { probe(c ? "A" : "B"); }', "A | B"),
    "ternary-of-flags": ("void f(int c) { probe(0x10 | (c ? 0x100 : 0)); }", "0x10 | 0x110"),
    "cast": ('void f(void) { probe((LPCWSTR)L"A"); }', "A"),
    "or-of-windows-constants": (
        "void f(void) { probe(SERVICE_WIN32_OWN_PROCESS | SERVICE_INTERACTIVE_PROCESS); }",
        "0x110",
    ),
    "or-assignment": ("void f(void) { DWORD t = 0x10; t |= 0x100; probe(t); }", "0x110"),
    "and-with-one-bit": ("void f(DWORD t) { t &= 0x100; probe(t); }", "0x0 | 0x100 | ?"),
    "or-assignment-under-a-condition": (
        "void f(int c) { DWORD t = 0x10; if (c) t |= 0x100; probe(t); }",
        "0x10 | 0x110",
    ),
    "and-not-assignment": ("void f(void) { DWORD t = 0x110; t &= ~0x100; probe(t); }", "0x10"),
    "and-not": ("void f(void) { DWORD t = 0x110; probe(t & ~0x100); }", "0x10"),
    "shift-and-sum": ("void f(void) { probe((1 << 4) + 0x100); }", "0x110"),
    "or-with-unknown-keeps-certain-bits": (
        "void f(DWORD extra) { probe(0x100 | extra); }",
        "0x100+",
    ),
    "negative": ("void f(void) { probe(-3); }", "-0x3"),
    "cast-of-a-negative": ("void f(void) { probe((HWND)-3); }", "-0x3"),
    "cast-of-a-negative-in-a-macro": (
        """
        #define NONE ((DWORD)-1)
        void f(void) { probe(NONE); }""",
        "-0x1",
    ),
    "counted": ("void f(void) { for (int n = 1; n < 9; n++) probe(n); }", "?"),
    "pointer-into-a-text-that-moves-on": (
        'void f(void) { const char *p = "Global\\A"; p++; probe(p); }',
        "?",
    ),
    "null": ("void f(void) { probe(NULL); }", "null"),
    "field-of-a-local": (
        "void f(void) { SERVICE_STATUS s; s.dwServiceType = 0x110; probe(s.dwServiceType); }",
        "0x110",
    ),
    "field-of-a-global": (
        """
        SERVICE_STATUS g_status;
        void init(void) { g_status.dwServiceType = 0x110; }
        void f(void) { probe(g_status.dwServiceType); }""",
        "0x110",
    ),
    "field-through-a-pointer": (
        """
        void f(void) { SERVICE_STATUS s, *p = &s; p->dwServiceType = 0x10; probe(p->dwServiceType); }
        """,
        "0x10",
    ),
    "sprintf": (
        r'void f(void) { char b[9]; sprintf(b, "Global\\%s", "A"); probe(b); }',
        r"Global\A",
    ),
    "sprintf-of-a-number": (
        'void f(void) { char b[9]; sprintf(b, "A%d", 7); probe(b); }',
        "A7",
    ),
    "sprintf-of-unknown-keeps-the-beginning": (
        r'void f(int pid) { char b[9]; sprintf(b, "Global\\A%d", pid); probe(b); }',
        r"Global\A…",
    ),
    "StringCchPrintf": (
        r'void f(void) { WCHAR b[9]; StringCchPrintfW(b, 9, L"%s\\A", L"Global"); probe(b); }',
        r"Global\A",
    ),
    "strcpy-strcat": (
        r'void f(void) { char b[9]; strcpy(b, "Global\\"); strcat(b, "A"); probe(b); }',
        r"Global\A",
    ),
    "wcscpy_s-wcscat_s": (
        r'void f(void) { WCHAR b[9]; wcscpy_s(b, 9, L"Global\\"); wcscat_s(b, 9, L"A"); probe(b); }',
        r"Global\A",
    ),
    "strcat-of-unknown-keeps-the-beginning": (
        r'void f(char *n) { char b[9]; strcpy(b, "Global\\"); strcat(b, n); probe(b); }',
        r"Global\…",
    ),
    "parameter-of-the-only-caller": (
        'void f(const char *name) { probe(name); }\nvoid g(void) { f("A"); }',
        "A",
    ),
    "parameter-of-two-callers": (
        'void f(const char *n) { probe(n); }\nvoid g(void) { f("A"); }\nvoid h(void) { f("B"); }',
        "A | B",
    ),
    "parameter-through-two-wrappers": (
        """
        void f(const char *n) { probe(n); }
        void g(const char *n) { f(n); }
        void h(void) { g("A"); }""",
        "A",
    ),
    "result-of-a-function": (
        'const char *name(void) { return "A"; }\nvoid f(void) { probe(name()); }',
        "A",
    ),
    "buffer-that-a-function-fills": (
        """
        static void name_of(char *out, int n) { sprintf(out, "agent_%d", n); }
        void f(void) { char name[64]; name_of(name, 7); probe(name); }""",
        "agent_7",
    ),
    "buffer-that-a-function-adds-to": (
        """
        static void add(char *out) { strcat(out, "Ready"); }
        void f(void) { char name[64]; strcpy(name, "Agent"); add(name); probe(name); }""",
        "AgentReady",
    ),
    "buffer-that-is-only-read": (
        """
        static int length(const char *in) { in = skip(in); return strlen(in); }
        void f(void) { char name[64]; strcpy(name, "Agent"); length(name); probe(name); }""",
        "Agent",
    ),
    "result-before-vista": (
        """
        const char *name(void) {
            if (info.dwMajorVersion <= 4 || !ready) { if (info.dwMajorVersion < 6) return old(); }
            return "A";
        }
        void f(void) { probe(name()); }""",
        "A",
    ),
    "result-of-a-version-since-vista": (
        """
        const char *name(void) { if (info.dwMajorVersion <= 6) return "A"; return "B"; }
        void f(void) { probe(name()); }""",
        "A | B",
    ),
    "result-made-of-the-argument": (
        "DWORD with(DWORD t) { return t | 0x100; }\nvoid f(void) { probe(with(0x10)); }",
        "0x110",
    ),
    "behind-the-prefix": (r'void f(void) { const char *n = "Global\\A"; probe(n + 7); }', "A"),
    "behind-more-than-there-is": ('void f(void) { const char *n = "A"; probe(n + 7); }', "?"),
    "behind-what-has-no-known-end": (
        r'void f(char *u) { char n[9]; sprintf(n, "Global\\%s", u); probe(n + 7); }',
        "?",
    ),
    "address-of-a-character": (r'void f(void) { const char *n = "Global\\A"; probe(&n[7]); }', "A"),
    "moved-on": (r'void f(void) { const char *n = "Global\\A"; n += 7; probe(n); }', "A"),
    "written-behind-the-prefix": (
        r'void f(void) { char n[9] = "Global\\A"; strcpy(n + 7, "B"); probe(n); }',
        r"Global\B",
    ),
    "written-at-the-address-of-a-character": (
        r'void f(void) { char n[9] = "Global\\A"; strcpy(&n[7], "B"); probe(n); }',
        r"Global\B",
    ),
    "written-at-the-end": (
        r'void f(void) { char n[9] = "Global\\"; strcpy(n + strlen(n), "A"); probe(n); }',
        r"Global\A",
    ),
    "written-somewhere": (
        'void f(int i) { char n[9] = "A"; strcpy(n + i, "B"); probe(n); }',
        "?",
    ),
    "written-at-one-of-two-places": (
        'void f(int i) { char n[9] = "A"; strcpy(n + (i ? 0 : 1), "B"); probe(n); }',
        "?",
    ),
    "character-that-is-written": (
        r"""void f(void) { char n[9] = "Global/A"; n[6] = '\\'; probe(n); }""",
        r"Global\A",
    ),
    "character-that-is-written-somewhere": (
        r"""void f(int i) { char n[9] = "Global/A"; n[i] = '\\'; probe(n); }""",
        "?",
    ),
    "end-that-is-written": ('void f(void) { char n[9] = "AB"; n[1] = 0; probe(n); }', "A"),
    "end-of-the-buffer": (
        'void f(void) { char n[9] = "A"; n[sizeof(n) - 1] = 0; probe(n); }',
        "A",
    ),
    "beginning-that-is-ended": (
        'void f(void) { char n[9]; n[0] = 0; strcat(n, "A"); probe(n); }',
        "A",
    ),
    "buffer-that-is-zeroed": (
        r"""
        void f(void) {
            char n[9] = "A";
            ZeroMemory(n, sizeof(n));
            strcat(n, "B");
            memset(n, 0, 9);
            strcat(n, "C");
            probe(n);
        }""",
        "C",
    ),
    "field-in-a-table": (
        """
        struct Event { int number; const char *name; };
        static const struct Event EVENTS[] = {{1, "A"}, {2, "B"}};
        void f(int i) { probe(EVENTS[i].name); }""",
        "A | B | ?",
    ),
    "field-in-a-row-of-a-table": (
        """
        static struct { const char *name; int number; } events[] = {{"A", 1}, {"B", 2}};
        void f(void) { probe(events[1].name); }""",
        "B | ?",
    ),
    "field-of-a-table-of-a-function": (
        """
        struct Event { int number; const char *name; };
        void f(int i) {
            static const struct Event events[] = {{1, "A"}, {2, "B"}};
            probe(events[i].name);
        }""",
        "A | B | ?",
    ),
    "field-that-no-list-sets": (
        """
        struct Event { int number; const char *name; };
        static struct Event event = {1};
        void f(void) { probe(event.name); }""",
        "?",
    ),
    "field-that-a-function-writes": (
        """
        struct Event { int number; const char *name; };
        static struct Event event = {1, "A"};
        void g(void) { event.name = "B"; }
        void f(void) { probe(event.name); }""",
        "B",
    ),
    "array-of-no-characters": ("void f(HANDLE *h) { h[0] = 0; probe(h); }\n", "?"),
    "upper-case": ('void f(void) { char n[9] = "a"; _strupr(n); probe(n); }', "?"),
    "character-that-is-printed": (
        r"""void f(void) { char n[9]; sprintf(n, "Global%cA", '\\'); probe(n); }""",
        r"Global\A",
    ),
    "behind-a-character-that-is-looked-for": (
        r"""void f(void) { const char *n = "Global\\A\\B"; probe(strchr(n, '\\') + 1); }""",
        r"A\B",
    ),
    "default-of-a-setting": (
        """
        void f(void) { char n[64]; GetPrivateProfileStringA("S", "K", "A", n, 64, "a.ini");
                       probe(n); }""",
        "A | ?",
    ),
    "result-that-the-argument-chooses": (
        """
        const char *name(BOOL all) { if (all) return "A"; return "B"; }
        void f(void) { probe(name(TRUE)); }""",
        "A",
    ),
    "result-that-the-argument-rules-out": (
        """
        const char *name(BOOL all) { return all ? "A" : "B"; }
        void f(void) { probe(name(FALSE)); }""",
        "B",
    ),
    "result-that-an-enumerator-chooses": (
        """
        enum Where { HERE, EVERYWHERE };
        const char *name(enum Where where) { if (where == EVERYWHERE) return "A"; return "B"; }
        void f(void) { probe(name(HERE)); }""",
        "B",
    ),
    "result-that-an-unknown-argument-chooses": (
        """
        const char *name(BOOL all) { if (all) return "A"; return "B"; }
        void f(BOOL all) { probe(name(all)); }""",
        "A | B",
    ),
    "result-that-the-argument-chooses-no-longer": (
        """
        const char *name(BOOL all) { all = ask(); if (all) return "A"; return "B"; }
        void f(void) { probe(name(TRUE)); }""",
        "A | B",
    ),
    "result-that-a-global-variable-chooses": (
        """
        BOOL all = TRUE;
        const char *name(void) { if (all) return "A"; return "B"; }
        void f(void) { probe(name()); }""",
        "A | B",
    ),
    "made-of-what-one-call-passes-after-the-other": (
        """
        void make(const char *base, BOOL all) {
            char n[9];
            sprintf(n, "%s%s", all ? "A" : "", base);
            probe(n);
        }
        void f(void) { make("B", TRUE); make("C", FALSE); }""",
        "AB | C",
    ),
    "buffer-filled-as-the-argument-says": (
        """
        void put(char *to, BOOL all) { if (all) strcpy(to, "A"); else strcpy(to, "B"); }
        void f(void) { char n[9]; put(n, FALSE); probe(n); }""",
        "B",
    ),
}

# --- C++ --------------------------------------------------------------------------------------

CPP: Table = {
    "constexpr": (
        'constexpr const wchar_t *Name = L"A";\nvoid f() { probe(Name); }',
        "A",
    ),
    "constant-of-a-namespace": (
        'namespace names { const char *const Ready = "A"; }\nvoid f() { probe(names::Ready); }',
        "A",
    ),
    "scoped-enumerator": (
        "enum class Type : DWORD { Own = 0x10 };\nvoid f() { probe(static_cast<DWORD>(Type::Own)); }",
        "0x10",
    ),
    "static-member": (
        'struct N { static constexpr const char *Ready = "A"; };\nvoid f() { probe(N::Ready); }',
        "A",
    ),
    "static-array-defined-outside-the-class": (
        """
        struct N { static const char kName[]; void f(); };
        const char N::kName[] = "A";
        void N::f() { probe(kName); }""",
        "A",
    ),
    "string-sum": (
        r"""
        void f() { std::wstring name = std::wstring(L"Global\\") + L"A"; probe(name.c_str()); }""",
        r"Global\A",
    ),
    "string-plus-assignment": (
        r'void f() { std::string n = "Global\\"; n += "A"; probe(n.c_str()); }',
        r"Global\A",
    ),
    "string-append": (
        r'void f() { std::string n("Global\\"); n.append("A"); probe(n.data()); }',
        r"Global\A",
    ),
    "string-sum-with-unknown-keeps-the-beginning": (
        r'void f(std::wstring user) { probe((L"Global\\A" + user).c_str()); }',
        r"Global\A…",
    ),
    "CString-Format": (
        r'void f() { CString n; n.Format(L"Global\\%s", L"A"); probe(n); }',
        r"Global\A",
    ),
    "character-behind-a-string": (
        r"""void f() { std::string n = "Global"; n += '\\'; n = n + "A"; probe(n.c_str()); }""",
        r"Global\A",
    ),
    "character-into-a-stream": (
        r"""void f() { std::ostringstream o; o << "Global" << '\\' << "A"; probe(o.str().c_str()); }""",
        r"Global\A",
    ),
    "string-push_back": (
        r"""void f() { std::string n("Global"); n.push_back('\\'); probe(n.c_str()); }""",
        "Global\\",
    ),
    "string-append-in-a-row": (
        r'void f() { std::string n("B"); n.clear(); n.append("Global\\").append("A"); probe(n); }',
        r"Global\A",
    ),
    "string-cleared": (
        'void f() { std::string n("A"); n.clear(); n += "B"; probe(n.c_str()); }',
        "B",
    ),
    "string-that-an-algorithm-changes": (
        r"""
        void f() {
            std::string n("Global/A");
            std::replace(n.begin(), n.end(), '/', '\\');
            probe(n.c_str());
        }""",
        "?",
    ),
    "string-insert": (
        r'void f() { std::string n("A"); n.insert(0, "Global\\"); probe(n.c_str()); }',
        r"Global\A",
    ),
    "string-insert-somewhere": (
        'void f(size_t i) { std::string n("A"); n.insert(i, "B"); probe(n.c_str()); }',
        "?",
    ),
    "string-replace": (
        'void f() { std::string n("A"); n.replace(0, 1, "B"); probe(n.c_str()); }',
        "?",
    ),
    "string-substr": (
        r'void f() { std::string n("Global\\A"); probe(n.substr(7).c_str()); }',
        "A",
    ),
    "prepended": (
        r'void f() { QString n("A"); n.prepend("Global\\"); probe(n.toStdString().c_str()); }',
        r"Global\A",
    ),
    "template-that-finds-out-the-size": (
        r'void f() { wchar_t n[9]; wcscpy_s(n, L"Global\\"); wcscat_s(n, L"A"); probe(n); }',
        r"Global\A",
    ),
    "unknown-text-behind-its-size": (
        r'void f(char *u) { char n[9]; strcpy_s(n, 9, "Global\\"); strcat_s(n, 9, u); probe(n); }',
        r"Global\…",
    ),
    "part-of-a-text-with-a-size": (
        'void f() { char n[9]; strncpy_s(n, 9, "A", 1); probe(n); }',
        "A",
    ),
    "part-of-a-text": ('void f() { char n[9]; strncpy_s(n, "A", 1); probe(n); }', "A"),
    "copied-with-a-size": (
        r'void f() { wchar_t n[9]; wcscpy_s(n, 9, L"Global\\"); wcscat_s(n, 9, L"A"); probe(n); }',
        r"Global\A",
    ),
    "asprintf": (r'void f() { probe(QString::asprintf("Global\\%s", "A")); }', r"Global\A"),
    "value_or": ('void f(Settings s) { probe(s.name.value_or("A")); }', "A | ?"),
    "default-of-the-declaration": (
        """
        struct C { void f(int n, const char *name = "A"); void f(const char *name = "B"); };
        void C::f(int, const char *name) { probe(name); }
        void g(C &c) { c.f(1); }""",
        "A",
    ),
    "default-that-chooses": (
        """
        std::string name(bool all = false) { return all ? "A" : "B"; }
        void f() { probe(name().c_str()); }""",
        "B",
    ),
    "behind-what-begins-with-something-known": (
        r"""
        void f(const char *folder) {
            CString n;
            n.Format("<%s\\A", folder);
            n.Append(" B");
            n.AppendFormat(" %s", "C");
            probe(n);
        }""",
        r"<… | … B… | … C… | …\A…",
    ),
    "CString-AppendFormat": (
        r'void f() { CString n(L"Global\\"); n.AppendFormat(L"%s", L"A"); probe(n); }',
        r"Global\A",
    ),
    "std-format": (r'void f() { probe(std::format(L"Global\\{}", L"A").c_str()); }', r"Global\A"),
    "raw-string": (r'void f() { probe(LR"(Global\A)"); }', r"Global\A"),
    "static_cast": ('void f() { probe(static_cast<const char *>("A")); }', "A"),
    "reinterpret_cast": ("void f() { probe(reinterpret_cast<HWND>(0xffff)); }", "0xffff"),
    "member-with-initialiser": (
        'class C { const char *m_name = "A"; void f() { probe(m_name); } };',
        "A",
    ),
    "member-set-in-the-constructor": (
        """
        class C { public: C(); void f(); const char *m_name; };
        C::C() { m_name = "A"; }
        void C::f() { probe(m_name); }""",
        "A",
    ),
    "member-in-the-initialiser-list": (
        """
        class C { public: C() : m_name("A") {} void f() { probe(m_name); } const char *m_name; };""",
        "A",
    ),
    "member-through-this": (
        'class C { C() { this->name = "A"; } void f() { probe(this->name); } const char *name; };',
        "A",
    ),
    "member-of-another-class-is-not-meant": (
        """
        class A { public: A() { m_name = "A"; } const char *m_name; };
        class B { public: B() { m_name = "B"; } void f() { probe(m_name); } const char *m_name; };""",
        "B",
    ),
    "default-argument": (
        'void f(const char *name = "A") { probe(name); }\nvoid g() { f(); }',
        "A",
    ),
    "captured-by-a-lambda": (
        'void f() { const char *name = "A"; auto g = [=] { probe(name); }; g(); }',
        "A",
    ),
    "places-of-Qt": (
        r"""
        void f(int n) { probe(QStringLiteral("Global\\%2-%1-%3").arg("A", "B").arg(n)); }""",
        r"Global\B-A-…",
    ),
    "places-of-Qt-one-after-the-other": (
        r"""void f() { QString name("%1\\%2"); probe(name.arg("Global").arg("A").utf16()); }""",
        r"Global\A",
    ),
    "unknown-place-of-Qt-keeps-the-beginning": (
        r"""void f(const QString& n) { probe(QString("Global\\A%1%2").arg(n).arg("B")); }""",
        r"Global\A…",
    ),
    "nullptr": ("void f() { probe(nullptr); }", "null"),
}

# --- Python -----------------------------------------------------------------------------------

PYTHON: Table = {
    "literal": (r'probe("Global\\A")', r"Global\A"),
    "raw-literal": (r'probe(r"Global\A")', r"Global\A"),
    "adjacent-literals": (r'probe("Global\\" "A")', r"Global\A"),
    "sum": (r'probe("Global\\" + "A")', r"Global\A"),
    "module-constant": ('NAME = "A"\ndef f():\n    probe(NAME)', "A"),
    "annotated-constant": ('NAME: str = "A"\ndef f():\n    probe(NAME)', "A"),
    "local": ('def f():\n    name = "A"\n    probe(name)', "A"),
    "f-string": ('BASE = "A"\ndef f():\n    probe(f"Global\\\\{BASE}")', r"Global\A"),
    "f-string-of-unknown-keeps-the-beginning": (
        'def f(pid):\n    probe(f"Global\\\\A{pid}")',
        r"Global\A…",
    ),
    "f-string-that-begins-with-unknown": (
        'def f(who):\n    probe(f"{who}-ready")',
        "…-ready… | ?",
    ),
    "percent": (r'probe("Global\\%s" % "A")', r"Global\A"),
    "percent-with-a-tuple": (r'probe("%s\\%s%d" % ("Global", "A", 7))', r"Global\A7"),
    "percent-with-a-dictionary": (r'probe("Global\\%(n)s" % {"n": "A"})', r"Global\A"),
    "format": (r'probe("Global\\{}".format("A"))', r"Global\A"),
    "format-with-positions": (r'probe("{1}\\{0}".format("A", "Global"))', r"Global\A"),
    "format-with-names": (r'probe("Global\\{name}".format(name="A"))', r"Global\A"),
    "conditional": ('def f(c):\n    probe("A" if c else "B")', "A | B"),
    "or": ('def f(c):\n    probe(c or "B")', "B | ?"),
    "class-constant-through-self": (
        'class C:\n    NAME = "A"\n    def f(self):\n        probe(self.NAME)',
        "A",
    ),
    "class-constant-through-the-class": (
        'class C:\n    NAME = "A"\ndef f():\n    probe(C.NAME)',
        "A",
    ),
    "class-constant-of-a-base": (
        'class B:\n    NAME = "A"\nclass C(B):\n    def f(self):\n        probe(self.NAME)',
        "A",
    ),
    "class-constant-that-a-subclass-replaces": (
        "class B:\n    N = 'A'\n    def f(self):\n        probe(self.N)\nclass C(B):\n    N = 'B'",
        "A | B",
    ),
    "attribute-set-in-init": (
        "class C:\n    def __init__(self):\n        self.name = 'A'\n"
        "    def f(self):\n        probe(self.name)",
        "A",
    ),
    "result-that-the-argument-chooses": (
        "def name(all=True):\n    if all:\n        return 'A'\n    return 'B'\nprobe(name(False))",
        "B",
    ),
    "result-that-a-text-chooses": (
        "def name(of):\n    if of == 'x':\n        return 'A'\n    return 'B'\nprobe(name('x'))",
        "A",
    ),
    "text-that-is-no-buffer": (
        "def f():\n    name = 'A'\n    other = name.replace('A', 'B')\n    probe(name)",
        "A",
    ),
    "or-assignment": ("def f():\n    t = 0x10\n    t |= 0x100\n    probe(t)", "0x110"),
    "and-not": ("def f():\n    t = 0x110\n    probe(t & ~0x100)", "0x10"),
    "win32con": (
        "import win32con\nprobe(win32con.MB_OK | win32con.MB_SERVICE_NOTIFICATION)",
        "0x200000",
    ),
    "win32con-by-alias": ("import win32con as wc\nprobe(wc.MB_SERVICE_NOTIFICATION)", "0x200000"),
    "win32con-from": (
        "from win32con import MB_SERVICE_NOTIFICATION as SN\nprobe(SN)",
        "0x200000",
    ),
    "parameter": ("def f(name):\n    probe(name)\nf('A')", "A"),
    "keyword-parameter": ("def f(x, name):\n    probe(name)\nf(1, name='A')", "A"),
    "default-parameter": ("def f(name='A'):\n    probe(name)\nf()", "A"),
    "parameter-of-a-method": (
        "class C:\n    def f(self, name):\n        probe(name)\n"
        "    def g(self):\n        self.f('A')",
        "A",
    ),
    "result-of-a-function": ("def name():\n    return 'A'\nprobe(name())", "A"),
    "str": ("probe(str('A'))", "A"),
    "None": ("probe(None)", "null"),
}

# --- What isn't known --------------------------------------------------------------------------

UNKNOWN: Mapping[str, tuple[str, str, str]] = {
    "parameter-without-callers": ("a.c", "void f(const char *n) { probe(n); }", "?"),
    "result-of-an-unknown-function": ("a.c", "void f(void) { probe(name()); }", "call"),
    "undeclared-name": ("a.c", "void f(void) { probe(NAME); }", "?"),
    "prototype-only": ("a.c", "DWORD type(void);\nvoid f(void) { probe(type()); }", "call"),
    "extern-variable": ("a.c", "extern const char *N;\nvoid f(void) { probe(N); }", "?"),
    "local-without-a-value": ("a.c", "void f(void) { char b[9]; probe(b); }", "?"),
    "buffer-that-a-stranger-fills": (
        "a.c",
        'void f(void) { char b[9]; strcpy(b, other()); strcat(b, "A"); probe(b); }',
        "?",
    ),
    "macro-of-itself": ("a.c", "#define N N\nvoid f(void) { probe(N); }", "?"),
    "macros-of-each-other": ("a.c", "#define A B\n#define B A\nvoid f(void) { probe(A); }", "?"),
    "local-made-of-itself": ("a.c", "void f(void) { int t = t; probe(t); }", "?"),
    "function-that-calls-itself": (
        "a.c",
        "int t(void) { return t(); }\nvoid f(void) { probe(t()); }",
        "?",
    ),
    "recursive-parameter": ("a.c", "void f(int n) { probe(n); f(n); }", "?"),
    "sum-of-unknowns": ("a.cpp", "void f(int a, int b) { probe(a + b); }", "?"),
    "and-with-unknown": ("a.c", "void f(DWORD t) { probe(t & 0x300); }", "?"),
    "python-parameter": ("a.py", "def f(n):\n    probe(n)", "?"),
    "python-environment": ("a.py", "import os\nprobe(os.environ['NAME'])", "?"),
    "python-foreign-constant": ("a.py", "import elsewhere\nprobe(elsewhere.NAME)", "?"),
    "python-unpacked-argument": ("a.py", "def f(n):\n    probe(n)\ndef g(a):\n    f(*a)", "?"),
    "python-deleted-global-of-two-kinds": (
        "a.py",
        "import os\nNAME = os.name\ndef f():\n    probe(NAME)",
        "?",
    ),
}


@pytest.mark.parametrize(("text", "known"), C.values(), ids=C)
def test_c_value(text: str, known: str) -> None:
    assert shown(probed(link({"a.c": text}))) == known


@pytest.mark.parametrize(("text", "known"), C.values(), ids=C)
def test_c_value_is_the_same_in_cpp(text: str, known: str) -> None:
    assert shown(probed(link({"a.cpp": text}))) == known


@pytest.mark.parametrize(("text", "known"), CPP.values(), ids=CPP)
def test_cpp_value(text: str, known: str) -> None:
    assert shown(probed(link({"a.cpp": text}))) == known


@pytest.mark.parametrize(("text", "known"), PYTHON.values(), ids=PYTHON)
def test_python_value(text: str, known: str) -> None:
    assert shown(probed(link({"a.py": text}))) == known


@pytest.mark.parametrize(("path", "text", "known"), UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_stays_unknown(path: str, text: str, known: str) -> None:
    assert shown(probed(link({path: text}))) == known


UNKNOWN_IN_A_SERVICE: Mapping[str, Files] = {
    "c": {
        "service.c": """
        void WINAPI ServiceMain(DWORD argc, LPWSTR *argv) {
            RegisterServiceCtrlHandlerW(name(), handler);
            CreateEventW(NULL, TRUE, FALSE, name());
            OpenMutexW(SYNCHRONIZE, FALSE, argv[1]);
            CreateServiceW(m, name(), name(), 0, type(), 0, 0, 0, 0, 0, 0, 0, 0);
            status.dwServiceType = type();
            SetServiceStatus(h, &status);
            RegSetValueExW(key, name(), 0, REG_DWORD, data(), 4);
        }"""
    },
    "python": {
        "service.py": """
import win32event, win32service, win32serviceutil, winreg
class Agent(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        win32event.CreateEvent(None, 1, 0, self.name())
        win32service.CreateService(m, name(), name(), 0, kind(), 0, 0, None, None, 0, None, None, None)
        winreg.SetValueEx(key, name(), 0, winreg.REG_DWORD, data())
"""
    },
}


@pytest.mark.parametrize("files", UNKNOWN_IN_A_SERVICE.values(), ids=UNKNOWN_IN_A_SERVICE)
def test_unknown_value_is_never_a_finding_by_itself(files: Files) -> None:
    assert check_sources(files) == ()
