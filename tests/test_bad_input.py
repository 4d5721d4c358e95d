"""Bad input gives a message that names the file and the mend, and nothing else is lost by it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from commands import (
    DEFECT,
    INTERNAL,
    PACKAGE,
    PYTHON_SERVICE,
    SERVICE,
    Outcome,
    call,
    found_all_the_same,
    spawn,
    start,
    write,
)
from sessionzero.cache import FILE_NAME, open_cache
from sessionzero.knowledge.packs import rules_directory
from sessionzero.reporters import REPORTERS

MEBIBYTE = 1 << 20
DEPTH = 10_000  # of conditionals

no_links = pytest.mark.skipif(os.name == "nt", reason="needs symbolic links, FIFOs or odd names")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a good service, whose one defect every run must still find."""
    write(tmp_path / "project/good.c", SERVICE)
    return tmp_path / "project"


# --- files that can't be read, or hold no text ---

UNREADABLE = {
    "binary": (bytes(range(256)) * 40, "looks binary; it was not analysed. Save it as UTF-8"),
    "executable": (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0" * 200, "looks binary; it was not"),
    "nul-byte": (SERVICE.replace("static", "\0static").encode(), "looks binary; it was not"),
    "huge": (
        b"int x;\n" * (50 * MEBIBYTE // 7),
        "is larger than 8 MiB; it was not analysed. Split",
    ),
}


@pytest.mark.parametrize("name", ["bad.c", "bad.cpp", "bad.py"])
@pytest.mark.parametrize("case", UNREADABLE)
def test_file_that_is_no_source_gets_a_notice(case: str, name: str, project: Path) -> None:
    content, message = UNREADABLE[case]
    write(project / name, content)
    outcome = call(project, "check")
    assert found_all_the_same(outcome)
    assert f"{name}: warning: {message}" in outcome.out


@pytest.mark.parametrize("name", ["bad.c", "bad.h", "bad.py"])
def test_empty_file_is_a_file_like_any_other(name: str, project: Path) -> None:
    write(project / name, "")
    outcome = call(project, "check")
    assert found_all_the_same(outcome)
    assert "1 error in 1 of 2 files" in outcome.out


@pytest.mark.parametrize("path", ["nowhere", "good.c/inside", "nowhere/good.c"])
def test_path_that_is_not_there_is_wrong_use(path: str, project: Path) -> None:
    outcome = call(project, "check", "good.c", path)
    assert outcome == (2, "", f"sessionzero: {path}: there is no such file or folder\n")


@pytest.fixture
def unprivileged() -> tuple[str, ...]:
    """What starts a command so that it can't read all: as root, without that right."""
    if os.name == "nt":
        pytest.skip("needs the permissions of POSIX")
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may read all, and there is no setpriv to take that right from it")
    return setpriv, "--bounding-set=-dac_override,-dac_read_search"


@pytest.mark.parametrize("arguments", [(), (".", "closed.c")], ids=["met", "named"])
def test_file_that_may_not_be_read_gets_a_notice(
    arguments: tuple[str, ...], project: Path, unprivileged: tuple[str, ...]
) -> None:
    write(project / "closed.c", SERVICE)
    (project / "closed.c").chmod(0)
    outcome = spawn(project, "check", *arguments, prefix=unprivileged)
    assert found_all_the_same(outcome)
    message = "closed.c: warning: cannot be read (Permission denied); it was not analysed. Allow reading it"
    assert message in outcome.out


def test_folder_that_may_not_be_listed_gets_a_notice(
    project: Path, unprivileged: tuple[str, ...]
) -> None:
    write(project / "closed/service.c", SERVICE)
    (project / "closed").chmod(0)
    outcome = spawn(project, "check", prefix=unprivileged)
    (project / "closed").chmod(0o700)
    assert found_all_the_same(outcome)
    assert (
        "closed/: warning: cannot be listed (Permission denied); it was not analysed."
        in outcome.out
    )


def test_report_that_may_not_be_written_is_wrong_use(
    project: Path, unprivileged: tuple[str, ...]
) -> None:
    (project / "closed").mkdir(mode=0o500)
    outcome = spawn(project, "check", "--output", "closed/report", prefix=unprivileged)
    message = "sessionzero: closed/report: can't write the report: Permission denied\n"
    assert outcome == (2, "", message)


@no_links
def test_what_is_no_regular_file_is_not_waited_for(project: Path) -> None:
    os.mkfifo(project / "fifo.c")
    with closing(socket.socket(socket.AF_UNIX)) as listener, pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)  # a socket's path has few letters
        listener.bind("socket.c")
        met = call(project, "check")
        named = call(project, "check", "good.c", "fifo.c", "socket.c")
    for outcome in (met, named):
        assert found_all_the_same(outcome)
        assert (
            "fifo.c: warning: cannot be read (it is no regular file); it was not analysed"
            in outcome.out
        )
        assert "socket.c: warning: cannot be read (No such device or address)" in outcome.out


@no_links
def test_links_that_lead_nowhere_or_in_circles_end(project: Path) -> None:
    links = {"dangling.c": "gone.c", "a.c": "b.c", "b.c": "a.c", "self.py": "self.py"}
    folders = {"up": "..", "here": ".", "deep": "here/here/up"}
    for name, target in {**links, **folders}.items():
        (project / name).symlink_to(target)
    outcome = call(project, "check")
    assert found_all_the_same(outcome)
    assert outcome.out.count(DEFECT) == 1
    for name in links:
        assert call(project, "check", name).code == 2


# --- text that is damaged ---

DAMAGED = {
    "invalid-utf-8": SERVICE.encode() + b"// caf\xe9 \xff\xfe\x81\x00"[:-1] + b"\n",
    "utf-16": SERVICE.encode("utf-16"),
    "utf-16-odd-byte": SERVICE.encode("utf-16") + b"x",
    "bom": b"\xef\xbb\xbf" + SERVICE.encode(),
    "lone-cr": SERVICE.replace("\n", "\r").encode(),
    "many-continued-lines": b"\\\n" * 100_000 + SERVICE.encode(),
    "open-string": b'char *open = "\n' + SERVICE.encode(),
    "half-a-function": SERVICE.encode() + b"void half(void) { if (x) { while (",
    "too-many-closed": b"}}}))]]\n" + SERVICE.encode(),
    "conflict": b"<<<<<<< ours\nint x;\n=======\nint y;\n>>>>>>> theirs\n" + SERVICE.encode(),
    "bad-directives": b'#if 1/0\n#if "\n#elif\n#define\n#include\n' + SERVICE.encode(),
    "open-conditionals": b"#ifdef X\n" * DEPTH + SERVICE.encode(),
    "closed-conditionals": b"#endif\n#else\n" * DEPTH + SERVICE.encode(),
}


@pytest.mark.parametrize("suffix", [".c", ".cpp"])
@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_text_keeps_its_findings(case: str, suffix: str, project: Path) -> None:
    write(project / f"bad{suffix}", DAMAGED[case])
    outcome = call(project, "check", "--select", "SZUI")
    assert found_all_the_same(outcome)
    assert outcome.out.count(": error: `MessageBoxW`") == 2


PYTHON_DAMAGED = {
    "open-string": 'x = "\n',
    "open-bracket": "x = (\n",
    "python-2": "print 'x'\n",
    "bad-indent": "if x:\npass\n",
    "tabs": "if x:\n\ty = 1\n        z = 2\n",
    "invalid-utf-8": "# \udcff\udce9\n",
    "unknown-encoding": "# -*- coding: klingon -*-\n",
    "no-code-at-all": "<html>&nbsp;</html>\n",
    "newer-than-us": "match x:\n    case {**}:\n        pass\n",
}


@pytest.mark.parametrize("case", PYTHON_DAMAGED)
def test_damaged_python_is_read_or_gets_a_notice(case: str, project: Path) -> None:
    source = (PYTHON_DAMAGED[case] + PYTHON_SERVICE).encode("utf-8", "surrogateescape")
    write(project / "bad.py", source)
    outcome = call(project, "check")
    assert found_all_the_same(outcome)
    assert re.search(r"^bad\.py:", outcome.out, re.MULTILINE)  # a finding, or why there is none


def on_one_line(source: str) -> str:
    return source.replace("#include <windows.h>", "").replace("\n", " ")


LONG_LINES = {
    "bad.c": on_one_line(f"int a[] = {{{'1,' * (MEBIBYTE // 2)}}}; {SERVICE}"),
    "bad.cpp": on_one_line(f'auto a = R"({"x" * MEBIBYTE})"; {SERVICE}'),
    "bad.py": f'a = "{"x" * MEBIBYTE}"; b = 1\n{PYTHON_SERVICE}',
}


@pytest.mark.parametrize("name", LONG_LINES)
@pytest.mark.parametrize("form", REPORTERS)
def test_line_of_a_mebibyte_is_a_line_like_any_other(name: str, form: str, project: Path) -> None:
    without = call(project, "check", "--format", form).out
    write(project / name, LONG_LINES[name])
    outcome = call(project, "check", "--format", form)
    assert outcome.code == 1
    assert outcome.out.count("shows a message box in session 0") >= 2
    assert len(outcome.out) - len(without) < MEBIBYTE // 64


# --- names that nobody should give a file ---

NAMES = {
    "line-feed": b"a\nb.c",
    "escape": b"\x1b[31mred\x07.c",
    "not-utf-8": b"caf\xe9.c",
    "emoji": "\U0001f4a3 \u202egnp.c".encode(),
    "percent": b"100%41 #1?.c",
    "option": b"--output.c",
    "quotes": b"\"'`$(x).c",
    "workflow-command": b"::error::x.c",
}


@no_links
@pytest.mark.parametrize("form", REPORTERS)
@pytest.mark.parametrize("case", NAMES)
def test_odd_name_is_reported_and_drives_nothing(case: str, form: str, project: Path) -> None:
    write(project / os.fsdecode(NAMES[case]), SERVICE)
    for arguments in ((), ("--output", "report"), ("--", os.fsdecode(NAMES[case]))):
        outcome = call(project, "check", "--format", form, *arguments)
        text = outcome.out or (project / "report").read_bytes().decode()
        assert outcome.code == 1
        assert text.count("shows a message box in session 0") >= 2 - ("--" in arguments)
        controls = {it for it in text if it < " "}
        assert controls == {"\n"}
        if form in ("json", "sarif", "gitlab"):
            assert json.loads(text)
        else:
            assert text.replace("\n", "").isprintable()


# --- a cache in a bad state ---


def spoil_file(folder: Path) -> None:
    write(folder / FILE_NAME, b"no database " * 1_000)


def spoil_entries(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        connection.execute("UPDATE entries SET value = x'00ff'")


def spoil_facts(folder: Path) -> None:
    """Put sound entries in that hold anything but facts."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        keys = [name for (name,) in connection.execute("SELECT key FROM entries")]
    with pytest.MonkeyPatch.context() as patch, open_cache(True) as cache:
        patch.setenv("SESSIONZERO_CACHE_DIR", str(folder))
        cache.put_many((name, b"\x93\x01\x02\x03") for name in keys)


def replace_by_file(folder: Path) -> None:
    shutil.rmtree(folder)
    write(folder, "")


def replace_by_folder(folder: Path) -> None:
    (folder / FILE_NAME).unlink()
    write(folder / FILE_NAME / "file", "")


def of_another_program(folder: Path) -> None:
    (folder / FILE_NAME).unlink()
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE diary (page TEXT)")


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_file,
        spoil_entries,
        spoil_facts,
        replace_by_file,
        replace_by_folder,
        of_another_program,
    ],
)
def test_bad_cache_changes_nothing(spoil: Callable[[Path], None], project: Path) -> None:
    write(project / "other.py", PYTHON_SERVICE)
    sound = call(project, "check")
    spoil(project / ".cache")
    assert [call(project, "check"), call(project, "check")] == [sound, sound]


def test_cache_that_may_not_be_written_changes_nothing(
    project: Path, unprivileged: tuple[str, ...]
) -> None:
    sound = call(project, "check")
    for path in (project / ".cache").iterdir():
        path.unlink()
    (project / ".cache").chmod(0o500)
    assert spawn(project, "check", prefix=unprivileged) == sound


# --- our own pages and tables in a bad state ---


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """The folder of a copy of the package, as it is installed: with its rules inside."""
    copy = tmp_path / "installed/sessionzero"
    shutil.copytree(PACKAGE, copy)
    shutil.copytree(rules_directory(), copy / "_rules")
    return copy


def run_copy(installation: Path, project: Path, *arguments: str) -> Outcome:
    """Run the installed copy."""
    done = start(project, *arguments, PYTHONPATH=str(installation.parent))
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_installed_copy_finds_its_rules(installation: Path, project: Path) -> None:
    assert found_all_the_same(run_copy(installation, project, "check"))


PAGE = "SZUI001-message-box-in-service.md"
BROKEN = {
    "no-page": (PAGE, b"", f"{PAGE}: the first line must be '# '"),
    "not-text": (PAGE, b"# \xff\xfe", f"{PAGE}: can't be read: "),
    "no-block": (PAGE, b"# A service\n\nwaits.\n", f"{PAGE}: the title must be followed by a"),
    "not-toml": (
        PAGE,
        b"# A service\n```toml\nid = \n```\n",
        f"{PAGE}: the toml block is not TOML",
    ),
    "unknown-key": (PAGE, b"# A service\n```toml\nif = 1\n```\n", f"{PAGE}: unknown key 'if'"),
    "table-not-toml": ("apis/roles.toml", b"[[", "roles.toml: "),
    "table-not-text": ("constants.toml", b"a = '\xff'", "constants.toml: "),
    "unknown-role": (
        "apis/zz.toml",
        b"[[group]]\nrole = 'x'\nlanguage = 'c'\nfunctions = ['F']\n",
        "zz.toml: no role 'x'; there are ",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_page_or_table_is_named(case: str, installation: Path, project: Path) -> None:
    name, content, message = BROKEN[case]
    write(installation / "_rules" / name, content)
    code, out, err = run_copy(installation, project, "check")
    assert (code, out) == (2, "")
    assert err.startswith(f"sessionzero: {message}")
    assert err.count("\n") == 1


def test_page_that_names_no_check_is_named(installation: Path, project: Path) -> None:
    page = installation / "_rules" / PAGE
    write(page, re.sub(r"(?m)^check = .*", 'check = "flagset"', page.read_text("utf-8")))
    code, _, err = run_copy(installation, project, "check")
    assert (code, err.startswith(f"sessionzero: {PAGE}: no check 'flagset'; there are ")) == (
        2,
        True,
    )


def test_fault_of_ours_is_admitted(installation: Path, project: Path) -> None:
    write(installation / "program.py", "raise ZeroDivisionError('by accident')\n")
    code, out, err = run_copy(installation, project, "check")
    assert (code, out) == (INTERNAL, "")
    assert err.startswith("sessionzero: internal error: ZeroDivisionError: by accident\n")
    assert "--traceback" in err
    assert "Traceback" not in err
    code, _, err = run_copy(installation, project, "check", "--traceback")
    assert (code, "Traceback (most recent call last)" in err) == (INTERNAL, True)
