"""Where the service control manager enters a program: each form, and its line in the path."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, link, proofs, steps

Table = Mapping[str, tuple[str, str]]

MAIN = "static void WINAPI Main(DWORD c, LPWSTR *v) { MessageBoxW(0, 0, 0, 0); }\n"
SERVICE_MAIN = "Main: service main function"

NATIVE_ENTRIES: Table = {
    "table": (
        MAIN + 'int wmain(void) { SERVICE_TABLE_ENTRYW t[] = {{L"A", Main}, {NULL, NULL}};'
        " return StartServiceCtrlDispatcherW(t); }",
        SERVICE_MAIN,
    ),
    "table-with-a-cast": (
        MAIN + "int wmain(void) { SERVICE_TABLE_ENTRYW t[] = "
        '{{L"A", (LPSERVICE_MAIN_FUNCTIONW)Main}, {NULL, NULL}};'
        " return StartServiceCtrlDispatcherW(t); }",
        SERVICE_MAIN,
    ),
    "table-with-an-address": (
        MAIN + 'int wmain(void) { SERVICE_TABLE_ENTRYW t[] = {{L"A", &Main}, {NULL, NULL}};'
        " return StartServiceCtrlDispatcherW(t); }",
        SERVICE_MAIN,
    ),
    "table-without-inner-braces": (
        MAIN + 'int wmain(void) { SERVICE_TABLE_ENTRYW t[] = {L"A", Main, NULL, NULL};'
        " return StartServiceCtrlDispatcherW(t); }",
        SERVICE_MAIN,
    ),
    "designated-fields": (
        MAIN + "static SERVICE_TABLE_ENTRYW t[] = "
        '{{.lpServiceName = L"A", .lpServiceProc = Main}, {0}};\n'
        "int wmain(void) { return StartServiceCtrlDispatcherW(t); }",
        SERVICE_MAIN,
    ),
    "assignment-to-elements": (
        MAIN + 'int wmain(void) { SERVICE_TABLE_ENTRYW t[2]; t[0].lpServiceName = L"A";'
        " t[0].lpServiceProc = Main; t[1].lpServiceProc = NULL;"
        " return StartServiceCtrlDispatcherW(t); }",
        SERVICE_MAIN,
    ),
    "assignment-with-a-cast": (
        MAIN + "int wmain(void) { SERVICE_TABLE_ENTRY t[2];"
        " t[0].lpServiceProc = (LPSERVICE_MAIN_FUNCTION)Main;"
        " return StartServiceCtrlDispatcher(t); }",
        SERVICE_MAIN,
    ),
    "single-entry-by-address": (
        MAIN + 'int wmain(void) { SERVICE_TABLE_ENTRYW t = {L"A", Main};'
        " return StartServiceCtrlDispatcherW(&t); }",
        SERVICE_MAIN,
    ),
    "dispatcher-pointer": (
        MAIN + 'int wmain(void) { SERVICE_TABLE_ENTRYW t[] = {{L"A", Main}, {0}};'
        " return pStartServiceCtrlDispatcherW(t); }",
        SERVICE_MAIN,
    ),
    "several-entries": (
        "static void WINAPI Other(DWORD c, LPWSTR *v) {}\n"
        + MAIN
        + 'static SERVICE_TABLE_ENTRYW t[] = {{L"O", Other}, {L"A", Main}, {0}};\n'
        "int wmain(void) { return StartServiceCtrlDispatcherW(t); }",
        SERVICE_MAIN,
    ),
    "handler": (
        "void WINAPI Main(DWORD what) { MessageBoxW(0, 0, 0, 0); }\n"
        'void start(void) { RegisterServiceCtrlHandlerW(L"A", Main); }',
        "Main: service control handler",
    ),
    "extended-handler": (
        "DWORD WINAPI Main(DWORD a, DWORD b, LPVOID d, LPVOID e) { MessageBoxW(0, 0, 0, 0); }\n"
        'void start(void) { RegisterServiceCtrlHandlerExW(L"A", &Main, NULL); }',
        "Main: service control handler",
    ),
    "handler-with-a-cast": (
        "void WINAPI Main(DWORD what) { MessageBoxW(0, 0, 0, 0); }\n"
        'void start(void) { RegisterServiceCtrlHandler(TEXT("A"), (LPHANDLER_FUNCTION)Main); }',
        "Main: service control handler",
    ),
    "caller-of-RegisterServiceCtrlHandler": (
        'void Main(void) { RegisterServiceCtrlHandlerW(L"A", h); MessageBoxW(0, 0, 0, 0); }',
        "Main: registers the service control handler",
    ),
    "caller-of-SetServiceStatus": (
        "void Main(void) { SetServiceStatus(h, &s); MessageBoxW(0, 0, 0, 0); }",
        "Main: reports the service's status",
    ),
    "export-of-a-svchost-dll": (
        "__declspec(dllexport) void WINAPI ServiceMain(DWORD c, LPWSTR *v)"
        " { MessageBoxW(0, 0, 0, 0); }",
        "ServiceMain: exported ServiceMain",
    ),
}

CPP_ENTRIES: Table = {
    "braces-without-equals": (
        MAIN + 'int wmain() { SERVICE_TABLE_ENTRYW t[]{{const_cast<LPWSTR>(L"A"), Main}, {}};'
        " return StartServiceCtrlDispatcherW(t); }",
        SERVICE_MAIN,
    ),
    "std-array": (
        MAIN + "int wmain() { std::array<SERVICE_TABLE_ENTRYW, 2> t = {{{name, Main}, {}}};"
        " return StartServiceCtrlDispatcherW(t.data()); }",
        SERVICE_MAIN,
    ),
    "vector": (
        MAIN + 'int wmain() { std::vector<SERVICE_TABLE_ENTRYW> t{{L"A", Main}, {0, 0}};'
        " return StartServiceCtrlDispatcherW(t.data()); }",
        SERVICE_MAIN,
    ),
    "vector-push_back": (
        MAIN + 'int wmain() { std::vector<SERVICE_TABLE_ENTRYW> t; t.push_back({L"A", Main});'
        " return StartServiceCtrlDispatcherW(t.data()); }",
        SERVICE_MAIN,
    ),
    "lambda": (
        "int wmain() { SERVICE_TABLE_ENTRYW t[] = "
        '{{L"A", [](DWORD, LPWSTR *) { MessageBoxW(0, 0, 0, 0); }}, {0}};'
        " return StartServiceCtrlDispatcherW(t); }",
        "a lambda in wmain: service main function",
    ),
    "static-method": (
        "class C { static void WINAPI Main(DWORD, LPWSTR *) { MessageBoxW(0, 0, 0, 0); }\n"
        'void run() { SERVICE_TABLE_ENTRYW t[] = {{L"A", Main}, {0}};'
        " StartServiceCtrlDispatcherW(t); } };",
        "C::Main: service main function",
    ),
    "static-method-by-its-full-name": (
        "struct C { static void WINAPI Main(DWORD, LPWSTR *) { MessageBoxW(0, 0, 0, 0); } };\n"
        'int wmain() { SERVICE_TABLE_ENTRYW t[] = {{L"A", &C::Main}, {0}};'
        " return StartServiceCtrlDispatcherW(t); }",
        "C::Main: service main function",
    ),
    "atl": (
        "class M : public ATL::CAtlServiceModuleT<M, IDS_NAME> { public:"
        " HRESULT Run(int show) { MessageBoxW(0, 0, 0, 0); return 0; } };",
        "M::Run: overrides CAtlServiceModuleT::Run",
    ),
    "atl-without-namespace-out-of-the-class": (
        "class M : public CAtlServiceModuleT<M, IDS_NAME> { public: void OnStop(); };\n"
        "void M::OnStop() { MessageBoxW(0, 0, 0, 0); }",
        "M::OnStop: overrides CAtlServiceModuleT::OnStop",
    ),
    "qt": (
        "class S : public QtService<QApplication> { protected:"
        " void start() override { MessageBoxW(0, 0, 0, 0); } };",
        "S::start: overrides QtService::start",
    ),
    "qt-base": (
        "class S : public QtServiceBase { void processCommand(int c) { MessageBoxW(0, 0, 0, 0); } };",
        "S::processCommand: overrides QtServiceBase::processCommand",
    ),
    "poco": (
        "class S : public Poco::Util::ServerApplication { protected:"
        " int main(const ArgVec &a) { MessageBoxW(0, 0, 0, 0); return 0; } };",
        "S::main: overrides ServerApplication::main",
    ),
    "sample-base-outside-the-project": (
        "class S : public CServiceBase { void OnStart(DWORD c, LPWSTR *v) { MessageBoxW(0, 0, 0, 0); } };",
        "S::OnStart: overrides CServiceBase::OnStart",
    ),
    "base-of-the-project-with-its-own-name": (
        """
        class Host {
        public:
            static void WINAPI Main(DWORD c, LPWSTR *v) { s_self->OnStart(c, v); }
            virtual void OnStart(DWORD, LPWSTR *) {}
            virtual void OnStop() {}
            static Host *s_self;
            void run() { SERVICE_TABLE_ENTRYW t[] = {{L"A", Main}, {0}};
                StartServiceCtrlDispatcherW(t); }
        };
        class Agent : public Host { void OnStop() override { MessageBoxW(0, 0, 0, 0); } };""",
        "Agent::OnStop: overrides Host::OnStop",
    ),
}

PYTHON_ENTRIES: Table = {
    "ServiceFramework": (
        "import win32serviceutil, win32api\n"
        "class S(win32serviceutil.ServiceFramework):\n"
        "    def SvcDoRun(self):\n        win32api.MessageBox(0, '')",
        "S.SvcDoRun: method of the service class S",
    ),
    "ServiceFramework-from": (
        "from win32serviceutil import ServiceFramework as Base\nimport win32api\n"
        "class S(Base):\n    def SvcStop(self):\n        win32api.MessageBox(0, '')",
        "S.SvcStop: method of the service class S",
    ),
    "ServiceFramework-by-alias": (
        "import win32serviceutil as util, win32api\n"
        "class S(util.ServiceFramework):\n"
        "    def SvcOtherEx(self, a, b, c):\n        win32api.MessageBox(0, '')",
        "S.SvcOtherEx: method of the service class S",
    ),
    "ServiceFramework-by-star": (
        "from win32serviceutil import *\nimport win32api\n"
        "class S(ServiceFramework):\n    def SvcDoRun(self):\n        win32api.MessageBox(0, '')",
        "S.SvcDoRun: method of the service class S",
    ),
    "ServiceFramework-in-a-variable": (
        "import win32serviceutil, win32api\nBase = win32serviceutil.ServiceFramework\n"
        "class S(Base):\n    def SvcDoRun(self):\n        win32api.MessageBox(0, '')",
        "S.SvcDoRun: method of the service class S",
    ),
    "constructor": (
        "import win32serviceutil, win32api\n"
        "class S(win32serviceutil.ServiceFramework):\n"
        "    def __init__(self, args):\n        win32api.MessageBox(0, '')",
        "S.__init__: method of the service class S",
    ),
    "PrepareToHostSingle": (
        "import servicemanager, win32api\n"
        "class S:\n    def SvcRun(self):\n        win32api.MessageBox(0, '')\n"
        "servicemanager.PrepareToHostSingle(S)",
        "S.SvcRun: method of the service class S",
    ),
    "RegisterServiceCtrlHandler": (
        "import servicemanager, win32api\n"
        "def handler(what):\n    win32api.MessageBox(0, '')\n"
        "def run():\n    servicemanager.RegisterServiceCtrlHandler('A', handler)",
        "handler: service control handler",
    ),
    "ctypes-table": (
        """
