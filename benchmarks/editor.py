"""How long after an edit the real server, over its pipes, has new diagnostics for the editor.

    python benchmarks/editor.py [REPO] [--file PATH] [--edits N]

Without REPO: a made project of 200 files. Prints the time of the first answer, with nothing cached
and with all cached, and of the answers to single edits: median, worst, and what of it is the pause
that the server waits for.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sessionzero
from sessionzero.lsp.analysis import PAUSE
from sessionzero.sources.discovery import discover

FILES = 200
_FUNCTIONS = 12


class Editor:
    """As little of an editor as it takes."""

    def __init__(self, root: Path, cache: Path) -> None:
        environment = {**os.environ, "SESSIONZERO_CACHE_DIR": str(cache)}
        environment["PYTHONPATH"] = str(Path(sessionzero.__file__).parent.parent)
        command = (sys.executable, "-P", "-m", "sessionzero", "lsp")
        self._server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self._root = root
        self._number = 0

    def __enter__(self) -> Editor:
        self.request(
            "initialize",
            processId=os.getpid(),
            rootUri=self._root.as_uri(),
            capabilities={"textDocument": {"publishDiagnostics": {"versionSupport": True}}},
        )
        self.notify("initialized")
        return self

    def __exit__(self, *_: object) -> None:
        self.request("shutdown")
        self.notify("exit")
        self._server.communicate()

    def request(self, method: str, **params: Any) -> None:
        """Ask, and wait for the answer."""
        self._number += 1
        self._send(method, params, id=self._number)
        while self.message().get("id") != self._number:
            pass

    def notify(self, method: str, **params: Any) -> None:
        """Tell."""
        self._send(method, params)

    def answer(self, uri: str, version: int) -> list[Any]:
        """Wait for the diagnostics of a version of a document."""
        while True:
            params = self.message().get("params", {})
            if params.get("uri") == uri and params.get("version") == version:
                found: list[Any] = params["diagnostics"]
                return found

    def message(self) -> dict[str, Any]:
        """The next message of the server."""
        output = self._server.stdout
        assert output is not None
        size = 0
        while line := output.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        if not size:
            raise SystemExit("the server has ended")
        found: dict[str, Any] = json.loads(output.read(size))
        return found

    def _send(self, method: str, params: dict[str, Any], **more: int) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        pipe = self._server.stdin
        assert pipe is not None
        pipe.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        pipe.flush()


def made_project(folder: Path) -> Path:
    """A service of many files: it runs a task in each, and every tenth shows a message box."""
    parts = range(1, FILES - 1)
    for number in parts:
        functions = "\n".join(_function(number, i) for i in reversed(range(_FUNCTIONS)))
        text = f'#include "all.h"\n#define NAME{number} L"Global\\\\Event{number}"\n{functions}'
        (folder / f"part{number}.c").write_text(text)
    prototypes = "".join(f"void task{n}_0(int count);\n" for n in parts)
    (folder / "all.h").write_text(f"#include <windows.h>\n{prototypes}")
    calls = "".join(f"    task{n}_0(1);\n" for n in parts)
    (folder / "part0.c").write_text(_SERVICE.replace("    CALLS\n", calls))
    return folder / "part0.c"


_SERVICE = """\
#include "all.h"

static void WINAPI control(DWORD code) { (void)code; }

static void WINAPI service_main(DWORD argc, LPWSTR *argv)
{
    RegisterServiceCtrlHandlerW(L"Made", control);
    CALLS
}

int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"Made", service_main}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
"""


def _function(number: int, index: int) -> str:
    last = index == _FUNCTIONS - 1
    following = "Sleep" if last else f"task{number}_{index + 1}"
    handle = "GetStdHandle(1)" if index else f"CreateEventW(NULL, TRUE, FALSE, NAME{number})"
    box = 'MessageBoxW(NULL, L"Failed", L"Made", MB_OK);' if last and not number % 10 else ""
    return f"""
{"static " if index else ""}void task{number}_{index}(int count)
{{
    HANDLE event = {handle};
    DWORD flags = count ? EVENT_MODIFY_STATE | SYNCHRONIZE : 0;
    for (int i = 0; i < count; i++) {{
        if (WaitForSingleObject(event, 1000) == WAIT_OBJECT_0 && flags != 0)
            {following}(count - i);
    }}
    {box}
    CloseHandle(event);
}}
"""


def first_answer(root: Path, file: Path, cache: Path) -> float:
    """Seconds from the start of the process to the first diagnostics of an open file."""
    began = time.perf_counter()
    with Editor(root, cache) as editor:
        _open(editor, file)
        editor.answer(file.as_uri(), 0)
        return time.perf_counter() - began


def answers(root: Path, file: Path, cache: Path, edits: int) -> tuple[list[float], int]:
    """Seconds of each edit, and how many diagnostics the file has."""
    text = file.read_text("utf-8", "replace")
    times, found = [], []
    with Editor(root, cache) as editor:
        _open(editor, file)
        editor.answer(file.as_uri(), 0)
        for version in range(1, edits + 1):
            time.sleep(0.4)  # the pause of a person, in which the server tidies up
            began = time.perf_counter()
            editor.notify(
                "textDocument/didChange",
                textDocument={"uri": file.as_uri(), "version": version},
                contentChanges=[{"text": "\n" * version + text}],
            )
            found = editor.answer(file.as_uri(), version)
            times.append(time.perf_counter() - began)
    return times, len(found)


def _open(editor: Editor, file: Path) -> None:
    text = file.read_text("utf-8", "replace")
    document = {"uri": file.as_uri(), "languageId": "c", "version": 0, "text": text}
    editor.notify("textDocument/didOpen", textDocument=document)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", nargs="?", type=Path)
    parser.add_argument("--file", type=Path, help="what is edited; default: one of middle size")
    parser.add_argument("--edits", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder, "cache")
        root = (given.repository or Path(folder, "project")).absolute()
        if given.repository is None:
            root.mkdir()
            made_project(root)
        files = discover([root], root=root).files
        sources = [it.location for it in files if it.language in ("c", "c++", "python")]
        sources.sort(key=lambda path: path.stat().st_size)
        file = given.file or sources[len(sources) // 2]
        cold, warm = (first_answer(root, file, cache) for _ in range(2))
        times, found = answers(root, file, cache, given.edits)
        print(f"{root.name}: {len(files)} files; {file.name} has {found} diagnostics")
        print(f"first answer   {_milliseconds(cold)}, with a cache {_milliseconds(warm)}")
        middle, worst = statistics.median(times), max(times)
        print(
            f"after an edit  {_milliseconds(middle)} (median of {len(times)}; the pause included)"
        )
        print(
            f"               {_milliseconds(worst)} at worst; the pause is {_milliseconds(PAUSE)}"
        )


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


if __name__ == "__main__":
    main()
