"""The catalogue and the constants against the real headers of mingw-w64."""

from __future__ import annotations

import re
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from sessionzero.knowledge.catalog import Api
from sessionzero.knowledge.packs import load_catalog

COMPILER = "x86_64-w64-mingw32-gcc"
OPTIONS = ("-D_WIN32_WINNT=0x0A00", "-DUNICODE", "-DMINGW_HAS_SECURE_API=1", "-DSECURITY_WIN32")
PREPROCESS = (COMPILER, "-E", *OPTIONS)
# These define what others need, and must stand first.
FIRST = ("winsock2.h", "tchar.h", "windows.h", "lm.h", "ntsecapi.h", "ole2.h", "shlobj.h")
TEXT = r"\b(char|wchar_t|OLECHAR)\b.*\*|\bL?P?C?[WT]?STR\b|\bSTRSAFE_L|\bLPCW?CH\b|\bRPC_[WC]?STR\b"
NUMBER = r"\b(DWORD|UINT|ULONG|LONG|WORD|INT|int|unsigned|r?size_t|SIZE_T|UINT_PTR|DWORD_PTR)\b"
FUNCTION = r"(?i)proc|routine|callback|handler|start|\bfn|func|filter|_IF_|PINIT|\(.*\*"

# What the declaration of a parameter with the role must hold: its type or its name.
DECLARED: Mapping[str, str] = {
    "access": rf"{NUMBER}|ACCESS_MASK|REGSAM",
    "account": TEXT,
    "acl": "PACL",
    "old_acl": "PACL",
    "action": NUMBER,
    "after": "HWND",
    "application": TEXT,
    "attributes": "OBJECT_ATTRIBUTES",
    "authority": "SID_IDENTIFIER_AUTHORITY",
    "binary": TEXT,
    "boundary": "HANDLE|PVOID|LPVOID",
    "callback": FUNCTION,
    "character": "int|wchar_t",
    "class_id": "CLSID|IID",
    "class_name": TEXT,
    "command_line": TEXT,
    "context": "VOID",
    "control": NUMBER,
    "count": NUMBER + "|BYTE",
    "create": "BOOL",
    "dacl": "PACL",
    "data": r"\*|\bL?P[A-Z]|LP|PVOID|UINT",
    "dependencies": TEXT,
    "descriptor": "(?i)SECURITY_?DESCRIPTOR|PSID",
    "desktop": "HDESK",
    "directory": TEXT,
    "display_name": TEXT,
    "disposition": "DWORD",
    "driver": TEXT,
    "endpoint": TEXT + "|RPC_",
    "environment": "(?i)VOID",
    "error": NUMBER,
    "event": "LONG",
    "extended_style": NUMBER,
    "file": "HANDLE",
    "stream": r"FILE ?\*",
    "flags": NUMBER + "|FLAGS|REGSAM|ACCESS_MASK",
    "folder": "int",
    "folder_id": "KNOWNFOLDERID",
    "format": TEXT,
    "group": TEXT,
    "handle": "HANDLE|SC_HANDLE|HWINSTA|HDESK|HKEY",
    "handler": FUNCTION,
    "height": "int",
    "hook": "int",
    "hwnd": "HWND",
    "index": "int",
    "info": "SECURITY_INFORMATION",
    "info_class": "(?i)class",
    "inherit": "BOOL",
    "initial": "BOOL|LONG",
    "instance": "HINSTANCE",
    "instances": NUMBER,
    "interface": "RPC_IF_HANDLE",
    "item": "int",
    "key": "(?i)HKEY",
    "language": "WORD",
    "left": TEXT,
    "level": NUMBER,
    "local": TEXT,
    "lparam": "LPARAM",
    "machine": TEXT,
    "manager": "SC_HANDLE",
    "manual": "BOOL",
    "maximum": "LONG",
    "menu": "HMENU",
    "mode": "int|ACCESS_MODE",
    "module": "HMODULE|HINSTANCE",
    "msg": "UINT",
    "name": TEXT,
    "new_token": "PHANDLE",
    "object_type": "SE_OBJECT_TYPE",
    "open_mode": "DWORD",
    "other_thread": "DWORD",
    "param": r"(?i)void|LPARAM|ULONG_PTR|DWORD_PTR|\bPV\b|EXPLICIT",
    "parent": "HWND",
    "password": TEXT + "|VOID",
    "pipe_mode": "DWORD",
    "present": "BOOL",
    "process": "HANDLE",
    "process_id": "DWORD",
    "program_id": "OLESTR|" + TEXT,
    "protect": "ULONG|DWORD",
    "protocol": TEXT + "|RPC_",
    "remote": TEXT,
    "revision": "DWORD",
    "rid": "DWORD",
    "right": TEXT,
    "sacl": "PACL",
    "sddl": TEXT,
    "security": "SECURITY_ATTRIBUTES|void|PSECURITY",
    "server": "HANDLE",
    "service": "SC_HANDLE",
    "session": "(?i)(DWORD|ULONG).*sess",
    "share": "DWORD",
    "show": "(?i)int.*(show|cmd)|UINT.*show",
    "sid": "SID",
    "sid_text": TEXT,
    "size": NUMBER + "|int",
    "source": TEXT + "|void|HDC|OLECHAR",
    "start": "DWORD",
    "startup": "STARTUPINFO",
    "status": "SERVICE_STATUS",
    "style": "UINT|DWORD",
    "subkey": TEXT,
    "table": "SERVICE_TABLE_ENTRY|MgrEpv",
    "tag": "LPDWORD",
    "target": TEXT + "|void",
    "text": TEXT,
    "text_length": "DWORD",
    "thread": "DWORD|HANDLE",
    "timeout": NUMBER,
    "title": TEXT,
    "title_length": "DWORD",
    "token": "HANDLE",
    "token_type": "TOKEN_TYPE",
    "trustee": TEXT,
    "type": "DWORD",
    "value": "LONG",
    "verb": TEXT,
    "wait": "BOOL",
    "well_known": "WELL_KNOWN_SID_TYPE",
    "width": "int",
    "wparam": "WPARAM",
    "x": "(?i)int x|DWORD dx|int",
    "y": "(?i)int y|DWORD dy|int",
}


