"""Who runs a function: the ways from a service entry, what isn't service code, and the proof."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, calls, link, proofs, steps, the_call, who
from sessionzero.link.index import Func

# --- Ways from the service to `work`: the statement, and the step that leads there -----------------

Table = Mapping[str, tuple[str, str]]

NATIVE_WAYS: Table = {
    "call": ("work(0);", "ServiceMain calls work"),
    "call-in-a-condition": ("if (work(0)) return;", "ServiceMain calls work"),
    "call-in-an-argument": ("use(work(0));", "ServiceMain calls work"),
    "CreateThread": (
        "CreateThread(NULL, 0, work, NULL, 0, NULL);",
        "ServiceMain starts work",
    ),
    "CreateThread-with-a-cast": (
        "CreateThread(NULL, 0, (LPTHREAD_START_ROUTINE)work, NULL, 0, NULL);",
        "ServiceMain starts work",
    ),
    "CreateThread-with-an-address": (
        "HANDLE t = CreateThread(NULL, 0, &work, NULL, 0, NULL);",
        "ServiceMain starts work",
    ),
    "_beginthreadex": (
        "_beginthreadex(NULL, 0, work, NULL, 0, NULL);",
        "ServiceMain starts work",
    ),
    "_beginthread": ("_beginthread(work, 0, NULL);", "ServiceMain starts work"),
    "CreateTimerQueueTimer": (
        "CreateTimerQueueTimer(&t, NULL, work, NULL, 0, 9, 0);",
        "ServiceMain starts work",
    ),
    "QueueUserWorkItem": ("QueueUserWorkItem(work, NULL, 0);", "ServiceMain starts work"),
    "TrySubmitThreadpoolCallback": (
        "TrySubmitThreadpoolCallback(work, NULL, NULL);",
        "ServiceMain starts work",
    ),
    "RegisterWaitForSingleObject": (
        "RegisterWaitForSingleObject(&w, h, work, NULL, INFINITE, 0);",
        "ServiceMain starts work",
    ),
    "SetTimer": ("SetTimer(NULL, 0, 1000, work);", "ServiceMain starts work"),
    "callback-of-an-unknown-function": (
        "on_event(EVENT_CHANGED, work);",
        "ServiceMain hands over work",
    ),
    "pointer": (
        "LPTHREAD_START_ROUTINE next = work; next(0);",
        "ServiceMain calls work",
    ),
    "field": ("struct Job job; job.run = work; submit(&job);", "ServiceMain refers to work"),
    "local-table": (
        "LPTHREAD_START_ROUTINE all[] = {work}; all[0](0);",
        "ServiceMain refers to work",
    ),
}

CPP_WAYS: Table = {
    "std-thread": ("std::thread t(work, nullptr);", "ServiceMain starts work"),
    "std-thread-with-braces": ("std::thread t{work, nullptr};", "ServiceMain starts work"),
    "std-thread-member": ("m_thread = std::thread(work, nullptr);", "ServiceMain starts work"),
    "std-jthread": ("std::jthread t(work, nullptr);", "ServiceMain starts work"),
    "std-async": (
        "auto f = std::async(std::launch::async, work, nullptr);",
        "ServiceMain starts work",
    ),
    "std-function": ("std::function<DWORD(LPVOID)> f = work; f(0);", "ServiceMain calls work"),
    "AfxBeginThread": ("AfxBeginThread(work, nullptr);", "ServiceMain starts work"),
    "lambda": (
        "std::thread t([] { work(nullptr); });",
        "a lambda in ServiceMain calls work",
    ),
    "lambda-in-a-variable": (
        "auto f = [&] { work(nullptr); }; f();",
        "a lambda in ServiceMain calls work",
    ),
    "std-bind": ("pool.post(std::bind(work, nullptr));", "ServiceMain hands over work"),
}

PYTHON_WAYS: Table = {
    "call": ("work()", "S.SvcDoRun calls work"),
    "Thread-target": ("threading.Thread(target=work).start()", "S.SvcDoRun starts work"),
    "Thread-second-argument": ("threading.Thread(None, work).start()", "S.SvcDoRun starts work"),
    "Timer": ("threading.Timer(5, work).start()", "S.SvcDoRun starts work"),
    "start_new_thread": ("_thread.start_new_thread(work, ())", "S.SvcDoRun starts work"),
    "executor-submit": (
        "with futures.ThreadPoolExecutor() as pool:\n            pool.submit(work)",
        "S.SvcDoRun hands over work",
    ),
    "Process": ("multiprocessing.Process(target=work).start()", "S.SvcDoRun starts work"),
    "lambda": (
        "threading.Thread(target=lambda: work()).start()",
        "a lambda in S.SvcDoRun calls work",
    ),
    "partial": (
        "threading.Thread(target=functools.partial(work)).start()",
        "S.SvcDoRun hands over work",
    ),
    "asyncio": ("asyncio.run(work())", "S.SvcDoRun calls work"),
    "variable": ("job = work\n        job()", "S.SvcDoRun calls work"),
    "table": (
        "table = {'a': work}\n        table[key]()",
        "S.SvcDoRun refers to work",
    ),
    "nested-function": (
        "def inner():\n            work()\n        inner()",
        "inner calls work",
    ),
}

NATIVE = """
DWORD WINAPI work(LPVOID p) {{ MessageBoxW(0, 0, 0, 0); return 0; }}
void WINAPI ServiceMain(DWORD c, LPWSTR *v) {{ {} }}
"""
PYTHON = """
import _thread, asyncio, functools, multiprocessing, threading, win32api, win32serviceutil
from concurrent import futures
def work():
    win32api.MessageBox(0, '')
