"""The macros that build files surely give decide which regions a program has."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from linking import Files
from sessionzero.engine import check_sources

REPORT = """#include <windows.h>
void report(const wchar_t *text)
{
%s
}
"""
SERVICE = """#include <windows.h>
void report(const wchar_t *text);
static void WINAPI ServiceMain(DWORD argc, LPWSTR *argv) { report(argv[0]); }
int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Kiln", ServiceMain}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""
GUI = """#include <windows.h>
void report(const wchar_t *text);
int WINAPI wWinMain(HINSTANCE a, HINSTANCE b, LPWSTR c, int d) { report(c); return 0; }
"""
BOX = "MessageBoxW(NULL, text, text, MB_OK);"
WITH = f"#ifdef SWITCH\n{BOX}\n#endif"
WITHOUT = f"#ifdef SWITCH\n#else\n{BOX}\n#endif"
TREE = {"svc.c": SERVICE, "gui.c": GUI}


def database(**flags: Sequence[str]) -> Files:
    """A compilation database of files (``report`` for ``report.c``) with their flags."""
    commands = [
        {"directory": "/home/me/kiln", "file": f"{name}.c", "arguments": ["cc", *words, "-c"]}
        for name, words in flags.items()
    ]
    return {"compile_commands.json": json.dumps(commands)}


def has_box(body: str, builds: Files, **more: str) -> bool:
    """Whether the service's message box is found."""
    files = {**TREE, "report.c": REPORT % body, **builds, **{f"{k}.h": v for k, v in more.items()}}
    return "SZUI001" in [finding.rule for finding in check_sources(files)]


CONDITIONS = [
    ("#ifdef SWITCH", True),
    ("#ifndef SWITCH", False),
    ("#if defined(SWITCH) && _WIN32_WINNT > 0x0600", True),
    ("#if !defined(SWITCH)", False),
    ("#if SWITCH == 1", True),
    ("#if SWITCH > 1", False),
    ("#if SWITCH", True),
    ("#if 0\n#elif SWITCH", True),
    ("#ifdef OTHER\n#elif !SWITCH", False),
    ("#ifdef OTHER", True),
    ("#if SWITCH && OTHER", True),
    ("#if !SWITCH && OTHER", False),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS, ids=[c for c, _ in CONDITIONS])
def test_macro_of_a_command_line_decides(condition: str, expected: bool) -> None:
    builds = database(report=["-DSWITCH"], svc=[], gui=[])
    assert has_box(f"{condition}\n{BOX}\n#endif", builds) is expected


# Command lines of the file with the region, and whether what stands under `#ifdef SWITCH` counts.
LINES: dict[str, tuple[list[str], bool]] = {
    "given": (["-DSWITCH"], True),
    "given-apart": (["-D", "SWITCH"], True),
    "given-as-msvc": (["/DSWITCH=2"], True),
    "not-given": ([], False),
    "taken-back": (["-DSWITCH", "-USWITCH"], True),
    "options-in-a-file": (["@flags.rsp"], True),
    "header-first": (["-include", "pre.h"], True),
    "header-first-of-msvc": (["/FIpre.h"], True),
}


@pytest.mark.parametrize(("words", "expected"), LINES.values(), ids=LINES)
def test_macro_that_another_command_line_has_is_missed_here(
    words: list[str], expected: bool
) -> None:
    assert has_box(WITH, database(report=words, svc=[], gui=["-DSWITCH"])) is expected


def test_macro_that_no_build_file_gives_may_be_of_any_header() -> None:
    assert has_box(WITH, database(report=["-DOTHER"], svc=[], gui=[]))


