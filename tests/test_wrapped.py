"""Programs that a wrapper such as NSSM runs as a service: what scripts and installers say of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from linking import CATALOG, Files, link
from programs import RULES
from sessionzero.components import components_of
from sessionzero.engine import run_checks
from sessionzero.findings import Finding
from sessionzero.gate import Gate
from sessionzero.sources.files import language_of
from sessionzero.sources.text import SourceText

BOX = """\
import ctypes


def main():
    ctypes.windll.user32.MessageBoxW(0, "Full", "Agent", 0)


if __name__ == "__main__":
    main()
"""
BOX_IN_C = """\
#include <windows.h>

int main(void)
{
    MessageBoxW(NULL, L"Full", L"Agent", MB_OK);
    return 0;
}
"""
SERVICE_IN_C = """\
#include <windows.h>

static void WINAPI service_main(DWORD argc, LPWSTR *argv) { (void)argc, (void)argv; }

int wmain(int argc, wchar_t **argv)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Agent", service_main}, {NULL, NULL}};
    if (argc > 1) {
        MessageBoxW(NULL, L"Usage: agent", L"Agent", MB_OK);
        return 1;
    }
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""
SERVED = """\
import ctypes


def announce():
    ctypes.windll.user32.MessageBoxW(0, "Ready", "Agent", 0)


announce()
if __name__ == "__main__":
    ctypes.windll.user32.MessageBoxW(0, "Started by hand", "Agent", 0)
"""
SETUP = """\
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NSSM = HERE / "tools" / "nssm.exe"
SCRIPT = HERE / "agent.py"

"""
PARAMETERS = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Agent\Parameters"
WORDS = "$words = @('install', 'Agent', 'python.exe', (Join-Path $PSScriptRoot 'agent.py'))\n"
SPAWNED = '["nssm", "install", "Agent", sys.executable, os.path.join(HERE, "agent.py")]'

