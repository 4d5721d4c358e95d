"""Comments that suppress findings: where they count, what they must say, what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Outcome, call, write
from sessionzero.comments import without_comments
from sessionzero.facts import SCRIPTS, Language
from sessionzero.sources.text import SourceText
from sessionzero.suppress import judge

C_HEAD = """\
#include <windows.h>
static void WINAPI control(DWORD code) { (void)code; }
static void WINAPI service_main(DWORD argc, LPWSTR *argv)
{
    RegisterServiceCtrlHandlerW(L"Backup", control);
"""
C_TAIL = """\
}
int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Backup", service_main}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""
BOX = '    MessageBoxW(NULL, L"Backup failed", L"Backup", MB_OK);'
WIDE_BOX = """\
    int answer =
        MessageBoxW(NULL,
            L"Backup failed",
            L"Backup", MB_OK);"""
EVENT = '    CreateEventW(NULL, TRUE,\n        FALSE, L"Ready");'

PYTHON_HEAD = """\
import win32api
import win32serviceutil


class Service(win32serviceutil.ServiceFramework):
    def SvcDoRun(self):
"""
PYTHON_BOX = '        win32api.MessageBox(0, "Backup failed", "Backup")'
WIDE_PYTHON_BOX = (
    '        answer = win32api.MessageBox(\n            0, "Backup failed",\n            "Backup")'
)


def c(body: str) -> dict[str, str]:
    return {"service.c": f"{C_HEAD}{body}\n{C_TAIL}", "service.cpp": f"{C_HEAD}{body}\n{C_TAIL}"}


def python(body: str) -> dict[str, str]:
    return {"service.py": f"{PYTHON_HEAD}{body}\n"}


def check(folder: Path, files: dict[str, str], *arguments: str) -> list[Outcome]:
    """The outcome for each of the files, alone in a project of its own."""
    outcomes = []
    for name, text in files.items():
        project = folder / name.replace(".", "-")
        write(project / name, text)
        outcomes.append(call(project, "check", *arguments))
    return outcomes


COUNTS = {
    "beside": c(f"{BOX} // sessionzero: ignore[SZUI001] a kiosk"),
    "above": c(f"    // sessionzero: ignore[SZUI001] a kiosk\n{BOX}"),
    "block-comment": c(f"    /* sessionzero: ignore[SZUI001] a kiosk */\n{BOX}"),
    "block-comment-before-code": c(f"/* sessionzero: ignore[SZUI001] a kiosk */{BOX}"),
    "inside-a-longer-comment": c(
        f"    /*\n     * sessionzero: ignore[SZUI001]: a kiosk\n     */\n{BOX}"
    ),
    "documentation-comment": c(f"    /// sessionzero: ignore[SZUI001] a kiosk\n{BOX}"),
    "after-another-marker": c(f"{BOX} // NOLINT // sessionzero: ignore[SZUI001] a kiosk"),
    "other-comments-between": c(
        f"    // sessionzero: ignore[SZUI001] a kiosk\n    // Says it.\n{BOX}"
    ),
    "two-comments-above": c(
        "    // sessionzero: ignore[SZUI001] a kiosk\n    // sessionzero: ignore[SZNAME001] only ours\n"
        f"{BOX} {EVENT.strip()}"
    ),
    "several-rules": c(
        f"    // sessionzero: ignore[SZUI001, SZNAME001] ours\n{BOX} {EVENT.strip()}"
    ),
    "by-name": c(f"    // sessionzero: ignore[message-box-in-service] a kiosk\n{BOX}"),
    "by-group": c(f"    // sessionzero: ignore[SZUI] a kiosk\n{BOX}"),
    "whole-file": c(f"{BOX}\n{BOX}\n// sessionzero: ignore-file[SZUI001] a kiosk\n"),
    "above-a-statement-of-several-lines": c(
        f"    // sessionzero: ignore[SZUI001] a kiosk\n{WIDE_BOX}"
    ),
    "at-its-last-line": c(f"{WIDE_BOX} // sessionzero: ignore[SZUI001] a kiosk"),
    "above-a-call-whose-argument-is-wrong": c(
        f"    // sessionzero: ignore[SZNAME001] ours\n{EVENT}"
    ),
    "windows-line-ends": {
        k: v.replace("\n", "\r\n")
        for k, v in c(f"    // sessionzero: ignore[SZUI001] x\n{BOX}").items()
    },
    "old-mac-line-ends": {
        "a.cpp": c(f"    // sessionzero: ignore[SZUI001] x\n{BOX}")["service.c"].replace("\n", "\r")
    },
    "python-beside": python(f"{PYTHON_BOX}  # sessionzero: ignore[SZUI001] a kiosk"),
    "python-above": python(f"        # sessionzero: ignore[SZUI001] a kiosk\n{PYTHON_BOX}"),
    "python-after-noqa": python(f"{PYTHON_BOX}  # noqa  # sessionzero: ignore[SZUI001] a kiosk"),
    "python-several-lines": python(
        f"        # sessionzero: ignore[SZUI001] a kiosk\n{WIDE_PYTHON_BOX}"
    ),
    "python-last-line": python(f"{WIDE_PYTHON_BOX}  # sessionzero: ignore[SZUI001] a kiosk"),
    "python-whole-file": python(f"{PYTHON_BOX}\n# sessionzero: ignore-file[SZUI] a kiosk"),
    "python-2": python(
        f"        print 'it failed'\n{PYTHON_BOX}  # sessionzero: ignore[SZUI001] a kiosk"
    ),
}


