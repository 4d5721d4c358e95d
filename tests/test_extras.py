"""A company's own functions: what a user may add to the catalogue, and what then is found."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from sessionzero.engine import Options, check_paths, check_sources
from sessionzero.errors import SessionZeroError
from sessionzero.knowledge.extras import read_extra
from sessionzero.knowledge.packs import Extra, load_catalog

FILE = "sessionzero.toml"


def extra(text: str) -> Extra:
    return read_extra(FILE, tomllib.loads(text)["apis"])


ALERT = extra("""
[[apis]]
role = "message-box"
functions = ["AcmeAlert*(_, text, title, style)"]
""")

SERVICE = """
#include <acme.h>

static void WINAPI ServiceMain(DWORD argc, LPWSTR *argv)
{
    %s
}

int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Agent", ServiceMain}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""

PYTHON_SERVICE = """
import win32serviceutil
%s

class Agent(win32serviceutil.ServiceFramework):
    _svc_name_ = "Agent"

    def SvcDoRun(self):
        %s
"""


def native(body: str) -> Mapping[str, str]:
    return {"service.cpp": SERVICE % body}


def python(head: str, body: str) -> Mapping[str, str]:
    return {"service.py": PYTHON_SERVICE % (head, body)}


# Entry, program, what is found in it with the entry.
FOUND: Mapping[str, tuple[str, Mapping[str, str], list[str]]] = {
    "function": (
        'role = "message-box"\nfunctions = ["AcmeAlert(_, text, title, style)"]',
        native('AcmeAlert(NULL, L"a", L"b", MB_OK);'),
        ["SZUI001"],
    ),
    "both-character-sets": (
        'role = "message-box"\nfunctions = ["AcmeAlert*(_, text, title, style)"]',
        native('AcmeAlertA(NULL, "a", "b", MB_OK); AcmeAlert(NULL, L"a", L"b", MB_OK);'),
        ["SZUI001", "SZUI001"],
    ),
    "flags-of-the-function": (
        'role = "message-box"\nfunctions = ["AcmeAlert(style, text)"]',
        native('AcmeAlert(MB_SERVICE_NOTIFICATION, L"a");'),
        ["SZUI002"],
    ),
    "function-with-a-name": (
        'role = "object-create"\nkind = "event"\nfunctions = ["AcmeSignal(name, _)"]',
        native('AcmeSignal(L"Ready", 0); AcmeSignal(L"Global\\\\Busy", 0);'),
        ["SZNAME001"],
    ),
    "class": (
        'role = "object-create"\nkind = "mutex"\nclasses = ["Acme::Lock(name)"]',
        native('Acme::Lock lock(L"Local\\\\Lock");'),
        ["SZNAME002"],
    ),
    "method": (
        'role = "dialog"\nmethods = ["AcmeWizard::Run()"]',
        native("AcmeWizard wizard; wizard.Run();"),
        ["SZUI003"],
    ),
    "base-class-of-services": (
        'role = "service-class"\nclasses = ["AcmeService"]\nruns = ["OnRun"]',
        {
            "agent.cpp": "class Agent : public AcmeService {\n"
            "    void OnRun() override { MessageBoxW(0, 0, 0, 0); }\n};\n"
        },
        ["SZUI001"],
    ),
    "python-function": (
        'role = "message-box"\nmodule = "acme.ui"\nfunctions = ["alert(text, title)"]',
        python("from acme.ui import alert", 'alert("a", title="b")'),
        ["SZUI001"],
    ),
    "python-keyword": (
        'role = "object-create"\nkind = "event"\nmodule = "acme"\nfunctions = ["signal(name:label)"]',
        python("import acme", 'acme.signal(label="Ready")'),
        ["SZNAME001"],
    ),
    "c-function-through-ctypes": (
        'role = "message-box"\nfunctions = ["AcmeAlert(text)"]',
        python("import ctypes", 'ctypes.windll.acme.AcmeAlert("a")'),
        ["SZUI001"],
    ),
}


