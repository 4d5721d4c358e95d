"""The catalogue: what its files may say, and what is found in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionzero.errors import SessionZeroError
from sessionzero.facts import Argument, Number, Text
from sessionzero.knowledge.catalog import Api, Parameter, argument, arguments_for, position
from sessionzero.knowledge.packs import (
    know,
    load_catalog,
    read_pack,
    recall_catalog,
    rules_directory,
)

ROLES = b'[roles]\ndoing = "does"\n[parameters]\nname = "n"\nflags = "f"\n'
GROUP = '[[group]]\nrole = "doing"\nlanguage = "c"\n'

catalog = load_catalog()


def function(name: str) -> Api:
    found = catalog.function(name)
    assert found is not None, name
    return found


def python(name: str) -> Api:
    found = catalog.python(name)
    assert found is not None, name
    return found


def passed(*values: int, **keywords: int) -> tuple[Argument, ...]:
    positional = tuple(Argument("", Number(value, 0, 0)) for value in values)
    return positional + tuple(Argument(k, Number(v, 0, 0)) for k, v in keywords.items())


def number(api: Api, arguments: Sequence[Argument], role: str) -> int | None:
    found = argument(api, arguments, role)
    return found.value if isinstance(found, Number) else None


# --- positions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("CreateEventW", "name", 3),
        ("CreateEventEx", "name", 1),
        ("CreateMutexA", "name", 2),
        ("CreateMutexExW", "name", 1),
        ("CreateSemaphoreExW", "name", 3),
        ("CreateWaitableTimerW", "name", 2),
        ("CreateFileMappingA", "name", 5),
        ("CreateFileMappingFromApp", "name", 4),
        ("CreateFileMapping2", "name", 6),
        ("CreateJobObjectW", "name", 1),
        ("OpenEventW", "name", 2),
        ("MessageBoxW", "style", 3),
        ("MessageBoxExA", "style", 3),
        ("AfxMessageBox", "style", 1),
        ("CreateServiceW", "type", 4),
        ("ChangeServiceConfigW", "type", 1),
        ("RegSetValueExW", "data", 4),
        ("CreateWindowExW", "parent", 8),
        ("CreateWindowW", "parent", 7),
        ("SendMessageTimeoutW", "msg", 1),
        ("std::thread", "name", None),
    ],
)
def test_positions_of_functions(name: str, role: str, expected: int | None) -> None:
    api = catalog.function(name) or catalog.constructor(name)
    assert api is not None
    assert position(api, role) == expected


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("win32event.CreateEvent", "name", 3),
        ("win32api.MessageBox", "style", 3),
        ("win32ui.MessageBox", "style", 2),
        ("win32serviceutil.InstallService", "interactive", 5),
        ("win32serviceutil.ChangeServiceConfig", "interactive", 4),
        ("wmi.Win32_Service.Create", "interactive", 6),
        ("wmi.Win32_Service.Change", "interactive", 5),
        ("mmap.mmap", "name", 2),
        ("threading.Thread", "callback", 1),
        ("input", "text", 0),
        ("builtins.input", "text", 0),
    ],
)
def test_positions_of_python(name: str, role: str, expected: int) -> None:
    assert position(python(name), role) == expected


def test_atl_and_mfc_have_classes_of_one_name_and_other_parameters() -> None:
    mfc, atl = catalog.constructors("CEvent")
    assert (mfc.framework, position(mfc, "name")) == ("mfc", 2)
    assert (atl.framework, position(atl, "name")) == ("atl", 3)
    assert catalog.constructors("ATL::CEvent") == (atl,)
    assert catalog.constructor("CEvent") == mfc


# --- look-up -----------------------------------------------------------------------------------


def test_a_star_stands_for_the_plain_name_and_both_variants() -> None:
    found = [function(name) for name in ("CreateEvent", "CreateEventA", "CreateEventW")]
    assert {api.family for api in found} == {"CreateEvent"}
    assert {api.parameters for api in found} == {found[0].parameters}
    assert catalog.function("GetForegroundWindowW") is None


@pytest.mark.parametrize("name", ["thread", "std::thread"])
def test_a_class_is_found_with_and_without_namespace(name: str) -> None:
    found = catalog.constructor(name)
    assert found is not None
    assert found.name == "std::thread"


def test_a_static_method_is_found_by_its_qualified_name() -> None:
    assert function("QMessageBox::warning").role == "message-box"
    assert function("ATL::CEvent::Open").kind == "event"
    assert catalog.function("warning") is None


def test_methods_of_derived_classes_come_first() -> None:
    found = catalog.methods("exec")
    assert [(api.owner, api.role) for api in found] == [
        ("QMessageBox", "message-box"),
        ("QDialog", "dialog"),
    ]


def test_bases_are_followed_to_the_end() -> None:
    assert {"CFileDialog", "CDialog", "CWnd"} <= catalog.ancestors("CFolderPickerDialog")
    assert catalog.ancestors("Mine") == frozenset()


def test_python_classes_stand_in_each_module_that_has_them() -> None:
    for module in ("PyQt5", "PyQt6", "PySide2", "PySide6"):
        assert python(f"{module}.QtWidgets.QMessageBox.warning").role == "message-box"


def test_service_classes_name_what_runs_and_what_installs() -> None:
    atl = catalog.constructor("CAtlServiceModuleT")
    assert atl is not None
    assert "ServiceMain" in atl.runs
    assert "Install" in atl.installs
    builder = catalog.constructor("TService")
    assert builder is not None
    assert "TObject" in builder.senders
    assert "SvcDoRun" in python("win32serviceutil.ServiceFramework").runs
    assert "OnStart" in catalog.service_events
    assert "SvcDoRun" not in catalog.service_events


def test_structures_have_fields_by_position_and_name() -> None:
    found = catalog.structure("WNDCLASSEXW")
    assert found is not None
    assert position(found, "callback") == 2
    assert found.parameters[2].keyword == "lpfnWndProc"


def test_names_are_simple_and_in_bytes() -> None:
    assert {"MessageBoxW", "DoModal", "thread", "ServiceFramework"} <= catalog.names
    assert not any("." in name or ":" in name for name in catalog.names)


def test_each_role_and_parameter_of_the_vocabulary_is_used() -> None:
    words = read_pack("roles.toml", (rules_directory() / "apis" / "roles.toml").read_bytes())
    assert words.roles.keys() == {api.role for api in catalog.apis}
    used = {parameter.role for api in catalog.apis for parameter in api.parameters}
    assert words.parameters.keys() == {role for role in used if role != "_" and role[0] != "="}


def test_constants() -> None:
    assert catalog.constants["SERVICE_INTERACTIVE_PROCESS"] == 0x100
    assert catalog.constants["HWND_MESSAGE"] == -3
    assert catalog.texts["SE_TCB_NAME"] == "SeTcbPrivilege"


# --- arguments ---------------------------------------------------------------------------------


def test_an_argument_by_position() -> None:
    assert number(function("MessageBoxW"), passed(0, 1, 2, 3), "style") == 3
    assert number(function("MessageBoxW"), passed(0, 1), "style") is None


def test_an_argument_by_keyword() -> None:
    install = python("win32serviceutil.InstallService")
    assert number(install, passed(1, 2, 3, bRunInteractive=9), "interactive") == 9
    assert number(install, passed(1, 2, 3, interactive=9), "interactive") is None


def test_c_has_no_keywords() -> None:
    assert number(function("CreateEventW"), passed(name=1), "name") is None


def test_nothing_is_known_behind_an_unpacked_argument() -> None:
    unpacked = (Argument("*", Number(7, 0, 0)), *passed(1, 2, 3))
    assert number(function("CreateEventW"), unpacked, "name") is None
    assert number(python("win32event.CreateEvent"), unpacked, "security") is None


def test_a_role_may_stand_in_several_places() -> None:
    found = catalog.function("std::async")
    assert found is not None
    policy, work = Number(1, 0, 0), Text("f", "f", 0, 0)
    given = (Argument("", policy), Argument("", work))
    assert tuple(arguments_for(found, given, "callback")) == (policy, work)
    assert argument(found, given, "callback") == policy


@given(st.lists(st.integers(), max_size=6), st.integers(0, 6))
def test_what_is_passed_at_a_position_is_found_by_its_role(values: list[int], at: int) -> None:
    api = function("CreateServiceW")
    role = api.parameters[at].role
    expected = values[at] if at < len(values) else None
    assert number(api, passed(*values), role) == expected


# --- what is wrong in a file -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[group]", "x.toml: "),
        ('[[group]]\nrole = "doing"\n', "x.toml: .*missing required field `language`"),
        (GROUP + 'colour = "red"', "x.toml: .*unknown field `colour`"),
        (GROUP + 'effect = "bad"', "x.toml: .*bad"),
        (GROUP, "x.toml: a group of 'doing' is empty"),
        (GROUP.replace("doing", "going"), "x.toml: no role 'going'; did you mean 'doing'?"),
        (GROUP.replace("doing", "x"), "x.toml: no role 'x'; there are doing"),
        (GROUP + 'functions = ["F("]', r"x.toml: 'F\(' is no signature; write Name"),
        (GROUP + 'functions = ["F(title)"]', "x.toml: no parameter 'title' .*there are _, flags"),
        (GROUP + 'functions = ["F(na me)"]', "x.toml: 'na me' in .* is no parameter"),
        (GROUP + 'functions = ["F(name:n)"]', "only Python and structures have keywords"),
        (GROUP + 'functions = ["F(..., name)"]', "is no parameter"),
    ],
)
def test_a_wrong_file_is_named_with_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(SessionZeroError, match=message):
        know({"roles.toml": ROLES, "x.toml": text.encode()}, {})


def test_a_file_in_another_encoding_is_named() -> None:
    with pytest.raises(SessionZeroError, match=r"^x\.toml: "):
        know({"x.toml": b'a = "\xff"'}, {})


def test_a_constant_stands_once() -> None:
    with pytest.raises(SessionZeroError, match=r"^c\.toml: A stands there twice"):
        know({}, {"c.toml": b"[a]\nA = 1\n[b]\nA = 2\n"})


@pytest.mark.parametrize(
    "lists",
    [
        'functions = ["F(name)", "F(flags)"]',
        'functions = ["F*", "FW"]',
        'methods = ["C::F(name)", "C::F(flags)"]',
    ],
)
def test_a_name_stands_once(lists: str) -> None:
    files = {"roles.toml": ROLES, "x.toml": (GROUP + lists).encode()}
    knowledge = know(files, {})
    with pytest.raises(SessionZeroError, match="stands there twice"):
        knowledge.index()


def test_a_signature_without_parentheses_has_no_parameters() -> None:
    knowledge = know({"r": ROLES, "x": (GROUP + 'classes = ["a::C"]').encode()}, {})
    assert [(api.name, api.form, api.parameters) for api in knowledge.apis] == [
        ("a::C", "class", ())
    ]


def test_underscores_and_dots() -> None:
    knowledge = know({"r": ROLES, "x": (GROUP + 'functions = ["F(_, name, ...)"]').encode()}, {})
    (api,) = knowledge.apis
    assert api.parameters == (Parameter("_", ""), Parameter("name", ""))
    assert api.variadic


# --- the store ---------------------------------------------------------------------------------


class Memory(dict[bytes, bytes]):
    """A store in memory."""

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return {key: self[key] for key in keys if key in self}

    def put_many(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        self.update(items)


def test_what_was_stored_is_the_same_catalogue() -> None:
    store = Memory()
    assert recall_catalog(store) == catalog
    assert len(store) == 1
    assert recall_catalog(store) == catalog


def test_a_broken_store_is_not_trusted() -> None:
    store = Memory()
    recall_catalog(store)
    store.update(dict.fromkeys(store, b"broken"))
    assert recall_catalog(store) == catalog