WRAPPED: Mapping[str, Files] = {
    "batch": {
        "agent.py": BOX,
        "install.bat": r'nssm install Agent "C:\Py\python.exe" "%~dp0agent.py"',
    },
    "a-variable-with-its-path": {
        "agent.py": BOX,
        "install.bat": 'set run="%CD%\\tools\\nssm.exe"\n%run% install Agent python agent.py',
    },
    "in-two-steps": {
        "agent.py": BOX,
        "install.cmd": "nssm install Agent python\nnssm set Agent AppParameters agent.py --quiet",
    },
    "as-a-module": {"agent/run.py": BOX, "install.cmd": "nssm install Agent py -m agent.run"},
    "a-script-that-runs-it": {
        "agent.py": BOX,
        "run.bat": "cd /d %~dp0\npython -u agent.py",
        "install.bat": r"nssm install Agent %~dp0run.bat",
    },
    "an-executable": {"agent.c": BOX_IN_C, "install.bat": r"nssm64 install Agent bin\agent.exe"},
    "without-its-ending": {"agent.c": BOX_IN_C, "install.bat": r"nssm install Agent bin\agent"},
    "powershell": {
        "agent.py": BOX,
        "install.ps1": "param([string]$NssmPath, [string]$Dir)\n"
        '$script = Join-Path $Dir "agent.py"\n'
        "& $NssmPath install Agent python.exe $script",
    },
    "shawl": {"agent.c": BOX_IN_C, "i.bat": "shawl add --name Agent -- bin/agent.exe --port 80"},
    "servy": {
        "agent.py": BOX,
        "i.bat": 'servy-cli install --quiet ^\n  --name="Agent" ^\n  --path="C:\\Py\\python.exe" ^\n'
        '  --startupDir="%~dp0" ^\n  --params="agent.py --port 80"',
    },
    "procrun": {
        "agent.c": BOX_IN_C,
        "i.bat": r"agentw.exe //IS//Agent --StartMode=exe --StartImage=C:\Agent\agent.exe",
    },
    "cygrunsrv": {"agent.c": BOX_IN_C, "i.bat": "cygrunsrv -I agent -p /usr/bin/agent.exe"},
    "winsw": {
        "agent.py": BOX,
        "service/agent.xml": "<!-- WinSW --><service>\n  <id>Agent</id>\n  <name>Agent</name>\n"
        "  <executable>%BASE%\\..\\venv\\Scripts\\python.exe</executable>\n"
        '  <arguments>"%BASE%\\..\\agent.py" --quiet</arguments>\n  <log mode="roll"/>\n</service>',
    },
    "winsw-with-another-root": {
        "agent.py": BOX,
        "run.bat": "pipenv run python agent.py",
        "winsw.xml": "<configuration><id>a</id><executable>cmd.exe</executable>"
        "<arguments>/c run.bat</arguments></configuration>",
    },
    "winsw-with-an-executable": {
        "agent.c": BOX_IN_C,
        "winsw.xml": "<service><id>a</id><executable>%BASE%\\agent.exe</executable></service>",
    },
    "winsw-with-arguments-one-by-one": {
        "agent/run.py": BOX,
        "winsw.xml": "<service><id>a</id><executable>python</executable>"
        "<argument>-m</argument><argument>agent.run</argument></service>",
    },
    "srvany": {
        "agent.c": BOX_IN_C,
        "agent.reg": f'REGEDIT4\n\n[{PARAMETERS}]\n"Application"="C:\\\\Agent\\\\agent.exe"\n',
    },
    "srvany-by-reg": {
        "agent.c": BOX_IN_C,
        "i.bat": rf"reg add {PARAMETERS} /v Application /d C:\Agent\agent.exe",
    },
    "inno-setup": {
        "agent.py": BOX,
        "setup.iss": '[Run]\nFilename: "{app}\\nssm.exe"; '
        'Parameters: "install Agent ""{app}\\agent.exe"""',
    },
    "nsis": {
        "agent.py": BOX,
        "setup.nsi": 'Section\nExecWait \'"$INSTDIR\\nssm.exe" install Agent "$INSTDIR\\agent.exe"\''
        "\nSectionEnd\n",
    },
    "code": {
        "agent.py": BOX,
        "setup.py": "import os, subprocess, sys\nHERE = os.path.dirname(__file__)\n"
        f"subprocess.run({SPAWNED})\n",
    },
    **{
        name: {"agent.py": BOX, "setup_service.py": f"{SETUP}{code}"}
        for name, code in {
            "code-by-a-function-of-its-own": "def run(command):\n"
            "    subprocess.run(command, check=True)\n\n\n"
            "run([str(NSSM), 'install', 'Agent', sys.executable, str(SCRIPT)])\n",
            "code-by-two-functions": "def run(command):\n    subprocess.run(command)\n\n\n"
            "def nssm(*words):\n    run([NSSM, *words])\n\n\n"
            "nssm('stop', 'Agent')\nnssm('install', 'Agent', sys.executable, SCRIPT)\n",
            "code-with-a-list-behind-another": "def nssm(words):\n"
            "    subprocess.run([NSSM] + words)\n\n\n"
            "nssm(['install', 'Agent', 'python', str(SCRIPT)])\n",
            "code-with-a-method": "class Setup:\n    def __init__(self):\n"
            "        self.nssm = HERE / 'nssm.exe'\n\n"
            "    def run(self, *words):\n        subprocess.run([str(self.nssm), *words])\n\n"
            "    def install(self):\n        self.run('install', 'Agent', 'python', SCRIPT)\n\n\n"
            "Setup().install()\n",
            "code-with-a-list-that-grows": "words = [NSSM, 'install', 'Agent']\n"
            "words += ['python']\nwords.append(str(SCRIPT))\nsubprocess.run(words)\n",
            "code-with-a-list-of-lists": "for words in [[NSSM, 'install', 'Agent', SCRIPT], "
            "[NSSM, 'start', 'Agent']]:\n    subprocess.run(words)\n",
            "code-with-a-joined-list": "subprocess.run(' '.join("
            "[str(NSSM), 'install', 'Agent', str(SCRIPT)]), shell=True)\n",
            "code-with-a-line-that-is-split": "import shlex\n\n"
            "subprocess.run(shlex.split(f'nssm install Agent python {SCRIPT}'))\n",
            "code-that-looks-for-it": "import shutil\n\nnssm = shutil.which('nssm')\n"
            "subprocess.run([nssm, 'install', 'Agent', sys.executable, SCRIPT])\n",
            "code-with-a-shell": "subprocess.run("
            "['powershell', '-Command', f'nssm install Agent python {SCRIPT}'])\n",
        }.items()
    },
    "the-nearest-of-a-name": {
        "agent/main.py": BOX,
        "tools/main.py": BOX.replace("Full", "Empty"),
        "agent/install.bat": "nssm install Agent python main.py",
    },
    "the-one-in-the-folder-that-is-said": {
        "agent/main.py": BOX,
        "tools/main.py": BOX.replace("Full", "Empty"),
        "tools/install.bat": r"nssm install Agent python C:\Apps\agent\main.py",
    },
    "the-outermost-of-a-name": {
        "main.py": BOX,
        "tools/main.py": BOX.replace("Full", "Empty"),
        "setup/install.bat": "nssm install Agent python main.py",
    },
    "the-defaults-of-parameters": {
        "agent.py": BOX,
        "install.ps1": "param(\n"
        '    [string]$Name = "Agent",  # as the console shows it\n'
        "    [Parameter(Mandatory=$false)] [string]$Python = (Join-Path $env:ProgramFiles 'py.exe'),"
        '\n    [string]$Script = "C:\\Agent\\agent.py",\n    [switch]$Force\n)\n'
        "& nssm install $Name $Python $Script",
    },
    "a-powershell-script-that-runs-it": {
        "agent.py": BOX,
        "run.ps1": "python (Join-Path $PSScriptRoot 'agent.py')",
        "install.ps1": r"nssm install Agent powershell.exe -NoProfile -File C:\Agent\run.ps1",
    },
    "words-in-a-list": {
        "agent.py": BOX,
        "install.ps1": f"{WORDS}& $nssm $words",
    },
    "words-that-are-splatted": {
        "agent.py": BOX,
        "install.ps1": f"{WORDS}$words += '--quiet'\n& $nssm @words",
    },
    "words-handed-to-a-cmdlet": {
        "agent.py": BOX,
        "install.ps1": f"{WORDS}Start-Process -FilePath nssm.exe -ArgumentList $words -Wait",
    },
    "one-text-handed-to-a-cmdlet": {
        "agent.py": BOX,
        "install.ps1": 'Start-Process $NssmExe "install Agent python `"$dir\\agent.py`"" -Wait',
    },
    "frozen-by-a-command": {
        "agent.py": BOX,
        "build.bat": r'pyinstaller --onefile --add-data "a;b" --name "Watcher" src\agent.py',
        "install.bat": r"nssm install Agent C:\Agent\Watcher.exe",
    },
    "frozen-by-a-module": {
        "agent.py": BOX,
        "build.ps1": "python -m PyInstaller agent.py -n Watcher --noconsole",
        "install.ps1": "& $nssm install Agent (Join-Path $PSScriptRoot 'dist\\Watcher.exe')",
    },
    "frozen-under-another-name": {
        "agent.py": BOX,
        "agent.spec": "a = Analysis(['agent.py'])\nexe = EXE(PYZ(a.pure), a.scripts, name='Watcher')\n",
        "install.bat": r"nssm install Agent C:\Agent\Watcher.exe",
    },
    "a-tool-that-runs-it": {
        "agent.py": BOX,
        "run.bat": "poetry run python agent.py",
        "install.bat": "nssm install Agent run.bat",
    },
    "parameters-in-one-text": {
        "agent/run.py": BOX,
        "install.ps1": '$parameters = "-m agent.run --quiet"\nnssm install Agent python\n'
        "nssm set Agent AppParameters $parameters",
    },
    "a-quoted-path-in-code": {
        "agent.py": BOX,
        "setup.py": "import pathlib, subprocess, sys\nHERE = pathlib.Path(__file__).parent\n"
        """subprocess.run(["nssm", "install", "Agent", sys.executable, f'"{HERE}/agent.py"'])\n""",
    },
    "a-server-that-loads-it": {
        "app/main.py": SERVED,
        "install.ps1": 'nssm install Agent python "-m uvicorn app.main:app --port 8000"',
    },
    "a-script-that-runs-its-server": {
        "app/__init__.py": SERVED,
        "run.bat": r"venv\Scripts\waitress-serve.exe --port=8000 app:app",
        "install.bat": "nssm install Agent %~dp0run.bat",
    },
}