@pytest.mark.parametrize(("entry", "files", "rules"), FOUND.values(), ids=FOUND)
def test_entry_makes_a_function_known(
    entry: str, files: Mapping[str, str], rules: list[str]
) -> None:
    assert check_sources(files) == ()
    findings = check_sources(files, extra=(extra(f"[[apis]]\n{entry}\n"),))
    assert [finding.rule for finding in findings] == rules


def test_what_the_user_says_replaces_what_we_say() -> None:
    entry = 'role = "text"\nfunctions = ["MessageBoxW(_)"]'
    files = native('MessageBoxW(NULL, L"a", L"b", MB_OK); MessageBoxA(NULL, "a", "b", MB_OK);')
    findings = check_sources(files, extra=(extra(f"[[apis]]\n{entry}\n"),))
    assert ["MessageBoxA" in finding.message for finding in findings] == [True]


def test_function_that_the_project_defines_is_followed_instead() -> None:
    body = "static void AcmeAlert(int, const wchar_t *) {}\n"
    files = {"service.cpp": body + SERVICE % 'AcmeAlert(0, L"a");'}
    assert check_sources(files, extra=(ALERT,)) == ()


def test_run_over_files_knows_the_entries_with_and_without_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESSIONZERO_CACHE_DIR", str(tmp_path / "cache"))
    source = tmp_path / "tree" / "service.cpp"
    source.parent.mkdir()
    source.write_text(SERVICE % 'AcmeAlertW(NULL, L"a", L"b", MB_OK);', encoding="utf-8")
    for cache in (True, True, False):
        options = Options(cache=cache, extra=(ALERT,))
        report = check_paths([source.parent], root=source.parent, options=options)
        assert [finding.rule for finding in report.findings] == ["SZUI001"]
    without = check_paths([source.parent], root=source.parent, options=Options())
    assert without.findings == ()


WRONG: Mapping[str, tuple[str, str]] = {
    "key": (
        'role = "dialog"\nfunction = ["F()"]',
        "sessionzero.toml: apis[1]: no key 'function'; did you mean 'functions'?",
    ),
    "far-key": (
        'role = "dialog"\nwhatever = 1',
        "sessionzero.toml: apis[1]: no key 'whatever'; there are role, language",
    ),
    "no-role": ('functions = ["F()"]', "sessionzero.toml: apis[1]: no 'role'; say what it does"),
    "nothing": ('role = "dialog"', "sessionzero.toml: apis[1]: it names nothing; give it 'func"),
    "empty": ('role = "dialog"\nfunctions = []', "sessionzero.toml: apis[1]: it names nothing"),
    "type": (
        'role = "dialog"\nfunctions = "F()"',
        "sessionzero.toml: apis[1]: Expected `array`, got `str` - at `$.functions`",
    ),
    "language": (
        'role = "dialog"\nlanguage = "rust"\nfunctions = ["F()"]',
        "sessionzero.toml: apis[1]: Invalid enum value 'rust' - at `$.language`",
    ),
    "role": (
        'role = "messagebox"\nfunctions = ["F()"]',
        "sessionzero.toml: no role 'messagebox'; did you mean 'message-box'?",
    ),
    "parameter": (
        'role = "message-box"\nfunctions = ["F(txt)"]',
        "sessionzero.toml: no parameter 'txt' (in 'F(txt)'); did you mean 'text'?",
    ),
    "signature": (
        'role = "message-box"\nfunctions = ["void F(text)"]',
        "sessionzero.toml: 'void F(text)' is no signature; write Name(role",
    ),
    "twice": (
        'role = "dialog"\nfunctions = ["F()", "F(text)"]',
        "sessionzero.toml: F stands there twice; keep one",
    ),
}


@pytest.mark.parametrize(("entry", "message"), WRONG.values(), ids=WRONG)
def test_wrong_entry_is_refused_with_file_and_remedy(entry: str, message: str) -> None:
    with pytest.raises(SessionZeroError) as caught:
        load_catalog((extra(f"[[apis]]\n{entry}\n"),))
    assert str(caught.value).startswith(message)