@pytest.mark.parametrize(
    "header",
    [
        "#define SWITCH",
        "#ifdef OTHER\n#define SWITCH 1\n#endif",
        "#ifndef SWITCH\n#define SWITCH 0\n#endif",
        "#undef SWITCH",
        "#cmakedefine SWITCH",
        "#cmakedefine01 SWITCH",
        "#mesondefine SWITCH",
    ],
)
@pytest.mark.parametrize("body", [WITH, WITHOUT], ids=["with", "without"])
def test_macro_that_a_source_settles_stays_unknown(header: str, body: str) -> None:
    given = database(report=["-DSWITCH"] if body == WITHOUT else [], svc=[], gui=["-DSWITCH"])
    assert not has_box(body, given)
    assert has_box(body, given, config=header)


def test_file_of_which_two_command_lines_disagree_keeps_both() -> None:
    twice = json.loads(database(report=["-DSWITCH"])["compile_commands.json"])
    twice += json.loads(database(report=[], svc=[])["compile_commands.json"])
    builds = {"compile_commands.json": json.dumps(twice)}
    assert has_box(WITH, builds)
    assert has_box(WITHOUT, builds)


@pytest.mark.parametrize(
    ("builds", "expected"),
    [
        pytest.param(database(report=["-DSWITCH"], svc=["-DSWITCH"], gui=["-DSWITCH"]), False, id="all"),
        pytest.param(database(report=["-DSWITCH"], svc=["-DSWITCH"], gui=[]), False, id="others"),
        pytest.param(database(report=["-DSWITCH"], svc=[], gui=["-DSWITCH"]), True, id="one-not"),
        pytest.param(database(report=["-DSWITCH"], gui=["-DSWITCH"]), True, id="unknown-source"),
    ],
)  # fmt: skip
def test_header_is_compiled_as_the_sources_that_include_it(builds: Files, expected: bool) -> None:
    inline = "inline void show(const wchar_t *text)\n{\n" + WITHOUT + "\n}\n"
    service = '#include "show.h"\n' + SERVICE.replace("report(argv", "show(argv")
    files = {**TREE, "svc.c": service, "report.c": '#include "show.h"\n', "show.h": inline}
    found = check_sources({**files, **builds})
    assert ("SZUI001" in [finding.rule for finding in found]) is expected


CMAKE = "add_executable(svc svc.c report.c)\nadd_executable(gui WIN32 gui.c report.c)\n"
GIVEN = "target_compile_definitions({} {} SWITCH)\n"

# CMake files: whether the service's box is found under `#ifdef SWITCH`, and under its `#else`.
CMAKES: dict[str, tuple[str, bool, bool]] = {
    "of-the-service": (CMAKE + GIVEN.format("svc", "PRIVATE"), True, False),
    "of-the-client": (CMAKE + GIVEN.format("gui", "PRIVATE"), False, True),
    "of-both": (CMAKE + GIVEN.format("svc", "PRIVATE") + GIVEN.format("gui", "PUBLIC"), True, False),
    "of-all": ("add_definitions(-DSWITCH)\n" + CMAKE, True, False),
    "of-all-perhaps": ("if(MORE)\nadd_compile_definitions(SWITCH)\nendif()\n" + CMAKE, True, True),
    "perhaps": (f"{CMAKE}if(X)\n{GIVEN.format('svc', 'PRIVATE')}endif()\n", True, True),
    "by-a-variable": (CMAKE + "target_compile_definitions(svc PRIVATE ${MORE})\n"
                      + GIVEN.format("gui", "PRIVATE"), True, True),
    "of-a-variable": ("set(MORE SWITCH)\n" + CMAKE
                      + "target_compile_definitions(svc PRIVATE ${MORE})\n", True, True),
    "of-a-configuration": (CMAKE + "target_compile_definitions(svc PRIVATE $<$<CONFIG:Debug>:SWITCH>)\n"
                           + GIVEN.format("gui", "PRIVATE"), True, True),
    "of-a-library": (CMAKE + "add_library(kit kit.c)\ntarget_link_libraries(svc kit)\n"
                     + GIVEN.format("kit", "PUBLIC"), True, True),
    "of-a-file": (CMAKE + GIVEN.format("gui", "PRIVATE")
                  + "set_source_files_properties(report.c PROPERTIES COMPILE_DEFINITIONS SWITCH)\n", True, True),
    "by-an-option": (CMAKE + GIVEN.format("gui", "PRIVATE") + "add_compile_options(-DSWITCH)\n", True, True),
    "taken-back": ("add_definitions(-DSWITCH)\nremove_definitions(-DSWITCH)\n" + CMAKE, True, True),
    "by-a-function": (CMAKE + GIVEN.format("gui", "PRIVATE")
                      + "function(more it)\n" + GIVEN.format("${it}", "PRIVATE") + "endfunction()\n", True, True),
}  # fmt: skip