@pytest.mark.parametrize("case", COUNTS)
def test_a_comment_suppresses_the_finding(case: str, tmp_path: Path) -> None:
    for code, out, _ in check(tmp_path, COUNTS[case]):
        assert "Not shown: " in out, out
        assert " suppressed by comments." in out
        assert "SZUI001]" not in out.partition("Not shown")[0]
        assert "note:" not in out
        assert code == 0


STAYS = {
    "other-line": c(f"    // sessionzero: ignore[SZUI001] a kiosk\n    control(0);\n{BOX}"),
    "line-before-beside-code": c(f"    control(0); // sessionzero: ignore[SZUI001] a kiosk\n{BOX}"),
    "blank-line-between": c(f"    // sessionzero: ignore[SZUI001] a kiosk\n\n{BOX}"),
    "line-below": c(f"{BOX}\n    // sessionzero: ignore[SZUI001] a kiosk"),
    "other-rule": c(f"    // sessionzero: ignore[SZNAME] a kiosk\n{BOX}"),
    "in-a-string": c('    MessageBoxW(NULL, L"// sessionzero: ignore[SZUI001] why", NULL, MB_OK);'),
    "as-code": c(f"sessionzero: ignore[SZUI001] why;\n{BOX}"),
    "in-prose": c(f"    // Write sessionzero: ignore[SZUI001] because it is so\n{BOX}"),
    "python-string": python(
        f'        text = """\n        # sessionzero: ignore[SZUI001] why"""\n{PYTHON_BOX}'
    ),
    "python-string-beside": python(
        '        win32api.MessageBox(0, "# sessionzero: ignore[SZUI001] why", "")'
    ),
}


@pytest.mark.parametrize("case", STAYS)
def test_what_speaks_of_something_else_suppresses_nothing(case: str, tmp_path: Path) -> None:
    for code, out, _ in check(tmp_path, STAYS[case]):
        assert code == 1
        assert "SZUI001]" in out
        assert "Not shown" not in out


TABLES = {
    **c(
        "    HANDLE events[] = {\n"
        '        CreateEventW(0, 0, 0, L"One"), // sessionzero: ignore[SZNAME001] ours alone\n'
        '        CreateEventW(0, 0, 0, L"Two"),\n    };'
    ),
    **python(
        "        import win32event\n"
        "        events = [\n"
        '            win32event.CreateEvent(None, 0, 0, "One"),  # sessionzero: ignore[SZNAME001] ours\n'
        '            win32event.CreateEvent(None, 0, 0, "Two"),\n        ]'
    ),
}


def test_a_row_of_a_table_does_not_speak_of_the_other_rows(tmp_path: Path) -> None:
    for _, out, _ in check(tmp_path, TABLES):
        assert out.count("[SZNAME001]\n") == 1
        assert "`Two`" in out
        assert "Not shown: 1 finding suppressed" in out


COMPLAINTS = {
    "no-reason": (
        "ignore[SZUI001]",
        "warning: `sessionzero: ignore[SZUI001]` gives no reason, so it suppresses nothing. "
        "Write one after the bracket.",
    ),
    "no-reason-but-a-dash": ("ignore[SZUI001] -- ", "gives no reason, so it suppresses nothing."),
    "no-rule": ("ignore because", "warning: `sessionzero: ignore` names no rule, so it suppresses"),
    "empty-brackets": (
        "ignore[] because",
        "`sessionzero: ignore[]` names no rule, so it suppresses",
    ),
    "unknown-rule": (
        "ignore[SZUI001, SZXX] because",
        "warning: `sessionzero: ignore[SZUI001, SZXX]` suppresses nothing: no rule is called 'SZXX'.",
    ),
}


@pytest.mark.parametrize("case", COMPLAINTS)
def test_a_comment_that_is_wrong_says_so_and_suppresses_nothing(case: str, tmp_path: Path) -> None:
    words, complaint = COMPLAINTS[case]
    files = {
        **c(f"{BOX} // sessionzero: {words}"),
        **c(f"{BOX} /* sessionzero: {words} */"),
        **python(f"{PYTHON_BOX}  # sessionzero: {words}"),
    }
    for code, out, _ in check(tmp_path, files):
        assert code == 1
        assert "SZUI001]\n" in out
        assert complaint in out


