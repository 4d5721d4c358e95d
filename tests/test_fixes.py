"""Fixes: exact edits, made where the code was written, and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from commands import call, command, environment, write
from sessionzero.engine import Options, check_paths
from sessionzero.errors import SessionZeroError
from sessionzero.memory import Memory
from sessionzero.repair import Repair, repaired
from sessionzero.repair import write as write_repair
from sessionzero.report import Report

CREATE = "SC_HANDLE s = CreateServiceW(m, N, N, 1, %s, 3, 1, P, 0, 0, 0, 0, 0);"
CHANGE = "ChangeServiceConfigW(s, %s, -1, -1, 0, 0, 0, 0, 0, 0, 0);"
PYTHON = "import win32service\nfrom win32service import *\n%s\nChangeServiceConfig(s, %s, *rest)\n"


def mended(folder: Path, files: Mapping[str, str | bytes], *, unsafe: bool = False) -> Repair:
    for name, text in files.items():
        write(folder / name, text)

    def check(memory: Memory) -> Report:
        options = Options(cache=False, jobs=1)
        return check_paths([folder], root=folder, options=options, memory=memory)

    return repaired(check, root=folder, unsafe=unsafe)


def text_of(repair: Repair, name: str) -> str:
    return repair.files[name][1].decode()


def in_c(body: str) -> str:
    return f"#include <windows.h>\nvoid install(SC_HANDLE m, SC_HANDLE s)\n{{\n    {body}\n}}\n"


FLAGS = {
    "right operand": ("OWN | FLAG", "OWN"),
    "left operand": ("FLAG | OWN", "OWN"),
    "in the middle": ("OWN | FLAG | 0x40", "OWN | 0x40"),
    "in parentheses": ("(OWN | FLAG)", "(OWN)"),
    "in parentheses of its own": ("OWN | (FLAG)", "OWN"),
    "with casts": ("(DWORD)OWN | (DWORD)FLAG", "(DWORD)OWN"),
    "over two lines": ("OWN |\n        FLAG", "OWN"),
    "with a comment": ("OWN /* alone */ | FLAG /* gui */", "OWN /* alone */ /* gui */"),
    "as a sum": ("FLAG + OWN", "OWN"),
    "a number": ("0x110", "0x10"),
    "a long number": ("0x00000110UL", "0x00000010UL"),
    "decimal": ("272", "16"),
    "octal": ("0420", "020"),
    "a choice with nothing": ("OWN | (gui ? FLAG : 0)", "OWN"),
    "a choice that is none any more": ("gui ? OWN | FLAG : OWN", "OWN"),
    "a choice of two types": ("gui ? OWN | FLAG : SHARE", "gui ? OWN : SHARE"),
}
WORDS = {
    "OWN": "SERVICE_WIN32_OWN_PROCESS",
    "SHARE": "SERVICE_WIN32_SHARE_PROCESS",
    "FLAG": "SERVICE_INTERACTIVE_PROCESS",
}


def spelt(text: str) -> str:
    for short, long in WORDS.items():
        text = text.replace(short, long)
    return text


@pytest.mark.parametrize(("before", "after"), FLAGS.values(), ids=FLAGS)
def test_the_interactive_flag_goes_and_all_else_stays(
    tmp_path: Path, before: str, after: str
) -> None:
    repair = mended(
        tmp_path, {"install.c": in_c("int gui = ask();\n    " + CHANGE % spelt(before))}
    )
    assert text_of(repair, "install.c") == in_c("int gui = ask();\n    " + CHANGE % spelt(after))
    assert not repair.report.findings


DEFINED = {
    "a macro": ("#define TYPE (OWN | FLAG)", "#define TYPE (OWN)"),
    "a macro over two lines": ("#define TYPE OWN \\\n    | FLAG", "#define TYPE OWN"),
    "a constant": ("static const DWORD TYPE = OWN | FLAG;", "static const DWORD TYPE = OWN;"),
    "an enumerator": ("enum { TYPE = 0x110 };", "enum { TYPE = 0x10 };"),
}


@pytest.mark.parametrize(("before", "after"), DEFINED.values(), ids=DEFINED)
def test_the_flag_goes_from_a_constant_that_nothing_else_uses(
    tmp_path: Path, before: str, after: str
) -> None:
    use = '#include "types.h"\n' + in_c(CHANGE % "TYPE")
    repair = mended(tmp_path, {"types.h": spelt(before) + "\n", "install.c": use})
    assert text_of(repair, "types.h") == spelt(after) + "\n"
    assert repair.files.keys() == {"types.h"}


def test_a_constant_that_is_only_the_flag_stays_and_is_used_no_more(tmp_path: Path) -> None:
    code = "#define DESKTOP 0x100\n" + in_c(CHANGE % "0x10 | DESKTOP")
    repair = mended(tmp_path, {"install.c": code})
    assert text_of(repair, "install.c") == code.replace("0x10 | DESKTOP", "0x10")


USED_ELSEWHERE = {
    "tested": "int test(DWORD type) { return type & TYPE; }",
    "in a file without a call": "void show(void) { print(TYPE); }",
}


@pytest.mark.parametrize("other", USED_ELSEWHERE.values(), ids=USED_ELSEWHERE)
def test_a_constant_with_another_use_is_changed_only_if_asked(tmp_path: Path, other: str) -> None:
    files = {
        "types.h": "#define TYPE 0x110\n",
        "install.c": '#include "types.h"\n' + in_c(CHANGE % "TYPE"),
        "other.c": f'#include "types.h"\n{other}\n',
    }
    assert not mended(tmp_path, files).files
    assert text_of(mended(tmp_path, files, unsafe=True), "types.h") == "#define TYPE 0x10\n"


def test_a_use_in_a_comment_or_a_text_is_none(tmp_path: Path) -> None:
    files = {
        "types.h": "#define TYPE 0x110 // TYPE of the service\n",
        "install.c": '#include "types.h"\n' + in_c('log("TYPE"); ' + CHANGE % "TYPE"),
    }
    assert mended(tmp_path, files).files.keys() == {"types.h"}


STATEMENTS = {
    "with its line": ("type |= FLAG; // desktop\n    go();", "go();"),
    "beside another": ("go(); type |= FLAG; go();", "go();  go();"),
}


@pytest.mark.parametrize(("before", "after"), STATEMENTS.values(), ids=STATEMENTS)
def test_a_statement_that_adds_the_flag_goes(tmp_path: Path, before: str, after: str) -> None:
    frame = "DWORD type = OWN;\n    %s\n    " + CHANGE % "type"
    repair = mended(tmp_path, {"install.c": in_c(spelt(frame % before))})
    assert text_of(repair, "install.c") == in_c(spelt(frame % after))


UNTOUCHED = {
    "all of a body without braces": "DWORD t = 16; if (gui()) t |= FLAG; " + CHANGE % "t",
    "no type but the flag": CHANGE % "FLAG",
    "taken away": CHANGE % "t & ~FLAG",
    "all but it taken away": "DWORD t = kind(); t &= FLAG; " + CHANGE % "t | OWN",
}


@pytest.mark.parametrize("body", UNTOUCHED.values(), ids=UNTOUCHED)
def test_what_has_no_plain_mend_is_left_alone(tmp_path: Path, body: str) -> None:
    assert not mended(tmp_path, {"install.c": in_c(spelt(body))}, unsafe=True).files


PYTHON_FLAGS = {
    "an operand": ("", "OWN | FLAG", "", "OWN"),
    "qualified": ("", "win32service.FLAG | OWN", "", "OWN"),
    "in parentheses": ("", "(OWN\n    | FLAG)", "", "(OWN)"),
    "a constant": ("TYPE = OWN | FLAG", "TYPE", "TYPE = OWN", "TYPE"),
    "hexadecimal": ("", "0X110", "", "0x10"),
    "a choice": ("", "OWN | (FLAG if gui else 0)", "", "OWN"),
    "a statement": ("t = OWN\nt |= FLAG  # desktop", "t", "t = OWN", "t"),
}


@pytest.mark.parametrize(
    ("before", "argument", "after", "rest"), PYTHON_FLAGS.values(), ids=PYTHON_FLAGS
)
def test_python_keeps_its_spelling(
    tmp_path: Path, before: str, argument: str, after: str, rest: str
) -> None:
    repair = mended(tmp_path, {"install.py": spelt(PYTHON % (before, argument))})
    assert text_of(repair, "install.py") == spelt(PYTHON % (after, rest))
    assert not repair.report.findings


EMPTIED = {
    "i.c": (
        in_c("DWORD t = OWN;\n    if (gui()) {\n        t |= FLAG;\n    }\n    " + CHANGE % "t"),
        in_c("DWORD t = OWN;\n    if (gui()) {\n    }\n    " + CHANGE % "t"),
    ),
    "i.py": (
        PYTHON % ("t = OWN\nif gui():\n    t |= FLAG", "t"),
        PYTHON % ("t = OWN\nif gui():\n    pass", "t"),
    ),
}


@pytest.mark.parametrize("name", EMPTIED)
def test_a_condition_that_would_be_for_nothing_is_only_emptied_if_asked(
    tmp_path: Path, name: str
) -> None:
    before, after = map(spelt, EMPTIED[name])
    assert not mended(tmp_path, {name: before}).files
    assert text_of(mended(tmp_path, {name: before}, unsafe=True), name) == after


INSTALL = "from win32serviceutil import *\n"
INSTALLS = {
    "keyword": ("InstallService(a, b, c, bRunInteractive=1)", "InstallService(a, b, c)"),
    "keyword in the middle": (
        "InstallService(a, b, c, bRunInteractive=True, startType=2)",
        "InstallService(a, b, c, startType=2)",
    ),
    "by position, the last": (
        "ChangeServiceConfig(a, b, None, None, 1)",
        "ChangeServiceConfig(a, b, None, None)",
    ),
    "by position": (
        "ChangeServiceConfig(a, b, None, None, 1, d)",
        "ChangeServiceConfig(a, b, None, None, False, d)",
    ),
    "a line of its own": (
        "InstallService(\n    a,\n    b,\n    c,\n    bRunInteractive=True,\n)",
        "InstallService(\n    a,\n    b,\n    c,\n)",
    ),
    "a word of the command line": (
        'HandleCommandLine(a, argv=["x.py", "--interactive", "install"])',
        'HandleCommandLine(a, argv=["x.py", "install"])',
    ),
}


@pytest.mark.parametrize(("before", "after"), INSTALLS.values(), ids=INSTALLS)
def test_pywin32_installs_without_the_flag(tmp_path: Path, before: str, after: str) -> None:
    repair = mended(tmp_path, {"install.py": f"{INSTALL}{before}\n"})
    assert text_of(repair, "install.py") == f"{INSTALL}{after}\n"
    assert repair.mended == 1


def test_python_2_is_mended_too(tmp_path: Path) -> None:
    code = (
        "from win32serviceutil import *\nprint 'now'\nInstallService(a, b, c, bRunInteractive=1)\n"
    )
    repair = mended(tmp_path, {"install.py": code})
    assert text_of(repair, "install.py") == code.replace(", bRunInteractive=1", "")


LENGTHS = {
    "a count": ("(DWORD)wcslen(text)", "(DWORD)wcslen(text) * sizeof(WCHAR)"),
    "a sum": ("(DWORD)wcslen(text) + 1", "((DWORD)wcslen(text) + 1) * sizeof(WCHAR)"),
    "a variable": ("length", "length * sizeof(WCHAR)"),
    "what the build says": ("(DWORD)_tcslen(text)", "(DWORD)_tcslen(text) * sizeof(TCHAR)"),
}
TELL = """\
#include <windows.h>
static VOID WINAPI ServiceMain(DWORD argc, LPWSTR *argv)
{
    LPWSTR text = argv[0]; DWORD length = (DWORD)wcslen(text), answer;
    WTSSendMessageW(NULL, user(), L"Agent", 10, text, %s, MB_OK, 30, &answer, FALSE);
}
int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Agent", ServiceMain}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""


