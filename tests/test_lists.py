"""What lists of macros make ("X macros") is understood as if it were written out."""

from __future__ import annotations

import pytest

from linking import Files, written
from sessionzero.engine import check_sources
from sessionzero.findings import Place

HEAD = "#include <windows.h>\n"
SERVICE = """
static void WINAPI ServiceMain(DWORD argc, LPWSTR *argv) { %s }
int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Agent", ServiceMain}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""
CREATE = "CreateEventW(NULL, TRUE, FALSE, {});"
MAKE = f"#define MAKE(id, name) {CREATE.format('name')}\n"
LIST = '#define EVENTS(X) X(Stop, L"AgentStop") X(Load, L"AgentLoad")\n'
NAMES = {'L"AgentStop"', 'L"AgentLoad"'}


def text_at(files: Files, place: Place) -> str:
    return written(place, files).partition(": ")[2]


def service(head: str, body: str, name: str = "service.c") -> Files:
    return {name: HEAD + head + SERVICE % body}


# Program → where SZNAME001 stands.
NAMED: dict[str, tuple[Files, set[str]]] = {
    "plain-macro": (service(MAKE, 'MAKE(x, L"Agent")'), {'MAKE(x, L"Agent")'}),
    "macro-in-macro": (
        service(MAKE + "#define TWO(n) MAKE(1, n) MAKE(2, n)\n", 'TWO(L"Agent"); TWO(L"Other")'),
        {'TWO(L"Agent")', 'TWO(L"Other")'},
    ),
    "list": (service(MAKE + LIST, "EVENTS(MAKE)"), NAMES),
    "list-of-c++": (service(MAKE + LIST, "EVENTS(MAKE)", "service.cpp"), NAMES),
    "list-with-semicolon": (service(MAKE + LIST, "EVENTS(MAKE);"), NAMES),
    "list-on-its-line": (service(MAKE + LIST, "\n    EVENTS(MAKE)\n"), NAMES),
    "lists-on-their-lines": (
        service(
            MAKE + LIST + '#define MORE(X) X(More, L"AgentMore")\n',
            "\n    EVENTS(MAKE)\n    MORE(MAKE)\n    Sleep(1);\n",
        ),
        NAMES | {'L"AgentMore"'},
    ),
    "list-with-commas": (
        service(
            '#define EVENTS(X) X(L"AgentStop"), X(L"AgentLoad")\n'
            f"#define MAKE(name) {CREATE.format('name')[:-1]}\n",
            "EVENTS(MAKE);",
        ),
        NAMES,
    ),
    "list-in-lines": (
        service(MAKE + LIST.replace("X(Load", "\\\n    X(Load"), "EVENTS(MAKE)"),
        NAMES,
    ),
    "list-of-lists": (
        service(MAKE + LIST + "#define ALL(F) EVENTS(F)\n", "ALL(MAKE)"),
        NAMES,
    ),
    "macro-by-another": (
        service(
            f"#define EVENT(name) {CREATE.format('name')}\n#define MAKE(id, name) EVENT(name)\n"
            + LIST,
            "EVENTS(MAKE)",
        ),
        NAMES,
    ),
    "wrapper": (
        service(
            f"static void make(LPCWSTR n) {{ {CREATE.format('n')} }}\n"
            "#define MAKE(id, name) make(name);\n" + LIST,
            "EVENTS(MAKE)",
        ),
        NAMES,
    ),
    "name-of-an-entry": (
        service(
            f'#define MAKE(id, name) {CREATE.format("""L"Agent" #id""")}\n'
            "#define EVENTS(X) X(Stop, 0)\n",
            "EVENTS(MAKE)",
        ),
        {'L"Agent"'},
    ),
    "wide-name-of-an-entry": (
        service(
            f"#define MAKE(id, name) {CREATE.format('L#id')}\n#define EVENTS(X) X(AgentStop, 0)\n",
            "EVENTS(MAKE)",
        ),
        {"AgentStop"},
    ),
    "text-of-what-is-handed-on": (
        service(
            "#define TEXT_OF(x) TEXT_OF_(x)\n#define TEXT_OF_(x) L#x\n",
            CREATE.format("TEXT_OF(PRODUCT)"),
        ),
        set(),  # PRODUCT may be a macro
    ),
    "text-of-what-is-written": (
        service("#define TEXT_OF(x) L#x\n", CREATE.format("TEXT_OF(Product)")),
        {"TEXT_OF(Product)"},
    ),
    "pasted-constant": (
        service(
            f"#define MAKE(id, name) {CREATE.format('NAME_##id')}\n"
            '#define EVENTS(X) X(STOP, 0)\n#define NAME_STOP L"AgentStop"\n',
            "EVENTS(MAKE)",
        ),
        {'L"AgentStop"'},
    ),
    "table": (
        service(
            LIST
            + "#define NAME(id, name) name,\nstatic LPCWSTR const names[] = { EVENTS(NAME) };\n",
            CREATE.format("names[argc]"),
        ),
        {"names[argc]"},
    ),
    "table-by-index": (
        service(
            LIST + "enum { Stop, Load };\n#define NAME(id, name) [id] = name,\n"
            "static LPCWSTR const names[] = {\n    EVENTS(NAME)\n};\n",
            CREATE.format("names[argc]"),
        ),
        {"names[argc]"},
    ),
    "another-macro": (service(MAKE + LIST + "#define NOTE(id, name)\n", "EVENTS(NOTE)"), set()),
    "nobody-uses-it": (service(MAKE + LIST, ""), set()),
}