class Prototype(NamedTuple):
    """A declaration: the header it stands in, and the text of each parameter."""

    header: str
    parameters: tuple[str, ...]
    variadic: bool


def run(command: tuple[str, ...], source: str) -> str:
    """What the compiler makes of C on its standard output."""
    if shutil.which(COMPILER) is None:
        pytest.fail(f"{COMPILER} is missing: install the Debian package gcc-mingw-w64-x86-64")
    done = subprocess.run(
        [*command, "-"], input=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# Headers of the SDK that mingw-w64 lacks or fills less, and where it declares their functions.
ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "consoleapi.h": ("wincon.h",),
    "cryptdlg.h": (),
    "errhandlingapi.h": ("winbase.h",),
    "fileapi.h": ("winbase.h",),
    "jobapi2.h": ("winbase.h",),
    "memoryapi.h": ("winbase.h",),
    "mmsystem.h": ("mciapi.h", "mmiscapi2.h", "playsoundapi.h"),
    "namedpipeapi.h": ("winbase.h",),
    "namespaceapi.h": ("winbase.h",),
    "processthreadsapi.h": ("winbase.h",),
    "shlobj_core.h": ("shlobj.h",),
    "stdio.h": ("stdio_s.h",),
    "stdlib.h": ("stdlib_s.h", "corecrt_wstdlib.h"),
    "string.h": ("string_s.h",),
    "synchapi.h": ("winbase.h",),
    "wchar.h": ("stdio.h", "stdio_s.h", "string.h", "string_s.h", "swprintf.inl"),
}
ABSENT_HEADERS = {"consoleapi.h", "cryptdlg.h", "jobapi2.h", "shlobj_core.h"}

_NEWER = "newer than some mingw-w64"