import ctypes
from ctypes import wintypes
advapi32 = ctypes.WinDLL('advapi32')
MAIN = ctypes.WINFUNCTYPE(None, wintypes.DWORD, ctypes.c_void_p)
def main(argc, argv):
    ctypes.windll.user32.MessageBoxW(0, '', '', 0)
class SERVICE_TABLE_ENTRY(ctypes.Structure):
    _fields_ = [('lpServiceName', ctypes.c_wchar_p), ('lpServiceProc', MAIN)]
callback = MAIN(main)
table = (SERVICE_TABLE_ENTRY * 2)()
table[0].lpServiceName = 'A'
table[0].lpServiceProc = callback
advapi32.StartServiceCtrlDispatcherW(ctypes.byref(table))""",
        "main: service main function",
    ),
    "ctypes-decorated-callback": (
        """
import ctypes
MAIN = ctypes.WINFUNCTYPE(None, ctypes.c_ulong, ctypes.c_void_p)
@MAIN
def main(argc, argv):
    ctypes.windll.user32.MessageBoxW(0, '', '', 0)
table = (SERVICE_TABLE_ENTRY * 2)(SERVICE_TABLE_ENTRY('A', main), SERVICE_TABLE_ENTRY())
ctypes.windll.advapi32.StartServiceCtrlDispatcherW(table)""",
        "main: service main function",
    ),
    "ctypes-handler": (
        """
