"""Build files say which sources make which program; what they don't say is never made up."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from commands import SERVICE, call, write
from sessionzero import frontends
from sessionzero.engine import Options, check_paths
from sessionzero.facts import FileFacts, Target
from sessionzero.sources.files import language_of
from test_gate import wanted


def read(name: str, text: str) -> FileFacts:
    """The facts of a build file."""
    assert language_of(name) == "build"
    return frontends.extract(dedent(text), "build", f"some/folder/{name}")


def made(name: str, text: str) -> list[str]:
    """Its targets in words; a file that has problems makes a test fail."""
    facts = read(name, text)
    assert facts.problems == ()
    return [shown(target) for target in facts.targets if not is_of_others(target)]


def is_of_others(target: Target) -> bool:
    """True for what only says what targets of other files may get."""
    return target.kind == "objects" and not target.name and not target.sources


def shown(target: Target) -> str:
    """``program agent (windows): a.c b.c; uses net; -DX; -Iinc``, what is empty left out."""
    subsystem = f" ({target.subsystem})" if target.subsystem else ""
    parts = [
        f"{target.kind} {target.name}{subsystem}: {' '.join(target.sources)}",
        f"uses {' '.join(target.uses)}" if target.uses else "",
        " ".join(f"-D{define}" for define in target.defines),
        " ".join(f"-I{folder}" for folder in target.includes),
    ]
    return "; ".join(filter(None, parts))


# --- names ---


@pytest.mark.parametrize(
    "name",
    [
        *("a.vcxproj", "A.VCPROJ", "CMakeLists.txt", "cmakelists.TXT", "x.cmake", "Makefile"),
        *("makefile", "GNUmakefile", "NTMakefile", "Makefile.am", "Makefile.in", "Makefile.vc"),
        *("x.mak", "x.mk", "meson.build", "compile_commands.json", "x.spec", "pyproject.toml"),
        "setup.cfg",
    ],
)
def test_name_of_a_build_file(name: str) -> None:
    assert language_of(name) == "build"


@pytest.mark.parametrize(
    "name",
    [
        *("a.vcxproj.filters", "a.vcxproj.user", "config.h.cmake", "config.h.in.cmake", "a.sln"),
        *("Makefile.PL", "CMakeCache.txt", "package.json", "other.toml", "tox.cfg", ".mk"),
        "README.cmake",
    ],
)
def test_name_that_is_no_build_file(name: str) -> None:
    assert language_of(name) != "build"


# --- Visual Studio ---

VCXPROJ = """\
<?xml version="1.0" encoding="utf-8"?>
<Project DefaultTargets="Build" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <ItemGroup Label="ProjectConfigurations">
    <ProjectConfiguration Include="Debug|x64" /><ProjectConfiguration Include="Release|x64" />
  </ItemGroup>
  <PropertyGroup><ConfigurationType>{kind}</ConfigurationType>{properties}</PropertyGroup>
  <ItemDefinitionGroup Condition="'$(Configuration)|$(Platform)'=='Debug|x64'">
    <ClCompile><PreprocessorDefinitions>AGENT;_DEBUG;%(PreprocessorDefinitions)</PreprocessorDefinitions></ClCompile>
    <Link><SubSystem>{debug}</SubSystem></Link>
  </ItemDefinitionGroup>
  <ItemDefinitionGroup Condition="'$(Configuration)|$(Platform)'=='Release|x64'">
    <ClCompile><PreprocessorDefinitions>NDEBUG;AGENT</PreprocessorDefinitions></ClCompile>
    <Link><SubSystem>Windows</SubSystem></Link>
  </ItemDefinitionGroup>
  <ItemGroup>{items}</ItemGroup>