@pytest.mark.parametrize("case", WRAPPED)
def test_what_a_wrapper_runs_is_a_service(case: str) -> None:
    files = WRAPPED[case]
    (box,) = boxes(files)
    assert box.level == "error"
    assert box.confidence == "medium"
    assert box.path[0].message.endswith("as a service")
    assert "%%" not in box.path[0].message
    assert box.path[0].place.path in files.keys() - {box.place.path}
    assert box.place.path != "tools/main.py"


NOT_WRAPPED: Mapping[str, Files] = {
    "another-frozen-program": {
        "agent.py": BOX,
        "tray.py": "print()\n",
        "build.bat": "pyinstaller --name Watcher tray.py\npyinstaller agent.py",
        "install.bat": r"nssm install Agent C:\Agent\Watcher.exe",
    },
    "another-program": {"tray.py": BOX, "install.bat": "nssm install Agent python agent.py"},
    "only-removed": {"agent.py": BOX, "remove.bat": "nssm stop Agent\nnssm remove agent.exe"},
    "one-of-two-as-near": {
        "a/main.py": BOX,
        "b/main.py": BOX,
        "install.bat": "nssm install Agent python main.py",
    },
    "its-own-dispatcher": {"agent.c": SERVICE_IN_C, "i.bat": "nssm install Agent agent.exe"},
    "what-the-command-line-asks-for": {
        "agent.py": BOX.replace(
            "    main()", "    import sys\n    if '--gui' in sys.argv:\n        main()"
        ),
        "i.bat": "nssm install Agent python agent.py",
    },
    "an-xml-of-something-else": {
        "agent.py": BOX,
        "pom.xml": "<project><service><executable>python</executable>"
        "<argument>agent.py</argument></service></project>",
    },
    "what-it-tells-who-has-no-rights": {
        "agent.py": BOX.replace(
            "    main()",
            "    if not ctypes.windll.shell32.IsUserAnAdmin():\n        main()",
        ),
        "i.bat": "nssm install Agent python agent.py",
    },
    "code-that-only-removes": {
        "agent.py": BOX,
        "setup_service.py": f"{SETUP}def nssm(*words):\n    subprocess.run([NSSM, *words])\n\n\n"
        "nssm('remove', 'Agent', 'confirm')\nprint('install', SCRIPT)\n",
    },
    "created-without-a-wrapper": {
        "agent.c": BOX_IN_C,
        "i.bat": "sc create Agent binPath= agent.exe",
    },
}


