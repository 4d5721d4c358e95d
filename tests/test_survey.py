"""What stands on either side of the wall, and what crosses it: the inventory of a program."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, link
from programs import PROGRAMS, RULES
from sessionzero.engine import run_checks
from sessionzero.inventory import Crossing, Inventory
from sessionzero.survey.whole import inventory_of

HEAD = "#include <windows.h>\n#include <sddl.h>\n"
SERVICE = (
    HEAD
    + """
static void WINAPI service_main(DWORD argc, LPWSTR *argv)
{
    SECURITY_ATTRIBUTES sa = {sizeof sa};
    %s
}

int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Agent", service_main}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""
)
CLIENT = HEAD + "int WINAPI wWinMain(HINSTANCE a, HINSTANCE b, LPWSTR c, int d)\n{\n    %s\n}\n"
SDDL = (
    'ConvertStringSecurityDescriptorToSecurityDescriptorW(L"%s", 1, '
    "&sa.lpSecurityDescriptor, NULL);"
)
USERS = SDDL % "D:(A;;GA;;;SY)(A;;0x100002;;;AU)"
ADMINISTRATORS = SDDL % "D:(A;;GA;;;SY)(A;;GA;;;BA)"
EVENT = 'CreateEventW(&sa, TRUE, FALSE, L"%s");'
OPENS = 'OpenEventW(SYNCHRONIZE, FALSE, L"%s");'
PIPE = r'CreateNamedPipeW(L"\\\\.\\pipe\\Agent", 0x80003, 8, 1, 0, 0, 0, &sa);'


def inventory(files: Files) -> Inventory:
    """The inventory of a program with all that the rules of today find in it."""
    program = link(files)
    chosen = [rule for rule in RULES if rule.trust != "pedantic"]
    return inventory_of(program, run_checks(program, chosen), {it.id: it for it in chosen})


def crossings(service: str, client: str = "return 0;") -> tuple[Crossing, ...]:
    """What crosses between a service and a user's program."""
    files = {"agent/agent.c": SERVICE % service, "tray/tray.c": CLIENT % client}
    return inventory(files).crossings


def verdicts(service: str, client: str = "return 0;") -> list[tuple[str, str]]:
    """The name and the verdict of each crossing."""
    return [(it.name, it.verdict) for it in crossings(service, client)]


NAMES: Mapping[str, tuple[str, str, list[tuple[str, str]]]] = {
    "global-at-both-ends-and-users-let-in": (
        USERS + EVENT % r"Global\\Ready",
        OPENS % r"Global\\Ready",
        [(r"Global\Ready", "passes")],
    ),
    "bare-in-the-service-means-the-same": (
        USERS + EVENT % "Ready",
        OPENS % r"Global\\Ready",
        [("Ready", "passes")],
    ),
    "bare-at-both-ends": (USERS + EVENT % "Ready", OPENS % "Ready", [("Ready", "stops")]),
    "prefix-at-one-end": (
        USERS + EVENT % r"Global\\Ready",
        OPENS % "Ready",
        [(r"Global\Ready", "stops")],
    ),
    "pipe-of-the-service": (
        USERS + PIPE,
        r'CreateFileW(L"\\\\.\\PIPE\\agent", 3, 0, NULL, OPEN_EXISTING, 0x110000, NULL);',
        [(r"\\.\pipe\Agent", "passes")],
    ),
    "nobody-else-uses-it": (EVENT % r"Local\\Mine", "return 0;", []),
    "a-file-is-no-pipe": ('CreateFileW(L"a.txt", 0, 0, NULL, 3, 0, NULL);', "return 0;", []),
}


@pytest.mark.parametrize("case", NAMES)
def test_name_and_descriptor_decide_what_passes(case: str) -> None:
    service, client, expected = NAMES[case]
    assert verdicts(service, client) == expected


def test_default_descriptor_is_never_said_to_let_users_in() -> None:
    ((_, verdict),) = verdicts(
        'CreateEventW(NULL, TRUE, FALSE, L"Global\\\\Ready");', OPENS % r"Global\\Ready"
    )
    assert verdict in ("unknown", "stops")


def test_list_of_administrators_is_never_said_to_let_users_in() -> None:
    ((_, verdict),) = verdicts(ADMINISTRATORS + EVENT % r"Global\\Ready", OPENS % r"Global\\Ready")
    assert verdict in ("unknown", "stops")


def test_object_that_everyone_may_change_passes_and_is_too_open() -> None:
    null = (
        "InitializeSecurityDescriptor(&sd, 1); SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE);"
    )
    made = f"SECURITY_DESCRIPTOR sd; {null} sa.lpSecurityDescriptor = &sd;"
    (crossing,) = crossings(made + EVENT % r"Global\\Ready", OPENS % r"Global\\Ready")
    assert crossing.verdict == "weak"
    assert "SZACL003" in {finding.rule for finding in crossing.findings}


def test_names_and_lists_of_a_wrapper_are_those_of_one_caller() -> None:
    wrapper = (
        "void make(LPCWSTR name, LPCWSTR text) { SECURITY_ATTRIBUTES sa = {sizeof sa}; %s %s }"
    )
    convert = USERS.replace('L"D:(A;;GA;;;SY)(A;;0x100002;;;AU)"', "text")
    create = "CreateEventW(&sa, TRUE, FALSE, name);"
    body = 'make(L"Global\\\\Own", L"D:(A;;GA;;;SY)"); make(L"Global\\\\Open", L"D:(A;;GA;;;WD)");'
    files = {"agent.c": SERVICE % body + wrapper % (convert, create)}
    assert {it.name: it.access for it in inventory(files).shared} == {
        "Own": "SYSTEM may do everything",
        "Open": "Everyone may do everything",
    }


