"""Which files hold unit tests: what they make is for themselves, on a developer's machine."""

from __future__ import annotations

from sessionzero.link.index import Unit

_MODULES = frozenset(("unittest", "pytest", "nose", "testtools", "twisted.trial"))
_HEADERS = (
    *(
        "gtest/",
        "gmock/",
        "catch2/",
        "catch.hpp",
        "doctest",
        "boost/test/",
        "cppunit/",
        "CppUnitTest.h",
    ),
    *("cmocka.h", "check.h", "unity.h", "QTest", "QtTest"),
)


def is_unit_test(unit: Unit) -> bool:
    """True if a file imports or includes what unit tests are written with."""
    if unit.is_python:
        return any(item.module in _MODULES for item in unit.facts.imports)
    return any(item.module.startswith(_HEADERS) for item in unit.facts.imports)