@pytest.mark.parametrize(("text", "with_it", "without"), CMAKES.values(), ids=CMAKES)
def test_macros_of_a_program_decide_what_it_has(text: str, with_it: bool, without: bool) -> None:
    builds = {"CMakeLists.txt": text}
    assert (has_box(WITH, builds), has_box(WITHOUT, builds)) == (with_it, without)


def test_folder_above_may_give_more() -> None:
    files = {f"src/{name}": text for name, text in TREE.items()}
    files["src/report.c"] = REPORT % WITH
    files["src/CMakeLists.txt"] = CMAKE + GIVEN.format("gui", "PRIVATE")
    assert check_sources(files) == ()
    files["CMakeLists.txt"] = "if(X)\nadd_definitions(-DSWITCH)\nendif()\nadd_subdirectory(src)\n"
    assert [finding.rule for finding in check_sources(files)] == ["SZUI001"]


PROJECT = """<Project xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <ItemGroup>
    <ProjectConfiguration Include="Debug|x64" /><ProjectConfiguration Include="Release|x64" />
  </ItemGroup>
  <PropertyGroup><ConfigurationType>Application</ConfigurationType></PropertyGroup>
  <Import Project="$(VCTargetsPath)\\Microsoft.Cpp.props" />{more}
  <ItemDefinitionGroup Condition="'$(Configuration)|$(Platform)'=='Debug|x64'"><ClCompile>
    <PreprocessorDefinitions>{debug}</PreprocessorDefinitions></ClCompile></ItemDefinitionGroup>
  <ItemDefinitionGroup Condition="'$(Configuration)|$(Platform)'=='Release|x64'"><ClCompile>
    <PreprocessorDefinitions>{release}</PreprocessorDefinitions></ClCompile></ItemDefinitionGroup>
  <ItemGroup><ClCompile Include="{name}.c" /><ClCompile Include="report.c">{of_file}</ClCompile>
  </ItemGroup>
</Project>
"""


def project(
    name: str, release: str, debug: str = "", more: str = "", of_file: str = ""
) -> dict[str, str]:
    text = PROJECT.format(
        name=name, release=release, debug=debug or release, more=more, of_file=of_file
    )
    return {f"{name}.vcxproj": text}