</Project>
"""


def vcxproj(
    items: str, *, kind: str = "Application", properties: str = "", debug: str = "Windows"
) -> list[str]:
    text = VCXPROJ.format(items=items, kind=kind, properties=properties, debug=debug)
    return made("Agent.vcxproj", text)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Application", "program Agent (windows): ; -DAGENT"),
        ("DynamicLibrary", "shared Agent (windows): ; -DAGENT"),
        ("StaticLibrary", "static Agent (windows): ; -DAGENT"),
    ],
)
def test_vcxproj_kind(kind: str, expected: str) -> None:
    assert vcxproj("", kind=kind) == [expected]


@pytest.mark.parametrize("kind", ["Makefile", "Utility"])
def test_vcxproj_that_compiles_nothing_makes_nothing(kind: str) -> None:
    assert vcxproj("", kind=kind) == []


@pytest.mark.parametrize(
    ("items", "sources"),
    [
        (r'<ClCompile Include="src\main.cpp" /><ClInclude Include="..\net\pipe.h" />', "src/main.cpp ../net/pipe.h"),
        ('<ClCompile Include="a.c;b.c" /><ResourceCompile Include="x.rc" />', "a.c b.c x.rc"),
        (r'<ClCompile Include="src\**\*.cpp" />', "src/**/*.cpp"),
        ('<None Include="a.c" /><Text Include="b.txt" /><ClCompile Include="c.asm" />', ""),
        (r'<ClCompile Include="$(ProjectDir)a.c" /><ClCompile Include="$(MSBuildThisFileDirectory)\b.c" />', "a.c b.c"),
        (r'<ClCompile Include="$(SolutionDir)common\log.c" />', "/common/log.c"),
        (r'<ClCompile Include="$(Sdk)\samples\log\log.c" />', "/**/samples/log/log.c"),
        (r'<ClCompile Include="$(Agent-Src)\agent\main.c" />', "/**/agent/main.c"),
        (r'<ClCompile Include="$(Sdk)\main.c" /><ClCompile Include="$(Name).c" />', ""),
        (r'<ClCompile Include="C:\sdk\a.c" /><ClCompile Include="/usr/a.c" />', ""),
        (r'<ClCompile Include="$(Shared)\a.c" />', "../shared/a.c"),
        ('<ClCompile Include="a.c"><ExcludedFromBuild>true</ExcludedFromBuild></ClCompile>', ""),
        (
            '<ClCompile Include="a.c">'
            "<ExcludedFromBuild Condition=\"'$(Configuration)'=='Debug'\">true</ExcludedFromBuild>"
            "<ExcludedFromBuild Condition=\"'$(Configuration)'=='Release'\">true</ExcludedFromBuild>"
            "</ClCompile>",
            "",
        ),
        (
            '<ClCompile Include="a.c">'
            "<ExcludedFromBuild Condition=\"'$(Configuration)'=='Debug'\">true</ExcludedFromBuild>"
            "</ClCompile>",
            "a.c",
        ),
    ],
    ids=["slashes", "list", "wildcard", "others", "here", "above", "unknown-folder", "hyphen", "too-little",
         "absolute", "property", "excluded", "excluded-everywhere", "excluded-once"],
)  # fmt: skip
def test_vcxproj_sources(items: str, sources: str) -> None:
    properties = r"<Shared>..\shared</Shared>"
    assert vcxproj(items, properties=properties) == [f"program Agent (windows): {sources}; -DAGENT"]


def test_vcxproj_subsystem_that_configurations_dispute_is_unknown() -> None:
    assert vcxproj("", debug="Console") == ["program Agent: ; -DAGENT"]


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ("<ProjectName>svc</ProjectName>", "svc"),
        ("<ProjectName>svc</ProjectName><TargetName>$(ProjectName)64</TargetName>", "svc64"),
        ("<TargetName>$(Vendor)</TargetName>", "Agent"),
        ("<TargetName Condition=\"'$(Configuration)'=='Debug'\">d</TargetName><TargetName Condition=\"'$(Configuration)'=='Release'\">r</TargetName>", "r"),
    ],
)  # fmt: skip
def test_vcxproj_name(properties: str, name: str) -> None:
    assert vcxproj("", properties=properties) == [f"program {name} (windows): ; -DAGENT"]


def test_vcxproj_references_character_set_and_libraries() -> None:
    found = made(
        "svc.vcxproj",
        r"""
        <Project>
          <PropertyGroup><ConfigurationType>Application</ConfigurationType>
            <CharacterSet>Unicode</CharacterSet></PropertyGroup>
          <ItemDefinitionGroup>
            <ClCompile><AdditionalIncludeDirectories>..\inc;$(Sdk)\inc;%(AdditionalIncludeDirectories)</AdditionalIncludeDirectories></ClCompile>
            <Link><AdditionalDependencies>..\lib\net.lib;ws2_32.lib;%(AdditionalDependencies)</AdditionalDependencies></Link>
          </ItemDefinitionGroup>
          <ItemGroup><ProjectReference Include="..\util\util.vcxproj"><Project>{1}</Project></ProjectReference></ItemGroup>
        </Project>
        """.strip(),
    )
    assert found == [
        "program svc: ; uses ../util/util.vcxproj net ws2_32; -DUNICODE -D_UNICODE; -I../inc"
    ]


def test_vcproj() -> None:
    found = made(
        "old.vcproj",
        r"""<?xml version="1.0" encoding="Windows-1252"?>
        <VisualStudioProject ProjectType="Visual C++" Name="Tray">
          <Configurations>
            <Configuration Name="Debug|Win32" ConfigurationType="1" CharacterSet="2">
              <Tool Name="VCCLCompilerTool" AdditionalIncludeDirectories="inc,..\lib" PreprocessorDefinitions="TRAY;_DEBUG"/>
              <Tool Name="VCLinkerTool" SubSystem="2" OutputFile="$(OutDir)\tray_d.exe" AdditionalDependencies="net.lib user32.lib"/>
            </Configuration>
            <Configuration Name="Release|Win32" ConfigurationType="1">
              <Tool Name="VCCLCompilerTool" PreprocessorDefinitions="TRAY"/>
              <Tool Name="VCLinkerTool" SubSystem="2" OutputFile="$(OutDir)\tray.exe"/>
            </Configuration>
          </Configurations>
          <References><ProjectReference RelativePathToProject=".\net\net.vcproj"/></References>
          <Files><Filter Name="src">
            <File RelativePath=".\main.cpp"><FileConfiguration Name="Debug|Win32"><Tool Name="VCCLCompilerTool" PreprocessorDefinitions="ONLY_HERE"/></FileConfiguration></File>
            <File RelativePath="gone.cpp">
              <FileConfiguration Name="Debug|Win32" ExcludedFromBuild="TRUE"/>
              <FileConfiguration Name="Release|Win32" ExcludedFromBuild="true"/>
            </File>
            <File RelativePath="readme.txt"/>
          </Filter></Files>
        </VisualStudioProject>""",
    )
    assert found == [
        "program tray (windows): main.cpp; uses net/net.vcproj net user32; -DTRAY; -Iinc -I../lib"
    ]


# --- CMake ---

CMAKE = {
    "program": ("add_executable(agent main.c pipe.h readme.md)", "program agent (console): main.c pipe.h"),
    "win32": ("add_executable(tray WIN32 tray.cpp)", "program tray (windows): tray.cpp"),
    "libraries": (
        "add_library(a SHARED a.c)\nadd_library(b STATIC b.c)\nadd_library(c MODULE c.c)\nadd_library(d OBJECT d.c)\nadd_library(e e.c)",
        "shared a: a.c\nstatic b: b.c\nshared c: c.c\nobjects d: d.c\nstatic e: e.c",
    ),
    "imported": ("add_library(z SHARED IMPORTED)\nadd_executable(tool IMPORTED)", ""),
    "alias": ("add_library(net n.c)\nadd_library(x::net ALIAS net)\nadd_executable(a a.c)\ntarget_link_libraries(a x::net)",
              "static net: n.c\nstatic x::net: ; uses net\nprogram a (console): a.c; uses net"),
    "objects": ("add_executable(a a.c $<TARGET_OBJECTS:common>)", "program a (console): a.c; uses common"),
    "variables": ("set(SRCS a.c)\nlist(APPEND SRCS b.c c.c)\nlist(REMOVE_ITEM SRCS b.c)\nset(NAME agent)\nadd_executable(${NAME}d ${SRCS})",
                  "program agentd (console): a.c c.c"),
    "nested-variables": ("set(K X)\nset(SRC_X a.c)\nadd_executable(a ${SRC_${K}})", "program a (console): a.c"),
    "list-in-quotes": ('set(S "a.c;b.c")\nadd_executable(a ${S})', "program a (console): a.c b.c"),
    "here": ("add_executable(a ${CMAKE_CURRENT_SOURCE_DIR}/a.c ${CMAKE_CURRENT_LIST_DIR}/../b.c)", "program a (console): a.c ../b.c"),
    "above": ("add_executable(a ${CMAKE_SOURCE_DIR}/x/a.c ${PROJECT_SOURCE_DIR}/b.c)", "program a (console): /x/a.c /b.c"),
    "project-name": ("project(svc C)\nadd_executable(${PROJECT_NAME} a.c)", "program svc (console): a.c"),
    "unknown": ("add_executable(${PREFIX}-daemon ${PREFIX}-daemon.c ${X}/main.c ${X}/io/pipe.c ${GENERATED} ${X}.c)",
                "program daemon (console): *-daemon.c /**/io/pipe.c"),
    "unknown-names-apart": ("add_executable(${A} a.c)\nadd_executable(${B} b.c)\ntarget_sources(${A} PRIVATE c.c)",
                            "program  (console): a.c c.c\nprogram  (console): b.c"),
    "target-commands": (
        "add_executable(a a.c)\ntarget_sources(a PRIVATE b.c)\ntarget_link_libraries(a PRIVATE net ws2_32.lib -luser32 $<$<BOOL:x>:y>)\n"
        "target_compile_definitions(a PUBLIC A -DB=1 $<$<CONFIG:Debug>:C>)\ntarget_include_directories(a PRIVATE inc $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/gen>)",
        "program a (console): a.c b.c; uses net ws2_32 user32 y; -DA -DB=1; -Iinc -Igen",
    ),
    "expressions": (
        "add_executable(a a.c $<$<BOOL:${WIN32}>:w.c> $<$<NOT:$<BOOL:${WIN32}>>:u.c> $<$<CONFIG:Debug>:d.c> $<IF:$<PLATFORM_ID:Windows>,x.c,y.c> $<TARGET_FILE:z>.c)\n"
        "target_link_libraries(a $<$<AND:$<BOOL:${WIN32}>,$<NOT:$<PLATFORM_ID:Linux,Darwin>>>:win_service> $<$<OR:$<BOOL:${UNIX}>,0>:dbus> $<$<BOOL:${WITH_GUI}>:gui>)",
        "program a (console): a.c w.c d.c x.c; uses win_service gui",
    ),
    "lists-in-expressions": ("set(W v.c w.c)\nadd_executable(a $<$<PLATFORM_ID:Windows>:${W}> $<$<BOOL:${APPLE}>:m.c;n.c> z.c)", "program a (console): v.c w.c z.c"),
    "expressions-not-closed": ("add_executable(a a.c $<$<BOOL:1>:b.c)", "program a (console): a.c"),
    "of-all": ("include_directories(inc)\nadd_definitions(-DX -W)\nadd_compile_definitions(Y)\nadd_executable(a a.c)\nadd_library(b b.c)",
               "program a (console): a.c; -DX -DY; -Iinc\nstatic b: b.c; -DX -DY; -Iinc"),
    "of-others": ("target_sources(elsewhere PRIVATE a.c)", ""),
    "properties": ("add_executable(a a.c)\nset_target_properties(a PROPERTIES OUTPUT_NAME agent WIN32_EXECUTABLE ON)", "program agent (windows): a.c"),
    "property": ("add_executable(a a.c)\nset_property(TARGET a PROPERTY WIN32_EXECUTABLE TRUE)", "program a (windows): a.c"),
    "library-keeps-its-name": ("add_library(net n.c)\nset_target_properties(net PROPERTIES OUTPUT_NAME acme-net)", "static net: n.c"),
    "linker-flags": ('add_executable(a a.c)\nset_target_properties(a PROPERTIES LINK_FLAGS_RELEASE "/SUBSYSTEM:WINDOWS,6.0")', "program a (windows): a.c"),
    "link-options": ("add_executable(a a.c)\ntarget_link_options(a PRIVATE -mwindows)", "program a (windows): a.c"),
    "windows": ("if(WIN32)\nadd_executable(a w.c)\nelse()\nadd_executable(a u.c)\nendif()", "program a (console): w.c"),
    "unix": ("if(UNIX AND NOT APPLE)\nset(S u.c)\nelseif(CMAKE_SYSTEM_NAME STREQUAL \"Windows\")\nset(S w.c)\nendif()\nadd_executable(a ${S})",
             "program a (console): w.c"),
    "parentheses": ("if(NOT (APPLE OR UNIX) AND WIN32)\nadd_executable(a a.c)\nendif()", "program a (console): a.c"),
    "perhaps": ("set(S a.c)\nif(WITH_GUI)\nlist(APPEND S g.c)\nelse()\nlist(APPEND S c.c)\nendif()\nadd_executable(a ${S})",
                "program a (console): a.c g.c c.c"),
    "perhaps-twice": ("if(QT6)\nadd_executable(a six.c)\nelse()\nadd_executable(a five.c)\nendif()", "program a (console): six.c five.c"),
    "glob": ("file(GLOB S CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} src/*.cpp ui/*.ui)\nadd_executable(a ${S})", "program a (console): src/*.cpp"),
    "glob-recurse": ("file(GLOB_RECURSE S ${CMAKE_CURRENT_SOURCE_DIR}/src/*.c)\nadd_executable(a ${S})", "program a (console): src/**/*.c"),
    "glob-of-kinds": ("file(GLOB S src/*.[ch])\nadd_executable(a ${S})", "program a (console): src/*.c src/*.h"),
    "foreach": ("foreach(t one two)\nadd_executable(${t} ${t}.c)\nendforeach()", "program one (console): one.c\nprogram two (console): two.c"),
    "foreach-lists": ("set(L x y)\nset(S)\nforeach(t IN LISTS L ITEMS z)\nlist(APPEND S ${t}.c)\nendforeach()\nadd_executable(a ${S})", "program a (console): x.c y.c z.c"),
    "foreach-with-a-text": ("set(T)\nforeach(i " + " ".join(f"module_{n}" for n in range(200)) + ")\nif(WITH_${i})\nset(T \"${T}Load ${i} from a folder\\n\")\nelseif(PERHAPS_${i})\nset(T \"${T}# Load ${i}\\n\")\nendif()\nendforeach()\nadd_executable(a a.c)", "program a (console): a.c"),
    "function": ("function(make_it name)\nadd_executable(${name} WIN32 ${ARGN})\nendfunction()\nmake_it(a a.c b.c)", "program a (windows): a.c b.c"),
    "function-scope": ("function(f)\nset(X a.c)\nset(Y b.c PARENT_SCOPE)\nendfunction()\nf()\nadd_executable(a ${X} ${Y})", "program a (console): b.c"),
    "macro-scope": ("macro(f v)\nset(${v} a.c)\nendmacro()\nf(S)\nadd_executable(a ${S})", "program a (console): a.c"),
    "function-keywords": (
        'function(tool)\ncmake_parse_arguments(T "GUI" "NAME" "SOURCES;LIBS" ${ARGN})\nadd_executable(${T_NAME} ${T_SOURCES})\ntarget_link_libraries(${T_NAME} ${T_LIBS})\nendfunction()\n'
        "tool(NAME a GUI SOURCES a.c b.c LIBS net)",
        "program a (console): a.c b.c; uses net",
    ),
    "wrapper-of-elsewhere": ("qt_add_executable(gui WIN32 main.cpp)\nbuild_acme_plugin(p SOURCES p.cpp)\ncreate_test(NAME t SOURCE t.cpp)\nadd_acme_library(l l.cpp)",
                             "program gui (windows): main.cpp\nshared p: p.cpp\nprogram t: t.cpp\nstatic l: l.cpp"),
    "not-a-wrapper": ("add_test(NAME t COMMAND run)\nsource_group(x FILES a.c)\nset_source_files_properties(a.c PROPERTIES X 1)\ninstall_executable(a a.c)", ""),
    "return": ("if(NOT WIN32)\nreturn()\nendif()\nadd_executable(a a.c)\nreturn()\nadd_executable(b b.c)", "program a (console): a.c"),
    "perhaps-return": ("if(NO_TOOLS)\nreturn()\nendif()\nadd_executable(a a.c)", "program a (console): a.c"),
    "comments": ("# add_executable(x x.c)\n#[[ add_executable(y y.c) ]] add_executable(a # the agent\n a.c)\nset(X [=[a ]] b]=])", "program a (console): a.c"),
    "escapes": (r'set(X "a\;b \"q\"")' + "\nadd_executable(a a\\ b.c)", "program a (console): a b.c"),
}  # fmt: skip


@pytest.mark.parametrize("case", CMAKE)
def test_cmake(case: str) -> None:
    text, expected = CMAKE[case]
    assert "\n".join(made("CMakeLists.txt", text)) == expected


def test_cmake_that_is_included_counts_from_a_folder_above_too() -> None:
    found = made("tools.cmake", "add_executable(a src/a.c ../b.c)")
    assert found == ["program a (console): /src/a.c ../b.c"]


# --- make ---

AUTOMAKE = {
    "program": ("bin_PROGRAMS = agent\nagent_SOURCES = a.c \\\n\tb.c a.h\n", "program agent: a.c b.c a.h"),
    "default-source": ("sbin_PROGRAMS = agent$(EXEEXT)\n", "program agent: agent.c"),
    "canonical-name": ("bin_PROGRAMS = my-agent.bin\nmy_agent_bin_SOURCES = a.c\n", "program my-agent.bin: a.c"),
    "libraries": (
        "noinst_LTLIBRARIES = libu.la\nlibu_la_SOURCES = u.c\npkglib_LTLIBRARIES = p.la\np_la_LDFLAGS = -module\np_la_SOURCES = p.c\nlib_LIBRARIES = libs.a\nlibs_a_SOURCES = s.c\n",
        "static libu: u.c\nshared p: p.c\nstatic libs: s.c",
    ),
    "uses": ("bin_PROGRAMS = a\na_SOURCES = a.c\na_LDADD = ../u/libu.la $(top_builddir)/x/libx.a -lws2_32 @LIBS@\n", "program a: a.c; uses libu libx libws2_32"),
    "uses-of-all": ("bin_PROGRAMS = a\nLDADD = libu.la\n", "program a: a.c; uses libu"),
    "flags": ("AM_CPPFLAGS = -DALL -I$(top_srcdir)/include -I$(srcdir)\nbin_PROGRAMS = a b\nb_CPPFLAGS = -DB\na_LDFLAGS = -mwindows\n",
              "program a (windows): a.c; -DALL; -I/include -I.\nprogram b: b.c; -DB"),
    "windows": ("bin_PROGRAMS =\nif WIN32\nbin_PROGRAMS += svc\nelse\nbin_PROGRAMS += daemon\nendif\n", "program svc: svc.c"),
    "not-windows": ("bin_PROGRAMS = a\na_SOURCES = a.c\nif !HAVE_WINDOWS\na_SOURCES += unix.c\nendif\n", "program a: a.c"),
    "perhaps": ("bin_PROGRAMS = a\na_SOURCES = a.c\nif WITH_SSL\na_SOURCES += ssl.c\nelse\na_SOURCES += nossl.c\nendif\n", "program a: a.c ssl.c nossl.c"),
    "substituted": ("bin_PROGRAMS = @MORE@ a\na_SOURCES = $(COMMON) a.c\nCOMMON = c.c\n", "program a: c.c a.c"),
    "not-installed": ("EXTRA_PROGRAMS = a\na_SOURCES = a.c\n", "program a: a.c"),
}  # fmt: skip


@pytest.mark.parametrize("case", AUTOMAKE)
def test_automake(case: str) -> None:
    text, expected = AUTOMAKE[case]
    assert "\n".join(made("Makefile.am", text)) == expected


MAKE = {
    "tabs-behind-a-variable": ("all: x\n\tx\nO = a.o\nifdef WITH_B\n\tO += b.o\nelse\n\tifdef WITH_C\n\tO += c.o\n\tendif\nendif\nu.exe: $(O)\na.o: a.c\nb.o: b.c\nc.o: c.c\n", "program u: a.c b.c c.c"),
    "tabs-in-a-recipe": ("O = a.o\nu.exe: $(O)\n\tO = b.o\nifdef V\n\tO = c.o\nendif\na.o: a.c\n", "program u: a.c"),
    "lists-in-capitals": ("FUZZ_PROGRAMS = fuzz\nliba.a: a.o\n\t$(AR) $@ $^\n", "static liba: a.c a.cc a.cpp a.cxx"),
    "objects": ("agent.exe: a.o b.obj\n\tgcc -o $@ $^\na.o: a.c a.h\nb.obj: src/b.cpp\n", "program agent: a.c src/b.cpp"),
    "guessed": ("agent.exe: a.o\n", "program agent: a.c a.cc a.cpp a.cxx"),
    "substitution": ("SRCS := a.c x/b.cpp\nOBJS = $(SRCS:.c=.o)\nOBJS := $(patsubst %.cpp,obj/%.o,$(OBJS))\nagent.exe: $(OBJS)\n", "program agent: a.c x/b.cpp"),
    "wildcards": ("A := $(wildcard a/*.c)\nB := $(wildcard b/*.c)\na.exe: $(A:.c=.o)\nb.exe: $(B:.c=.o)\n", "program a: a/*.c\nprogram b: b/*.c"),
    "names-of-two-folders": ("A = a/main.c\nB = b/main.c\na.exe: a/main.o\nb.exe: $(OUT)/b/main.o\n", "program a: a/main.c\nprogram b: a/main.c b/main.c"),
    "append": ("S = a.c\nS += b.c\nO = $(addprefix out/,$(notdir $(S:.c=.o)))\nagent.exe: $(O)\n", "program agent: a.c b.c"),
    "kinds": ("a.dll: a.c\nliba.a: b.c\nc.lib: c.c\n", "shared a: a.c\nstatic liba: b.c\nstatic c: c.c"),
    "uses": ("a.exe: a.c ../u/libu.a\n\t$(CC) -o $@ a.c -lws2_32 -mwindows\n", "program a (windows): a.c; uses libu libws2_32"),
    "flags": ("CFLAGS = -DX=1 -I inc\na.exe: a.c\n", "program a: a.c; -DX=1; -Iinc"),
    "no-suffix": ("agent: a.o\n\t$(CC) -o $@ a.o\na.o: a.c\n", "program agent: a.c"),
    "no-program": ("all: a.o\nclean:\n\trm a.o\n.PHONY: x.o\n%.exe: %.o\na.o: a.c\n\tcc -o a.o a.c\n", ""),
    "windows": ("ifeq ($(OS),Windows_NT)\nS = w.c\nelse\nS = u.c\nendif\na.exe: $(S)\n", "program a: w.c"),
    "not-windows": ("ifneq ($(OS),Windows_NT)\nS = u.c\nelse\nS = w.c\nendif\na.exe: $(S)\n", "program a: w.c"),
    "nmake": (
        "!IF \"$(CFG)\" == \"\"\nCFG = rel\n!ENDIF\n!INCLUDE <common.mak>\nLFLAGS = $(LFLAGS) /SUBSYSTEM:WINDOWS\nOUT = .\\$(CFG)\nOBJS = $(OUT)\\a.obj \\\n  $(OUT)\\B.obj\n"
        "$(OUT)\\tray.exe : $(OBJS)\n\t$(LINK) $(LFLAGS) $(OBJS) ..\\u\\u.lib /OUT:$@\n{src}.c{$(OUT)}.obj:\n\t$(CC) $<\na.obj : \"src\\a.c\"\nb.obj: src\\b.c\n",
        "program tray (windows): src/a.c src/b.c; uses u",
    ),
    "nmake-inference": ("{..\\src}.c{$(OUT)}.obj:\n\t$(CC) $<\n$(OUT)\\svc.exe: $(OUT)\\svc.obj\n", "program svc: ../src/svc.c svc.c svc.cc svc.cpp svc.cxx"),
    "itself": ("A = $(A) a.o\nB = $(C)\nC = $(B)\na.exe: $(A) $(B)\na.o: a.c\n", "program a: a.c"),
    "generated": ("# Makefile.in generated by automake 1.16\nbin_PROGRAMS = a\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", MAKE)
def test_make(case: str) -> None:
    text, expected = MAKE[case]
    assert "\n".join(made("Makefile", text)) == expected


# --- Meson, compilation databases ---

MESON = {
    "program": ("executable('agent', 'a.c', ['b.c', 'readme.md'])", "program agent (console): a.c b.c"),
    "variables": ("src = files('a.c')\nsrc += ['b.c']\nexe = 'agent'\nexecutable(exe + 'd', src, sources: ['c.c'])", "program agentd (console): a.c b.c c.c"),
    "gui": ("executable('a', 'a.c', win_subsystem: 'windows,6.0')\nexecutable('b', 'b.c', gui_app: true)", "program a (windows): a.c\nprogram b (windows): b.c"),
    "libraries": (
        "u = static_library('u', 'u.c')\ns = shared_library('s', 's.c', link_with: u)\nlibrary('l', 'l.c')\nexecutable('a', 'a.c', link_with: [u, s], dependencies: declare_dependency(link_with: u))",
        "static u: u.c\nshared s: s.c; uses u\nshared l: l.c\nprogram a (console): a.c; uses u s",
    ),
    "windows": ("if host_machine.system() == 'windows'\n  s = 'w.c'\nelse\n  s = 'u.c'\nendif\nexecutable('a', s)", "program a (console): w.c"),
    "perhaps": ("s = ['a.c']\nif get_option('gui')\n  s += 'g.c'\nelse\n  s += 'n.c'\nendif\nexecutable('a', s)", "program a (console): a.c g.c n.c"),
    "flags": ("inc = include_directories('inc')\nadd_project_arguments('-DALL', language: 'c')\nexecutable('a', 'a.c', include_directories: inc, c_args: ['-DX'])",
              "program a (console): a.c; -Iinc"),
    "paths": ("executable('a', meson.current_source_dir() / 'x' / 'a.c', meson.project_source_root() / 'b.c')", "program a (console): x/a.c /b.c"),
    "unknown": ("executable(name, gen.process('x.y'), configure_file(input: 'c.in', output: 'c.c'))", "program  (console): "),
}  # fmt: skip


@pytest.mark.parametrize("case", MESON)
def test_meson(case: str) -> None:
    text, expected = MESON[case]
    assert "\n".join(made("meson.build", text)) == expected


def test_compile_commands_group_by_their_flags() -> None:
    database = [
        {
            "directory": "/home/x/p/build",
            "file": "../src/a.c",
            "command": 'cc -DX="a b" -I../inc -isystem /usr/include -c ../src/a.c',
        },
        {
            "directory": "/home/x/p/build",
            "file": "/home/x/p/src/b.c",
            "arguments": ["cc", "-DX=a b", "-I", "/home/x/p/inc", "b.c"],
        },
        {"directory": r"/home/x/p/build", "file": "../tray/t.c", "command": "cc t.c"},
    ]
    assert made("compile_commands.json", json.dumps(database)) == [
        "objects : /src/a.c /src/b.c; -DX=a b; -I/inc",
        "objects : /tray/t.c",
    ]


def test_compile_commands_of_windows() -> None:
    database = [
        {"directory": r"C:\p\out", "file": r"C:\p\src\a.c", "command": r'cl.exe /DX "/IC:\p\inc" a.c'}
    ]  # fmt: skip
    assert made("compile_commands.json", json.dumps(database)) == [
        "objects : /src/a.c; -DX; -I/inc"
    ]


# --- Python ---

PACKAGING = {
    "py2exe": (
        "from distutils.core import setup\nimport py2exe\nsetup(service=['agent.service'], console=['cli.py'], windows=[{'script': 'tray.pyw', 'dest_base': 'AcmeTray'}])",
        "program service (service): agent/service.py\nprogram cli (console): cli.py\nprogram AcmeTray (windows): tray.pyw",
    ),
    "py2exe-dicts": ("import py2exe\nsvc = {'modules': ['svc'], 'cmdline_style': 'pywin32'}\nopts = dict\nsetup(service=[svc])", "program svc (service): svc.py"),
    "options": ("from setuptools import setup\noptions = {'scripts': ['bin/a.py'], 'name': 'x'}\nsetup(**options)", "program a (console): bin/a.py"),
    "entry-points": (
        "from setuptools import setup\nsetup(entry_points={'console_scripts': ['agent = acme.cli:main'], 'gui_scripts': ['tray=acme.tray:main'], 'other': ['x = y:z']})",
        "program agent (console): acme/cli.py acme/cli/__init__.py src/acme/cli.py src/acme/cli/__init__.py\n"
        "program tray (windows): acme/tray.py acme/tray/__init__.py src/acme/tray.py src/acme/tray/__init__.py",
    ),
    "cx-freeze": (
        "from cx_Freeze import setup, Executable\nsetup(executables=[Executable('config.py', base='Win32Service', target_name='agent.exe'), Executable(script='t.py', base='Win32GUI'), Executable('c.py'), Executable('d.py', base=BASE)])",
        "program agent (service): config.py\nprogram t (windows): t.py\nprogram c (console): c.py\nprogram d: d.py",
    ),
    "unknown": ("import py2exe\nsetup(console=find(), windows=NAMES, **OPTIONS)", ""),
    "library": (
        "from setuptools import setup\nsetup(name='libx', packages=['libx', 'libx.win'], py_modules=['x'])",
        "shared libx: libx/*.py src/libx/*.py libx/win/*.py src/libx/win/*.py x.py src/x.py",
    ),
    "requirements": (
        "from setuptools import setup\nsetup(scripts=['a.py'], packages=['a'], install_requires=['libx[win]>=1.0', 'pywin32;os_name==\"nt\"'])",
        "program a (console): a.py; uses libx pywin32",
    ),
    "packages-unknown": ("from setuptools import setup, find_packages\nsetup(name='x', packages=find_packages())", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", PACKAGING)
def test_python_packaging(case: str) -> None:
    text, expected = PACKAGING[case]
    facts = frontends.extract(text, "python", "setup.py")
    assert "\n".join(shown(target) for target in facts.targets) == expected


def test_setup_function_of_a_program_packages_nothing() -> None:
    facts = frontends.extract("def f():\n    setup(scripts=['a.py'])\n", "python", "a.py")
    assert facts.targets == ()


def test_pyinstaller_spec() -> None:
    found = made(
        "agent.spec",
        """\
        a = Analysis(['src/agent.py', 'more.py'], pathex=[])
        pyz = PYZ(a.pure)
        exe = EXE(pyz, a.scripts, name='Agent', console=False)
        cli = EXE(pyz, a.scripts, name='agent-cli')
        """,
    )
    assert found == [
        "program Agent (windows): src/agent.py more.py",
        "program agent-cli (console): src/agent.py more.py",
    ]


def test_calls_of_a_spec_are_no_facts_of_a_program() -> None:
    assert read("a.spec", "a = Analysis(['x.py'])\nEXE(a.scripts)\n").calls == ()


def test_spec_of_rpm_makes_nothing() -> None:
    assert made("agent.spec", "Name: agent\n%description\nAn agent's `daemon`\n") == []


def test_pyproject() -> None:
    text = (
        '[project.scripts]\nagent = "acme:main"\n[project.gui-scripts]\ntray = "acme.tray:main"\n'
    )
    assert made("pyproject.toml", text) == [
        "program agent (console): acme.py acme/__init__.py src/acme.py src/acme/__init__.py",
        "program tray (windows): acme/tray.py acme/tray/__init__.py src/acme/tray.py src/acme/tray/__init__.py",
    ]


def test_setup_cfg() -> None:
    text = "[options.entry_points]\nconsole_scripts =\n    agent = acme.cli:main [extra]\n"
    (found,) = made("setup.cfg", text)
    assert found.startswith("program agent (console): acme/cli.py ")


# --- places ---


def test_places_are_bytes_of_the_text() -> None:
    text = "# Dienst für Ä\nadd_executable(a a.c)\n"
    (target,) = read("CMakeLists.txt", text).targets
    assert text.encode()[target.start : target.end] == b"add_executable(a a.c)"


# --- bad input ---

BAD = {
    "no-xml": ("a.vcxproj", "<Project>\n<a></b>", "line 2: not well-formed XML (mismatched tag)"),
    "empty-xml": ("a.vcproj", "", "line 1: not well-formed XML (no element found)"),
    "doctype": ("a.vcxproj", '<!DOCTYPE p [<!ENTITY a "b">]><Project>&a;</Project>', "line 1: a document type declaration"),
    "properties": (
        "a.vcxproj",
        "<Project><PropertyGroup><ConfigurationType>Application</ConfigurationType>"
        + "".join(f"<A{i}>$(A{i + 1})$(A{i + 1})</A{i}>" for i in range(60))
        + '</PropertyGroup><ItemGroup><ClCompile Include="$(A0).c"/></ItemGroup></Project>',
        "line 1: the properties expand to too much text",
    ),
    "parenthesis": ("CMakeLists.txt", "project(x)\nset(A b", "line 2: the parenthesis of `set` is never closed"),
    "quote": ("CMakeLists.txt", 'set(A\n"b)', "line 2: a quote is never closed"),
    "bracket": ("CMakeLists.txt", "set(A [[b)", "line 1: a bracket is never closed"),
    "no-command": ("CMakeLists.txt", "set(A b)\n%", "line 2: no command begins with `%`"),
    "block": ("CMakeLists.txt", "if(A)\nset(B c)", "line 1: the block of `if` is never closed"),
    "blocks": ("CMakeLists.txt", "if(A)\n" * 500 + "endif()\n" * 500, "nest too deeply"),
    "cmake-variables": (
        "CMakeLists.txt",
        "set(a x)\n" + 'set(a "${a}${a}")\n' * 50 + "add_executable(x ${a})",
        "the variables expand to too much text",
    ),
    "cmake-recursion": ("CMakeLists.txt", "macro(f)\nf()\nf()\nendmacro()\nf()", "nest too deeply"),
    "cmake-loops": ("CMakeLists.txt", "set(L a b c d e f g h)\n" + "foreach(x ${L})\n" * 9 + "set(y 1)\n" + "endforeach()\n" * 9, "run too often"),
    "make-variables": (
        "Makefile",
        "".join(f"a{i} = $(a{i + 1})$(a{i + 1})\n" for i in range(60)) + "a.exe: $(a0).o\n",
        "the variables expand to too much text",
    ),
    "make-conditions": ("Makefile", "ifdef A\n" * 500, "conditions nest too deeply"),
    "meson": ("meson.build", "executable('a',\n'b", "line 2: `'` does not belong here"),
    "meson-deep": ("meson.build", "a = " + "[" * 5000, "the expressions nest too deeply"),
    "meson-lists": ("meson.build", "a = ['x.c']\n" + "a += a\n" * 60, "the variables expand to too much text"),
    "database": ("compile_commands.json", '{"file": 1}', "line 1: no compilation database"),
    "database-deep": ("compile_commands.json", "[" * 100_000, "no compilation database"),
    "toml": ("pyproject.toml", "[project]\nname = =", "line 2: not valid TOML"),
    "toml-number": ("pyproject.toml", "a = " + "9" * 5000, "not valid TOML"),
    "toml-deep": ("pyproject.toml", "a = " + "[" * 5000, "not valid TOML"),
    "toml-dots": ("pyproject.toml", "a" + ".a" * 5000 + " = 1", "a line holds too many dots"),
    "ini": ("setup.cfg", "hello", "line 1: no valid configuration file"),
    "spec": ("a.spec", "a = Analysis([)\n", "line 1: not valid Python"),
    "huge": ("Makefile", "# x\n" * 600_000, "no build file is that long"),
    "many": ("Makefile.am", "bin_PROGRAMS = a\na_SOURCES = " + " ".join(f"{i}.c" for i in range(60_000)), "the targets name too many files"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_build_file_gives_one_problem_that_says_what_is_wrong(case: str) -> None:
    name, text, expected = BAD[case]
    (problem,) = read(name, text).problems
    assert expected in problem.message
    assert problem.message.startswith("line ")


def test_template_that_ends_in_cmake_is_no_build_file() -> None:
    assert not read("agent.service.cmake", "# of systemd\n[Unit]\nDescription=@NAME@\n").problems
    assert read("agent.cmake", "set(A b)\n[Unit]\n").problems


def test_targets_before_a_fault_are_kept() -> None:
    facts = read("CMakeLists.txt", "add_executable(a a.c)\nset(X")
    assert [shown(target) for target in facts.targets] == ["program a (console): a.c"]
    assert len(facts.problems) == 1


@pytest.mark.parametrize(
    "name",
    ["a.vcxproj", "CMakeLists.txt", "Makefile", "meson.build", "pyproject.toml", "setup.cfg"],
)
@pytest.mark.parametrize("text", ["\\", "$(", "${", "(" * 5000, "'\"", "\ud800", "@a", "[[", "\0"])
def test_scraps_raise_nothing(name: str, text: str) -> None:
    assert read(name, text).targets == ()


# --- runs ---

PROJECT = VCXPROJ.format(
    items='<ClCompile Include="svc.c" />', kind="Application", properties="", debug="Windows"
)


def test_gate_passes_build_files_only_with_sources() -> None:
    build = {"CMakeLists.txt": "add_executable(a a.c)", "a.spec": "Name: a", "pyproject.toml": ""}
    assert wanted({**build, "a.c": "int main(void) { return 0; }"}) == []
    assert wanted({**build, "a.c": SERVICE}) == [
        "CMakeLists.txt", "a.c", "a.spec", "pyproject.toml",
    ]  # fmt: skip


def test_gate_passes_the_setup_script_of_a_python_service() -> None:
    files = {
        "setup.py": "import py2exe\nsetup(service=['svc'])",
        "svc.py": "import win32serviceutil\nclass S(win32serviceutil.ServiceFramework): pass",
        "other.py": "print(1)",
    }
    assert wanted(files) == ["setup.py", "svc.py"]


def test_build_files_are_not_counted_as_checked(tmp_path: Path) -> None:
    write(tmp_path / "svc.c", SERVICE)
    write(tmp_path / "svc.vcxproj", PROJECT)
    outcome = call(tmp_path, "check", "--no-cache")
    assert "in 1 of 1 file, " in outcome.out


def test_tree_of_build_files_alone_has_no_source(tmp_path: Path) -> None:
    write(tmp_path / "CMakeLists.txt", "set(X")
    outcome = call(tmp_path, "check", "--no-cache")
    assert outcome.code == 0
    assert "never closed" not in outcome.out
    report = json.loads(call(tmp_path, "check", "--no-cache", "--format", "json").out)
    assert report["summary"]["files"] == 0


def test_bad_build_file_is_said_and_loses_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "svc.c", SERVICE)
    write(tmp_path / "CMakeLists.txt", "project(x)\nset(X")
    report = check_paths([tmp_path], root=tmp_path, options=Options(cache=False))
    assert [finding.place.path for finding in report.findings] == ["svc.c"]
    (notice,) = report.notices
    assert notice.path == "CMakeLists.txt"
    assert notice.message.startswith("line 2: the parenthesis of `set` is never closed")


def test_build_files_of_one_text_but_two_names_are_cached_apart() -> None:
    text = "if WIN32\nbin_PROGRAMS = a\nendif\n"
    dialects = {
        frontends.dialect("build", f"x/{name}") for name in ("Makefile.am", "CMakeLists.txt")
    }
    assert len(dialects) == 2
    assert frontends.dialect("c", "a.c") == frontends.dialect("c", "b.c")
    assert read("Makefile.am", text).targets != read("CMakeLists.txt", text).targets