class S(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        {}
"""


@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
@pytest.mark.parametrize(("statement", "step"), NATIVE_WAYS.values(), ids=NATIVE_WAYS)
def test_native_way_from_the_service(statement: str, step: str, path: str) -> None:
    found = steps(proofs(link({path: NATIVE.format(statement)}))["work"])
    assert found[-2:] == [step, "work calls MessageBoxW"]


@pytest.mark.parametrize(("statement", "step"), CPP_WAYS.values(), ids=CPP_WAYS)
def test_cpp_way_from_the_service(statement: str, step: str) -> None:
    found = steps(proofs(link({"a.cpp": NATIVE.format(statement)}))["work"])
    assert found[-2:] == [step, "work calls MessageBoxW"]


@pytest.mark.parametrize(("statement", "step"), PYTHON_WAYS.values(), ids=PYTHON_WAYS)
def test_python_way_from_the_service(statement: str, step: str) -> None:
    found = steps(proofs(link({"a.py": PYTHON.format(statement)}))["work"])
    assert found[-2:] == [step, "work calls win32api.MessageBox"]


# --- Whole programs: the files, and the path to the only message box --------------------------------

PROGRAMS: Mapping[str, tuple[Files, list[str]]] = {
    "member-function-of-a-thread": (
        {
            "a.cpp": """
            class Agent {
                std::thread m_thread;
                void Loop() { MessageBoxW(0, 0, 0, 0); }
            public:
                void Start() { m_thread = std::thread(&Agent::Loop, this); }
            };
            void WINAPI ServiceMain(DWORD, LPWSTR *) { Agent agent; agent.Start(); }"""
        },
        [
            "ServiceMain: exported ServiceMain",
            "ServiceMain calls Agent::Start",
            "Agent::Start starts Agent::Loop",
            "Agent::Loop calls MessageBoxW",
        ],
    ),
    "table-of-handlers-passed-on": (
        {
            "a.c": """
            static void stop(void) { MessageBoxW(0, 0, 0, 0); }
            static HANDLER handlers[] = {{1, stop}};
            void WINAPI ServiceMain(DWORD c, LPWSTR *v) { dispatch(handlers); }"""
        },
        [
            "ServiceMain: exported ServiceMain",
            "ServiceMain finds in a table stop",
            "stop calls MessageBoxW",
        ],
    ),
    "constructor-of-a-variable": (
        {
            "a.cpp": """
            struct Lock { Lock() { MessageBoxW(0, 0, 0, 0); } };
            void WINAPI ServiceMain(DWORD, LPWSTR *) { Lock lock; }"""
        },
        [
            "ServiceMain: exported ServiceMain",
            "ServiceMain constructs Lock::Lock",
            "Lock::Lock calls MessageBoxW",
        ],
    ),
    "virtual-method-of-another-file": (
        {
            "job.h": "struct Job { virtual void Run() = 0; };",
            "show.cpp": '#include "job.h"\n'
            "struct Show : Job { void Run() override { MessageBoxW(0, 0, 0, 0); } };",
            "a.cpp": '#include "job.h"\n'
            "void WINAPI ServiceMain(DWORD, LPWSTR *) { Job *job = next(); job->Run(); }",
        },
        [
            "ServiceMain: exported ServiceMain",
            "ServiceMain calls Show::Run",
            "Show::Run calls MessageBoxW",
        ],
    ),
    "shortest-path": (
        {
            "a.c": """
            void report(void) { MessageBoxW(0, 0, 0, 0); }
            void long_way(void) { report(); }
            void WINAPI ServiceMain(DWORD c, LPWSTR *v) { long_way(); report(); }"""
        },
        [
            "ServiceMain: exported ServiceMain",
            "ServiceMain calls report",
            "report calls MessageBoxW",
        ],
    ),
    "python-thread-subclass": (
        {
            "a.py": """
import threading, win32api, win32serviceutil
class Worker(threading.Thread):
    def run(self):
        win32api.MessageBox(0, '')
class S(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        worker = Worker()
        worker.start()
"""
        },
        [
            "S.SvcDoRun: method of the service class S",
            "S.SvcDoRun starts Worker.run",
            "Worker.run calls win32api.MessageBox",
        ],
    ),
    "python-method-as-a-thread-target": (
        {
            "a.py": """
import threading, win32api, win32serviceutil
class S(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        threading.Thread(target=self.loop, daemon=True).start()
    def loop(self):
        win32api.MessageBox(0, '')
"""
        },
        [
            "S.SvcDoRun: method of the service class S",
            "S.SvcDoRun starts S.loop",
            "S.loop calls win32api.MessageBox",
        ],
    ),
    "python-hook-in-another-module": (
        {
            "base.py": "import win32serviceutil\n"
            "class Base(win32serviceutil.ServiceFramework):\n"
            "    def SvcDoRun(self):\n        self.main()\n    def main(self):\n        pass",
            "own.py": "import win32api\nfrom base import Base\n"
            "class Own(Base):\n    def main(self):\n        win32api.MessageBox(0, '')",
        },
        [
            "Base.SvcDoRun: method of the service class Base",
            "Base.SvcDoRun calls Own.main",
            "Own.main calls win32api.MessageBox",
        ],
    ),
}


@pytest.mark.parametrize(("files", "path"), PROGRAMS.values(), ids=PROGRAMS)
def test_path_is_proved_step_by_step(files: Files, path: list[str]) -> None:
    (proof,) = proofs(link(files)).values()
    assert steps(proof) == path


TABLES: Mapping[str, Files] = {
    "array-of-functions": {
        "a.c": """
        static void stop(void) { MessageBoxW(0, 0, 0, 0); }
        static void (*const handlers[])(void) = {stop};
        void WINAPI ServiceMain(DWORD c, LPWSTR *v) { handlers[c](); }"""
    },
    "array-of-structures": {
        "a.c": """
        static void stop(void) { MessageBoxW(0, 0, 0, 0); }
        static struct { DWORD code; void (*run)(void); } handlers[] = {{1, stop}};
        void WINAPI ServiceMain(DWORD c, LPWSTR *v) { handlers[c].run(); }"""
    },
    "array-through-a-pointer": {
        "a.c": """
        static void stop(void) { MessageBoxW(0, 0, 0, 0); }
        static HANDLER handlers[] = {{1, stop}};
        void WINAPI ServiceMain(DWORD c, LPWSTR *v) {
            const HANDLER *each = handlers;
            each->run();
        }"""
    },
    "map-of-functions": {
        "a.cpp": """
        static void stop() { MessageBoxW(0, 0, 0, 0); }
        static const std::map<DWORD, void (*)()> handlers = {{1, stop}};
        void WINAPI ServiceMain(DWORD c, LPWSTR *v) { handlers.at(c)(); }"""
    },
    "python-dictionary-of-the-module": {
        "a.py": """
import win32api, win32serviceutil
def stop():
    win32api.MessageBox(0, '')
HANDLERS = {'stop': stop}
class S(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
        HANDLERS[self.next()]()
"""
    },
    "python-dictionary-of-methods": {
        "a.py": """
import win32api, win32serviceutil
class S(win32serviceutil.ServiceFramework):
    def __init__(self, args):
        self.handlers = {'stop': self.stop}
    def SvcDoRun(self):
        self.handlers[self.next()]()
    def stop(self):
        win32api.MessageBox(0, '')
"""
    },
}


@pytest.mark.parametrize("files", TABLES.values(), ids=TABLES)
def test_function_of_a_table_that_the_service_uses_is_service_code(files: Files) -> None:
    (proof,) = proofs(link(files)).values()
    assert steps(proof)[-1].rpartition(" calls ")[0] in ("stop", "S.stop")


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
        "tray.c": "int main(void) { MessageBoxW(0, 0, 0, 0); return 0; }",
        "setup.c": "void setup(void) { MessageBoxW(0, 0, 0, 0);"
        " CreateServiceW(m, n, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0); }",
    }
    assert proofs(link(files, assume_service=True)) == {"main": None, "setup": None}


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
