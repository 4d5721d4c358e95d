"""How code is reached from a service entry: calls, callbacks, tables; and the path that proves it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, link, proofs, steps

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
        "S.SvcDoRun starts work",
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


MADE_ELSEWHERE = {
    "pointer": "Lock *lock = current();",
    "reference": "Lock &lock = current();",
    "smart-pointer": "std::unique_ptr<Lock> lock;",
}


@pytest.mark.parametrize("variable", MADE_ELSEWHERE.values(), ids=MADE_ELSEWHERE)
def test_pointer_makes_no_object(variable: str) -> None:
    text = (
        "struct Lock { Lock() { MessageBoxW(0, 0, 0, 0); } };\n"
        f"void WINAPI ServiceMain(DWORD, LPWSTR *) {{ {variable} }}"
    )
    assert proofs(link({"a.cpp": text}))["Lock::Lock"] is None


JOBS = """
struct Job { virtual void Run() {} };
struct Show : Job { void Run() override { MessageBoxW(0, 0, 0, 0); } };
struct Log : Job { void Run() override { write(); } };
void Do(Job *job) { job->Run(); }
"""
SERVICE_DOES = "void WINAPI ServiceMain(DWORD, LPWSTR *) { %s }\n"
TRAY = "int WINAPI wWinMain(HINSTANCE, HINSTANCE, PWSTR, int) { Do(new Show()); return 0; }\n"
MAKERS: Mapping[str, tuple[str, str, bool]] = {
    "made-by-the-service": (SERVICE_DOES % "Do(new Show());", TRAY, True),
    "variable-of-the-service": (SERVICE_DOES % "Show show; Do(&show);", TRAY, True),
    "global": ("static Show show;\n" + SERVICE_DOES % "Do(current());", TRAY, True),
    "made-by-a-template": (SERVICE_DOES % "Do(add<Show>());", TRAY, True),
    "member-of-an-object": (
        "struct Jobs { Show show; };\n" + SERVICE_DOES % "Do(&jobs->show);",
        TRAY,
        True,
    ),
    "made-by-nobody-here": (SERVICE_DOES % "Do(current());", "", True),
    "made-by-whoever-is-not-in-sight": (
        "Job *Next() { return new Show(); }\n" + SERVICE_DOES % "Do(current());",
        "",
        True,
    ),
    "made-by-the-tray-program": (SERVICE_DOES % "Do(new Log());", TRAY, False),
    "made-by-an-old-windows": (
        SERVICE_DOES % "if (info.dwMajorVersion < 6) { Do(new Show()); } Do(new Log());",
        "",
        False,
    ),
}


@pytest.mark.parametrize(("service", "tray", "expected"), MAKERS.values(), ids=MAKERS)
def test_service_runs_methods_of_objects_that_somebody_makes(
    service: str, tray: str, expected: bool
) -> None:
    include = '#include "job.h"\n'
    files = {"job.h": JOBS, "service.cpp": include + service, "tray.cpp": include + tray}
    assert (proofs(link(files))["Show::Run"] is not None) == expected