import ctypes
HANDLER = ctypes.WINFUNCTYPE(ctypes.c_ulong, ctypes.c_ulong)
def handler(what):
    ctypes.windll.user32.MessageBoxW(0, '', '', 0)
def run():
    ctypes.windll.advapi32.RegisterServiceCtrlHandlerExW('A', HANDLER(handler), None)""",
        "handler: service control handler",
    ),
}

ENTRIES_ACROSS: Mapping[str, tuple[Files, str]] = {
    "table-in-another-file": (
        {
            "table.c": '#include "main.h"\nSERVICE_TABLE_ENTRYW g_table[] = {{L"A", Main}, {0}};',
            "main.h": "void WINAPI Main(DWORD, LPWSTR *);",
            "main.c": '#include "main.h"\n' + MAIN.removeprefix("static "),
            "start.c": "extern SERVICE_TABLE_ENTRYW g_table[];\n"
            "int wmain(void) { return StartServiceCtrlDispatcherW(g_table); }",
        },
        SERVICE_MAIN,
    ),
    "base-class-in-a-library": (
        {
            "ServiceBase.h": """
            class CServiceBase { public:
                static BOOL Run(CServiceBase &s);
            protected:
                virtual void OnStart(DWORD c, PWSTR *v);
                static void WINAPI ServiceMain(DWORD c, PWSTR *v);
            };""",
            "ServiceBase.cpp": """
            #include "ServiceBase.h"
            BOOL CServiceBase::Run(CServiceBase &s) {
                SERVICE_TABLE_ENTRY t[] = {{L"A", ServiceMain}, {NULL, NULL}};
                return StartServiceCtrlDispatcher(t);
            }
            void WINAPI CServiceBase::ServiceMain(DWORD c, PWSTR *v) { s_service->OnStart(c, v); }
            void CServiceBase::OnStart(DWORD c, PWSTR *v) {}""",
            "Agent.cpp": """
            #include "ServiceBase.h"
            class CAgent : public CServiceBase { void OnStart(DWORD c, PWSTR *v) override; };
            void CAgent::OnStart(DWORD c, PWSTR *v) { MessageBoxW(0, 0, 0, 0); }""",
        },
        "CAgent::OnStart: overrides CServiceBase::OnStart",
    ),
    "python-base-of-the-project": (
        {
            "base.py": "import win32serviceutil\n"
            "class Base(win32serviceutil.ServiceFramework):\n    def SvcDoRun(self):\n        pass",
            "own.py": "import base, win32api\n"
            "class Own(base.Base):\n    def SvcStop(self):\n        win32api.MessageBox(0, '')",
        },
        "Own.SvcStop: method of the service class Own",
    ),
    "cx_Freeze": (
        {
            "Config.py": "NAME = 'a'\nMODULE_NAME = 'handler'\nCLASS_NAME = 'Handler'",
            "handler.py": "import win32api\nclass Handler:\n"
            "    def initialize(self, config):\n        pass\n"
            "    def run(self):\n        win32api.MessageBox(0, '')",
        },
        "Handler.run: method of the service class Handler",
    ),
}


def entry_lines(files: Files) -> list[str]:
    """The first line of the path to each message box."""
    return [steps(proof)[0] for proof in proofs(link(files)).values() if steps(proof)]


@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
@pytest.mark.parametrize(("text", "entry"), NATIVE_ENTRIES.values(), ids=NATIVE_ENTRIES)
def test_native_entry(text: str, entry: str, path: str) -> None:
    assert entry_lines({path: text}) == [entry]


@pytest.mark.parametrize(("text", "entry"), CPP_ENTRIES.values(), ids=CPP_ENTRIES)
def test_cpp_entry(text: str, entry: str) -> None:
    assert entry_lines({"a.cpp": text}) == [entry]


@pytest.mark.parametrize(("text", "entry"), PYTHON_ENTRIES.values(), ids=PYTHON_ENTRIES)
def test_python_entry(text: str, entry: str) -> None:
    assert entry_lines({"a.py": text}) == [entry]


@pytest.mark.parametrize(("files", "entry"), ENTRIES_ACROSS.values(), ids=ENTRIES_ACROSS)
def test_entry_across_files(files: Files, entry: str) -> None:
    assert entry_lines(files) == [entry]