UNUSED = {
    "line": (
        "ignore[SZMSG001] why",
        "note: There is no finding of SZMSG001 here to suppress. Remove",
    ),
    "file": (
        "ignore-file[SZMSG] why",
        "note: There is no finding of SZMSG in this file to suppress.",
    ),
    "one-of-two": (
        "ignore[SZUI001,SZMSG] why",
        "note: There is no finding of SZMSG here to suppress.",
    ),
}


@pytest.mark.parametrize("case", UNUSED)
def test_a_comment_without_a_finding_is_a_note(case: str, tmp_path: Path) -> None:
    words, note = UNUSED[case]
    files = {
        **c(f"{BOX} // sessionzero: {words}"),
        **python(f"{PYTHON_BOX}  # sessionzero: {words}"),
        "script.cmd": f"sc query x\nrem sessionzero: {words.replace('SZUI001,', '')}\n",
    }
    for _, out, _ in check(tmp_path, files):
        assert note in out


HOSTILE = {
    "slashes": "/" * 2_000_000 + " sessionzero: ignore[SZUI] x\n",
    "hashes": "#" * 2_000_000 + " sessionzero: ignore[SZUI] x\n",
    "stars": "/*" + "* " * 1_000_000 + "sessionzero: ignore[SZUI] x */\n",
    "blanks": "//" + " " * 2_000_000 + "sessionzero: ignore[SZUI] x\n",
    "open-brackets": "// " + "sessionzero: ignore[" * 100_000,
    "quotes": '"""\\"' * 300_000 + "# sessionzero: ignore[SZUI] x\n",
    "stack": "// sessionzero: ignore[SZUI] x\n" * 20_000,
    "surrogates": "// sessionzero: ignore[\ud800] \udfff\n",
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("language", ["c++", "python", *sorted(SCRIPTS)])
def test_no_text_takes_long_to_read(language: Language, case: str) -> None:
    text = HOSTILE[case]
    source = SourceText("a", text, "utf-8", b"")
    meaning = {"SZUI": {"SZUI001"}}
    judged = judge(
        (),
        [(source, language)],
        {},
        run=lambda it: meaning.get(it, ()),
        known=lambda it: meaning.get(it, ()),
    )
    assert (judged.findings, judged.suppressed) == ((), ())


IN_SCRIPTS = {
    "beside.bat": "sc config A type= own type= interact & rem %s\n",
    "above.bat": ":: %s\nsc config A type= own type= interact\n",
    "agent.wxs": "<!-- %s -->\n<ServiceInstall Name='A'\n  Interactive='yes'/>\n",
    "beside.wxs": "<ServiceInstall Name='A'\n  Interactive='yes'/> <!-- %s -->\n",
    "agent.inf": "[S]\nAddService=A,,I\n[I]\nServiceType=272 ; %s\n",
    "agent.reg": '[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\A]\n; %s\n"Type"=dword:110\n',
    "agent.nsi": "nsExec::Exec 'sc config A type= own type= interact' ; %s\n",
    "agent.iss": '[Run]\n; %s\nFilename: "sc"; Parameters: "config A type= own type= interact"\n',
    "code.iss": "[Code]\nExec('sc', 'config A type= own type= interact', '', 0, 0, c); // %s\n",
    "agent.ps1": "sc.exe config A `\n  type= own type= interact # %s\n",
    "block.ps1": "<# %s #>\nsc.exe config A type= own type= interact\n",
    "agent.vbs": 'shell.Run "sc config A type= own type= interact" \' %s\n',
    "wrapper.conf": "# %s\nwrapper.ntservice.interactive=true\n",
}


@pytest.mark.parametrize("name", IN_SCRIPTS)
def test_a_comment_of_a_script_suppresses_with_its_reason(name: str, tmp_path: Path) -> None:
    comment = "sessionzero: ignore[SZFLAG006] Windows XP only"
    write(tmp_path / name, IN_SCRIPTS[name] % comment)
    code, out, _ = call(tmp_path, "check", "--show-suppressed", "--format", "json")
    assert (code, [it["suppressed"] for it in json.loads(out)["findings"]]) == (
        0,
        ["Windows XP only"],
    )
    write(tmp_path / name, IN_SCRIPTS[name] % "Windows XP only")
    assert call(tmp_path, "check").code == 1


def test_what_was_not_looked_for_is_not_called_unused(tmp_path: Path) -> None:
    (outcome,) = check(
        tmp_path, python(f"{PYTHON_BOX}  # sessionzero: ignore[SZUI] x"), "--select", "SZMSG"
    )
    assert "note:" not in outcome.out


def test_a_single_file_is_too_little_to_call_a_comment_unused(tmp_path: Path) -> None:
    write(tmp_path / "box.c", f"void f(void)\n{{\n{BOX} // sessionzero: ignore[SZUI001] why\n}}\n")
    assert "note:" not in call(tmp_path, "check", "box.c").out
    assert "box.c:3: note: There is no finding of SZUI001" in call(tmp_path, "check", ".").out


def test_suppressed_findings_are_shown_if_wanted_with_the_reason(tmp_path: Path) -> None:
    write(
        tmp_path / "service.py",
        python(f"{PYTHON_BOX}  # sessionzero: ignore[SZUI001] a kiosk")["service.py"],
    )
    code, out, _ = call(tmp_path, "check", "--show-suppressed")
    assert code == 0
    assert "[SZUI001]\n" in out
    assert "in Service.SvcDoRun, suppressed: a kiosk\n" in out
    assert "Not shown" not in out
    found = json.loads(call(tmp_path, "check", "--show-suppressed", "--format", "json").out)
    assert [it["suppressed"] for it in found["findings"]] == ["a kiosk"]
    assert found["summary"]["errors"] == 0
    assert found["summary"]["suppressed"] == 1


def test_sarif_leaves_suppressed_results_out_unless_they_are_wanted(tmp_path: Path) -> None:
    box = f"{PYTHON_BOX}  # sessionzero: ignore[SZUI001] a kiosk\n{PYTHON_BOX}"
    write(tmp_path / "service.py", python(box)["service.py"])
    (left,) = results(call(tmp_path, "check", "--format", "sarif"))
    assert "suppressions" not in left
    suppressed, other = results(call(tmp_path, "check", "--format", "sarif", "--show-suppressed"))
    assert suppressed["suppressions"] == [{"kind": "inSource", "justification": "a kiosk"}]
    assert other == left, "what is left out changes nothing of the rest, fingerprints included"


def results(outcome: Outcome) -> list[dict[str, object]]:
    found = json.loads(outcome.out)["runs"][0]["results"]
    assert isinstance(found, list)
    return found


# --- what is a comment ---

SHAPES: dict[str, tuple[Language, str, str]] = {
    "c": ("c", "a /* b */ c // d\ne", "a         c     \ne"),
    "c-string": ("c", 'a "/* b */" // c', 'a "/* b */"     '),
    "c-lone-cr": ("c++", "a // b\rc", "a     \nc"),
    "python": ("python", "a # b\nc", "a    \nc"),
    "python-strings": (
        "python",
        "'#' \"#\" '''#\n#''' r'\\'#' # x",
        "'#' \"#\" '''#\n#''' r'\\'#'    ",
    ),
    "python-open-string": ("python", "x = '#\ny # z", "x = '#\ny    "),
    "python-open-text": ("python", 'x = """#\ny # z', 'x = """#\ny # z'),
    "batch-rem": (
        "batch",
        "REM a\n@rem b\necho rem c\nrems d",
        "     \n      \necho rem c\nrems d",
    ),
    "batch-label": ("batch", ":: a\n:b\necho a:: b", "    \n:b\necho a:: b"),
    "batch-beside": ("batch", 'sc x & rem a\necho "& rem b"', 'sc x &      \necho "& rem b"'),
    "batch-crlf": ("batch", "a\r\nrem b\r\nc", "a\r\n     \r\nc"),
    "build": ("build", "# a", "# a"),
    "inf": ("inf", 'a="b;c" ; d\n;e', 'a="b;c"    \n  '),
    "inno": ("inno", ' ; a\nA: "; b"\nC: d; E: f', '    \nA: "; b"\nC: d; E: f'),
    "inno-code": ("inno", "F('// a'); // b\nc", "F('// a');     \nc"),
    "nsis": ("nsis", "a '; b' ; c\n# d\n/* e\nf */ g", "a '; b'    \n   \n    \n     g"),
    "powershell": ("powershell", "a '# b' # c\n<# d\ne #> f#g", "a '# b'    \n    \n     f#g"),
    "reg": ("reg", '; a\n"b"="; c"', '   \n"b"="; c"'),
    "vbscript": ("vbscript", "a \"' b\" ' c\nRem d\nRemote e", 'a "\' b"    \n     \nRemote e'),
    "wix": ("wix", "<a><!-- b\nc --> d", "<a>      \n      d"),
    "wrapper": ("wrapper", "# a\nb=# c", "   \nb=# c"),
}


@pytest.mark.parametrize("case", SHAPES)
def test_comments_are_told_from_code(case: str) -> None:
    language, text, code = SHAPES[case]
    assert without_comments(text.encode(), language).decode() == code