# Families that no header of mingw-w64 declares, or not those of each version, and why.
UNDECLARED: Mapping[str, str] = {
    "CertSelectCertificateW": "mingw-w64 has no cryptdlg.h",
    "CreateFileMapping2": _NEWER,
    "GetTempPath2": _NEWER,
    "InjectSyntheticPointerInput": _NEWER,
    "MessageBoxTimeout": "in no header, exported by user32",
    "NtCreateDirectoryObject": "in headers of the driver kit, which exclude windows.h",
    "NtCreateEvent": "in headers of the driver kit, which exclude windows.h",
    "NtCreateMutant": "in no header, exported by ntdll",
    "NtCreateSection": "in headers of the driver kit, which exclude windows.h",
    "NtCreateSemaphore": "in no header, exported by ntdll",
    "NtCreateTimer": "in headers of the driver kit, which exclude windows.h",
    "NtOpenDirectoryObject": "in no header, exported by ntdll",
    "NtOpenEvent": "in headers of the driver kit, which exclude windows.h",
    "NtOpenMutant": "in no header, exported by ntdll",
    "NtOpenSection": "in headers of the driver kit, which exclude windows.h",
    "NtOpenSemaphore": "in no header, exported by ntdll",
    "NtOpenTimer": "in headers of the driver kit, which exclude windows.h",
    "RpcServerRegisterIf3": _NEWER,
    "ServiceMain": "defined by the program",
    "SvchostPushServiceGlobals": "defined by the program",
    "WTSEnumerateSessionsEx": _NEWER,
    "WinStationSendMessageW": "in no header, exported by winsta",
    "strlcat": "of BSD, and of libraries",
    "strlcpy": "of BSD, and of libraries",
}

# Constants of the SDK that mingw-w64 doesn't have.
UNDEFINED = frozenset(
    {
        "SERVICE_PKG_SERVICE",
        "SERVICE_USERSERVICE_INSTANCE",
        "SERVICE_USER_OWN_PROCESS",
        "SERVICE_USER_SERVICE",
        "SERVICE_USER_SHARE_PROCESS",
        "WTSIsRemoteSession",
        "WTSSessionInfoEx",
    }
)
# Rights and types were added to these sets since; the newer value is said.
OUTDATED = frozenset({"JOB_OBJECT_ALL_ACCESS", "SERVICE_TYPE_ALL"})


@cache
def c_apis(form: str = "function") -> tuple[Api, ...]:
    return tuple(a for a in load_catalog().apis if a.language == "c" and a.form == form)


@cache
def includes() -> str:
    wanted = {api.module for api in (*c_apis(), *c_apis("structure")) if api.module}
    wanted -= ABSENT_HEADERS | set(FIRST)
    return "".join(f"#include <{header}>\n" for header in (*FIRST, *sorted(wanted)))


@cache
def preprocessed() -> tuple[str, tuple[int, ...], tuple[str, ...]]:
    """All declarations as one text; where each header's share starts; and the header's name."""
    chunks: list[str] = []
    starts: list[int] = []
    headers: list[str] = []
    length = 0
    header = ""
    for line in run(PREPROCESS, includes()).splitlines():
        if line.startswith("# "):
            header = Path(line.split('"')[1]).name
            continue
        if not headers or headers[-1] != header:
            starts.append(length)
            headers.append(header)
        chunks.append(line + "\n")
        length += len(line) + 1
    return "".join(chunks), tuple(starts), tuple(headers)


@cache
def prototypes() -> Mapping[str, Prototype]:
    """The functions that the headers declare, by name; the declaration that says most."""
    text, starts, headers = preprocessed()
    found: dict[str, Prototype] = {}
    for match in re.finditer(r"\b(\w+)\s*\(", text):
        name = match[1]
        if name not in wanted_names() or not re.search(
            r"[\w*)]\s*$", text[max(0, match.start() - 80) : match.start()]
        ):
            continue
        parts = _split(text, match.end())
        header = headers[bisect_right(starts, match.start()) - 1]
        variadic = bool(parts) and parts[-1] == "..."
        kept = tuple(part for part in parts if part not in ("...", "void", "VOID"))
        if name not in found or len(kept) > len(found[name].parameters):
            found[name] = Prototype(header, kept, variadic)
    return found


@cache
def macros() -> Mapping[str, str]:
    """What is ``#define``d, with its parameters: ``CreateDialogA(hInstance,lpName,…)``."""
    found: dict[str, str] = {}
    for line in run((*PREPROCESS, "-dM"), includes()).splitlines():
        match = re.match(r"#define (\w+)(\([^)]*\))?", line)
        if match:
            found[match[1]] = match[2] or ""
    return found


@cache
def wanted_names() -> frozenset[str]:
    return frozenset(api.name for api in c_apis())


def _split(text: str, start: int) -> list[str]:
    """The parameters from behind the opening parenthesis on."""
    depth, part, parts = 1, "", []
    for character in text[start : start + 4000]:
        depth += (character == "(") - (character == ")")
        if depth == 0:
            break
        if character == "," and depth == 1:
            parts.append(" ".join(part.split()))
            part = ""
        else:
            part += character
    parts.append(" ".join(part.split()))
    return [part for part in parts if part]