@pytest.mark.parametrize(("files", "expected"), NAMED.values(), ids=NAMED)
def test_name_is_found_where_it_can_be_mended(files: Files, expected: set[str]) -> None:
    found = [it for it in check_sources(files) if it.rule == "SZNAME001"]
    assert {text_at(files, it.place) for it in found if it.level != "note"} == expected


ENTRIES = 'EVENT(Stop, L"AgentStop")\nEVENT(Load, L"AgentLoad")\nEVENT(Save, L"Global\\\\Agent")\n'
DEFINE = f"#define EVENT(id, name) {CREATE.format('name')}\n"
INCLUDE = '#include "events.def"\n'
UNDEFINE = "#undef EVENT\n"


@pytest.mark.parametrize("name", ["service.c", "service.cpp"])
@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        pytest.param("", f"\n{DEFINE}{INCLUDE}{UNDEFINE}", NAMES, id="in-the-function"),
        pytest.param(DEFINE, f"\n{INCLUDE}", NAMES, id="macro-far-above"),
        pytest.param(
            "#define EVENT(id, name) extern HANDLE id;\n" + INCLUDE + UNDEFINE,
            f"\n{DEFINE}{INCLUDE}",
            NAMES,
            id="included-twice",
        ),
        pytest.param(
            f"#define EVENT(id, name) name,\nLPCWSTR const names[] = {{\n{INCLUDE}}};\n",
            CREATE.format("names[argc]"),
            {"names[argc]"},
            id="table",
        ),
        pytest.param(
            f"static void other(void) {{\n{DEFINE}{INCLUDE}{UNDEFINE}}}\n",
            f"\n#define EVENT(id, name) OutputDebugStringW(name);\n{INCLUDE}",
            set(),
            id="nobody-calls-it",
        ),
        pytest.param("", f"\n{INCLUDE}", set(), id="no-macro"),
    ],
)
def test_file_of_entries_is_a_list(name: str, head: str, body: str, expected: set[str]) -> None:
    files = {**service(head, body, name), "events.def": f"/* Events. */\n{ENTRIES}"}
    found = [it for it in check_sources(files) if it.rule == "SZNAME001"]
    assert {text_at(files, it.place) for it in found if it.level != "note"} == expected


def test_finding_leads_to_the_macro_and_to_the_use_of_the_list() -> None:
    files = service(MAKE + LIST, "EVENTS(MAKE)")
    first = next(it for it in check_sources(files) if it.rule == "SZNAME001")
    assert [(note.message, text_at(files, note.place)) for note in first.related] == [
        ("`CreateEventW` is called in the macro's body", CREATE.format("name")[:-1]),
        ("the list is used here", "EVENTS(MAKE)"),
    ]


def test_macro_of_the_tray_is_not_run_by_the_service() -> None:
    files = {
        "list.h": LIST,
        "service.c": '#include "list.h"\n#define COUNT(id, name) + 1\n'
        + HEAD
        + SERVICE % "argc = 0 EVENTS(COUNT);",
        "tray.c": '#include "list.h"\n'
        + HEAD
        + "static void show(LPCWSTR n) { MessageBoxW(NULL, n, n, MB_OK); }\n"
        "#define SHOW(id, name) show(name);\n"
        "int WINAPI wWinMain(HINSTANCE a, HINSTANCE b, PWSTR c, int d) { EVENTS(SHOW) }\n",
    }
    assert check_sources(files) == ()


@pytest.mark.parametrize("kind", ["Event", "Mutex"])
def test_pasted_name_of_a_function_is_that_function(kind: str) -> None:
    files = service(
        f'#define OBJECTS(X) X({kind}, L"AgentStop")\n'
        "#define OPEN(kind, name) Open##kind##W(SYNCHRONIZE, FALSE, name);\n",
        "OBJECTS(OPEN)",
    )
    (finding,) = check_sources(files)
    assert finding.message.startswith(f"The {kind.lower()} name `AgentStop` has no")
