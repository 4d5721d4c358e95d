"""Every fixture and example is a program that real tools accept: mingw-w64's compilers, mypy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fissix import pygram, pytree  # type: ignore[import-untyped]
from fissix.pgen2 import driver  # type: ignore[import-untyped]

from programs import EXAMPLES, PROGRAMS, ROOT

COMPILERS = {".c": "x86_64-w64-mingw32-gcc-posix", ".cpp": "x86_64-w64-mingw32-g++-posix"}
OPTIONS = ("-DUNICODE", "-D_UNICODE", "-D_WIN32_WINNT=0x0A00")
STANDARDS = {".c": "-std=c17", ".cpp": "-std=c++20"}
MYPY = (
    *(sys.executable, "-m", "mypy", "--config-file="),  # not ours: fixtures are ordinary code
    *("--platform", "win32", "--ignore-missing-imports", "--check-untyped-defs"),
    "--no-strict-optional",  # the stubs say nothing of the arguments that pywin32 takes None for,
)
STUBS = ROOT / "fixtures" / "stubs"
SOURCES: dict[str, dict[str, str]] = {
    **{f"fixtures/{name}": files for name, files in PROGRAMS.items()},
    **{f"rules/{name}": {it.name: it.text for it in EXAMPLES[name].files} for name in EXAMPLES},
}
NATIVE = [name for name in SOURCES if any(Path(path).suffix in COMPILERS for path in SOURCES[name])]
PYTHON2 = [
    name for name in SOURCES if any("#!/usr/bin/env python2\n" in s for s in SOURCES[name].values())
]
PYTHON = [
    name
    for name in SOURCES
    if any(path.endswith(".py") for path in SOURCES[name]) and name not in PYTHON2
]


def compiler(suffix: str) -> str:
    """The command that compiles ``suffix``; fails the test, naming the package, if it's missing."""
    command = shutil.which(COMPILERS[suffix])
    if command is None:
        package = {".c": "gcc-mingw-w64-x86-64", ".cpp": "g++-mingw-w64-x86-64"}[suffix]
        pytest.fail(f"no {COMPILERS[suffix]}: install the Debian package {package}")
    return command


def run(*command: str | Path) -> str:
    """All that ``command`` prints if it fails, else nothing."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr if result.returncode else ""


def write(files: dict[str, str], directory: Path) -> list[Path]:
    """Write ``files`` below ``directory``; their paths."""
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, "utf-8")
    return [directory / path for path in files]


@pytest.fixture(scope="session")
def headers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders with a precompiled windows.h by suffix: parsing it anew takes a second a file."""
    folders = {}
    for suffix, kind in ((".c", "c-header"), (".cpp", "c++-header")):
        folders[suffix] = tmp_path_factory.mktemp("headers")
        source = write({"windows.h": "#include_next <windows.h>\n"}, folders[suffix])[0]
        target = source.with_suffix(".h.gch")
        command = (compiler(suffix), STANDARDS[suffix], *OPTIONS, "-x", kind, source, "-o", target)
        assert run(*command) == ""
    return folders


@pytest.mark.parametrize("name", NATIVE)
def test_windows_compiler_accepts(name: str, headers: dict[str, Path], tmp_path: Path) -> None:
    for path in write(SOURCES[name], tmp_path):
        if path.suffix in COMPILERS:
            command = (compiler(path.suffix), STANDARDS[path.suffix], *OPTIONS, "-fsyntax-only")
            assert (
                run(*command, "-I", headers[path.suffix], "-I", tmp_path, "-I", STUBS, path) == ""
            )


@pytest.mark.filterwarnings("ignore:invalid escape sequence")  # the very defect of SZNAME004
@pytest.mark.parametrize("name", PYTHON)
def test_python_compiles(name: str) -> None:
    for path, text in SOURCES[name].items():
        if path.endswith(".py"):
            compile(text, f"{name}/{path}", "exec", dont_inherit=True)


@pytest.mark.parametrize("name", PYTHON2)
def test_python2_parses(name: str) -> None:
    parser = driver.Driver(pygram.python_grammar, convert=pytree.convert)
    for path, text in SOURCES[name].items():
        if path.endswith(".py"):
            parser.parse_string(text)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where mypy keeps what it knows of the stubs from one program to the next."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("name", [name for name in PYTHON if name.startswith("fixtures/")])
def test_names_and_arguments_agree_with_the_stubs(name: str, cache: Path, tmp_path: Path) -> None:
    write(SOURCES[name], tmp_path)
    assert run(*MYPY, "--cache-dir", cache, tmp_path) == ""


def test_examples_agree_with_the_stubs(cache: Path, tmp_path: Path) -> None:
    names = [name for name in PYTHON if name.startswith("rules/")]
    for number, name in enumerate(names):
        write({f"example{number}_{path}": text for path, text in SOURCES[name].items()}, tmp_path)
    assert run(*MYPY, "--cache-dir", cache, tmp_path) == ""