def declared() -> Iterator[tuple[Api, Prototype]]:
    for api in c_apis():
        if api.name in prototypes():
            yield api, prototypes()[api.name]


def test_each_c_function_is_declared_or_excused() -> None:
    unknown = {
        api.family for api in c_apis() if api.name not in prototypes() and api.name not in macros()
    }
    newer = {family for family, reason in UNDECLARED.items() if reason == _NEWER}
    assert UNDECLARED.keys() - newer <= unknown <= UNDECLARED.keys()


def test_each_c_function_stands_in_the_header_that_is_named() -> None:
    wrong = [
        f"{api.name}: {api.module} is said, {prototype.header} declares it"
        for api, prototype in declared()
        if prototype.header not in (api.module, *ELSEWHERE.get(api.module, ()))
    ]
    assert not wrong


def test_no_signature_has_more_parameters_than_the_function() -> None:
    wrong = [
        f"{api.name}: {len(api.parameters)} > {len(prototype.parameters)}"
        for api, prototype in declared()
        if len(api.parameters) > len(prototype.parameters)
    ]
    assert not wrong


def test_variadic_functions_are_marked() -> None:
    wrong = [api.name for api, prototype in declared() if api.variadic != prototype.variadic]
    assert not wrong


def test_each_parameter_has_a_fitting_type_or_name() -> None:
    wrong = []
    for api, prototype in declared():
        for role in {parameter.role for parameter in api.parameters} - {"_"}:
            there = [p for n, p in enumerate(prototype.parameters) if _at(api, n) == role]
            if not any(re.search(DECLARED[role], parameter) for parameter in there):
                wrong.append(f"{api.name}: {role} is {there}")
    assert not wrong


def _at(api: Api, number: int) -> str:
    return api.parameters[number].role if number < len(api.parameters) else ""


def test_functions_that_are_macros_have_as_many_parameters() -> None:
    wrong = []
    for api in c_apis():
        parameters = macros().get(api.name, "")
        if api.name not in prototypes() and parameters:
            count = len(parameters.strip("()").split(","))
            if count != len(api.parameters):
                wrong.append(f"{api.name}{parameters}: {len(api.parameters)}")
    assert not wrong


def test_each_structure_has_the_fields_in_this_order() -> None:
    text = preprocessed()[0]
    wrong = []
    for api in c_apis("structure"):
        body = re.search(rf"\bstruct (?:_|tag)?{api.name}\s*{{([^}}]*)", text)
        if body is None:
            assert f"{api.name}W" in text, api.name
            continue
        fields = re.findall(r"(\w+)\s*(?:\[[^\]]*\])?\s*;", body[1])
        fields = [field for field in fields if not field.startswith("pad")]  # of mingw-w64 alone
        said = [parameter.keyword for parameter in api.parameters]
        said = [name or fields[number] for number, name in enumerate(said)]
        if fields[: len(said)] != said:
            wrong.append(f"{api.name}: {said} are {fields}")
    assert not wrong


def test_constants_have_the_values_of_the_headers() -> None:
    low = "#define LOW(x) (((unsigned long long)(x)) & 0xFFFFFFFF)"
    checks = [
        f'_Static_assert(LOW({name}) == {value & 0xFFFFFFFF}, "{name}");'
        for name, value in load_catalog().constants.items()
        if name not in UNDEFINED | OUTDATED
    ]
    run((COMPILER, "-fsyntax-only", *OPTIONS, "-xc"), "\n".join([includes(), low, *checks]))


def test_constants_that_mingw_lacks_are_really_lacking() -> None:
    assert UNDEFINED.isdisjoint(macros())
    assert load_catalog().constants.keys() >= UNDEFINED


def test_text_constants_have_the_values_of_the_headers() -> None:
    texts = load_catalog().texts
    lines = run(PREPROCESS, includes() + "".join(f'"=" {n} "{t}"\n' for n, t in texts.items()))
    lines = " ".join(line for line in lines.splitlines() if not line.startswith("#"))
    pairs = re.findall(r'"=" +L?"([^"]*)" +"([^"]*)"', lines)
    assert len(pairs) == len(texts)
    assert [said for _, said in pairs] == [value for value, _ in pairs]