OF_FILE = "<PreprocessorDefinitions>{}%(PreprocessorDefinitions)</PreprocessorDefinitions>"
PROJECTS: dict[str, tuple[Files, bool, bool]] = {
    "of-the-service": ({**project("svc", "SWITCH;X"), **project("gui", "X")}, True, False),
    "of-the-client": ({**project("svc", "X"), **project("gui", "SWITCH;X")}, False, True),
    "of-a-debug-build": ({**project("svc", "X", "SWITCH;X"), **project("gui", "SWITCH")}, True, True),
    "of-a-property": ({**project("svc", "$(More);X"), **project("gui", "SWITCH")}, True, True),
    "of-a-sheet": (
        {**project("svc", "X", more='<Import Project="more.props" />'), **project("gui", "SWITCH")},
        True,
        True,
    ),
    "of-the-file": (
        {**project("svc", "X", of_file=OF_FILE.format("SWITCH;")), **project("gui", "SWITCH")},
        True,
        True,
    ),
    "not-of-the-file": (
        {
            **project("svc", "SWITCH", of_file=OF_FILE.format("").replace("%(Pre", "%()(Pre")),
            **project("gui", "X"),
        },
        True,
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("builds", "with_it", "without"), PROJECTS.values(), ids=PROJECTS)
def test_projects_of_visual_studio_decide_too(builds: Files, with_it: bool, without: bool) -> None:
    assert (has_box(WITH, builds), has_box(WITHOUT, builds)) == (with_it, without)


def test_compilation_database_and_project_that_disagree_decide_nothing() -> None:
    builds = {
        "CMakeLists.txt": CMAKE + GIVEN.format("svc", "PRIVATE"),
        **database(report=[], svc=[], gui=[]),
    }
    assert has_box(WITH, builds)
    assert has_box(WITHOUT, builds)


def test_name_in_a_region_of_another_program_is_not_the_service_s() -> None:
    body = '#ifdef SWITCH\n#define LOCK L"Global\\\\Kiln"\n#else\n#define LOCK L"Global/Kiln"\n#endif\n'
    body += "CreateMutexW(NULL, FALSE, LOCK);"
    both = database(report=["-DSWITCH"], svc=[], gui=[])
    files = {**TREE, "report.c": REPORT % body}
    assert "SZNAME003" in [it.rule for it in check_sources(files)]
    assert "SZNAME003" not in [it.rule for it in check_sources({**files, **both})]


@pytest.mark.parametrize("switch", ["_DEBUG", "NDEBUG"])
def test_configuration_of_one_build_says_nothing_of_the_others(switch: str) -> None:
    body = WITHOUT.replace("SWITCH", switch)
    given = database(report=[f"-D{switch}"], svc=[], gui=[])
    assert has_box(body, given) is has_box(body, {})


def test_start_that_becomes_a_service_in_one_of_two_programs() -> None:
    main = SERVICE.replace(
        "int wmain(void)\n{\n",
        'int wmain(void)\n{\n#ifndef AS_SERVICE\n    MessageBoxW(NULL, L"a", L"a", MB_OK);\n'
        "    return 0;\n#else\n",
    ).replace("? 0 : 1;\n", "? 0 : 1;\n#endif\n")
    files = {"main.c": main, "report.c": REPORT % WITH}
    cmake = (
        "add_executable(svc main.c report.c)\nadd_executable(tool main.c report.c)\n"
        "target_compile_definitions(svc PRIVATE AS_SERVICE)\n"
        "target_compile_definitions(tool PRIVATE SWITCH)\n"
    )
    assert check_sources({**files, "CMakeLists.txt": cmake}) == ()


def test_function_that_is_not_compiled_takes_no_other_with_it() -> None:
    before = SERVICE.replace(
        "    SERVICE_TABLE", f"    {BOX.replace('text', 'NULL')}\n    SERVICE_TABLE"
    )
    gone = "void report(const wchar_t *t) { }\n#ifdef SWITCH\nvoid gone(void) { }\n#endif\n"
    files = {"svc.c": before, "report.c": gone, "gui.c": GUI}
    found = check_sources({**files, **database(report=[], svc=[], gui=["-DSWITCH"])})
    assert found == check_sources(files) != ()


MACROS = "#ifdef SWITCH\n#define TELL(t) OutputDebugStringW(t)\n#else\n"
MACROS += "#define TELL(t) MessageBoxW(NULL, t, t, MB_OK)\n#endif\n"


@pytest.mark.parametrize("service", ["PRIVATE", ""], ids=["decided", "open"])
def test_macro_that_is_not_compiled_for_the_service_is_not_run_by_it(service: str) -> None:
    files = {
        **TREE,
        "tell.h": MACROS,
        "report.c": '#include "tell.h"\n' + REPORT % "TELL(text);",
        "CMakeLists.txt": CMAKE + (GIVEN.format("svc", service) if service else ""),
    }
    found = [finding.rule for finding in check_sources(files)]
    assert found == ([] if service else ["SZUI001"])
