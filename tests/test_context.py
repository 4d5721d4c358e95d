"""Who runs a function: the service, a person, both; and what lowers the proof."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, calls, link, proofs, steps, the_call, who
from sessionzero.link.files.units import Func

NATIVE = """
DWORD WINAPI work(LPVOID p) {{ MessageBoxW(0, 0, 0, 0); return 0; }}
void WINAPI ServiceMain(DWORD c, LPWSTR *v) {{ {} }}
"""


# --- What isn't service code --------------------------------------------------------------------

DISPATCH = """
void WINAPI Main(DWORD c, LPWSTR *v) {{}}
void work(void) {{ MessageBoxW(0, 0, 0, 0); }}
int wmain(int argc, wchar_t **argv) {{
    SERVICE_TABLE_ENTRYW t[] = {{{{L"A", Main}}, {{NULL, NULL}}}};
    {}
}}
"""
START = "StartServiceCtrlDispatcherW(t);"

NOT_SERVICE: Mapping[str, str] = {
    "install-switch": f'if (argc > 1 && !_wcsicmp(argv[1], L"-install")) return work(); {START}',
    "install-switch-in-a-block": f'if (argc > 1) {{ if (wcscmp(argv[1], L"install") == 0) '
    f"{{ work(); return 0; }} }} {START}",
    "else-of-the-switch": f'if (!wcscmp(argv[1], L"-service")) {{ {START} }} else {{ work(); }}',
    "switch-on-a-letter": f"if (argc > 1) switch (argv[1][1]) {{ case 'i': work(); return 0; }} {START}",
    "flag-set-by-the-command-line": f"int debug = argc > 1; if (debug) {{ work(); return 0; }} {START}",
    "interactive-predicate": f"if (IsInteractive()) {{ work(); return 0; }} {START}",
    "not-a-service": f"if (!IsRunningAsService()) {{ work(); return 0; }} {START}",
    "after-the-dispatcher": f"if (!{START[:-1]}) work();",
    "after-a-failed-dispatcher": f"if (!{START[:-1]} && "
    "GetLastError() == ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) { work(); }",
}


@pytest.mark.parametrize("statements", NOT_SERVICE.values(), ids=NOT_SERVICE)
@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
def test_branch_run_by_hand_is_not_service_code(statements: str, path: str) -> None:
    assert proofs(link({path: DISPATCH.format(statements)})) == {"work": None}


PARSED: Mapping[str, str] = {
    "qt": "QCommandLineParser parser; parser.process(app); if (parser.isSet(shown)) work();",
    "wxwidgets": 'wxCmdLineParser parser(d); if (parser.Found("show")) work();',
    "boost": 'boost::program_options::variables_map vm; if (vm.count("show")) work();',
    "own": "OptionParser options; if (options.show) work();",
}


@pytest.mark.parametrize("statements", PARSED.values(), ids=PARSED)
def test_what_a_parser_of_the_command_line_says_is_not_service_code(statements: str) -> None:
    text = DISPATCH.format(f"{statements} {START}")
    assert proofs(link({"a.cpp": text})) == {"work": None}


def test_what_another_parser_says_is_nothing_of_the_command_line() -> None:
    text = DISPATCH.format(f"XmlParser parser; if (parser.failed()) work(); {START}")
    assert proofs(link({"a.cpp": text}))["work"] is not None


BEFORE: Mapping[str, str] = {
    "first-statement": f"work(); {START}",
    "under-a-condition-of-something-else": f"if (!load_settings()) work(); {START}",
    "beside-the-install-branch": f"if (argc > 1) {{ return install(); }} work(); {START}",
    "in-the-service-branch": f'if (!wcscmp(argv[1], L"-service")) {{ work(); {START} }}',
}


@pytest.mark.parametrize("statements", BEFORE.values(), ids=BEFORE)
def test_code_before_the_dispatcher_runs_in_the_service(statements: str) -> None:
    proof = proofs(link({"a.c": DISPATCH.format(statements)}))["work"]
    assert steps(proof) == [
        "wmain: runs before the service control dispatcher",
        "wmain calls work",
        "work calls MessageBoxW",
    ]


def test_message_box_of_main_itself_before_the_dispatcher() -> None:
    text = DISPATCH.format(f"MessageBoxW(0, 0, 0, 0); {START}")
    proof = proofs(link({"a.c": text}))["wmain"]
    assert steps(proof) == [
        "wmain: runs before the service control dispatcher",
        "wmain calls MessageBoxW",
    ]
    assert proof is not None
    assert proof.confidence == "medium"


GUARDED: Mapping[str, str] = {
    "flag": "if (!g_bService) work(0);",
    "flag-compared": "if (g_bRunAsService == FALSE) work(0);",
    "flag-in-a-conjunction": "if (c > 1 && g_interactive) work(0);",
    "early-return": "if (IsService()) return; work(0);",
    "else": "if (g_runningAsService) log(); else work(0);",
    "predicate": "if (Environment_UserInteractive() || isConsole()) { } if (isConsole()) work(0);",
}


@pytest.mark.parametrize("statement", GUARDED.values(), ids=GUARDED)
def test_guard_against_service_mode_ends_the_path(statement: str) -> None:
    assert proofs(link({"a.c": NATIVE.format(statement)})) == {"work": None}


NOT_GUARDED: Mapping[str, str] = {
    "service-mode": "if (g_bService) work(0);",
    "handle-called-service": "if (hService) work(0);",
    "no-handle-called-service": "if (!hService) work(0);",
    "disjunction": "if (c > 1 || g_interactive) work(0);",
    "other-flag": "if (g_verbose) work(0);",
    "late-return": "work(0); if (IsService()) return;",
}


@pytest.mark.parametrize("statement", NOT_GUARDED.values(), ids=NOT_GUARDED)
def test_other_condition_does_not_end_the_path(statement: str) -> None:
    assert proofs(link({"a.c": NATIVE.format(statement)}))["work"] is not None


# --- Who ----------------------------------------------------------------------------------------

WHO: Mapping[str, tuple[Files, dict[str, str]]] = {
    "service-beside-its-tray": (
        {
            "service.c": "void shared(void) {}\n"
            "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { shared(); }",
            "tray.c": "static void show(void) {}\n"
            "int WINAPI wWinMain(HINSTANCE a, HINSTANCE b, LPWSTR c, int d)"
            " { show(); shared(); return 0; }\nvoid unused(void) {}",
        },
        {
            "ServiceMain": "service",
            "shared": "both",
            "show": "by hand",
            "unused": "unknown",
            "wWinMain": "by hand",
        },
    ),
    "installer": (
        {
            "a.c": "void install(void) { CreateServiceW(m, n, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0); }\n"
            "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { install(); }"
        },
        {"ServiceMain": "service", "install": "unknown"},
    ),
    "two-executables-with-one-name": (
        {
            "agent/main.c": "static void show(void) {}\nvoid WINAPI Main(DWORD c, LPWSTR *v) { show(); }\n"
            'int main(void) { SERVICE_TABLE_ENTRYA t[] = {{"A", Main}, {0}};'
            " StartServiceCtrlDispatcherA(t); return 0; }",
            "tray/main.c": "void display(void) {}\nint main(void) { display(); return 0; }",
        },
        {"Main": "service", "display": "by hand", "main": "by hand", "show": "service"},
    ),
    "python-script-beside-the-service": (
        {
            "service.py": "import win32serviceutil, common\n"
            "class S(win32serviceutil.ServiceFramework):\n"
            "    def SvcDoRun(self):\n        common.both()",
            "tray.py": "import common\ndef show(): pass\n"
            "if __name__ == '__main__':\n    show()\n    common.both()",
            "common.py": "def both(): pass\ndef unused(): pass",
        },
        {"S.SvcDoRun": "service", "both": "both", "show": "by hand", "unused": "unknown"},
    ),
    "python-package-of-service-and-window": (
        {
            "app/__init__.py": "",
            "app/service.py": "import win32serviceutil\nfrom . import utils\n"
            "class S(win32serviceutil.ServiceFramework):\n"
            "    def SvcDoRun(self):\n        utils.read()\n        utils.Log().write()",
            "app/gui.py": "import tkinter\nfrom .utils import Log, read\n"
            "class Window(tkinter.Tk):\n    def show(self):\n        read()\n        Log().write()\n"
            "if __name__ == '__main__':\n    Window().show()",
            "app/utils.py": "def read(): pass\nclass Log:\n    def write(self): pass",
        },
        {"S.SvcDoRun": "service", "read": "both", "Log.write": "both", "Window.show": "by hand"},
    ),
}


@pytest.mark.parametrize(("files", "expected"), WHO.values(), ids=WHO)
def test_each_function_has_its_context(files: Files, expected: dict[str, str]) -> None:
    assert who(link(files)) == expected


def test_also_by_hand_lowers_the_confidence_of_the_proof() -> None:
    files = {
        "service.c": """
        void shared(void) { MessageBoxW(0, 0, 0, 0); }
        void WINAPI ServiceMain(DWORD c, LPWSTR *v) { shared(); }""",
        "tray.c": "int main(void) { shared(); return 0; }",
    }
    alone = proofs(link({"service.c": files["service.c"]}))["shared"]
    both = proofs(link(files))["shared"]
    assert (alone and alone.confidence, both and both.confidence) == ("high", "medium")


def test_unit_tests_are_no_program_that_a_user_starts() -> None:
    native = {
        "service.cpp": "void shared() {}\nvoid WINAPI ServiceMain(DWORD c, LPWSTR *v) { shared(); }",
        "try.cpp": "#include <gtest/gtest.h>\nint main() { shared(); return 0; }",
    }
    python = {
        "service.py": """
