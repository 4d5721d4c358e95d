"""Files of unit tests are told by what they import or include."""

from __future__ import annotations

import pytest

from linking import link
from sessionzero.uses.objects import objects_of
from sessionzero.uses.secured import secured_of

FILES = {
    "unittest": ("a.py", "import unittest\n", True),
    "pytest": ("a.py", "from pytest import fixture\n", True),
    "other-module": ("a.py", "import testing_ground\n", False),
    "googletest": ("a.cpp", '#include "gtest/gtest.h"\n', True),
    "boost": ("a.cpp", "#include <boost/test/unit_test.hpp>\n", True),
    "visual-studio": ("a.cpp", '#include "CppUnitTest.h"\n', True),
    "head-of-a-test": ("a.cpp", "TEST_F(StateTest, IsShared) { f(); }\n", True),
    "other-header": ("a.cpp", '#include "test_settings.h"\n', False),
}
MAKES = {
    "a.py": 'import mmap\n\ndef f():\n    mmap.mmap(-1, 16, tagname="State")\n',
    "a.cpp": '#include <windows.h>\nvoid f() { CreateEventW(0, 0, 0, L"State"); }\n',
}


@pytest.mark.parametrize(("path", "head", "expected"), FILES.values(), ids=FILES)
def test_objects_of_a_unit_test_are_not_looked_at(path: str, head: str, expected: bool) -> None:
    uses = objects_of(link({path: head + MAKES[path]})).uses
    assert [use.known.text for use in uses] == ([] if expected else ["State"])


def test_service_in_a_unit_test_is_a_service() -> None:
    head = "import pytest\nimport win32serviceutil\nimport mmap\n"
    service = (
        "class S(win32serviceutil.ServiceFramework):\n    def SvcDoRun(self):\n"
        '        mmap.mmap(-1, 16, tagname="State")\n'
    )
    assert len(objects_of(link({"a.py": head + service})).uses) == 1


PIPE = (
    "#include <windows.h>\n"
    "HANDLE Make(const char *name) {\n"
    "    return CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, 0, 255, 0, 0, 0, NULL);\n"
    "}\n"
)


@pytest.mark.parametrize(
    ("test", "names"),
    [
        ('TEST(Pipe, Is) { Make("\\\\\\\\.\\\\pipe\\\\a"); }', [""]),
        ('void Use() { Make("\\\\\\\\.\\\\pipe\\\\a"); }', [r"\\.\pipe\a"]),
    ],
    ids=["only-tests", "others"],
)
def test_name_that_only_a_unit_test_says_is_not_the_one_of_a_pipe(
    test: str, names: list[str]
) -> None:
    made = secured_of(link({"pipe.cpp": PIPE, "use.cpp": f"#include <windows.h>\n{test}\n"}))
    assert [it.name for it in made] == names