@pytest.mark.parametrize(("before", "after"), LENGTHS.values(), ids=LENGTHS)
def test_a_length_in_characters_becomes_one_in_bytes(
    tmp_path: Path, before: str, after: str
) -> None:
    assert text_of(mended(tmp_path, {"a.c": TELL % before}), "a.c") == TELL % after


# --- the command ---

CODE = in_c(spelt(CHANGE % "OWN | FLAG"))
GOOD = CODE.replace(" | SERVICE_INTERACTIVE_PROCESS", "")


def test_fix_changes_the_file_and_reports_what_is_left(tmp_path: Path) -> None:
    write(tmp_path / "install.c", CODE)
    outcome = call(tmp_path, "check", "--fix")
    assert (tmp_path / "install.c").read_text() == GOOD
    assert (outcome.code, outcome.err) == (0, "1 finding mended in 1 file.\n")
    assert "SZFLAG001" not in outcome.out
    again = call(tmp_path, "check", "--fix")
    assert again.err == "0 findings mended in 0 files.\n"


def test_what_is_not_reported_is_not_mended(tmp_path: Path) -> None:
    write(tmp_path / "install.c", CODE)
    call(tmp_path, "check", "--fix", "--ignore", "SZFLAG001")
    assert (tmp_path / "install.c").read_text() == CODE


