"""Programs that scheduled tasks run in session 0: what scripts, installers and code say of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import Files, link
from programs import RULES
from sessionzero.components import components_of
from sessionzero.engine import run_checks
from test_wrapped import BOX, BOX_IN_C, SERVICE_IN_C, boxes

ACTION = (
    "$a = New-ScheduledTaskAction -Execute 'python.exe' -Argument 'C:\\Agent\\agent.py --quiet'\n"
)
TRIGGER = "$t = New-ScheduledTaskTrigger -AtStartup\n"
REGISTER = "Register-ScheduledTask -TaskName Agent -Trigger $t -Action $a -Principal $p -Force"


def of(principal: str, register: str = REGISTER) -> Files:
    return {"agent.py": BOX, "task.ps1": f"{ACTION}{TRIGGER}{principal}\n{register}"}


def by(command: str) -> Files:
    return {"agent.py": BOX, "install.bat": f"schtasks /create /tn Agent {command} /sc onstart /f"}


def exported(principal: str, command: str = "C:\\Agent\\agent.exe", arguments: str = "") -> Files:
    task = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Principals>
    <Principal id="Author">
      {principal}
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"""
    return {"agent.py": BOX, "agent-task.xml": task}


SCHEDULED: Mapping[str, Files] = {
    "system": by('/tr "python C:\\Agent\\agent.py" /ru SYSTEM'),
    "with-its-authority": by('/ru "NT AUTHORITY\\SYSTEM" /tr "python agent.py"'),
    "in-another-language": by('/ru "NT-AUTORITÄT\\SYSTEM" /tr "python agent.py"'),
    "no-name": by('/ru "" /tr "python agent.py"'),
    "local-service": by('/ru "NT AUTHORITY\\LocalService" /tr "python agent.py"'),
    "network-service": by('/RU "NETWORK SERVICE" /tr "python agent.py"'),
    "interactive-has-no-effect": by('/ru SYSTEM /it /tr "python agent.py"'),
    "in-several-lines": {
        "agent.py": BOX,
        "install.cmd": 'set RUN="%~dp0agent.exe"\nschtasks.exe /Create ^\n  /tn Agent ^\n'
        "  /tr %RUN% ^\n  /sc onstart ^\n  /ru SYSTEM",
    },
    "by-a-script": {
        "agent.py": BOX,
        "run.bat": "python agent.py",
        "install.bat": 'schtasks /create /tn Agent /tr "cmd /c C:\\Agent\\run.bat" /ru SYSTEM',
    },
    "an-executable": {
        "agent.c": BOX_IN_C,
        "setup.nsi": 'Section\nnsExec::Exec \'schtasks /create /tn Agent /tr "$INSTDIR\\agent.exe" '
        "/sc onlogon /ru SYSTEM'\nSectionEnd\n",
    },
    "inno-setup": {
        "agent.c": BOX_IN_C,
        "setup.iss": '[Run]\nFilename: "schtasks.exe"; Parameters: "/Create /TN Agent /RU SYSTEM '
        '/TR ""{app}\\agent.exe"" /SC ONSTART"',
    },
    "code": {
        "agent.py": BOX,
        "setup.py": "import subprocess\n"
        'subprocess.run(["schtasks", "/create", "/tn", "Agent", "/tr", "python agent.py", '
        '"/ru", "SYSTEM"])\n',
    },
    "code-by-a-function-of-its-own": {
        "agent.py": BOX,
        "setup.py": "import subprocess\nimport sys\n\n\ndef run(words):\n"
        "    subprocess.run(words, check=True)\n\n\n"
        "words = ['schtasks', '/create', '/tn', 'Agent', '/tr', f'{sys.executable} agent.py']\n"
        "words += ['/ru', 'SYSTEM']\nrun(words)\n",
    },
    "in-a-shell-of-powershell": {
        "agent.py": BOX,
        "install.ps1": '$task = "python.exe `"C:\\Agent\\agent.py`""\n'
        'cmd /c "schtasks /Create /TN Agent /TR `"$task`" /SC ONSTART /RU SYSTEM /F"',
    },
    "principal": of("$p = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -LogonType ServiceAccount"),
    "principal-by-position": of("$p = New-ScheduledTaskPrincipal SYSTEM"),
    "principal-by-sid": of("$p = New-ScheduledTaskPrincipal -UserId S-1-5-18"),
    "principal-in-place": of(
        "", REGISTER.replace("$p", "(New-ScheduledTaskPrincipal -UserId SYSTEM)")
    ),
    "a-service-account-that-isn't-known": of(
        "$p = New-ScheduledTaskPrincipal -UserId $account -LogonType ServiceAccount"
    ),
    "user-whether-logged-on-or-not": of(
        "$p = New-ScheduledTaskPrincipal -UserId $env:USERNAME -LogonType S4U"
    ),
    "register": of("", REGISTER.replace("-Principal $p", "-User SYSTEM")),
    "register-with-a-password": of(
        "", REGISTER.replace("-Principal $p", "-User $me -Password $secret")
    ),
    "splatted": of(
        "$p = New-ScheduledTaskPrincipal -UserId SYSTEM\n"
        "$task = @{\n    TaskName = 'Agent'\n    Action = $a\n    Principal = $p\n    Force = $true\n}",
        "Register-ScheduledTask @task",
    ),
    "a-task-made-before": of(
        "$p = New-ScheduledTaskPrincipal -UserId SYSTEM\n"
        "$task = New-ScheduledTask -Action $a -Trigger $t -Principal $p",
        "Register-ScheduledTask -TaskName Agent -InputObject $task | Out-Null",
    ),
    "a-path-that-is-formatted": {
        "agent.c": BOX_IN_C,
        "install.ps1": "$program = Join-Path $PSScriptRoot 'agent.exe'\n"
        "$command = '\"{0}\" run --kind {1}' -f $program, $kind\n"
        "schtasks.exe /Create /TN Agent /TR $command /SC DAILY /RU SYSTEM /F",
    },
    "exported": exported("<UserId>S-1-5-18</UserId> <!-- SYSTEM -->"),
    "exported-with-arguments": exported(
        "<UserId>S-1-5-19</UserId>", "&quot;C:\\Py\\python.exe&quot;", "agent.py &gt; out.txt"
    ),
    "exported-of-a-user": exported(
        "<UserId>PC\\me</UserId>\n<LogonType>Password</LogonType>", "python", "-u agent.py"
    ),
    "exported-second-of-two": exported(
        "<UserId>S-1-5-20</UserId>",
        "robocopy.exe</Command></Exec><Exec><Command>python",
        "C:\\Agent\\agent.py",
    ),
    "the-next-of-two": {
        "agent.py": BOX,
        "task.ps1": f"{ACTION}$p = New-ScheduledTaskPrincipal -UserId $me -LogonType Interactive\n"
        "$p = New-ScheduledTaskPrincipal -UserId SYSTEM\n" + REGISTER,
    },
}


