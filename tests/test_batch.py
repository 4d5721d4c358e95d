"""The commands that a script runs, as the front-end reads them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sessionzero import frontends
from sessionzero.facts import Text

# The script, and its commands with their words.
COMMANDS: Mapping[str, tuple[str, list[list[str]]]] = {
    "words": ("app.exe /run now", [["app.exe", "/run", "now"]]),
    "quoted-path": (r'"C:\Program Files\app.exe" "a b"', [[r"C:\Program Files\app.exe", "a b"]]),
    "silent": ("@app", [["app"]]),
    "comments-and-labels": ("rem app\n:: app\n@REM app\n:app\n", []),
    "two-on-a-line": (
        "one & two && three || four | five",
        [["one"], ["two"], ["three"], ["four"], ["five"]],
    ),
    "sign-in-quotes": ('one "a & b"', [["one", "a & b"]]),
    "variable": ("set DIR=C:\\x\n%DIR%\\app.exe", [["C:\\x\\app.exe"]]),
    "variable-in-quotes": ('set "DIR=C:\\x y"\n"%dir%\\app.exe"', [["C:\\x y\\app.exe"]]),
    "quotes-in-a-variable": ('set APP="C:\\x y\\app"\n%APP% now', [["C:\\x y\\app", "now"]]),
    "delayed-variable": ("set APP=app\n!APP! now", [["app", "now"]]),
    "unknown-variable": ("%APP%\\tool %1", [["\\tool"]]),
    "own-directory": ("%~dp0app.exe", [["app.exe"]]),
    "later-value-counts": ("set A=one\nset A=two\n%A%", [["two"]]),
    "condition": ('if not "%1" == "" app', [["app"]]),
    "condition-by-word": ("if errorlevel 1 app", [["app"]]),
    "condition-on-a-file": ('if exist "a b" app', [["app"]]),
    "comparison": ("if %1 equ 2 app", [["app"]]),
    "block": ("if exist x (\n  one\n) else (\n  two\n)", [["one"], ["two"]]),
    "call-and-start": ('call one\nstart "title" /b two', [["one"], ["two"]]),
    "shell": ("cmd /c one", [["one"]]),
    "continued": ("app ^\n  more", [["app", "more"]]),
    "line-ends": ("one\r\ntwo\rthree\n", [["one"], ["two"], ["three"]]),
    "nothing": ("", []),
    "unclosed-quote": ('app "x', [["app", "x"]]),
}


@pytest.mark.parametrize(("text", "commands"), COMMANDS.values(), ids=COMMANDS)
def test_commands(text: str, commands: list[list[str]]) -> None:
    found = frontends.extract(text, "batch").calls
    words = [[c.callee, *(a.value for a in c.arguments)] for c in found]
    assert [[w.value for w in row if isinstance(w, Text)] for row in words] == commands


def test_the_place_is_that_of_the_command() -> None:
    source = "rem é\nif a == b app.exe é & two\n"
    calls = frontends.extract(source, "batch").calls
    spelled = [source.encode()[call.start : call.end].decode() for call in calls]
    assert spelled == ["app.exe é", "two"]


def test_doubling_variables_stay_small() -> None:
    doubling = "".join(f"set A{i + 1}=%A{i}%%A{i}%\n" for i in range(64))
    (call,) = frontends.extract(f"set A0=x\n{doubling}%A64%", "batch").calls
    assert isinstance(call.callee, Text)
    assert len(call.callee.value) <= 1024