def test_only_files_of_the_paths_are_changed(tmp_path: Path) -> None:
    write(tmp_path / "a" / "install.c", CODE)
    write(tmp_path / "b" / "install.c", CODE)
    call(tmp_path, "check", "a", "--fix")
    assert (tmp_path / "a" / "install.c").read_text() == GOOD
    assert (tmp_path / "b" / "install.c").read_text() == CODE


def test_a_link_out_of_the_paths_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "b" / "install.c", CODE)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "link.c").symlink_to(tmp_path / "b" / "install.c")
    assert "SZFLAG001" in call(tmp_path, "check", "a", "--fix").out
    assert (tmp_path / "b" / "install.c").read_text() == CODE


def test_a_project_behind_a_link_is_mended(tmp_path: Path) -> None:
    write(tmp_path / "real" / "src" / "install.c", CODE)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert call(tmp_path / "link", "check", "--fix").err == "1 finding mended in 1 file.\n"
    write(tmp_path / "real" / "src" / "install.c", CODE)
    outcome = call(tmp_path, "check", "--fix", "link/src/install.c")
    assert outcome.err == "1 finding mended in 1 file.\n"


def test_a_file_that_somebody_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "install.c", CODE)
    repair = mended(tmp_path, {})
    (tmp_path / "install.c").write_text("int changed;\n")
    with pytest.raises(SessionZeroError, match=r"install\.c: it was changed during the run"):
        write_repair(repair, tmp_path)
    assert (tmp_path / "install.c").read_text() == "int changed;\n"


