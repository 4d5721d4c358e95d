"""Fixes in scripts, settings and command lines: the flag goes, every other byte stays."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from commands import call, command, environment, write
from linking import CATALOG
from sessionzero.engine import Options, check_paths
from sessionzero.installation.spelling import spelt_like, without_interactive
from sessionzero.memory import Memory
from sessionzero.repair import Repair, repaired
from sessionzero.report import Report

TYPES = {
    "272": "16",
    "0x110": "0x10",
    "0X00000120": "0X00000020",
    "$110": "$10",
    "&H110&": "&H10&",
    "#272": "#16",
    "#x110": "#x10",
    "0x1AFUL": "0xAFUL",
    "own|interact": "own",
    "interact own": "own",
    "SERVICE_INTERACTIVE_PROCESS or SERVICE_WIN32_SHARE_PROCESS": "SERVICE_WIN32_SHARE_PROCESS",
    "0x10 -bor 0x100": "0x10",
    "256": "",
    "interact": "",
    "(0x10 | 0x100)": "",
    "0x10 | (0x100)": "0x10",
    "Kind or SERVICE_INTERACTIVE_PROCESS": "",
    "%TYPE%": "",
}


@pytest.mark.parametrize("written", TYPES)
def test_a_type_without_the_flag_keeps_its_notation(written: str) -> None:
    assert without_interactive(written, written, CATALOG) == TYPES[written]


@pytest.mark.parametrize(
    ("written", "text", "wanted"),
    [
        ("dword:00000110", "0x00000110", "dword:00000010"),
        ("20,01,00,00", "0x00000120", "20,00,00,00"),
        ("10,01,00,00", "0x00000010", ""),
    ],
)
def test_registry_files_have_notations_of_their_own(written: str, text: str, wanted: str) -> None:
    assert without_interactive(written, text, CATALOG) == wanted


def test_the_constants_of_a_script_are_kept_by_their_names() -> None:
    written, text = "OWN or SERVICE_INTERACTIVE_PROCESS", "$10 or SERVICE_INTERACTIVE_PROCESS"
    assert without_interactive(written, text, CATALOG) == "OWN"
    assert without_interactive("KIND", "$110", CATALOG) == ""


@pytest.mark.parametrize(("written", "wanted"), [("0x0", "0x1"), ("00,00,00,00", "01,00,00,00")])
def test_another_number_keeps_the_notation(written: str, wanted: str) -> None:
    assert spelt_like(written, 1) == wanted


def mended(folder: Path, name: str, data: bytes, *, unsafe: bool = False) -> Repair:
    write(folder / name, data)

    def check(memory: Memory) -> Report:
        options = Options(cache=False, jobs=1)
        return check_paths([folder], root=folder, options=options, memory=memory)

    return repaired(check, root=folder, unsafe=unsafe)


REG = "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Größe]\n%s\n"
INF = (
    "[DefaultInstall.Services]\nAddService = A,,A_Install\n[A_Install]\n%s\n"
    '[Strings]\nName = "Größe"\n'
)
IDT = "ServiceInstall\tName\tServiceType\tStartName\ns72\ts255\ti4\tS255\nServiceInstall\tS\n%s\n"
AIP = '<COMPONENT cid="caphyon.advinst.msicomp.MsiServInstComponent">\n  %s\n</COMPONENT>\n'
WXS = "<Include>\n  %s\n</Include>\n"
ISS = '#define Name "Größe"\n%s\n'
KEY = r"HKLM\SYSTEM\CurrentControlSet\Services\A"

# A file, what is around a line of it, that line, and the same when it is mended.
EDITS: Mapping[str, tuple[str, str, str, str]] = {
    "sc": (
        "a.bat",
        "%s\n",
        "sc create A type= own type= interact start= auto",
        "sc create A type= own start= auto",
    ),
    "sc, the flag first": (
        "a.cmd",
        "%s\n",
        "sc config A type= interact type= own",
        "sc config A type= own",
    ),
    "sc, without blanks": (
        "a.bat",
        "%s\n",
        "SC CONFIG A TYPE=OWN TYPE=INTERACT&&echo x",
        "SC CONFIG A TYPE=OWN&&echo x",
    ),
    "sc, the flag alone": (
        "a.bat",
        "%s\n",
        "sc create A type= interact binPath= a.exe",
        "sc create A binPath= a.exe",
    ),
    "sc, over several lines": (
        "a.bat",
        "%s\n",
        "sc create A ^\n  type= own ^\n  type= interact ^\n  start= auto",
        "sc create A ^\n  type= own ^\n  start= auto",
    ),
    "sc, the value in the next line": (
        "a.bat",
        "%s\n",
        "sc create A type= own type= ^\n  interact start= auto",
        "sc create A type= own start= auto",
    ),
    "sc, quoted words": (
        "a.bat",
        "%s\n",
        'sc config A "type=" "own" "type=" "interact"',
        'sc config A "type=" "own"',
    ),
    "sc within quotes": (
        "a.bat",
        "%s\n",
        'cmd /c "sc config A type= own type= interact"',
        'cmd /c "sc config A type= own"',
    ),
    "reg": (
        "a.bat",
        "%s\n",
        f'reg add "{KEY}" /v Type /t REG_DWORD /d 272 /f',
        f'reg add "{KEY}" /v Type /t REG_DWORD /d 16 /f',
    ),
    "nssm": (
        "a.bat",
        "%s\n",
        "nssm set A Type SERVICE_INTERACTIVE_PROCESS",
        "nssm set A Type SERVICE_WIN32_OWN_PROCESS",
    ),
    "procrun": (
        "a.bat",
        "%s\n",
        "prunsrv //US//A --Type interactive --Startup auto",
        "prunsrv //US//A --Startup auto",
    ),
    "procrun, joined": ("a.bat", "%s\n", "a.exe //IS//A --Type=interactive", "a.exe //IS//A"),
    "cygrunsrv": ("a.bat", "%s\n", "cygrunsrv -I a -i -p /bin/a", "cygrunsrv -I a -p /bin/a"),
    "pywin32": ("a.bat", "%s\n", "python a.py --interactive install", "python a.py install"),
    "PowerShell, sc": (
        "a.ps1",
        "%s\n",
        "& sc.exe create A `\n    type= own `\n    type= interact `\n    start= auto",
        "& sc.exe create A `\n    type= own `\n    start= auto",
    ),
    "PowerShell, a list of words": (
        "a.ps1",
        "%s\n",
        "Start-Process sc.exe -ArgumentList 'config', 'A', 'type=', 'interact', 'type=', 'own'",
        "Start-Process sc.exe -ArgumentList 'config', 'A', 'type=', 'own'",
    ),
    "PowerShell, bits": (
        "a.ps1",
        "%s\n",
        r"Set-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Services\A Type (0x10 -bor 0x100)",
        r"Set-ItemProperty HKLM:\SYSTEM\CurrentControlSet\Services\A Type (0x10)",
    ),
    "PowerShell, CIM": (
        "a.ps1",
        "%s\n",
        "Invoke-CimMethod -MethodName Change -Arguments @{DesktopInteract=$true; Name='A'}",
        "Invoke-CimMethod -MethodName Change -Arguments @{DesktopInteract=$false; Name='A'}",
    ),
    "VBScript, the type and the flag": (
        "a.vbs",
        'Set s = GetObject("winmgmts:").Get("Win32_Service")\n%s\n',
        's.Create "A", "A", "a.exe", 272, 1, "Automatic", True',
        's.Create "A", "A", "a.exe", 16, 1, "Automatic", False',
    ),
    "INF, a service": ("a.inf", INF, "ServiceType = 0x110 ; 0x110", "ServiceType = 0x10 ; 0x110"),
    "INF, a driver": ("a.inf", INF, "ServiceType = 0x101", "ServiceType = 0x1"),
    "INF, a value": (
        "a.inf",
        "[S]\nAddReg = R\n[R]\n%s\n",
        f'HKLM,"{KEY[5:]}",Type,0x10001,272',
        f'HKLM,"{KEY[5:]}",Type,0x10001,16',
    ),
    "registry file": ("a.reg", REG, '"Type"=dword:00000120', '"Type"=dword:00000020'),
    "registry file, bytes": (
        "a.reg",
        REG,
        '"Type"=hex(4):10,01,00,00',
        '"Type"=hex(4):10,00,00,00',
    ),
    "WiX": (
        "a.wxs",
        WXS,
        '<ServiceInstall Name="A" Interactive="yes" Type="ownProcess" />',
        '<ServiceInstall Name="A" Type="ownProcess" />',
    ),
    "WiX, the last attribute": (
        "a.wxs",
        WXS,
        "<ServiceInstall Name='A' Type='ownProcess' Interactive = 'yes'/>",
        "<ServiceInstall Name='A' Type='ownProcess'/>",
    ),
    "WiX, a line of its own": (
        "a.wxs",
        WXS,
        '<ServiceInstall Name="A"\n    Interactive="yes"\n    Type="ownProcess"/>',
        '<ServiceInstall Name="A"\n    Type="ownProcess"/>',
    ),
    "WiX, the first of a line": (
        "a.wxs",
        WXS,
        '<ServiceInstall Name="A"\n    Interactive="yes" Type="ownProcess"/>',
        '<ServiceInstall Name="A"\n    Type="ownProcess"/>',
    ),
    "WiX, a command": (
        "a.wxi",
        WXS,
        '<CustomAction ExeCommand="sc config A type= own type= interact" />',
        '<CustomAction ExeCommand="sc config A type= own" />',
    ),
    "a table": ("ServiceInstall.idt", IDT, "A\tA\t272\t", "A\tA\t16\t"),
    "a project of Advanced Installer": (
        "a.aip",
        AIP,
        '<ROW Name="A" ServiceType="288" StartType="2"/>',
        '<ROW Name="A" ServiceType="32" StartType="2"/>',
    ),
    "NSIS, a plug-in": (
        "a.nsi",
        "%s\n",
        'SimpleSC::InstallService "A" "A" "272" "2" \\\n  "a.exe" "" "" ""',
        'SimpleSC::InstallService "A" "A" "16" "2" \\\n  "a.exe" "" "" ""',
    ),
    "NSIS, a function of Windows": (
        "a.nsi",
        "%s\n",
        "System::Call 'advapi32::CreateServiceW(p r1, w \"A\", n, i 1, i 0x110, i 2)'",
        "System::Call 'advapi32::CreateServiceW(p r1, w \"A\", n, i 1, i 0x10, i 2)'",
    ),
    "NSIS, the first of some options": (
        "a.nsi",
        "%s\n",
        '!insertmacro SERVICE "create" "A" "interact=1;path=a.exe"',
        '!insertmacro SERVICE "create" "A" "path=a.exe"',
    ),
    "Inno Setup, an entry": (
        "a.iss",
        ISS,
        f'[Registry]\nRoot: HKLM; Subkey: "{KEY[5:]}"; ValueName: "Type"; ValueData: "$110"',
        f'[Registry]\nRoot: HKLM; Subkey: "{KEY[5:]}"; ValueName: "Type"; ValueData: "$10"',
    ),
    "Inno Setup, code": (
        "a.iss",
        ISS,
        "[Code]\nconst OWN = $10;\nbegin\n"
        "  CreateService(M, 'A', 'A', 1, OWN or SERVICE_INTERACTIVE_PROCESS, 2, 1, 'a.exe');\nend;",
        "[Code]\nconst OWN = $10;\nbegin\n  CreateService(M, 'A', 'A', 1, OWN, 2, 1, 'a.exe');\nend;",
    ),
    "a form": (
        "a.dfm",
        "object A: TA\n  DisplayName = 'Größe'\n%s\nend\n",
        "  Interactive = True",
        "  Interactive = False",
    ),
    "Java Service Wrapper": (
        "wrapper.conf",
        "# Größe\n%s\n",
        "wrapper.ntservice.interactive = TRUE",
        "wrapper.ntservice.interactive = FALSE",
    ),
    "a command of C": (
        "a.c",
        "void f(void)\n{\n    %s\n}\n",
        'system("sc config \\"A\\" type= interact type= own");',
        'system("sc config \\"A\\" type= own");',
    ),
    "a command of C, in pieces": (
        "a.c",
        '#define SC "sc.exe"\nvoid f(void)\n{\n    %s\n}\n',
        'system(SC " config A type= own type= interact");',
        'system(SC " config A type= own");',
    ),
    "a command of C++, in a variable": (
        "a.cpp",
        "#include <windows.h>\nbool f(STARTUPINFOW &s, PROCESS_INFORMATION &p)\n{\n    %s\n"
        "    return CreateProcessW(0, line, 0, 0, 0, 0, 0, 0, &s, &p);\n}\n",
        'wchar_t line[] = L"sc config A type= own type= interact";',
        'wchar_t line[] = L"sc config A type= own";',
    ),
    "a registry value by a command of C": (
        "a.c",
        "#include <windows.h>\nvoid f(HKEY k)\n{\n    %s\n"
        '    RegSetValueExW(k, L"Start", 0, 4, 0, 0);\n}\n',
        f'system("reg add {KEY}'.replace("\\", "\\\\") + ' /v Type /t REG_DWORD /d 0x110 /f");',
        f'system("reg add {KEY}'.replace("\\", "\\\\") + ' /v Type /t REG_DWORD /d 0x10 /f");',
    ),
    "a command of Python": (
        "a.py",
        "import os\n%s\n",
        'os.system(f"sc config {NAME} type= own type= interact")',
        'os.system(f"sc config {NAME} type= own")',
    ),
    "words of Python": (
        "a.py",
        "import subprocess\n%s\n",
        "subprocess.run(('sc', 'config', 'A', 'type=', 'interact', 'type=', 'own'))",
        "subprocess.run(('sc', 'config', 'A', 'type=', 'own'))",
    ),
    "words of Python, one a line": (
        "a.py",
        "import subprocess\n%s\n",
        'subprocess.run([\n    "sc",\n    "create",\n    "A",\n    "type=interact",\n])',
        'subprocess.run([\n    "sc",\n    "create",\n    "A",\n])',
    ),
}
# How the files are written that such tools make, beside UTF-8.
ENCODINGS = {
    "UTF-8": ("utf-8", "\n"),
    "CR LF and a byte order mark": ("utf-8-sig", "\r\n"),
    "UTF-16": ("utf-16", "\r\n"),
    "UTF-16, the other way round": ("utf-16-be", "\r\n"),
    "cp1252": ("cp1252", "\r\n"),
}


def encode(text: str, how: str) -> bytes:
    encoding, line_end = ENCODINGS[how]
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    return mark + text.replace("\n", line_end).encode(encoding)


@pytest.mark.parametrize("how", ENCODINGS)
@pytest.mark.parametrize("case", EDITS)
def test_the_flag_goes_and_every_other_byte_stays(tmp_path: Path, case: str, how: str) -> None:
    name, around, before, after = EDITS[case]
    data, wanted = (encode(around % line, how) for line in (before, after))
    repair = mended(tmp_path, name, data)
    assert repair.files == {name: (data, wanted)}
    assert not repair.report.findings
    assert not mended(tmp_path, name, wanted, unsafe=True).files


LEFT = {
    "nothing would be left": ("a.bat", "sc config A type= interact\n"),
    "a number that is only the flag": ("a.inf", INF % "ServiceType = 0x100"),
    "the number stands elsewhere": ("a.bat", f"set T=272\nreg add {KEY} /v Type /d %T%\n"),
    "a constant of the script": (
        "a.nsi",
        '!define T 272\nSimpleSC::InstallService "A" "A" "${T}" "2" "a.exe"\n',
    ),
    "twice in a text": (
        "a.vbs",
        'shell.Run "cmd /c sc config A type= own type= interact & '
        'sc config B type= own type= interact"\n',
    ),
    "a service that shows the windows": ("a.bat", "net start UI0Detect\n"),
}


@pytest.mark.parametrize(("name", "text"), LEFT.values(), ids=LEFT)
def test_what_has_no_plain_mend_is_left_alone(tmp_path: Path, name: str, text: str) -> None:
    repair = mended(tmp_path, name, text.encode(), unsafe=True)
    assert not repair.files
    assert repair.report.findings


ASKED = {
    "the value of a variable": (
        "a.wxs",
        '<?define I = "yes"?><Include>%s</Include>',
        '<ServiceInstall Name="A" Interactive="$(var.I)"/>',
        '<ServiceInstall Name="A"/>',
    ),
    "a constant that says yes": (
        "a.vbs",
        'Const DESKTOP = True\nSet s = GetObject("winmgmts:").Get("Win32_Service")\n%s\n',
        "s.Change , , , , , DESKTOP",
        "s.Change , , , , , False",
    ),
    "the policy of the machine": (
        "a.reg",
        "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Windows]\n%s\n",
        '"NoInteractiveServices"=dword:00000000',
        '"NoInteractiveServices"=dword:00000001',
    ),
    "a line that is printed too": (
        "a.c",
        "void f(void)\n{\n    %s\n    puts(line);\n    system(line);\n}\n",
        'const char *line = "sc config A type= own type= interact";',
        'const char *line = "sc config A type= own";',
    ),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_a_person_must_look_at_is_changed_only_if_asked(tmp_path: Path, case: str) -> None:
    name, around, before, after = ASKED[case]
    data = (around % before).encode()
    assert not mended(tmp_path, name, data).files
    assert mended(tmp_path, name, data, unsafe=True).files[name][1] == (around % after).encode()


# --- wherever fixes are shown ---

SETTINGS = {
    "agent.reg": (REG % '"Type"=dword:00000110', "dword:00000110", "dword:00000010", "UTF-16"),
    "agent.inf": (INF % "ServiceType = 0x110", "0x110", "0x10", "UTF-16"),
    "agent.iss": (
        ISS % '[Run]\nFilename: "sc.exe"; Parameters: "config A type= own type= interact"',
        " type= interact",
        "",
        "cp1252",
    ),
    "agent.bat": ("sc config A type= own type= interact\n", " type= interact", "", "UTF-8"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_git_applies_the_patch(tmp_path: Path, name: str) -> None:
    text, old, new, how = SETTINGS[name]
    write(tmp_path / name, encode(text, how))
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    words, env = command("check", "--patch"), environment(tmp_path)
    ran = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, check=False)
    git = ["git", "-c", "core.autocrlf=false", "apply", "-"]
    subprocess.run(git, cwd=tmp_path, input=ran.stdout, check=True)
    assert (tmp_path / name).read_bytes() == encode(text.replace(old, new), how)


@pytest.mark.parametrize("name", SETTINGS)
def test_reports_have_the_edit(tmp_path: Path, name: str) -> None:
    text, old, new, how = SETTINGS[name]
    write(tmp_path / name, encode(text, how))
    (found,) = json.loads(call(tmp_path, "check", "--format", "json").out)["findings"]
    (fix,) = found["fixes"]
    (edit,) = fix["edits"]
    line = text.split("\n")[edit["line"] - 1]
    mended_line = line[: edit["column"] - 1] + edit["text"] + line[edit["end_column"] - 1 :]
    assert mended_line == line.replace(old, new)
    run = json.loads(call(tmp_path, "check", "--format", "sarif").out)["runs"][0]
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    assert (region["startLine"], region["startColumn"]) == (edit["line"], edit["column"])
    assert replacement["insertedContent"] == {"text": edit["text"]}