@pytest.mark.parametrize("case", NOT_WRAPPED)
def test_what_none_runs_is_judged_as_it_was(case: str) -> None:
    assert not boxes(NOT_WRAPPED[case])


def test_a_wrapped_program_is_a_service_among_the_components() -> None:
    (component,) = components_of(link(WRAPPED["batch"]))
    assert component.kind == "service"
    assert component.why == "`nssm install` runs agent.py as a service"
    assert [entry.place.path for entry in component.entries] == ["install.bat"]


def test_another_program_with_code_of_a_wrapped_one_is_no_service() -> None:
    files = {**WRAPPED["batch"], "try.py": "import agent\n\nagent.main()\n"}
    kinds = {component.name: component.kind for component in components_of(link(files))}
    assert kinds == {"agent": "service", "try": "client"}


def test_the_folder_of_whoever_runs_a_wrapped_program_is_a_note() -> None:
    code = "import pathlib\n\nprint(pathlib.Path.home())\n"
    program = link({"agent.py": code, "install.bat": "nssm install Agent python agent.py"})
    found = [(it.rule, it.level) for it in run_checks(program, RULES)]
    assert found == [("SZUSER002", "note")]


def test_a_program_that_what_it_imports_starts_again_has_a_path_from_its_service() -> None:
    start = "import subprocess\nimport sys\n\nsubprocess.Popen([sys.executable, 'app.py'])\n"
    program = link(
        {
            "agent.py": "import app\n\nprint(app)\n",
            "app.py": f"import restarts\n{BOX}",
            "restarts.py": start,
            "install.bat": "nssm install Agent python agent.py",
        }
    )
    (box,) = [it for it in run_checks(program, RULES) if it.rule == "SZUI001"]
    assert box.path[0].message == "`nssm install` runs agent.py as a service"


def boxes(files: Files) -> list[Finding]:
    """The message boxes that are found, the same behind the gate as without it."""
    texts = [
        (SourceText(path, text, "utf-8", text.encode()), language)
        for path, text in sorted(files.items())
        if (language := language_of(path.rpartition("/")[2])) is not None
    ]
    kept = Gate(CATALOG, {role for rule in RULES for role in rule.roles}, assume_service=False)
    behind = run_checks(link({s.path: files[s.path] for s, _ in kept.wanted(texts)}), RULES)
    found = run_checks(link(files), RULES)
    assert found == behind
    return [it for it in found if it.rule == "SZUI001"]