import win32serviceutil, work
class S(win32serviceutil.ServiceFramework):
    def SvcDoRun(self): work.shared()
""",
        "work.py": "def shared(): pass",
        "trying.py": "import pytest, work\nif __name__ == '__main__': work.shared()",
    }
    for files in (native, python):
        program = link(files)
        assert who(program)["shared"] == "service"
        assert not program.context.by_hand.has_programs()


def test_message_box_of_a_debug_build_says_so() -> None:
    text = """
    void WINAPI ServiceMain(DWORD c, LPWSTR *v) {
    #ifdef _DEBUG
        MessageBoxW(0, 0, 0, 0);
    #endif
    }"""
    proof = proofs(link({"a.c": text}))["ServiceMain"]
    assert proof is not None
    assert proof.debug_only


def test_code_that_nothing_reaches_is_service_code_only_if_assumed() -> None:
    files = {"a.c": "void lonely(void) { MessageBoxW(0, 0, 0, 0); }"}
    assert proofs(link(files)) == {"lonely": None}
    assumed = proofs(link(files, assume_service=True))["lonely"]
    assert assumed is not None
    assert (assumed.path, assumed.confidence) == ((), "low")


def test_assuming_a_service_spares_clients_and_installers() -> None:
    files = {
        "tray.c": "int WINAPI WinMain(HINSTANCE i, HINSTANCE p, LPSTR c, int s)"
        " { MessageBoxW(0, 0, 0, 0); return 0; }",
        "setup.c": "void setup(void) { MessageBoxW(0, 0, 0, 0);"
        " CreateServiceW(m, n, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0); }",
    }
    assert proofs(link(files, assume_service=True)) == {"WinMain": None, "setup": None}


def test_assuming_a_service_takes_a_console_program_for_one() -> None:
    files = {"agent.c": "int main(void) { MessageBoxW(0, 0, 0, 0); return 0; }"}
    proof = proofs(link(files, assume_service=True))["main"]
    assert proof is not None
    assert proof.confidence == "low"
    assert proofs(link(files))["main"] is None


def test_path_of_a_function_ends_where_it_is_called() -> None:
    files = {"a.c": NATIVE.format("work(0);")}
    program = link(files)
    site, call = the_call(program, "work")
    (func,) = program.callees.of(site).functions
    (step,) = program.context.path(func)
    assert (step.start, step.end) == (call.start, call.end)
    entry = program.context.entry(func)
    assert entry is not None
    assert entry.func == Func(0, next(calls(program, "work"))[1].function)


CAUGHT = """
void failed() {{ MessageBoxW(0, 0, 0, 0); }}
void WINAPI ServiceMain(DWORD, LPWSTR *) {{}}
int wmain(int argc, wchar_t **argv) {{
    SERVICE_TABLE_ENTRYW table[] = {{{{name, ServiceMain}}, {{0, 0}}}};
    {}
    return 0;
}}"""


def test_exception_handler_around_the_dispatcher_runs_in_the_service() -> None:
    body = "try { StartServiceCtrlDispatcherW(table); } catch (...) { failed(); }"
    assert proofs(link({"a.cpp": CAUGHT.format(body)}))["failed"] is not None


def test_what_follows_the_dispatcher_is_not_service_code() -> None:
    body = "if (!StartServiceCtrlDispatcherW(table)) failed();"
    assert proofs(link({"a.cpp": CAUGHT.format(body)}))["failed"] is None


def test_what_follows_a_failed_dispatcher_with_a_declaration_is_not_service_code() -> None:
    body = "StartServiceCtrlDispatcherW(table); if (DWORD error = GetLastError()) failed();"
    assert proofs(link({"a.cpp": CAUGHT.format(body)}))["failed"] is None


# --- Calls through pointers -----------------------------------------------------------------------

POINTER = """
static void (*hook)(void);
void box(void) {{ MessageBoxW(0, 0, 0, 0); }}
void set(void (*f)(void)) {{ hook = f; }}
void prepare(void) {{ set(box); }}
void by_hand(void) {{ hook = box; }}
void WINAPI ServiceMain(DWORD c, LPWSTR *v) {{ {inside} hook(); }}
int wmain(int argc, wchar_t **argv) {{
    SERVICE_TABLE_ENTRYW t[] = {{{{L"A", ServiceMain}}, {{NULL, NULL}}}};
    {before} return StartServiceCtrlDispatcherW(t);
}}
"""
PUT: Mapping[str, tuple[str, str, bool]] = {
    "by-the-service": ("hook = box;", "", True),
    "by-what-the-service-calls": ("prepare();", "", True),
    "before-the-dispatcher": ("", "prepare();", True),
    "for-a-switch-before-the-dispatcher": ("", "if (argc > 1) prepare();", True),
    "by-nobody-who-is-called": ("", "", False),
    "later": ("hook(); prepare();", "", True),
}


@pytest.mark.parametrize(("inside", "before", "expected"), PUT.values(), ids=PUT)
def test_service_calls_through_a_pointer_what_it_has_put_there(
    inside: str, before: str, expected: bool
) -> None:
    program = link({"a.cpp": POINTER.format(inside=inside, before=before)})
    assert (proofs(program)["box"] is not None) == expected


@pytest.mark.parametrize(
    ("main", "expected"), [("", True), ("int main(void) { prepare(); return 0; }", False)]
)
def test_who_runs_a_function_of_c_that_fills_a_pointer_may_be_out_of_sight(
    main: str, expected: bool
) -> None:
    files = {
        "hook.c": "static void (*hook)(void);\nvoid run(void) { hook(); }\n"
        "static void box(void) { MessageBoxW(0, 0, 0, 0); }\nvoid prepare(void) { hook = box; }\n",
        "service.c": "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { run(); }\n",
        "tool.c": main,
    }
    assert (proofs(link(files))["box"] is not None) == expected


@pytest.mark.parametrize(
    ("main", "expected"), [("", True), ("int main(void) { return 0; }", False)]
)
def test_what_stands_beside_the_start_of_another_program_is_its_own(
    main: str, expected: bool
) -> None:
    files = {
        "service.c": '#include "tool/hook.h"\n'
        "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { run(); }\n",
        "tool/hook.h": "void run(void);\n",
        "tool/hook.c": '#include "hook.h"\nstatic void (*hook)(void);\nvoid run(void) { hook(); }\n'
        "static void box(void) { MessageBoxW(0, 0, 0, 0); }\nvoid prepare(void) { hook = box; }\n",
        "tool/main.c": main,
    }
    assert (proofs(link(files))["box"] is not None) == expected


def test_table_of_another_file_is_called_by_its_field() -> None:
    files = {
        "api.h": "struct api { void (*start)(void); void (*stop)(void); };\n"
        "extern const struct api api;\n",
        "api.c": '#include "api.h"\nstatic void start(void) { }\nstatic void stop(void) { }\n'
        "const struct api api = { .start = start, .stop = stop };\n",
        "service.c": '#include "api.h"\n'
        "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { api.start(); }\n",
    }
    found = who(link(files))
    assert (found["start"], found["stop"]) == ("service", "unknown")


# --- A service that calls the start of its own program again ------------------------------------

AGAIN = """
int main(int argc, char **argv);
void box(void) {{ MessageBoxW(0, 0, 0, 0); }}
void WINAPI ServiceMain(DWORD c, LPWSTR *v) {{ {service} }}
int start(void) {{
    SERVICE_TABLE_ENTRYW t[] = {{{{L"A", ServiceMain}}, {{NULL, NULL}}}};
    return StartServiceCtrlDispatcherW(t);
}}
int main(int argc, char **argv) {{ {main} }}
"""
SWITCH = 'if (argc > 1 && !strcmp(argv[1], "-s"))'
CALLED_AGAIN: Mapping[str, tuple[str, str, bool]] = {
    "what-follows-the-switch": ("main(1, v);", f"{SWITCH} return start(); box(); return 0;", True),
    "start-that-failed": ("main(1, v);", f"{SWITCH} {{ if (!start()) box(); }} return 0;", False),
    "other-switch": (
        "main(1, v);",
        f'if (argc > 1 && !strcmp(argv[1], "-i")) box(); {SWITCH} return start(); return 0;',
        False,
    ),
    "not-called-again": ("work();", f"{SWITCH} return start(); box(); return 0;", False),
    "without-a-switch": ("main(1, v);", "start(); box(); return 0;", False),
}


@pytest.mark.parametrize(("service", "main", "expected"), CALLED_AGAIN.values(), ids=CALLED_AGAIN)
def test_service_calls_main_again(service: str, main: str, expected: bool) -> None:
    proof = proofs(link({"a.c": AGAIN.format(service=service, main=main)}))["box"]
    assert (proof is not None) == expected
    assert proof is None or proof.confidence == "medium"


FRAMEWORK: Files = {
    "lib/service.h": "int run_service(void (*work)(void));\n",
    "lib/service.cpp": '#include "service.h"\nstatic void (*g_work)(void);\n'
    "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { g_work(); }\n"
    "int run_service(void (*work)(void)) {\n"
    '    SERVICE_TABLE_ENTRYW t[] = {{L"A", ServiceMain}, {0, 0}};\n'
    "    g_work = work; return StartServiceCtrlDispatcherW(t); }\n",
    "agent/main.cpp": '#include "../lib/service.h"\n'
    "void box() { MessageBoxW(0, 0, 0, 0); }\nint main() { return run_service(box); }\n",
}
SAMPLES = {
    "no-sample": "",
    "test-of-the-library": "#ifdef TEST\n{}\n#endif",
    "sample-beside-the-library": "{}",
}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_program_far_from_the_library_hands_its_work_to_the_service(sample: str) -> None:
    main = '#include "service.h"\nstatic void nothing() {}\nint main() { return run_service(nothing); }\n'
    program = link({**FRAMEWORK, "lib/sample.cpp": sample.format(main)})
    assert proofs(program)["box"] is not None


def test_start_that_its_own_preparation_calls_again_is_no_way_in() -> None:
    text = """
    static int again() { return g_depth ? run(0) : 0; }
    int run(int depth)
    {
        again();
        MessageBoxW(0, 0, 0, 0);
        if (g_service)
            StartServiceCtrlDispatcherW(table);
        return 0;
    }
    int wmain() { return run(1); }
    """
    (proof,) = proofs(link({"a.cpp": text})).values()
    assert proof is not None
    assert steps(proof)[0] == "run: runs before the service control dispatcher"
