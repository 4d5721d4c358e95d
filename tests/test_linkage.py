"""What build files say of which files make one program, and that names keep to it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Builds, Files, calls, link, named, probed, shown, target, who
from sessionzero.facts import Target
from sessionzero.link.files.products import Product
from sessionzero.program import Program

# Two programs with a function of one name each, and a file that goes into both.
TWO: Files = {
    "common/report.h": "void report(void);\nvoid show(void);\n",
    "common/report.c": '#include "report.h"\nvoid report(void) { show(); }\n',
    "service/main.c": '#include "../common/report.h"\n'
    "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { report(); }\n",
    "service/show.c": "void show(void) { }\n",
    "tray/main.c": '#include "../common/report.h"\n'
    "int WINAPI wWinMain(HINSTANCE a, HINSTANCE b, LPWSTR c, int d) { report(); return 0; }\n",
    "tray/show.c": "void show(void) { }\n",
}
SEPARATE = {"ServiceMain": "service", "report": "both", "wWinMain": "by hand"}
SERVICE = target("service", "service/main.c", "service/show.c", "common/report.c")
TRAY = target("tray", "tray/main.c", "tray/show.c", "common/report.c")
LIBRARY = target("common", "common/report.c", kind="static")


def shows(program: Program) -> dict[str, str]:
    """Who runs each of the two functions called ``show``."""
    found = {}
    for unit in program.index.units:
        for name, words in who(program, unit.path).items():
            if name == "show":
                found[unit.path] = words
    return found


SPELLINGS: Mapping[str, Builds] = {
    "one-file": {"Makefile": [SERVICE, TRAY]},
    "projects-in-folders": {
        "service/service.vcxproj": [target("service", "main.c", "show.c", r"..\Common\Report.c")],
        "tray/tray.vcxproj": [target("tray", "main.c", "show.c", "../common/report.c")],
    },
    "globs": {
        "CMakeLists.txt": [
            target("service", "service/*.c", "common/**"),
            target("tray", "tray/**/*.c", "common/*.c"),
        ]
    },
    "library": {
        "CMakeLists.txt": [
            target("service", "service/main.c", "service/show.c", uses=("common",)),
            target("tray", "tray/main.c", "tray/show.c", uses=("libcommon.lib",)),
            LIBRARY,
        ]
    },
    "library-by-its-project": {
        "service/CMakeLists.txt": [
            target("service", "main.c", "show.c", uses=("../common/common.vcxproj",))
        ],
        "tray/CMakeLists.txt": [target("tray", "main.c", "show.c", uses=("common",))],
        "common/common.vcxproj": [target("common", "report.c", kind="static")],
    },
    "library-of-a-library": {
        "CMakeLists.txt": [
            target("service", "service/main.c", "service/show.c", uses=("outer",)),
            target("tray", "tray/main.c", "tray/show.c", uses=("outer",)),
            target("outer", "common/report.h", kind="static", uses=("common",)),
            LIBRARY,
        ]
    },
    "two-build-systems": {
        "CMakeLists.txt": [SERVICE, TRAY],
        "service/service.vcxproj": [target("Service", "main.c", "../common/report.c")],
    },
}


@pytest.mark.parametrize("builds", SPELLINGS.values(), ids=SPELLINGS)
def test_equal_names_of_two_programs_are_not_mixed(builds: Builds) -> None:
    program = link(TWO, builds=builds)
    assert {name: who(program)[name] for name in SEPARATE} == SEPARATE
    assert shows(program) == {"service/show.c": "service", "tray/show.c": "by hand"}


def test_program_that_the_service_starts_has_its_own_functions() -> None:
    start = TWO["service/main.c"].replace("report();", 'report(); WinExec("tray.exe", 0);')
    program = link({**TWO, "service/main.c": start}, builds=SPELLINGS["library"])
    assert set(shows(program).values()) == {"service", "both"}


def test_without_build_files_both_are_possible() -> None:
    assert set(shows(link(TWO)).values()) == {"both"}


def test_library_calls_the_function_of_each_program_that_uses_it() -> None:
    program = link(TWO, builds=SPELLINGS["library"])
    (site, _) = next(iter(calls(program, "show")))
    found = named(program.callees.of(site), program)
    assert found == "show@service/show.c, show@tray/show.c"


# A library that makes a service of the program it is linked with, if that asks it to.
LIBRARY_OF_A_SERVICE: Files = {
    "lib/service.h": "int run_service(void);\nvoid show(void);\n",
    "lib/service.c": '#include "service.h"\n'
    "void WINAPI ServiceMain(DWORD c, LPWSTR *v) { show(); }\n"
    'int run_service(void) { SERVICE_TABLE_ENTRYW t[] = {{L"s", ServiceMain}, {0, 0}};\n'
    "    return StartServiceCtrlDispatcherW(t); }\n",
    "server/main.c": '#include "../lib/service.h"\nvoid show(void) { }\n'
    "int main(void) { return run_service(); }\n",
    "tool/main.c": '#include "../lib/service.h"\nvoid show(void) { }\n'
    "int main(void) { show(); return 0; }\n",
}


def test_program_that_only_links_the_library_of_a_service_is_none() -> None:
    builds = {
        "CMakeLists.txt": [
            target("lib", "lib/service.c", kind="static"),
            target("tool", "tool/main.c", uses=("lib",)),
            target("server", "server/main.c", uses=("lib",)),
        ]
    }
    program = link(LIBRARY_OF_A_SERVICE, builds=builds)
    assert shows(program) == {"server/main.c": "service", "tool/main.c": "by hand"}


# --- gaps in build files ---

PLAIN: Files = {
    "names.h": "void show(void);\n",
    "main.c": '#include "names.h"\nvoid WINAPI ServiceMain(DWORD c, LPWSTR *v) { show(); }\n',
    "show.c": '#include "names.h"\nvoid show(void) { }\n',
    "tool.c": "int main(void) { return 0; }\n",
}
GAPS: Mapping[str, list[str]] = {
    "no-target-names-it": ["main.c"],
    "generated-list": ["main.c", "*.generated.c"],
    "no-source-at-all": [],
}


@pytest.mark.parametrize("sources", GAPS.values(), ids=GAPS)
@pytest.mark.parametrize("elsewhere", [(), ("show.c",)], ids=["unnamed", "another-program's"])
def test_gap_in_a_build_file_hides_no_plain_path(
    sources: list[str], elsewhere: tuple[str, ...]
) -> None:
    builds = {"Makefile": [target("service", *sources), target("tool", "tool.c", *elsewhere)]}
    assert who(link(PLAIN, builds=builds))["show"] == "service"


def test_two_definitions_in_other_programs_only_are_left_open() -> None:
    files = {**PLAIN, "other/show.c": PLAIN["show.c"], "other/main.c": PLAIN["tool.c"]}
    builds = {
        "Makefile": [
            target("service", "main.c"),
            target("tool", "tool.c", "show.c"),
            target("other", "other/main.c", "other/show.c"),
        ]
    }
    program = link(files, builds=builds)
    assert named(program.callees.of(next(calls(program, "show"))[0]), program) == ""


# --- values ---


def test_constant_of_another_program_is_none_of_ours() -> None:
    files = {
        "names.h": "extern const wchar_t *ready;\n",
        "a/names.c": 'const wchar_t *ready = L"A";\n',
        "b/names.c": 'const wchar_t *ready = L"B";\n',
        "a/main.c": '#include "../names.h"\nint main(void) { probe(ready); }\n',
    }
    builds = {"Makefile": [target("a", "a/*.c"), target("b", "b/*.c")]}
    program = link(files, builds=builds)
    assert shown(probed(program)) == "A"


# --- headers ---

HEADERS: Files = {
    "src/main.c": '#include "names.h"\nint main(void) { probe(READY); }\n',
    "port/unix/names.h": '#define READY L"unix"\n',
    "port/win32/names.h": '#define READY L"win32"\n',
}
SEARCHES: Mapping[str, tuple[Files, list[Target], str]] = {
    "no-build-file": ({}, [], "win32"),
    "searched-folder": ({}, [target("a", "src/main.c", includes=("port/win32",))], "win32"),
    "order-of-folders": (
        {},
        [target("a", "src/main.c", includes=("lib", r".\Port\Win32", "port/unix"))],
        "win32",
    ),
    "list-of-files": (
        {},
        [target("", "src/main.c", kind="objects", includes=("port/win32",))],
        "win32",
    ),
    "beside-the-file-first": (
        {"src/names.h": '#define READY L"beside"\n'},
        [target("a", "src/main.c", includes=("port/win32",))],
        "beside",
    ),
    "up-and-down-again": (
        {
            "src/main.c": HEADERS["src/main.c"].replace("names.h", "../port/names.h"),
            "src/port/names.h": '#define READY L"below"\n',
            "port/names.h": '#define READY L"above"\n',
        },
        [],
        "above",
    ),
    "programs-that-disagree": (
        {},
        [
            target("a", "src/main.c", includes=("port/win32",)),
            target("b", "src/main.c", includes=("port/unix",)),
        ],
        "win32",
    ),
    "with-a-folder-in-the-name": (
        {"src/main.c": HEADERS["src/main.c"].replace("names.h", "win32/names.h")},
        [target("a", "src/main.c", includes=("port",))],
        "win32",
    ),
}


@pytest.mark.parametrize(("more", "targets", "expected"), SEARCHES.values(), ids=SEARCHES)
def test_header_is_searched_where_the_build_file_says(
    more: Files, targets: list[Target], expected: str
) -> None:
    assert shown(probed(link({**HEADERS, **more}, builds={"Makefile": targets}))) == expected


# --- products ---


def products(builds: Builds, *paths: str) -> dict[str, Product]:
    """The products by name, of files that hold nothing."""
    program = link(dict.fromkeys(paths, ""), builds=builds)
    return {product.name: product for product in program.linkage.products}


def test_one_product_of_two_build_systems_has_the_sources_of_both() -> None:
    found = products(
        {"CMakeLists.txt": [target("a", "x.c", "y.c")], "a.vcxproj": [target("A", "x.c", "z.c")]},
        *("x.c", "y.c", "z.c"),
    )
    assert [(name, len(it.sources), len(it.where)) for name, it in found.items()] == [("a", 3, 2)]


def test_programs_of_one_name_that_share_nothing_are_two() -> None:
    program = link(
        {"x/t.c": "", "y/t.c": ""},
        builds={"x/Makefile": [target("t", "t.c")], "y/Makefile": [target("t", "t.c")]},
    )
    assert [len(product.sources) for product in program.linkage.products] == [1, 1]


def test_product_without_a_source_of_the_run_is_none() -> None:
    assert products({"Makefile": [target("a", "gone.c", "../../up.c")]}, "x.c") == {}


def test_brackets_and_stars_of_a_glob_stay_in_their_folder() -> None:
    found = products({"sub/Makefile": [target("a", "[xy].c", "n*")]}, "sub/x.c", "sub/n/z.c", "x.c")
    assert len(found["a"].sources) == 1


START = "int main(void) { return 0; }"


@pytest.mark.parametrize(
    ("third", "expected"), [("", [3]), (START, [1, 1, 1])], ids=["one-start", "two-starts"]
)
def test_program_without_a_start_is_that_of_its_name_which_has_one(
    third: str, expected: list[int]
) -> None:
    builds = {
        "Makefile": [target("agent", "win/pipe.c")],  # and what another makefile adds
        "build/CMakeLists.txt": [target("agent", "../main.c")],
        "old/Makefile": [target("agent", "more.c")],
    }
    files = {"main.c": START, "win/pipe.c": "void f(void) {}", "old/more.c": third}
    program = link(files, builds=builds)
    assert [len(product.sources) for product in program.linkage.products] == expected