def test_ends_say_who_where_and_which_object() -> None:
    (crossing,) = crossings(USERS + EVENT % "Ready", OPENS % "Ready")
    (ours,), (theirs,) = crossing.service, crossing.client
    assert (ours.program, ours.verb, ours.function) == ("agent", "creates", "service_main")
    assert (theirs.program, theirs.verb, theirs.function) == ("tray", "opens", "wWinMain")
    assert ours.directory == "\\BaseNamedObjects\\Ready"
    assert theirs.directory == "\\Sessions\\<n>\\BaseNamedObjects\\Ready"
    assert {finding.rule for finding in crossing.findings} >= {"SZNAME001"}


def test_message_box_of_the_service_stops_at_the_users_screen() -> None:
    (crossing,) = crossings('MessageBoxW(NULL, L"a", L"b", MB_OK); MessageBoxW(NULL, 0, 0, 0);')
    assert (crossing.verdict, crossing.kind, crossing.client_words) == (
        "stops",
        "message box",
        "the user's screen",
    )
    assert len(crossing.service) == len(crossing.findings) == 2


def test_message_box_of_the_user_is_no_crossing() -> None:
    assert crossings("return;", 'MessageBoxW(NULL, L"a", L"b", MB_OK);') == ()


def test_window_that_is_looked_for_is_shown_where_the_user_has_it() -> None:
    (crossing,) = crossings(
        'PostMessageW(FindWindowW(L"TrayClass", NULL), WM_APP, 0, 0);',
        'CreateWindowW(L"traYclass", L"", 0, 0, 0, 0, 0, NULL, NULL, a, NULL);',
    )
    assert (crossing.verdict, crossing.name) == ("stops", "TrayClass")
    assert [(end.program, end.verb) for end in crossing.client] == [("tray", "makes")]


def test_interactive_service_is_the_services_wish_wherever_it_is_installed() -> None:
    installer = HEAD + (
        "int main(void)\n{\n"
        '    CreateServiceW(m, L"Agent", L"Agent", 0, 0x110, 2, 1, L"a", 0, 0, 0, 0, 0);\n}\n'
    )
    found = inventory({"agent/agent.c": SERVICE % "return;", "setup/setup.c": installer})
    (crossing,) = found.crossings
    assert (crossing.kind, crossing.verdict) == ("interactive service", "stops")
    (service,) = found.services
    assert service.type == "a process of its own, interactive"
    assert service.start == "when Windows starts"
    assert (service.account, service.integrity) == ("LocalSystem", "system")
    assert [finding.rule for finding in service.findings] == ["SZFLAG001"]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("NULL", ("LocalSystem", "system")),
        (r'L"NT AUTHORITY\\LocalService"', ("LocalService", "system")),
        (r'L".\\backup"', (r".\backup", "high for an administrator, else medium")),
        ("argv[1]", ("", "")),
    ],
)
def test_account_decides_the_integrity(account: str, expected: tuple[str, str]) -> None:
    call = f'CreateServiceW(m, L"Agent", L"Agent", 0, 0x10, 3, 1, L"a", 0, 0, 0, {account}, 0);'
    text = SERVICE.replace(
        "int wmain(void)\n{", f"int wmain(int argc, LPWSTR *argv)\n{{\n    {call}"
    )
    (service,) = inventory({"agent.c": text % "return;"}).services
    assert (service.account, service.integrity) == expected


def test_name_of_a_python_service_is_that_of_its_class() -> None:
    text = (
        "import win32serviceutil\n\n\n"
        "class Service(win32serviceutil.ServiceFramework):\n"
        '    _svc_name_ = "Backup"\n\n'
        "    def SvcDoRun(self):\n        pass\n"
    )
    (service,) = inventory({"svc.py": text}).services
    assert (service.names, service.session) == (("Backup",), "session 0")


LAUNCHES: Mapping[str, tuple[str, str]] = {
    "application": (
        r'CreateProcessW(L"C:\\Program Files\\A b\\tool.exe", 0,0,0,0,0,0,0,0,0);',
        "tool.exe",
    ),
    "quoted-line": (
        r'CreateProcessW(0, L"\"C:\\Program Files\\tool.exe\" C:\\x\\y", 0,0,0,0,0,0,0,0);',
        "tool.exe",
    ),
    "line-with-path-behind": (r'WinExec("net use C:\\data", 0);', "net"),
    "unknown": ("WinExec(line, 0);", ""),
}


@pytest.mark.parametrize("case", LAUNCHES)
def test_child_process_is_named_by_its_file(case: str) -> None:
    call, expected = LAUNCHES[case]
    (child,) = inventory({"agent.c": SERVICE % call}).children
    assert (child.name, child.session) == (expected, "session 0, as the service itself")


def test_fixture_has_its_crossings() -> None:
    found = inventory(
        {p: t for p, t in PROGRAMS["programs/both-sides-of-the-wall"].items() if "CMake" not in p}
    )
    assert sorted((it.kind, it.name, it.verdict) for it in found.crossings) == [
        ("event", "BackupDone", "stops"),
        ("message", "WTSSendMessageW", "passes"),
        ("message box", "MessageBoxW", "stops"),
        ("pipe", r"\\.\pipe\backup", "passes"),
        ("process", "report.exe", "passes"),
        ("section", r"Global\BackupState", "passes"),
        ("window message", "BackupTray", "stops"),
    ]
