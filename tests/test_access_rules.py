"""Who may use a service's objects: cases that the pages of the rules don't show."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import link, target, written
from sessionzero.engine import check_sources, run_checks
from sessionzero.knowledge.pages import load_rules

SERVICE = """#include <windows.h>
{top}
void WINAPI ServiceMain(DWORD, LPWSTR*) {{ {body} }}
int wmain() {{
    SERVICE_TABLE_ENTRYW table[] = {{{{L"a", ServiceMain}}, {{0, 0}}}};
    return StartServiceCtrlDispatcherW(table);
}}
"""
SA = "SECURITY_ATTRIBUTES sa = {sizeof(sa)}; "
CONVERT = (
    "ConvertStringSecurityDescriptorToSecurityDescriptorW(%s, 1, &sa.lpSecurityDescriptor, 0); "
)
EVENT = 'CreateEventW(&sa, 1, 0, L"Global\\\\Ready"); '


def converted(sddl: str) -> str:
    return CONVERT % f'L"{sddl}"'


OPEN = (
    "SECURITY_DESCRIPTOR sd; InitializeSecurityDescriptor(&sd, 1); "
    "SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE); "
)
PIPE = 'L"\\\\\\\\.\\\\pipe\\\\agent"'
TRAY = "#include <windows.h>\nint WINAPI wWinMain(HINSTANCE, HINSTANCE, PWSTR, int) {{ {body} }}\n"
CLIENT = TRAY.format(body='OpenEventW(SYNCHRONIZE, 0, L"Global\\\\Ready");')
AS_USER = "CreateProcessAsUserW(copy, 0, path, 0, 0, 0, 0, 0, 0, &startup, &made);"
COPIED = f"OpenProcessToken(p, 2, &t); DuplicateTokenEx(t, 0, 0, 0, TokenPrimary, &copy); {AS_USER}"

# What the service does, another file, what is found: rule, level and the text of the place.
CASES: Mapping[str, tuple[str, str, list[str]]] = {
    "null-dacl-of-a-handle": (
        f"{OPEN}SetKernelObjectSecurity(handle, DACL_SECURITY_INFORMATION, &sd);",
        "",
        ["SZACL003 error SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE)"],
    ),
    "null-dacl-not-applied": (
        f"{OPEN}SetKernelObjectSecurity(handle, OWNER_SECURITY_INFORMATION, &sd);",
        "",
        [],
    ),
    "null-dacl-by-text": (
        f"{SA}{converted('D:NO_ACCESS_CONTROL')}{EVENT}",
        "",
        ['SZACL003 error L"D:NO_ACCESS_CONTROL"'],
    ),
    "null-dacl-of-boost": (
        "boost::interprocess::permissions allowed; allowed.set_unrestricted();",
        "",
        ["SZACL003 error allowed.set_unrestricted"],
    ),
    "null-dacl-of-a-mailslot": (
        f'{OPEN}{SA}sa.lpSecurityDescriptor = &sd; CreateMailslotW(L"\\\\\\\\.\\\\mailslot\\\\a", 0, 0, &sa);',
        "",
        ["SZACL003 error SetSecurityDescriptorDacl(&sd, TRUE, NULL, FALSE)"],
    ),
    "null-dacl-of-the-debug-buffer": (
        f'{OPEN}{SA}sa.lpSecurityDescriptor = &sd; CreateEventW(&sa, 0, 0, L"DBWIN_DATA_READY");',
        "",
        [],
    ),
    "default-for-a-client-that-may-be-system": (
        f'CreateEventW(0, 1, 0, L"Global\\\\Ready"); {COPIED}',
        CLIENT,
        ['SZACL001 note L"Global\\\\Ready"'],
    ),
    "default-for-a-client-of-the-user": (
        f'CreateEventW(0, 1, 0, L"Global\\\\Ready"); WTSQueryUserToken(1, &t); {COPIED}',
        CLIENT,
        ['SZACL001 warning L"Global\\\\Ready"'],
    ),
    "default-that-is-replaced": (
        'HANDLE ready = CreateEventW(0, 1, 0, L"Global\\\\Ready"); '
        "SetSecurityInfo(ready, SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, 0, 0, list, 0);",
        CLIENT,
        [],
    ),
    "default-with-clients-that-do-not-open-it": (
        'CreateEventW(0, 1, 0, L"Global\\\\Ready");',
        TRAY.format(body="return 0;"),
        [],
    ),
    "pipe-that-only-the-service-opens": (
        f"CreateNamedPipeW({PIPE}, PIPE_ACCESS_DUPLEX, 0, 1, 1, 1, 0, 0); "
        f"CreateFileW({PIPE}, GENERIC_READ, 0, 0, OPEN_EXISTING, 0, 0);",
        "",
        [],
    ),
    "pipe-that-a-client-opens-too": (
        f"CreateNamedPipeW({PIPE}, PIPE_ACCESS_DUPLEX, 0, 1, 1, 1, 0, 0); "
        f"CreateFileW({PIPE}, GENERIC_READ, 0, 0, OPEN_EXISTING, 0, 0);",
        TRAY.format(body=f"CreateFileW({PIPE}, GENERIC_READ, 0, 0, OPEN_EXISTING, 0, 0);"),
        ["SZPIPE001 warning CreateNamedPipeW"],
    ),
    "pipe-of-a-random-name-for-many": (
        "CreateNamedPipeW(name(), PIPE_ACCESS_DUPLEX, 0, PIPE_UNLIMITED_INSTANCES, 1, 1, 0, 0);",
        "",
        ["SZPIPE001 warning CreateNamedPipeW"],
    ),
    "pipe-of-a-random-name-for-one": (
        "CreateNamedPipeW(name(), PIPE_ACCESS_DUPLEX, 0, 1, 1, 1, 0, 0);",
        "",
        [],
    ),
    "pipe-of-qt-open-to-the-world": (
        "QLocalServer server; server.setSocketOptions(QLocalServer::WorldAccessOption); "
        'server.listen("agent");',
        "",
        ["SZPIPE002 warning server.setSocketOptions"],
    ),
    "pipe-whose-clients-are-looked-at": (
        f"{SA}{converted('D:(A;;FRFW;;;WD)')}"
        f"h = CreateNamedPipeW({PIPE}, 3, 0, 1, 1, 1, 0, &sa); ImpersonateNamedPipeClient(h);",
        "",
        ['SZPIPE002 note L"D:(A;;FRFW;;;WD)"'],
    ),
    "all-access-by-an-account-that-may-be-the-clients": (
        f"{SA}{converted('D:(A;;GA;;;S-1-5-21-1-2-3-1001)(A;;GR;;;BU)')}{EVENT}",
        TRAY.format(body='OpenEventW(EVENT_ALL_ACCESS, 0, L"Global\\\\Ready");'),
        [],
    ),
    "all-access-by-several-entries": (
        f"{SA}{converted('D:(A;;0x100000;;;WD)(A;;0x2;;;AU)')}{EVENT}",
        TRAY.format(body='OpenEventW(SYNCHRONIZE | EVENT_MODIFY_STATE, 0, L"Global\\\\Ready");'),
        [],
    ),
    "empty-list-that-inherits": (f"{SA}{converted('D:PAI')}", "", []),
    "empty-list": (f"{SA}{converted('D:')}", "", ['SZACL005 error L"D:"']),
    "two-objects-of-one-descriptor": (
        f'{SA}{converted("D:(A;;GA;;;BU)")}{EVENT}CreateMutexW(&sa, 0, L"Global\\\\Lock");',
        "",
        ['SZACL004 warning L"D:(A;;GA;;;BU)"'],
    ),
}


@pytest.mark.parametrize(("body", "other", "expected"), CASES.values(), ids=CASES)
def test_what_is_found_of_access(body: str, other: str, expected: list[str]) -> None:
    files = {"service.cpp": SERVICE.format(top="", body=body)}
    if other:
        files["tray.cpp"] = other
    found = [it for it in check_sources(files) if it.rule.startswith(("SZACL", "SZPIPE00"))]
    wanted = [it for it in found if it.rule in RULES]
    places = [written(it.place, files).partition(": ")[2] for it in wanted]
    said = [f"{it.rule} {it.level} {at}" for it, at in zip(wanted, places, strict=True)]
    assert said == expected


LOCK = 'HANDLE lock = CreateMutexW(0, 0, L"AcmeLock");'
DENIED = "if (!lock && GetLastError() == ERROR_ACCESS_DENIED)"
LIBRARY = {
    "shared-when-denied": (f'{LOCK} {DENIED} lock = OpenMutexW(1, 0, L"AcmeLock");', True),
    "the-only-instance": (f"{LOCK} {DENIED} ExitProcess(1);", False),
    "name-that-is-made": ('CreateMutexW(0, 0, (std::wstring(L"AcmeLock") + n).c_str());', False),
}


@pytest.mark.parametrize(("body", "expected"), LIBRARY.values(), ids=LIBRARY)
def test_default_list_of_a_library(body: str, expected: bool) -> None:
    text = f"#include <windows.h>\nvoid take(const wchar_t* n) {{ {body} }}\n"
    builds = {"CMakeLists.txt": [target("lock", "lock.cpp", kind="static")]}
    program = link({"lock.cpp": text, "try.cpp": TRAY.format(body="take(0);")}, builds=builds)
    found = [it for it in run_checks(program, load_rules()) if it.rule == "SZACL001"]
    assert [it.level for it in found] == (["note"] if expected else [])


RULES = (*(f"SZACL00{number}" for number in range(1, 9)), "SZPIPE001", "SZPIPE002")


def test_library_without_a_service_gets_notes_of_low_confidence() -> None:
    body = f"void lock() {{ {OPEN}{SA}sa.lpSecurityDescriptor = &sd; {EVENT} }}"
    (found,) = check_sources({"lock.cpp": body})
    assert (found.rule, found.level, found.confidence) == ("SZACL003", "note", "low")


def test_program_of_users_may_open_its_own_objects_to_all() -> None:
    body = TRAY.format(body=f"{OPEN}{SA}sa.lpSecurityDescriptor = &sd; {EVENT}")
    assert check_sources({"tray.cpp": body}) == ()


def test_message_says_who_may_do_what() -> None:
    body = f"{SA}{converted('D:(A;;0x1c0000;;;AU)')}{EVENT}"
    (found,) = check_sources({"service.cpp": SERVICE.format(top="", body=body)})
    assert found.message == (
        "The event `Global\\Ready` lets Authenticated Users wait for it, change who may use it and "
        "take ownership of it."
    )
    assert [note.message for note in found.related][
        -1
    ] == "the event gets it here, by `CreateEventW`"


def test_what_other_programs_create_by_the_same_null_dacl_stands_beside_it() -> None:
    shared = (
        "#include <windows.h>\n"
        "void everyone(SECURITY_ATTRIBUTES *sa, SECURITY_DESCRIPTOR *sd) {\n"
        "    InitializeSecurityDescriptor(sd, 1);\n"
        "    SetSecurityDescriptorDacl(sd, TRUE, NULL, FALSE);\n"
        "    sa->lpSecurityDescriptor = sd;\n}\n"
    )
    top = "void everyone(SECURITY_ATTRIBUTES *sa, SECURITY_DESCRIPTOR *sd);"
    body = f"{SA}SECURITY_DESCRIPTOR sd; everyone(&sa, &sd); "
    tool = 'CreateMutexW(&sa, 0, L"Global\\\\Tool");'
    files = {
        "shared.cpp": shared,
        "service.cpp": SERVICE.format(top=top, body=body + EVENT),
        "tool.cpp": TRAY.replace("#include <windows.h>", f"#include <windows.h>\n{top}").format(
            body=body + tool
        ),
    }
    (found,) = (it for it in check_sources(files) if it.rule == "SZACL003")
    assert found.place.path == "shared.cpp"
    assert [note.place.path for note in found.related] == ["tool.cpp", "service.cpp"]


def test_wrapper_gets_the_name_and_the_descriptor_from_one_caller() -> None:
    wrapper = (
        "static void make(LPCWSTR name, LPCWSTR text) "
        f"{{ {SA}{CONVERT % 'text'}CreateEventW(&sa, 1, 0, name); }}"
    )
    own, theirs = 'L"D:(A;;GA;;;SY)"', 'L"D:(A;;GA;;;AU)"'
    body = f'make(L"Global\\\\Own", {own}); make(L"Global\\\\Theirs", {theirs});'
    (found,) = (
        it
        for it in check_sources({"service.cpp": SERVICE.format(top=wrapper, body=body)})
        if it.rule == "SZACL004"
    )
    assert found.message == "The event `Global\\Theirs` lets Authenticated Users do everything."


def test_what_a_function_gives_back_where_it_fails_is_no_name() -> None:
    top = (
        "static CString format(LPCWSTR text) { CString made; int done = put(made, text);"
        ' if (done >= 0) return made; CString s = L"<too long: "; s += text; return s; }\n'
    )
    pipe = (
        'CString name = format(L"agent"); '
        "CreateNamedPipeW(name, PIPE_ACCESS_OUTBOUND, 0, 1, 0, 0, 0, &sa);"
    )
    body = f"{OPEN}{SA}sa.lpSecurityDescriptor = &sd; {pipe}"
    found = check_sources({"service.cpp": SERVICE.format(top=top, body=body)})
    (message,) = (it.message for it in found if it.rule == "SZACL003")
    assert message.startswith("A NULL DACL lets everyone do everything with the pipe `name`")