@pytest.mark.parametrize("options", [("--fix", "--patch"), ("--unsafe-fixes",)])
def test_options_that_make_no_sense_together(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert call(tmp_path, "check", *options).code == 2


ENCODINGS = {
    "UTF-8": CODE.encode(),
    "byte order mark": b"\xef\xbb\xbf" + CODE.encode(),
    "CR LF": CODE.replace("\n", "\r\n").encode(),
    "CR LF in one line": CODE.replace("{\n", "{\r\n").encode(),
    "no line end at the end": CODE.rstrip().encode(),
    "cp1252": ("// caf\xe9\n" + CODE).encode("cp1252"),
    "cp932": ("// \u8868\u793a\n" * 3 + CODE).encode("cp932"),
    "bytes that are no text": b"// \xff\xfe\x81\n// caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9\n"
    + CODE.encode(),
    "UTF-16": ("\ufeff" + CODE).encode("utf-16-le"),
    "UTF-16, the other way round": ("\ufeff" + CODE).encode("utf-16-be"),
    "UTF-16 without a mark": CODE.encode("utf-16-le"),
    "form feed and tabs": CODE.replace("    ", "\t").encode() + b"\x0c\n",
}


def without_flag(data: bytes) -> bytes:
    """The bytes without those of the flag, in whichever encoding."""
    flag = " | SERVICE_INTERACTIVE_PROCESS"
    for encoding in ("ascii", "utf-16-le", "utf-16-be"):
        if flag.encode(encoding) in data:
            return data.replace(flag.encode(encoding), b"")
    raise AssertionError


@pytest.mark.parametrize("data", ENCODINGS.values(), ids=ENCODINGS)
def test_no_other_byte_of_the_file_changes(tmp_path: Path, data: bytes) -> None:
    write(tmp_path / "install.c", data)
    assert call(tmp_path, "check", "--fix").code == 0
    assert (tmp_path / "install.c").read_bytes() == without_flag(data)


@pytest.mark.parametrize("data", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("name", ["install.c", "my install.c", "\xfcber.c", 'a"b.c'])
def test_git_applies_the_patch(tmp_path: Path, data: bytes, name: str) -> None:
    write(tmp_path / "code" / name, data)
    git = ["git", "-c", "core.autocrlf=false"]
    subprocess.run([*git, "init", "-q", "."], cwd=tmp_path, check=True)
    words = command("check", "--patch")
    ran = subprocess.run(
        words, cwd=tmp_path / "code", env=environment(tmp_path), capture_output=True, check=False
    )
    assert ran.stderr.decode() == "1 finding would be mended in 1 file.\n"
    assert (tmp_path / "code" / name).read_bytes() == data
    subprocess.run([*git, "apply", "-"], cwd=tmp_path / "code", input=ran.stdout, check=True)
    assert (tmp_path / "code" / name).read_bytes() == without_flag(data)


# --- in reports ---

WIDE = in_c(spelt('log("\u65e5\U0001f600"); ' + CHANGE % "OWN | FLAG"))


def test_the_columns_of_sarif_are_those_of_the_edit(tmp_path: Path) -> None:
    write(tmp_path / "install.c", WIDE)
    run = json.loads(call(tmp_path, "check", "--format", "sarif").out)["runs"][0]
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    line = WIDE.splitlines()[region["startLine"] - 1].encode("utf-16-le")
    start, end = 2 * region["startColumn"] - 2, 2 * region["endColumn"] - 2
    assert line[start:end].decode("utf-16-le") == " | SERVICE_INTERACTIVE_PROCESS"
    assert replacement["insertedContent"] == {"text": ""}


def test_the_columns_of_json_are_those_of_the_edit(tmp_path: Path) -> None:
    write(tmp_path / "install.c", WIDE)
    (found,) = json.loads(call(tmp_path, "check", "--format", "json").out)["findings"]
    (fix,) = found["fixes"]
    (edit,) = fix["edits"]
    line = WIDE.splitlines()[edit["line"] - 1]
    assert line[edit["column"] - 1 : edit["end_column"] - 1] == " | SERVICE_INTERACTIVE_PROCESS"
    assert (fix["title"], fix["safe"]) == ("Remove the interactive flag", True)


def test_the_summary_says_how_many_can_be_mended(tmp_path: Path) -> None:
    write(tmp_path / "install.c", CODE)
    assert "1 finding can be mended by --fix.\n" in call(tmp_path, "check").out
    assert "can be mended" not in call(tmp_path, "check", "--fix").out


def test_what_else_uses_a_constant_is_named(tmp_path: Path) -> None:
    code = "#define TYPE 0x110\nint t(DWORD x) { return x & TYPE; }\n" + in_c(CHANGE % "TYPE")
    write(tmp_path / "install.c", code)
    (found,) = json.loads(call(tmp_path, "check", "--format", "json").out)["findings"]
    (fix,) = found["fixes"]
    assert fix["title"] == "Remove the interactive flag; look at the other uses of `TYPE`"
    assert not fix["safe"]
