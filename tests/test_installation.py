"""What installers do, as the catalogue's words tell it: types, accounts, keys, command lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from commands import call, write
from linking import CATALOG
from sessionzero.engine import check_sources
from sessionzero.installation.actions import Action, Given
from sessionzero.installation.registry_keys import is_windows_policy, service_of, value_of
from sessionzero.installation.service_types import (
    ServiceType,
    is_other_account,
    number_in,
    type_in,
)
from sessionzero.link.files.units import Spot

NUMBERS = {
    "272": 272,
    "0x110": 0x110,
    "0X00000110": 0x110,
    "$110": 0x110,
    "&H110": 0x110,
    "&h110&": 0x110,
    "#272": 272,
    "#x110": 0x110,
    "0x110UL": 0x110,
    " 16 ": 16,
    "": None,
    "own": None,
    "$type": None,
    "[TYPE]": None,
    "0x": None,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text: str) -> None:
    assert number_in(text) == NUMBERS[text]


TYPES: Mapping[str, tuple[list[str], ServiceType]] = {
    "words": (["own", "interact"], ServiceType(0x110, exact=True)),
    "other-order": (["interact", "share"], ServiceType(0x120, exact=True)),
    "alone": (["Interact"], ServiceType(0x100, exact=True)),
    "number": (["0x120"], ServiceType(0x120, exact=True)),
    "constants": (
        ["SERVICE_WIN32_OWN_PROCESS or SERVICE_INTERACTIVE_PROCESS"],
        ServiceType(0x110, exact=True),
    ),
    "bars": (
        ["SERVICE_WIN32_OWN_PROCESS|SERVICE_INTERACTIVE_PROCESS"],
        ServiceType(0x110, exact=True),
    ),
    "sum": (["16 + 256"], ServiceType(0x110, exact=True)),
    "powershell": (["0x10 -bor 0x100"], ServiceType(0x110, exact=True)),
    "part-unknown": (["Kind or SERVICE_INTERACTIVE_PROCESS"], ServiceType(0x100, exact=False)),
    "unknown": (["%TYPE%"], ServiceType(0, exact=False)),
    "taken-away": (["Kind and not SERVICE_INTERACTIVE_PROCESS"], ServiceType(0, exact=False)),
    "cleared": (["$kind -band -bnot 0x100"], ServiceType(0, exact=False)),
    "wix": (["ownProcess"], ServiceType(0x10, exact=True)),
}


@pytest.mark.parametrize("case", TYPES)
def test_types(case: str) -> None:
    texts, wanted = TYPES[case]
    assert type_in(texts, CATALOG) == wanted


@pytest.mark.parametrize("text", ["NT AUTHORITY\\LocalService", ".\\agent", "agent@example.com"])
def test_other_accounts(text: str) -> None:
    assert is_other_account(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "LocalSystem", ".\\LocalSystem", "NT AUTHORITY\\SYSTEM", "%USER%", "[USER]"),
        *("$user", "Null", "${USER}", "{code:User}", "!(loc.User)", "$(var.User)"),
    ],
)
def test_accounts_that_are_the_system_or_unknown(text: str) -> None:
    assert not is_other_account(text)


SERVICE = "SYSTEM\\CurrentControlSet\\Services\\Agent"
KEYS: Mapping[str, tuple[dict[str, str], str]] = {
    "powershell": ({"key": f"HKLM:\\{SERVICE}"}, "Agent"),
    "powershell-provider": ({"key": f"Registry::HKEY_LOCAL_MACHINE\\{SERVICE}"}, "Agent"),
    "reg": ({"key": f"HKEY_LOCAL_MACHINE\\{SERVICE.lower()}"}, "agent"),
    "other-computer": ({"key": f"\\\\server\\HKLM\\{SERVICE}"}, "Agent"),
    "root": ({"root": "HKLM64", "subkey": SERVICE}, "Agent"),
    "table": ({"root": "2", "subkey": f"{SERVICE}\\"}, "Agent"),
    "numbered-set": ({"key": "HKLM\\SYSTEM\\ControlSet001\\Services\\Agent"}, "Agent"),
    "unknown-service": ({"key": "HKLM\\SYSTEM\\CurrentControlSet\\Services\\%NAME%"}, "%NAME%"),
    "path": ({"path": f"HKLM\\{SERVICE}\\Type"}, "Agent"),
    "user": ({"key": f"HKCU\\{SERVICE}"}, ""),
    "other-table": ({"root": "1", "subkey": SERVICE}, ""),
    "below": ({"key": f"HKLM\\{SERVICE}\\Parameters"}, ""),
    "no-root": ({"key": SERVICE}, ""),
    "software": ({"key": "HKLM\\SOFTWARE\\Services\\Agent"}, ""),
}


@pytest.mark.parametrize("case", KEYS)
def test_keys_of_services(case: str) -> None:
    given, wanted = KEYS[case]
    spot = Spot(0, 0, 0, 0)
    texts = tuple(Given(role, text, "", text, spot) for role, text in given.items())
    key, _ = value_of(Action("registry-write", "", "", "reg", spot, texts))
    assert service_of(key) == wanted
    assert not is_windows_policy(key)


# A batch file, and the rule that speaks of it.
COMMANDS = {
    r"%SystemRoot%\System32\sc.exe config A type= own type= interact": "SZFLAG006",
    r"sc \\server config A type= own type= interact": "SZFLAG006",
    r'"C:\Windows\system32\SC.EXE" CONFIG A TYPE= OWN TYPE= INTERACT': "SZFLAG006",
    r"cmd /c sc config A type= own type= interact": "SZFLAG006",
    r'cmd.exe /s /c "sc config A type= own type= interact"': "SZFLAG006",
    r"if not errorlevel 1 sc config A type= interact type= share": "SZFLAG006",
    r"sc config A binPath= sc type= own type= interact obj= LocalSystem": "SZFLAG006",
    r"sc config A type= own type= interact obj= .\a": "SZFLAG002",
    r"sc create A binPath= a.sys type= kernel type= interact": "SZFLAG002",
    r"sc config A type= interact": "SZFLAG002",
    r"sc query type= service type= interact": "",
    r"sc config A DisplayName= interact type= own": "",
    r"osc config A type= own type= interact": "",
    r"sc start UI0Detect": "SZFLAG007",
    r"sc config UI0Detect start= disabled": "",
    r"net1 start ui0detect": "SZFLAG007",
    r"net start Agent": "",
    r"nssm.exe set A Type SERVICE_INTERACTIVE_PROCESS": "SZFLAG006",
    r"nssm set A Description SERVICE_INTERACTIVE_PROCESS": "",
    r"agent.exe //US//A --Type interactive": "SZFLAG006",
    r"agent.exe //IS//A --Type interactive --ServiceUser .\a": "SZFLAG002",
    r"agent.exe //TS//A --Type interactive": "",
    r"cygrunsrv --install a --interactive -p /bin/a": "SZFLAG006",
    r"cygrunsrv -I a -p /bin/a": "",
    r"cygrunsrv -i a": "",
    r"agent.py --interactive install": "SZFLAG005",
    r"C:\Python\python.exe agent.py --interactive --startup auto update": "SZFLAG005",
    r"python agent.py install --interactive": "",
    r"python agent.py --interactive debug": "",
    r"python agent.py --startup auto install": "",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(command: str) -> None:
    rules = [finding.rule for finding in check_sources({"install.bat": f"{command}\n"})]
    assert rules == [rule for rule in (COMMANDS[command],) if rule]


PYTHON = {
    'subprocess.run(f"sc config {name} type= own type= interact")': "SZFLAG006",
    'subprocess.run("sc config %s type= own type= interact" % name)': "SZFLAG006",
    'subprocess.run("sc config {} type= own type= interact".format(name))': "SZFLAG006",
    'subprocess.run("sc config A type= own type= interact obj= " + name)': "SZFLAG006",
    'subprocess.run(["sc", "create", name, "type=", "own", "type=", "interact"])': "SZFLAG006",
    'subprocess.run("sc config A type= " + name)': "",
    "subprocess.run(f\"sc config A type= {'own' if name else 'interact'}\")": "SZFLAG002",
    'subprocess.run(name + " config A type= own type= interact")': "",
    'wmi.WMI().Win32_Service.Create(Name="A", DesktopInteract=True)': "SZFLAG001",
    'c = wmi.WMI()\nc.Win32_Service.Create("A", "A", "a", 16, 1, "Automatic", True)': "SZFLAG001",
    'wmi.WMI().Win32_Service(Name="A")[0].Change(DesktopInteract=True)': "SZFLAG001",
    'wmi.WMI().Win32_Service.Create(Name="A", DesktopInteract=True, StartName=".\\\\a")': "SZFLAG002",
    'wmi.WMI().Win32_Service(Name="A")[0].Change(DesktopInteract=False)': "",
    "wmi.WMI().Win32_Service(DesktopInteract=True)": "",
}


@pytest.mark.parametrize("code", PYTHON)
def test_commands_and_wmi_of_python(code: str) -> None:
    source = f"import subprocess\nimport wmi\n\ndef install(name):\n    {code}\n"
    found = check_sources({"setup.py": source.replace("\nc.", "\n    c.")})
    assert [finding.rule for finding in found] == [rule for rule in (PYTHON[code],) if rule]


REG = """Windows Registry Editor Version 5.00\r
\r
[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Größe]\r
"DisplayName"="日本"\r
"Type"=dword:00000110\r
"""


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_a_folder_with_nothing_but_an_installer_is_analysed(encoding: str, tmp_path: Path) -> None:
    write(tmp_path / "agent.reg", REG.encode(encoding))
    code, out, _ = call(tmp_path, "check", "--format", "json")
    (finding,) = json.loads(out)["findings"]
    assert (code, finding["rule"], finding["line"], finding["column"]) == (1, "SZFLAG006", 5, 8)


def test_damaged_utf_16_and_broken_xml_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "broken.wxs", "<Wix>\n<ServiceInstall Interactive='yes'>\n")
    write(tmp_path / "damaged.reg", REG.encode("utf-16")[:-30] + b"\0\xd8")
    write(tmp_path / "agent.bat", "sc config A type= own type= interact\n")
    code, out, _ = call(tmp_path, "check")
    assert code == 1
    assert "agent.bat:1:23: error:" in out
    assert "broken.wxs:3: warning: it is not well-formed XML" in out