@pytest.mark.parametrize("case", SCHEDULED)
def test_a_task_of_the_system_runs_in_session_0(case: str) -> None:
    (box,) = boxes(SCHEDULED[case])
    assert box.level == "error"
    assert box.confidence == "medium"
    assert " as a scheduled task " in box.path[0].message
    assert box.path[0].place.path != box.place.path


NOT_SCHEDULED: Mapping[str, Files] = {
    "the-user-who-makes-it": by('/tr "python agent.py"'),
    "a-user": by('/tr "python agent.py" /ru %USERNAME% /it'),
    "an-account-that-isn't-known": by('/tr "python agent.py" /ru %ACCOUNT%'),
    "a-user-with-a-password": by('/tr "python agent.py" /ru Agent /rp secret'),
    "a-group": by('/tr "python agent.py" /ru "BUILTIN\\Users"'),
    "another-program": by('/tr "python tray.py" /ru SYSTEM'),
    "only-deleted": {
        "agent.py": BOX,
        "remove.bat": "schtasks /delete /tn Agent /f\nschtasks /run /tn SYSTEM\npython agent.py",
    },
    "principal-of-the-user": of(
        "$p = New-ScheduledTaskPrincipal -UserId $env:USERNAME -LogonType Interactive"
    ),
    "principal-of-a-group": of("$p = New-ScheduledTaskPrincipal -GroupId 'BUILTIN\\Users'"),
    "no-principal": of("", "Register-ScheduledTask -TaskName SYSTEM -Action $a -Trigger $t"),
    "principal-of-another-task": {
        "agent.py": BOX,
        "task.ps1": f"{ACTION}$p = New-ScheduledTaskPrincipal -UserId SYSTEM\n"
        "$p = New-ScheduledTaskPrincipal -UserId $me -LogonType Interactive\n" + REGISTER,
    },
    "action-of-another-task": of(
        "$p = New-ScheduledTaskPrincipal -UserId SYSTEM\n"
        "$a = New-ScheduledTaskAction -Execute 'backup.exe'"
    ),
    "exported-of-who-is-logged-on": exported(
        "<UserId>PC\\me</UserId><LogonType>InteractiveToken</LogonType>"
    ),
    "exported-of-a-group": exported("<GroupId>S-1-5-32-545</GroupId>"),
    "exported-with-two-principals": exported(
        "<UserId>S-1-5-18</UserId></Principal><Principal id='b'><UserId>PC\\me</UserId>"
    ),
    "its-own-dispatcher": {
        "agent.c": SERVICE_IN_C,
        "i.bat": "schtasks /create /tn Agent /tr agent.exe /ru SYSTEM",
    },
}


@pytest.mark.parametrize("case", NOT_SCHEDULED)
def test_a_task_of_a_user_runs_where_the_user_is(case: str) -> None:
    assert not boxes(NOT_SCHEDULED[case])


def test_a_task_is_among_the_components_with_its_account() -> None:
    (component,) = components_of(link(SCHEDULED["local-service"]))
    assert component.kind == "service"
    assert component.why == "`schtasks /create` runs agent.py as a scheduled task of LOCAL SERVICE"


HOME = "import pathlib\n\nprint(pathlib.Path.home())\n"


def test_the_folder_of_the_account_of_a_task_is_a_note() -> None:
    program = link({**SCHEDULED["principal"], "agent.py": HOME})
    assert [(it.rule, it.level) for it in run_checks(program, RULES)] == [("SZUSER002", "note")]


def test_the_folder_of_the_user_of_a_task_is_right() -> None:
    program = link({**SCHEDULED["user-whether-logged-on-or-not"], "agent.py": HOME})
    assert not run_checks(program, RULES)
